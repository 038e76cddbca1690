// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A64, "Branches, Exception Generating and System instructions": op0 (bits
// 28:25) 101x. What a call leaves in registers is a convention. For a firmware
// call it is the SMC calling convention: x0 to x17 are arguments and results.

import type { Row } from './encoding.js';
import { onBit, onFlags, onZero } from './test-forms.js';

const CALL = 'scratch nzcv =';
const FIRMWARE = 'x0-x17 nzcv = x0-x17';

const branches: readonly Row[] = [
  ['000101ii iiiiiiii iiiiiiii iiiiiiii', 'B', '', { branch: 'jump' }],
  ['100101ii iiiiiiii iiiiiiii iiiiiiii', 'BL', CALL, { branch: 'call' }],
  [
    '01010100 iiiiiiii iiiiiiii iiixxxxx',
    'B.cond, BC.cond',
    '= nzcv',
    { branch: 'conditional', test: onFlags },
  ],
  ['x011010x iiiiiiii iiiiiiii iiittttt', 'CBZ, CBNZ', '= t', { branch: 'conditional', test: onZero }],
  ['x011011x xxxxxiii iiiiiiii iiittttt', 'TBZ, TBNZ', '= t', { branch: 'conditional', test: onBit }],
  ['x1110100 10xxxxxx xxxxxxxx xxxxxxxx', 'a comparison that there is none of', '?'],
  ['x1110100 xxxmmmmm 00iiiiii iiittttt', 'CB<cc> (register)', '= t m', { branch: 'conditional' }],
  ['01110100 xxxmmmmm 1xiiiiii iiittttt', 'CBB<cc>, CBH<cc>', '= t m', { branch: 'conditional' }],
  ['x1110101 10xxxxxx xxxxxxxx xxxxxxxx', 'a comparison that there is none of', '?'],
  ['x1110101 xxxxxxxx x0iiiiii iiittttt', 'CB<cc> (immediate)', '= t', { branch: 'conditional' }],
  ['11010110 00011111 000000nn nnn00000', 'BR', '= n', { branch: 'indirect-jump' }],
  ['11010110 00011111 00001xnn nnn11111', 'BRAAZ, BRABZ', '= n', { branch: 'indirect-jump' }],
  ['11010111 00011111 00001xnn nnnmmmmm', 'BRAA, BRAB', '= n m', { branch: 'indirect-jump' }],
  ['11010110 00111111 000000nn nnn00000', 'BLR', `${CALL} n`, { branch: 'indirect-call' }],
  ['11010110 00111111 00001xnn nnn11111', 'BLRAAZ, BLRABZ', `${CALL} n`, { branch: 'indirect-call' }],
  ['11010111 00111111 00001xnn nnnmmmmm', 'BLRAA, BLRAB', `${CALL} n m`, { branch: 'indirect-call' }],
  ['11010110 01011111 000000nn nnn00000', 'RET', '= n', { branch: 'return' }],
  ['11010110 01011111 00001x11 11111111', 'RETAA, RETAB', '= x30', { branch: 'return' }],
  ['11010110 01011111 00001x11 111mmmmm', 'RETAASPPCR, RETABSPPCR', '= x30 m', { branch: 'return' }],
  ['01010101 00xxxxxx xxxxxxxx xxx11111', 'RETAASPPC, RETABSPPC', '= x30', { branch: 'return' }],
  ['11010110 10011111 00000011 11100000', 'ERET', '', { branch: 'exception-return' }],
  ['11010110 10011111 00001x11 11111111', 'ERETAA, ERETAB', '', { branch: 'exception-return' }],
  ['11010110 10111111 00000011 11100000', 'DRPS', '', { branch: 'exception-return' }],
];

const exceptions: readonly Row[] = [
  ['11010100 001xxxxx xxxxxxxx xxx00000', 'BRK', '', { branch: 'breakpoint' }],
  ['11010100 010xxxxx xxxxxxxx xxx00000', 'HLT', '', { branch: 'trap' }],
  ['11010100 000xxxxx xxxxxxxx xxx00001', 'SVC', FIRMWARE],
  ['11010100 000xxxxx xxxxxxxx xxx0001x', 'HVC, SMC', FIRMWARE],
  ['11010100 101xxxxx xxxxxxxx xxx00000', 'an exception that there is none of', '?'],
  ['11010100 101xxxxx xxxxxxxx xxx000xx', 'DCPS1, DCPS2, DCPS3', 'nzcv ='],
  ['11010100 011xxxxx xxxxxxxx xxx00000', 'TCANCEL', ''],
];

