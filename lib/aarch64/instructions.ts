// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What little of A64 the check needs of an instruction word: where it branches,
// which memory it touches through which register, and which general registers
// it writes. Tables of mask and value, from the Arm ARM's "A64 instruction set
// encoding" (DDI 0487, C4); a word that no row knows is 'other', and callers
// treat it so that nothing is hidden.

/** A register number, 0 to 30 for x0 to x30; 31 is SP or the zero register. */
export type Register = number;

/**
 * - jump: B, no way past it; conditional: both ways; call: BL, and on
 * - indirect-jump, indirect-call: BR, BLR and their authenticated forms
 * - return: RET; exception-return: ERET, DRPS; trap: UDF, BRK, HLT
 */
export type BranchKind =
  | 'jump'
  | 'conditional'
  | 'call'
  | 'indirect-jump'
  | 'indirect-call'
  | 'return'
  | 'exception-return'
  | 'trap';

interface BranchRow {
  readonly mask: number;
  readonly value: number;
  readonly kind: BranchKind;
  /** The immediate: lowest bit and width; counts words. */
  readonly immediate?: readonly [number, number];
}

const branchRows: readonly BranchRow[] = [
  { mask: 0xfc000000, value: 0x14000000, kind: 'jump', immediate: [0, 26] },
  { mask: 0xfc000000, value: 0x94000000, kind: 'call', immediate: [0, 26] },
  { mask: 0xff000000, value: 0x54000000, kind: 'conditional', immediate: [5, 19] }, // B.cond, BC.cond
  { mask: 0x7e000000, value: 0x34000000, kind: 'conditional', immediate: [5, 19] }, // CBZ, CBNZ
  { mask: 0x7e000000, value: 0x36000000, kind: 'conditional', immediate: [5, 14] }, // TBZ, TBNZ
  { mask: 0xff000000, value: 0x74000000, kind: 'conditional', immediate: [5, 9] }, // CB<cc>, CBB<cc>, CBH<cc> (register)
  { mask: 0xff000000, value: 0xf4000000, kind: 'conditional', immediate: [5, 9] },
  { mask: 0x7f000000, value: 0x75000000, kind: 'conditional', immediate: [5, 9] }, // CB<cc> (immediate)
  { mask: 0xfffffc1f, value: 0xd61f0000, kind: 'indirect-jump' }, // BR
  { mask: 0xfffff800, value: 0xd61f0800, kind: 'indirect-jump' }, // BRAAZ, BRABZ
  { mask: 0xfffff800, value: 0xd71f0800, kind: 'indirect-jump' }, // BRAA, BRAB
  { mask: 0xfffffc1f, value: 0xd63f0000, kind: 'indirect-call' }, // BLR
  { mask: 0xfffff800, value: 0xd63f0800, kind: 'indirect-call' }, // BLRAAZ, BLRABZ
  { mask: 0xfffff800, value: 0xd73f0800, kind: 'indirect-call' }, // BLRAA, BLRAB
  { mask: 0xfffff000, value: 0xd65f0000, kind: 'return' }, // RET, RETAA, RETAB and their SPPCR forms
  { mask: 0xff800000, value: 0x55000000, kind: 'return' }, // RETAASPPC, RETABSPPC
  { mask: 0xfffff000, value: 0xd69f0000, kind: 'exception-return' }, // ERET, ERETAA, ERETAB
  { mask: 0xffffffff, value: 0xd6bf03e0, kind: 'exception-return' }, // DRPS
  { mask: 0xffff0000, value: 0x00000000, kind: 'trap' }, // UDF
  { mask: 0xffe0001f, value: 0xd4200000, kind: 'trap' }, // BRK
  { mask: 0xffe0001f, value: 0xd4400000, kind: 'trap' }, // HLT
];

/** Rows by the top byte, so that a section's worth of words costs one look-up each. */
const branchRowsByTop: readonly (readonly BranchRow[])[] = Array.from({ length: 256 }, (_, top) =>
  branchRows.filter((row) => ((top << 24) & row.mask & 0xff000000) >>> 0 === (row.value & 0xff000000) >>> 0),
);

