// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// More bombs for bounds.test.ts: objects of a megabyte in which thousands of things
// refer to thousands of others: symbols at one place, replacements of one
// instruction, labels in one table, calls inlined into each other.

import { SHF, STT } from '../../lib/elf/vocabulary.js';
import {
  ABS64,
  address,
  type Bomb,
  bytes,
  call,
  calls,
  dwarf,
  hyp,
  keyTable,
  NOP,
  one,
  PREL32,
  times,
  u32,
} from './bombs.js';
import type { BuiltSection, Item } from './object-builder.js';

const VHE = '--vhe-cap=11';
const tooInvolved = /its control flow is too involved/;

/** The address of a symbol: an ADRP, and the ADD that completes it. */
const formed = (to: string, register = 0, addend = 0): readonly Item[] => [
  { word: (0x90000000 | register) >>> 0, relocation: { type: 275, to, addend } },
  { word: (0x91000000 | register | (register << 5)) >>> 0, relocation: { type: 277, to, addend } },
];

/** A variable that holds the addresses of places in f. */
const labels = (name: string, count: number): readonly Item[] => [
  { label: name, type: STT.OBJECT, size: 8 * count },
  ...times(count, (index) => address('f', 4 + 4 * (index % 20))),
];

const rodata = (name: string, items: readonly Item[]): BuiltSection => ({ name, items });

/** The offset of f's entry in .debug_info: after the unit's header and root. */
const ORIGIN = 48;

/** f with calls inlined into each other. */
const inlinedChain = (size: number, depth: number): readonly BuiltSection[] => {
  const abbreviations = bytes(
    ...[1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0],
    ...[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0],
    ...[4, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x07, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
    0,
  );
  const whole: readonly Item[] = [address('.hyp.text'), { quad: BigInt(size) }];
  const [, info, ...others] = dwarf(size, [
    bytes(2),
    { bytes: Buffer.from('f\0') },
    ...whole,
    ...times(depth, () => [bytes(4), u32(ORIGIN), ...whole, bytes(1, 1)]).flat(),
    { bytes: new Uint8Array(depth + 1) },
  ]);
  if (!info) throw new Error('dwarf() lacks a section');
  return [{ name: '.debug_abbrev', flags: 0, items: [abbreviations] }, info, ...others];
};

export const bombsOfCode: readonly (() => Bomb)[] = [
  () => ({
    ...one('a megabyte of stores to the stack', [
      hyp([
        ...times(250_000, (index) => 0xf9000000 | ((index % 4096) << 10) | (31 << 5) | (index % 30)),
        call(),
      ]),
    ]),
    says: tooInvolved,
  }),
  ...[[], ['-Wextra']].map(
    (options) => () =>
      one(
        ['findings where 12,000 functions begin', ...options].join(', '),
        [
          hyp([
            ...times(
              12_000,
              (index): Item => ({ label: `l${index}`, type: STT.FUNC, size: 100_000 - index }),
            ),
            ...calls(20_000),
          ]),
        ],
        ...options,
      ),
  ),
  () =>
    one('one ADRP completed by 28,000 instructions', [
      hyp([
        { word: 0x90000000, relocation: { type: 275, to: 'host' } },
        ...times(28_000, () => ({ word: 0x91000001, relocation: { type: 277, to: 'host' } })),
      ]),
    ]),
  () => ({
    ...one('14,000 replacements that overlap', [
      hyp([...times(64, () => NOP), call()]),
      { name: '.altinstr_replacement', flags: SHF.ALLOC, items: calls(100) },
      {
        name: '.altinstructions',
        items: times(
          14_000,
          (index) =>
            [
              { word: 0, relocation: { type: PREL32, to: 'f', addend: (index % 30) * 4 } },
              {
                word: 0,
                relocation: { type: PREL32, to: '.altinstr_replacement', addend: (index % 30) * 4 },
              },
              0x8080000b,
            ] as const,
        ).flat(),
      },
    ]),
    says: tooInvolved,
  }),
  () =>
    one(
      'a name of control characters in 34,000 findings',
      [hyp(calls(34_000, '\x01'.repeat(2000)))],
      '--whole',
    ),
  () => ({
    ...one(
      'static keys that lead back into straight code',
      [
        hyp([...times(60_000, () => NOP), call()]),
        ...keyTable(8000, (index) => [
          { word: 0, relocation: { type: PREL32, to: 'f', addend: 239_996 } },
          { word: 0, relocation: { type: PREL32, to: 'f', addend: (59_000 - index * 7) * 4 } },
        ]),
      ],
      VHE,
    ),
    says: tooInvolved,
  }),
  () =>
    one(
      '12,000 tables of labels',
      [
        hyp([
          ...times(20, () => NOP),
          ...times(500, (index) => formed(`v${index}`)).flat(),
          0xf9400001,
          call(),
        ]),
        rodata('.rodata.t', times(12_000, (index) => labels(`v${index}`, 1)).flat()),
      ],
      VHE,
    ),
  () =>
    one(
      'a table of 10,000 labels, whose address is held 18,000 times',
      [
        hyp([...times(20, () => NOP), call()]),
        rodata('.rodata.t', labels('v', 10_000)),
        rodata(
          '.rodata.u',
          times(18_000, (): Item => ({ quad: 0n, relocation: { type: ABS64, to: 'v' } })),
        ),
      ],
      VHE,
    ),
  () =>
    one(
      'an address with 9,000 symbols that is handed out 7,000 times',
      [
        hyp([
          ...times(9000, (index): Item => ({ label: `x${index}`, type: STT.FUNC, size: 8 })),
          ...times(7000, () => [...formed('f'), 0xf9000020]).flat(),
          call(),
        ]),
      ],
      VHE,
    ),
  () => ({
    ...one(
      'a hundred tables of distances',
      [
        hyp([
          ...times(100, (index) => [
            ...formed('t', 0, index),
            ...[0xb8617802, 0x8b020000],
            ...formed('f', 3, 4 * index),
            ...[0x8b020063, 0xd61f0060],
          ]).flat(),
          call(),
        ]),
        rodata('.rodata.t', [
          { label: 't', type: STT.OBJECT, size: 400_000 },
          { bytes: Uint8Array.from({ length: 400_000 }, (_, index) => (index * 7919) & 0xff) },
        ]),
      ],
      VHE,
    ),
    says: tooInvolved,
  }),
  () =>
    one('calls inlined 10,000 deep, 10,000 findings', [hyp(calls(10_000)), ...inlinedChain(40_004, 10_000)]),
];
