// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Mutants for the soundness test: an object's bytes with a few changes to its
// guards, its calls and its patch tables. A mutant is a seed: the same seed
// makes the same changes of the same object.
//
// Odd: nothing is ever inserted. Code and tables keep their places, so a
// mutant is a list of words to overwrite, and a failure is made small by
// leaving some of them out. What a mutant means is of no interest; two readers
// of it have to agree.

import { memorySource } from '../../lib/elf/byte-source.js';
import { readObjectFile, type Section } from '../../lib/elf/object-file.js';
import { Link } from './oracle/link.js';
import type { Place } from './oracle/value.js';

export interface Change {
  readonly what: string;
  /** Where in the file, and what then stands there. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface Specimen {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Kinds of changes that this object has a place for. */
  readonly kinds: readonly Mutation[];
}

/** Makes a change from the bytes as they are; null where it finds nothing to change. */
type Mutation = (bytes: DataView, random: Random) => readonly Change[] | null;

export interface Random {
  /** 0 to count - 1. */
  below(count: number): number;
  pick<T>(values: readonly T[]): T | undefined;
}

/** Mulberry32. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  const below = (count: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
  return { below, pick: (values) => values[below(values.length)] };
};

const [NOP, RET, B] = [0xd503201f, 0xd65f03c0, 0x14000000];
const RELA_SIZE = 24;
const [R_NONE, R_CALL26, R_JUMP26] = [0, 283, 282];
/** VHE, its neighbours, the samples' other one, the number of capabilities, and callbacks of the new kind. */
const FEATURES = [11, 11, 11, 20, 20, 10, 12, 48, 0x800b, 0x8014];
const LENGTHS = [0, 4, 4, 8, 12];
const CAPABILITIES = [11, 11, 11, 20, 10, 12, 0];

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

const word = (what: string, at: number, value: number): Change => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return { what, at, bytes };
};

/** Forms of instructions that a guard is made of, and what may become of them. */
interface Form {
  readonly name: string;
  readonly mask: number;
  readonly value: number;
  /** The new instruction; `to` is a displacement in instructions. */
  change(instruction: number, random: Random, to: number): number;
}

const displaced = (instruction: number, low: number, count: number, to: number): number => {
  const mask = (2 ** count - 1) * 2 ** low;
  return (instruction & ~mask) | ((to * 2 ** low) & mask);
};

const FORMS: readonly Form[] = [
  // B.cond, CBZ, CBNZ, TBZ and TBNZ the other way round, or to elsewhere.
  { name: 'condition', mask: 0xff000010, value: 0x54000000, change: (one) => one ^ 1 },
  {
    name: 'condition',
    mask: 0xff000010,
    value: 0x54000000,
    change: (one, random) => (one & ~15) | random.below(14),
  },
  { name: 'target', mask: 0xff000010, value: 0x54000000, change: (one, _, to) => displaced(one, 5, 19, to) },
  { name: 'zero test', mask: 0x7e000000, value: 0x34000000, change: (one) => one ^ 0x01000000 },
  { name: 'target', mask: 0x7e000000, value: 0x34000000, change: (one, _, to) => displaced(one, 5, 19, to) },
  { name: 'bit test', mask: 0x7e000000, value: 0x36000000, change: (one) => one ^ 0x01000000 },
  { name: 'target', mask: 0x7e000000, value: 0x36000000, change: (one, _, to) => displaced(one, 5, 14, to) },
  {
    name: 'bit',
    mask: 0x7e000000,
    value: 0x36000000,
    change: (one, random) => displaced(one, 19, 5, random.pick([10, 11, 11, 12, 20, random.below(32)]) ?? 0),
  },
  // The mask of AND and TST turned; UBFX and LSR of another bit; CMP with a neighbouring number.
  {
    name: 'mask',
    mask: 0x1f800000,
    value: 0x12000000,
    change: (one, random) => displaced(one, 16, 5, random.below(32)),
  },
  {
    name: 'bit field',
    mask: 0xffc00000,
    value: 0xd3400000,
    change: (one, random) => displaced(one, 16, 6, random.pick([9, 10, 11, 12]) ?? 0),
  },
  {
    name: 'number',
    mask: 0x7f00001f,
    value: 0x7100001f,
    change: (one, random) => displaced(one, 10, 12, random.below(3)),
  },
];

const CALL_FORMS: readonly Form[] = [
  { name: 'callee', mask: 0xfc000000, value: 0x94000000, change: (one, _, to) => displaced(one, 0, 26, to) },
  { name: 'target', mask: 0xfc000000, value: B, change: (one, _, to) => displaced(one, 0, 26, to) },
  { name: 'call', mask: 0xfc000000, value: 0x94000000, change: (one) => one ^ 0x80000000 },
  { name: 'return', mask: 0xffffffff, value: RET, change: () => NOP },
  { name: 'branch', mask: 0xfc000000, value: B, change: () => NOP },
  { name: 'nop', mask: 0xffffffff, value: NOP, change: () => RET },
];