export interface Branch {
  readonly kind: BranchKind;
  /** Bytes from the instruction to the target; null for what is not direct. */
  readonly displacement: number | null;
}

const signed = (word: number, low: number, width: number): number =>
  (word << (32 - low - width)) >> (32 - width);

/** Branches have op0 101x in bits 28:25, and UDF is nothing but its immediate: most words are neither. */
export const mayBranch = (word: number): boolean => (word & 0x1c000000) === 0x14000000 || word >>> 16 === 0;

/** The branch a word is, or null. */
export const decodeBranch = (word: number): Branch | null => {
  if (!mayBranch(word)) return null;
  for (const row of branchRowsByTop[word >>> 24] ?? []) {
    if ((word & row.mask) >>> 0 !== row.value >>> 0) continue;
    return {
      kind: row.kind,
      displacement: row.immediate ? signed(word, row.immediate[0], row.immediate[1]) * 4 : null,
    };
  }
  return null;
};

/** Whether execution never goes on behind the instruction. */
export const endsFlow = (branch: Branch): boolean =>
  branch.kind !== 'conditional' && branch.kind !== 'call' && branch.kind !== 'indirect-call';

export const NOP = 0xd503201f;

const rd = (word: number): Register => word & 31;
const rn = (word: number): Register => (word >>> 5) & 31;
const rm = (word: number): Register => (word >>> 16) & 31;

export type MemoryMode =
  /** [Xn, #imm], and [Xn]. */
  | 'offset'
  /** [Xn, Xm]: where it goes depends on a second register. */
  | 'register'
  /** The address is in the instruction. */
  | 'literal';

export interface MemoryAccess {
  readonly access: 'load' | 'store' | 'prefetch';
  readonly mode: MemoryMode;
  /** Rn; 31 is SP. Meaningless for literals. */
  readonly base: Register;
  /** Bytes from the instruction, for literals. */
  readonly displacement: number;
  /** General registers that a load (or an atomic) writes, as a bit mask. */
  readonly loads: number;
  /** Rn is written back. */
  readonly writeback: boolean;
}

const bit = (register: Register): number => (register === 31 ? 0 : 1 << register);

