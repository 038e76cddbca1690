// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table against two disassemblers: on a recording of every kind of instruction
// and, if the disassemblers are installed, on words of the whole encoding space.
// HYPCHECK_WORDS is their number (20,000), HYPCHECK_SEED chooses them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { encodingOf } from '../../lib/aarch64/a64.js';
import { vectorClasses } from '../../lib/aarch64/a64-vector.js';
import { decodeFrameAccess } from '../../lib/aarch64/frame-access.js';
import {
  addressRegister,
  addressTerms,
  baseRegister,
  decodeAddImmediate,
  decodeBranch,
  decodeMemory,
  decodeMove,
  endsFlow,
  indirectRegister,
  keepsFlags,
  literalDisplacement,
  NOP,
  readsTpidrEl2,
  registersRead,
  registersWritten,
  signsReturnAddress,
  writesSctlrEl2,
} from '../../lib/aarch64/instructions.js';
import { without } from '../support/tools.js';
import {
  disassemble,
  GNU,
  isCall,
  isUnknown,
  type Line,
  LLVM,
  meaningOf,
  parseListing,
  transferText,
} from './disassembly.js';
import { wordsToTry } from './words.js';

const recording = (name: string): readonly Line[] =>
  parseListing(readFileSync(join(import.meta.dirname, 'recordings', name), 'utf8'));

const recorded = recording('instructions.txt');

/** The word of a recorded instruction. */
const wordOf = (text: string): number => {
  const line = recorded.find(({ mnemonic, operands }) => `${mnemonic} ${operands}`.trim() === text);
  if (!line) throw new Error(`'${text}' is not recorded`);
  return line.word;
};

const sorted = (value: unknown): string =>
  JSON.stringify(value, value && typeof value === 'object' ? Object.keys(value).sort() : undefined);

const hex = (mask: number): string => (mask >>> 0).toString(16);

/** What the table and a disassembler say differently of a word. For refused words the table may say more. */
const disagreements = (line: Line): readonly string[] => {
  const { word } = line;
  const { effect, name } = encodingOf(word);
  const theirs = meaningOf(line);
  const isAny = effect.isRefused || isCall(line);
  const theirTransfer = transferText(line);
  const ours = decodeFrameAccess(word);
  const ourTransfer = [
    ...(ours?.slots ?? []).map(({ register, offset }) => `x${register} at ${offset}`),
    `step ${ours?.step}`,
  ].join(', ');
  // LLVM prints no operand if a maintenance instruction does not use it.
  const isSilent = /^(tlbi|ic)$/.test(line.mnemonic) && !line.operands.includes(',');
  const masks = [
    ['writes', registersWritten(word), theirs.writes],
    ['reads', registersRead(word), isSilent ? registersRead(word) : theirs.reads],
  ] as const;
  const differing = [
    ...masks
      .filter(([, ours, other]) => (isAny ? (other & ~ours) !== 0 : ours !== other))
      .map(([what, ours, other]) => `${what} ${hex(ours)}, not ${hex(other)}`),
    ...(keepsFlags(word) === theirs.changesFlags && !isAny ? ['flags'] : []),
    ...(isAny && theirs.changesFlags && keepsFlags(word) ? ['flags'] : []),
    ...(sorted(decodeBranch(word)) === sorted(theirs.branch) ? [] : [`branch ${sorted(decodeBranch(word))}`]),
    ...(effect.isRefused || sorted(decodeMemory(word)) === sorted(theirs.memory)
      ? []
      : [`memory ${sorted(decodeMemory(word))}, not ${sorted(theirs.memory)}`]),
    ...(theirTransfer === null || theirTransfer === ourTransfer
      ? []
      : [`transfer ${ourTransfer}, not ${theirTransfer}`]),
  ];
  return differing.map((what) => `${hex(word)} ${line.mnemonic} ${line.operands} (${name}): ${what}`);
};

t.test('each recorded instruction means what objdump says', async (t) => {
  t.ok(recorded.length > 250, `${recorded.length} instructions are recorded`);
  for (const line of recorded) {
    t.notOk(isUnknown(line), 'objdump knows it');
    t.same(disagreements(line), [], `${line.mnemonic} ${line.operands}`);
  }
});

t.test('recorded words of all classes mean what the disassemblers say', async (t) => {
  for (const name of ['classes.gnu.txt', 'classes.llvm.txt']) {
    const lines = recording(name);
    t.ok(lines.length > 800, `${lines.length} in ${name}`);
    t.same(lines.filter((line) => !isUnknown(line)).flatMap(disagreements), []);
  }
});

t.test('every kind of branch and access is recorded', async (t) => {
  t.same(new Set(recorded.flatMap((line) => meaningOf(line).branch?.kind ?? [])).size, 9);
  const accesses = recorded.flatMap((line) => {
    const { memory } = meaningOf(line);
    return memory ? [`${memory.access} ${memory.mode}`] : [];
  });
  t.same([...new Set(accesses)].sort(), [
    'load literal',
    'load offset',
    'load register',
    'prefetch literal',
    'prefetch offset',
    'prefetch register',
    'store offset',
    'store register',
  ]);
});

const seed = Number(process.env.HYPCHECK_SEED ?? 20200212);
const words = wordsToTry(Number(process.env.HYPCHECK_WORDS ?? 20_000), seed);

/** Rows that neither disassembler knows, and classes with gaps. */
const notHeld = new Set([
  ...vectorClasses.map(([, name]) => name),
  'CB<cc> (register)',
  'CBB<cc>, CBH<cc>',
  'CB<cc> (immediate)',
]);

