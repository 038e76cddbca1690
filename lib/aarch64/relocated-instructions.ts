// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which instructions a relocation type can patch, by its ABI name: bits in the
// notation of the A64 table (encoding.ts). A type on any other instruction would
// patch something that is not an address, so its symbol would not say what
// happens. [AAELF64 "Static AArch64 relocations": the column of the instruction]

import { Encoding } from './encoding.js';
import { relocationTypes } from './relocation-types.js';

const rest = 'xxxxxxxx xxxxxxxx';
const branch26 = [`x00101xx xxxxxxxx ${rest}`];
const loadLiteral = [`xx011x00 xxxxxxxx ${rest}`];
const moveWide = [`xxx10010 1xxxxxxx ${rest}`];
const load64 = [`11111001 01xxxxxx ${rest}`];

const rows: readonly (readonly [names: RegExp, bits: readonly string[]])[] = [
  // Linkers accept B with CALL26 and BL with JUMP26.
  [/^(CALL|JUMP)26$/, branch26],
  [/^CONDBR19$/, [`01010100 xxxxxxxx ${rest}`, `x011010x xxxxxxxx ${rest}`]],
  [/^TSTBR14$/, [`x011011x xxxxxxxx ${rest}`]],
  [/^(GOT_|TLSIE_)?LD_(GOTT)?PREL/, loadLiteral],
  [/^ADR_PREL_LO21$/, [`0xx10000 xxxxxxxx ${rest}`]],
  [/^(TLSIE_)?ADR_(PREL_PG|GOT_PAGE|GOTTPREL)/, [`1xx10000 xxxxxxxx ${rest}`]],
  [/^ADD_ABS_LO12_NC$/, [`x0x10001 00xxxxxx ${rest}`]],
  [/^LDST8_/, [`00111x01 xxxxxxxx ${rest}`]],
  [/^LDST16_/, [`01111x01 xxxxxxxx ${rest}`]],
  [/^LDST32_/, [`10111x01 xxxxxxxx ${rest}`]],
  [/^LDST64_/, [`11111x01 xxxxxxxx ${rest}`]],
  [/^LDST128_/, [`00111101 1xxxxxxx ${rest}`]],
  [/^(TLSIE_)?LD64_GOT/, load64],
  [/^MOVW_/, moveWide],
];

/** By number. Types for data are not in it. */
const encodings: ReadonlyMap<number, readonly Encoding[]> = new Map(
  [...relocationTypes].flatMap(([type, { name }]) => {
    const bits = rows.find(([names]) => names.test(name))?.[1];
    return bits ? [[type, bits.map((one) => new Encoding([one, name, '']))] as const] : [];
  }),
);

/** Whether a relocation patches an instruction, and not data. */
export const patchesInstruction = (type: number): boolean => encodings.has(type);

/** Whether a relocation type for instructions can patch this instruction. */
export const fitsInstruction = (type: number, word: number): boolean =>
  encodings.get(type)?.some(({ mask, value }) => (word & mask) === value) ?? false;

/** ADRP, and a BL to itself: in an object, an assembler never leaves either without a relocation. */
export const needsRelocation = (word: number): boolean =>
  word === 0x94000000 || (word & 0x9f000000) >>> 0 === 0x90000000;

/** `b .`: what a linker makes something else of, or an endless loop. */
export const branchesToItself = (word: number): boolean => word === 0x14000000;

/** Bytes that a relocation for data patches; null for other types. */
export const dataWidth = (type: number): number | null => {
  const bits = /^(?:ABS|PREL|PLT)(16|32|64)$/.exec(relocationTypes.get(type)?.name ?? '')?.[1];
  return bits === undefined ? null : Number(bits) / 8;
};

/** Bytes from a 64-bit LDR (literal) to what it loads; null for other instructions. */
export const wideLiteral = (word: number): number | null =>
  word >>> 24 === 0x58 ? ((word << 8) >> 13) * 4 : null;
