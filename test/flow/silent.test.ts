// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is silent by its word, an outline that asks of everything finds silent too.

import t from 'tap';
import { AddressSet } from '../../lib/code/address-set.js';
import { Capabilities, unknownNumbers } from '../../lib/flow/capability.js';
import { PlainStepper } from '../../lib/flow/plain-step.js';
import { silentIn } from '../../lib/flow/silent.js';
import { without } from '../support/tools.js';
import { randomFrom } from './random.js';
import { alternative, fun, key, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** The instructions of a function `f`: silent by their words, and by what the stepper tells of each. */
const silentOnes = async (hyp: string, more = '.globl data\n.data\ndata: .quad 0') => {
  const { code, tables, space, at, name } = await readCode(hyp, more);
  const capabilities = new Capabilities(space, tables, { ...unknownNumbers, vhe: 11 }, 'without-vhe');
  let events = 0;
  const tell = () => void events++;
  const sink = { executes: () => {}, goes: tell, goesAnywhere: tell, forms: tell, movesLink: tell };
  const stepper = new PlainStepper(code, tables, capabilities, new AddressSet(space), sink);
  const byWord = silentIn(code, tables);
  const { start, end } = code.extentAt(at('f'));
  const all = Array.from({ length: (end - start) / 4 }, (_, index) => start + index * 4).filter((pc) =>
    code.isCode(pc),
  );
  const isSilent = (pc: number): boolean => {
    const before = events;
    const goesOn = stepper.at(pc);
    return goesOn && events === before && !tables.changes(pc);
  };
  return {
    byWord: all.filter((pc) => byWord.has(pc)).map(name),
    byStep: all.filter(isSilent).map(name),
  };
};

t.test('branches, patched and completed words and addresses are not silent', { skip }, async (t) => {
  const body = `add x0, x0, #1
ldr x1, literal
${key('1f')}
adr x0, f
adrp x0, data
add x0, x0, :lo12:data
cbz x0, 1f
1: ${alternative('nop', 'nop')}
mov x1, x0
add x30, x30, #4
str x30, [sp]
bl f
ret
literal: .quad data`;
  const { byWord } = await silentOnes(fun('f', body));
  t.same(byWord, ['f', 'f+32']);
});

t.test('whatever the words are', { skip }, async (t) => {
  const { below } = randomFrom(20261128);
  const words = Array.from({ length: 20000 }, () => `.inst ${below(2 ** 32)}`);
  const { byWord, byStep } = await silentOnes(fun('f', words.join('\n')));
  const silent = new Set(byStep);
  t.same(
    byWord.filter((one) => !silent.has(one)),
    [],
  );
  t.ok(byWord.length > byStep.length * 0.8, `${byWord.length} of ${byStep.length}`);
});
