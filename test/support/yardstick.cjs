// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Work of the kinds that the program does: objects, tables of numbers, maps, sorting,
// text. pace.ts takes how much processor time a process needs for it, which this
// prints in milliseconds, start of node included.

const ROUNDS = 40;
const THINGS = 20_000;

class Thing {
  constructor(place, round) {
    this.place = place;
    this.round = round;
    this.parts = place % 7 === 0 ? [place, round] : null;
  }

  get key() {
    return this.place * 31 + this.round;
  }
}

const table = new Uint32Array(1 << 16);
const counts = new Map();
const keys = new Set();
let length = 0;
for (let round = 0; round < ROUNDS; round++) {
  const things = [];
  for (let place = 0; place < THINGS; place++) {
    const thing = new Thing(place, round);
    things.push(thing);
    table[(place * 2654435761) >>> 16] += thing.key;
  }
  things.sort((a, b) => (a.key ^ b.key) & 1 || a.place - b.place);
  for (const { key, parts } of things) {
    const few = key & 0x3fff;
    counts.set(few, (counts.get(few) ?? 0) + 1);
    keys.add(few);
    length += parts?.length ?? 1;
  }
  const text = things.slice(0, THINGS / 10).map(({ place, round: of }) => `${place}:${of}`);
  length += text.join('\n').split('\n').length + table[round] + keys.size;
}

const { user, system } = process.cpuUsage();
if (length > 0) console.log((user + system) / 1000);
