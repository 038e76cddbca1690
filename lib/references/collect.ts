// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Collects the references of a set of sections. Every relocation that patches them
// ends up in exactly one reference, or in something that is reported as unjudged.

import {
  addressRegister,
  decodeAddImmediate,
  decodeMemory,
  decodeOperation,
  resultRegister,
} from '../aarch64/instructions.js';
import { ZERO } from '../aarch64/operations.js';
import { dataWidth, fitsInstruction, patchesInstruction } from '../aarch64/relocated-instructions.js';
import { relocationName, relocationTypes } from '../aarch64/relocation-types.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import { type CodeRange, extentsOf, isInRange } from '../code/code-range.js';
import { coverAt } from '../code/functions.js';
import { sectionsOf } from '../code/object-sections.js';
import { type PageGroup, pairHalves } from '../code/pairing.js';
import { relocationsOf } from '../code/relocations.js';
import { unknownTablesOf } from '../code/table-layouts.js';
import { literalLoads, type Use, usesOf } from '../code/value-flow.js';
import { WordSet } from '../code/word-set.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsAddends, type Relocation, RelocationTable } from '../elf/relocations.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Place, PlacedTarget } from '../link/place.js';
import { LinkedObject, type PlacedVeneer } from '../linked/linked-object.js';
import { holdsAddresses, loadedAddresses, type Pointer, pointersToOwnData } from './loaded-addresses.js';
import { withPassedUses } from './passed-uses.js';
import type { Access, Reference, RelocationSite, Unjudged } from './reference.js';
import { type Details, RelocatedReference } from './relocated-reference.js';
import { type Replacement, replacementsFor } from './replacements.js';

/**
 * Hands out the references from the hyp sections of an object, from hyp code in sections of the host (`ranges`, of all objects), and
 * from the replacement code of alternatives in both, and returns what could not be understood. They are not kept here: a
 * large link has hundreds of thousands, most of them fine. `loadsKernelAddresses`: slots of data hold kernel addresses,
 * so what hyp code does with a loaded one counts.
 */
export const collectReferences = (
  image: Image,
  object: ObjectFile,
  ranges: readonly CodeRange[],
  loadsKernelAddresses: boolean,
  take: (reference: Reference) => void,
): readonly Unjudged[] => {
  const { hyp, replacementCode } = sectionsOf(object);
  object.symbols.indexSections(new Set(hyp.map(({ index }) => index)));
  const sections = hyp.filter(({ type }) => type !== SHT.NOBITS);
  let replacements: readonly Replacement[] | undefined;
  const replacementsOf = () => {
    replacements ??= replacementsFor(image, object, sections);
    return replacements;
  };
  const unjudged: Unjudged[] = [];
  const add = (section: Section, within: readonly CodeRange[] | null) => {
    const collector = new SectionCollector(image, object, section, replacementsOf, within, take);
    collector.run(loadsKernelAddresses);
    for (const one of collector.unjudged) unjudged.push(one);
  };
  for (const section of sections) add(section, null);
  for (const range of ranges) if (range.code.object === object) add(range.code.section, [range]);

  // Replacement code in a section of its own (up to 5.7) is shared with the host: only what replaces hyp code counts.
  for (const section of replacementCode) {
    if (object.relocationSections(section).length === 0) continue;
    const within = replacementsOf().filter(({ code }) => code.section === section);
    if (within.length > 0) add(section, within);
  }
  if (sections.length > 0) {
    for (const { section, offset } of unknownTablesOf(object, 'alternatives')) {
      const sentence = `the layout of section ‘${section.name}’ is not known, so which hyp code it replaces could not be told`;
      unjudged.push({ at: { object, section, offset }, sentence, relocations: [] });
    }
  }
  return unjudged;
};

/** Relocations by what completes them: numbers, of which a large link has hundreds of thousands. */
interface Halves {
  readonly pages: RelocationTable;
  readonly offsets: RelocationTable;
  /** Of the global offset table. */
  readonly gotPages: RelocationTable;
  readonly gotOffsets: RelocationTable;
  /** MOVZ and MOVK. */
  readonly moves: readonly Relocation[];
}

