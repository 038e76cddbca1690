// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an instruction does, by a disassembler's text: objdump's and llvm-objdump's
// (-M no-aliases, so that a result is the first operand). It looks at mnemonics and
// operands only, never at the word, so that it can disagree with the decoder.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BranchKind } from '../../lib/aarch64/encoding.js';
import type { Branch, MemoryAccess } from '../../lib/aarch64/instructions.js';
import { buildObject, code } from '../support/object-builder.js';
import { inFolder, run } from '../support/tools.js';

export interface Line {
  readonly address: number;
  readonly word: number;
  readonly mnemonic: string;
  readonly operands: string;
}

/** The instructions of a `-d` or `-D` listing. */
export const parseListing = (text: string): readonly Line[] =>
  [...text.matchAll(/^ *([0-9a-f]+):\s+([0-9a-f]{8}) *\t(\S+)(?:\t([^\n]*))?$/gm)].map((match) => ({
    address: Number.parseInt(match[1] ?? '', 16),
    word: Number.parseInt(match[2] ?? '', 16),
    mnemonic: match[3] ?? '',
    operands: (match[4] ?? '').replace(/\s*(\/\/|;|<).*$/, '').trim(),
  }));

export const GNU = 'aarch64-linux-gnu-objdump';
export const LLVM = 'llvm-objdump-19';

/** The lines of an installed disassembler for some words. */
export const disassemble = (program: typeof GNU | typeof LLVM, words: Uint32Array): readonly Line[] =>
  inFolder((folder) => {
    const items = [...words];
    writeFileSync(
      join(folder, 'words.o'),
      buildObject({ sections: [{ name: '.text', flags: code, items }] }),
    );
    const options = program === LLVM ? ['-d', '-z', '--mattr=+all'] : ['-D', '-z', '-j', '.text'];
    return parseListing(run(program, [...options, '-M', 'no-aliases', 'words.o'], folder));
  });

/** Words that a disassembler cannot name may be anything. */
export const isUnknown = ({ mnemonic, operands }: Line): boolean =>
  mnemonic.startsWith('.') || mnemonic.startsWith('<') || operands.includes('undefined');

