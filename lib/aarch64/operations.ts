// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction computes or tests, for the operations with which compilers
// test a CPU capability or form an address: constants, sums, masks, shifts,
// selections, simple loads.
//
// Odd: register 31 is SP in some operands and the zero register in others, so SP
// has a number of its own here.

/** A register number, 0 to 30 for x0 to x30; 31 is SP or the zero register. */
export type Register = number;

/** The zero register: reads as zero, ignores writes. */
export const ZERO = 31;
/** The stack pointer, where 31 stands for it. */
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

export interface Result {
  readonly to: Register;
  /** 64 bits; else 32 bits, and the upper half of the result is zero. */
  readonly wide: boolean;
}

/** A condition as in B.cond, 0 to 15. [Arm ARM C1.2.4 "Condition code"] */
export type Condition = number;

/** Equal, unequal, and of numbers without a sign lower, and lower or the same. */
export const EQ = 0;
export const NE = 1;
export const LO = 3;
export const LS = 9;

export type Operation =
  /** MOVZ, MOVN. */
  | (Result & { readonly kind: 'constant'; readonly value: bigint })
  /** MOVK: 16 bits at `shift` are replaced. */
  | (Result & { readonly kind: 'insert'; readonly value: bigint; readonly shift: number })
  /** ADR, ADRP: bytes from the instruction (ADRP: from its page). */
  | (Result & { readonly kind: 'address'; readonly page: boolean; readonly displacement: number })
  /** ADD, SUB and their S forms. */
  | (Result & {
      readonly kind: 'sum';
      readonly left: Register;
      readonly right: Operand;
      readonly subtract: boolean;
      readonly setsFlags: boolean;
    })
  /** AND, ORR, EOR, BIC, ORN, EON, ANDS, BICS. */
  | (Result & {
      readonly kind: 'logic';
      readonly operator: 'and' | 'or' | 'xor';
      readonly left: Register;
      readonly right: Operand;
      /** The right operand is complemented. */
      readonly invert: boolean;
      readonly setsFlags: boolean;
    })
  /** UBFM, SBFM: LSL, LSR, ASR, UBFX, SXTW, ... by immediate. */
  | (Result & {
      readonly kind: 'bitfield';
      readonly from: Register;
      readonly signed: boolean;
      readonly immr: number;
      readonly imms: number;
    })
  /** LSLV, LSRV, ASRV. */
  | (Result & {
      readonly kind: 'shift';
      readonly left: Register;
      readonly by: Register;
      readonly direction: 'left' | 'right' | 'arithmetic';
    })
  /** CSEL, CSINC, CSINV, CSNEG. */
  | (Result & {
      readonly kind: 'select';
      readonly condition: Condition;
      readonly whenTrue: Register;
      readonly whenFalse: Register;
      readonly change: 'none' | 'increment' | 'invert' | 'negate';
    })
  /** CCMP, CCMN: the flags of a difference or a sum, or `otherwise` (NZCV). */
  | (Result & {
      readonly kind: 'compare';
      readonly condition: Condition;
      readonly left: Register;
      readonly right: Operand;
      readonly subtract: boolean;
      readonly otherwise: number;
    })
  /** LDR, LDRB, LDRH, LDRSW, ... of one general register. */
  | (Result & {
      readonly kind: 'load';
      /** Bytes. */
      readonly size: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly address: LoadAddress;
    });

/** A base and a displacement in bytes. `pre`, `post`: the base is written back. */
export interface BaseAddress {
  readonly kind: 'base';
  readonly base: Register;
  readonly displacement: number;
  readonly writeback: 'none' | 'pre' | 'post';
}

export type LoadAddress =
  | { readonly kind: 'literal'; readonly displacement: number }
  | BaseAddress
  | {
      readonly kind: 'indexed';
      readonly base: Register;
      readonly index: Register;
      readonly adjustment: Adjustment;
    };

/** What decides a conditional branch. */
export type Test =
  | { readonly kind: 'flags'; readonly condition: Condition }
  /** CBZ, CBNZ: taken if the register is (not) zero. */
  | { readonly kind: 'zero'; readonly register: Register; readonly wide: boolean; readonly negate: boolean }
  /** TBZ, TBNZ: taken if the bit is (not) zero. */
  | { readonly kind: 'bit'; readonly register: Register; readonly bit: number; readonly negate: boolean };
