// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The references of one section: what each relocation does to its target, alone or
// with those that complete the same address.

import { addressRegister, decodeAddImmediate, resultRegister } from '../aarch64/instructions.js';
import { relocationName, relocationTypes } from '../aarch64/relocation-types.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import { type CodeRange, isInRange } from '../code/code-range.js';
import { coverAt } from '../code/functions.js';
import { groupMoves } from '../code/moves.js';
import { type PageGroup, pairHalves } from '../code/pairing.js';
import { literalLoads, type Use, usesOf } from '../code/value-flow.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { type Relocation, RelocationTable } from '../elf/relocations.js';
import { SHF } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Place, PlacedTarget } from '../link/place.js';
import { LinkedObject, type PlacedVeneer } from '../linked/linked-object.js';
import { FollowedSlots } from './followed-slots.js';
import { partsOf } from './page-parts.js';
import { withPassedUses } from './passed-uses.js';
import { Patches } from './patches.js';
import type { Access, Reference, RelocationSite, Unjudged } from './reference.js';
import { type Details, RelocatedReference } from './relocated-reference.js';
import type { Replacement } from './replacements.js';

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

/** Hands out the references of one section, or of parts of it. For one run. */
export class SectionReferences {
  readonly unjudged: Unjudged[] = [];
  readonly #image: Image;
  readonly #object: ObjectFile;
  readonly #section: Section;
  readonly #replacements: () => readonly Replacement[];
  /** If only parts of the section count: those that do. */
  readonly #within: readonly CodeRange[] | null;
  readonly #take: (reference: Reference) => void;
  readonly #isCode: boolean;
  readonly #patches: Patches;
  /** Recent targets, by the low bits of the symbol's number. */
  readonly #targets: (FoundTarget | undefined)[] = new Array(NEAR);
  #literals: ReadonlyMap<number, readonly number[]> | undefined;
  /** Null if what slots of data hold does not matter. */
  #slots: FollowedSlots | null = null;

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
    this.#isCode = (section.flags & SHF.EXECINSTR) !== 0 || within !== null;
    this.#patches = new Patches(object, section, this.#isCode);
  }

  run(loadsKernelAddresses: boolean): void {
    for (const name of this.#patches.unreadable) {
      const sentence = `relocations without addends ('${name}') cannot be read`;
      this.unjudged.push({ at: this.#place(0), sentence, relocations: [] });
    }
    if (loadsKernelAddresses && this.#isCode)
      this.#slots = new FollowedSlots(this.#image, this.#map, this.#patches.isPageOffset);
    const { pages, offsets, gotPages, gotOffsets, moves } = this.#addSingle();
    this.#addPairs(pages, offsets, false);
    this.#addPairs(gotPages, gotOffsets, true);
    this.#addMoves(moves);
    this.#addLoaded();
  }

  /** Adds what one relocation makes, and returns those of which several make a reference. The tables are not kept. */
  #addSingle(): Halves {
    const tables = this.#patches.read(this.#within);
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
      const fault = this.#patches.faultOf(half);
      if (fault !== null) {
        this.#cannotTell([half], fault);
        continue;
      }
      const kind = relocationTypes.get(half.type)?.kind ?? 'none';
      switch (kind) {
        case 'none':
          break;
        case 'call':
        case 'jump':
          this.#add([half], kind);
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
          kind satisfies never;
      }
    }
    return numbers;
  }

  /** Adds the uses of kernel addresses that come from data. */
  #addLoaded(): void {
    for (const { at, target, uses, source } of this.#slots?.loaded() ?? []) {
      const place = this.#place(at);
      this.#take({
        at: place,
        owner: this.#ownerOf(place),
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
      : usesOf(this.#map, offset, register, this.#patches.isPageOffset);
  }

  /** Of an absolute value that the instruction leaves in a register. */
  #usesOfKernelAddress(offset: number): readonly Use[] {
    return withPassedUses(this.#image, this.#map, this.#usesOfResult(offset), this.#patches.isPageOffset);
  }

  #usesOfResult(offset: number): readonly Use[] {
    return usesOf(this.#map, offset, resultRegister(this.#map.word(offset)), this.#patches.isPageOffset);
  }

  /** The instruction's result is the address S + A. */
  #point(at: number, half: Relocation): void {
    this.#slots?.pointedTo(this.#targetOf(half), at);
  }

  /** The instruction loads from S + A. */
  #placeLoad(half: Relocation): void {
    this.#slots?.loadedFrom(this.#targetOf(half), half.offset);
  }

  /** A slot that holds an address. In code it is a literal and belongs to the instruction that loads it. */
  #addAbsolute(half: Relocation): void {
    if (!this.#isCode) {
      this.#add([half], 'absolute', { isData: true });
      return;
    }
    this.#literals ??= literalLoads(this.#map).general;
    const loads = this.#literals.get(half.offset) ?? [];
    const [first] = loads;
    if (first === undefined) {
      this.#slots?.foundAmongCode();
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

  #addGroup(group: PageGroup, throughGot: boolean): void {
    for (const { access, isPrefetch, completed, halves } of partsOf(group, this.#map, throughGot)) {
      for (const half of completed) {
        if (access === 'address' && !isPrefetch) this.#point(half.offset, half);
        if (access === 'load' && !throughGot) this.#placeLoad(half);
      }
      const adds = access === 'address' ? completed.filter((half) => !group.loose.has(half)) : [];
      const uses = () => adds.flatMap((half) => this.#usesOfAddress(half.offset));
      this.#add(halves, access, { uses, throughGot, isPrefetch });
    }
  }

  #addMoves(moves: readonly Relocation[]): void {
    if (moves.length === 0) return;
    for (const group of groupMoves(this.#map, moves)) {
      const last = group.at(-1);
      if (!last) continue;
      const relative = relocationTypes.get(last.type)?.kind === 'mov-relative';
      const uses = () =>
        relative ? this.#usesOfResult(last.offset) : this.#usesOfKernelAddress(last.offset);
      this.#add(group, relative ? 'address' : 'absolute', { uses });
      this.#point(last.offset, last);
    }
  }
}

const plain: Details = {};
