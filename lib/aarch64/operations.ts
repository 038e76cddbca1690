// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction computes, for the operations that compilers test a
// processor feature with or make an address of: constants, sums, masks, shifts,
// selections, simple loads. A word that is none of them is null, and a caller
// then has to assume anything of the registers that registersWritten() names.
// From the Arm ARM's "A64 instruction set encoding" (DDI 0487, C4).
//
// Odd: register 31 is SP in some operands and the zero register in others, so
// SP has a number of its own here.

import type { Register } from './instructions.js';

/** An operand that reads as zero and forgets what is written. */
export const ZERO = 31;
/** The stack pointer, where 31 means it. */
export const SP = 32;

/** How a register operand is changed before it is used: shifted, or cut, extended and shifted. */
export interface Adjustment {
  readonly kind:
    | 'lsl'
    | 'lsr'
    | 'asr'
    | 'ror'
    | 'uxtb'
    | 'uxth'
    | 'uxtw'
    | 'uxtx'
    | 'sxtb'
    | 'sxth'
    | 'sxtw'
    | 'sxtx';
  readonly amount: number;
}

/** A second operand: a constant, or a register after an adjustment. */
export type Operand =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'register'; readonly register: Register; readonly adjustment: Adjustment };

interface Common {
  readonly to: Register;
  /** 64 bits; else 32, and the upper half of the result is zero. */
  readonly wide: boolean;
}

/** A condition as in B.cond, 0 to 15. [Arm ARM C1.2.4 "Condition code"] */
export type Condition = number;

export type Operation =
  /** MOVZ, MOVN. */
  | (Common & { readonly kind: 'constant'; readonly value: bigint })
  /** MOVK: 16 bits at `shift` are replaced. */
  | (Common & { readonly kind: 'insert'; readonly value: bigint; readonly shift: number })
  /** ADR, ADRP: bytes from the instruction (ADRP: from its page). */
  | (Common & { readonly kind: 'address'; readonly page: boolean; readonly displacement: number })
  /** ADD, SUB and their S forms. */
  | (Common & {
      readonly kind: 'sum';
      readonly left: Register;
      readonly right: Operand;
      readonly subtract: boolean;
      readonly setsFlags: boolean;
    })
  /** AND, ORR, EOR, BIC, ORN, EON, ANDS, BICS. */
  | (Common & {
      readonly kind: 'logic';
      readonly operator: 'and' | 'or' | 'xor';
      readonly left: Register;
      readonly right: Operand;
      /** The right operand is complemented. */
      readonly invert: boolean;
      readonly setsFlags: boolean;
    })
  /** UBFM, SBFM: LSL, LSR, ASR, UBFX, SXTW, ... by immediate. */
  | (Common & {
      readonly kind: 'bitfield';
      readonly from: Register;
      readonly signed: boolean;
      readonly immr: number;
      readonly imms: number;
    })
  /** LSLV, LSRV, ASRV. */
  | (Common & {
      readonly kind: 'shift';
      readonly left: Register;
      readonly by: Register;
      readonly direction: 'left' | 'right' | 'arithmetic';
    })
  /** CSEL, CSINC, CSINV, CSNEG. */
  | (Common & {
      readonly kind: 'select';
      readonly condition: Condition;
      readonly whenTrue: Register;
      readonly whenFalse: Register;
      readonly change: 'none' | 'increment' | 'invert' | 'negate';
    })
  /** CCMP, CCMN: the flags of a difference or a sum, or `otherwise` (NZCV). */
  | (Common & {
      readonly kind: 'compare';
      readonly condition: Condition;
      readonly left: Register;
      readonly right: Operand;
      readonly subtract: boolean;
      readonly otherwise: number;
    })
  /** LDR, LDRB, LDRH, LDRSW, ... of one general register. */
  | (Common & {
      readonly kind: 'load';
      /** Bytes. */
      readonly size: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly address: LoadAddress;
    });

export type LoadAddress =
  | { readonly kind: 'literal'; readonly displacement: number }
  /** `pre`, `post`: the base is written back. */
  | {
      readonly kind: 'base';
      readonly base: Register;
      readonly displacement: number;
      readonly writeback: 'none' | 'pre' | 'post';
    }
  | {
      readonly kind: 'indexed';
      readonly base: Register;
      readonly index: Register;
      readonly adjustment: Adjustment;
    };

const field = (word: number, low: number, width: number): number => (word >>> low) & ((1 << width) - 1);
const bit = (word: number, at: number): boolean => ((word >>> at) & 1) !== 0;
const signedField = (word: number, low: number, width: number): number =>
  (word << (32 - low - width)) >> (32 - width);