/** The numbers of a table's entries by what completes them. */
type Numbers = Record<Exclude<keyof Halves, 'moves'>, number[]>;

/** S + A, and what that is. */
interface FoundTarget {
  readonly symbol: number;
  readonly addend: number;
  readonly target: PlacedTarget;
}

/** Targets that are remembered; a power of two. */
const NEAR = 256;

class SectionCollector {
  readonly unjudged: Unjudged[] = [];
  readonly #image: Image;
  readonly #object: ObjectFile;
  readonly #section: Section;
  readonly #replacements: () => readonly Replacement[];
  /** If only part of the section counts: the replacements that do. */
  readonly #within: readonly CodeRange[] | null;
  readonly #take: (reference: Reference) => void;
  readonly #isCode: boolean;
  /** Instructions that a relocation marks as the second half of an address. */
  readonly #pageOffsets: WordSet;
  readonly #isPageOffset = (offset: number): boolean => this.#pageOffsets.has(offset >>> 2);
  /** Recent targets, by the low bits of the symbol's number. */
  readonly #targets: (FoundTarget | undefined)[] = new Array(NEAR);
  #literals: ReadonlyMap<number, readonly number[]> | undefined;
  /** The contents of data slots are followed, from registers that hold addresses of some, and from loads of one. */
  #followsSlots = false;
  #pointers: Pointer[] = [];
  #placedLoads: Pointer[] = [];
  /** There are absolute values among the code that are not literals. */
  #hasSlots = false;

  constructor(
    image: Image,
    object: ObjectFile,
    section: Section,
    replacements: () => readonly Replacement[],
    within: readonly CodeRange[] | null,
    take: (reference: Reference) => void,
  ) {
    this.#image = image;
    this.#object = object;
    this.#section = section;
    this.#replacements = replacements;
    this.#within = within;
    this.#take = take;
    // Whatever a damaged header says of the section, its code is in the file.
    this.#pageOffsets = new WordSet(Math.min(section.size, object.size));
    this.#isCode = (section.flags & SHF.EXECINSTR) !== 0 || within !== null;
  }

