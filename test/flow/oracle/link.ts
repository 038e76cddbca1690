// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One object as the oracle sees it: bytes, what its relocations mean, where its
// code is, and the rows of its patch tables. Nothing is shared with lib/ but
// the reading of ELF itself.
//
// Odd: rows are read from the relocations of the tables alone. A row without
// them is no row: it patches nothing in this object.

import { memorySource } from '../../../lib/elf/byte-source.js';
import { type ObjectFile, readObjectFile, type Section } from '../../../lib/elf/object-file.js';
import type { Place } from './value.js';

/** ELF's and AAELF64's numbers, by the standards. */
const [SHT_PROGBITS, SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR] = [1, 1, 2, 4];
const [STT_FUNC, STB_LOCAL, STB_WEAK] = [2, 0, 2];
export const ABS64 = 257;
const PREL64 = 260;

export interface Fixup {
  readonly type: number;
  readonly to: Place;
  readonly name: string;
  /** An undefined weak symbol. */
  readonly mayBeNull: boolean;
}

export interface JumpRow {
  readonly code: Place;
  readonly target: Place;
  /** The key's address without its two flag bits. */
  readonly key: Place;
  readonly keyName: string;
  readonly bit0: boolean;
}

export interface AlternativeRow {
  readonly index: number;
  readonly original: Place;
  readonly replacement: Place;
  readonly feature: number;
  readonly originalLength: number;
  readonly replacementLength: number;
}

/** Sections of host data whose addresses are not branched to. */
const TABLES =
  /^(__jump_table|\.altinstructions|\.altinstr_replacement|__(kvm_)?ex_table|__bug_table|__mcount_loc|__patchable_function_entries|\.eh_frame|\.note.*)$/;
const HYP_CODE = /^\.hyp\.(idmap\.)?text/;
/** Functions that never return. */
const NO_RETURN =
  /panic|__stack_chk_fail|__fortify|do_exit|abort|_noreturn|unreachable|missing_return|^__bug|^BUG/i;

export const placeKey = ({ section, offset }: Place): string => `${section}:${offset}`;

export class Link {
  readonly #object: ObjectFile;
  readonly #bytes = new Map<number, DataView>();
  readonly #fixups = new Map<number, Map<number, Fixup[]>>();
  readonly #names = new Map<string, string[]>();
  readonly #marks = new Map<number, { at: number; isCode: boolean }[]>();
  readonly #defined = new Map<string, Place & { readonly size: number }>();
  readonly jumps = new Map<string, JumpRow[]>();
  readonly alternatives: AlternativeRow[] = [];
  /** From an instruction that may fault to its fixup. */
  readonly exceptions = new Map<string, Place>();
  readonly hasJumpTable: boolean;
  /** Number of capabilities, if the array of keys gives it. */
  readonly capabilityCount: number | null;

