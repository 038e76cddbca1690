// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// More bombs for bounds.test.ts: code that is hard to follow, names that are shared,
// debug information that is read again, sources.

import { STB, STT } from '../../lib/elf/vocabulary.js';
import {
  address,
  type Bomb,
  bytes,
  call,
  calls,
  dwarf,
  host,
  hyp,
  keyTable,
  NOP,
  offsetIn,
  one,
  PREL32,
  RET,
  sizeOf,
  text,
  times,
  u16,
  u32,
} from './bombs.js';
import { type BuiltSection, buildObject, code, type Item } from './object-builder.js';

const VHE = '--vhe-cap=11';

/** B.EQ and B, from one index of an instruction to another. */
const branchTo = (from: number, to: number): number => (0x54000000 | (((to - from) & 0x7ffff) << 5)) >>> 0;
const jumpTo = (from: number, to: number): number => (0x14000000 | ((to - from) & 0x3ffffff)) >>> 0;

/** A source file that debug information names. */
const withSource = (name: string, source: string, ...options: readonly string[]): Bomb => ({
  name,
  files: {
    'x.o': buildObject({ sections: [hyp(calls(10)), ...inlinedIn(44, 8), ...host] }),
    'unit.c': source,
  },
  argv: ['--whole', ...options, 'x.o'],
});

