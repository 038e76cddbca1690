// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The tables by which the kernel rewrites its own code at boot: static keys,
// alternatives, and where an instruction that faults goes on. Each layout is a
// row; one reader serves all. Which layout a table has is seen in its
// relocations, not in a version.
//
// Odd: a relative field's relocation is against its own place, so S + A is the
// place that is meant, whatever the width.

import { relocationName } from '../aarch64/relocation-types.js';
import { Cursor } from '../elf/cursor.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHT } from '../elf/vocabulary.js';
import type { Address, AddressSpace } from './address-space.js';

interface Layout {
  readonly table: 'keys' | 'alternatives' | 'fixups';
  readonly section: RegExp;
  /** Bytes. */
  readonly entrySize: number;
  /** Offset in the entry and relocation of each field that holds a place. */
  readonly fields: readonly (readonly [number, string])[];
  readonly seen: readonly string[];
}

/** The first row that all entries of a table fit describes it. */
const layouts: readonly Layout[] = [
  // struct jump_entry: code, target, key | branch.
  {
    table: 'keys',
    section: /^__jump_table$/,
    entrySize: 24,
    fields: [
      [0, 'ABS64'],
      [8, 'ABS64'],
      [16, 'ABS64'],
    ],
    seen: ['4.16'],
  },
  {
    table: 'keys',
    section: /^__jump_table$/,
    entrySize: 16,
    fields: [
      [0, 'PREL32'],
      [4, 'PREL32'],
      [8, 'PREL64'],
    ],
    seen: ['5.4', '5.6', '6.12'],
  },
  // struct alt_instr: orig_offset, alt_offset, u16 cpufeature, u8 orig_len, u8 alt_len.
  {
    table: 'alternatives',
    section: /^\.altinstructions$/,
    entrySize: 12,
    fields: [
      [0, 'PREL32'],
      [4, 'PREL32'],
    ],
    seen: ['4.16', '5.4', '5.6', '6.1', '6.12'],
  },
  // struct exception_table_entry: insn, fixup; from 5.16 on with a type and its data.
  {
    table: 'fixups',
    section: /^__(kvm_)?ex_table$/,
    entrySize: 8,
    fields: [
      [0, 'PREL32'],
      [4, 'PREL32'],
    ],
    seen: ['4.16', '5.4', '6.1', '6.12'],
  },
  {
    table: 'fixups',
    section: /^__ex_table$/,
    entrySize: 12,
    fields: [
      [0, 'PREL32'],
      [4, 'PREL32'],
    ],
    seen: ['6.1', '6.12'],
  },
];

/** Sections that the tables are in: what they say of an address is no use of it. */
export const isPatchTable = (section: Section): boolean =>
  layouts.some((layout) => layout.section.test(section.name));

/** A branch that a static key makes. */
export interface KeySite {
  readonly target: Address;
  /** The key, without the flags in its low bits. */
  readonly key: Address;
  /** Bit 0: the branch is taken while the key is off. */
  readonly takenWhenOff: boolean;
}

/** Instructions that may be replaced. */
export interface Alternative {
  readonly original: Address;
  /** Bytes; a multiple of 4. */
  readonly length: number;
  /** The number of the capability under which it is done; null: always, by a callback (an older kernel's form). */
  readonly capability: number | null;
  /** The new code, as long as the old; null: a callback of the host writes it. */
  readonly replacement: Address | null;
}

/** ARM64_CB_BIT, since 5.17: a callback, the rest is the capability's number. */
const CALLBACK_BIT = 0x8000;

/** A table that no row describes. */
export interface UnknownTable {
  readonly object: ObjectFile;
  readonly section: Section;
  /** The first entry that does not fit. */
  readonly offset: number;
}

export class PatchTables {
  readonly #keys = new Map<Address, KeySite[]>();
  /** By every instruction that they cover. */
  readonly #alternatives = new Map<Address, Alternative[]>();
  /** By every instruction of the replacement. */
  readonly #replacements = new Map<Address, Alternative[]>();
  readonly #fixups = new Map<Address, Address[]>();
  readonly unknown: readonly UnknownTable[];
  /** Some object has static keys as branches, so a key is 16 bytes; else it is read as data and 4 bytes. */
  readonly hasKeyTable: boolean;

