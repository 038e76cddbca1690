// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Instructions that no compiler makes of the kernel's C. Only the registers and
// flags that they change are known here. Written from the Arm ARM, like the rest,
// and not from the table in lib/aarch64.

import { ANY_FLAGS } from './flags.js';
import { bits, type Effect } from './step.js';
import { UNKNOWN } from './value.js';

/** Consecutive registers: lowest bit of the number of the first, and how many. */
type Field = readonly [at: number, count: number];

const D: Field = [0, 1];
const N: Field = [5, 1];
const S: Field = [16, 1];

const changes =
  (areFlags: boolean, ...fields: readonly Field[]): Effect =>
  (step) => {
    for (const [at, count] of fields) {
      const first = bits(step.word, at, 5);
      for (let next = 0; next < count; next++) step.write(first + next, UNKNOWN, false, 64);
    }
    if (areFlags) step.state.flags = ANY_FLAGS;
    return step.next();
  };

const flags = changes(true);

export const SIDE_EFFECTS: readonly (readonly [number, number, Effect])[] = [
  [0xffffffc0, 0xd53b2400, changes(true, D)], // MRS RNDR, RNDRRS
  [0xfff00000, 0xd5700000, changes(false, [0, 2])], // MRRS
  [0xfffffee0, 0xd5233060, changes(false, D)], // TSTART, TTEST
  [0xffe07c10, 0xba000400, flags], // RMIF
  [0xffffbc1f, 0x3a00080d, flags], // SETF8, SETF16
  [0xffe0fc00, 0xbac00000, changes(true, D)], // SUBPS
  [0xffffc000, 0xdac10000, changes(false, D)], // PAC*, AUT*
  [0xfbe00c00, 0x19c00400, changes(true, D, N)], // SET*
  [0xfb200c00, 0x19000400, changes(true, D, N, S)], // CPY*
  [0xbf20fc00, 0x19200800, changes(true, S)], // RCWCAS
  [0xbf20fc00, 0x19200c00, changes(true, [16, 2])], // RCWCASP
  [0xbf20fc00, 0x19209000, changes(true, D, S)], // RCWCLRP
  [0xbf20fc00, 0x1920a000, changes(true, D, S)], // RCWSWPP
  [0xbf20fc00, 0x1920b000, changes(true, D, S)], // RCWSETP
  [0xff20fc00, 0x19201000, changes(false, D, S)], // LDCLRP
  [0xff20fc00, 0x19203000, changes(false, D, S)], // LDSETP
  [0xff20fc00, 0x19208000, changes(false, D, S)], // SWPP
  [0xbf20fc00, 0x38209000, changes(true, D)], // RCWCLR
  [0xbf20fc00, 0x3820a000, changes(true, D)], // RCWSWP
  [0xbf20fc00, 0x3820b000, changes(true, D)], // RCWSET
  [0xfffffc00, 0xf83fd000, changes(false, [0, 8])], // LD64B
  [0xffe0ec00, 0xf820a000, changes(false, S)], // ST64BV0, ST64BV
  [0xff200c00, 0xf8200c00, changes(false, D, N)], // LDRAA, LDRAB with write-back
  [0xbfe0fc00, 0x99400800, changes(false, D, S, N)], // LDIAPP with write-back
  [0xbfe0fc00, 0x99401800, changes(false, D, S)], // LDIAPP
  [0xbfe0fc00, 0x99000800, changes(false, N)], // STILP with write-back
  [0xbffffc00, 0x99c00800, changes(false, D, N)], // LDAPR with write-back
  [0xff200400, 0xd9200400, changes(false, N)], // STG and the like with write-back
  [0xffe00c00, 0xd9600000, changes(false, D)], // LDG
  [0xbea00000, 0x0c800000, changes(false, N)], // LD1 to LD4, ST1 to ST4 with write-back
  [0xff20fc07, 0x1e202000, flags], // FCMP, FCMPE
  [0xff200c00, 0x1e200400, flags], // FCCMP, FCCMPE
  [0xfffffc00, 0x1e7e0000, changes(true, D)], // FJCVTZS
  [0x7f26fc00, 0x1e200000, changes(false, D)], // FCVT*S, FCVT*U
  [0x7f27fc00, 0x1e260000, changes(false, D)], // FMOV to a general register
  [0x7f3e0000, 0x1e180000, changes(false, D)], // FCVTZS, FCVTZU to fixed point
  [0xbfe0ec00, 0x0e002c00, changes(false, D)], // SMOV, UMOV
  [0xffffc21f, 0x2550c000, flags], // PTEST
  [0xff3ffc10, 0x2519e000, flags], // PTRUES
  [0xfffffe10, 0x2558f000, flags], // RDFFRS
  [0xff20e000, 0x25200000, flags], // WHILE*
  [0xffa0fc0f, 0x25a02000, flags], // CTERMEQ, CTERMNE
  [0xff20e000, 0x45208000, flags], // MATCH, NMATCH
  [0xfffff800, 0x04bf5000, changes(false, D)], // RDVL
  [0xff30fc00, 0x0420e000, changes(false, D)], // CNTB, CNTH, CNTW, CNTD
  [0xff3ffe00, 0x252c8800, changes(false, D)], // INCP
  [0xff3fc200, 0x25208000, changes(false, D)], // CNTP
  [0xff3fe000, 0x0521a000, changes(false, D)], // LASTB
];
