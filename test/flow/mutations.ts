// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What can be changed in one object: guards, calls, rows of patch tables. Rows are
// changed in the relocations of their tables, which hold their contents.

import type { readObjectFile, Section } from '../../lib/elf/object-file.js';
import { B, CALL_FORMS, displaced, type Form, GUARD_FORMS, NOP } from './instruction-forms.js';
import type { Link } from './oracle/link.js';
import type { Place } from './oracle/value.js';
import type { Random } from './random.js';

/** An offset in the file, and the new word there. */
export interface Overwrite {
  readonly at: number;
  readonly value: number;
}

export interface Change {
  readonly what: string;
  readonly words: readonly Overwrite[];
}

/** Makes a change from the bytes as they are; null where it finds nothing to change. */
export type Mutation = (bytes: DataView, random: Random) => Change | null;

const RELA_SIZE = 24;
const [R_NONE, R_CALL26, R_JUMP26] = [0, 283, 282];
/** VHE, its neighbours, the samples' other capability, ARM64_NCAPS (a callback), and callbacks marked by bit 15. */
const FEATURES = [11, 11, 11, 20, 20, 10, 12, 48, 0x800b, 0x8014];
const LENGTHS = [0, 4, 4, 8, 12];
const CAPABILITIES = [11, 11, 11, 20, 10, 12, 0];

const addendWords = (entry: number, addend: number): readonly Overwrite[] => [
  { at: entry + 16, value: addend },
  { at: entry + 20, value: addend < 0 ? -1 : 0 },
];

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

const change = (what: string, ...words: readonly Overwrite[]): Change => ({ what, words });

const dropped = (what: string, entries: readonly number[]): Change =>
  change(`${what}: dropped`, ...entries.map((entry) => ({ at: entry + 8, value: R_NONE })));

export class Mutations {
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
    const guards = this.#instructions(GUARD_FORMS);
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
      return change(`${form.name} at ${this.#tell(place)}: ${hex(before)} becomes ${hex(after)}`, {
        at,
        value: after,
      });
    };
  }

  /** A key's nop becomes a branch, or the reverse: the kernel overwrites either, so nothing may change. */
  #changeSite(): Mutation {
    const sites = [...this.#link.jumps.values()].flat();
    return (bytes, random) => {
      const site = random.pick(sites);
      if (!site || site.target.section !== site.code.section) return null;
      const at = this.#fileOffset(site.code);
      const isNop = bytes.getUint32(at, true) === NOP;
      const after = isNop ? displaced(B, 0, 26, (site.target.offset - site.code.offset) / 4) : NOP;
      return change(`site at ${this.#tell(site.code)}: becomes ${isNop ? 'a branch' : 'a nop'}`, {
        at,
        value: after,
      });
    };
  }

  // Relocations: an entry is r_offset, r_info (type, symbol), r_addend.

  /** File offsets of the relocations of a section, in the order of the file. */
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

  #setSymbol(what: string, entry: number, symbol: number, addend: number): Change {
    return change(what, { at: entry + 12, value: symbol }, ...addendWords(entry, addend));
  }

  /** Makes an entry refer to a place by changing its addend. */
  #setPlace(bytes: DataView, what: string, entry: number, to: Place): Change | null {
    const symbol = this.#symbols[bytes.getUint32(entry + 12, true)];
    if (symbol?.section !== to.section) return null;
    return change(`${what} becomes ${this.#tell(to)}`, ...addendWords(entry, to.offset - symbol.value));
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
          return change(`${what}: bit 0 turned`, ...addendWords(keyEntry, addend ^ 1));
        case 2:
        case 3:
          return this.#changeKey(what, keyEntry, addend, random);
        case 4: {
          const to = random.pick(this.#code);
          return to ? this.#setPlace(bytes, `${what}: target`, targetEntry, to) : null;
        }
        default: {
          const isDropped = random.below(2) === 0;
          if (isDropped) return dropped(what, [codeEntry, targetEntry, keyEntry]);
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

  #changeKey(what: string, entry: number, addend: number, random: Random): Change | null {
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
          return change(`${what}: feature becomes ${hex(to)}`, { at: row + 8, value: (lengths << 16) | to });
        }
        case 2: {
          const [first, second] = [random.pick(LENGTHS) ?? 0, random.pick(LENGTHS) ?? 0];
          const both = random.below(3) > 0 ? first : second;
          return change(`${what}: lengths become ${first}, ${both}`, {
            at: row + 8,
            value: (((both << 8) | first) << 16) | feature,
          });
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
          return dropped(what, [original, replacement]);
      }
    };
  }
}
