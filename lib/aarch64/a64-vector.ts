// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A64, "Data Processing -- Scalar Floating-Point and Advanced SIMD" (op0, bits
// 28:25, x111), SVE (0010), SME and UDF (0000). In the first two, what touches
// general registers or flags has rows of its own and the rest goes by class. Many
// SVE and SME instructions write flags, so only those that save and restore have
// rows: the kernel is compiled without them. The others are refused; they write
// general registers in the usual fields.

import type { Row } from './encoding.js';

const floatingPoint: readonly Row[] = [
  ['10011110 10101110 000000xx xxxddddd', 'FMOV (from the upper half of 128 bits)', 'd ='],
  ['10011110 10101111 000000nn nnnxxxxx', 'FMOV (to the upper half of 128 bits)', '= n'],
  ['x0x1111x 10xxxxxx xxxxxxxx xxxxxxxx', 'floating point of a type that there is none of', '?'],
  [
    'x0011110 xx1xx00x 000000xx xxxddddd',
    'FCVTNS, FCVTNU, FCVTPS, FCVTPU, FCVTMS, FCVTMU, FCVTZS, FCVTZU',
    'd =',
  ],
  ['x0011110 xx10010x 000000xx xxxddddd', 'FCVTAS, FCVTAU', 'd ='],
  ['x0011110 xx10001x 000000nn nnnxxxxx', 'SCVTF, UCVTF', '= n'],
  ['00011110 00100110 000000xx xxxddddd', 'FMOV (single to general)', 'd ='],
  ['00011110 00100111 000000nn nnnxxxxx', 'FMOV (general to single)', '= n'],
  ['10011110 01100110 000000xx xxxddddd', 'FMOV (double to general)', 'd ='],
  ['10011110 01100111 000000nn nnnxxxxx', 'FMOV (general to double)', '= n'],
  ['x0011110 11100110 000000xx xxxddddd', 'FMOV (half to general)', 'd ='],
  ['x0011110 11100111 000000nn nnnxxxxx', 'FMOV (general to half)', '= n'],
  ['00011110 01111110 000000xx xxxddddd', 'FJCVTZS', 'd nzcv ='],
  ['00011110 xx0xxxxx 0xxxxxxx xxxxxxxx', 'more than 32 fraction bits in 32', '?'],
  ['x0011110 xx01100x xxxxxxxx xxxddddd', 'FCVTZS, FCVTZU (fixed point)', 'd ='],
  ['x0011110 xx00001x xxxxxxnn nnnxxxxx', 'SCVTF, UCVTF (fixed point)', '= n'],
  ['00011110 xx1xxxxx 001000xx xxxxx000', 'FCMP, FCMPE', 'nzcv ='],
  ['00011110 xx1xxxxx xxxx01xx xxxxxxxx', 'FCCMP, FCCMPE', 'nzcv = nzcv'],
  ['00011110 xx1xxxxx xxxx11xx xxxxxxxx', 'FCSEL', '= nzcv'],
  ['00011110 xx1xxxxx xxx10000 000xxxxx', 'FMOV (immediate)', ''],
  ['00011111 xxxxxxxx xxxxxxxx xxxxxxxx', 'FMADD, FMSUB, FNMADD, FNMSUB', ''],
];

const advancedSimd: readonly Row[] = [
  ['0x001110 000x0000 0xxxx1xx xxxxxxxx', 'an element of no size', '?'],
  ['0x001110 000x1000 001011xx xxxxxxxx', 'a sign extension of 64 bits', '?'],
  ['00001110 000xx100 001011xx xxxxxxxx', 'a sign extension of 32 bits to 32', '?'],
  ['0x001110 000xxxxx 001011xx xxxddddd', 'SMOV', 'd ='],
  ['00001110 000x1000 00xx11xx xxxxxxxx', 'an element of 64 bits in 32, or one of them in a half', '?'],
  ['00001110 000xxxxx 001111xx xxxddddd', 'UMOV', 'd ='],
  ['01001110 000x1000 001111xx xxxddddd', 'UMOV', 'd ='],
  ['0x001110 000xxxxx 000011nn nnnxxxxx', 'DUP (general)', '= n'],
  ['01001110 000xxxxx 000111nn nnnxxxxx', 'INS (general)', '= n'],
];

/**
 * Classes whose operands are all vectors; a row may cover several. An unallocated word among them could only become
 * another of the kind.
 */