class Specimens {
  readonly #link: Link;
  readonly #sections: readonly Section[];
  readonly #relocations: ReadonlyMap<number, readonly Section[]>;
  readonly #code: readonly Place[];
  readonly #symbols: readonly {
    index: number;
    name: string;
    isCode: boolean;
    isKey: boolean;
    value: number;
    section: number;
  }[];

  constructor(link: Link, object: Awaited<ReturnType<typeof readObjectFile>>) {
    this.#link = link;
    this.#sections = object.sections;
    this.#relocations = new Map(
      object.sections.map((section) => [section.index, object.relocationSections(section)]),
    );
    this.#code = this.#findCode();
    const { symbols } = object;
    this.#symbols = Array.from({ length: symbols.count }, (_, index) => {
      const [name, section] = [symbols.name(index), symbols.section(index)];
      const isMark = name.startsWith('$');
      return {
        index,
        name,
        section,
        value: symbols.value(index),
        isCode: link.isExecutable(section) && !isMark,
        isKey: /^(cpu_hwcap_keys|arm64_const_caps_ready|.*_key)$/.test(name),
      };
    });
  }

  kinds(): readonly Mutation[] {
    const guards = this.#instructions(FORMS);
    const calls = this.#instructions(CALL_FORMS);
    const kinds: Mutation[] = [];
    if (guards.length > 0) kinds.push(this.#changeInstruction(guards));
    if (calls.length > 0) kinds.push(this.#changeInstruction(calls));
    const relocated = this.#relocated([R_CALL26, R_JUMP26]);
    if (relocated.length > 0) kinds.push(this.#changeCallee(relocated));
    const [jumps] = this.#link.sectionsNamed('__jump_table');
    if (jumps) kinds.push(this.#changeJumpRow(jumps), this.#changeJumpRow(jumps), this.#changeSite());
    const [alternatives] = this.#link.sectionsNamed('.altinstructions');
    if (alternatives)
      kinds.push(this.#changeAlternative(alternatives), this.#changeAlternative(alternatives));
    return kinds;
  }

  /** Instructions that run where they stand: replacements are copied. */
  #findCode(): readonly Place[] {
    const code: Place[] = [];
    for (const { index, size } of this.#link.sections) {
      if (!this.#link.isExecutable(index) || this.#link.sectionName(index).startsWith('.altinstr')) continue;
      for (let offset = 0; offset < size; offset += 4) {
        const isCopied = this.#link.alternatives.some(
          ({ replacement, replacementLength }) =>
            replacement.section === index &&
            offset >= replacement.offset &&
            offset < replacement.offset + replacementLength,
        );
        if (!isCopied && this.#link.instruction({ section: index, offset }) !== null)
          code.push({ section: index, offset });
      }
    }
    return code;
  }

  #fileOffset({ section, offset }: Place): number {
    return (typeof section === 'number' ? (this.#sections[section]?.offset ?? 0) : 0) + offset;
  }

  #tell({ section, offset }: Place): string {
    return `${this.#link.sectionName(section)}+${hex(offset)}`;
  }

  #instructions(forms: readonly Form[]): readonly { place: Place; forms: readonly Form[] }[] {
    return this.#code.flatMap((place) => {
      const instruction = this.#link.instruction(place) ?? 0;
      const fitting = forms.filter(
        ({ mask, value, name }) =>
          (instruction & mask) >>> 0 === value >>> 0 &&
          !(
            (name === 'target' || name === 'callee' || name === 'branch') &&
            this.#link.fixups(place).length > 0
          ),
      );
      return fitting.length > 0 ? [{ place, forms: fitting }] : [];
    });
  }

  #changeInstruction(candidates: readonly { place: Place; forms: readonly Form[] }[]): Mutation {
    return (bytes, random) => {
      const { place, forms } = random.pick(candidates) ?? {};
      const form = random.pick(forms ?? []);
      const to = random.pick(this.#code.filter(({ section }) => section === place?.section));
      if (!place || !form || !to) return null;
      const at = this.#fileOffset(place);
      const before = bytes.getUint32(at, true);
      if ((before & form.mask) >>> 0 !== form.value >>> 0) return null;
      const after = form.change(before, random, (to.offset - place.offset) / 4);
      return [word(`${form.name} at ${this.#tell(place)}: ${hex(before)} becomes ${hex(after)}`, at, after)];
    };
  }

  /** A key's nop becomes a branch, or the reverse: what stands there does not count. */
  #changeSite(): Mutation {
    const sites = [...this.#link.jumps.values()].flat();
    return (bytes, random) => {
      const site = random.pick(sites);
      if (!site || site.target.section !== site.code.section) return null;
      const at = this.#fileOffset(site.code);
      const isNop = bytes.getUint32(at, true) === NOP;
      const after = isNop ? displaced(B, 0, 26, (site.target.offset - site.code.offset) / 4) : NOP;
      return [word(`site at ${this.#tell(site.code)}: becomes ${isNop ? 'a branch' : 'a nop'}`, at, after)];
    };
  }

  // Relocations: an entry is r_offset, r_info (type, symbol), r_addend.

  /** File offsets of the entries that patch a section, sorted as they stand. */
  #entries(section: number): readonly number[] {
    return (this.#relocations.get(section) ?? []).flatMap(({ offset, size }) =>
      Array.from({ length: Math.floor(size / RELA_SIZE) }, (_, index) => offset + index * RELA_SIZE),
    );
  }

  #relocated(types: readonly number[]): readonly Place[] {
    return this.#code.filter((place) => this.#link.fixups(place).some(({ type }) => types.includes(type)));
  }

  #entryAt(bytes: DataView, { section, offset }: Place): number | undefined {
    if (typeof section !== 'number') return undefined;
    return this.#entries(section).find(
      (at) => bytes.getUint32(at, true) === offset && bytes.getUint32(at + 8, true) !== R_NONE,
    );
  }

  #setSymbol(what: string, entry: number, symbol: number, addend: number): readonly Change[] {
    return [word(what, entry + 12, symbol), ...this.#setAddend(what, entry, addend)];
  }

  #setAddend(what: string, entry: number, addend: number): readonly Change[] {
    return [word(what, entry + 16, addend), word(what, entry + 20, addend < 0 ? -1 : 0)];
  }

  /** Lets an entry refer to a place, by the symbol it has. */
  #setPlace(bytes: DataView, what: string, entry: number, to: Place): readonly Change[] | null {
    const symbol = this.#symbols[bytes.getUint32(entry + 12, true)];
    if (symbol?.section !== to.section) return null;
    return this.#setAddend(`${what} becomes ${this.#tell(to)}`, entry, to.offset - symbol.value);
  }

  #changeCallee(places: readonly Place[]): Mutation {
    const callees = this.#symbols.filter(({ isCode, name }) => isCode && name !== '');
    const called = new Set(places.flatMap((place) => this.#link.fixups(place).map(({ name }) => name)));
    const elsewhere = this.#symbols.filter(
      ({ name, section }) => section === 0 && name !== '' && called.has(name),
    );
    const all = [...callees, ...elsewhere];
    return (bytes, random) => {
      const [place, to] = [random.pick(places), random.pick(all)];
      const entry = place && this.#entryAt(bytes, place);
      if (!place || !to || entry === undefined) return null;
      return this.#setSymbol(`callee at ${this.#tell(place)}: becomes ${to.name}`, entry, to.index, 0);
    };
  }

  #changeJumpRow(table: Section): Mutation {
    const isAbsolute =
      this.#entries(table.index).length > 0 &&
      this.#link.fixups({ section: table.index, offset: 8 })[0]?.type === 257;
    const [step, target, key] = isAbsolute ? [24, 8, 16] : [16, 4, 8];
    return (bytes, random) => {
      const row = random.below(table.size / step) * step;
      const entries = [0, target, key].map((field) =>
        this.#entryAt(bytes, { section: table.index, offset: row + field }),
      );
      const [codeEntry, targetEntry, keyEntry] = entries;
      if (codeEntry === undefined || targetEntry === undefined || keyEntry === undefined) return null;
      const what = `jump row ${row / step}`;
      const addend = bytes.getInt32(keyEntry + 16, true);
      switch (random.below(6)) {
        case 0:
        case 1:
          return this.#setAddend(`${what}: bit 0 turned`, keyEntry, addend ^ 1);
        case 2:
        case 3:
          return this.#changeKey(what, keyEntry, addend, random);
        case 4: {
          const to = random.pick(this.#code);
          return to ? this.#setPlace(bytes, `${what}: target`, targetEntry, to) : null;
        }
        default: {
          const isDropped = random.below(2) === 0;
          if (isDropped)
            return entries.flatMap((at) =>
              at === undefined ? [] : [word(`${what}: dropped`, at + 8, R_NONE)],
            );
          const sites = this.#code.filter((place) =>
            [NOP, B].includes(
              (this.#link.instruction(place) ?? 0) &
                (this.#link.instruction(place) === NOP ? -1 : 0xfc000000),
            ),
          );
          const to = random.pick(sites);
          return to ? this.#setPlace(bytes, `${what}: code`, codeEntry, to) : null;
        }
      }
    };
  }

  #changeKey(what: string, entry: number, addend: number, random: Random): readonly Change[] | null {
    const symbol = random.pick(this.#symbols.filter(({ isKey }) => isKey));
    if (!symbol) return null;
    const capability = random.pick(CAPABILITIES) ?? 0;
    const flags = addend & 3;
    const to = symbol.name === 'cpu_hwcap_keys' ? capability * this.#link.keySize + flags : flags;
    return this.#setSymbol(`${what}: key becomes ${symbol.name} + ${hex(to)}`, entry, symbol.index, to);
  }

  #changeAlternative(table: Section): Mutation {
    return (bytes, random) => {
      const offset = random.below(table.size / 12) * 12;
      const row = this.#fileOffset({ section: table.index, offset });
      const [original, replacement] = [0, 4].map((field) =>
        this.#entryAt(bytes, { section: table.index, offset: offset + field }),
      );
      if (original === undefined || replacement === undefined) return null;
      const what = `alternative ${offset / 12}`;
      const lengths = bytes.getUint16(row + 10, true);
      const feature = bytes.getUint16(row + 8, true);
      switch (random.below(6)) {
        case 0:
        case 1: {
          const to = random.pick(FEATURES) ?? 0;
          return [word(`${what}: feature becomes ${hex(to)}`, row + 8, (lengths << 16) | to)];
        }
        case 2: {
          const [first, second] = [random.pick(LENGTHS) ?? 0, random.pick(LENGTHS) ?? 0];
          const both = random.below(3) > 0 ? first : second;
          return [
            word(
              `${what}: lengths become ${first}, ${both}`,
              row + 8,
              (((both << 8) | first) << 16) | feature,
            ),
          ];
        }
        case 3: {
          const to = random.pick(this.#code);
          return to ? this.#setPlace(bytes, `${what}: original`, original, to) : null;
        }
        case 4: {
          const to = random.pick(this.#link.alternatives)?.replacement;
          return to ? this.#setPlace(bytes, `${what}: replacement`, replacement, to) : null;
        }
        default:
          return [original, replacement].map((at) => word(`${what}: dropped`, at + 8, R_NONE));
      }
    };
  }
}

/** Without its line information, which costs the program more time than all the rest: those sections become none. */
const withoutLines = (bytes: Uint8Array, sections: readonly Section[]): Uint8Array => {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const [headers, size] = [Number(view.getBigUint64(40, true)), view.getUint16(58, true)];
  for (const { index, name } of sections)
    if (/^\.(rela)?\.?z?debug_/.test(name)) view.setUint32(headers + index * size + 4, 0, true);
  return copy;
};

export const readSpecimen = async (path: string, bytes: Uint8Array): Promise<Specimen> => {
  const object = await readObjectFile(memorySource(path, bytes));
  const kinds = new Specimens(new Link(object), object).kinds();
  return { path, bytes: withoutLines(bytes, object.sections), kinds };
};

/** The object with some changes made. */
export const apply = (
  bytes: Uint8Array,
  changes: readonly (readonly Change[])[],
): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(bytes);
  for (const change of changes.flat()) copy.set(change.bytes, change.at);
  return copy;
};