/** The load or store a word is, or null. Atomics count as stores: they write. [Arm ARM C4.1 "Loads and Stores"] */
export const decodeMemory = (word: number): MemoryAccess | null => {
  if ((word & 0x0a000000) !== 0x08000000) return null;
  const simd = (word & 0x04000000) !== 0;
  const loadBit = (word & 0x00400000) !== 0;
  const base = rn(word);
  const common = { base, displacement: 0, writeback: false, mode: 'offset' as MemoryMode };
  const target = simd ? 0 : bit(rd(word));
  switch ((word >>> 27) & 7) {
    case 1: {
      if (simd) {
        // LD1..LD4, ST1..ST4; bit 23 is post-index.
        return {
          ...common,
          access: loadBit ? 'load' : 'store',
          loads: 0,
          writeback: (word & 0x00800000) !== 0,
        };
      }
      if ((word & 0x3f000000) !== 0x08000000) return null;
      const ordered = (word & 0x00800000) !== 0;
      const pairOrCas = (word & 0x00200000) !== 0;
      // CAS, CASP: o2 = 1 and o1 = 1, or size 0x and o1 = 1 with o2 = 0: compare and swap writes memory and Rs.
      if (pairOrCas && (ordered || (word & 0x80000000) === 0)) {
        const rs = rm(word);
        return { ...common, access: 'store', loads: bit(rs) | (ordered ? 0 : bit((rs + 1) & 31)) };
      }
      const second = pairOrCas ? bit((word >>> 10) & 31) : 0;
      if (loadBit) return { ...common, access: 'load', loads: target | second };
      // STXR writes its status to Rs; STLR has none.
      return { ...common, access: 'store', loads: ordered ? 0 : bit(rm(word)) };
    }
    case 3: {
      if ((word & 0x3b000000) === 0x18000000) {
        const prefetch = !simd && word >>> 30 === 3;
        return {
          ...common,
          mode: 'literal',
          access: prefetch ? 'prefetch' : 'load',
          displacement: signed(word, 5, 19) * 4,
          loads: prefetch ? 0 : target,
        };
      }
      // LDAPUR, STLUR and their sizes; MTE's tag stores share the space.
      if ((word & 0x3f200c00) === 0x19000000) {
        const load = ((word >>> 22) & 3) !== 0;
        return { ...common, access: load ? 'load' : 'store', loads: load ? target : 0 };
      }
      if ((word & 0xff200000) >>> 0 === 0xd9200000) {
        // LDG and LDGM have bits 11:10 = 0, where the other sizes' are STZGM and STGM.
        const load = (word & 0x00400c00) === 0x00400000;
        const writeback = (word & 0x400) !== 0;
        return { ...common, access: load ? 'load' : 'store', loads: load ? target : 0, writeback };
      }
      if ((word & 0xfb200c00) === 0x19000400) {
        // CPY*, SET*: [Rd]! is written, from [Rs]! or Rs; Rn! counts down.
        const source = (word & 0x00c00000) === 0x00c00000 ? 0 : bit(rm(word));
        const loads = bit(rd(word)) | bit(base) | source;
        return { ...common, base: rd(word), access: 'store', loads, writeback: true };
      }
      return null;
    }
    case 5: {
      // Pairs: bits 25:23 are 0 no-allocate, 1 post, 2 offset, 3 pre.
      const mode = (word >>> 23) & 7;
      const second = simd ? 0 : bit((word >>> 10) & 31);
      const writeback = mode === 1 || mode === 3;
      return {
        ...common,
        access: loadBit ? 'load' : 'store',
        loads: loadBit ? target | second : 0,
        writeback,
      };
    }
    case 7: {
      const opc = (word >>> 22) & 3;
      const size = word >>> 30;
      const isUnsigned = (word & 0x01000000) !== 0;
      const isRegister = !isUnsigned && (word & 0x00200000) !== 0;
      const option = (word >>> 10) & 3;
      if (isRegister && option === 0) {
        if (simd) return null;
        if (size === 3 && (word & 0x00c08000) === 0x00008000) {
          // LD64B loads Rt to Rt+7; ST64BV and ST64BV0 write their status to Rs, ST64B none.
          const operation = (word >>> 12) & 7;
          if (operation === 5) return { ...common, access: 'load', loads: 0xff << rd(word) };
          const status = operation === 2 || operation === 3 ? bit(rm(word)) : 0;
          if (operation !== 0) return { ...common, access: 'store', loads: status };
        }
        // LDADD, SWP, ...: memory and Rt; opcode 100 with o3 is LDAPR, a load. Rt = 31 is a plain store.
        const isLdapr = (word & 0x0000fc00) === 0x0000c000 && (word & 0x00800000) !== 0;
        return { ...common, access: isLdapr ? 'load' : 'store', loads: target };
      }
      if (isRegister && (option & 1) !== 0) {
        // LDRAA, LDRAB
        return { ...common, access: 'load', loads: target, writeback: option === 3 };
      }
      const mode: MemoryMode = isRegister ? 'register' : 'offset';
      const prefetch = !simd && size === 3 && opc === 2;
      if (prefetch) return { ...common, mode, access: 'prefetch', loads: 0 };
      const store = simd ? (opc & 1) === 0 : opc === 0;
      const writeback = !isUnsigned && !isRegister && (option & 1) !== 0;
      return { ...common, mode, access: store ? 'store' : 'load', loads: store ? 0 : target, writeback };
    }
    default:
      return null;
  }
};

/** Caller-saved general registers: x0 to x18 and x30. [AAPCS64 "General-purpose registers"] */
export const CALL_CLOBBERED = 0x4007ffff;

