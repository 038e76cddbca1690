// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Relocatable objects made in memory, for tests that need one byte wrong, or
// sixty-five thousand sections. Sections are lists of items; labels among them
// become symbols, and relocations name labels, sections (for section symbols)
// or anything else, which then is undefined. object-builder.test.ts compares what
// it writes with what readelf shows.

import { EM_AARCH64, ET, SHF, SHN, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { encodeCrel } from './crel.js';

/** A relocation by number; where several apply at one place, they are written in order. */
export interface BuiltRelocation {
  readonly type: number;
  /** A label, a section's name, or an undefined name. */
  readonly to: string;
  readonly addend?: number;
}

export type Item =
  /** An instruction or another 32-bit word. */
  | number
  | { readonly word: number; readonly relocation: BuiltRelocation | readonly BuiltRelocation[] }
  | { readonly quad: bigint; readonly relocation?: BuiltRelocation }
  | { readonly bytes: Uint8Array }
  | { readonly label: string; readonly type?: number; readonly binding?: number; readonly size?: number }
  /** Sets the size of a label: from it to here. */
  | { readonly end: string };

export interface BuiltSection {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly items?: readonly Item[];
  /** For SHT_NOBITS. */
  readonly size?: number;
  readonly entrySize?: number;
  readonly link?: number;
  readonly info?: number;
  readonly address?: bigint;
  /** The type of its relocation section: SHT_RELA if absent, SHT_REL, or SHT_CREL (clang's compact relocations). */
  readonly relocationType?: number;
}

/** A symbol that is no label: absolute, common, undefined, or in a section by its name. */
export interface BuiltSymbol {
  readonly name: string;
  readonly in: 'UND' | 'ABS' | 'COMMON' | { readonly section: string };
  readonly value?: number;
  readonly size?: number;
  readonly type?: number;
  readonly binding?: number;
}

export interface ObjectPlan {
  readonly sections: readonly BuiltSection[];
  readonly symbols?: readonly BuiltSymbol[];
  /** Empty sections are added after the others, until there are this many in all. */
  readonly padSectionsTo?: number;
  /** e_type. */
  readonly type?: number;
  readonly machine?: number;
}

export const code = SHF.ALLOC | SHF.EXECINSTR;

interface SymbolDraft {
  name: string;
  section: number;
  value: number;
  size: number;
  type: number;
  binding: number;
}

interface SectionDraft {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
  readonly address: bigint;
}

class Strings {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #parts: Buffer[] = [Buffer.from([0])];
  #size = 1;

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#size;
    const part = Buffer.from(`${text}\0`);
    this.#offsets.set(text, offset);
    this.#parts.push(part);
    this.#size += part.length;
    return offset;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

interface Placed extends BuiltRelocation {
  readonly offset: number;
}

const sizeOfItem = (item: Item): number => {
  if (typeof item === 'number' || 'word' in item) return 4;
  if ('quad' in item) return 8;
  return 'bytes' in item ? item.bytes.length : 0;
};

/** The bytes of a section and what is attached to them. */
const layOut = (section: BuiltSection, index: number, labels: Map<string, SymbolDraft>) => {
  const items = section.items ?? [];
  const bytes = new Uint8Array(items.reduce<number>((sum, item) => sum + sizeOfItem(item), 0));
  const view = new DataView(bytes.buffer);
  const relocations: Placed[] = [];
  let at = 0;
  for (const item of items) {
    if (typeof item === 'number') view.setUint32(at, item, true);
    else if ('word' in item) {
      view.setUint32(at, item.word, true);
      for (const one of [item.relocation].flat()) relocations.push({ ...one, offset: at });
    } else if ('quad' in item) {
      view.setBigUint64(at, item.quad, true);
      if (item.relocation) relocations.push({ ...item.relocation, offset: at });
    } else if ('bytes' in item) bytes.set(item.bytes, at);
    else if ('label' in item) {
      const { label, type = STT.NOTYPE, binding = STB.LOCAL, size = 0 } = item;
      labels.set(label, { name: label, section: index, value: at, size, type, binding });
    } else {
      const label = labels.get(item.end);
      if (!label) throw new Error(`'${item.end}' ends before it begins`);
      label.size = at - label.value;
    }
    at += sizeOfItem(item);
  }
  return { bytes, relocations };
};

/** The object's bytes. */
export const buildObject = (plan: ObjectPlan): Uint8Array<ArrayBuffer> => {
  // Section 0 is the null section; the plan's come next; fillers; then relocations, symbols, strings.
  const labels = new Map<string, SymbolDraft>();
  const laid = plan.sections.map((section, index) => layOut(section, index + 1, labels));
  const patched = laid.flatMap(({ relocations }, index) =>
    relocations.length > 0 ? [{ index, relocations }] : [],
  );
  const tail = patched.length + 4;
  const fillers = Math.max(0, (plan.padSectionsTo ?? 0) - 1 - plan.sections.length - tail);
  const firstTail = 1 + plan.sections.length + fillers;
  const symtabIndex = firstTail + patched.length;
  const [strtabIndex, shndxIndex, shstrtabIndex] = [symtabIndex + 1, symtabIndex + 2, symtabIndex + 3];

  const sectionIndices = new Map<string, number>();
  for (const [index, { name }] of plan.sections.entries())
    if (!sectionIndices.has(name)) sectionIndices.set(name, index + 1);
  const sectionIndex = (name: string): number => sectionIndices.get(name) ?? 0;
  for (const { name, in: home, value = 0, size = 0, type = 0, binding = STB.GLOBAL } of plan.symbols ?? []) {
    const section =
      typeof home === 'object'
        ? sectionIndex(home.section)
        : { UND: SHN.UNDEF, ABS: -SHN.ABS, COMMON: -SHN.COMMON }[home];
    labels.set(name, { name, section, value, size, type, binding });
  }
  const drafts: SymbolDraft[] = [{ name: '', section: 0, value: 0, size: 0, type: 0, binding: 0 }];
  const sectionSymbols = new Map<string, SymbolDraft>();
  for (const { to } of patched.flatMap(({ relocations }) => relocations)) {
    if (labels.has(to) || sectionSymbols.has(to) || to === '') continue;
    const section = sectionIndex(to);
    if (section > 0) {
      const draft = { name: '', section, value: 0, size: 0, type: STT.SECTION, binding: STB.LOCAL };
      sectionSymbols.set(to, draft);
    } else labels.set(to, { name: to, section: 0, value: 0, size: 0, type: 0, binding: STB.GLOBAL });
  }
  const all = [...sectionSymbols.values(), ...labels.values()];
  for (const draft of all) if (draft.binding === STB.LOCAL) drafts.push(draft);
  const locals = drafts.length;
  for (const draft of all) if (draft.binding !== STB.LOCAL) drafts.push(draft);
  const indices = new Map(drafts.map((draft, index) => [draft, index]));
  const symbolIndex = (name: string): number => {
    const draft = labels.get(name) ?? sectionSymbols.get(name);
    return (draft && indices.get(draft)) ?? 0;
  };

  const strings = new Strings();
  const symbolBytes = Buffer.alloc(drafts.length * 24);
  const extendedBytes = Buffer.alloc(drafts.length * 4);
  for (const [index, { name, section, value, size, type, binding }] of drafts.entries()) {
    const at = index * 24;
    const isExtended = section >= SHN.LORESERVE;
    symbolBytes.writeUInt32LE(strings.offset(name), at);
    symbolBytes.writeUInt8((binding << 4) | type, at + 4);
    symbolBytes.writeUInt16LE(isExtended ? SHN.XINDEX : Math.abs(section), at + 6);
    symbolBytes.writeBigUInt64LE(BigInt(value), at + 8);
    symbolBytes.writeBigUInt64LE(BigInt(size), at + 16);
    if (isExtended) extendedBytes.writeUInt32LE(section, index * 4);
  }

  const blank = { flags: 0, link: 0, info: 0, entrySize: 0, address: 0n };
  const made = (
    name: string,
    type: number,
    bytes: Uint8Array,
    more: Partial<SectionDraft>,
  ): SectionDraft => ({
    ...blank,
    name,
    type,
    bytes,
    size: bytes.length,
    ...more,
  });
  const sections: SectionDraft[] = [made('', SHT.NULL, new Uint8Array(0), {})];
  for (const [index, section] of plan.sections.entries()) {
    const bytes = laid[index]?.bytes ?? new Uint8Array(0);
    const { name, type = SHT.PROGBITS, flags = SHF.ALLOC, link = 0, info = 0, entrySize = 0 } = section;
    const size = section.size ?? bytes.length;
    sections.push(
      made(name, type, bytes, { flags, link, info, entrySize, size, address: section.address ?? 0n }),
    );
  }
  for (let count = 0; count < fillers; count++)
    sections.push(made('.filler', SHT.PROGBITS, new Uint8Array(0), {}));
  for (const { index, relocations } of patched) {
    const section = plan.sections[index];
    if (section?.relocationType === SHT.CREL) {
      const entries = relocations.map((one) => ({ ...one, symbol: symbolIndex(one.to) }));
      const more = { link: symtabIndex, info: index + 1, entrySize: 1 };
      sections.push(made(`.crel${section.name}`, SHT.CREL, encodeCrel(entries), more));
      continue;
    }
    const isRel = section?.relocationType === SHT.REL;
    const size = isRel ? 16 : 24;
    const bytes = Buffer.alloc(relocations.length * size);
    for (const [entry, { offset, type, to, addend = 0 }] of relocations.entries()) {
      bytes.writeBigUInt64LE(BigInt(offset), entry * size);
      bytes.writeUInt32LE(type, entry * size + 8);
      bytes.writeUInt32LE(symbolIndex(to), entry * size + 12);
      if (!isRel) bytes.writeBigInt64LE(BigInt(addend), entry * size + 16);
    }
    sections.push(
      made(`${isRel ? '.rel' : '.rela'}${section?.name}`, isRel ? SHT.REL : SHT.RELA, bytes, {
        link: symtabIndex,
        info: index + 1,
        entrySize: size,
      }),
    );
  }
  sections.push(
    made('.symtab', SHT.SYMTAB, symbolBytes, { link: strtabIndex, info: locals, entrySize: 24 }),
    made('.strtab', SHT.STRTAB, strings.bytes, {}),
    made('.symtab_shndx', SHT.SYMTAB_SHNDX, extendedBytes, { link: symtabIndex, entrySize: 4 }),
  );
  const names = new Strings();
  for (const { name } of sections) names.offset(name);
  names.offset('.shstrtab');
  sections.push(made('.shstrtab', SHT.STRTAB, names.bytes, {}));
  if (sections.length - 1 !== shstrtabIndex || shndxIndex !== shstrtabIndex - 1)
    throw new Error('the layout is inconsistent');
  return writeFile(sections, names, plan, shstrtabIndex);
};

const align = (offset: number): number => (offset + 7) & ~7;

const writeFile = (
  sections: readonly SectionDraft[],
  names: Strings,
  plan: ObjectPlan,
  nameSection: number,
): Uint8Array<ArrayBuffer> => {
  const offsets: number[] = [];
  let at = 64;
  for (const { bytes } of sections) {
    offsets.push(at);
    at = align(at + bytes.length);
  }
  const tableOffset = at;
  const file = new Uint8Array(tableOffset + sections.length * 64);
  const view = new DataView(file.buffer);
  const isExtended = sections.length >= SHN.LORESERVE;
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, plan.type ?? ET.REL, true);
  view.setUint16(18, plan.machine ?? EM_AARCH64, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(tableOffset), true);
  view.setUint16(52, 64, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, isExtended ? 0 : sections.length, true);
  view.setUint16(62, nameSection >= SHN.LORESERVE ? SHN.XINDEX : nameSection, true);
  for (const [index, section] of sections.entries()) {
    const header = tableOffset + index * 64;
    const isFirst = index === 0;
    view.setUint32(header, names.offset(section.name), true);
    view.setUint32(header + 4, section.type, true);
    view.setBigUint64(header + 8, BigInt(section.flags), true);
    view.setBigUint64(header + 16, section.address, true);
    view.setBigUint64(header + 24, BigInt(isFirst ? 0 : (offsets[index] ?? 0)), true);
    view.setBigUint64(header + 32, BigInt(isFirst && isExtended ? sections.length : section.size), true);
    const link = isFirst && nameSection >= SHN.LORESERVE ? nameSection : section.link;
    view.setUint32(header + 40, link, true);
    view.setUint32(header + 44, section.info, true);
    view.setBigUint64(header + 48, isFirst ? 0n : 8n, true);
    view.setBigUint64(header + 56, BigInt(section.entrySize), true);
    file.set(section.bytes, offsets[index] ?? 0);
  }
  return file;
};
