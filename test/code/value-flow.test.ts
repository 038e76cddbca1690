// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which ADRPs put a register's value there, in random code: searched backwards in an
// order that leaves much to later searches, beside what comes of carrying the values
// forwards until nothing changes.

import t from 'tap';
import { CodeMap } from '../../lib/code/code-map.js';
import { definitionsOf } from '../../lib/code/value-flow.js';
import { type Random, randomFrom } from '../execution/random.js';
import { code } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

const PROGRAMS = 300;
const LENGTH = 40;
const REGISTERS = 4;

interface Line {
  readonly word: number;
  readonly kind: 'adrp' | 'move' | 'other';
  /** The register that it writes, and what a move copies; null: none. */
  readonly to: number | null;
  readonly from: number | null;
  /** Numbers of the lines that may come next. */
  readonly next: readonly number[];
}

const lineAt = (random: Random, at: number): Line => {
  const [to, from] = [random.below(REGISTERS), random.below(REGISTERS)];
  const on = at + 1 < LENGTH ? [at + 1] : [];
  const target = random.below(LENGTH);
  const distance = (bits: number) => (target - at) & (2 ** bits - 1);
  const plain = { kind: 'other', to: null, from: null, next: on } as const;
  const kind = random.below(20);
  if (kind < 4) return { ...plain, word: 0x90000000 | to, kind: 'adrp', to };
  if (kind < 8) return { ...plain, word: 0xaa0003e0 | (from << 16) | to, kind: 'move', to, from };
  if (kind < 10) return { ...plain, word: 0xd2800000 | to, to };
  if (kind < 11) return { ...plain, word: 0xb4000000 | (distance(19) << 5) | to, next: [...on, target] };
  if (kind < 12) return { ...plain, word: 0x14000000 | distance(26), next: [target] };
  // Reads a register, names another one, and changes neither.
  return { ...plain, word: 0xf9000000 | (from << 5) | to };
};

/** By line and register, the ADRPs whose values it may hold in front of the line. */
const carried = (lines: readonly Line[]): readonly (readonly ReadonlySet<number>[])[] => {
  const held = lines.map(() => Array.from({ length: REGISTERS }, () => new Set<number>()));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [at, { kind, to, from, next }] of lines.entries()) {
      for (let register = 0; register < REGISTERS; register++) {
        const isMoved = kind === 'move' && register === to;
        const values = isMoved ? held[at]?.[from ?? 0] : register === to ? [] : held[at]?.[register];
        for (const value of kind === 'adrp' && register === to ? [at] : (values ?? [])) {
          for (const one of next) {
            const set = held[one]?.[register];
            if (!set || set.has(value)) continue;
            set.add(value);
            isChanged = true;
          }
        }
      }
    }
  }
  return held;
};

t.test('the ADRPs that a register may hold are found, whatever was searched before', async (t) => {
  let found = 0;
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const random = randomFrom(seed);
    const lines = Array.from({ length: LENGTH }, (_, at) => lineAt(random, at));
    const items = lines.map(({ word }) => word >>> 0);
    const object = await build({ sections: [{ name: '.hyp.text', flags: code, items }] });
    const map = new CodeMap(object, sectionOf(object, '.hyp.text'));
    const expected = carried(lines);
    const isAdrp = (offset: number) => lines[offset / 4]?.kind === 'adrp';
    for (let search = 0; search < LENGTH * REGISTERS; search++) {
      // Mostly onwards, as a relocation section's entries come, and here and there from anywhere.
      const at = random.below(4) > 0 ? Math.floor(search / REGISTERS) : random.below(LENGTH);
      const register = random.below(REGISTERS);
      const seen = definitionsOf(map, at * 4, register, isAdrp).map((offset) => offset / 4);
      const wanted = [...(expected[at]?.[register] ?? [])].sort((a, b) => a - b);
      found += seen.length;
      if (JSON.stringify(seen) !== JSON.stringify(wanted))
        t.same(seen, wanted, `seed ${seed}: x${register} in front of line ${at}`);
    }
  }
  t.ok(found > PROGRAMS * LENGTH, `${found} found`);
});
