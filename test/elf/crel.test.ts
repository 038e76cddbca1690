// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { CrelTable } from '../../lib/elf/crel.js';
import type { Relocation } from '../../lib/elf/relocations.js';
import { SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { type CrelEntry, encodeCrel } from '../support/crel.js';
import { buildObject, code } from '../support/object-builder.js';
import { open, sectionOf } from '../support/objects.js';
import { compileBy, runOn, without } from '../support/tools.js';

const tableOf = (bytes: Uint8Array): CrelTable =>
  new CrelTable({
    file: 'a.o',
    section: '.crel.text',
    size: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
  });

const entriesOf = (table: CrelTable): readonly Relocation[] => {
  const all = table.range(0, table.count);
  return Array.from({ length: all.count }, (_, index) => all.entry(index));
};

const plain = (entries: readonly CrelEntry[]): readonly Relocation[] =>
  entries.map(({ offset, symbol, type, addend = 0 }) => ({
    offset: Number(offset),
    symbol,
    type,
    addend: Number(addend),
  }));

t.test('two entries that were encoded by hand are read', async (t) => {
  // Two entries with addends: offset 8, symbol 2, CALL26 (283); then 12 further, same symbol and type, addend -4.
  const bytes = Uint8Array.of(2 * 8 + 4, (8 << 3) | 3, 2, 0x9b, 0x02, (12 << 3) | 4, 0x7c);
  t.same(entriesOf(tableOf(bytes)), [
    { offset: 8, symbol: 2, type: 283, addend: 0 },
    { offset: 20, symbol: 2, type: 283, addend: -4 },
  ]);
});

t.test('fields of every size and entries in any order are read back', async (t) => {
  const cases: readonly (readonly CrelEntry[])[] = [
    [],
    [{ offset: 0, symbol: 0, type: 0 }],
    [15, 16, 31, 32, 2047, 2048, 1 << 20, 0xfffffff0, 2 ** 33].map((offset) => ({
      offset,
      symbol: 1,
      type: 257,
    })),
    [100, 4, 2 ** 40, 0, 8].map((offset, symbol) => ({ offset, symbol, type: 257 })),
    [0xffffffff, 0, 0x7fffffff, 0x80000000].map((symbol) => ({ offset: 4, symbol, type: symbol })),
    [1n << 62n, -(1n << 63n), 0n, -1n, 0x7fffffffn, 0x80000000n, 0x100000000n].map((addend) => ({
      offset: 4,
      symbol: 1,
      type: 257,
      addend,
    })),
  ];
  for (const entries of cases) t.same(entriesOf(tableOf(encodeCrel(entries))), plain(entries));
  for (const shift of [1, 2, 3]) {
    const entries = [8, 0, 2 ** 33, 16].map((offset) => ({ offset, symbol: 3, type: 283, addend: 8 }));
    t.same(entriesOf(tableOf(encodeCrel(entries, shift))), plain(entries), `shift ${shift}`);
  }
});

t.test('any range of a long table can be read, in any order', async (t) => {
  const entries = Array.from({ length: 10000 }, (_, index) => ({
    offset: index * 4,
    symbol: (index * 7919) % 1000,
    type: 257 + (index % 40),
    addend: ((index * 31) % 500) - 250,
  }));
  const table = tableOf(encodeCrel(entries));
  for (const [first, count] of [
    [9999, 1],
    [0, 1],
    [4095, 2],
    [4096, 4096],
    [100, 9000],
    [10000, 0],
  ] as const) {
    const read = table.range(first, count);
    t.same(
      Array.from({ length: read.count }, (_, index) => read.entry(index)),
      plain(entries.slice(first, first + count)),
      `${first}, ${count}`,
    );
  }
  t.same(
    [...table.chunks()].flatMap((piece) =>
      Array.from({ length: piece.count }, (_, index) => piece.entry(index)),
    ),
    plain(entries),
  );
  t.throws(() => table.range(9999, 2), /^a\.o\(\.crel\.text\)\+0x/);
});

t.test('a damaged table is a FormatError', async (t) => {
  const good = encodeCrel(
    [8, 4000, 12].map((offset, symbol) => ({ offset, symbol, type: 283, addend: -offset })),
  );
  for (let length = 0; length < good.length; length++)
    t.throws(() => entriesOf(tableOf(good.slice(0, length))), /^a\.o\(\.crel\.text\)\+0x/, `${length} bytes`);
  t.throws(() => entriesOf(tableOf(Uint8Array.of(...good, 0))), /1 bytes follow the last of 3 relocations/);
  t.throws(() => tableOf(Uint8Array.of(4, 0)), /1 bytes follow the last of 0/);
  t.throws(() => tableOf(Uint8Array.of(0)), /without addends/);
  // 2^60 entries: refused before any memory is allocated for them.
  const huge = Uint8Array.of(0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0);
  t.throws(() => tableOf(huge), /promises 1152921504606847000 relocations and has 12 bytes/);
  t.throws(() => tableOf(new Uint8Array(20).fill(0xff)), /too large/);
});

/** llvm-readelf's fields of all relocations: offset, type, symbol, addend. */
const readelf = (bytes: Uint8Array): readonly string[] =>
  runOn('llvm-readelf-19', ['-r', '--elf-output-style=LLVM', '--expand-relocs'], bytes)
    .split('\n')
    .flatMap((line) => /^\s*(?:Offset|Type|Symbol|Addend): (.*)$/.exec(line)?.[1] ?? []);

const ours = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const object = await open(bytes);
  const hex = (value: number | bigint) => `0x${value.toString(16).toUpperCase()}`;
  return object.sections
    .filter(({ type }) => type === SHT.CREL)
    .flatMap((section) => {
      const table = object.relocations(section);
      return Array.from({ length: table.count }, (_, index) => table.entry(index)).flatMap(
        ({ offset, type, symbol, addend }) => [
          hex(offset),
          String(type),
          String(symbol),
          hex(BigInt.asUintN(64, BigInt(addend))),
        ],
      );
    });
};

/** Symbols and types by their numbers, to compare with `ours`. */
const numbers = (fields: readonly string[]): readonly string[] =>
  fields.map((field) => /\((\d+)\)$/.exec(field)?.[1] ?? field);

t.test(
  'llvm-readelf reads the same from CREL of clang and of the tests’ own builder',
  { skip: without('clang-19', 'llvm-readelf-19') },
  async (t) => {
    const source = `
    extern int g(int), h[100]; static int (*const table[])(int) = { g, g };
    int f(int a) { return g(a) + h[a] + table[a & 1](a); }
    int k(int a) { return g(h[7]) - f(a) + f(h[99]); }`;
    const compiled = compileBy('clang-19', source, [
      '--target=aarch64-linux-gnu',
      '-O2',
      '-g',
      '-Wa,--crel,--allow-experimental-crel',
    ]);
    const built = buildObject({
      sections: [
        {
          name: '.text',
          flags: code,
          relocationType: SHT.CREL,
          items: [
            { label: 'f', type: STT.FUNC, binding: STB.GLOBAL },
            { word: 0x94000000, relocation: { type: 283, to: 'g' } },
            { bytes: new Uint8Array(0x10000) },
            { word: 0x94000000, relocation: { type: 283, to: 'f', addend: -8 } },
            { quad: 0n, relocation: { type: 257, to: 'g', addend: 0x12345678 } },
          ],
        },
      ],
    });
    for (const bytes of [compiled, built]) {
      const read = await ours(bytes);
      t.ok(read.length > 8);
      t.same(read, numbers(readelf(bytes)));
    }
    t.ok(sectionOf(await open(built), '.crel.text'));
  },
);
