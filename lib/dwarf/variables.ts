// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which variable was declared at a place in data. Only variables whose location is
// one address count (not those in registers, in thread-local storage, or inside
// another). [DWARF5 4.1, 2.5.1.1]
//
// The place does not lead to the unit: compilers list only code in .debug_aranges.
// So the address itself is searched for, first in likely units (those that were
// read already, and those with code in a section of the same family), then
// everywhere.

import type { Section } from '../elf/object-file.js';
import { SHF } from '../elf/vocabulary.js';
import { ROLE_VARIABLE } from './abbreviations.js';
import { fieldsWithAddress } from './address-search.js';
import type { Place } from './address-space.js';
import { attempt } from './attempt.js';
import { DW_AT, DW_OP } from './constants.js';
import type { DebugSections } from './debug-sections.js';
import { allEntries } from './entries.js';
import type { RelocatedSection } from './relocated-section.js';
import type { UnitIndex } from './unit-index.js';
import type { Entry, Unit, UnitExtent } from './units.js';

/** Bytes of DW_OP_addr and its operand. */
const ADDRESS_EXPRESSION = 9;
/** If more units than this are likely, searching the whole table is as quick. */
const MOST_LIKELY_UNITS = 64;

/** The variable of a unit whose address is a place. */
export const variableAt = (unit: Unit, place: Place): Entry | null => {
  for (const entry of allEntries(unit, ROLE_VARIABLE)) {
    const address = addressOf(entry);
    if (address && address.section === place.section && address.offset === place.offset) return entry;
  }
  return null;
};

/** The address that is a variable's whole location. */
const addressOf = ({ unit, values }: Entry): Place | null => {
  const location = values.get(DW_AT.location);
  if (location?.kind !== 'block' || location.length === 0) return null;
  const cursor = unit.cursorAt(location.start);
  const end = location.start + location.length;
  const operation = cursor.u8();
  if (operation === DW_OP.addr) return location.length === ADDRESS_EXPRESSION ? cursor.place() : null;
  if (operation !== DW_OP.addrx && operation !== DW_OP.GNU_addr_index) return null;
  const index = cursor.uleb();
  return cursor.offset === end ? unit.indexedAddress(index) : null;
};

/** The variable at a place of a section; null if none is known. Units that cannot be read are skipped. */
export const findVariable = (
  sections: DebugSections,
  units: UnitIndex,
  section: Section,
  place: Place,
): Entry | null => {
  const tried = new Set<Unit>();
  for (const unit of candidates(sections, units, section, place)) {
    if (tried.has(unit)) continue;
    tried.add(unit);
    const found = attempt(() => variableAt(unit, place));
    if (found.ok && found.value) return found.value;
  }
  return null;
};

/** Units in which the address occurs, the likely ones first; may repeat. */
function* candidates(
  sections: DebugSections,
  units: UnitIndex,
  section: Section,
  place: Place,
): Generator<Unit> {
  const { space } = sections;
  for (const unit of [...units.opened]) if (occursIn(sections, unit.extent, place)) yield unit;
  for (const extent of likelyUnits(sections, units, section)) {
    const unit = attempt(() => (occursIn(sections, extent, place) ? units.open(extent) : null));
    if (unit.ok && unit.value) yield unit.value;
  }
  for (const table of sections.all('.debug_addr')) {
    for (const offset of fieldsWithAddress(table, place, space)) yield* unitsWithSlot(units, table, offset);
  }
  for (const info of sections.all('.debug_info')) {
    for (const offset of fieldsWithAddress(info, place, space)) {
      const unit = attempt(() => units.unitAt({ section: info.section.index, offset }));
      if (unit.ok) yield unit.value;
    }
  }
}

const occursIn = (sections: DebugSections, { section, start, end }: UnitExtent, place: Place): boolean => {
  const first = attempt(() => fieldsWithAddress(section, place, sections.space, start, end).next());
  return first.ok && !first.value.done;
};

/** Units with code in a section of the same family: for `.hyp.data`, all of `.hyp.*`; for `.data`, none. */
const likelyUnits = (sections: DebugSections, units: UnitIndex, section: Section): readonly UnitExtent[] => {
  const family = /^\.[^.]+\./.exec(section.name)?.[0];
  if (!family || !sections.space.relocatable) return [];
  const extents = sections.object.sections
    .filter(({ name, flags }) => name.startsWith(family) && (flags & SHF.EXECINSTR) !== 0)
    .flatMap(({ index }) => units.listedIn(index));
  return extents.length > MOST_LIKELY_UNITS ? [] : extents;
};

/** The units whose part of .debug_addr begins last before an offset. */
function* unitsWithSlot(units: UnitIndex, table: RelocatedSection, offset: number): Generator<Unit> {
  let best: Unit[] = [];
  let nearest = Number.NEGATIVE_INFINITY;
  for (const unit of units.all()) {
    const slot = attempt(() => unit.addressSlot(0));
    if (!slot.ok || (slot.value.section ?? table.section.index) !== table.section.index) continue;
    if (slot.value.offset > offset || slot.value.offset < nearest) continue;
    if (slot.value.offset > nearest) best = [];
    nearest = slot.value.offset;
    best.push(unit);
  }
  yield* best;
}
