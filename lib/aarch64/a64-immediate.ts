// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A64, "Data Processing -- Immediate": op0 (bits 28:25) 100x.

import type { Row } from './encoding.js';
import {
  address,
  bitfield,
  constantMove,
  hasBitMask,
  immediateLogic,
  immediateSum,
  insertingMove,
  rotation,
} from './operation-forms.js';

export const immediate: readonly Row[] = [
  ['0xx10000 xxxxxxxx xxxxxxxx xxxddddd', 'ADR', 'd =', { operation: address }],
  ['1xx10000 xxxxxxxx xxxxxxxx xxxddddd', 'ADRP', 'd =', { operation: address }],
  ['10010001 0xxxxxxx xxxxxxnn nnnddddd', 'ADD (immediate, 64 bits)', 'd = n', { operation: immediateSum }],
  ['xx010001 0xxxxxxx xxxxxxnn nnnddddd', 'ADD, SUB (immediate)', 'd = n', { operation: immediateSum }],
  [
    'xx110001 0xxxxxxx xxxxxxnn nnnddddd',
    'ADDS, SUBS (immediate)',
    'd nzcv = n',
    { operation: immediateSum },
  ],
  ['1x010001 10xxxxxx 00xxxxnn nnnddddd', 'ADDG, SUBG', 'd|sp = n'],
  ['x0010001 1100xxxx xxxxxxnn nnnddddd', 'SMAX, UMAX, SMIN, UMIN (immediate)', 'd = n'],
  [
    'x1110010 0xxxxxxx xxxxxxnn nnnddddd',
    'ANDS (immediate)',
    'd nzcv = n',
    { operation: immediateLogic, fits: hasBitMask },
  ],
  [
    'xxx10010 0xxxxxxx xxxxxxnn nnnddddd',
    'AND, ORR, EOR (immediate)',
    'd = n',
    { operation: immediateLogic, fits: hasBitMask },
  ],
  ['0xx10010 11xxxxxx xxxxxxxx xxxxxxxx', 'a move to the upper half in 32 bits', '?'],
  ['xx010010 1xxxxxxx xxxxxxxx xxxddddd', 'MOVN, MOVZ', 'd =', { operation: constantMove }],
  ['x1110010 1xxxxxxx xxxxxxxx xxxddddd', 'MOVK', 'd = d', { operation: insertingMove }],
  ['1x010011 01xxxxxx xxxxxxnn nnnddddd', 'SBFM, UBFM', 'd = n', { operation: bitfield }],
  ['0x010011 000xxxxx 0xxxxxnn nnnddddd', 'SBFM, UBFM', 'd = n', { operation: bitfield }],
  ['10110011 01xxxxxx xxxxxxnn nnnddddd', 'BFM', 'd = d n'],
  ['00110011 000xxxxx 0xxxxxnn nnnddddd', 'BFM', 'd = d n'],
  ['10010011 110mmmmm xxxxxxnn nnnddddd', 'EXTR', 'd = n m', { operation: rotation }],
  ['00010011 100mmmmm 0xxxxxnn nnnddddd', 'EXTR', 'd = n m', { operation: rotation }],
  ['11110011 10xxxxxx xxxxxxxx xxx11111', 'AUTIASPPC, AUTIBSPPC', 'x30 = x30'],
];