  constructor(object: ObjectFile) {
    this.#object = object;
    for (const section of object.sections) {
      if ((section.flags & SHF_ALLOC) === 0) continue;
      if (section.type === SHT_PROGBITS) {
        const bytes = object.contents(section);
        this.#bytes.set(section.index, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      }
      this.#readFixups(section);
    }
    this.#readSymbols();
    this.hasJumpTable = object.named('__jump_table') !== undefined;
    this.#readJumps();
    this.#readAlternatives();
    this.#readExceptions();
    const keys = this.#defined.get('cpu_hwcap_keys');
    this.capabilityCount = keys ? keys.size / this.keySize : null;
  }

  static async read(bytes: Uint8Array): Promise<Link> {
    return new Link(await readObjectFile(memorySource('oracle', bytes)));
  }

  /** Bytes in a static key: a counter alone if there are no jump labels. */
  get keySize(): number {
    return this.hasJumpTable ? 16 : 4;
  }

  sectionName(section: number | string): string {
    return typeof section === 'number' ? (this.#object.sections[section]?.name ?? '') : section;
  }

  sectionsNamed(name: string): readonly Section[] {
    return this.#object.sections.filter((section) => section.name === name);
  }

  /** All sections that may hold code or data when loaded. */
  get sections(): readonly Section[] {
    return this.#object.sections.filter(({ flags }) => (flags & SHF_ALLOC) !== 0);
  }

  isHypCode(section: number | string): boolean {
    return HYP_CODE.test(this.sectionName(section)) && this.isExecutable(section);
  }

  isExecutable(section: number | string): boolean {
    if (typeof section !== 'number') return false;
    return ((this.#object.sections[section]?.flags ?? 0) & SHF_EXECINSTR) !== 0;
  }

  /** The instruction at a place; null where there is none. */
  instruction({ section, offset }: Place): number | null {
    const view = typeof section === 'number' ? this.#bytes.get(section) : undefined;
    if (!view || offset < 0 || offset % 4 !== 0 || offset + 4 > view.byteLength) return null;
    return this.#isCode({ section, offset }) ? view.getUint32(offset, true) : null;
  }

  fixups({ section, offset }: Place): readonly Fixup[] {
    return (typeof section === 'number' && this.#fixups.get(section)?.get(offset)) || [];
  }

  /** A number of 1, 2, 4 or 8 bytes that cannot change; null where it can, or a relocation fills it in. */
  constantAt(place: Place, size: number): bigint | null {
    const { section, offset } = place;
    if (typeof section !== 'number') return null;
    const view = this.#bytes.get(section);
    const isFixed = ((this.#object.sections[section]?.flags ?? 0) & SHF_WRITE) === 0;
    if (!view || !isFixed || this.sectionName(section).startsWith('.data')) return null;
    if (offset < 0 || offset + size > view.byteLength) return null;
    for (let at = offset - 7; at < offset + size; at++) {
      const isFilledIn = ({ type }: Fixup) => at + (type === ABS64 || type === PREL64 ? 8 : 4) > offset;
      if (this.fixups({ section, offset: at }).some(isFilledIn)) return null;
    }
    let value = 0n;
    for (let byte = size - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(view.getUint8(offset + byte));
    return value;
  }

  /** Names of the symbols exactly at a place. */
  namesAt(place: Place): readonly string[] {
    if (typeof place.section === 'string') return [place.section.slice(1)];
    return this.#names.get(placeKey(place)) ?? [];
  }

  isNoReturn(place: Place): boolean {
    return this.namesAt(place).some((name) => NO_RETURN.test(name));
  }

  /** Which of the kernel's variables a place lies in, and how far. */
  variableAt(place: Place): { readonly name: string; readonly offset: number } | null {
    for (const name of ['cpu_hwcaps', 'cpu_hwcap_keys', 'arm64_const_caps_ready']) {
      if (place.section === `?${name}`) return place.offset >= 0 ? { name, offset: place.offset } : null;
      const home = this.#defined.get(name);
      if (home?.section !== place.section) continue;
      const offset = place.offset - home.offset;
      if (offset >= 0 && offset < home.size) return { name, offset };
    }
    return null;
  }

  /** Slots of host data that hold the address of hyp code. */
  hypAddressesInData(): readonly Place[] {
    const found: Place[] = [];
    for (const section of this.sections) {
      if (this.isExecutable(section.index) || TABLES.test(section.name) || section.name.startsWith('.hyp'))
        continue;
      for (const fixup of [...(this.#fixups.get(section.index)?.values() ?? [])].flat()) {
        if (fixup.type === ABS64 && this.isHypCode(fixup.to.section)) found.push(fixup.to);
      }
    }
    return found;
  }

  /** Global functions of the host, or all global symbols of hyp code. */
  globals(where: 'host' | 'hyp'): readonly Place[] {
    const { symbols } = this.#object;
    const found: Place[] = [];
    for (let symbol = 0; symbol < symbols.count; symbol++) {
      const place = { section: symbols.section(symbol), offset: symbols.value(symbol) };
      if (symbols.binding(symbol) === STB_LOCAL || !this.isExecutable(place.section)) continue;
      if (
        this.isHypCode(place.section)
          ? where === 'hyp'
          : where === 'host' && symbols.type(symbol) === STT_FUNC
      )
        found.push(place);
    }
    return found;
  }

  #readSymbols(): void {
    const { symbols } = this.#object;
    for (let symbol = 0; symbol < symbols.count; symbol++) {
      const name = symbols.name(symbol);
      const section = symbols.section(symbol);
      if (name === '' || section <= 0) continue;
      const place = { section, offset: symbols.value(symbol) };
      if (/^\$[xd](\.|$)/.test(name)) {
        const marks = this.#marks.get(section) ?? [];
        this.#marks.set(section, marks);
        marks.push({ at: place.offset, isCode: name[1] === 'x' });
        continue;
      }
      const names = this.#names.get(placeKey(place)) ?? [];
      this.#names.set(placeKey(place), names);
      names.push(name);
      this.#defined.set(name, { ...place, size: symbols.size(symbol) });
    }
    for (const marks of this.#marks.values()) marks.sort((a, b) => a.at - b.at);
  }

  #isCode({ section, offset }: Place): boolean {
    let isCode = this.isExecutable(section);
    for (const mark of (typeof section === 'number' && this.#marks.get(section)) || []) {
      if (mark.at > offset) break;
      isCode = mark.isCode;
    }
    return isCode;
  }

  #readFixups(section: Section): void {
    const { symbols } = this.#object;
    const all = new Map<number, Fixup[]>();
    this.#fixups.set(section.index, all);
    for (const rela of this.#object.relocationSections(section)) {
      const table = this.#object.relocations(rela);
      for (let index = 0; index < table.count; index++) {
        const type = table.type(index);
        if (type === 0) continue;
        const symbol = table.symbol(index);
        const home = symbols.section(symbol);
        const name = symbols.name(symbol);
        const to =
          home > 0
            ? { section: home, offset: symbols.value(symbol) + table.addend(index) }
            : { section: `?${name}`, offset: table.addend(index) };
        const mayBeNull = home === 0 && symbols.binding(symbol) === STB_WEAK;
        const list = all.get(table.offset(index)) ?? [];
        all.set(table.offset(index), list);
        list.push({ type, to, name, mayBeNull });
      }
    }
  }

  /** What a field of a table refers to: the address that the relocation gives, wherever the field is. */
  #field(section: number, offset: number): Fixup | null {
    const [one, ...more] = this.fixups({ section, offset });
    return one && more.length === 0 ? one : null;
  }

  #readJumps(): void {
    for (const { index, size } of this.sectionsNamed('__jump_table')) {
      // Three absolute words (up to 4.18), or two 32-bit places and a 64-bit key.
      const isAbsolute = [...(this.#fixups.get(index)?.values() ?? [])]
        .flat()
        .some(({ type }) => type === ABS64);
      const [step, target, key] = isAbsolute ? [24, 8, 16] : [16, 4, 8];
      for (let at = 0; at + step <= size; at += step) {
        const [codeField, targetField, keyField] = [0, target, key].map((field) =>
          this.#field(index, at + field),
        );
        if (!codeField || !targetField || !keyField) continue;
        const { section, offset } = keyField.to;
        const row: JumpRow = {
          code: codeField.to,
          target: targetField.to,
          key: { section, offset: offset & ~3 },
          keyName: keyField.name,
          bit0: (offset & 1) !== 0,
        };
        const rows = this.jumps.get(placeKey(row.code)) ?? [];
        this.jumps.set(placeKey(row.code), rows);
        rows.push(row);
      }
    }
  }

  #readAlternatives(): void {
    for (const { index } of this.sectionsNamed('.altinstructions')) {
      const view = this.#bytes.get(index);
      for (let at = 0; view && at + 12 <= view.byteLength; at += 12) {
        const [original, replacement] = [this.#field(index, at), this.#field(index, at + 4)];
        if (!original || !replacement) continue;
        this.alternatives.push({
          index: this.alternatives.length,
          original: original.to,
          replacement: replacement.to,
          feature: view.getUint16(at + 8, true),
          originalLength: view.getUint8(at + 10),
          replacementLength: view.getUint8(at + 11),
        });
      }
    }
  }

  #readExceptions(): void {
    for (const { index, size } of this.sectionsNamed('__kvm_ex_table')) {
      for (let at = 0; at + 8 <= size; at += 8) {
        const [from, to] = [this.#field(index, at), this.#field(index, at + 4)];
        if (from && to) this.exceptions.set(placeKey(from.to), to.to);
      }
    }
  }
}
