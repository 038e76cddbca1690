// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Bombs: small files that make much work, about as bad as a file of a megabyte can
// be. bounds.test.ts runs the program on them, with bounds on its time and memory.

import { deflateSync } from 'node:zlib';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { type BuiltSection, buildObject, code, type Item } from './object-builder.js';

export interface Bomb {
  readonly name: string;
  /** Files by name, relative to the folder where the program runs. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly argv: readonly string[];
  /** What the program has to say of what it left out. */
  readonly says?: RegExp;
}

export const RET = 0xd65f03c0;
export const NOP = 0xd503201f;
export const CALL26 = 283;
export const ABS64 = 257;
export const ABS32 = 258;
const PREL64 = 260;
export const PREL32 = 261;

export const times = <Value>(count: number, make: (index: number) => Value): readonly Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const bytes = (...values: readonly number[]): Item => ({ bytes: Uint8Array.from(values) });
export const u16 = (value: number): Item => bytes(value & 0xff, value >> 8);
export const u32 = (value: number): Item => value >>> 0;
export const uleb = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uleb(Math.floor(value / 0x80))];
export const address = (to: string, addend = 0): Item => ({
  quad: 0n,
  relocation: { type: ABS64, to, addend },
});
export const offsetIn = (to: string, addend = 0): Item => ({
  word: 0,
  relocation: { type: ABS32, to, addend },
});

export const call = (to = 'host'): Item => ({ word: 0x94000000, relocation: { type: CALL26, to } });

/** A host function, and a host table that makes f an entry. */
export const host: readonly BuiltSection[] = [
  {
    name: '.text',
    flags: code,
    items: [{ label: 'host', type: STT.FUNC, binding: STB.GLOBAL }, RET, { end: 'host' }],
  },
  { name: '.rodata', items: [{ quad: 0n, relocation: { type: ABS64, to: 'f' } }] },
];

export const hyp = (items: readonly Item[]): BuiltSection => ({
  name: '.hyp.text',
  flags: code,
  items: [{ label: 'f', type: STT.FUNC, binding: STB.GLOBAL }, ...items, RET, { end: 'f' }],
});

export const one = (
  name: string,
  sections: readonly BuiltSection[],
  ...options: readonly string[]
): Bomb => ({
  name,
  files: { 'x.o': buildObject({ sections: [...sections, ...host] }) },
  argv: [...options, 'x.o'],
});

export const sizeOf = (items: readonly Item[]): number =>
  items.reduce<number>((sum, item) => {
    if (typeof item === 'number' || 'word' in item) return sum + 4;
    if ('quad' in item) return sum + 8;
    return sum + ('bytes' in item ? item.bytes.length : 0);
  }, 0);

/** Abbreviations: 1 a unit, 2 a function with low_pc and high_pc, 3 one with ranges, 4 an inlined call with ranges, 5 a block. */
const abbreviations = bytes(
  ...[1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0],
  ...[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0],
  ...[3, 0x2e, 1, 0x03, 0x08, 0x55, 0x17, 0, 0],
  ...[4, 0x1d, 1, 0x31, 0x13, 0x55, 0x17, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
  ...[5, 0x0b, 1, 0, 0],
  0,
);

export const text = (value: string): Item => ({ bytes: Buffer.from(`${value}\0`) });

/** A unit of DWARF 4 over .hyp.text with these entries; functions end their children with 0. */
export const dwarf = (
  size: number,
  entries: readonly Item[],
  ranges: readonly Item[] = [],
): readonly BuiltSection[] => {
  const body: readonly Item[] = [
    u16(4),
    offsetIn('.debug_abbrev'),
    bytes(8),
    bytes(1),
    text('unit.c'),
    text('/nowhere'),
    offsetIn('.debug_line'),
    address('.hyp.text'),
    { quad: BigInt(size) },
    ...entries,
    bytes(0),
  ];
  const program: readonly Item[] = [
    u16(4),
    u32(30),
    bytes(4, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0),
    text('unit.c'),
    bytes(0, 0, 0, 0),
    bytes(0, 9, 2),
    address('.hyp.text'),
    ...times(Math.floor(size / 4), () => bytes(75)),
    bytes(2, ...uleb(4), 0, 1, 1),
  ];
  const section = (name: string, items: readonly Item[], flags = 0): BuiltSection => ({ name, flags, items });
  return [
    section('.debug_abbrev', [abbreviations]),
    section('.debug_info', [u32(sizeOf(body)), ...body]),
    section('.debug_line', [u32(sizeOf(program)), ...program]),
    section('.debug_ranges', ranges),
  ];
};

export const ranged = (name: string, at: number): readonly Item[] => [bytes(3), text(name), u32(at)];
export const pair = (start: number, end: number): readonly Item[] => [
  address('.hyp.text', start),
  address('.hyp.text', end),
];
/** A table of static keys, with the one key that all its entries have; `entry`: the instruction and its target. */
export const keyTable = (
  count: number,
  entry: (index: number) => readonly [site: Item, target: Item],
): readonly BuiltSection[] => [
  {
    name: '__jump_table',
    flags: SHF.ALLOC | SHF.WRITE,
    items: times(count, (index) => [
      ...entry(index),
      { quad: 0n, relocation: { type: PREL64, to: 'key' } } as const,
    ]).flat(),
  },
  {
    name: '.data',
    flags: SHF.ALLOC | SHF.WRITE,
    items: [{ label: 'key', type: STT.OBJECT, binding: STB.GLOBAL, size: 16 }, { quad: 0n }, { quad: 0n }],
  },
];

export const endOfRanges: readonly Item[] = [{ quad: 0n }, { quad: 0n }];

const compressed = (name: string, content: Uint8Array, claimed: number): BuiltSection => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(1, 0);
  header.writeBigUInt64LE(BigInt(claimed), 8);
  header.writeBigUInt64LE(1n, 16);
  return { name, flags: SHF.COMPRESSED, items: [{ bytes: Buffer.concat([header, content]) }] };
};

