// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Control flow that only patch tables show: static keys, alternatives and fixups. Expected
// is what the kernel does with the tables.

import t from 'tap';
import { CodeMap } from '../../lib/code/code-map.js';
import { collect, skip, useTexts } from '../references/collected.js';
import { open, sectionOf } from '../support/objects.js';
import { assemble } from '../support/tools.js';

/** struct jump_entry of 5.4 and later. */
const key = (site: string, target: string) => `
  .pushsection __jump_table, "aw"
  .long ${site} - ., ${target} - .
  .quad some_key - .
  .popsection`;

const alternative = (site: string, length: number, code: string, section: string) => `
  .pushsection .altinstructions, "a"
  .long ${site} - ., 663f - .
  .hword 5
  .byte ${length}, ${length}
  .popsection
  ${section}
  663: ${code}
  .previous`;

const mapOf = async (text: string): Promise<CodeMap> => {
  const object = await open(assemble(`.section .hyp.text, "ax"\nf:\n${text}`));
  return new CodeMap(object, sectionOf(object, '.hyp.text'));
};

t.test('static keys, fixups and alternatives add edges, calls and jumps out do not', { skip }, async (t) => {
  const body = '0: nop\n 1: b 2f\n nop\n 2: ret';
  const replaced = '.section .altinstr_replacement, "ax"';
  const rows: readonly (readonly [string, string, readonly (readonly number[])[]])[] = [
    ['without tables', body, [[4], [12], [12], []]],
    ['a key at a NOP', body + key('0b', '2b'), [[4, 12], [12], [12], []]],
    ['a key at a branch', body + key('1b', '2b'), [[4], [12, 8], [12], []]],
    [
      'a fixup',
      `${body}\n.pushsection __ex_table, "a"\n.long 0b - ., 2b - .\n.popsection`,
      [[4, 12], [12], [12], []],
    ],
    [
      'an alternative',
      body + alternative('0b', 8, 'cbz x0, 2b\n nop', replaced),
      [[4, 12], [12, 8], [12], []],
    ],
    [
      'an alternative in a subsection',
      body + alternative('0b', 8, 'b 2b\n nop', '.subsection 1'),
      [[4, 12], [12, 8], [12], []],
    ],
    ['an alternative that calls', body + alternative('0b', 4, 'bl 2b', replaced), [[4], [12], [12], []]],
    [
      'an alternative that jumps out',
      body + alternative('0b', 4, 'b other', replaced),
      [[4], [12], [12], []],
    ],
  ];
  for (const [name, text, expected] of rows) {
    const map = await mapOf(text);
    const offsets = [0, 4, 8, 12];
    t.same(
      offsets.map((at) => map.successors(at)),
      expected,
      name,
    );
    for (const at of offsets) {
      const from = offsets.filter((one) => expected[one / 4]?.includes(at));
      t.same(
        [...map.predecessors(at)].filter((one) => one < 16).sort((a, b) => a - b),
        from,
        `${name}: ${at}`,
      );
      if (map.followsOnly(at)) t.same(from, [at - 4], `${name}: ${at}`);
    }
  }
});

t.test('uses of an address are found behind the branch of a static key', { skip }, async (t) => {
  for (const site of ['1: nop', '1: b 2f']) {
    const { references, unjudged } = await collect(`
      ldr x2, =data
      ${site}${key('1b', '2f')}
      ret
      2: str x0, [x2]
      ret`);
    t.same(references.filter(({ access }) => access === 'absolute').map(useTexts), [['store 12']], site);
    t.same(unjudged, []);
  }
});

t.test('ADRPs before the branch of a static key are paired with the load behind it', { skip }, async (t) => {
  const { lines, unjudged } = await collect(`
    cbz x0, 1f
    adrp x1, data
    b 2f
    1: adrp x1, data
    2: b 3f${key('2b', '3f')}
    ldr x0, [x1, :lo12:data]
    3: ret`);
  t.same(
    lines.map(({ by }) => by),
    ['20 LDST64_ABS_LO12_NC, 4 ADR_PREL_PG_HI21, 12 ADR_PREL_PG_HI21'],
  );
  t.same(unjudged, []);
});
