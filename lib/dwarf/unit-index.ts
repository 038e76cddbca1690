// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Finds the unit of an address, and of an offset into .debug_info. An address is
// looked up in .debug_aranges. Units that are missing there (clang lists none, but
// its assembler does, so a kernel's table can be incomplete) are found by walking
// the headers and reading each root entry, no further than needed.

import { firstWhere } from '../elf/bisect.js';
import type { FormatError } from '../elf/format-error.js';
import { type AddressRange, holds, type Place } from './address-space.js';
import { readAddressRanges } from './aranges.js';
import { attempt, type Outcome, settle } from './attempt.js';
import { DW_TAG } from './constants.js';
import type { DebugSections } from './debug-sections.js';
import { IntervalMap } from './interval-map.js';
import { rangesOf } from './ranges.js';
import type { RelocatedSection, Target } from './relocated-section.js';
import { readUnitExtent, Unit, type UnitExtent, unitExtents } from './units.js';

const INFO = '.debug_info';

/** What .debug_aranges says. */
interface Listed {
  readonly ranges: IntervalMap<Target>;
  /** The units that it lists. */
  readonly units: Set<string>;
}

export class UnitIndex {
  readonly #sections: DebugSections;
  readonly #units = new Map<string, Outcome<Unit>>();
  /** What .debug_aranges says of a section, and (null) of all. */
  readonly #listed = new Map<number | null, Listed>();
  /** What the root entries of the other units cover, as far as the walk has come. */
  readonly #walked = new IntervalMap<Unit>();
  readonly #extents = new Map<RelocatedSection, readonly UnitExtent[]>();
  #pending: Iterator<UnitExtent> | null = null;
  readonly #problems: FormatError[] = [];

  constructor(sections: DebugSections) {
    this.#sections = sections;
  }

  /** Damage met on the walk: the damaged unit may be the one that was looked for. */
  get problem(): FormatError | null {
    return this.#problems[0] ?? null;
  }

