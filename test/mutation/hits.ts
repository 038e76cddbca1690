// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The kinds of damage ("hits") to an object, as a table: what each one looks for in the
// layout, and what it writes there. A row returns a description of what it did, or null
// if this file has no place for it.

import type { Random } from '../execution/random.js';
import { SHDR_SIZE, viewOf } from './elf-layout.js';
import type { Layout, Records, Span } from './specimen.js';

export interface Target {
  bytes: Uint8Array<ArrayBuffer>;
  readonly layout: Layout;
  readonly random: Random;
}

export type Hit = (target: Target) => string | null;

/** Boundary values. */
const odd = (random: Random, old: bigint, bits: number): bigint => {
  const limit = 1n << BigInt(bits);
  const near = BigInt(random.below(17) - 8);
  const choices: readonly (() => bigint)[] = [
    () => 0n,
    () => BigInt(random.below(64)),
    () => limit - 1n,
    () => limit / 2n,
    () => limit / 2n - 1n,
    () => 1n << BigInt(random.below(bits)),
    () => (1n << BigInt(random.below(bits))) - 1n,
    () => old + near,
    () => old * 2n,
    () => old / 2n,
    () => old ^ (1n << BigInt(random.below(bits))),
    () => -old,
    () => BigInt(random.below(1 << 16)) << BigInt(random.below(Math.max(1, bits - 15))),
  ];
  return BigInt.asUintN(bits, random.pick(choices)());
};

const put = ({ bytes, random }: Target, at: number, size: number): string => {
  if (at < 0 || at + size > bytes.length) return 'nothing';
  const view = viewOf(bytes);
  let old = 0n;
  for (let index = size - 1; index >= 0; index--) old = (old << 8n) | BigInt(view.getUint8(at + index));
  const value = odd(random, old, size * 8);
  for (let index = 0; index < size; index++)
    view.setUint8(at + index, Number((value >> BigInt(8 * index)) & 0xffn));
  return `0x${old.toString(16)} at ${at} becomes 0x${value.toString(16)}`;
};

/** Fields by name: offset and size in bytes. */
type Fields = readonly (readonly [name: string, at: number, size: number])[];

const fileFields: Fields = [
  ...([
    ['class', 4, 1],
    ['data', 5, 1],
    ['version', 6, 1],
    ['type', 16, 2],
    ['machine', 18, 2],
  ] as const),
  ...([
    ['entry', 24, 8],
    ['shoff', 40, 8],
    ['flags', 48, 4],
    ['ehsize', 52, 2],
  ] as const),
  ...([
    ['shentsize', 58, 2],
    ['shnum', 60, 2],
    ['shstrndx', 62, 2],
  ] as const),
];
const sectionFields: Fields = [
  ...([
    ['name', 0, 4],
    ['type', 4, 4],
    ['flags', 8, 8],
    ['addr', 16, 8],
    ['offset', 24, 8],
  ] as const),
  ...([
    ['size', 32, 8],
    ['link', 40, 4],
    ['info', 44, 4],
    ['addralign', 48, 8],
    ['entsize', 56, 8],
  ] as const),
];
const symbolFields: Fields = [
  ...([
    ['name', 0, 4],
    ['info', 4, 1],
    ['other', 5, 1],
    ['shndx', 6, 2],
    ['value', 8, 8],
    ['size', 16, 8],
  ] as const),
];
const relocationFields: Fields = [
  ['offset', 0, 8],
  ['type', 8, 4],
  ['symbol', 12, 4],
  ['addend', 16, 8],
];

const field = (target: Target, what: string, at: number, fields: Fields): string => {
  const [name, offset, size] = target.random.pick(fields);
  return `${what} ${name}: ${put(target, at + offset, size)}`;
};

/** A random element of a list; null if it is empty. */
const any = <T>(random: Random, list: readonly T[]): T | null => (list.length > 0 ? random.pick(list) : null);

const recordOf = (random: Random, { at, size, each }: Records): number =>
  at + random.below(Math.max(1, Math.floor(size / each))) * each;

const swap = (bytes: Uint8Array, a: number, b: number, size: number): void => {
  const kept = bytes.slice(a, a + size);
  bytes.copyWithin(a, b, b + size);
  bytes.set(kept, b);
};

/** Overwrites a record with another, swaps two, or clears one. */
const shuffle = ({ bytes, random }: Target, what: string, a: number, b: number, each: number): string => {
  if (Math.max(a, b) + each > bytes.length) return 'nothing';
  const act = random.pick(['swapped', 'copied', 'zeroed'] as const);
  if (act === 'swapped') swap(bytes, a, b, each);
  else if (act === 'copied') bytes.copyWithin(a, b, b + each);
  else bytes.fill(0, a, a + each);
  return `${what} at ${a} ${act} (${b})`;
};