  constructor(space: AddressSpace) {
    const unknown: UnknownTable[] = [];
    let hasKeyTable = false;
    for (const object of space.image.objects) {
      for (const section of object.sections) {
        if (section.type === SHT.NOBITS || section.size === 0) continue;
        const candidates = layouts.filter((layout) => layout.section.test(section.name));
        const [first] = candidates;
        if (!first) continue;
        if (first.table === 'keys') hasKeyTable = true;
        const fault = this.#readTable(space, object, section, candidates);
        if (fault !== null) unknown.push({ object, section, offset: fault });
      }
    }
    this.unknown = unknown;
    this.hasKeyTable = hasKeyTable;
  }

  keysAt(address: Address): readonly KeySite[] {
    return this.#keys.get(address) ?? [];
  }

  /** The alternatives that cover an instruction, in the order in which they are applied. */
  alternativesAt(address: Address): readonly Alternative[] {
    return this.#alternatives.get(address) ?? [];
  }

  /** The alternatives whose replacement code an instruction is part of. */
  replacementsAt(address: Address): readonly Alternative[] {
    return this.#replacements.get(address) ?? [];
  }

  fixupsAt(address: Address): readonly Address[] {
    return this.#fixups.get(address) ?? [];
  }

  /** null, or the offset of the first entry that is not understood. */
  #readTable(
    space: AddressSpace,
    object: ObjectFile,
    section: Section,
    candidates: readonly Layout[],
  ): number | null {
    const fields = new Map<number, { readonly type: string; readonly target: Address }>();
    for (const rela of object.relocationSections(section)) {
      for (const entries of object.relocationChunks(rela)) {
        for (let index = 0; index < entries.count; index++) {
          const type = relocationName(entries.type(index));
          if (type === 'NONE') continue;
          const target = space.targetOf(object, entries.symbol(index), entries.addend(index));
          fields.set(entries.offset(index), { type, target });
        }
      }
    }
    let fault = 0;
    for (const layout of candidates) {
      const misfit = firstMisfit(layout, section.size, (offset) => fields.get(offset)?.type ?? null);
      if (misfit !== null) {
        fault = Math.max(fault, misfit);
        continue;
      }
      const bytes = layout.table === 'alternatives' ? object.contents(section) : null;
      for (let at = 0; at < section.size; at += layout.entrySize) {
        const places = layout.fields.map(([offset]) => fields.get(at + offset)?.target);
        const [first, second, third] = places;
        if (first === undefined || second === undefined) continue; // an entry of what was discarded
        switch (layout.table) {
          case 'keys':
            if (third !== undefined) this.#addKey(first, second, third);
            break;
          case 'alternatives': {
            if (!bytes) break;
            const rest = new Cursor(bytes, { file: object.path, section: section.name, base: 0 });
            rest.offset = at + 8;
            this.#addAlternative(first, second, rest.u16(), rest.u8(), rest.u8());
            break;
          }
          case 'fixups':
            push(this.#fixups, first, second);
            break;
          default:
            layout.table satisfies never;
        }
      }
      return null;
    }
    return fault;
  }

  #addKey(site: Address, target: Address, key: Address): void {
    // Keys are aligned, so the flags are the address's low bits: bit 0 the branch, bit 1 init text.
    const flags = ((key % 4) + 4) % 4;
    push(this.#keys, site, { target, key: key - flags, takenWhenOff: (flags & 1) !== 0 });
  }

  #addAlternative(
    original: Address,
    code: Address,
    feature: number,
    length: number,
    replacementLength: number,
  ): void {
    const isCallback = replacementLength === 0 || (feature & CALLBACK_BIT) !== 0;
    const alternative: Alternative = {
      original,
      length,
      // Without bit 15 the number of a callback's row is one past the last capability: it always runs.
      capability: isCallback && (feature & CALLBACK_BIT) === 0 ? null : feature & ~CALLBACK_BIT,
      replacement: isCallback ? null : code,
    };
    for (let at = 0; at < length; at += 4) {
      push(this.#alternatives, original + at, alternative);
      if (!isCallback) push(this.#replacements, code + at, alternative);
    }
  }
}

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};

/** The first entry whose fields are not patched as the layout says; entries without any relocation stand for nothing. */
const firstMisfit = (
  { entrySize, fields }: Layout,
  size: number,
  typeAt: (offset: number) => string | null,
): number | null => {
  for (let at = 0; at + entrySize <= size; at += entrySize) {
    const types = fields.map(([offset]) => typeAt(at + offset));
    if (types.every((type) => type === null)) {
      let stray = false;
      for (let offset = 0; offset < entrySize; offset += 4) stray ||= typeAt(at + offset) !== null;
      if (stray) return at;
      continue;
    }
    if (types.some((type, index) => type !== fields[index]?.[1])) return at;
  }
  return size % entrySize === 0 ? null : size - (size % entrySize);
};