  run(loadsKernelAddresses: boolean): void {
    this.#followsSlots = loadsKernelAddresses && this.#isCode;
    const { pages, offsets, gotPages, gotOffsets, moves } = this.#addSingle();
    this.#addPairs(pages, offsets, false);
    this.#addPairs(gotPages, gotOffsets, true);
    this.#addMoves(moves);
    if (this.#followsSlots) this.#addLoaded();
    this.#pointers = [];
    this.#placedLoads = [];
  }

  /** Adds what one relocation makes, and returns those of which several make a reference. The tables are not kept. */
  #addSingle(): Halves {
    const tables = this.#readTables();
    for (const table of tables) this.#markPageOffsets(table);
    const moves: Relocation[] = [];
    const numbers = tables.map((table) => this.#addTable(table, moves));
    const all = (kind: keyof Numbers): RelocationTable =>
      RelocationTable.joined(tables.map((table, index) => table.pick(numbers[index]?.[kind] ?? [])));
    return {
      pages: all('pages'),
      offsets: all('offsets'),
      gotPages: all('gotPages'),
      gotOffsets: all('gotOffsets'),
      moves,
    };
  }

  #addTable(table: RelocationTable, moves: Relocation[]): Numbers {
    const numbers: Numbers = { pages: [], offsets: [], gotPages: [], gotOffsets: [] };
    for (let number = 0; number < table.count; number++) {
      const half = table.entry(number);
      if (half.offset >= this.#section.size) {
        this.#cannotTell([half], 'a relocation lies outside its section');
        continue;
      }
      const type = relocationTypes.get(half.type);
      if (!type) {
        this.#cannotTell([half], `unknown relocation type ${half.type}`);
        continue;
      }
      if (!this.#isSymbol(half)) {
        this.#cannotTell([half], `${relocationName(half.type)} of symbol ${half.symbol}, which is none`);
        continue;
      }
      if (!this.#fits(half)) {
        this.#cannotTell([half], `${relocationName(half.type)} does not fit what it patches`);
        continue;
      }
      switch (type.kind) {
        case 'none':
          break;
        case 'call':
        case 'jump':
          this.#add([half], type.kind);
          break;
        case 'page':
          numbers[this.#symbolName(half) === '_GLOBAL_OFFSET_TABLE_' ? 'gotPages' : 'pages'].push(number);
          break;
        case 'page-offset':
          numbers.offsets.push(number);
          break;
        case 'got-page':
          numbers.gotPages.push(number);
          break;
        case 'got-load':
          numbers.gotOffsets.push(number);
          break;
        case 'got-pc-load':
          this.#add([half], 'load', { throughGot: true });
          break;
        case 'pc-address':
          this.#add([half], 'address', { uses: () => this.#usesOfAddress(half.offset) });
          this.#point(half.offset, half);
          break;
        case 'pc-load':
          this.#add([half], 'load');
          this.#placeLoad(half);
          break;
        case 'mov-absolute':
        case 'mov-relative':
          moves.push(half);
          break;
        case 'absolute':
          this.#addAbsolute(half);
          break;
        case 'relative':
          this.#add([half], 'address', { isData: true });
          break;
        default:
          type.kind satisfies never;
      }
    }
    return numbers;
  }

  /** Adds the uses of kernel addresses that come from data. */
  #addLoaded(): void {
    const pointers = this.#pointers;
    const loads = this.#placedLoads;
    if (this.#hasSlots) pointers.push(...pointersToOwnData(this.#map));
    if (pointers.length === 0 && loads.length === 0) return;
    for (const one of loadedAddresses(this.#image, this.#map, pointers, loads, this.#isPageOffset)) {
      const { at, target, uses, source } = one;
      this.#take({
        at: this.#place(at),
        owner: this.#ownerOf(this.#place(at)),
        access: 'absolute',
        target,
        uses: () => uses,
        throughGot: false,
        isPrefetch: false,
        source,
        isData: false,
        veneer: null,
        relocations: [],
      });
    }
  }

  get #map(): CodeMap {
    return codeMapOf(this.#object, this.#section);
  }

