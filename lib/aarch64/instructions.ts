// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the check asks about an A64 word: where it branches, what it computes,
// which memory it accesses through which register, which general registers it
// reads and writes, whether it keeps the flags. All answers come from the word's
// row of the table (a64.ts). A word that the table refuses may do anything.

import { encodingOf } from './a64.js';
import { type BranchKind, type Effect, registersOf } from './encoding.js';
import { bit, field, signedField } from './fields.js';
import { type Operation, type Register, SP, type Test } from './operations.js';

export interface Branch {
  readonly kind: BranchKind;
  /** Bytes from the instruction to the target; null for an indirect branch. */
  readonly displacement: number | null;
}

/** In bytes. */
const displacementOf = ({ displacement }: Effect, word: number): number | null =>
  displacement && signedField(word, displacement.at, displacement.width) * 4;

/**
 * A cheap test that most words fail: branches have op0 101x in bits 28:25, which system instructions with 0xd5 on top have
 * too; UDF is nothing but its immediate.
 */
export const mayBranch = (word: number): boolean =>
  ((word & 0x1c000000) === 0x14000000 && word >>> 24 !== 0xd5) || word >>> 16 === 0;

/** The same, or a system instruction: a NOP is where the kernel may put a branch. */
export const mayBecomeBranch = (word: number): boolean => mayBranch(word) || word >>> 24 === 0xd5;

/** The branch that a word is, or null. */
export const decodeBranch = (word: number): Branch | null => {
  if (!mayBranch(word)) return null;
  const { meaning, effect } = encodingOf(word);
  return meaning.branch ? { kind: meaning.branch, displacement: displacementOf(effect, word) } : null;
};

/** Whether execution never continues after the instruction, as compilers see it; a BRK's handler may still return. */
export const endsFlow = (branch: Branch): boolean =>
  branch.kind !== 'conditional' && branch.kind !== 'call' && branch.kind !== 'indirect-call';

/** What decides whether a conditional branch is taken; null if it is not understood. */
export const decodeTest = (word: number): Test | null => encodingOf(word).meaning.test?.(word) ?? null;

/** What a word computes; null: the registers that it writes may hold anything. */
export const decodeOperation = (word: number): Operation | null =>
  encodingOf(word).meaning.operation?.(word) ?? null;

export interface MemoryAccess {
  /** Atomics count as stores: they write. */
  readonly access: 'load' | 'store' | 'prefetch';
  /**
   * - offset: [Xn, #imm], and [Xn]
   * - register: [Xn, Xm]: the address depends on a second register
   * - literal: the address is in the instruction
   */
  readonly mode: 'offset' | 'register' | 'literal';
  /** 31 is SP, and stands for literals too. */
  readonly base: Register;
  /** Bytes from the instruction, for literals. */
  readonly displacement: number;
  /** General registers that a load (or an atomic) writes, as a bit mask. */
  readonly loads: number;
  /** General registers that are stored, as a bit mask. */
  readonly stores: number;
  /** The base is written back. */
  readonly writeback: boolean;
}

/** A cheap test: loads of a literal have 011x00 in bits 29:24. */
export const mayBeLiteral = (word: number): boolean => (word & 0x3b000000) === 0x18000000;

/** Bytes from the instruction to the literal that it loads or prefetches; else null. */
export const literalDisplacement = (word: number): number | null => {
  if (!mayBeLiteral(word)) return null;
  const { effect } = encodingOf(word);
  return effect.memory?.mode === 'literal' ? displacementOf(effect, word) : null;
};

/** The load or store that a word is, or null; null too if the table refuses the word. */
export const decodeMemory = (word: number): MemoryAccess | null => {
  const { effect } = encodingOf(word);
  const { memory } = effect;
  if (!memory) return null;
  const loads = registersOf(effect.writes, word);
  return {
    access: memory.access,
    mode: memory.mode,
    base: memory.base === null ? 31 : field(word, memory.base, 5),
    displacement: literalDisplacement(word) ?? 0,
    loads,
    stores: memory.access === 'store' ? registersOf(effect.data, word) & ~loads : 0,
    writeback: memory.writeback,
  };
};

const bitOf = (register: Register): number => (register === 31 ? 0 : 1 << register);

/** General registers that an instruction may write, as a mask; SP is not among them. */
export const registersWritten = (word: number): number => {
  const { writes, memory } = encodingOf(word).effect;
  const written = registersOf(writes, word);
  return memory?.writeback && memory.base !== null ? written | bitOf(field(word, memory.base, 5)) : written;
};

/** Whether SP may change in another way than by an operation or by write-back. */
export const maySwitchStack = (word: number): boolean => {
  const { stack } = encodingOf(word).effect;
  return typeof stack === 'number' ? field(word, stack, 5) === 31 : stack;
};

/**
 * Whether a word other than a branch may read or write SP, or memory at it. What computes says SP or zero register; of
 * the rest, register 31 counts as SP but in system instructions and in what is stored.
 */
export const mayUseStack = (word: number): boolean => {
  const { effect, meaning } = encodingOf(word);
  const { isRefused, memory, data } = effect;
  if (isRefused || maySwitchStack(word)) return true;
  if (memory) return memory.base !== null && field(word, memory.base, 5) === 31;
  const operation = meaning.operation?.(word);
  if (operation) return namesStack(operation);
  return !isSystem(word) && data.fields.some(({ at }) => field(word, at, 5) === 31);
};

