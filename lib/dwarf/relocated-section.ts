// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A section of debug information, read in pieces, with relocations applied: the
// parsers above do not know that relocations exist. An address becomes a Place, an
// offset into another section a Target, which remembers the section that was meant
// (with -fdebug-types-section an object has several of one name).

import { Relocations } from '../code/relocations.js';
import { Cursor, type CursorOrigin } from '../elf/cursor.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { RelocationTable } from '../elf/relocations.js';
import type { AddressSpace, Place } from './address-space.js';

/** An offset into another section of debug information. */
export interface Target {
  /** The section's index; null if no relocation names it, so that the usual name decides. */
  readonly section: number | null;
  readonly offset: number;
}

/** Bytes that ahead() reads at a time. */
const WINDOW = 4096;
/** Bytes in which strings are read, and the length from which on one counts as damaged. */
const STRING_PIECE = 128;
const LONGEST_STRING = 1 << 12;
/** How often a section is read, and bytes beyond that, before it is taken for one that was made to be read for ever. */
const MOST_OFTEN = 4;
const SPARE = 1 << 16;

const decoder = new TextDecoder('utf-8');

export class RelocatedCursor extends Cursor {
  readonly #relocations: RelocationTable;
  readonly #space: AddressSpace;
  #hint = 0;

  constructor(bytes: Uint8Array, origin: CursorOrigin, relocations: RelocationTable, space: AddressSpace) {
    super(bytes, origin);
    this.#relocations = relocations;
    this.#space = space;
  }

  /** An 8-byte address. */
  place(): Place {
    const place = this.placeOrNumber();
    return typeof place === 'bigint' ? this.#space.fromNumber(place) : place;
  }

  /** An 8-byte address, or a number if there is no relocation: .debug_ranges has both. */
  placeOrNumber(): Place | bigint {
    const relocated = this.#relocatedAt(this.offset, 8);
    if (!relocated) return this.address();
    this.skip(8);
    return relocated;
  }

  /** An offset into another section. */
  target(size: 4 | 8): Target {
    const at = this.offset;
    const offset = size === 4 ? this.u32() : this.u64();
    return this.#relocatedAt(at, size) ?? { section: null, offset };
  }

  /** Whether a relocation fills the field at the cursor. */
  isRelocated(size: 4 | 8): boolean {
    return this.#relocatedAt(this.offset, size) !== null;
  }

  #relocatedAt(offset: number, size: number): Place | null {
    if (!this.#space.relocatable) return null;
    const table = this.#relocations;
    // Fields are mostly read in order, so it is usually the next relocation.
    const hint = this.#hint;
    const index = hint < table.count && table.offset(hint) === offset ? hint : table.lowerBound(offset);
    this.#hint = index + 1;
    if (index >= table.count || table.offset(index) !== offset) return null;
    const type = table.type(index);
    const width = this.#space.widthOf(type);
    if (width === 0) return null;
    if (width !== size) {
      this.fail(`a relocation of type ${type} fills a field of ${size} bytes`);
    }
    return this.#space.relocated(table, index);
  }
}

export class RelocatedSection {
  readonly section: Section;
  readonly relocations: Relocations;
  readonly #object: ObjectFile;
  readonly #space: AddressSpace;
  #size: number | undefined;
  #window: RelocatedCursor | undefined;
  #windowStart = 0;
  #spent = 0;

  constructor(object: ObjectFile, section: Section, space: AddressSpace) {
    this.section = section;
    this.#object = object;
    this.#space = space;
    this.relocations = new Relocations(object, space.relocatable ? object.relocationSections(section) : []);
  }

  /** Bytes, after decompression. */
  get size(): number {
    this.#size ??= this.#object.sizeOf(this.section);
    return this.#size;
  }

  /**
   * Counts bytes that somebody reads one after the other. Lists and tables may be named by as many entries as there are,
   * from as many beginnings: read again for each, a file of a megabyte would take hours. Throws FormatError.
   */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > this.size * MOST_OFTEN + SPARE)
      this.plain(0, 0).fail('much of the section is used again and again');
  }

  /**
   * The offsets at which relocations put an address in a section, in order; null in a linked image, where numbers alone are
   * addresses.
   */
  mentionsOf(section: number): readonly number[] | null {
    if (!this.#space.relocatable) return null;
    const table = this.relocations.slice(0, this.size);
    const marked = this.#object.symbols.markedIn([{ index: section }]);
    return table.entriesOf(marked).map((index) => table.offset(index));
  }

  /** `length` bytes from `start` without relocations, for headers and searches; fewer at the end of the section. */
  plain(start: number, length: number): Cursor {
    const available = Math.max(0, Math.min(length, this.size - start));
    return new Cursor(this.#object.read(this.section, start, available), this.#origin(start));
  }

  /** Bytes start .. end with relocations. Throws FormatError if the section is shorter. */
  range(start: number, end: number): RelocatedCursor {
    return new RelocatedCursor(
      this.#object.read(this.section, start, end - start),
      this.#origin(start),
      this.relocations.slice(start, end),
      this.#space,
    );
  }

  /**
   * A cursor at `offset` over at least `length` bytes (no more than WINDOW), or up to the end of the section. It is
   * shared: the next caller moves it.
   */
  ahead(offset: number, length: number): RelocatedCursor {
    const wanted = Math.min(offset + length, this.size);
    const known = this.#window;
    const covers = known !== undefined && this.#windowStart <= offset && offset <= known.end;
    if (known && covers && wanted <= known.end) {
      known.offset = offset;
      return known;
    }
    const window = this.range(offset, Math.max(offset, Math.min(offset + WINDOW, this.size)));
    this.#window = window;
    this.#windowStart = offset;
    return window;
  }

  /** A NUL-terminated string, read in small pieces: .debug_str is megabytes. */
  string(offset: number): string {
    const pieces: Uint8Array[] = [];
    for (let at = offset; at - offset < LONGEST_STRING; at += STRING_PIECE) {
      const piece = this.#object.read(this.section, at, Math.max(1, Math.min(STRING_PIECE, this.size - at)));
      const end = piece.indexOf(0);
      pieces.push(end < 0 ? piece : piece.subarray(0, end));
      if (end >= 0) break;
      if (at + STRING_PIECE - offset >= LONGEST_STRING) this.plain(offset, 0).fail('a string has no end');
    }
    const [only, second] = pieces;
    return decoder.decode(only && !second ? only : Buffer.concat(pieces));
  }

  #origin(base: number): CursorOrigin {
    return { file: this.#object.path, section: this.section.name, base };
  }
}
