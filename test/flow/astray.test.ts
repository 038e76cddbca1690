// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where control leaves what is code.

import t from 'tap';
import { isAstray, isRunnableData } from '../../lib/flow/astray.js';
import { without } from '../support/tools.js';
import { alternative, fun, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

t.test('words among hyp code that are marked as data can be executed', { skip }, async (t) => {
  const { code, at } = await readCode(
    fun('f', 'ret\n.word 1\n.byte 2'),
    `${fun('host', 'ret\n.word 1')}.data\n.globl data\ndata: .quad 0`,
  );
  const runnable = (place: string) => isRunnableData(code, at(place));
  t.equal(runnable('f+4'), true);
  t.equal(runnable('f'), false, 'code is no data');
  t.equal(runnable('f+5'), false, 'no instruction begins there');
  t.equal(runnable('f+8'), false, 'half a word at the end of the section');
  t.equal(runnable('f+12'), false, 'behind the section');
  for (const place of ['host+4', 'data']) t.equal(runnable(place), false, place);
});

t.test(
  'control goes astray where it goes on behind the last instruction of a section',
  { skip },
  async (t) => {
    /** From the last instruction of f, which ends the section. */
    const of = async (body: string, more = '') => {
      const { code, tables, at } = await readCode(fun('f', body), more);
      const { end } = code.extentAt(at('f'));
      return isAstray(code, tables, end - 4, end);
    };
    t.equal(await of('add x0, x0, #1'), true);
    t.equal(await of('cbz x0, f'), true);
    for (const last of ['bl f', 'blr x0', 'brk #1']) {
      t.equal(await of(`nop\n${last}`), false, `${last}: it may not come back`);
      t.equal(await of(`${last}\nnop\nnop`), false, `${last} in front of what fills the section up`);
    }
    t.equal(await of('add x0, x0, #1\nnop\nnop'), true);
    t.equal(
      await of(`add x0, x0, #1\n${alternative('nop', 'nop')}\nnop`),
      false,
      'a NOP that may be patched',
    );
    const replacing = '87: dsb nsh\nisb\n.subsection 1\n89: .inst 0xd50330ff\nnop\n.previous\n';
    const row =
      '\n.pushsection .altinstructions, "a"\n.word 87b - ., 89b - .\n.hword 12\n.byte 8, 8\n.popsection';
    const behind = async (last: string) => {
      const { code, tables, at } = await readCode(fun('f', `${replacing}${last}${row}`));
      const end = at('f+20');
      return isAstray(code, tables, end - 4, end);
    };
    t.equal(
      await behind(alternative('nop', 'nop')),
      false,
      'replacement code behind a NOP that may be patched',
    );
    t.equal(await behind('bl f'), false, 'behind a call');
    t.equal(await behind('add x0, x0, #1'), true);
  },
);

t.test('a branch within a section, or out of host code, is not astray', { skip }, async (t) => {
  const { code, tables, at } = await readCode(fun('f', 'nop\nret'), fun('host', 'nop'));
  t.equal(isAstray(code, tables, at('f'), at('f+4')), false);
  t.equal(isAstray(code, tables, at('f'), at('f+8')), true);
  t.equal(isAstray(code, tables, at('host'), at('host+4')), false, 'host code');
  t.equal(isAstray(code, tables, at('f'), at('host+4')), false, 'to another section');
});