const spOr = (register: Register): Register => (register === 31 ? SP : register);

const shifts = ['lsl', 'lsr', 'asr', 'ror'] as const;
const extensions = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'] as const;

const shifted = (word: number): Operand => ({
  kind: 'register',
  register: field(word, 16, 5),
  adjustment: { kind: shifts[field(word, 22, 2)] ?? 'lsl', amount: field(word, 10, 6) },
});

const ones = (count: number): bigint => (1n << BigInt(count)) - 1n;

/** The mask that N, immr and imms of a logical immediate stand for, or null. [Arm ARM, DecodeBitMasks] */
export const decodeBitMask = (n: number, immr: number, imms: number, wide: boolean): bigint | null => {
  const length = 31 - Math.clz32((n << 6) | (~imms & 63));
  if (length < 1 || (!wide && n === 1)) return null;
  const size = 1 << length;
  const s = imms & (size - 1);
  const r = immr & (size - 1);
  if (s === size - 1) return null;
  const run = ones(s + 1);
  const element = ((run >> BigInt(r)) | (run << BigInt(size - r))) & ones(size);
  let mask = 0n;
  for (let at = 0; at < (wide ? 64 : 32); at += size) mask |= element << BigInt(at);
  return mask;
};

const logicNames = ['and', 'or', 'xor', 'and'] as const;

interface Row {
  readonly mask: number;
  readonly value: number;
  readonly decode: (word: number, common: Common) => Operation | null;
}

const sum = (word: number, common: Common, right: Operand, stack: boolean): Operation => {
  const setsFlags = bit(word, 29);
  return {
    ...common,
    kind: 'sum',
    to: stack && !setsFlags ? spOr(common.to) : common.to,
    left: stack ? spOr(field(word, 5, 5)) : field(word, 5, 5),
    right,
    subtract: bit(word, 30),
    setsFlags,
  };
};

