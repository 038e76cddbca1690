// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Replacement code of alternatives, in both places where kernels keep it: a section of its
// own (up to 5.7), or subsection 1 of the function's section.

import t, { type Test } from 'tap';
import { replacementsFor } from '../../lib/references/replacements.js';
import { imageOf, open } from '../support/objects.js';
import { assemble } from '../support/tools.js';
import { collectFrom, skip } from './collected.js';

const test = (name: string, body: (t: Test) => Promise<void>) => t.test(name, { skip }, body);

/** struct alt_instr: two offsets, feature, lengths of original and replacement. */
const entry = (original: string, replacement: string, feature = 1, lengths = '4, 4') => `
  .pushsection .altinstructions, "a"
  .word ${original} - .
  .word ${replacement} - .
  .hword ${feature}
  .byte ${lengths}
  .popsection`;

const layouts: readonly (readonly [string, (name: string, body: string) => string])[] = [
  [
    'a section of its own',
    (name, body) => `.pushsection .altinstr_replacement, "ax"\n ${name}: ${body}\n .popsection`,
  ],
  ['subsection 1', (name, body) => `.subsection 1\n ${name}: ${body}\n .previous`],
];

for (const [layout, place] of layouts) {
  test(`a branch in replacement code, in ${layout}, is blamed on the original instruction`, async (t) => {
    const bytes = assemble(`
      .section .hyp.text, "ax"
      .global f
      .type f, %function
      f: nop
      661: nop
      ret
      .size f, . - f
      ${place('663', 'b host_function')}
      ${entry('661b', '663b')}
    `);
    const { lines, unjudged } = await collectFrom(bytes);
    t.equal(lines.length, 1);
    t.match(lines[0]?.does, /^f \d+ jump for \.hyp\.text\+4$/);
    t.equal(lines[0]?.to, 'undefined host_function');
    t.same(unjudged, []);
  });
}

test('replacement code of host code is not collected', async (t) => {
  const bytes = assemble(`
    .section .hyp.text, "ax"
    .global f
    .type f, %function
    f: nop
    1: nop
    ret
    .size f, . - f
    .text
    .global g
    g: nop
    2: nop
    .pushsection .altinstr_replacement, "ax"
    3: b for_hyp
    4: b for_host
    .popsection
    ${entry('1b', '3b')}
    ${entry('2b', '4b')}
  `);
  const { lines } = await collectFrom(bytes);
  t.same(
    lines.map(({ to }) => to),
    ['undefined for_hyp'],
  );
});

test('callbacks and alternatives of length 0 have no replacement code', async (t) => {
  const bytes = assemble(`
    .section .hyp.text, "ax"
    f: nop
    1: nop
    2: nop
    .pushsection .altinstr_replacement, "ax"
    3: nop
    .popsection
    ${entry('f', '3b')}
    ${entry('1b', 'callback', 0x8001, '4, 0')}
    ${entry('2b', 'callback', 2, '4, 0')}
    .section .init.text, "ax"
    callback: ret
  `);
  const object = await open(bytes);
  const hyp = object.sections.filter(({ name }) => name === '.hyp.text');
  const found = replacementsFor(imageOf([object]), object, hyp);
  t.same(
    found.map(({ original, code, length }) => [original.offset, code.section.name, code.offset, length]),
    [[0, '.altinstr_replacement', 0, 4]],
  );
});

test('an entry that is cut off, or whose replacement is undefined, gives none', async (t) => {
  const bytes = assemble(`
    .section .hyp.text, "ax"
    f: nop
    .pushsection .altinstructions, "a"
    .word f - .
    .word undefined_replacement - .
    .hword 1
    .byte 4, 4
    .word f - .
    .popsection
  `);
  const object = await open(bytes);
  t.same(replacementsFor(imageOf([object]), object, object.sections), []);
});
