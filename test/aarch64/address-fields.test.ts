// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The address in an instruction, and the word without it: compared with what the
// assembler makes of a line with and without an address.

import t from 'tap';
import { lowBits, placedAddress } from '../../lib/aarch64/address-fields.js';
import { assemble, runOn, without } from '../support/tools.js';

/** Word, the relocation, bytes, the word without it: AAELF64's fields, bits as the Arm ARM draws them. */
const placed: readonly (readonly [word: number, type: string, bytes: number, bare: number])[] = [
  [0x94000001, 'CALL26', 4, 0x94000000],
  [0x97ffffff, 'CALL26', -4, 0x94000000],
  [0x95ffffff, 'CALL26', 0x7fffffc, 0x94000000],
  [0x16000000, 'JUMP26', -0x8000000, 0x14000000],
  [0x54ffffe1, 'CONDBR19', -4, 0x54000001],
  [0xb4000043, 'CONDBR19', 8, 0xb4000003],
  [0x35800005, 'CONDBR19', -0x100000, 0x35000005],
  [0xb7f7fffe, 'TSTBR14', -4, 0xb7f0001e],
  [0x36080041, 'TSTBR14', 8, 0x36080001],
  [0x58000050, 'LD_PREL_LO19', 8, 0x58000010],
  [0x1c00005f, 'LD_PREL_LO19', 8, 0x1c00001f],
  [0x10000011, 'ADR_PREL_LO21', 0, 0x10000011],
  [0x70ffffe3, 'ADR_PREL_LO21', -1, 0x10000003],
  [0xb0000000, 'ADR_PREL_PG_HI21', 4096, 0x90000000],
  [0xf0ffffe7, 'ADR_PREL_PG_HI21', -4096, 0x90000007],
];
for (const [word, type, displacement, bare] of placed) {
  t.test(`the address field of ${word.toString(16)} is that of ${type}`, async (t) =>
    t.same(placedAddress(word), { type, displacement, bare }),
  );
}

t.test('instructions without a PC-relative field have no address', async (t) => {
  for (const word of [0xd65f03c0, 0xd503201f, 0xa9bf7bfd, 0xf9400003, 0x91000210, 0xd61f0200, 0xd4000001])
    t.equal(placedAddress(word), null, word.toString(16));
});

const low: readonly (readonly [line: string, type: string, value: number])[] = [
  ['add x1, x0, #0x123', 'ADD_ABS_LO12_NC', 0x123],
  ['ldrb w1, [x0, #0x7]', 'LDST8_ABS_LO12_NC', 7],
  ['strh w1, [x0, #0x46]', 'LDST16_ABS_LO12_NC', 0x46],
  ['ldr w1, [x0, #0x44]', 'LDST32_ABS_LO12_NC', 0x44],
  ['ldrsw x1, [x0, #0x44]', 'LDST32_ABS_LO12_NC', 0x44],
  ['str x1, [x0, #0x48]', 'LDST64_ABS_LO12_NC', 0x48],
  ['ldr d1, [x0, #0x48]', 'LDST64_ABS_LO12_NC', 0x48],
  ['ldr q1, [x0, #0x40]', 'LDST128_ABS_LO12_NC', 0x40],
  ['prfm pldl1keep, [x0, #0x48]', 'LDST64_ABS_LO12_NC', 0x48],
];
t.test('the low 12 bits are read as assembled', { skip: without('aarch64-linux-gnu-as') }, async (t) => {
  const wordsOf = (lines: readonly string[]): readonly number[] => {
    const text = runOn('aarch64-linux-gnu-objdump', ['-d'], assemble(`${lines.join('\n')}\n`));
    return [...text.matchAll(/^\s+[0-9a-f]+:\t([0-9a-f]{8}) /gm)].map(([, word = '']) =>
      Number.parseInt(word, 16),
    );
  };
  const words = wordsOf(low.map(([line]) => line));
  const bare = wordsOf(low.map(([line]) => line.replace(/#0x\w+/, '#0')));
  low.forEach(([line, type, value], index) => {
    t.same(lowBits(words[index] ?? 0), { type, value, bare: bare[index] }, line);
  });
  for (const line of [
    'add w1, w0, #1',
    'add x1, x0, #1, lsl #12',
    'ldur x1, [x0, #8]',
    'ldp x1, x2, [x0]',
    'sub x1, x0, #1',
  ])
    t.equal(lowBits(wordsOf([line])[0] ?? 0), null, line);
});
