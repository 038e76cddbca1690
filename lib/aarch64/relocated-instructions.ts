// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which instructions a relocation type can patch, by its ABI's name: bits in the
// notation of the A64 table (encoding.ts). A type on another instruction would
// patch something else than an address, and what it names is not what happens.
// [AAELF64 "Static AArch64 relocations": the column of the instruction]

import { Encoding } from './encoding.js';
import { relocationTypes } from './relocation-types.js';

const rest = 'xxxxxxxx xxxxxxxx';
const branch26 = [`x00101xx xxxxxxxx ${rest}`];
const loadLiteral = [`xx011x00 xxxxxxxx ${rest}`];
const moveWide = [`xxx10010 1xxxxxxx ${rest}`];
const load64 = [`11111001 01xxxxxx ${rest}`];

const rows: readonly (readonly [names: RegExp, bits: readonly string[]])[] = [
  // B under CALL26 and BL under JUMP26: linkers take either.
  [/^(CALL|JUMP)26$/, branch26],
  [/^CONDBR19$/, [`01010100 xxxxxxxx ${rest}`, `x011010x xxxxxxxx ${rest}`]],
  [/^TSTBR14$/, [`x011011x xxxxxxxx ${rest}`]],
  [/^(GOT_)?LD_PREL/, loadLiteral],
  [/^ADR_PREL_LO21$/, [`0xx10000 xxxxxxxx ${rest}`]],
  [/^ADR_(PREL_PG|GOT_PAGE)/, [`1xx10000 xxxxxxxx ${rest}`]],
  [/^ADD_ABS_LO12_NC$/, [`x0x10001 00xxxxxx ${rest}`]],
  [/^LDST8_/, [`00111x01 xxxxxxxx ${rest}`]],
  [/^LDST16_/, [`01111x01 xxxxxxxx ${rest}`]],
  [/^LDST32_/, [`10111x01 xxxxxxxx ${rest}`]],
  [/^LDST64_/, [`11111x01 xxxxxxxx ${rest}`]],
  [/^LDST128_/, [`00111101 1xxxxxxx ${rest}`]],
  [/^LD64_GOT/, load64],
  [/^MOVW_/, moveWide],
];

/** By number. Types of data are not in it. */
const encodings: ReadonlyMap<number, readonly Encoding[]> = new Map(
  [...relocationTypes].flatMap(([type, { name }]) => {
    const bits = rows.find(([names]) => names.test(name))?.[1];
    return bits ? [[type, bits.map((one) => new Encoding([one, name, '']))] as const] : [];
  }),
);

/** Whether a relocation patches an instruction, not data. */
export const patchesInstruction = (type: number): boolean => encodings.has(type);

/** Whether an instruction is one that a relocation type of instructions can patch. */
export const fitsInstruction = (type: number, word: number): boolean =>
  encodings.get(type)?.some(({ mask, value }) => (word & mask) === value) ?? false;

/** ADRP, and a BL that calls itself: an assembler never leaves either without a relocation in an object. */
export const needsRelocation = (word: number): boolean =>
  word === 0x94000000 || (word & 0x9f000000) >>> 0 === 0x90000000;

/** Bytes that a relocation of data patches; null for other types. */
export const dataWidth = (type: number): number | null => {
  const bits = /^(?:ABS|PREL|PLT)(16|32|64)$/.exec(relocationTypes.get(type)?.name ?? '')?.[1];
  return bits === undefined ? null : Number(bits) / 8;
};