/** Of SVE or SME, which the table mostly refuses. */
export const isScalable = ({ mnemonic, operands }: Line): boolean =>
  /(^|[\s,{[])(z\d|p[n]?\d|za|zt0)|mul vl/.test(operands) ||
  /^(rdvl|addvl|addpl|rdsvl|addspl|addsvl|[us]q(inc|dec)\w+|(inc|dec|cnt)[bhwdp]|cterm\w+|setffr)$/.test(
    mnemonic,
  );

export interface Meaning {
  readonly branch: Branch | null;
  readonly memory: MemoryAccess | null;
  /** General registers, as masks. */
  readonly writes: number;
  readonly reads: number;
  readonly changesFlags: boolean;
}

const branchKinds: readonly (readonly [RegExp, BranchKind])[] = [
  [/^b$/, 'jump'],
  [/^bl$/, 'call'],
  [/^(b\.|bc\.|cbz$|cbnz$|tbz$|tbnz$)/, 'conditional'],
  [/^br(a[ab]z?)?$/, 'indirect-jump'],
  [/^blr(a[ab]z?)?$/, 'indirect-call'],
  [/^ret(a[ab](sppcr?)?)?$/, 'return'],
  [/^(eret(a[ab])?|drps)$/, 'exception-return'],
  [/^brk$/, 'breakpoint'],
  [/^(udf|hlt)$/, 'trap'],
];

/** The distance from a line to the address that its last operand is. */
const distance = ({ address, operands }: Line): number => {
  const target = BigInt(/(0x[0-9a-f]+|[0-9a-f]+)$/.exec(operands)?.[1]?.replace(/^(?!0x)/, '0x') ?? '0');
  return Number(BigInt.asIntN(64, target - BigInt(address)));
};

const branchOf = (line: Line): Branch | null => {
  const kind = branchKinds.find(([pattern]) => pattern.test(line.mnemonic))?.[1];
  if (!kind) return null;
  const isDirect = kind === 'jump' || kind === 'call' || kind === 'conditional';
  return { kind, displacement: isDirect ? distance(line) : null };
};

/** Operands, at the commas outside brackets; `!` stays with its operand. */
const split = (operands: string): readonly string[] => {
  const parts = operands.match(/(?:\[[^\]]*\]!?|\{[^}]*\}|[^,[{])+/g) ?? [];
  return parts.map((part) => part.trim());
};

/** All of x5, w5, xzr in a text, as a mask. */
const registersIn = (text: string): number =>
  [...text.matchAll(/(?<![\w.])[xw](\d+)(?![\w.])/g)].reduce(
    (mask, match) => mask | (1 << Number(match[1])),
    0,
  );

const anyRegister = /^[xw](\d+|zr)$|^w?sp$/;

/** The mask of `count` consecutive registers from an operand. */
const following = (operand: string, count: number): number => {
  let mask = 0;
  for (let next = 0; next < count; next++) mask |= registersIn(operand) << next;
  return mask & 0x7fffffff;
};

interface MemoryOperands {
  readonly pattern: RegExp;
  /** Positions of operands that are written, of those that are only written, and of those that are stored. */
  readonly written: readonly number[];
  readonly results: readonly number[];
  readonly stored: readonly number[];
}

/** Loads and stores whose operands are not just what is loaded or stored. */
const unusual: readonly MemoryOperands[] = [
  {
    pattern: /^(ld(add|clr|eor|set|smax|smin|umax|umin)|swp)(a|al|l)?[bh]?$/,
    written: [1],
    results: [1],
    stored: [0],
  },
  { pattern: /^(ldclrp|ldsetp|swpp)(a|al|l)?$/, written: [0, 1], results: [], stored: [0, 1] },
  { pattern: /^rcws?(clr|set|swp)(a|al|l)?$/, written: [1], results: [1], stored: [0] },
  { pattern: /^rcws?(clr|set|swp)p(a|al|l)?$/, written: [0, 1], results: [], stored: [0, 1] },
  { pattern: /^(rcws?)?cas(a|al|l)?[bh]?$/, written: [0], results: [], stored: [1] },
  { pattern: /^(rcws?)?casp(a|al|l)?$/, written: [0, 1], results: [], stored: [2, 3] },
  { pattern: /^stl?x(r[bh]?|p)$/, written: [0], results: [0], stored: [1, 2] },
  { pattern: /^st64bv0?$/, written: [0], results: [0], stored: [1] },
  { pattern: /^ldg$/, written: [0], results: [], stored: [] },
];

interface MemoryMeaning {
  readonly memory: MemoryAccess;
  readonly reads: number;
}

const copyOf = (mnemonic: string, list: readonly string[]): MemoryMeaning => {
  const masks = list.map(registersIn);
  const all = masks.reduce((mask, one) => mask | one, 0);
  const stepped = list.map((operand, index) =>
    index > 0 && operand.endsWith('!') ? (masks[index] ?? 0) : 0,
  );
  const base = Number(/x(\d+)/.exec(list[0] ?? '')?.[1] ?? 31);
  const loads = stepped.reduce((mask, one) => mask | one, 0);
  const stores = mnemonic.startsWith('set') ? (masks[2] ?? 0) & ~loads : 0;
  return { memory: access('store', { base, loads, stores, writeback: true }), reads: all };
};

const memoryOf = (line: Line): MemoryMeaning | null => {
  const { mnemonic, operands } = line;
  const list = split(operands);
  if (/^(dc (zva|gva|gzva)|sys #(0x)?3, c7, c4, #(0x)?[134]), x\d/i.test(`${mnemonic} ${operands}`)) {
    const base = Number(/x(\d+)/.exec(operands)?.[1] ?? 31);
    return { memory: access('store', { base }), reads: registersIn(operands) };
  }
  if (/^(cpyf?|setg?)[pme]/.test(mnemonic)) return copyOf(mnemonic, list);
  if (!/^(ld|st|cas|swp|r?prf|rcw|gcsstt?r$)/.test(mnemonic) || mnemonic === 'stshh') return null;
  const at = list.findIndex((operand) => /^\[(x|sp)/.test(operand));
  const isWide = /64b/.test(mnemonic);
  const masks = list
    .slice(0, at < 0 ? undefined : at)
    .map((operand) =>
      anyRegister.test(operand) ? following(operand, isWide && operand.startsWith('x') ? 8 : 1) : 0,
    );
  const row = unusual.find(({ pattern }) => pattern.test(mnemonic));
  const isLoad = mnemonic.startsWith('ld') && (!row || mnemonic === 'ldg');
  const isPrefetch = /^r?prf/.test(mnemonic);
  if (isWide && row) masks[0] = registersIn(list[0] ?? '');
  const every = [...masks.keys()];
  const none: readonly number[] = [];
  const { written, results, stored } = row ?? {
    written: isLoad ? every : none,
    results: isLoad ? every : none,
    stored: isLoad || isPrefetch ? none : every,
  };
  const of = (positions: readonly number[]): number =>
    positions.reduce((mask, one) => mask | (masks[one] ?? 0), 0);
  const loads = of(written);
  const stores = of(stored) & ~loads;
  const kind = isPrefetch ? 'prefetch' : isLoad ? 'load' : 'store';
  if (at < 0) {
    return { memory: access(kind, { loads, mode: 'literal', displacement: distance(line) }), reads: 0 };
  }
  const [base = '', index = ''] = (/\[([^\]]*)\]/.exec(list[at] ?? '')?.[1] ?? '')
    .split(',')
    .map((part) => part.trim());
  const memory = access(kind, {
    loads,
    stores,
    base: base === 'sp' ? 31 : Number(base.slice(1)),
    mode: /^[xw]/.test(index) || mnemonic === 'rprfm' ? 'register' : 'offset',
    writeback: list.length > at + 1 || (list[at] ?? '').endsWith('!'),
  });
  return {
    memory,
    reads: of(every.filter((one) => !results.includes(one))) | registersIn(list.slice(at).join()),
  };
};

const access = (kind: MemoryAccess['access'], more: Partial<MemoryAccess>): MemoryAccess => ({
  access: kind,
  mode: 'offset',
  base: 31,
  displacement: 0,
  loads: 0,
  stores: 0,
  writeback: false,
  ...more,
});

/** The offset of each 64-bit register of a load or store, and the step of the base; null for other instructions. */
export const transferText = (line: Line): string | null => {
  const { mnemonic, operands } = line;
  if (isScalable(line) || !/^((ld|st)[ut]?r(s?[bh]|sw)?|(ld|st)n?p|ldpsw|stgp)$/.test(mnemonic)) return null;
  const list = split(operands);
  const at = list.findIndex((operand) => operand.startsWith('['));
  if (at < 0) return null;
  const number = (text: string | undefined): number => {
    const match = /#(-?)(0x[0-9a-f]+|\d+)/.exec(text ?? '');
    return match ? Number(match[2]) * (match[1] === '-' ? -1 : 1) : 0;
  };
  const place = list[at] ?? '';
  if (/^\[\w+, [xw]/.test(place)) return null;
  const isPost = list.length > at + 1;
  const step = isPost ? number(list[at + 1]) : place.endsWith('!') ? number(place) : 0;
  const isWhole = list[0]?.startsWith('x') && !/(b|h|sw)$/.test(mnemonic);
  const first = isPost ? 0 : number(place);
  const slots = list.slice(0, at).flatMap((operand, index) => {
    const register = /^x(\d+)$/.exec(operand)?.[1];
    return isWhole && register !== undefined ? [`x${register} at ${first + index * 8}`] : [];
  });
  return [...slots, `step ${step}`].join(', ');
};

const FLAG_WRITERS =
  /^(adds|subs|ands|bics|adcs|sbcs|ccmp|ccmn|fcmpe?|fccmpe?|fjcvtzs|rmif|setf8|setf16|cfinv|axflag|xaflag|subps|cpyf?[pme]\w*|setg?[pme]\w*|rcw\w+|bl|blra?[ab]?z?|hvc|smc|svc|dcps[123])$/;
const SCALABLE_FLAG_WRITERS =
  /^(ptest|ptrues|pfirst|pnext|while\w+|cterm\w+|cmp\w+|n?match|brk\w*s|(and|orr|eor|nand|nor|bic|orn|mov|not)s|rdffrs)$/;

const changesFlags = (line: Line): boolean => {
  const { mnemonic, operands } = line;
  if (mnemonic === 'msr') return /^(nzcv|s3_3_c4_c2_0)\b/i.test(operands);
  if (mnemonic === 'mrs') return /\b(rndr|rndrrs|s3_3_c2_c4_[01])$/i.test(operands);
  return (isScalable(line) ? SCALABLE_FLAG_WRITERS : FLAG_WRITERS).test(mnemonic);
};

/** Instructions whose first operand is a general register that they only read. */
const READ_FIRST =
  /^(ccmp|ccmn|rmif|setf(8|16)|wfet|wfit|sysp?|tlbip?|dc|ic|at|cfp|dvp|cpp|cosp|br\w*|blr\w*|ret\w*|cbz|cbnz|tbz|tbnz|msr|msrr|gcsss1|gcspush\w+|trcit|cterm\w+|brb|udf|hvc|smc|svc|brk|hlt|dcps\d|hint)$/;
/** Instructions whose first operand is a general register that they read and write. */
const CHANGES_FIRST = /^(movk|bfm|bfi|bfxil|bfc|(pac|aut)(ia|ib|da|db|iza|izb|dza|dzb)|xpac[id])$/;
/** Registers that are not named: what hints sign, check or strip, by the hint's number [Arm ARM C6.2 "HINT"]. */
const hintRegisters = (number: number): { readonly reads: number; readonly writes: number } => {
  if (number === 7 || (number >= 24 && number < 32)) return { reads: 1 << 30, writes: 1 << 30 };
  if ([8, 10, 12, 14].includes(number)) return { reads: 3 << 16, writes: 1 << 17 };
  return number === 40 ? { reads: 1 << 16, writes: 1 << 16 } : { reads: 0, writes: 0 };
};
const hintNumbers: readonly (readonly [RegExp, number])[] = [
  [/^(pac|aut)i[ab]1716$/, 8],
  [/^((pac|aut)i[ab](sp|z)|xpaclri)$/, 24],
  [/^chkfeat$/, 40],
];
/** Return addresses that are signed with the place of the signing instruction (FEAT_PAuth_LR). */
const signsByPlace = /^(pac|aut|pacnb)i[ab]sppcr?$/;
const signsScratch = /^(pac|aut)i[ab]171615$/;

export const meaningOf = (line: Line): Meaning => {
  const { mnemonic, operands } = line;
  const branch = branchOf(line);
  const found = memoryOf(line);
  const common = { branch, memory: found?.memory ?? null, changesFlags: changesFlags(line) };
  const list = split(operands);
  const hint =
    mnemonic === 'hint'
      ? Number(operands.replace('#', ''))
      : hintNumbers.find(([pattern]) => pattern.test(mnemonic))?.[1];
  if (hint !== undefined) return { ...common, ...hintRegisters(hint) };
  if (signsByPlace.test(mnemonic) && !mnemonic.startsWith('ret')) {
    return { ...common, reads: registersIn(operands) | (1 << 30), writes: 1 << 30 };
  }
  if (signsScratch.test(mnemonic)) return { ...common, reads: 7 << 15, writes: 1 << 17 };
  if (/^reta[ab]/.test(mnemonic) || (mnemonic === 'ret' && operands === ''))
    return { ...common, reads: registersIn(operands) | (1 << 30), writes: 0 };
  if (found) {
    const { loads, writeback, base } = found.memory;
    return { ...common, writes: loads | (writeback && base !== 31 ? 1 << base : 0), reads: found.reads };
  }
  const first = list[0] ?? '';
  const isResult = anyRegister.test(first) && !READ_FIRST.test(mnemonic);
  const pair = mnemonic === 'mrrs' ? 2 : 1;
  const writes = isResult ? registersIn(list.slice(0, pair).join()) : 0;
  const sources = isResult && !CHANGES_FIRST.test(mnemonic) ? list.slice(pair) : list;
  return { ...common, writes, reads: registersIn(sources.join()) };
};

/** Calls change the caller-saved registers, HVC and SMC x0 to x17: conventions that no disassembler knows. */
export const isCall = ({ mnemonic }: Line): boolean => /^(bl|blr|blra[ab]z?|hvc|smc|svc)$/.test(mnemonic);