  /** Of a part of the section, which may be large, what patches it, and what lies outside all of it. */
  #readTables(): readonly RelocationTable[] {
    const object = this.#object;
    const tables = object.relocationSections(this.#section);
    for (const { type, name } of tables) {
      if (type !== SHT.REL) continue;
      const sentence = `relocations without addends ('${name}') cannot be read`;
      this.unjudged.push({ at: this.#place(0), sentence, relocations: [] });
    }
    if (this.#within === null) return tables.filter(holdsAddends).map((rela) => object.relocations(rela));
    const relocations = relocationsOf(object, this.#section);
    return [...extentsOf(this.#within), { start: this.#section.size, end: Number.POSITIVE_INFINITY }].map(
      ({ start, end }) => relocations.between(start, end),
    );
  }

  /** Before anybody asks what an address is used for. */
  #markPageOffsets(table: RelocationTable): void {
    for (let index = 0; index < table.count; index++) {
      const kind = relocationTypes.get(table.type(index))?.kind;
      if (kind !== 'page-offset' && kind !== 'got-load') continue;
      const half = table.entry(index);
      if (half.offset < this.#section.size && this.#isSymbol(half) && this.#fits(half))
        this.#pageOffsets.add(half.offset >>> 2);
    }
  }

  #isSymbol({ symbol }: Relocation): boolean {
    return symbol < this.#object.symbols.count;
  }

  /** Where a data relocation applies, assemblers leave 0; anything else there is an instruction that was not meant. */
  #fits({ offset, type }: Relocation): boolean {
    if (patchesInstruction(type)) return offset % 4 === 0 && fitsInstruction(type, this.#map.word(offset));
    const width = dataWidth(type);
    if (width === null || !this.#isCode || !this.#map.isCode(offset & ~3)) return true;
    return this.#map.word(offset) === 0 && (width < 8 || this.#map.word(offset + 4) === 0);
  }

  #symbolName(half: Relocation): string {
    return this.#object.symbols.name(half.symbol);
  }

  #place(offset: number): Place {
    return { object: this.#object, section: this.#section, offset };
  }

  /** What is blamed: for replacement code, the place that it replaces. */
  readonly #ownerOf = (place: Place): Place => {
    if (!this.#isCode || (!this.#within && coverAt(place)?.sized)) return place;
    const replacement = this.#replacements().find((one) => isInRange(one, place));
    return replacement ? replacement.original : place;
  };

  #veneerAt(offset: number): PlacedVeneer | null {
    const object = this.#object;
    return object instanceof LinkedObject ? object.veneerAt(this.#section, offset) : null;
  }

  #sites(halves: readonly Relocation[]): readonly RelocationSite[] {
    return halves.map(({ offset, type }) => ({ section: this.#section.name, offset, type }));
  }

  /** Adds one reference; it stands where its first half is. */
  #add(halves: readonly Relocation[], access: Access, details: Details = plain): void {
    const first = halves[0];
    if (!first) return;
    const offset = details.at ?? first.offset;
    this.#take(
      new RelocatedReference(
        this.#place(offset),
        access,
        this.#targetOf(first),
        details.isCounted === false ? [] : halves,
        access === 'call' || access === 'jump' ? this.#veneerAt(offset) : null,
        this.#ownerOf,
        this.#isCode || details.isData !== undefined ? details : { ...details, isData: true },
      ),
    );
  }

  /** Many that follow each other have one target: they share what is known of it. */
  #targetOf({ symbol, addend }: Relocation): PlacedTarget {
    const near = this.#targets[symbol & (NEAR - 1)];
    if (near && near.symbol === symbol && near.addend === addend) return near.target;
    const target = this.#image.resolve(this.#object, symbol, addend);
    this.#targets[symbol & (NEAR - 1)] = { symbol, addend, target };
    return target;
  }

  #cannotTell(halves: readonly Relocation[], sentence: string): void {
    const [first] = halves;
    if (first)
      this.unjudged.push({ at: this.#place(first.offset), sentence, relocations: this.#sites(halves) });
  }

  /** ADR, or ADD of the low 12 bits: the uses of the register that it writes. */
  #usesOfAddress(offset: number): readonly Use[] {
    if (!this.#isCode) return [];
    const word = this.#map.word(offset);
    const register = addressRegister(word) ?? decodeAddImmediate(word)?.to ?? null;
    return register === null || register === 31
      ? []
      : usesOf(this.#map, offset, register, this.#isPageOffset);
  }

  /** Of an absolute value that the instruction leaves in a register. */
  #usesOfKernelAddress(offset: number): readonly Use[] {
    return withPassedUses(this.#image, this.#map, this.#usesOfResult(offset), this.#isPageOffset);
  }

  #usesOfResult(offset: number): readonly Use[] {
    return usesOf(this.#map, offset, resultRegister(this.#map.word(offset)), this.#isPageOffset);
  }

  /** The instruction's result is the address S + A. */
  #point(at: number, half: Relocation): void {
    const place = this.#slotsAt(half);
    const register = place ? resultRegister(this.#map.word(at)) : ZERO;
    if (place && register !== ZERO) this.#pointers.push({ at, register, place });
  }

  /** The instruction loads 64 bits from S + A. */
  #placeLoad(half: Relocation): void {
    const place = this.#slotsAt(half);
    if (!place) return;
    const operation = decodeOperation(this.#map.word(half.offset));
    if (operation?.kind !== 'load' || operation.size !== 8 || operation.to === ZERO) return;
    this.#placedLoads.push({ at: half.offset, register: operation.to, place });
  }

  /** S + A, if there may be slots whose contents are followed; else null: most addresses are of other things. */
  #slotsAt(half: Relocation): Place | null {
    const target = this.#followsSlots ? this.#targetOf(half) : null;
    return target?.kind === 'place' && holdsAddresses(target.place) ? target.place : null;
  }

  /** A slot that holds an address. In code it is a literal and belongs to the instruction that loads it. */
  #addAbsolute(half: Relocation): void {
    if (!this.#isCode) {
      this.#add([half], 'absolute', { isData: true });
      return;
    }
    this.#literals ??= literalLoads(this.#map);
    const loads = this.#literals.get(half.offset) ?? [];
    const [first] = loads;
    if (first === undefined) {
      this.#hasSlots = true;
      this.#add([half], 'absolute', { isData: true });
      return;
    }
    // Each load is a reference of its own; the relocation of the slot is counted with the first.
    for (const load of loads) {
      const uses = () => this.#usesOfKernelAddress(load);
      this.#add([half], 'absolute', { at: load, uses, isCounted: load === first });
      this.#point(load, half);
    }
  }

  #addPairs(pages: RelocationTable, offsets: RelocationTable, throughGot: boolean): void {
    if (pages.count === 0 && offsets.count === 0) return;
    const { groups, singlePages, singleOffsets } = pairHalves(this.#map, pages, offsets, throughGot);
    for (const half of singleOffsets)
      this.#cannotTell([half], `${relocationName(half.type)} without the ADRP that it completes`);
    for (const half of singlePages)
      this.#cannotTell([half], `${relocationName(half.type)} whose low 12 bits are taken nowhere`);
    for (const group of groups) this.#addGroup(group, throughGot);
  }

  /** One reference per target and access; an ADRP belongs to the first one with its own S + A. */
  #addGroup({ pages, offsets, loose }: PageGroup, throughGot: boolean): void {
    const parts = new Map<string, { access: Access; isPrefetch: boolean; halves: Relocation[] }>();
    for (const half of offsets) {
      const memory = decodeMemory(this.#map.word(half.offset));
      const isPrefetch = memory?.access === 'prefetch';
      const access: Access = throughGot
        ? 'load'
        : !memory || memory.access === 'prefetch'
          ? 'address'
          : memory.access;
      if (!throughGot && access === 'address') this.#point(half.offset, half);
      if (!throughGot && access === 'load') this.#placeLoad(half);
      const key = `${half.symbol} ${half.addend} ${access} ${isPrefetch}`;
      const part = parts.get(key);
      if (part) part.halves.push(half);
      else parts.set(key, { access, isPrefetch, halves: [half] });
    }
    const list = [...parts.values()];
    for (const page of pages) {
      const same = list.find(
        ({ halves }) => halves[0]?.symbol === page.symbol && halves[0]?.addend === page.addend,
      );
      (same ?? list[0])?.halves.push(page);
    }
    for (const { access, isPrefetch, halves } of list) {
      const adds =
        access === 'address' ? halves.filter((half) => !pages.includes(half) && !loose.has(half)) : [];
      const uses = () => adds.flatMap((half) => this.#usesOfAddress(half.offset));
      this.#add(halves, access, { uses, throughGot, isPrefetch });
    }
  }

  /** MOVZ and MOVK of one address: consecutive ones with the same symbol and register. */
  #addMoves(moves: readonly Relocation[]): void {
    let group: Relocation[] = [];
    const flush = () => {
      const last = group.at(-1);
      if (!last) return;
      const relative = relocationTypes.get(last.type)?.kind === 'mov-relative';
      const uses = () =>
        relative ? this.#usesOfResult(last.offset) : this.#usesOfKernelAddress(last.offset);
      this.#add(group, relative ? 'address' : 'absolute', { uses });
      this.#point(last.offset, last);
      group = [];
    };
    for (const half of [...moves].sort((a, b) => a.offset - b.offset)) {
      const last = group.at(-1);
      const goesOn =
        last !== undefined &&
        last.symbol === half.symbol &&
        resultRegister(this.#map.word(last.offset)) === resultRegister(this.#map.word(half.offset)) &&
        half.type !== group[0]?.type &&
        half.offset - last.offset <= 64;
      if (!goesOn) flush();
      group.push(half);
    }
    flush();
  }
}

const plain: Details = {};