/** A few bytes in some section. */
const inside =
  (what: string, list: (layout: Layout) => readonly Span[], sizes: readonly number[]): Hit =>
  (target) => {
    const span = any(target.random, list(target.layout));
    if (!span) return null;
    const size = target.random.pick(sizes);
    // Most hits are at the beginning, where headers are, or at a multiple of the size.
    const reach = target.random.chance(0.3) ? Math.min(span.size, 64) : span.size;
    const loose = target.random.below(Math.max(1, reach));
    const at = span.at + (target.random.chance(0.7) ? loose - (loose % size) : loose);
    return `${what} ${span.name}: ${put(target, at, size)}`;
  };

/** Characters that must not reach a terminal, or that a name must not contain. */
export const badCharacters: readonly string[] = [
  ...['\x01', '\x07', '\x08', '\t', '\n', '\r', '\x1b', '\x7f', '\x80', '\x85', '\x9b', '\u00ad', '\u061c'],
  ...[
    '\u200e',
    '\u200f',
    '\u2028',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\ufeff',
    '\ufffd',
    "'",
    '"',
    '\\',
    '/',
    '%',
    '$',
  ],
];

const character: Hit = ({ bytes, layout, random }) => {
  const span = any(random, [...layout.strings, ...layout.debug.filter(({ name }) => /str/.test(name))]);
  if (!span) return null;
  const at = span.at + random.below(span.size);
  const value = random.pick(badCharacters);
  // As UTF-8, or as a single byte, which an 8-bit terminal interprets.
  const written =
    value.length === 1 && value < '\u0100' && random.chance(0.5)
      ? Buffer.from(value, 'latin1')
      : Buffer.from(value);
  if (at + written.length > bytes.length) return null;
  bytes.set(written, at);
  return `U+${value.codePointAt(0)?.toString(16)} in ${span.name} at ${at}`;
};

const retype: Hit = ({ bytes, layout, random }) => {
  const table = any(random, layout.relocations);
  if (!table) return null;
  const at = recordOf(random, table);
  const type = random.pick([
    0, 257, 258, 259, 260, 261, 262, 274, 275, 276, 277, 278, 279, 280, 282, 283, 284, 285, 286, 299, 311,
    312, 512, 1024,
  ]);
  viewOf(bytes).setUint32(at + 8, type, true);
  return `relocation at ${at} gets type ${type}`;
};

const section: Hit = (target) => {
  const { layout, random } = target;
  const header = any(random, layout.headers);
  return header && field(target, `section ${header.name}`, header.at, sectionFields);
};

const sectionOfInterest: Hit = (target) => {
  const { layout, random } = target;
  const header = any(
    random,
    layout.headers.filter(({ name }) =>
      /hyp|alt|jump|symtab|strtab|rela|debug_(info|line|abbrev)/.test(name ?? ''),
    ),
  );
  return header && field(target, `section ${header.name}`, header.at, sectionFields);
};

/** Copies a field from one section header to another. */
const borrow: Hit = ({ bytes, layout, random }) => {
  const [to, from] = [any(random, layout.headers), any(random, layout.headers)];
  if (!to || !from) return null;
  const [name, at, size] = random.pick(sectionFields);
  if (Math.max(from.at, to.at) + SHDR_SIZE > bytes.length) return null;
  bytes.copyWithin(to.at + at, from.at + at, from.at + at + size);
  return `section ${to.name} gets the ${name} of ${from.name}`;
};

const sections: Hit = (target) => {
  const { layout, random } = target;
  const [a, b] = [any(random, layout.headers), any(random, layout.headers)];
  return a && b && shuffle(target, `headers of ${a.name} and ${b.name},`, a.at, b.at, SHDR_SIZE);
};

const records =
  (what: string, of: (layout: Layout) => readonly Records[]): Hit =>
  (target) => {
    const table = any(target.random, of(target.layout));
    if (!table) return null;
    const [a, b] = [recordOf(target.random, table), recordOf(target.random, table)];
    return shuffle(target, `${what} in ${table.name}`, a, b, table.each);
  };

const recordField =
  (what: string, of: (layout: Layout) => readonly Records[], fields: Fields): Hit =>
  (target) => {
    const table = any(target.random, of(target.layout));
    return table && field(target, `${what} in ${table.name},`, recordOf(target.random, table), fields);
  };

const symbolTables = ({ symbols }: Layout): readonly Records[] => (symbols ? [symbols] : []);

const blocks: Hit = ({ bytes, random }) => {
  const size = 1 + random.below(random.pick([8, 64, 512]));
  if (bytes.length < 2 * size) return null;
  const [a, b] = [random.below(bytes.length - size), random.below(bytes.length - size)];
  const act = random.pick(['copied', 'zeroed', 'filled', 'random'] as const);
  if (act === 'copied') bytes.copyWithin(a, b, b + size);
  else if (act === 'zeroed') bytes.fill(0, a, a + size);
  else if (act === 'filled') bytes.fill(random.below(256), a, a + size);
  else for (let at = a; at < a + size; at++) bytes[at] = random.below(256);
  return `${size} bytes at ${a} ${act} (${b})`;
};