export const vectorClasses: readonly Row[] = [
  ['00011110 xx1xxxxx x10000xx xxxxxxxx', 'floating point, one source', ''],
  ['00011110 xx1xxxxx xxxx10xx xxxxxxxx', 'floating point, two sources', ''],
  ['01001110 xx10100x xxxx10xx xxxxxxxx', 'AES', ''],
  ['01011110 xx0xxxxx 0xxx00xx xxxxxxxx', 'SHA, three registers', ''],
  ['01011110 xx10100x xxxx10xx xxxxxxxx', 'SHA, two registers', ''],
  ['0xx01110 000xxxxx 0xxxx1xx xxxxxxxx', 'Advanced SIMD copy of an element', ''],
  ['01x11110 000xxxxx 0xxxx1xx xxxxxxxx', 'Advanced SIMD scalar copy', ''],
  ['0xx01110 xx0xxxxx 0xxx00xx xxxxxxxx', 'Advanced SIMD table lookup', ''],
  ['0x001110 xx0xxxxx 0xxx10xx xxxxxxxx', 'Advanced SIMD permute', ''],
  ['0x101110 xx0xxxxx 0xxxx0xx xxxxxxxx', 'Advanced SIMD extract', ''],
  ['0xxx1110 x10xxxxx 00xxx1xx xxxxxxxx', 'Advanced SIMD three same, half precision', ''],
  ['0xxx1110 xx0xxxxx 1xxxx1xx xxxxxxxx', 'Advanced SIMD three-register extension', ''],
  ['0xxx1110 x111100x xxxx10xx xxxxxxxx', 'Advanced SIMD two-register miscellaneous, half precision', ''],
  ['0xxx1110 xx10000x xxxx10xx xxxxxxxx', 'Advanced SIMD two-register miscellaneous', ''],
  ['0xxx1110 xx11000x xxxx10xx xxxxxxxx', 'Advanced SIMD across lanes, scalar pairwise', ''],
  ['0xxx1110 xx1xxxxx xxxx00xx xxxxxxxx', 'Advanced SIMD three different', ''],
  ['0xxx1110 xx1xxxxx xxxxx1xx xxxxxxxx', 'Advanced SIMD three same', ''],
  ['0xxx1111 0xxxxxxx xxxxx1xx xxxxxxxx', 'Advanced SIMD modified immediate, shift by immediate', ''],
  ['0xxx1111 xxxxxxxx xxxxx0xx xxxxxxxx', 'Advanced SIMD by indexed element', ''],
  ['11001110 0xxxxxxx 0xxxxxxx xxxxxxxx', 'SHA3, SM3, four registers', ''],
  ['11001110 010xxxxx 10xxxxxx xxxxxxxx', 'SM3, three registers', ''],
  ['11001110 011xxxxx 1x00xxxx xxxxxxxx', 'SHA512, three registers', ''],
  ['11001110 100xxxxx xxxxxxxx xxxxxxxx', 'XAR', ''],
  ['11001110 11000000 1000xxxx xxxxxxxx', 'SHA512, two registers', ''],
];

/** What saving and restoring vectors and asking for their length needs; most of the rest may write flags. */
const scalable: readonly Row[] = [
  ['00000000 00000000 xxxxxxxx xxxxxxxx', 'UDF', '', { branch: 'trap' }],
  ['10000101 10xxxxxx 010xxxnn nnnxxxxx', 'LDR (vector)', '= [n]'],
  ['10000101 10xxxxxx 000xxxnn nnn0xxxx', 'LDR (predicate)', '= [n]'],
  ['11100101 10xxxxxx 010xxxnn nnnxxxxx', 'STR (vector)', '[n] ='],
  ['11100101 10xxxxxx 000xxxnn nnn0xxxx', 'STR (predicate)', '[n] ='],
  ['00000100 10111111 01010xxx xxxddddd', 'RDVL', 'd ='],
  ['00000100 10111111 01011xxx xxxddddd', 'RDSVL', 'd ='],
  ['00000100 0x1nnnnn 0101xxxx xxxddddd', 'ADDVL, ADDPL, ADDSVL, ADDSPL', 'd|sp = n'],
  ['00000100 xx10xxxx 111000xx xxxddddd', 'CNTB, CNTH, CNTW, CNTD', 'd ='],
  ['00100101 00011001 11110000 0000xxxx', 'RDFFR', ''],
  ['00100101 00101000 1001000x xxx00000', 'WRFFR', ''],
  ['00100101 00101100 10010000 00000000', 'SETFFR', ''],
  ['00100101 xx011000 111000xx xxx0xxxx', 'PTRUE', ''],
  ['00100101 00011000 11100100 0000xxxx', 'PFALSE', ''],
  // Elements are selected by w12 to w15, slices by w8 to w15.
  ['xxx0010x xxxxxxxx xxxxxxxx xxxxxxxx', 'other SVE', '? = x12-x15'],
  ['1xx0000x xxxxxxxx xxxxxxxx xxxxxxxx', 'SME', '? = x8-x15'],
];

export const vector: readonly Row[] = [...floatingPoint, ...advancedSimd, ...vectorClasses, ...scalable];
