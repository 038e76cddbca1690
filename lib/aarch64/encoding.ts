// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The notation of a row of the A64 table, and what the decoder makes of it. A row
// has the bits of an encoding as the Arm ARM draws them, and says in one short
// line what the instruction does to registers, flags and memory:
//
//   ['xx001000 000sssss xxxxxxnn nnnttttt', 'STXR', 's [n] = t']
//
// Bits: 0 and 1 are fixed; a letter repeated five times is a register field,
// named as in the Arm ARM (d for Rd, t, u for Rt and Rt2, ...); `i` is a
// displacement in words; x is anything.
//
// What it does: what it writes = what it reads.
//   n        the general register in that field; 31 does not count: it is SP or the zero register
//   d|sp     (on the left) the same, but 31 is SP; sp: SP may change whatever the fields are
//   s:2      that register and the next, two in all
//   x16 x0-x17  registers that the encoding does not name; scratch: those that a call may change, and x30
//   nzcv     the condition flags (on the left: they change)
//   [n]      memory at that register; [n+m] with an index, [n!] with write-back, [n!+m] stepped by a register, [pc] at
//            a displacement. On the left it is a store of what stands on the right; otherwise it is a load
//   prefetch  (on the left) nothing is loaded
//
// A row that begins with `?` is refused: unallocated, or not modelled. The word may
// then read and write every register that any of its fields can name, and those
// that the row adds, and change the flags.

import type { BaseAddress, Operation, Test } from './operations.js';
import { CALLER_SAVED, LINK } from './registers.js';

/**
 * - jump: B, always taken; conditional: both ways; call: BL, which returns
 * - indirect-jump, indirect-call: BR, BLR and their authenticated forms
 * - return: RET; exception-return: ERET, DRPS
 * - breakpoint: BRK, whose handler may return; trap: UDF, HLT
 */
export type BranchKind =
  | 'jump'
  | 'conditional'
  | 'call'
  | 'indirect-jump'
  | 'indirect-call'
  | 'return'
  | 'exception-return'
  | 'breakpoint'
  | 'trap';

export interface Meaning {
  readonly branch?: BranchKind;
  /** What decides a conditional branch. */
  readonly test?: (word: number) => Test;
  /** Base, displacement and size in bytes of the first register that a load or store transfers. */
  readonly place?: (word: number) => BaseAddress & { readonly size: number };
  readonly operation?: (word: number) => Operation | null;
  /** Whether the fields have values that the row is for, if fixed bits cannot say so. */
  readonly fits?: (word: number) => boolean;
}

/** Bits, the Arm ARM's name of the instruction or class, what it does. */
export type Row = readonly [bits: string, name: string, does: string, meaning?: Meaning];

/** `count` consecutive registers, the first in a field of five bits. */
interface Field {
  /** Lowest bit. */
  readonly at: number;
  readonly count: number;
}

interface MemoryEffect {
  readonly access: 'load' | 'store' | 'prefetch';
  readonly mode: 'offset' | 'register' | 'literal';
  /** Lowest bit of the base register's field; null for literals. */
  readonly base: number | null;
  readonly writeback: boolean;
}

/** One side of what an instruction does: registers by field, and those that no field names as a mask. */
interface Registers {
  readonly fields: readonly Field[];
  readonly always: number;
}

export interface Effect {
  /** Lowest bit and width of the displacement's field. */
  readonly displacement: { readonly at: number; readonly width: number } | null;
  readonly isRefused: boolean;
  readonly changesFlags: boolean;
  /** Lowest bit of the field that is 31 where SP changes; true: it may always change. */
  readonly stack: number | boolean;
  readonly memory: MemoryEffect | null;
  /** Without the base register of memory; `data` is what is read besides base and index. */
  readonly writes: Registers;
  readonly reads: Registers;
  readonly data: Registers;
}

/** Where A64 has register fields: Rd or Rt, Rn, Ra or Rt2, Rm or Rs. */
const anyField: readonly Field[] = [0, 5, 10, 16].map((at) => ({ at, count: 1 }));

const registerMask = (first: number, last: number): number => 2 ** (last + 1) - 2 ** first;

/** The registers in the fields of a word, as a mask. Number 31 is none of x0 to x30. */
export const registersOf = ({ fields, always }: Registers, word: number): number => {
  let mask = always;
  for (let index = 0; index < fields.length; index++) {
    const { at, count } = fields[index] as Field;
    const first = (word >>> at) & 31;
    mask |= count === 1 ? 1 << first : registerMask(first, first + count - 1);
  }
  return mask & 0x7fffffff;
};

