// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction does, read off objdump's text (-M no-aliases, so that the
// first operand of what has a result is the result). It looks at mnemonics and
// operands only, never at the word, so that it can disagree with the decoder.

import type { BranchKind, MemoryAccess } from '../../lib/aarch64/instructions.js';

export interface Line {
  readonly address: number;
  readonly word: number;
  readonly mnemonic: string;
  readonly operands: string;
}

/** The instructions of an `objdump -d` or `-D` listing. */
export const parseListing = (text: string): readonly Line[] =>
  [...text.matchAll(/^ *([0-9a-f]+):\t([0-9a-f]{8}) *\t(\S+)(?:\t([^\n]*))?$/gm)].map((match) => ({
    address: Number.parseInt(match[1] ?? '', 16),
    word: Number.parseInt(match[2] ?? '', 16),
    mnemonic: match[3] ?? '',
    operands: (match[4] ?? '').replace(/\s*(\/\/|;|<).*$/, '').trim(),
  }));

/** Words that objdump cannot name may be anything. */
export const isUnknown = ({ mnemonic, operands }: Line): boolean =>
  mnemonic.startsWith('.') || operands.includes('undefined');

const branchKinds: readonly (readonly [RegExp, BranchKind])[] = [
  [/^b$/, 'jump'],
  [/^bl$/, 'call'],
  [/^(b\.|bc\.|cbz$|cbnz$|tbz$|tbnz$)/, 'conditional'],
  [/^br(a[ab]z?)?$/, 'indirect-jump'],
  [/^blr(a[ab]z?)?$/, 'indirect-call'],
  [/^ret(a[ab])?$/, 'return'],
  [/^(eret(a[ab])?|drps)$/, 'exception-return'],
  [/^(udf|brk|hlt)$/, 'trap'],
];

/** The distance from a line to the address that its last operand is. */
const distance = ({ address, operands }: Line): number => {
  const target = BigInt(/(0x[0-9a-f]+|[0-9a-f]+)$/.exec(operands)?.[1]?.replace(/^(?!0x)/, '0x') ?? '0');
  return Number(BigInt.asIntN(64, target - BigInt(address)));
};

/** Kind and displacement, or null. */
export const branchMeaning = (
  line: Line,
): { readonly kind: BranchKind; readonly displacement: number | null } | null => {
  const kind = branchKinds.find(([pattern]) => pattern.test(line.mnemonic))?.[1];
  if (!kind) return null;
  const isDirect = kind === 'jump' || kind === 'call' || kind === 'conditional';
  return { kind, displacement: isDirect ? distance(line) : null };
};

/** Of SVE and SME, which the kernel's own code seldom has: left to 'other'. */
export const isScalable = ({ mnemonic, operands }: Line): boolean =>
  /(^|[\s,{[])(z\d|p[n]?\d|za)|mul vl/.test(operands) ||
  /^(rdvl|addvl|addpl|rdsvl|addspl|addsvl|[us]q(inc|dec)\w+|(inc|dec|cnt)[bhwdp]|cterm\w+)$/.test(mnemonic);

/** x5, w5 or xzr as a bit; null for what is no general register. */
const registerBit = (operand: string): number | null => {
  const match = /^[xw](\d+|zr)$/.exec(operand.trim());
  if (!match) return /^w?sp$/.test(operand.trim()) ? 0 : null;
  return match[1] === 'zr' ? 0 : 1 << Number(match[1]);
};

const registersOf = (operands: string): readonly number[] =>
  operands.split(',').flatMap((operand) => registerBit(operand) ?? []);

const atomic = /^(ld(add|clr|eor|set|smax|smin|umax|umin)|swp)(a|al|l)?(b|h)?$/;
const compareAndSwap = /^cas(p?)(a|al|l)?(b|h)?$/;
const exclusiveStore = /^(stl?xr|stl?xp|st64bv)/;

type Meaning = Omit<MemoryAccess, 'base'> & { readonly base: number | null };

/** What a load or store does, or null. */
export const memoryMeaning = (line: Line): Meaning | null => {
  const { mnemonic, operands } = line;
  if (isScalable(line)) return null;
  const isMops = /^(cpyf?|setg?)[pme]/.test(mnemonic);
  if (isMops) {
    const [base = 0] = [...operands.matchAll(/\[x(\d+)\]!/g)].map((match) => Number(match[1]));
    const written = [...operands.matchAll(/x(\d+)\]?!/g)].reduce(
      (mask, match) => mask | (1 << Number(match[1])),
      0,
    );
    return { access: 'store', mode: 'offset', base, displacement: 0, loads: written, writeback: true };
  }
  if (!/^(ld|st|cas|swp|prf)/.test(mnemonic)) return null;
  const bracket = operands.search(/\[(x|sp)/);
  const before = registersOf(bracket < 0 ? operands : operands.slice(0, bracket));
  const isPrefetch = mnemonic.startsWith('prf');
  const isAtomic = atomic.test(mnemonic);
  const swap = compareAndSwap.exec(mnemonic);
  const access = isPrefetch ? 'prefetch' : mnemonic.startsWith('ld') && !isAtomic ? 'load' : 'store';
  const [first = 0, second = 0] = before;
  let loads = 0;
  if (isAtomic) loads = second;
  else if (swap) loads = swap[1] === 'p' ? first | second : first;
  else if (exclusiveStore.test(mnemonic)) loads = first;
  else if (mnemonic === 'ld64b') for (let count = 0; count < 8; count++) loads |= first << count;
  else if (access === 'load') for (const register of before) loads |= register;
  if (bracket < 0)
    return { access, mode: 'literal', base: null, displacement: distance(line), loads, writeback: false };
  const inside = /\[([^\]]*)\](.*)$/.exec(operands.slice(bracket));
  const [base = '', index = ''] = (inside?.[1] ?? '').split(',').map((part) => part.trim());
  return {
    access,
    mode: /^[xw]/.test(index) ? 'register' : 'offset',
    base: base === 'sp' ? 31 : Number(base.slice(1)),
    displacement: 0,
    loads,
    writeback: (inside?.[2] ?? '') !== '',
  };
};

/** Instructions whose first operand is a general register that they only read. */
const readsFirst =
  /^(ccmp|ccmn|rmif|setf(8|16)|wfet|wfit|tcancel|msr|sys$|sysp|br|blr|ret|cbz|cbnz|tbz|tbnz)/;
/** Hints that sign or strip a register that they do not name. */
const hints: readonly (readonly [RegExp, number])[] = [
  [/^(pac|aut)i[ab]1716$/, 17],
  [/^((pac|aut)i[ab](sp|z)|xpaclri)$/, 30],
];

/** Registers that something other than a load, store, call or hypervisor call writes. */
export const writtenMeaning = (line: Line): number => {
  const memory = memoryMeaning(line);
  if (memory) {
    const base = memory.base === null || memory.base === 31 ? 0 : 1 << memory.base;
    return memory.loads | (memory.writeback ? base : 0);
  }
  const { mnemonic, operands } = line;
  const hint = hints.find(([pattern]) => pattern.test(mnemonic));
  if (hint) return 1 << hint[1];
  if (readsFirst.test(mnemonic)) return 0;
  return registerBit(operands.split(',')[0] ?? '') ?? 0;
};

/** Calls leave nothing in the caller-saved registers, HVC and SMC return in x0 to x17: conventions, not objdump's to know. */
export const isCall = ({ mnemonic }: Line): boolean => /^(bl|blr|blra[ab]z?|hvc|smc|svc)$/.test(mnemonic);