const rows: readonly Row[] = [
  // MOVN, MOVZ, MOVK
  {
    mask: 0x1f800000,
    value: 0x12800000,
    decode: (word, common) => {
      const shift = field(word, 21, 2) * 16;
      const opcode = field(word, 29, 2);
      if (opcode === 1 || (!common.wide && shift > 16)) return null;
      const value = BigInt(field(word, 5, 16));
      if (opcode === 3) return { ...common, kind: 'insert', value, shift };
      const placed = value << BigInt(shift);
      const all = ones(common.wide ? 64 : 32);
      return { ...common, kind: 'constant', value: opcode === 0 ? ~placed & all : placed };
    },
  },
  // ADR, ADRP
  {
    mask: 0x1f000000,
    value: 0x10000000,
    decode: (word, common) => {
      const page = bit(word, 31);
      const immediate = signedField(word, 5, 19) * 4 + field(word, 29, 2);
      return {
        ...common,
        wide: true,
        kind: 'address',
        page,
        displacement: page ? immediate * 4096 : immediate,
      };
    },
  },
  // ADD, SUB (immediate)
  {
    mask: 0x1f800000,
    value: 0x11000000,
    decode: (word, common) => {
      const value = BigInt(field(word, 10, 12)) << (bit(word, 22) ? 12n : 0n);
      return sum(word, common, { kind: 'constant', value }, true);
    },
  },
  // ADD, SUB (shifted register)
  {
    mask: 0x1f200000,
    value: 0x0b000000,
    decode: (word, common) => (field(word, 22, 2) === 3 ? null : sum(word, common, shifted(word), false)),
  },
  // ADD, SUB (extended register)
  {
    mask: 0x1fe00000,
    value: 0x0b200000,
    decode: (word, common) => {
      const kind = extensions[field(word, 13, 3)];
      const amount = field(word, 10, 3);
      if (kind === undefined || amount > 4) return null;
      const right: Operand = { kind: 'register', register: field(word, 16, 5), adjustment: { kind, amount } };
      return sum(word, common, right, true);
    },
  },
  // AND, ORR, EOR, ANDS (immediate)
  {
    mask: 0x1f800000,
    value: 0x12000000,
    decode: (word, common) => {
      const value = decodeBitMask(field(word, 22, 1), field(word, 16, 6), field(word, 10, 6), common.wide);
      const opcode = field(word, 29, 2);
      if (value === null) return null;
      return {
        ...common,
        kind: 'logic',
        to: opcode === 3 ? common.to : spOr(common.to),
        operator: logicNames[opcode] ?? 'and',
        left: field(word, 5, 5),
        right: { kind: 'constant', value },
        invert: false,
        setsFlags: opcode === 3,
      };
    },
  },
  // AND, BIC, ORR, ORN, EOR, EON, ANDS, BICS (shifted register)
  {
    mask: 0x1f000000,
    value: 0x0a000000,
    decode: (word, common) => {
      const opcode = field(word, 29, 2);
      return {
        ...common,
        kind: 'logic',
        operator: logicNames[opcode] ?? 'and',
        left: field(word, 5, 5),
        right: shifted(word),
        invert: bit(word, 21),
        setsFlags: opcode === 3,
      };
    },
  },
  // SBFM, UBFM (BFM keeps bits of its target and is left out)
  {
    mask: 0x1f800000,
    value: 0x13000000,
    decode: (word, common) => {
      const opcode = field(word, 29, 2);
      const immr = field(word, 16, 6);
      const imms = field(word, 10, 6);
      const width = common.wide ? 64 : 32;
      if (opcode === 1 || opcode === 3 || bit(word, 22) !== common.wide) return null;
      if (immr >= width || imms >= width) return null;
      return { ...common, kind: 'bitfield', from: field(word, 5, 5), signed: opcode === 0, immr, imms };
    },
  },
  // LSLV, LSRV, ASRV
  {
    mask: 0x7fe0f000,
    value: 0x1ac02000,
    decode: (word, common) => {
      const direction = (['left', 'right', 'arithmetic', null] as const)[field(word, 10, 2)] ?? null;
      if (direction === null) return null;
      return { ...common, kind: 'shift', left: field(word, 5, 5), by: field(word, 16, 5), direction };
    },
  },
  // CSEL, CSINC, CSINV, CSNEG
  {
    mask: 0x3fe00800,
    value: 0x1a800000,
    decode: (word, common) => {
      const changes = ['none', 'increment', 'invert', 'negate'] as const;
      return {
        ...common,
        kind: 'select',
        condition: field(word, 12, 4),
        whenTrue: field(word, 5, 5),
        whenFalse: field(word, 16, 5),
        change: changes[(bit(word, 30) ? 2 : 0) + (bit(word, 10) ? 1 : 0)] ?? 'none',
      };
    },
  },
  // CCMN, CCMP (register; immediate: bit 11)
  {
    mask: 0x3fe00410,
    value: 0x3a400000,
    decode: (word, { wide }) => {
      const value = field(word, 16, 5);
      return {
        to: ZERO,
        wide,
        kind: 'compare',
        condition: field(word, 12, 4),
        left: field(word, 5, 5),
        right: bit(word, 11)
          ? { kind: 'constant', value: BigInt(value) }
          : { kind: 'register', register: value, adjustment: { kind: 'lsl', amount: 0 } },
        subtract: bit(word, 30),
        otherwise: word & 15,
      };
    },
  },
  // LDR (literal), LDRSW (literal)
  {
    mask: 0x3f000000,
    value: 0x18000000,
    decode: (word, { to }) => {
      const opcode = word >>> 30;
      if (opcode === 3) return null; // PRFM
      const address = { kind: 'literal', displacement: signedField(word, 5, 19) * 4 } as const;
      return {
        to,
        kind: 'load',
        wide: opcode !== 0,
        size: opcode === 1 ? 8 : 4,
        signed: opcode === 2,
        address,
      };
    },
  },
  // LDR* (unsigned offset)
  {
    mask: 0x3f000000,
    value: 0x39000000,
    decode: (word, { to }) => {
      const base = spOr(field(word, 5, 5));
      const displacement = field(word, 10, 12) << (word >>> 30);
      return load(word, to, { kind: 'base', base, displacement, writeback: 'none' });
    },
  },
  // LDUR*, LDR* post- and pre-indexed, LDTR*
  {
    mask: 0x3f200000,
    value: 0x38000000,
    decode: (word, { to }) => {
      const writeback = (['none', 'post', 'none', 'pre'] as const)[field(word, 10, 2)] ?? 'none';
      const base = spOr(field(word, 5, 5));
      return load(word, to, { kind: 'base', base, displacement: signedField(word, 12, 9), writeback });
    },
  },
  // LDR* (register offset)
  {
    mask: 0x3f200c00,
    value: 0x38200800,
    decode: (word, { to }) => {
      const kind = ({ 2: 'uxtw', 3: 'lsl', 6: 'sxtw', 7: 'sxtx' } as const)[field(word, 13, 3)];
      if (kind === undefined) return null;
      const amount = bit(word, 12) ? word >>> 30 : 0;
      const base = spOr(field(word, 5, 5));
      return load(word, to, {
        kind: 'indexed',
        base,
        index: field(word, 16, 5),
        adjustment: { kind, amount },
      });
    },
  },
];

