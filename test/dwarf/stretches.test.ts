// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { IntervalMap } from '../../lib/dwarf/interval-map.js';
import { stretchesOf } from '../../lib/dwarf/stretches.js';
import { randomFrom } from '../execution/random.js';

const ranges = (seed: number, count: number, reach: number) => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const start = random.below(reach);
    return { start, end: start + 1 + random.below(random.chance(0.5) ? 4 : reach) };
  });
};

t.test('at each offset the range found is the first that contains it, as by trying all', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const some = ranges(seed, 1 + (seed % 20), 30);
    const at = stretchesOf(some, (a, b) => a < b);
    for (let offset = -1; offset < 62; offset++) {
      const wanted = some.findIndex(({ start, end }) => start <= offset && offset < end);
      if (at(offset) !== wanted) t.fail(`seed ${seed}, offset ${offset}: ${at(offset)}, not ${wanted}`);
    }
  }
  t.equal(stretchesOf([], () => false)(0), -1);
});

t.test('of many nested ranges the shortest is found', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const some = ranges(seed, 400, 300);
    const map = new IntervalMap<number>();
    for (const [index, { start, end }] of some.entries()) map.add({ section: 1, start, end }, index);
    for (let offset = 0; offset < 600; offset++) {
      const found = map.find({ section: 1, offset });
      const holding = some.filter(({ start, end }) => start <= offset && offset < end);
      const shortest = Math.min(...holding.map(({ start, end }) => end - start));
      const one = found === null ? null : some[found];
      const isRight = one ? one.end - one.start === shortest && holding.includes(one) : holding.length === 0;
      if (!isRight) t.fail(`seed ${seed}, offset ${offset}`);
    }
  }
  t.pass();
});