const hints: readonly Row[] = [
  ['11010101 00000011 00100000 11111111', 'XPACLRI', 'x30 = x30'],
  ['11010101 00000011 00100001 xx011111', 'PACIA1716, PACIB1716, AUTIA1716, AUTIB1716', 'x17 = x16 x17'],
  ['11010101 00000011 00100011 00111111', 'PACIASP', 'x30 = x30'],
  ['11010101 00000011 00100011 01111111', 'PACIBSP', 'x30 = x30'],
  ['11010101 00000011 00100011 xxx11111', 'PACIAZ, PACIBZ, AUTIAZ, AUTIASP, AUTIBZ, AUTIBSP', 'x30 = x30'],
  ['11010101 00000011 00100101 00011111', 'CHKFEAT', 'x16 = x16'],
  // Unallocated hints do nothing. [Arm ARM C6.2 "HINT"]
  ['11010101 00000011 0010xxxx xxx11111', 'HINT', ''],
];

const barriers: readonly Row[] = [
  ['11010101 00000011 0011xx10 00111111', 'DSB nXS', ''],
  ['11010101 00000011 0011xxxx 01011111', 'CLREX', ''],
  ['11010101 00000011 00110000 01111111', 'TCOMMIT', ''],
  ['11010101 00000011 0011xxxx 10x11111', 'DSB, DMB', ''],
  ['11010101 00000011 0011xxxx 11011111', 'ISB', ''],
  ['11010101 00000011 00110000 11111111', 'SB', ''],
];

/** 31 is an address like any other when it is the zero register, but as a base it is SP. */
const hasAddress = (word: number): boolean => (word & 31) !== 31;

const system: readonly Row[] = [
  ['11010101 00000011 00010000 00xttttt', 'WFET, WFIT', '= t'],
  ['11010101 00000000 01000000 00011111', 'CFINV', 'nzcv = nzcv'],
  ['11010101 00000000 01000000 00111111', 'XAFLAG', 'nzcv = nzcv'],
  ['11010101 00000000 01000000 01011111', 'AXFLAG', 'nzcv = nzcv'],
  ['11010101 00000000 0100xxxx 01111111', 'MSR UAO', ''],
  ['11010101 00000000 0100xxxx 10011111', 'MSR PAN', ''],
  ['11010101 00000000 0100xxxx 10111111', 'MSR SPSel (immediate)', 'sp ='],
  ['11010101 00000001 010000xx 00011111', 'MSR ALLINT, PM', ''],
  ['11010101 00000011 0100xxxx 00111111', 'MSR SSBS', ''],
  ['11010101 00000011 0100xxxx 01x11111', 'MSR DIT, SVCR', ''],
  ['11010101 00000011 0100xxxx 1xx11111', 'MSR TCO, DAIFSet, DAIFClr', ''],
  ['11010101 00001011 01110100 0x1ttttt', 'DC ZVA, DC GVA', '[t] =', { fits: hasAddress }],
  ['11010101 00001011 01110100 100ttttt', 'DC GZVA', '[t] =', { fits: hasAddress }],
  ['11010101 00001xxx xxxxxxxx xxxttttt', 'SYS', '= t'],
  ['11010101 00100011 0011000x 011ttttt', 'TSTART, TTEST', 't ='],
  ['11010101 00101xxx xxxxxxxx xxxttttt', 'SYSL', 't ='],
  ['11010101 00011011 01000010 000ttttt', 'MSR NZCV', 'nzcv = t'],
  ['11010101 00011000 01000010 000ttttt', 'MSR SPSel (register)', 'sp = t'],
  ['11010101 00011100 00010000 000ttttt', 'MSR SCTLR_EL2', '= t'],
  ['11010101 00011100 11000000 000ttttt', 'MSR VBAR_EL2', '= t'],
  ['11010101 0001xxxx xxxxxxxx xxxttttt', 'MSR', '= t'],
  ['11010101 00111011 00100100 00xttttt', 'MRS RNDR, RNDRRS', 't nzcv ='],
  ['11010101 00111100 11010000 010ttttt', 'MRS TPIDR_EL2', 't ='],
  ['11010101 0011xxxx xxxxxxxx xxxttttt', 'MRS', 't ='],
  ['11010101 01001xxx xxxxxxxx xxx11111', 'SYSP (no registers)', ''],
  ['11010101 01xxxxxx xxxxxxxx xxxxxxx1', 'a pair that begins with an odd register', '?'],
  ['11010101 01001xxx xxxxxxxx xxxttttt', 'SYSP', '= t:2'],
  ['11010101 0101xxxx xxxxxxxx xxxttttt', 'MSRR', '= t:2'],
  ['11010101 0111xxxx xxxxxxxx xxxttttt', 'MRRS', 't:2 ='],
  ['11010101 01xxxxxx xxxxxxxx xxxttttt', 'other pairs', '? t:2 = t:2'],
];

export const branchesAndSystem: readonly Row[] = [
  ...branches,
  ...exceptions,
  ...hints,
  ...barriers,
  ...system,
];
