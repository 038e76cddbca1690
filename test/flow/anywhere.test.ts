// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The instructions of a function that a branch to anywhere in it may lead to.

import t from 'tap';
import { instructionsAround } from '../../lib/flow/anywhere.js';
import { without } from '../support/tools.js';
import { fun, readCode, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** As from 5.8 on: replacement code in the same section, behind everything else. */
const behind = (old: string, replacement: string): string =>
  `77: ${old}\n78:\n.pushsection .altinstructions, "a"\n.word 77b - ., 79f - .\n.hword 11\n.byte 78b - 77b, 78b - 77b\n.popsection
   .subsection 1\n79: ${replacement}\n.previous\n`;

t.test('all of a function but data, and replacement code behind it', { skip }, async (t) => {
  const { code, tables, at, name } = await readCode(
    `${fun('f', `nop\n${behind('dsb nsh\nisb', 'nop\nnop')}ret\n.word 1`)}label: nop\nb label\n`,
  );
  const around = (place: string) => instructionsAround(code, tables, at(place)).map(name);
  t.same(around('f+4'), ['f', 'f+4', 'f+8', 'f+12']);
  t.same(around('label'), ['label', 'label+4']);
  t.equal(code.extentAt(at('label')).end, at('label+16'), 'the label reaches to the end of the section');
});

t.test('replacement code that stands where it is put', { skip }, async (t) => {
  const itself =
    '77: nop\n.pushsection .altinstructions, "a"\n.word 77b - ., 77b - .\n.hword 11\n.byte 4, 4\n.popsection';
  const { code, tables, at, name } = await readCode(fun('f', `${itself}\nret`));
  t.same(instructionsAround(code, tables, at('f')).map(name), ['f', 'f+4']);
});

/**
 * Vectors as in 5.8: a size, no type, and behind them the replacement code of the object. The host computes with an address
 * among them, as kern_hyp_va() does, and gives it to a function that it calls.
 */
const vectors = (address: string) =>
  walked(
    `${fun('f', `nop\n${behind('dsb nsh\nisb', '.inst 0xd50330ff\nnop')}ret`)}${fun('call', 'hvc #0\nret')}
.balign 2048\n__kvm_hyp_vector:\n.rept 16\n.balign 128\nb f\n.endr\n.size __kvm_hyp_vector, . - __kvm_hyp_vector`,
    `${fun('setup', `adrp x0, ${address}\nadd x0, x0, :lo12:${address}\nsub x0, x0, x2\nror x2, x0, #1\nb call`)}
.data\n.quad setup`,
  );

for (const [address, second] of [
  ['__kvm_hyp_vector', false],
  ['__kvm_hyp_vector + 4', true],
] as const)
  t.test(
    `${address} plus something is in the vectors, not in what stands behind them`,
    { skip },
    async (t) => {
      const { withoutVhe, at, name } = await vectors(address);
      const { executed, astray } = withoutVhe;
      const slots = Array.from({ length: 16 }, (_, slot) => at(`__kvm_hyp_vector+${slot * 128}`));
      t.ok(slots.every((slot) => executed.has(slot)));
      t.equal(executed.has(at('__kvm_hyp_vector+4')), second, 'whether any instruction may be meant');
      t.same([...astray].map(name), []);
    },
  );