const load = (word: number, to: Register, address: LoadAddress): Operation | null => {
  const size = ([1, 2, 4, 8] as const)[word >>> 30];
  const opcode = field(word, 22, 2);
  if (size === undefined || opcode === 0) return null; // a store
  if (opcode >= 2 && (size === 8 || (size === 4 && opcode === 3))) return null; // PRFM, unallocated
  const signed = opcode >= 2;
  return { to, kind: 'load', size, signed, wide: signed ? opcode === 2 : size === 8, address };
};

const rowsByTop: readonly (readonly Row[])[] = Array.from({ length: 256 }, (_, top) =>
  rows.filter((row) => ((top << 24) & row.mask & 0xff000000) >>> 0 === (row.value & 0xff000000) >>> 0),
);

/** What a word computes, or null. */
export const decodeOperation = (word: number): Operation | null => {
  for (const row of rowsByTop[word >>> 24] ?? []) {
    if ((word & row.mask) >>> 0 === row.value >>> 0) {
      return row.decode(word, { to: word & 31, wide: bit(word, 31) });
    }
  }
  return null;
};

/** What decides a conditional branch. */
export type Test =
  | { readonly kind: 'flags'; readonly condition: Condition }
  /** CBZ, CBNZ: taken if the register is (not) zero. */
  | { readonly kind: 'zero'; readonly register: Register; readonly wide: boolean; readonly negate: boolean }
  /** TBZ, TBNZ: taken if the bit is (not) zero. */
  | { readonly kind: 'bit'; readonly register: Register; readonly bit: number; readonly negate: boolean };

/** What decides whether a conditional branch is taken; null for branches it does not know. */
export const decodeTest = (word: number): Test | null => {
  if (word >>> 24 === 0x54) return { kind: 'flags', condition: word & 15 };
  const register = word & 31;
  const negate = bit(word, 24);
  if ((word & 0x7e000000) === 0x34000000) return { kind: 'zero', register, wide: bit(word, 31), negate };
  if ((word & 0x7e000000) === 0x36000000) {
    return { kind: 'bit', register, bit: field(word, 19, 5) + (bit(word, 31) ? 32 : 0), negate };
  }
  return null;
};

/**
 * Whether a word surely leaves the condition flags alone: loads and stores, address and constant formation, sums and
 * masks without S, bit fields, selections, hints, system register moves other than to NZCV, branches.
 */
export const keepsFlags = (word: number): boolean => {
  const group = (word >>> 25) & 15;
  if ((group & 0b1110) === 0b1000) {
    // Immediates: ADDS, SUBS, ANDS have bit 29 set; MOVK and UBFM have not the meaning S.
    const isSum = (word & 0x1f800000) === 0x11000000;
    const isAnds = (word & 0x7f800000) === 0x72000000;
    return !(isSum && bit(word, 29)) && !isAnds && (word & 0x1f800000) !== 0x11800000;
  }
  if ((group & 0b1110) === 0b1010) {
    // Hints, barriers and MRS; MSR to NZCV and CFINV are among the rest. HVC and SMC come back with other flags.
    if ((word & 0xfffff01f) >>> 0 === 0xd503201f || (word & 0xfffff01f) >>> 0 === 0xd503301f) return true;
    if ((word & 0xfff00000) >>> 0 === 0xd5300000) return true; // MRS
    if ((word & 0xfff00000) >>> 0 === 0xd5100000) return (word & 0xffffffe0) >>> 0 !== 0xd51b4200;
    return (word & 0x7c000000) === 0x14000000 || word >>> 24 === 0x54 || (word & 0x7c000000) === 0x34000000;
  }
  if ((group & 0b0111) === 0b0101) {
    if ((word & 0x1f000000) === 0x0a000000) return (word & 0x60000000) !== 0x60000000;
    if ((word & 0x1f000000) === 0x0b000000) return !bit(word, 29);
    return (
      (word & 0x1fe00000) === 0x1a800000 ||
      (word & 0x1f000000) === 0x1b000000 ||
      (word & 0x7fe00000) === 0x1ac00000
    );
  }
  if ((word & 0x0a000000) === 0x08000000) return (word & 0x3b200c00) !== 0x19000400; // memory copy and set write flags
  return false;
};
