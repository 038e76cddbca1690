// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The decoder against objdump: on a recording with every kind of instruction
// that a row is for, and, where objdump is installed, on twenty thousand words
// that nobody chose.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  addressRegister,
  baseRegister,
  decodeAddImmediate,
  decodeBranch,
  decodeMemory,
  decodeMove,
  endsFlow,
  indirectRegister,
  NOP,
  registersWritten,
  writesSctlrEl2,
} from '../../lib/aarch64/instructions.js';
import { inFolder, run, without } from '../support/tools.js';
import {
  branchMeaning,
  isCall,
  isScalable,
  isUnknown,
  type Line,
  memoryMeaning,
  parseListing,
  writtenMeaning,
} from './objdump.js';

const recorded = parseListing(
  readFileSync(join(import.meta.dirname, 'recordings', 'instructions.txt'), 'utf8'),
);

/** The word of a recorded instruction. */
const wordOf = (text: string): number => {
  const line = recorded.find(({ mnemonic, operands }) => `${mnemonic} ${operands}`.trim() === text);
  if (!line) throw new Error(`'${text}' is not recorded`);
  return line.word;
};

/** What the decoder says, and what objdump does; equal where all is well. */
const comparisons = (line: Line): readonly (readonly [string, unknown, unknown])[] => {
  const memory = decodeMemory(line.word);
  return [
    ['branch', decodeBranch(line.word), branchMeaning(line)],
    // The base of a literal means nothing.
    ['memory', memory?.mode === 'literal' ? { ...memory, base: null } : memory, memoryMeaning(line)],
    ...(isCall(line) || isScalable(line)
      ? []
      : [['registers written', registersWritten(line.word), writtenMeaning(line)] as const]),
  ];
};

const sorted = (value: unknown): string =>
  JSON.stringify(value, value && typeof value === 'object' ? Object.keys(value).sort() : undefined);

const disagreements = (line: Line): readonly string[] =>
  comparisons(line)
    .filter(([, ours, theirs]) => sorted(ours) !== sorted(theirs))
    .map(
      ([what, ours, theirs]) =>
        `${line.word.toString(16)} ${line.mnemonic} ${line.operands}: ${what} ${sorted(ours)}, objdump ${sorted(theirs)}`,
    );

t.test('each recorded instruction means what objdump says', async (t) => {
  t.ok(recorded.length > 250, `${recorded.length} instructions are recorded`);
  for (const line of recorded) {
    t.notOk(isUnknown(line), 'objdump knows it');
    t.same(disagreements(line), [], `${line.mnemonic} ${line.operands}`);
  }
});

t.test('every kind of branch and access is among the recorded ones', async (t) => {
  t.same(new Set(recorded.flatMap((line) => branchMeaning(line)?.kind ?? [])).size, 8);
  const accesses = recorded.flatMap((line) => {
    const memory = memoryMeaning(line);
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

/** A seeded generator (mulberry32), so that a failure can be repeated. */
const randomWords = (count: number, seed: number): Uint32Array => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return Uint32Array.from({ length: count }, (_, index) => {
    const word = next();
    // A third anywhere, a third among loads and stores, a third among branches and system instructions.
    if (index % 3 === 1) return ((word & 0xf5ffffff) | 0x08000000) >>> 0;
    return index % 3 === 2 ? ((word & 0xe3ffffff) | 0x14000000) >>> 0 : word;
  });
};

t.test(
  '20,000 random words mean what objdump says',
  { skip: without('aarch64-linux-gnu-objdump') },
  async (t) => {
    const words = randomWords(20_000, Number(process.env.HYPCHECK_SEED ?? 20200212));
    const listing = inFolder((folder) => {
      writeFileSync(join(folder, 'words'), words);
      return run(
        'aarch64-linux-gnu-objdump',
        ['-D', '-b', 'binary', '-m', 'aarch64', '-M', 'no-aliases', '-z', 'words'],
        folder,
      );
    });
    const lines = parseListing(listing);
    t.equal(lines.length, words.length);
    const known = lines.filter((line) => !isUnknown(line));
    t.ok(known.length > 5000, `objdump can name ${known.length}`);
    t.same(known.flatMap(disagreements), []);
  },
);

t.test('what binutils 2.40 has no name for yet', async (t) => {
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

t.test('which branches end a flow', async (t) => {
  const ending = recorded.filter(({ word }) => {
    const branch = decodeBranch(word);
    return branch !== null && endsFlow(branch);
  });
  t.same([...new Set(ending.map(({ mnemonic }) => mnemonic))].sort(), [
    ...['b', 'br', 'braa', 'braaz', 'brab', 'brabz', 'brk', 'drps'],
    ...['eret', 'eretaa', 'eretab', 'hlt', 'ret', 'retaa', 'retab', 'udf'],
  ]);
});

t.test('calls and hypervisor calls leave the scratch registers changed', async (t) => {
  // [AAPCS64]: x0 to x18 and x30; [SMCCC]: x0 to x17.
  t.equal(registersWritten(wordOf('blr x17')), 0x4007ffff);
  t.equal(registersWritten(wordOf('hvc #0x0')), 0x3ffff);
  t.equal(registersWritten(wordOf('smc #0x0')), 0x3ffff);
});

t.test('single registers of an instruction', async (t) => {
  const adrp = wordOf('adrp x0, 0');
  t.equal(addressRegister(adrp), 0);
  t.equal(addressRegister(wordOf('add x0, x1, #0x1')), null);
  t.equal(baseRegister(wordOf('ldr x0, [x1, #8]!')), 1);
  t.same(decodeAddImmediate(wordOf('add x0, x1, #0x1')), { to: 0, from: 1 });
  t.equal(decodeAddImmediate(wordOf('adds x0, x1, #0x1')), null);
  t.same(decodeMove(wordOf('orr x0, xzr, x1')), { to: 0, from: 1 });
  t.equal(decodeMove(wordOf('add x0, sp, #0x0')), null);
  t.equal(indirectRegister(wordOf('blraaz x3')), 3);
  t.equal(writesSctlrEl2(wordOf('msr sctlr_el2, x0')), true);
  t.equal(writesSctlrEl2(wordOf('mrs x0, sctlr_el2')), false);
  t.equal(NOP, wordOf('nop'));
});
