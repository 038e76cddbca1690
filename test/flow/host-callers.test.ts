// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who may enter a function of the host that calls hyp code. In each row `low`
// calls hyp code, and `run` calls `low` behind has_vhe(), as a test of cpu_hwcaps;
// the row says who else gets there.

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
  { name: 'the guard alone', code: plain, isEntered: false },
  { name: 'another caller', code: `${plain}.globl other\n${fun('other', 'bl low\nret')}`, isEntered: true },
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
    name: 'its cold part goes back into its middle, and nobody calls it',
    code: `.globl low\n${fun('low', 'cbz x0, low.cold\nret\nbl f\nret')}.section .text.unlikely, "ax"\n${fun('low.cold', 'b low + 8')}`,
    isEntered: true,
  },
  { name: 'a jump', code: `${plain}.globl other\n${fun('other', 'b low')}`, isEntered: true },
  {
    name: 'a conditional branch into its middle',
    code: `${fun('low', 'nop\n1: bl f\nret')}.globl other\n${fun('other', 'cbz x0, 1b\nret')}${guarded('run', 'low')}`,
    isEntered: true,
  },
  {
    name: 'the function in front of it goes on there',
    code: `.globl other\n${fun('other', 'add x0, x0, #1')}nop\n${plain}`,
    isEntered: true,
  },
  {
    name: 'the one in front of it ends in panic()',
    code: `.globl other\n${fun('other', 'bl panic')}nop\n${plain}`,
    isEntered: false,
  },
  {
    name: 'its address without a relocation',
    code: `${plain}.globl other\n${fun('other', 'adr x0, low\nb somebody')}`,
    isEntered: true,
  },
  {
    name: 'its address by a page',
    code: `${plain}.globl other\n${fun('other', 'adrp x0, low\nadd x0, x0, :lo12:low\nb somebody')}`,
    isEntered: true,
  },
  { name: 'a literal', code: `${plain}.globl other\n${fun('other', 'ldr x0, =low\nret')}`, isEntered: true },
  {
    name: 'the table of a switch in it',
    code: `${fun('low', 'cbz x0, 7f\nbl f\n7: ret')}${guarded('run', 'low')}.section .rodata, "a"\n8: .word 7b - 8b`,
    isEntered: false,
  },
  {
    name: 'a table that names a label in its middle',
    code: `${fun('low', 'cbz x0, 7f\nmiddle: bl f\n7: ret')}${guarded('run', 'low')}.section .rodata, "a"\n8: .word middle - 8b`,
    isEntered: true,
  },
  { name: 'a table', code: `${plain}.data\n.quad low`, isEntered: true },
  {
    name: 'a table of exported symbols',
    code: `${plain}.section ___ksymtab+low, "a"\n.long low - .`,
    isEntered: true,
  },
  {
    name: 'a note on what may be traced',
    code: `${plain}.section __mcount_loc, "a"\n.quad low`,
    isEntered: false,
  },
  { name: 'debug information', code: `${plain}.section .debug_x, ""\n.quad low`, isEntered: false },
  {
    name: 'a static key leads into it',
    code: `${fun('low', 'nop\n5: bl f\nret')}.globl other\n${fun('other', '2: nop\nret')}${guarded('run', 'low')}
      .section __jump_table, "aw"\n.balign 8\n.long 2b - ., 5b - .\n.quad key - .\n.data\nkey: .quad 0, 0\n`,
    isEntered: true,
  },
  {
    name: 'an alternative calls it',
    code: `${plain}.globl other\n${fun('other', '2: nop\n3: ret')}
      .section .altinstructions, "a"\n.word 2b - ., 4f - .\n.hword 20\n.byte 4, 4
      .section .altinstr_replacement, "a"\n4: bl low\n`,
    isEntered: true,
  },
  {
    name: 'an alternative of VHE calls it',
    code: `${plain}.globl other\n${fun('other', '2: nop\n3: ret')}
      .section .altinstructions, "a"\n.word 2b - ., 4f - .\n.hword 11\n.byte 4, 4
      .section .altinstr_replacement, "a"\n4: bl low\n`,
    isEntered: false,
  },
  { name: 'nobody calls it', code: low, isEntered: true },
  {
    name: 'a circle that nobody enters',
    code: fun('low', 'bl f\nb low2') + fun('low2', 'b low'),
    // As what nobody calls: it may be entered by what is not seen.
    isEntered: true,
  },
  {
    name: 'a circle that somebody enters',
    code: `${fun('low', 'bl f\nb low2')}${fun('low2', 'b low')}.globl other\n${fun('other', 'b low2')}`,
    isEntered: true,
  },
  {
    name: 'a cold part of its own',
    code: `${fun('low', 'cbz x0, low.cold\nret')}${guarded('run', 'low')}.section .text.unlikely, "ax"\n${fun('low.cold', 'bl f\nb low')}`,
    isEntered: false,
  },
  {
    name: 'a cold part of the guard',
    code: `${low}.globl run\n${fun('run', 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntbnz x9, #11, run.cold\nret')}.section .text.unlikely, "ax"\n${fun('run.cold', 'bl low\nret')}`,
    isEntered: false,
  },
  {
    name: 'a part that is called on the other side',
    code: `${fun('low.part.0', 'bl f\nret')}.globl low\n${fun('low', 'bl low.part.0\nret')}${guarded('run', 'low.part.0')}`,
    isEntered: true,
  },
  {
    name: 'nine callers up',
    code: `${low}${[...'ABCDEFGHIJ'].map((name, index, all) => fun(name, `bl ${index === 0 ? 'low' : all[index - 1]}\nret`)).join('')}${guarded('run', 'J')}`,
    isEntered: true,
  },
  {
    name: 'a branch through a register, where control may go to anything in the function',
    code: `${low}.globl run\n${fun('run', 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntbz x9, #11, 1f\n2: bl low\n1: br x0')}`,
    isEntered: true,
  },
  { name: 'other objects', code: `.globl low\n${plain}`, isEntered: true },
  { name: 'all objects are here', code: `.globl low\n${plain}`, isEntered: false, file: 'vmlinux.o' },
  {
    name: 'all are here, and one calls it',
    code: `.globl low\n${plain}.globl other\n${fun('other', 'bl low\nret')}`,
    isEntered: true,
    file: 'vmlinux.o',
  },
];

t.test('guards above the callers of hyp code', { skip: without('aarch64-linux-gnu-as') }, async (t) => {
  for (const { name, code, isEntered, file = 'x.o' } of rows) {
    const bytes = assemble(
      `.section .hyp.text, "ax"\n${fun('f', 'bl host\nret')}.text\n${fun('host', 'ret')}${code}`,
    );
    const { stderr } = await inFolder(async (folder) => {
      writeFileSync(join(folder, file), bytes);
      return runMain(['--whole', '--vhe-cap=11', '-fdiagnostics-plain-output', join(folder, file)]);
    });
    t.equal(/call to 'host'/.test(stderr), isEntered, name);
    t.notMatch(stderr, /hyp-unchecked/, `${name}: nothing left open`);
  }
});
