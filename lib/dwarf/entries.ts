// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Walks through a unit's tree of entries. The tree is flat: an entry's children
// follow it, and a null entry ends them. So skipping an entry means reading its
// descendants, unless it has DW_AT_sibling (gcc writes it, clang does not).
// [DWARF5 2.3 "Relationship of Debugging Information Entries"]

import { DW_AT } from './constants.js';
import type { FormValue } from './forms.js';
import type { Entry, Unit } from './units.js';

/** Steps along DW_AT_abstract_origin and DW_AT_specification; valid chains have at most three. */
const MOST_HOPS = 16;
/** Bytes of a null entry: the abbreviation code 0. */
const NULL_ENTRY = 1;

/**
 * Calls `visit` for each entry with one of the roles (ROLE_* bits) in the list of siblings at `start`. `visit` returns
 * the offset after the entry and its descendants, so that a deep tree is read only once; this function returns the same
 * for the list. A unit may end without the null entries that close its last lists.
 */
export const eachSibling = (
  unit: Unit,
  start: number,
  roles: number,
  visit: (entry: Entry) => number,
): number => {
  for (let at = start; ; ) {
    at = unit.nextSibling(at, roles);
    const entry = at < unit.extent.end ? unit.entry(at) : null;
    if (!entry) return at + NULL_ENTRY;
    at = visit(entry);
  }
};

/** The entries of a unit at any depth that have one of the roles, in order. */
export function* allEntries(unit: Unit, roles: number): Generator<Entry> {
  for (let at = unit.root.offset; at < unit.extent.end; at = unit.after(at)) {
    const abbreviation = unit.abbreviationAt(at);
    const entry = abbreviation && (abbreviation.roles & roles) !== 0 ? unit.entry(at) : null;
    if (entry) yield entry;
  }
}

/** The entry that a reference leads to; null if it is in a file that is not here. */
const follow = (unit: Unit, reference: FormValue): Entry | null => {
  if (reference.kind === 'unitReference') return unit.entry(unit.extent.start + reference.offset);
  if (reference.kind !== 'reference') return null;
  return unit.unitAt(reference.target).entry(reference.target.offset);
};

/** The entry and those that it completes: an inlined instance, its abstract origin, the declaration of that. */
export function* origins(entry: Entry): Generator<Entry> {
  let current: Entry | null = entry;
  for (let hop = 0; current && hop <= MOST_HOPS; hop++) {
    yield current;
    const reference: FormValue | undefined =
      current.values.get(DW_AT.abstract_origin) ?? current.values.get(DW_AT.specification);
    if (!reference) return;
    current = follow(current.unit, reference);
  }
}

/** Of an entry and its origins, the first that has an attribute. */
export const holderOf = (entry: Entry, attribute: number): Entry | null => {
  for (const candidate of origins(entry)) if (candidate.values.has(attribute)) return candidate;
  return null;
};

/** DW_AT_name, the entry's own or its origins'. */
export const nameOf = (entry: Entry): string | null => {
  const holder = holderOf(entry, DW_AT.name);
  return holder ? holder.unit.string(holder.values.get(DW_AT.name)) : null;
};