/** Hints that sign, check or strip a register that they do not name: PACIA1716, AUTIASP, XPACLRI, ... by CRm:op2. */
const hintWrites = (word: number): number => {
  const hint = (word >>> 5) & 0x7f;
  if (hint === 7 || (hint >= 24 && hint <= 31)) return bit(30);
  return hint >= 8 && hint <= 14 && hint % 2 === 0 ? bit(17) : 0;
};

/** General registers that an instruction may write, as a bit mask; SP is not among them. */
export const registersWritten = (word: number): number => {
  const memory = decodeMemory(word);
  if (memory) return memory.loads | (memory.writeback ? bit(memory.base) : 0);
  const branch = decodeBranch(word);
  if (branch) return branch.kind === 'call' || branch.kind === 'indirect-call' ? CALL_CLOBBERED : 0;
  const group = (word >>> 25) & 15;
  if ((group & 0b1110) === 0b1010) {
    // HVC and SMC return results in x0 to x17 [SMCCC].
    if ((word & 0xffe0001c) >>> 0 === 0xd4000000) return 0x0003ffff;
    if ((word & 0xfffff01f) >>> 0 === 0xd503201f) return hintWrites(word);
    // MRS, SYSL: the L bit; Rt is written.
    return (word & 0xffe00000) >>> 0 === 0xd5200000 ? bit(rd(word)) : 0;
  }
  if ((group & 0b1110) === 0b1000) return bit(rd(word));
  if ((group & 0b0111) === 0b0101) {
    // CCMP, CCMN, RMIF, SETF8 and SETF16 write flags only.
    const isFlags = (word & 0x1fe00000) === 0x1a000000 && (word & 0xfc00) !== 0;
    return (word & 0x1fe00000) === 0x1a400000 || isFlags ? 0 : bit(rd(word));
  }
  if ((group & 0b0111) === 0b0111) {
    // FMOV and FCVT* to a general register (opcodes 2, 3 and 7 come from one), FCVTZ* to fixed point, UMOV and SMOV.
    const conversion = (word & 0x5f20fc00) === 0x1e200000 && ![2, 3, 7].includes((word >>> 16) & 7);
    const fixedPoint = (word & 0x5f3e0000) === 0x1e180000;
    const element = (word & 0xbfe0ec00) >>> 0 === 0x0e002c00 || (word & 0xbfe0fc00) === 0x0e003c00;
    return conversion || fixedPoint || element ? bit(rd(word)) : 0;
  }
  return bit(rd(word)); // SVE, SME and what is not allocated: assume that it writes
};

/** ADRP's or ADR's Rd. */
export const addressRegister = (word: number): Register | null =>
  (word & 0x1f000000) === 0x10000000 ? rd(word) : null;

/** Rn of an instruction that takes the low 12 bits of an address: ADD (immediate), or a load or store. */
export const baseRegister = rn;

/** ADD (immediate), 64-bit: where the sum goes, and what it is added to. */
export const decodeAddImmediate = (
  word: number,
): { readonly to: Register; readonly from: Register } | null =>
  (word & 0xff800000) >>> 0 === 0x91000000 ? { to: rd(word), from: rn(word) } : null;

/** MOV (register), 64-bit. */
export const decodeMove = (word: number): { readonly to: Register; readonly from: Register } | null =>
  (word & 0xffe0ffe0) >>> 0 === 0xaa0003e0 ? { to: rd(word), from: rm(word) } : null;

/** BR's or BLR's register, authenticated forms too. */
export const indirectRegister = rn;

/** MSR SCTLR_EL2, Xt: the EL2 MMU is switched on or off. */
export const writesSctlrEl2 = (word: number): boolean => (word & 0xffffffe0) >>> 0 === 0xd51c1000;

/** MSR VBAR_EL2, Xt: a table of vectors is installed. */
export const writesVbarEl2 = (word: number): boolean => (word & 0xffffffe0) >>> 0 === 0xd51cc000;
