// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who executes what, as findings ask: of each reference, and of each instruction.
// Where nothing was followed, or what was to be followed is damaged, everything
// counts as executed.

import type { UnknownTable } from '../code/table-layouts.js';
import type { Flow, Reach } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import { type Finding, unchecked } from './finding.js';

export interface Reaches {
  /** Of the references that were asked for; none where nothing was followed. */
  readonly reaches: ReadonlyMap<Judgement, Reach>;
  /** VHE's number as it was used; null: not known; undefined: not asked for. */
  readonly vheNumber: number | null | undefined;
  /** What the flow did not understand. */
  readonly doubts: readonly Finding[];
}

const unknownTable = ({ object, section, offset }: UnknownTable): Finding =>
  unchecked(
    object.path,
    `the layout of section ‘${section.name}’ is not known, so what only VHE executes could not be told`,
    { object, section, offset },
  );

/** It was followed as the processor does; what it was meant for is not known. */
const executedData = (at: Place): Finding =>
  unchecked(at.object.path, 'control runs into data among hyp code, which was followed as instructions', at);

const nothing: Reaches = { reaches: new Map(), vheNumber: undefined, doubts: [] };

/** Runs `work`; what it makes of damage is said, and `instead` counts. */
export type Guarded = <Value>(work: () => Value, instead: () => Value) => Value;

/** What is asked of the flow. */
export type Followed = Pick<Flow, 'reachOf' | 'isExecuted' | 'vheNumber' | 'unknownTables' | 'executedData'>;

export class Execution {
  #flow: Followed | null;
  readonly #guarded: Guarded;

  /** `flow`: null where nothing is followed. */
  constructor(flow: Followed | null, guarded: Guarded) {
    this.#flow = flow;
    this.#guarded = guarded;
  }

  reachesOf(asked: readonly Judgement[]): Reaches {
    if (asked.length === 0) return nothing;
    return this.#ask(
      (flow) => ({
        reaches: new Map(asked.map((one) => [one, flow.reachOf(one)])),
        vheNumber: flow.vheNumber,
        doubts: [...flow.unknownTables.map(unknownTable), ...flow.executedData.map(executedData)],
      }),
      nothing,
    );
  }

  /** Whether a machine without VHE executes something of place .. end (exclusive). */
  isExecuted(place: Place, end: number): boolean {
    return this.#ask((flow) => flow.isExecuted(place, end), true);
  }

  /** A damaged table costs all answers. */
  #ask<Answer>(question: (flow: Followed) => Answer, unknown: Answer): Answer {
    const flow = this.#flow;
    if (!flow) return unknown;
    return this.#guarded(
      () => question(flow),
      () => {
        this.#flow = null;
        return unknown;
      },
    );
  }
}
