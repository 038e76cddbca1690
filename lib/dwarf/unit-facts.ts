// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known of one unit: the line table, the functions, the calls inlined into
// each, their names. Each part is computed when first asked for and kept, and so
// is its error.

import type { Place } from './address-space.js';
import { attempt, type Outcome, settle } from './attempt.js';
import { DW_AT } from './constants.js';
import { holderOf, nameOf } from './entries.js';
import { constantOf, targetOf } from './forms.js';
import { allFunctionsOf, callsAt, functionsOf, type InlinedCall, inlinedCallsOf } from './inline-frames.js';
import type { IntervalMap } from './interval-map.js';
import { type LineRow, LineTable } from './line-table.js';
import type { SourceFrame, SourcePosition } from './source-frame.js';
import type { Entry, Unit } from './units.js';

/** A value that is computed once; throws the same FormatError every time. */
const once = <Value>(read: () => Value): (() => Value) => {
  let outcome: Outcome<Value> | undefined;
  return () => {
    outcome ??= attempt(read);
    return settle(outcome);
  };
};

export class UnitFacts {
  readonly unit: Unit;
  /** null: the unit has none. */
  readonly lines: () => LineTable | null;
  /** The functions of the unit with code, without nested ones. */
  readonly functions: () => IntervalMap<Entry>;
  readonly #allFunctions: () => IntervalMap<Entry>;
  readonly #directory: () => string | null;
  readonly #calls = new Map<Entry, () => readonly InlinedCall[]>();
  readonly #names = new Map<Entry, () => string | null>();

  constructor(unit: Unit) {
    this.unit = unit;
    this.lines = once(() => {
      const target = targetOf(unit.root.values.get(DW_AT.stmt_list));
      return target && new LineTable(unit, target);
    });
    this.functions = once(() => functionsOf(unit));
    this.#allFunctions = once(() => allFunctionsOf(unit));
    this.#directory = once(() => unit.directory ?? this.lines()?.header.directory ?? null);
  }

  functionAt(place: Place): Entry | null {
    return this.functions().find(place) ?? this.#allFunctions().find(place);
  }

  inlinedCalls(function_: Entry): readonly InlinedCall[] {
    const known = this.#calls.get(function_) ?? once(() => inlinedCallsOf(function_));
    this.#calls.set(function_, known);
    return known();
  }

  /** The function around a place and the calls inlined there, outermost first; empty if no function is known. */
  chainAt(place: Place): readonly Entry[] {
    const function_ = this.functionAt(place);
    if (!function_) return [];
    return [function_, ...callsAt(this.inlinedCalls(function_), place).map(({ entry }) => entry)];
  }

  /** The frames of a chain of functions (outermost first), innermost first; `row`: the place in the innermost. */
  frames(chain: readonly Entry[], row: LineRow | null): readonly SourceFrame[] {
    let position = this.position(row);
    if (chain.length === 0) return row ? [{ function: null, ...position }] : [];
    return [...chain].reverse().map((entry) => {
      const frame = { function: this.name(entry), ...position };
      position = this.position(callSiteOf(entry));
      return frame;
    });
  }

  /** The frames around the innermost function of a chain (outermost first), each at its call. */
  callers(chain: readonly Entry[]): readonly SourceFrame[] {
    return this.frames(chain, null).slice(1);
  }

  name(entry: Entry): string | null {
    const known = this.#names.get(entry) ?? once(() => nameOf(entry));
    this.#names.set(entry, known);
    return known();
  }

  /** A row of the unit's line table, or a file index with a line, as a place in the source. */
  position(row: LineRow | null): SourcePosition {
    const header = row && attemptOr(() => this.lines()?.header ?? null);
    const directory = attemptOr(this.#directory);
    const file = header && row && attemptOr(() => header.file(row.file));
    if (!row || !file) {
      return { file: attemptOr(() => this.unit.name) ?? '', line: 0, column: 0, directory };
    }
    return { file, line: row.line, column: row.column, directory };
  }
}

/** null if it cannot be read: one missing name should not cost the rest of a frame. */
const attemptOr = <Value>(read: () => Value): Value | null => {
  const outcome = attempt(read);
  return outcome.ok ? outcome.value : null;
};

/** Where an inlined function was called. File 0 is none before DWARF 5 and the first file in it; the line table knows. */
const callSiteOf = (entry: Entry): LineRow | null => {
  const file = constantOf(entry.values.get(DW_AT.call_file));
  if (file === null) return null;
  return {
    file,
    line: constantOf(entry.values.get(DW_AT.call_line)) ?? 0,
    column: constantOf(entry.values.get(DW_AT.call_column)) ?? 0,
  };
};

/**
 * Where an entry was declared: DW_AT_decl_file, decl_line and decl_column, each its own or, if it has none, its
 * origin's (gcc writes into a definition only what differs from the declaration). null if there is no file.
 */
export const declarationOf = (entry: Entry, factsOf: (unit: Unit) => UnitFacts): SourceFrame | null => {
  const holder = holderOf(entry, DW_AT.decl_file);
  const file = holder && constantOf(holder.values.get(DW_AT.decl_file));
  if (!holder || file === null) return null;
  const constant = (attribute: number): number =>
    constantOf(holderOf(entry, attribute)?.values.get(attribute)) ?? 0;
  const position = factsOf(holder.unit).position({
    file,
    line: constant(DW_AT.decl_line),
    column: constant(DW_AT.decl_column),
  });
  return { function: factsOf(entry.unit).name(entry), ...position };
};