  /** The units that were read so far. */
  get opened(): readonly Unit[] {
    return [...this.#units.values()].flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  }

  /** The unit whose code holds a place; null if none is known. Throws FormatError if that unit is damaged. */
  find(place: Place): Unit | null {
    const listed = this.#listedFor(place.section).ranges.find(place);
    if (listed) return this.#openAt(listed);
    const walked = this.#walked.find(place);
    if (walked) return walked;
    for (const { unit, ranges } of this.#walk()) {
      if (ranges.some((range) => holds(range, place))) return unit;
    }
    return null;
  }

  /**
   * For a place that find() does not know: the unit whose code ends last before it. Compilers end a unit at a label, but
   * code after it in a later .subsection (the kernel's replacement code) is still in its line table.
   */
  before(place: Place): Unit | null {
    const listed = this.#listedFor(place.section).ranges.before(place);
    return listed ? this.#openAt(listed) : this.#walked.before(place);
  }

  /** The units with code in bytes start .. end of a section, without damaged ones. */
  unitsIn(section: number, start: number, end: number): readonly Unit[] {
    for (const _ of this.#walk());
    const listed = this.#listedFor(section)
      .ranges.valuesIn(section, start, end)
      .flatMap((target) => {
        const unit = attempt(() => this.#openAt(target));
        if (!unit.ok) this.#problems.push(unit.error);
        return unit.ok ? [unit.value] : [];
      });
    return [...new Set([...listed, ...this.#walked.valuesIn(section, start, end)])];
  }

  /** The units with code in a section according to .debug_aranges, unread. */
  listedIn(section: number): readonly UnitExtent[] {
    const targets = this.#listedFor(section).ranges.valuesIn(section, 0, Number.POSITIVE_INFINITY);
    return [...new Set(targets)].flatMap((target) => {
      const extent = attempt(() => readUnitExtent(this.#sections.of(target, INFO), target.offset));
      return extent.ok ? [extent.value] : [];
    });
  }

  /** The unit around an offset into .debug_info. Throws FormatError if there is none. */
  unitAt(target: Target): Unit {
    const section = this.#sections.of(target, INFO);
    const extents = this.#extentsOf(section);
    const behind = firstWhere(extents.length, (index) => (extents[index]?.start ?? 0) > target.offset);
    const extent = extents[behind - 1];
    if (!extent || target.offset >= extent.end) {
      return section
        .plain(0, 0)
        .fail(`a reference leads to 0x${target.offset.toString(16)}, where no unit is`);
    }
    return this.open(extent);
  }

  /** Every unit that can be read, in order. */
  *all(): Generator<Unit> {
    for (const section of this.#sections.all(INFO)) {
      for (const extent of this.#extentsOf(section)) {
        const outcome = this.#outcome(extent);
        if (outcome.ok) yield outcome.value;
      }
    }
  }

  open(extent: UnitExtent): Unit {
    return settle(this.#outcome(extent));
  }

  #outcome(extent: UnitExtent): Outcome<Unit> {
    const key = keyOf(extent.section, extent.start);
    const known = this.#units.get(key);
    if (known) return known;
    const made = attempt(() => new Unit(extent, this.#sections, (target) => this.unitAt(target)));
    this.#units.set(key, made);
    return made;
  }

  #openAt(target: Target): Unit {
    const section = this.#sections.of(target, INFO);
    const known = this.#units.get(keyOf(section, target.offset));
    return known ? settle(known) : this.open(readUnitExtent(section, target.offset));
  }

  #listedFor(section: number): Listed {
    return this.#listed.get(null) ?? this.#readListed(section);
  }

  /** `section`: an index; null: all. */
  #readListed(section: number | null): Listed {
    const known = this.#listed.get(section);
    if (known) return known;
    const sets = attempt(() =>
      this.#sections.all('.debug_aranges').flatMap((table) => [...readAddressRanges(table, section)]),
    );
    const listed: Listed = { ranges: new IntervalMap(), units: new Set() };
    // A damaged table is as good as none: the units themselves say what they cover.
    for (const { unit, ranges } of sets.ok ? sets.value : []) {
      const key = attempt(() => keyOf(this.#sections.of(unit, INFO), unit.offset));
      if (!key.ok) continue;
      listed.units.add(key.value);
      for (const range of ranges) listed.ranges.add(range, unit);
    }
    this.#listed.set(section, listed);
    return listed;
  }

  /** Continues the walk; yields each unit with its ranges, without damaged ones. */
  *#walk(): Generator<{ readonly unit: Unit; readonly ranges: readonly AddressRange[] }> {
    this.#pending ??= this.#unlisted();
    for (;;) {
      const next = this.#pending.next();
      if (next.done) return;
      const extent = next.value;
      const asked = attempt(() => {
        const unit = this.open(extent);
        return { unit, ranges: unit.root.tag === DW_TAG.type_unit ? [] : rangesOf(unit.root) };
      });
      if (!asked.ok) {
        this.#problems.push(asked.error);
        continue;
      }
      for (const range of asked.value.ranges) this.#walked.add(range, asked.value.unit);
      yield asked.value;
    }
  }

  *#unlisted(): Generator<UnitExtent> {
    const { units } = this.#readListed(null);
    for (const section of this.#sections.all(INFO)) {
      for (const extent of this.#extentsOf(section)) {
        if (!units.has(keyOf(section, extent.start))) yield extent;
      }
    }
  }

  /** The extents of a section's units, up to the first damaged one. */
  #extentsOf(section: RelocatedSection): readonly UnitExtent[] {
    const known = this.#extents.get(section);
    if (known) return known;
    const extents: UnitExtent[] = [];
    const walk = attempt(() => {
      for (const extent of unitExtents(section)) extents.push(extent);
    });
    if (!walk.ok) this.#problems.push(walk.error);
    this.#extents.set(section, extents);
    return extents;
  }
}

const keyOf = (section: RelocatedSection, start: number): string => `${section.section.index}:${start}`;