const flip: Hit = ({ bytes, random }) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return `bit at ${at}`;
};

const word: Hit = ({ bytes, layout, random }) => {
  const span = any(random, layout.code);
  if (!span || span.size < 4) return null;
  const at = span.at + 4 * random.below(Math.floor(span.size / 4));
  if (at + 4 > bytes.length) return null;
  const group = random.pick([
    [0x14000000, 0x3ffffff],
    [0x94000000, 0x3ffffff],
    [0x54000000, 0xffffef],
    [0x34000000, 0x81ffffff],
    [0x36000000, 0x81ffffff],
    [0x90000000, 0x60ffffff],
    [0x10000000, 0x60ffffff],
    [0xd61f0000, 0x3e0],
    [0xd63f0000, 0x3e0],
    [0xd65f03c0, 0],
    [0xd503201f, 0],
    [0x91000000, 0x3fffff],
    [0xf9400000, 0x3fffff],
    [0xf9000000, 0x3fffff],
    [0x58000000, 0xffffff],
    [0xd4000001, 0x1fffe0],
    [0, 0xffffffff],
  ] as const);
  const value = (group[0] | (Math.floor(random.below(2 ** 32)) & group[1])) >>> 0;
  viewOf(bytes).setUint32(at, value, true);
  return `code in ${span.name} at ${at}: 0x${value.toString(16)}`;
};

const length: Hit = (target) => {
  const { bytes, random } = target;
  const at = random.below(bytes.length);
  const size = 1 + random.below(64);
  const act = random.pick(['cut', 'more', 'hole', 'wedge'] as const);
  const parts = {
    cut: [bytes.subarray(0, at)],
    more: [bytes, Buffer.alloc(size, random.below(256))],
    hole: [bytes.subarray(0, at), bytes.subarray(at + size)],
    wedge: [bytes.subarray(0, at), Buffer.alloc(size, random.below(256)), bytes.subarray(at)],
  }[act];
  target.bytes = new Uint8Array(Buffer.concat(parts));
  return `${act} at ${at}, ${size}`;
};

const narrow = [1, 1, 2, 4, 8];

/** Kinds of hits by name, each with its relative frequency. */
export const hits: Readonly<Record<string, readonly [weight: number, hit: Hit]>> = {
  'file header': [2, (target) => field(target, 'file header', 0, fileFields)],
  'section header': [6, section],
  'section header of interest': [6, sectionOfInterest],
  'section header, borrowed': [5, borrow],
  'section headers': [3, sections],
  'symbol field': [8, recordField('symbol', symbolTables, symbolFields)],
  symbols: [4, records('symbols', symbolTables)],
  'relocation field': [8, recordField('relocation', ({ relocations }) => relocations, relocationFields)],
  'relocation type': [4, retype],
  relocations: [4, records('relocations', ({ relocations }) => relocations)],
  'compact relocations': [6, inside('compact', ({ compact }) => compact, [1])],
  'compression header': [6, inside('compressed', ({ compressed }) => compressed, [1, 4, 8])],
  names: [6, character],
  'debug information': [14, inside('debug', ({ debug }) => debug, narrow)],
  'patch tables': [8, inside('table', ({ tables }) => tables, narrow)],
  code: [6, word],
  'code bytes': [2, inside('code', ({ code }) => code, narrow)],
  data: [3, inside('data', ({ data }) => data, narrow)],
  'string tables': [3, inside('strings', ({ strings }) => strings, [1, 2])],
  blocks: [3, blocks],
  bits: [3, flip],
  length: [2, length],
};

/** Makes one to four hits; returns the kinds that were tried, and what was done. */
export const hitSome = (
  bytes: Uint8Array,
  layout: Layout,
  random: Random,
): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kinds: readonly string[];
  readonly what: readonly string[];
} => {
  const target: Target = { bytes: new Uint8Array(bytes), layout, random };
  const kinds: string[] = [];
  const what: string[] = [];
  const count = random.weighted([
    [6, 1],
    [3, 2],
    [2, 3],
    [1, 4],
  ]);
  const choices = Object.entries(hits).map(([name, [weight, hit]]) => [weight, { name, hit }] as const);
  for (let tries = 0; kinds.length < count && tries < 30; tries++) {
    const { name, hit } = random.weighted(choices);
    const done = hit(target);
    if (done === null) continue;
    kinds.push(name);
    what.push(done);
    // After a change of the length, the layout is no longer valid.
    if (name === 'length' || target.bytes.length === 0) break;
  }
  return { bytes: target.bytes, kinds, what };
};