/** What reads SP and is no load adds or subtracts. */
const namesStack = (operation: Operation): boolean => {
  if (operation.to === SP) return true;
  if (operation.kind !== 'sum') return false;
  const { left, right } = operation;
  return left === SP || (right.kind === 'register' && right.register === SP);
};

/** MRS, MSR, SYS, hints, barriers. */
export const isSystem = (word: number): boolean => word >>> 22 === 0x354;

/** General registers that an instruction certainly writes; none if the table refuses it. */
export const surelyWritten = (word: number): number => {
  const { writes, isRefused } = encodingOf(word).effect;
  return isRefused ? 0 : registersOf({ fields: writes.fields, always: 0 }, word);
};

/** General registers that an instruction may read. */
export const registersRead = (word: number): number => registersOf(encodingOf(word).effect.reads, word);

export const reads = (word: number, register: Register): boolean =>
  (registersRead(word) & (1 << register)) !== 0;

export const writes = (word: number, register: Register): boolean =>
  (registersWritten(word) & (1 << register)) !== 0;

/** Whether a word surely leaves the condition flags alone. */
export const keepsFlags = (word: number): boolean => !encodingOf(word).effect.changesFlags;

export const NOP = 0xd503201f;

/** For pairs, and loads with acquire semantics: bit 31 tells those of 64 bits. */
export const isWideTransfer = (word: number): boolean => bit(word, 31);

/** NOP, BTI, PACIASP and the other hints, which only differ in CRm and op2. */
export const isHint = (word: number): boolean => (word & 0xfffff01f) >>> 0 === NOP;

const isNamed = (word: number, name: string): boolean => encodingOf(word).name === name;

/** Rd of an ADRP or ADR. */
export const addressRegister = (word: number): Register | null =>
  isNamed(word, 'ADRP') || isNamed(word, 'ADR') ? resultRegister(word) : null;

/** Rd of an instruction that computes one register, or Rt of a load. */
export const resultRegister = (word: number): Register => field(word, 0, 5);

/** Rn of an instruction that adds the low 12 bits of an address: ADD (immediate), or a load or store. */
export const baseRegister = (word: number): Register => field(word, 5, 5);

/** The register of BR and BLR, and of their authenticated forms. */
export const indirectRegister = baseRegister;

interface Copy {
  readonly to: Register;
  readonly from: Register;
}

/** ADD (immediate), 64-bit: destination and source. */
export const decodeAddImmediate = (word: number): Copy | null =>
  isNamed(word, 'ADD (immediate, 64 bits)') ? { to: resultRegister(word), from: baseRegister(word) } : null;

/** MOV (register), 64-bit. */
export const decodeMove = (word: number): Copy | null =>
  isNamed(word, 'MOV (register, 64 bits)') ? { to: resultRegister(word), from: field(word, 16, 5) } : null;

/** Bytes that a load into a general register by base and index takes from memory; null for other words. */
export const indexedLoadSize = (word: number): number | null => {
  const memory = decodeMemory(word);
  return memory?.mode === 'register' && memory.loads !== 0 ? 1 << field(word, 30, 2) : null;
};

/**
 * Where an address goes with a multiple of something added, as the index of an array is, or where CSEL may put it; null
 * for other words. A plain sum of two registers is none: so is an address converted for another address space.
 */
export const derivedAddress = (word: number, from: Register): Register | null => {
  if (isNamed(word, MULTIPLY_ADD) || isNamed(word, MULTIPLY_ADD_LONG))
    return field(word, 10, 5) === from && !bit(word, 15) ? resultRegister(word) : null;
  const operation = decodeOperation(word);
  if (!operation?.wide || operation.to >= 31) return null;
  if (operation.kind === 'select' && operation.change === 'none')
    return operation.whenTrue === from || operation.whenFalse === from ? operation.to : null;
  if (operation.kind !== 'sum' || operation.subtract || operation.left !== from) return null;
  const { right } = operation;
  const isMultiple =
    right.kind === 'register' && !(right.adjustment.kind === 'lsl' && right.adjustment.amount === 0);
  return isMultiple ? operation.to : null;
};

const MULTIPLY_ADD = 'MADD, MSUB';
const MULTIPLY_ADD_LONG = 'SMADDL, SMSUBL, UMADDL, UMSUBL';

/** MSR SCTLR_EL2, Xt: the EL2 MMU is switched on or off. */
export const writesSctlrEl2 = (word: number): boolean => isNamed(word, 'MSR SCTLR_EL2');

/** MSR VBAR_EL2, Xt: a table of vectors is installed. */
export const writesVbarEl2 = (word: number): boolean => isNamed(word, 'MSR VBAR_EL2');

/** MRS Xt, TPIDR_EL2: the offset of this CPU's copies of EL2's per-CPU variables. */
export const readsTpidrEl2 = (word: number): boolean => isNamed(word, 'MRS TPIDR_EL2');

/** The two registers that an address is made of: a base and an index, or the terms of a sum; null for other words. */
export const addressTerms = (word: number): readonly [Register, Register] | null => {
  const operation = decodeOperation(word);
  if (operation?.kind === 'sum' && !operation.subtract && operation.right.kind === 'register')
    return [operation.left, operation.right.register];
  const memory = decodeMemory(word);
  // Rm is at the same bits in all of them.
  return memory?.mode === 'register' ? [memory.base, field(word, 16, 5)] : null;
};

/** PACIASP, PACIBSP: with these compilers sign a return address. */
export const signsReturnAddress = (word: number): boolean =>
  isNamed(word, 'PACIASP') || isNamed(word, 'PACIBSP');
