// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Guards in the callers of a host function that calls hyp code. In each row `low`
// calls the hyp function `f`, and `run` calls `low` behind a test of cpu_hwcaps, as
// has_vhe() is; the row says what else leads to `low`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';

const fun = (name: string, body: string): string =>
  `.type ${name}, %function\n${name}:\n${body}\n.size ${name}, . - ${name}\n`;

/** Enters `target` on machines with VHE only. */
const guarded = (name: string, target: string): string =>
  `.globl ${name}\n${fun(name, `adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntbz x9, #11, 1f\nbl ${target}\n1: ret`)}`;

const low = fun('low', 'bl f\nret');
const plain = `${low}${guarded('run', 'low')}`;

interface Row {
  readonly name: string;
  /** Of section .text. */
  readonly code: string;
  readonly isEntered: boolean;
  readonly file?: string;
}

const rows: readonly Row[] = [
  { name: 'the only caller is the guard', code: plain, isEntered: false },
  {
    name: 'another caller without a guard',
    code: `${plain}.globl other\n${fun('other', 'bl low\nret')}`,
    isEntered: true,
  },
  {
    name: 'another caller in another section',
    code: `${plain}.section .init.text, "ax"\n.globl other\n${fun('other', 'bl low\nret')}`,
    isEntered: true,
  },
  {
    name: 'another caller, behind a guard of its own',
    code: `${plain}.section .init.text, "ax"\n${guarded('other', 'low')}`,
    isEntered: false,
  },
  {
    name: 'its cold part branches back into its middle, and nothing else calls it',
    code: `.globl low\n${fun('low', 'cbz x0, low.cold\nret\nbl f\nret')}.section .text.unlikely, "ax"\n${fun('low.cold', 'b low + 8')}`,
    isEntered: true,
  },
  { name: 'a tail call', code: `${plain}.globl other\n${fun('other', 'b low')}`, isEntered: true },
  {
    name: 'a conditional branch into its middle',
    code: `${fun('low', 'nop\n1: bl f\nret')}.globl other\n${fun('other', 'cbz x0, 1b\nret')}${guarded('run', 'low')}`,
    isEntered: true,
  },
  {
    name: 'a call into the middle of its guard, behind the test',
    code: `${plain}.globl other\n${fun('other', 'bl run + 12\nret')}`,
    isEntered: true,
  },
  {
    name: 'the function in front of it falls through',
    code: `.globl other\n${fun('other', 'add x0, x0, #1')}nop\n${plain}`,
    isEntered: true,
  },
  {
    name: 'the function in front of it ends in panic()',
    code: `.globl other\n${fun('other', 'bl panic')}nop\n${plain}`,
    isEntered: false,
  },
  {
    name: 'its address formed by ADR, without a relocation',
    code: `${plain}.globl other\n${fun('other', 'adr x0, low\nb somebody')}`,
    isEntered: true,
  },
  {
    name: 'its address formed by ADRP and ADD',
    code: `${plain}.globl other\n${fun('other', 'adrp x0, low\nadd x0, x0, :lo12:low\nb somebody')}`,
    isEntered: true,
  },
  {
    name: 'its address in a literal pool',
    code: `${plain}.globl other\n${fun('other', 'ldr x0, =low\nret')}`,
    isEntered: true,
  },
  {
    name: 'its own switch table',
    code: `${fun('low', 'cbz x0, 7f\nbl f\n7: ret')}${guarded('run', 'low')}.section .rodata, "a"\n8: .word 7b - 8b`,
    isEntered: false,
  },
  {
    name: 'a table that names a label in its middle',
    code: `${fun('low', 'cbz x0, 7f\nmiddle: bl f\n7: ret')}${guarded('run', 'low')}.section .rodata, "a"\n8: .word middle - 8b`,
    isEntered: true,
  },
  { name: 'a pointer in data', code: `${plain}.data\n.quad low`, isEntered: true },
  {
    name: 'an entry of the table of exported symbols',
    code: `${plain}.section ___ksymtab+low, "a"\n.long low - .`,
    isEntered: true,
  },
  {
    name: 'an entry of __mcount_loc',
    code: `${plain}.section __mcount_loc, "a"\n.quad low`,
    isEntered: false,
  },
  {
    name: 'its address in debug information',
    code: `${plain}.section .debug_x, ""\n.quad low`,
    isEntered: false,
  },
  {
    name: 'a static key of another function branches into it',
    code: `${fun('low', 'nop\n5: bl f\nret')}.globl other\n${fun('other', '2: nop\nret')}${guarded('run', 'low')}
      .section __jump_table, "aw"\n.balign 8\n.long 2b - ., 5b - .\n.quad key - .\n.data\nkey: .quad 0, 0\n`,
    isEntered: true,
  },
  {
    name: 'the replacement code of an alternative calls it',
    code: `${plain}.globl other\n${fun('other', '2: nop\n3: ret')}
      .section .altinstructions, "a"\n.word 2b - ., 4f - .\n.hword 20\n.byte 4, 4
      .section .altinstr_replacement, "a"\n4: bl low\n`,
    isEntered: true,
  },
  {
    name: 'the replacement code of an alternative of VHE calls it',
    code: `${plain}.globl other\n${fun('other', '2: nop\n3: ret')}
      .section .altinstructions, "a"\n.word 2b - ., 4f - .\n.hword 11\n.byte 4, 4
      .section .altinstr_replacement, "a"\n4: bl low\n`,
    isEntered: false,
  },
  { name: 'no caller is seen', code: low, isEntered: true },
  {
    name: 'it and another call each other, without a caller outside',
    code: fun('low', 'bl f\nb low2') + fun('low2', 'b low'),
    // As without a caller: something that is not seen may enter it.
    isEntered: true,
  },
  {
    name: 'it and another call each other, with a caller outside',
    code: `${fun('low', 'bl f\nb low2')}${fun('low2', 'b low')}.globl other\n${fun('other', 'b low2')}`,
    isEntered: true,
  },
  {
    name: 'its cold part makes the call and branches back',
    code: `${fun('low', 'cbz x0, low.cold\nret')}${guarded('run', 'low')}.section .text.unlikely, "ax"\n${fun('low.cold', 'bl f\nb low')}`,
    isEntered: false,
  },
  {
    name: 'the cold part of the guard calls it',
    code: `${low}.globl run\n${fun('run', 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntbnz x9, #11, run.cold\nret')}.section .text.unlikely, "ax"\n${fun('run.cold', 'bl low\nret')}`,
    isEntered: false,
  },
  {
    name: 'low.part.0 is called by the guard and by low, which others may call',
    code: `${fun('low.part.0', 'bl f\nret')}.globl low\n${fun('low', 'bl low.part.0\nret')}${guarded('run', 'low.part.0')}`,
    isEntered: true,
  },
  {
    name: 'the guard is more than eight callers up',
    code: `${low}${[...'ABCDEFGHIJ'].map((name, index, all) => fun(name, `bl ${index === 0 ? 'low' : all[index - 1]}\nret`)).join('')}${guarded('run', 'J')}`,
    isEntered: true,
  },
  {
    name: 'the guard has an unknown BR, which may go to any of its instructions',
    code: `${low}.globl run\n${fun('run', 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntbz x9, #11, 1f\n2: bl low\n1: br x0')}`,
    isEntered: true,
  },
  { name: 'global, so that other objects may call it', code: `.globl low\n${plain}`, isEntered: true },
  {
    name: 'global, but in vmlinux.o, which is whole',
    code: `.globl low\n${plain}`,
    isEntered: false,
    file: 'vmlinux.o',
  },
  {
    name: 'in vmlinux.o, with another caller',
    code: `.globl low\n${plain}.globl other\n${fun('other', 'bl low\nret')}`,
    isEntered: true,
    file: 'vmlinux.o',
  },
];

t.test('guards count if all callers have one', { skip: without('aarch64-linux-gnu-as') }, async (t) => {
  for (const { name, code, isEntered, file = 'x.o' } of rows) {
    const bytes = assemble(
      `.section .hyp.text, "ax"\n${fun('f', 'bl host\nret')}.text\n${fun('host', 'ret')}${code}`,
    );
    const { stderr } = await inFolder(async (folder) => {
      writeFileSync(join(folder, file), bytes);
      return runMain(['--whole', '--vhe-cap=11', '-fdiagnostics-plain-output', join(folder, file)]);
    });
    t.equal(/call to 'host'/.test(stderr), isEntered, name);
    t.notMatch(stderr, /hyp-unchecked/, `${name}: no -Whyp-unchecked`);
  }
});
