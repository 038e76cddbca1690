// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A64, "Data Processing -- Register": op0 (bits 28:25) x101.

import type { Row } from './encoding.js';
import {
  comparison,
  extendedSum,
  selection,
  shiftedLogic,
  shiftedSum,
  variableShift,
} from './operation-forms.js';

const sumsAndLogic: readonly Row[] = [
  ['0xx01011 xx0xxxxx 1xxxxxxx xxxxxxxx', 'a shift by more than 31 in 32 bits', '?'],
  ['0xx01010 xxxxxxxx 1xxxxxxx xxxxxxxx', 'a shift by more than 31 in 32 bits', '?'],
  [
    'x1101010 xxxmmmmm xxxxxxnn nnnddddd',
    'ANDS, BICS (shifted register)',
    'd nzcv = n m',
    { operation: shiftedLogic },
  ],
  ['10101010 000mmmmm 00000011 111ddddd', 'MOV (register, 64 bits)', 'd = m', { operation: shiftedLogic }],
  [
    'xxx01010 xxxmmmmm xxxxxxnn nnnddddd',
    'AND, BIC, ORR, ORN, EOR, EON',
    'd = n m',
    { operation: shiftedLogic },
  ],
  ['xxx01011 110xxxxx xxxxxxxx xxxxxxxx', 'a sum with a rotated register', '?'],
  [
    'xx001011 xx0mmmmm xxxxxxnn nnnddddd',
    'ADD, SUB (shifted register)',
    'd = n m',
    { operation: shiftedSum },
  ],
  [
    'xx101011 xx0mmmmm xxxxxxnn nnnddddd',
    'ADDS, SUBS (shifted register)',
    'd nzcv = n m',
    { operation: shiftedSum },
  ],
  ['xxx01011 001xxxxx xxx11xxx xxxxxxxx', 'an extension shifted by more than 4', '?'],
  ['xxx01011 001xxxxx xxx1x1xx xxxxxxxx', 'an extension shifted by more than 4', '?'],
  [
    'xx001011 001mmmmm xxxxxxnn nnnddddd',
    'ADD, SUB (extended register)',
    'd = n m',
    { operation: extendedSum },
  ],
  [
    'xx101011 001mmmmm xxxxxxnn nnnddddd',
    'ADDS, SUBS (extended register)',
    'd nzcv = n m',
    { operation: extendedSum },
  ],
  ['xx011010 000mmmmm 000000nn nnnddddd', 'ADC, SBC', 'd = n m nzcv'],
  ['xx111010 000mmmmm 000000nn nnnddddd', 'ADCS, SBCS', 'd nzcv = n m nzcv'],
  ['1x011010 000mmmmm 001xxxnn nnnddddd', 'ADDPT, SUBPT', 'd = n m'],
];

const flags: readonly Row[] = [
  ['10111010 000xxxxx x00001nn nnn0xxxx', 'RMIF', 'nzcv = n'],
  ['00111010 00000000 0x0010nn nnn01101', 'SETF8, SETF16', 'nzcv = n'],
  [
    'xx111010 010mmmmm xxxx00nn nnn0xxxx',
    'CCMN, CCMP (register)',
    'nzcv = n m nzcv',
    { operation: comparison },
  ],
  [
    'xx111010 010xxxxx xxxx10nn nnn0xxxx',
    'CCMN, CCMP (immediate)',
    'nzcv = n nzcv',
    { operation: comparison },
  ],
  [
    'xx011010 100mmmmm xxxx0xnn nnnddddd',
    'CSEL, CSINC, CSINV, CSNEG',
    'd = n m nzcv',
    { operation: selection },
  ],
];

const twoSources: readonly Row[] = [
  ['10011010 110mmmmm 000000nn nnnddddd', 'SUBP', 'd = n m'],
  ['10111010 110mmmmm 000000nn nnnddddd', 'SUBPS', 'd nzcv = n m'],
  ['x0011010 110mmmmm 00001xnn nnnddddd', 'UDIV, SDIV', 'd = n m'],
  ['10011010 110mmmmm 000100nn nnnddddd', 'IRG', 'd|sp = n m'],
  ['10011010 110mmmmm 000101nn nnnddddd', 'GMI', 'd = n m'],
  ['x0011010 110mmmmm 001011nn nnnddddd', 'RORV', 'd = n m'],
  ['x0011010 110mmmmm 0010xxnn nnnddddd', 'LSLV, LSRV, ASRV', 'd = n m', { operation: variableShift }],
  ['10011010 110mmmmm 001100nn nnnddddd', 'PACGA', 'd = n m'],
  ['10011010 110mmmmm 010x11nn nnnddddd', 'CRC32X, CRC32CX', 'd = n m'],
  ['00011010 110xxxxx 010x11xx xxxxxxxx', 'a checksum of 64 bits in 32', '?'],
  ['00011010 110mmmmm 010xxxnn nnnddddd', 'CRC32B, CRC32H, CRC32W and the C forms', 'd = n m'],
  ['x0011010 110mmmmm 0110xxnn nnnddddd', 'SMAX, UMAX, SMIN, UMIN (register)', 'd = n m'],
];

const oneSource: readonly Row[] = [
  ['11011010 11000000 000011nn nnnddddd', 'REV (64 bits)', 'd = n'],
  ['01011010 11000000 000011xx xxxxxxxx', 'a reversal of 64 bits in 32', '?'],
  ['x1011010 11000000 0000xxnn nnnddddd', 'RBIT, REV16, REV32', 'd = n'],
  ['x1011010 11000000 0001xxnn nnnddddd', 'CLZ, CLS, CTZ, CNT', 'd = n'],
  ['x1011010 11000000 001000nn nnnddddd', 'ABS', 'd = n'],
  ['11011010 11000001 000xxxnn nnnddddd', 'PACIA, PACIB, PACDA, PACDB and their AUT forms', 'd = d n'],
  ['11011010 11000001 001xxx11 111ddddd', 'PACIZA, PACIZB, PACDZA, PACDZB and their AUT forms', 'd = d'],
  ['11011010 11000001 01000x11 111ddddd', 'XPACI, XPACD', 'd = d'],
  ['11011010 11000001 10x00x11 11111110', 'PACNBIASPPC, PACNBIBSPPC, PACIASPPC, PACIBSPPC', 'x30 = x30'],
  ['11011010 11000001 10010xnn nnn11110', 'AUTIASPPCR, AUTIBSPPCR', 'x30 = x30 n'],
  ['11011010 11000001 10001x11 11111110', 'PACIA171615, PACIB171615', 'x17 = x15-x17'],
  ['11011010 11000001 10111x11 11111110', 'AUTIA171615, AUTIB171615', 'x17 = x15-x17'],
];

const threeSources: readonly Row[] = [
  ['x0011011 000mmmmm xaaaaann nnnddddd', 'MADD, MSUB', 'd = n m a'],
  ['10011011 x01mmmmm xaaaaann nnnddddd', 'SMADDL, SMSUBL, UMADDL, UMSUBL', 'd = n m a'],
  ['10011011 x10mmmmm 0xxxxxnn nnnddddd', 'SMULH, UMULH', 'd = n m'],
  ['10011011 011mmmmm xaaaaann nnnddddd', 'MADDPT, MSUBPT', 'd = n m a'],
];

export const register: readonly Row[] = [
  ...sumsAndLogic,
  ...flags,
  ...twoSources,
  ...oneSource,
  ...threeSources,
];
