// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who executes what, as findings need it: each reference, and each instruction. If
// nothing was walked, or what was to be walked is damaged, everything counts as
// executed.

import type { UnknownTable } from '../code/table-layouts.js';
import type { Guarded } from '../elf/format-error.js';
import type { Flow, FlowOptions, Reach } from '../flow/reach.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import type { Policy } from '../policy/policy.js';
import { type Finding, unchecked } from './finding.js';

export interface Reaches {
  /** Of the references that were asked for; empty if nothing was walked. */
  readonly reaches: ReadonlyMap<Judgement, Reach>;
  /** VHE's number as it was used; null: not known; undefined: not asked for. */
  readonly vheNumber: number | null | undefined;
  /** What the walk did not understand. */
  readonly doubts: readonly Finding[];
}

const unknownTable = ({ object, section, offset }: UnknownTable): Finding =>
  unchecked(
    object.path,
    `the layout of section ‘${section.name}’ is not known, so what only VHE executes could not be told`,
    { object, section, offset },
  );

/** It was walked as the processor would execute it; what it is meant to be is not known. */
const executedData = (at: Place): Finding =>
  unchecked(at.object.path, 'control runs into data among hyp code, which was followed as instructions', at);

const astray = (at: Place): Finding =>
  unchecked(at.object.path, `control goes on where section ‘${at.section.name}’ has ended`, at);

const nothing: Reaches = { reaches: new Map(), vheNumber: undefined, doubts: [] };

/** What is asked of the flow. */
export type Followed = Pick<
  Flow,
  'reachOf' | 'isExecuted' | 'isEntered' | 'vheNumber' | 'unknownTables' | 'executedData' | 'astray'
>;

/** A kernel has vectors and hypercalls: if we saw none, we cannot say that anything is unused. */
const notEntered = (asked: readonly Judgement[]): Finding =>
  unchecked(
    asked[0]?.reference.at.object.path ?? '',
    'nothing in this link enters its hyp code, so what is executed could not be told: everything counts as executed',
  );

/** The load of an address from data and its use may be reached separately: both must be executed. */
const reachOf = (flow: Followed, one: Judgement): Reach => {
  const reach = flow.reachOf(one);
  if (!one.reference.source || reach.kind === 'left-out') return reach;
  const load = flow.reachOf({ ...one, verdict: { kind: 'unknown', reason: '' } });
  return load.kind === 'left-out' ? load : reach;
};

/**
 * References that are asked whether they are executed: a hundred times what a kernel has, and in large files one for each
 * thirty words.
 */
const mostFollowed = ({ size }: Image): number => Math.max(5_000, size / 120);

/**
 * Where nothing is to be asked, or VHE has code of its own, nothing is walked. So it is if there is too much to ask; that
 * there are more findings than are told is said.
 */
export const executionIn = async (
  image: Image,
  { generation, ranges }: Policy,
  /** null: everything counts as executed. */
  options: FlowOptions | null,
  /** `references`: how many are asked about; `asksMore`: there are other questions. */
  { references, asksMore }: { readonly references: number; readonly asksMore: boolean },
  guarded: Guarded,
): Promise<Execution> => {
  const isAsked = (references > 0 || asksMore) && references <= mostFollowed(image);
  if (!options || !generation.isSharedWithVhe || !isAsked) return new Execution(null, guarded);
  const { Flow } = await import('../flow/reach.js');
  return new Execution(new Flow(image, ranges, options), guarded);
};

export class Execution {
  /** Something is walked, damaged or not. */
  readonly isWalked: boolean;
  #flow: Followed | null;
  readonly #guarded: Guarded;

  /** `flow`: null if nothing is walked. */
  constructor(flow: Followed | null, guarded: Guarded) {
    this.isWalked = flow !== null;
    this.#flow = flow;
    this.#guarded = guarded;
  }

  reachesOf(asked: readonly Judgement[]): Reaches {
    if (asked.length === 0) return nothing;
    return this.#ask((flow) => {
      const reaches = new Map<Judgement, Reach>();
      for (const one of asked) reaches.set(one, reachOf(flow, one));
      return {
        reaches,
        vheNumber: flow.vheNumber,
        doubts: [
          ...flow.unknownTables.map(unknownTable),
          ...flow.executedData.map(executedData),
          ...flow.astray.map(astray),
          ...(flow.isEntered ? [] : [notEntered(asked)]),
        ],
      };
    }, nothing);
  }

  /** Whether a machine without VHE executes something of place .. end (exclusive). */
  isExecuted(place: Place, end: number): boolean {
    return this.#ask((flow) => flow.isExecuted(place, end), true);
  }

  /** A damaged table makes all answers unknown. */
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