/** Debug information of f, with inlined calls of one function, which is declared in unit.c, line 1. */
const inlinedIn = (size: number, count: number, claimed = size): readonly BuiltSection[] => {
  const abbreviations = bytes(
    ...[1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0],
    ...[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0],
    ...[3, 0x2e, 0, 0x03, 0x08, 0x20, 0x0b, 0x3a, 0x0b, 0x3b, 0x0b, 0, 0],
    ...[4, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x07, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
    0,
  );
  const origin = 4 + 2 + 4 + 1 + 1 + 'unit.c\0'.length + '.\0'.length + 4 + 8 + 8;
  const body: readonly Item[] = [
    u16(4),
    offsetIn('.debug_abbrev'),
    bytes(8),
    bytes(1),
    text('unit.c'),
    text('.'),
    offsetIn('.debug_line'),
    address('.hyp.text'),
    { quad: BigInt(size) },
    bytes(3),
    text('helper'),
    bytes(1, 1, 1),
    bytes(2),
    text('f'),
    address('.hyp.text'),
    { quad: BigInt(size) },
    ...times(
      count,
      () =>
        [
          bytes(4),
          u32(origin),
          address('.hyp.text'),
          { quad: BigInt(claimed) },
          bytes(1, 1),
          bytes(0),
        ] as const,
    ).flat(),
    bytes(0),
    bytes(0),
  ];
  const line = dwarf(size, []).find(({ name }) => name === '.debug_line');
  if (!line) throw new Error('dwarf() lacks a section');
  return [
    { name: '.debug_abbrev', flags: 0, items: [abbreviations] },
    { name: '.debug_info', flags: 0, items: [u32(sizeOf(body)), ...body] },
    line,
  ];
};

/** `count` units over .hyp.text that share one line table and one table of abbreviations. */
const units = (size: number, count: number): readonly BuiltSection[] => {
  const [abbreviations, info, line] = dwarf(size, [
    bytes(2),
    text('f'),
    address('.hyp.text'),
    { quad: BigInt(size) },
    bytes(0),
  ]);
  if (!abbreviations || !info || !line) throw new Error('dwarf() lacks a section');
  const each = Math.floor(size / 4 / count) * 4;
  const unit = (index: number): readonly Item[] => {
    const body: readonly Item[] = [
      u16(4),
      offsetIn('.debug_abbrev'),
      bytes(8, 1),
      text('unit.c'),
      text('/nowhere'),
      offsetIn('.debug_line'),
      address('.hyp.text', index * each),
      { quad: BigInt(each) },
      bytes(0),
    ];
    return [u32(sizeOf(body)), ...body];
  };
  return [abbreviations, { ...info, items: times(count, unit).flat() }, line];
};

export const moreBombs: readonly (() => Bomb)[] = [
  () =>
    one(
      '4,000 indirect branches',
      [hyp(times(4000, (index) => [0xd61f0000 | ((index % 30) << 5), call()] as const).flat())],
      VHE,
    ),
  () => one('20,000 indirect calls', [hyp(times(20_000, (index) => 0xd63f0000 | ((index % 30) << 5)))], VHE),
  () =>
    one(
      'an indirect branch behind each of 10,000 branches',
      [
        hyp([
          call(),
          ...times(
            10_000,
            (index) => [branchTo(index * 2, index + 7), 0xd61f0000 | ((index % 30) << 5)] as const,
          ).flat(),
        ]),
      ],
      VHE,
    ),
  () =>
    one(
      'loops in loops in loops',
      [
        hyp([
          ...times(10_000, (index) => branchTo(index, 0)),
          ...times(10_000, (index) => 0x91000400 | (index % 30)),
          call(),
        ]),
      ],
      VHE,
    ),
  () =>
    one(
      'registers that change in 10,000 loops',
      [
        hyp([
          ...times(
            10_000,
            (index) =>
              [0x91000400 | (index % 30) | ((index % 30) << 5), branchTo(index * 2 + 1, index)] as const,
          ).flat(),
          call(),
        ]),
      ],
      VHE,
    ),
  () =>
    one(
      '30,000 jumps, each to the one before',
      [hyp([jumpTo(0, 30_000), ...times(30_000, (index) => jumpTo(index + 1, index)), call()])],
      VHE,
    ),
  () =>
    one(
      '10,000 functions, each calls the next',
      [
        hyp([call('g0')]),
        {
          name: '.hyp.text.2',
          flags: code,
          items: times(
            10_000,
            (index) =>
              [
                { label: `g${index}`, type: STT.FUNC, binding: STB.GLOBAL },
                call(`g${index + 1}`),
                call(),
                RET,
                { end: `g${index}` },
              ] as const,
          )
            .flat()
            .concat([{ label: 'g10000', type: STT.FUNC, binding: STB.GLOBAL }, RET]),
        },
      ],
      VHE,
    ),
  () =>
    one(
      '10,000 functions that all call one, which calls them all',
      [
        hyp(times(10_000, (index) => call(`g${index}`))),
        {
          name: '.hyp.text.2',
          flags: code,
          items: times(
            10_000,
            (index) =>
              [
                { label: `g${index}`, type: STT.FUNC, binding: STB.GLOBAL },
                call('f'),
                call(),
                RET,
                { end: `g${index}` },
              ] as const,
          ).flat(),
        },
      ],
      VHE,
    ),
  () =>
    one(
      '30,000 labels at one place',
      [hyp([...times(30_000, (index): Item => ({ label: `l${index}` })), ...calls(5000)])],
      VHE,
    ),
  () =>
    one(
      '20,000 functions that overlap',
      [
        hyp([
          ...times(20_000, (index): Item => ({ label: `l${index}`, type: STT.FUNC, size: 100_000 - index })),
          ...calls(5000),
        ]),
      ],
      VHE,
    ),
  () =>
    one('findings in 10,000 functions', [
      {
        name: '.hyp.text',
        flags: code,
        items: times(
          10_000,
          (index) =>
            [
              { label: `f${index}`, type: STT.FUNC, binding: STB.GLOBAL },
              call(),
              RET,
              { end: `f${index}` },
            ] as const,
        ).flat(),
      },
    ]),
  () => one('a name of a megabyte, used 5,000 times', [hyp(calls(5000, 'n'.repeat(900_000)))], '--whole'),
  () =>
    one('a section name of a megabyte', [
      { name: `.hyp.text.${'n'.repeat(900_000)}`, flags: code, items: [{ label: 'f' }, ...calls(2000)] },
    ]),
  () => ({
    name: 'a name of two kilobytes in 20,000 findings',
    files: { 'x.o': buildObject({ sections: [hyp(calls(20_000, 'n'.repeat(2000))), ...host] }) },
    argv: ['--whole', '-fdiagnostics-format=json', 'x.o'],
  }),
  () => one('1,000 units with one line table', [hyp(calls(20_000)), ...units(80_000, 1000)]),
  () =>
    one('a line table of a megabyte', [
      hyp(calls(100)),
      ...dwarf(3_000_000, [bytes(2), text('f'), address('.hyp.text'), { quad: 3_000_000n }, bytes(0)]),
    ]),
  () =>
    one(
      '20,000 inlined calls that cover everything',
      [hyp(calls(1000)), ...inlinedIn(4004, 20_000)],
      '-Wextra',
      '--whole',
    ),
  () =>
    one(
      '20,000 inlined calls that cover 2^40 bytes',
      [hyp(calls(1000)), ...inlinedIn(4004, 20_000, 2 ** 40)],
      '-Wextra',
      '--whole',
    ),
  () => withSource('a comment without an end', `/* ${'x '.repeat(400_000)}`, '-Wextra'),
  () => withSource('comments without an end', '/*'.repeat(400_000), '-Wextra'),
  () =>
    withSource(
      'a line of a megabyte',
      `static inline int helper(void) { return ${'1+'.repeat(400_000)}1; }`,
      '-Wextra',
    ),
  () => withSource('open brackets', `static inline int helper(void) { ${'({['.repeat(300_000)}`, '-Wextra'),
  () =>
    withSource(
      'macros that double in length',
      `${times(60, (index) => `#define M${index + 1} M${index} M${index}\n`).join('')}M60 int helper(void) { return 0; }\n`.repeat(
        100,
      ),
      '-Wextra',
    ),
  () =>
    withSource(
      'macros with arguments that double in length',
      `#define M0(x) x\n${times(60, (index) => `#define M${index + 1}(x) M${index}(x x) M${index}(x)\n`).join('')}M60(static) inline int helper(void) { return 0; }\n`,
      '-Wextra',
    ),
  () => withSource('100,000 nested #if', '#if 1\n'.repeat(100_000), '-Wextra'),
  () =>
    withSource(
      'a condition of a megabyte',
      `#if ${'(1+'.repeat(200_000)}\n#endif\nstatic inline int helper(void);\n`,
      '-Wextra',
    ),
  () =>
    withSource(
      '50,000 definitions of macros',
      times(50_000, (index) => `#define M${index} M${index + 1}\n`).join(''),
      '-Wextra',
    ),
  () =>
    withSource(
      '30,000 functions in a source',
      times(
        30_000,
        (index) => `static inline int helper${index}(void) { return helper${index + 1}(); }\n`,
      ).join(''),
      '-Wextra',
    ),
  () =>
    withSource(
      'the same function 20,000 times',
      'static inline int helper(void) { return helper(); }\n'.repeat(20_000),
      '-Wextra',
    ),
  () => withSource('strings without an end', `"${'\\"'.repeat(400_000)}`, '-Wextra'),
  () => withSource('backslashes', '\\\n'.repeat(400_000), '-Wextra'),
  () => ({
    name: 'a jump table of a megabyte that is followed',
    files: {
      'x.o': buildObject({
        sections: [
          hyp([...times(5000, (index) => [{ label: `j${index}` }, NOP] as const).flat(), call()]),
          ...keyTable(15_000, (index) => [
            { word: 0, relocation: { type: PREL32, to: `j${index % 5000}` } },
            { word: 0, relocation: { type: PREL32, to: `j${(index * 7919) % 5000}` } },
          ]),
          ...host,
        ],
      }),
    },
    argv: [VHE, '-Whyp-vhe-only', 'x.o'],
  }),
  () => ({
    name: 'a linker script of a megabyte',
    files: {
      'b/vmlinux.o': buildObject({ sections: [hyp(calls(10)), ...host] }),
      'b/include/config/auto.conf': 'CONFIG_X=y\n'.repeat(80_000),
      'b/include/config/kernel.release': '6.1.0\n',
      'b/arch/arm64/kernel/vmlinux.lds': times(
        40_000,
        (index) => `__kvm_nvhe_a${index} = a${index + 1};\n`,
      ).join(''),
      'b/arch/arm64/include/generated/asm/cpucaps.h':
        `#define ARM64_HAS_VIRT_HOST_EXTN ${'('.repeat(200_000)}\n#define `.repeat(3),
    },
    argv: ['--build', 'b'],
  }),
  () => ({
    name: 'a linker script made of blanks',
    files: {
      'b/vmlinux.o': buildObject({ sections: [hyp(calls(10)), ...host] }),
      'b/include/config/auto.conf': `CONFIG_${' '.repeat(500_000)}\n`,
      'b/include/config/kernel.release': '6.1.0\n',
      'b/arch/arm64/kernel/vmlinux.lds': `__kvm_nvhe_a${' '.repeat(1_000_000)}`,
      'b/arch/arm64/include/generated/asm/cpucaps.h': `#define${' '.repeat(500_000)}\n`,
    },
    argv: ['--build', 'b'],
  }),
  () => ({
    name: 'a response file of a megabyte',
    files: { 'x.o': buildObject({ sections: [hyp([]), ...host] }), words: 'x.o '.repeat(250_000) },
    argv: ['@words'],
  }),
  () => ({
    name: 'a response file of backslashes',
    files: { 'x.o': buildObject({ sections: [hyp([]), ...host] }), words: `"${'\\'.repeat(1_000_000)}` },
    argv: ['@words', 'x.o'],
  }),
  () => ({
    name: 'names that are nearly words',
    files: { 'x.o': buildObject({ sections: [hyp([]), ...host] }) },
    argv: [`--${'whole'.repeat(20_000)}`, 'x.o'],
  }),
];