t.test('generated words mean what the disassemblers say', { skip: without(GNU, LLVM) }, async (t) => {
  const lists = [disassemble(GNU, words), disassemble(LLVM, words)];
  for (const lines of lists) {
    t.equal(lines.length, words.length);
    const known = lines.filter((line) => !isUnknown(line));
    t.ok(known.length > words.length / 3, `${known.length} have a name`);
    t.same(known.flatMap(disagreements).slice(0, 50), []);
  }
  const nameless = [...words].filter((_, index) => lists.every((lines) => isUnknown(lines[index] as Line)));
  const taken = nameless.filter((word) => {
    const { effect, name } = encodingOf(word);
    return !effect.isRefused && !notHeld.has(name);
  });
  t.same(
    taken.slice(0, 50).map((word) => `${hex(word)} ${encodingOf(word).name}`),
    [],
    'words that neither disassembler knows are refused',
  );
});

t.test('branches that binutils 2.40 and LLVM 19 do not know are decoded', async (t) => {
  // From the Arm ARM's encodings: CB<cc>, CBB<cc> and CBH<cc>, and the returns that take PC into the signature.
  const branches: readonly (readonly [number, string, number | null])[] = [
    [0x74020041, 'conditional', 8], // cbgt w1, w2, .+8
    [0xf4020041, 'conditional', 8], // cbgt x1, x2, .+8
    [0x75010041, 'conditional', 8], // cbgt w1, #2, .+8
    [0xf5010041, 'conditional', 8],
    [0x5500001f, 'return', null], // retaasppc
    [0xd65f0be2, 'return', null], // retaasppcr x2
  ];
  for (const [word, kind, displacement] of branches) {
    t.same(decodeBranch(word), { kind, displacement }, word.toString(16));
  }
});

t.test('control ends at unconditional branches, returns and traps', async (t) => {
  const ending = recorded.filter(({ word }) => {
    const branch = decodeBranch(word);
    return branch !== null && endsFlow(branch);
  });
  t.same([...new Set(ending.map(({ mnemonic }) => mnemonic))].sort(), [
    ...['b', 'br', 'braa', 'braaz', 'brab', 'brabz', 'brk', 'drps'],
    ...['eret', 'eretaa', 'eretab', 'hlt', 'ret', 'retaa', 'retab', 'udf'],
  ]);
});

t.test('calls write the call-clobbered registers, HVC and SMC x0 to x17', async (t) => {
  // [AAPCS64]: x0 to x18 and x30; [SMCCC]: x0 to x17.
  t.equal(registersWritten(wordOf('blr x17')), 0x4007ffff);
  t.equal(registersWritten(wordOf('hvc #0x0')), 0x3ffff);
  t.equal(registersWritten(wordOf('smc #0x0')), 0x3ffff);
});

t.test('hints, barriers and MRS read no register; CHKFEAT reads x16, MSR its operand', async (t) => {
  t.equal(registersRead(0xd503241f), 0, 'bti, whose number looks like x0');
  t.equal(registersRead(0xd503251f), 1 << 16, 'chkfeat x16, which looks like x8');
  t.equal(registersRead(0xd5033fdf), 0, 'isb');
  t.equal(registersRead(0xd53cd040), 0, 'mrs x0, tpidr_el2');
  t.equal(registersRead(0xd51cd040), 1, 'msr tpidr_el2, x0');
});

t.test('the decoders of single instructions give their operands, and null for others', async (t) => {
  const adrp = wordOf('adrp x0, 0');
  t.equal(addressRegister(adrp), 0);
  t.equal(addressRegister(wordOf('add x0, x1, #0x1')), null);
  t.equal(baseRegister(wordOf('ldr x0, [x1, #8]!')), 1);
  t.same(decodeAddImmediate(wordOf('add x0, x1, #0x1')), { to: 0, from: 1 });
  t.equal(decodeAddImmediate(wordOf('adds x0, x1, #0x1')), null);
  t.same(decodeAddImmediate(0x910003fd), { to: 29, from: 31 }, 'mov x29, sp');
  t.same(decodeAddImmediate(0x9100001f), { to: 31, from: 0 }, 'mov sp, x0');
  t.same(decodeMove(wordOf('orr x0, xzr, x1')), { to: 0, from: 1 });
  t.equal(decodeMove(wordOf('add x0, sp, #0x0')), null);
  t.equal(indirectRegister(wordOf('blraaz x3')), 3);
  t.equal(writesSctlrEl2(wordOf('msr sctlr_el2, x0')), true);
  t.equal(writesSctlrEl2(wordOf('mrs x0, sctlr_el2')), false);
  t.equal(signsReturnAddress(wordOf('paciasp')), true);
  t.equal(signsReturnAddress(wordOf('autiasp')), false);
  t.equal(readsTpidrEl2(0xd53cd041), true, 'mrs x1, tpidr_el2');
  t.equal(readsTpidrEl2(0xd538d081), false, 'mrs x1, tpidr_el1');
  t.same(addressTerms(0x8b020020), [1, 2]);
  t.same(addressTerms(0xf8626820), [1, 2], 'ldr x0, [x1, x2]');
  t.equal(addressTerms(0xcb020020), null, 'sub x0, x1, x2');
  t.equal(addressTerms(wordOf('add x0, x1, #0x1')), null);
  t.equal(literalDisplacement(0x58000040), 8, 'ldr x0, .+8');
  t.equal(literalDisplacement(0xf9400000), null, 'ldr x0, [x0]');
  t.equal(NOP, wordOf('nop'));
});
