// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The references of one section: what each relocation does to its target, alone or
// with those that complete the same address.

import { relocationName, relocationTypes } from '../aarch64/relocation-types.js';
import { type CodeMap, codeMapOf } from '../code/code-map.js';
import { type CodeRange, isInRange } from '../code/code-range.js';
import { coverAt } from '../code/functions.js';
import { groupMoves } from '../code/moves.js';
import { type PageGroup, pairHalves } from '../code/pairing.js';
import { literalLoads, type Use } from '../code/value-flow.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { type Relocation, RelocationTable } from '../elf/relocations.js';
import { SHF } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import { LinkedObject, type PlacedVeneer } from '../linked/linked-object.js';
import { AddressUses } from './address-uses.js';
import { FollowedSlots } from './followed-slots.js';
import { loadedReference } from './loaded-addresses.js';
import { partsOf } from './page-parts.js';
import { Patches } from './patches.js';
import type { Access, Reference, Unjudged } from './reference.js';
import { type Details, RelocatedReference } from './relocated-reference.js';
import type { Replacement } from './replacements.js';
import { ResolvedTargets } from './resolved-targets.js';

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

const GOT = '_GLOBAL_OFFSET_TABLE_';

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
  readonly #targets: ResolvedTargets;
  #knownUses: AddressUses | undefined;
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
    this.#targets = new ResolvedTargets(image, object);
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
        this.#cannotTell(half, fault);
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
          numbers[this.#object.symbols.name(half.symbol) === GOT ? 'gotPages' : 'pages'].push(number);
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
    for (const loaded of this.#slots?.loaded() ?? []) {
      const at = this.#place(loaded.at);
      this.#take(loadedReference(at, this.#ownerOf(at), loaded));
    }
  }

  get #map(): CodeMap {
    return codeMapOf(this.#object, this.#section);
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

  /** Adds one reference; it stands where its first half is. */
  #add(halves: readonly Relocation[], access: Access, details: Details = plain): void {
    const first = halves[0];
    if (!first) return;
    const offset = details.at ?? first.offset;
    this.#take(
      new RelocatedReference(
        this.#place(offset),
        access,
        this.#targets.of(first),
        details.isCounted === false ? [] : halves,
        access === 'call' || access === 'jump' ? this.#veneerAt(offset) : null,
        this.#ownerOf,
        this.#isCode || details.isData !== undefined ? details : { ...details, isData: true },
      ),
    );
  }

  #cannotTell({ offset, type }: Relocation, sentence: string): void {
    const relocations = [{ section: this.#section.name, offset, type }];
    this.unjudged.push({ at: this.#place(offset), sentence, relocations });
  }

  #usesOfAddress(offset: number): readonly Use[] {
    return this.#isCode ? this.#uses.ofAddress(offset) : [];
  }

  /** Of code. */
  get #uses(): AddressUses {
    this.#knownUses ??= new AddressUses(this.#image, this.#map, this.#patches.isPageOffset);
    return this.#knownUses;
  }

  /** The instruction's result is the address S + A. */
  #point(at: number, half: Relocation): void {
    this.#slots?.pointedTo(this.#targets.of(half), at);
  }

  /** The instruction loads from S + A. */
  #placeLoad(half: Relocation): void {
    this.#slots?.loadedFrom(this.#targets.of(half), half.offset);
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
      const uses = () => this.#uses.ofKernelAddress(load);
      this.#add([half], 'absolute', { at: load, uses, isCounted: load === first });
      this.#point(load, half);
    }
  }

  #addPairs(pages: RelocationTable, offsets: RelocationTable, throughGot: boolean): void {
    if (pages.count === 0 && offsets.count === 0) return;
    const { groups, singlePages, singleOffsets } = pairHalves(this.#map, pages, offsets, throughGot);
    for (const half of singleOffsets)
      this.#cannotTell(half, `${relocationName(half.type)} without the ADRP that it completes`);
    for (const half of singlePages)
      this.#cannotTell(half, `${relocationName(half.type)} whose low 12 bits are taken nowhere`);
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
        relative ? this.#uses.ofResult(last.offset) : this.#uses.ofKernelAddress(last.offset);
      this.#add(group, relative ? 'address' : 'absolute', { uses });
      this.#point(last.offset, last);
    }
  }
}

const plain: Details = {};
