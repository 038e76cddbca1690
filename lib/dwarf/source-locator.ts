// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From a place in an object to places in its source. For code, the line table and
// the inlined calls around it answer; for data, the variable that was declared
// there. If debug information cannot be read, its answers are missing and one
// sentence says so; nothing is thrown.

import type { FormatError } from '../elf/format-error.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { attempt, type Outcome } from './attempt.js';
import { DW_AT } from './constants.js';
import { DebugSections } from './debug-sections.js';
import { holderOf } from './entries.js';
import { constantOf } from './forms.js';
import type { InlinedCall } from './inline-frames.js';
import type { InlinedInstance, Located, SourceFrame, Subprogram } from './source-frame.js';
import { declarationOf, UnitFacts } from './unit-facts.js';
import { UnitIndex } from './unit-index.js';
import type { Entry, Unit } from './units.js';
import { findVariable } from './variables.js';

export type { InlinedInstance, Located, SourceFrame, SourcePosition, Subprogram } from './source-frame.js';

export class SourceLocator {
  readonly #sections: DebugSections;
  readonly #units: UnitIndex;
  readonly #facts = new Map<Unit, UnitFacts>();

  constructor(object: ObjectFile) {
    this.#sections = new DebugSections(object);
    this.#units = new UnitIndex(this.#sections);
  }

  /** The functions of an instruction: the one that contains it in the source, and those that it was inlined into. */
  framesAt(section: Section, offset: number): Located {
    const place = this.#sections.space.placeIn(section, offset);
    const found = attempt(() => this.#units.find(place) ?? this.#units.before(place));
    if (!found.ok) return { frames: [], problem: sentence(found.error) };
    const unit = found.value;
    if (!unit) return { frames: [], problem: this.#units.problem && sentence(this.#units.problem) };

    const facts = this.#factsOf(unit);
    const row = attempt(() => facts.lines()?.find(place) ?? null);
    const chain = attempt(() => facts.chainAt(place));
    const frames = attempt(() => facts.frames(chain.ok ? chain.value : [], row.ok ? row.value : null));
    const failed = [row, chain, frames].find((outcome) => !outcome.ok);
    const problem =
      failed && !failed.ok
        ? sentence(failed.error)
        : this.#splitProblem(unit, chain.ok && chain.value.length > 0);
    return { frames: frames.ok ? frames.value : [], problem };
  }

  /** The variable that begins at a place, and where it is declared; null if none is known. */
  declarationAt(section: Section, offset: number): SourceFrame | null {
    const place = this.#sections.space.placeIn(section, offset);
    const declaration = attempt(() => {
      const variable = findVariable(this.#sections, this.#units, section, place);
      return variable && declarationOf(variable, (unit) => this.#factsOf(unit));
    });
    return declaration.ok ? declaration.value : null;
  }

  /** The function around an instruction (not one inlined there), as it was declared; null if none is known. */
  subprogramAt(section: Section, offset: number): Subprogram | null {
    const place = this.#sections.space.placeIn(section, offset);
    const subprogram = attempt(() => {
      const unit = this.#units.find(place);
      const function_ = unit && this.#factsOf(unit).functionAt(place);
      return function_ && this.#subprogramOf(function_);
    });
    return subprogram.ok ? subprogram.value : null;
  }

  /**
   * Every call that was inlined into the functions of a section, by function, outer calls before those inside them.
   * What cannot be read is added to `problems`.
   */
  *inlinedInstances(section: Section, problems: Set<string>): Generator<InlinedInstance> {
    const { section: index, offset: start } = this.#sections.space.placeIn(section, 0);
    const known = <T>(outcome: Outcome<readonly T[]>): readonly T[] => {
      if (!outcome.ok) problems.add(sentence(outcome.error));
      return outcome.ok ? outcome.value : [];
    };
    for (const unit of known(attempt(() => this.#units.unitsIn(index, start, start + section.size)))) {
      const facts = this.#factsOf(unit);
      const functions = known(attempt(() => facts.functions().valuesIn(index, start, start + section.size)));
      const split = this.#splitProblem(unit, functions.length > 0);
      if (split !== null) problems.add(split);
      for (const function_ of new Set(functions)) {
        const calls = known(attempt(() => facts.inlinedCalls(function_)));
        yield* this.#instances(facts, calls, [function_], index, start, problems);
      }
    }
    if (this.#units.problem) problems.add(sentence(this.#units.problem));
  }

  /** Whether there is debug information about the code in a section. */
  hasUnitsIn(section: Section): boolean {
    const { section: index, offset: start } = this.#sections.space.placeIn(section, 0);
    const units = attempt(() => this.#units.unitsIn(index, start, start + section.size));
    return !units.ok || units.value.length > 0;
  }

  *#instances(
    facts: UnitFacts,
    calls: readonly InlinedCall[],
    around: readonly Entry[],
    index: number,
    start: number,
    problems: Set<string>,
  ): Generator<InlinedInstance> {
    for (const { entry, ranges, inner } of calls) {
      const instance = attempt(() => ({
        callee: this.#subprogramOf(entry),
        ranges: ranges
          .filter((range) => range.section === index && range.start < range.end)
          .map((range) => ({ start: range.start - start, end: range.end - start })),
        entry: this.#entryOf(entry, index, start),
        frames: facts.callers([...around, entry]),
      }));
      if (instance.ok) yield instance.value;
      else problems.add(sentence(instance.error));
      yield* this.#instances(facts, inner, [...around, entry], index, start, problems);
    }
  }

  /** DW_AT_entry_pc; if there is a single piece, its start. */
  #entryOf({ unit, values }: Entry, index: number, start: number): number | null {
    const place = unit.place(values.get(DW_AT.entry_pc) ?? values.get(DW_AT.low_pc));
    return place?.section === index ? place.offset - start : null;
  }

  #subprogramOf(entry: Entry): Subprogram {
    const factsOf = (unit: Unit) => this.#factsOf(unit);
    return {
      name: factsOf(entry.unit).name(entry),
      inline: constantOf(holderOf(entry, DW_AT.inline)?.values.get(DW_AT.inline)),
      declaration: declarationOf(entry, factsOf),
    };
  }

  #factsOf(unit: Unit): UnitFacts {
    const known = this.#facts.get(unit) ?? new UnitFacts(unit);
    this.#facts.set(unit, known);
    return known;
  }

  /** `functions and inlined calls are in 'a.dwo', which is not read` */
  #splitProblem(unit: Unit, functionKnown: boolean): string | null {
    if (functionKnown) return null;
    const dwo = attempt(() => unit.dwoName);
    return dwo.ok && dwo.value !== null
      ? `functions and inlined calls are in '${dwo.value}', which is not read`
      : null;
  }
}

/** `debug information cannot be read: .debug_info+0x1c: there is no abbreviation 77` */
const sentence = (error: FormatError): string =>
  `debug information cannot be read: ${error.section ?? error.file}+0x${error.offset.toString(16)}: ${error.sentence}`;