export class Encoding {
  readonly mask: number;
  readonly value: number;
  readonly name: string;
  readonly meaning: Meaning;
  readonly bits: string;
  readonly does: string;
  #effect: Effect | undefined;

  constructor([bits, name, does, meaning = {}]: Row) {
    this.bits = bits;
    this.does = does;
    this.name = name;
    this.meaning = meaning;
    let mask = 0;
    let value = 0;
    for (let at = 0; at < bits.length; at++) {
      const bit = bits[at];
      if (bit === ' ') continue;
      mask = (mask << 1) | (bit === '0' || bit === '1' ? 1 : 0);
      value = (value << 1) | (bit === '1' ? 1 : 0);
    }
    this.mask = mask;
    this.value = value;
  }

  /** Whether a word with the row's fixed bits has field values that the row is for. */
  fits(word: number): boolean {
    return this.meaning.fits === undefined || this.meaning.fits(word);
  }

  /** What it does to registers, flags and memory; parsed when first asked for. */
  get effect(): Effect {
    this.#effect ??= this.#readEffect();
    return this.#effect;
  }

  #readEffect(): Effect {
    const isRefused = this.does.startsWith('?');
    const tokens = this.does.replace('?', '').split(' ');
    const middle = tokens.indexOf('=');
    const left = tokens.slice(0, Math.max(0, middle));
    const right = tokens.slice(middle + 1);
    const memory = this.#memory(left, right);
    const address = memory.fields.map((at) => ({ at, count: 1 }));
    const writes = this.#registers(left);
    const data = this.#registers(right);
    const named = isRefused ? anyField : [];
    return {
      displacement: this.#displacement(),
      isRefused,
      changesFlags: isRefused || left.includes('nzcv'),
      stack: isRefused || left.includes('sp') || this.#stackField(left),
      memory: memory.effect,
      writes: { fields: [...writes.fields, ...named], always: writes.always },
      reads: { fields: [...data.fields, ...address, ...named], always: data.always },
      data,
    };
  }

  #stackField(left: readonly string[]): number | false {
    const token = left.find((one) => one.endsWith('|sp'));
    return token !== undefined && this.#lowest(token.charAt(0));
  }

  #displacement(): Effect['displacement'] {
    const first = this.bits.indexOf('i');
    if (first < 0) return null;
    const at = this.#lowest('i');
    return { at, width: bitAt(first) + 1 - at };
  }

  #memory(
    left: readonly string[],
    right: readonly string[],
  ): { readonly effect: MemoryEffect | null; readonly fields: readonly number[] } {
    const stored = left.find(isMemory);
    const token = stored ?? right.find(isMemory);
    if (token === undefined) return { effect: null, fields: [] };
    const access = stored !== undefined ? 'store' : left.includes('prefetch') ? 'prefetch' : 'load';
    const writeback = token.includes('!');
    if (token === '[pc]') return { effect: { access, mode: 'literal', base: null, writeback }, fields: [] };
    const base = this.#lowest(token.charAt(1));
    const index = token.indexOf('+');
    const mode = index > 0 && !writeback ? 'register' : 'offset';
    const fields = index > 0 ? [base, this.#lowest(token.charAt(index + 1))] : [base];
    return { effect: { access, mode, base, writeback }, fields };
  }

  #registers(tokens: readonly string[]): Registers {
    const fields: Field[] = [];
    let always = 0;
    for (const token of tokens) {
      const isMany = token.charAt(1) === ':';
      if (token === 'scratch') always |= CALLER_SAVED | LINK;
      else if (token.startsWith('x')) {
        const [first = '', last = first] = token.split('-');
        always |= registerMask(Number(first.slice(1)), Number(last.slice(1)));
      } else if (isMany || token.length === 1 || token.endsWith('|sp')) {
        fields.push({ at: this.#lowest(token.charAt(0)), count: isMany ? Number(token.charAt(2)) : 1 });
      }
    }
    return { fields, always };
  }

  /** The lowest bit of a letter's field. */
  #lowest(letter: string): number {
    return bitAt(this.bits.lastIndexOf(letter));
  }
}

const isMemory = (token: string): boolean => token.startsWith('[');

/** The bit number of a character of a row's bits, which are in groups of eight. */
const bitAt = (character: number): number => 31 - (character - Math.floor(character / 9));