export interface Mutant {
  readonly seed: number;
  readonly specimen: Specimen;
  /** Each a change as a whole: one or more words. */
  readonly changes: readonly (readonly Change[])[];
}

/** The mutant of a seed: one to four changes of one of the objects. */
export const mutantOf = (seed: number, specimens: readonly Specimen[]): Mutant | null => {
  const random = randomFrom(seed);
  // Three of four from those with guards and tables.
  const isRich = random.below(4) > 0;
  const specimen = random.pick(specimens.filter(({ kinds }) => kinds.length > 3 === isRich));
  if (!specimen) return null;
  const changes: (readonly Change[])[] = [];
  const wanted = 1 + random.below(4);
  for (let tries = 0; changes.length < wanted && tries < 20; tries++) {
    const now = apply(specimen.bytes, changes);
    const change = random.pick(specimen.kinds)?.(new DataView(now.buffer), random);
    if (change) changes.push(change);
  }
  return { seed, specimen, changes };
};

/** The changes in words. */
export const describe = (changes: readonly (readonly Change[])[]): readonly string[] =>
  changes.map(([first]) => first?.what ?? '');

/** The fewest changes, one at a time left out, with which something still holds. */
export const shrink = async (
  changes: readonly (readonly Change[])[],
  holds: (changes: readonly (readonly Change[])[]) => Promise<boolean>,
): Promise<readonly (readonly Change[])[]> => {
  for (const one of changes) {
    const others = changes.filter((other) => other !== one);
    if (others.length > 0 && (await holds(others))) return shrink(others, holds);
  }
  return changes;
};