export const member = (name: string, content: Uint8Array): Uint8Array => {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, '\n')]);
};

export const calls = (count: number, to = 'host'): readonly Item[] => times(count, () => call(to));

/** 1 GB of zeros in a megabyte. */
const zeros = (): Uint8Array => deflateSync(Buffer.alloc(1 << 30), { level: 9 });

/** Each is made when it is wanted: some take a moment. */
export const bombs: readonly (() => Bomb)[] = [
  () => one('30,000 findings in a function', [hyp(calls(30_000))]),
  () => one('10,000 findings in a function, as JSON', [hyp(calls(10_000))], '-fdiagnostics-format=json'),
  () => one('10,000 findings in a function, all references', [hyp(calls(10_000))], '--references'),
  () =>
    one('10,000 findings with lines', [
      hyp(calls(10_000)),
      ...dwarf(40_004, [bytes(2), text('f'), address('.hyp.text'), { quad: 40_004n }, bytes(0)]),
    ]),
  () =>
    one('a range list that claims everything', [
      hyp(calls(1000)),
      ...dwarf(4004, times(2000, (index) => [...ranged(`f${index}`, 0), bytes(0)]).flat(), [
        { quad: 0n },
        { quad: 2n ** 53n },
        ...times(2000, () => [address('.hyp.text'), address('.hyp.text', 2 ** 40)]).flat(),
        ...endOfRanges,
      ]),
    ]),
  () =>
    one('10,000 disjoint ranges in each of 1,000 functions', [
      hyp(calls(1000)),
      ...dwarf(4004, times(1000, (index) => [...ranged(`f${index}`, 0), bytes(0)]).flat(), [
        ...times(10_000, (index) => pair(index * 8, index * 8 + 4)).flat(),
        ...endOfRanges,
      ]),
    ]),
  () =>
    one('10,000 nested ranges', [
      hyp(calls(1000)),
      ...dwarf(
        4004,
        [...ranged('f', 0), bytes(0)],
        [...times(10_000, (index) => pair(index, 40_000 - index)).flat(), ...endOfRanges],
      ),
    ]),
  () =>
    one('10,000 nested functions', [
      hyp(calls(1000)),
      ...dwarf(
        4004,
        times(
          10_000,
          (index) =>
            [
              bytes(2),
              text('f'),
              address('.hyp.text', index),
              { quad: BigInt(40_000 - 2 * index) },
              bytes(0),
            ] as const,
        ).flat(),
      ),
    ]),
  () =>
    one('10,000 inlined calls with 10,000 ranges', [
      hyp(calls(1000)),
      ...dwarf(
        4004,
        [
          bytes(2),
          text('f'),
          address('.hyp.text'),
          { quad: 4004n },
          ...times(10_000, () => [bytes(4), u32(0), u32(0), bytes(1, 1), bytes(0)]).flat(),
          bytes(0),
        ],
        [...times(10_000, (index) => pair(index * 8, index * 8 + 4)).flat(), ...endOfRanges],
      ),
    ]),
  () =>
    one('100,000 nested blocks', [
      hyp(calls(1000)),
      ...dwarf(4004, [
        bytes(2),
        text('f'),
        address('.hyp.text'),
        { quad: 4004n },
        ...times(100_000, () => bytes(5)),
        ...times(100_000, () => bytes(0)),
        bytes(0),
      ]),
    ]),
  () =>
    one('debug information that claims a gigabyte', [
      hyp(calls(10)),
      compressed('.debug_info', deflateSync(Buffer.alloc(1 << 20)), 1 << 30),
      compressed('.debug_line', deflateSync(Buffer.alloc(1 << 20)), 1 << 30),
    ]),
  () =>
    one('debug information that unpacks to a gigabyte', [
      hyp(calls(10)),
      compressed('.debug_info', zeros(), 1 << 30),
    ]),
  () =>
    one('code that unpacks to a gigabyte', [
      { ...compressed('.hyp.text', zeros(), 1 << 30), flags: SHF.COMPRESSED | code },
    ]),
  () =>
    one('relocations that unpack to a gigabyte', [
      hyp(calls(10)),
      { ...compressed('.rela.hyp.text', zeros(), 1 << 30), type: SHT.RELA, info: 1, entrySize: 24 },
    ]),
  () =>
    one('section indices that unpack to a gigabyte', [
      hyp(calls(10)),
      { ...compressed('.symtab_shndx', zeros(), 1 << 30), type: SHT.SYMTAB_SHNDX, link: 1 },
    ]),
  () => {
    const object = buildObject({ sections: [hyp([]), ...host] });
    return {
      name: '5,000 objects in an archive',
      files: {
        'x.a': Buffer.concat([
          Buffer.from('!<arch>\n'),
          ...times(5000, (index) => member(`${index}.o/`, object)),
        ]),
      },
      argv: ['x.a'],
    };
  },
  () => {
    const object = buildObject({ sections: [hyp([call()]), ...host] });
    return {
      name: '1,000 objects with a finding in an archive',
      files: {
        'x.a': Buffer.concat([
          Buffer.from('!<arch>\n'),
          ...times(1000, (index) => member(`${index}.o/`, object)),
        ]),
      },
      argv: ['x.a'],
    };
  },
  () => ({
    name: '16,000 members that are no objects',
    files: {
      'x.a': Buffer.concat([
        Buffer.from('!<arch>\n'),
        ...times(16_000, (index) => member(`${index}.o/`, new Uint8Array(0))),
      ]),
    },
    argv: ['x.a'],
  }),
  () => ({
    name: 'an archive in an archive, thirteen deep',
    files: {
      'x.a': times(8_000, () => 0).reduce<Buffer>(
        (inner, _, index) =>
          index > 12
            ? inner
            : Buffer.concat([Buffer.from('!<arch>\n'), member('a.a/', inner), member('b.a/', inner)]),
        Buffer.from('!<arch>\n'),
      ),
    },
    argv: ['x.a'],
  }),
  () =>
    one('1,000 relocation headers on one table', [
      hyp(calls(10)),
      {
        name: '.rela.shared',
        type: SHT.RELA,
        flags: 0,
        info: 1,
        entrySize: 24,
        items: [{ bytes: new Uint8Array(24 * 40_000) }],
      },
    ]),
  () =>
    one(
      '20,000 hyp sections',
      times(20_000, (index) => ({
        name: `.hyp.text.${index}`,
        flags: code,
        items: [{ label: `f${index}` }, NOP],
      })),
    ),
  () =>
    one('30,000 symbols in a section', [
      hyp(times(30_000, (index) => [{ label: `l${index}` }, NOP] as const).flat()),
    ]),
  () =>
    one('40,000 mapping symbols', [
      hyp(
        times(
          20_000,
          (index) => [{ label: `$d.${index}` }, 0, { label: `$x.${index}` }, NOP] as const,
        ).flat(),
      ),
    ]),
  () =>
    one('5,000 ADRP pairs in a function', [
      hyp(
        times(
          5000,
          () =>
            [
              { word: 0x90000000, relocation: { type: 275, to: 'host' } },
              { word: 0x91000000, relocation: { type: 277, to: 'host' } },
            ] as const,
        ).flat(),
      ),
    ]),
  () =>
    one('5,000 ADRPs, and what completes them far behind', [
      hyp([
        ...times(5000, (index) => ({
          word: 0x90000000 | (index % 28),
          relocation: { type: 275, to: 'host' },
        })),
        ...times(5000, (index) => ({
          word: 0x91000000 | (index % 28) | ((index % 28) << 5),
          relocation: { type: 277, to: 'host' },
        })),
      ]),
    ]),
  () =>
    one('20,000 labels, and branches to them', [
      hyp(
        times(
          20_000,
          (index) => [{ label: `.L${index}` }, 0x54000000 | (((index * 7919) % 1000) << 5)] as const,
        ).flat(),
      ),
      { name: '.rodata.2', items: [call()] },
    ]),
  () =>
    one('10,000 replacements', [
      hyp([...times(10_000, (index) => [{ label: `a${index}` }, NOP] as const).flat(), call()]),
      {
        name: '.altinstr_replacement',
        flags: SHF.ALLOC,
        items: times(10_000, (index) => [{ label: `r${index}` }, NOP] as const).flat(),
      },
      {
        name: '.altinstructions',
        items: times(
          10_000,
          (index) =>
            [
              { word: 0, relocation: { type: PREL32, to: `a${index}` } },
              { word: 0, relocation: { type: PREL32, to: `r${index}` } },
              0x0404000b,
            ] as const,
        ).flat(),
      },
    ]),
  () =>
    one('a patch table of a megabyte', [
      hyp([call()]),
      { name: '__jump_table', flags: SHF.ALLOC | SHF.WRITE, items: [{ bytes: new Uint8Array(1 << 20) }] },
    ]),
  () =>
    one('a patch table of a megabyte with relocations', [
      hyp([call()]),
      {
        name: '__jump_table',
        flags: SHF.ALLOC | SHF.WRITE,
        items: times(
          15_000,
          () =>
            [
              { word: 0, relocation: { type: PREL32, to: 'f' } },
              { word: 0, relocation: { type: PREL32, to: 'f' } },
              { quad: 0n, relocation: { type: 260, to: 'host' } },
            ] as const,
        ).flat(),
      },
    ]),
  () =>
    one('a patch table of 2^40 bytes', [
      hyp([call()]),
      { name: '.altinstructions', size: 2 ** 40, items: [] },
    ]),
  () =>
    one('a NOBITS patch table of 2^40 bytes', [
      hyp([call()]),
      { name: '.altinstructions', type: SHT.NOBITS, size: 2 ** 40, items: [] },
    ]),
  () =>
    one('hyp code of 2^40 bytes', [
      { name: '.hyp.text', flags: code, size: 2 ** 40, items: [{ label: 'f' }, call()] },
    ]),
  () =>
    one('a symbol of 2^40 bytes', [
      {
        name: '.hyp.text',
        flags: code,
        items: [{ label: 'f', size: 2 ** 40, type: STT.FUNC, binding: STB.GLOBAL }, call(), RET],
      },
    ]),
  () =>
    one('1,000 indirect branches', [
      hyp(times(1000, (index) => [0xd61f0000 | ((index % 30) << 5), call()] as const).flat()),
    ]),
  () =>
    one('4,000 indirect calls', [
      hyp(
        times(4000, (index) => 0xd63f0000 | ((index % 30) << 5))
          .concat(0)
          .map((word): Item => word)
          .concat([call()]),
      ),
    ]),
  () =>
    one('20,000 conditional branches', [
      hyp([...times(20_000, (index) => 0x54000000 | ((20_000 - index) << 5)), call()]),
    ]),
  () =>
    one('a function that calls 10,000 others, which call one another', [
      hyp(times(10_000, (index) => call(`g${index}`))),
      {
        name: '.hyp.text.2',
        flags: code,
        items: times(
          10_000,
          (index) =>
            [
              { label: `g${index}`, type: STT.FUNC, binding: STB.GLOBAL },
              call(`g${(index * 7919) % 10_000}`),
              RET,
              { end: `g${index}` },
            ] as const,
        ).flat(),
      },
    ]),
  () => ({
    ...one('suppressions with many wildcards', [hyp([call()])]),
    files: {
      'x.o': buildObject({ sections: [hyp([call('a'.repeat(20_000))]), ...host] }),
      list: times(1000, () => `hyp-call * ${'a*'.repeat(40)}b a reason\n`).join(''),
    },
    argv: ['--whole', '--suppressions', 'list', 'x.o'],
  }),
  () => ({
    ...one('many suppressions for many findings', []),
    files: {
      'x.o': buildObject({
        sections: [hyp(times(9000, (index) => call(`host_function_${index}`))), ...host],
      }),
      // As many as are taken.
      list: times(1000, (index) => `hyp-call *f* *nothing_${index} a reason\n`).join(''),
    },
    argv: ['--whole', '--suppressions', 'list', 'x.o'],
  }),
  () => one('a name of a megabyte', [hyp([call('n'.repeat(1 << 20))])], '--whole'),
  () =>
    one(
      '1,000 undefined names of a kilobyte',
      [hyp(times(1000, (index) => call(`${'n'.repeat(1000)}${index}`)))],
      '-v',
    ),
  () => one('20,000 undefined names', [hyp(times(20_000, (index) => call(`n${index}`)))], '-v'),
];
