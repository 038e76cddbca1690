// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Who can execute a reference: the answer by which findings are filtered. The
// link is walked when somebody first asks, so a clean run never pays for it.

import type { CodeRange } from '../code/code-range.js';
import type { UnknownTable } from '../code/table-layouts.js';
import { guard } from '../elf/format-error.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import type { Reference } from '../references/reference.js';
import { type Analysis, analyse } from './analysis.js';
import { type CapabilityNumbers, inferVheNumber } from './capability.js';
import { findGates, type Gate, proceduresByPlace } from './gates.js';
import { Ground } from './ground.js';
import { LeftOut, type Reason } from './left-out.js';
import { happens, type PlacedPoint, placedPoints } from './points.js';
import type { Procedure } from './procedure.js';
import { Screen } from './screen.js';
import type { Address } from './values.js';
import type { Walk } from './walk.js';
import { noWay, type PlacedGate, placedGate, placedStep, type Way } from './way.js';
import { findWitness } from './witness.js';

/** Explanations are computed when asked for. */
export type Reach =
  | {
      readonly kind: 'live';
      /** The instruction that is executed, if it is not the reference's own. */
      readonly at: Place | null;
      readonly way: () => Way;
      /** It depends on VHE's number, which is not known: a machine without any capability does not execute this. */
      readonly isInDoubt: () => boolean;
    }
  | { readonly kind: 'left-out'; readonly why: () => Reason };

/** If no walk is needed, or none is possible. */
export const plainlyLive: Reach = {
  kind: 'live',
  at: null,
  way: () => noWay,
  isInDoubt: () => false,
};

export interface FlowOptions {
  readonly numbers: CapabilityNumbers;
  /** Nothing of the link is missing: everything that names hyp code is among the objects. */
  readonly isComplete: boolean;
}

export class Flow {
  readonly #image: Image;
  readonly #ranges: readonly CodeRange[];
  readonly #options: FlowOptions;
  #knownGround: Ground | undefined;
  #screen: Screen | undefined;
  #analysis: Analysis | undefined;
  #exact: Analysis | undefined;
  readonly #explainers = new Map<Analysis, (judgement: Judgement) => Reason>();
  readonly #gates = new Map<Walk, ReadonlyMap<Address, Gate>>();
  readonly #procedures = new Map<Walk, ReadonlyMap<Address, readonly Procedure[]>>();

  /** Of what is left out without a walk: the walk tells why. */
  readonly #explainScreened = (judgement: Judgement): Reason => this.#explainerOf(this.#get())(judgement);

  /** `ranges`: hyp code in sections of the host. */
  constructor(image: Image, ranges: readonly CodeRange[], options: FlowOptions) {
    this.#image = image;
    this.#ranges = ranges;
    this.#options = options;
  }

  /** Patch tables that could not be read. If there are any, everything is live. */
  get unknownTables(): readonly UnknownTable[] {
    return this.#ground.tables.unknown;
  }

  /** Words of hyp code that are marked as data and yet executed: the first of each run. */
  get executedData(): readonly Place[] {
    const { space } = this.#ground;
    const walk = this.#isSettled ? null : this.#walkIfKnown();
    if (!walk) return [];
    const { data } = walk;
    const first = [...data].filter((at) => !data.has(at - 4)).sort((a, b) => a - b);
    return first.flatMap((at) => space.placeOf(at) ?? []);
  }

  /** Instructions of hyp code behind which their section ends, though control goes on. */
  get astray(): readonly Place[] {
    const { space } = this.#ground;
    const walk = this.#isSettled ? null : this.#walkIfKnown();
    return [...(walk?.astray ?? [])].sort((a, b) => a - b).flatMap((at) => space.placeOf(at) ?? []);
  }

  /** Whether anything in the link enters hyp code. If nothing does, everything is live. */
  get isEntered(): boolean {
    return this.#ground.isEntered;
  }

  /** The VHE capability's number as it was used; null: not known, so that nothing is left out. */
  get vheNumber(): number | null {
    return this.#ground.capabilities.numbers.vhe;
  }

  /** Whether a machine without VHE executes any of place .. end (exclusive); true if that cannot be told. */
  isExecuted(place: Place, end: number): boolean {
    const { isEntered, space } = this.#ground;
    const walk = isEntered ? this.#walkIfKnown() : null;
    if (!walk) return true;
    const start = space.addressOf(place);
    const last = start + Math.min(end, place.section.size) - place.offset;
    for (let at = start; at < last; at += 4) if (walk.executed.has(at)) return true;
    return false;
  }

  /**
   * First without a walk, then cheaply, with all addresses in host code as entries; what is live then is checked again
   * exactly.
   */
  reachOf(judgement: Judgement): Reach {
    if (!this.#needsWalk(judgement)) return new LeftOut(judgement, this.#explainScreened);
    const reach = this.#reachIn(this.#get(), judgement);
    if (reach.kind !== 'live' || reach === plainlyLive) return reach;
    this.#exact ??= analyse(this.#ground, true);
    return this.#reachIn(this.#exact, judgement);
  }

  /** Whether only a walk can tell; once there is one, it is asked. */
  #needsWalk(judgement: Judgement): boolean {
    const { tables, isEntered } = this.#ground;
    if (this.#analysis || tables.unknown.length > 0 || !isEntered) return true;
    const places = placedPoints(this.#ground.space, judgement).map(({ address }) => address);
    this.#screen ??= new Screen(this.#ground);
    // More of the tables may have been read for it.
    return places.length === 0 || this.#screen.mayExecute(places) || tables.unknown.length > 0;
  }

  /** Nothing had to be walked. */
  get #isSettled(): boolean {
    return this.#screen !== undefined && this.#analysis === undefined;
  }

  #reachIn(analysis: Analysis, judgement: Judgement): Reach {
    if (analysis.tables.unknown.length > 0 || !this.#ground.isEntered) return plainlyLive;
    return this.#liveIn(analysis, judgement) ?? new LeftOut(judgement, this.#explainerOf(analysis));
  }

  /** null: it is left out. */
  #liveIn(analysis: Analysis, judgement: Judgement): Reach | null {
    const { reference } = judgement;
    const placed = placedPoints(analysis.space, judgement);
    if (placed.length === 0) return plainlyLive;
    const { withoutVhe } = analysis;
    const live = placed.find((point) => happens(withoutVhe, point));
    if (live)
      return this.#live(analysis, reference, live, (walk) => placed.some((point) => happens(walk, point)));
    // Everybody forms the address, and we see no machine use it. It was formed for something, so it counts as live.
    const formed = placed.find(({ address }) => withoutVhe.executed.has(address));
    if (!formed || placed.some((point) => happens(analysis.everywhere(), point))) return null;
    const isFormed = (walk: Walk): boolean => walk.executed.has(formed.address);
    return this.#live(analysis, reference, formed, isFormed);
  }

  #explainerOf(analysis: Analysis): (judgement: Judgement) => Reason {
    // What VHE executes may be too involved to be followed; that nobody else does is known.
    const explain =
      this.#explainers.get(analysis) ??
      ((one) =>
        guard(
          () => this.#reasonFor(analysis, one),
          (): Reason => ({ kind: 'vhe-only', gate: null }),
        ));
    this.#explainers.set(analysis, explain);
    return explain;
  }

  #reasonFor(analysis: Analysis, judgement: Judgement): Reason {
    const placed = placedPoints(analysis.space, judgement);
    const everywhere = analysis.everywhere();
    const other = placed.find((point) => happens(everywhere, point));
    if (other) {
      const gate = this.#gateFor(analysis, analysis.withoutVhe, everywhere, other.address);
      return { kind: 'vhe-only', gate };
    }
    const once = placed.find((point) => happens(analysis.ever(), point));
    const gate = once ? this.#gateFor(analysis, everywhere, analysis.ever(), once.address) : null;
    return { kind: 'dead', gate };
  }

  /** null: a patch table is unknown, as may be seen only when the walk asks for it. */
  #walkIfKnown(): Walk | null {
    const { tables } = this.#ground;
    const walk = tables.unknown.length > 0 ? null : this.#get().withoutVhe;
    return tables.unknown.length > 0 ? null : walk;
  }

  #get(): Analysis {
    this.#analysis ??= analyse(this.#ground, false);
    return this.#analysis;
  }

  get #ground(): Ground {
    if (!this.#knownGround) {
      const { numbers, isComplete } = this.#options;
      const vhe = numbers.vhe ?? inferVheNumber(this.#image);
      this.#knownGround = new Ground(this.#image, this.#ranges, { ...numbers, vhe }, isComplete);
    }
    return this.#knownGround;
  }

  /** The point is executed; `happensIn`: whether another walk makes the reference too. */
  #live(
    analysis: Analysis,
    reference: Reference,
    { place, address }: PlacedPoint,
    happensIn: (walk: Walk) => boolean,
  ): Reach {
    const isOwn = place.section === reference.at.section && place.offset === reference.at.offset;
    return {
      kind: 'live',
      at: isOwn ? null : place,
      isInDoubt: () =>
        this.vheNumber === null &&
        guard(
          () => !happensIn(analysis.withoutAny()),
          () => true,
        ),
      way: () =>
        guard(
          () => this.#wayTo(analysis, address),
          () => noWay,
        ),
    };
  }

  #wayTo(analysis: Analysis, address: Address): Way {
    const procedures = this.#proceduresOf(analysis.withoutVhe);
    for (const at of analysis.tables.executionPlaces(address)) {
      const witness = findWitness(analysis, procedures, at);
      if (!witness) continue;
      return {
        steps: witness.calls.flatMap((call) => placedStep(analysis.space, call)),
        branch: witness.branch ? placedGate(analysis.space, witness.branch) : null,
      };
    }
    return noWay;
  }

  #proceduresOf(walk: Walk): ReadonlyMap<Address, readonly Procedure[]> {
    const known = this.#procedures.get(walk) ?? proceduresByPlace(walk);
    this.#procedures.set(walk, known);
    return known;
  }

  /** What keeps `narrow` from a place that `wide` executes. */
  #gateFor(analysis: Analysis, narrow: Walk, wide: Walk, address: Address): PlacedGate | null {
    const gates = this.#gates.get(narrow) ?? findGates(narrow, wide);
    this.#gates.set(narrow, gates);
    for (const at of analysis.tables.executionPlaces(address)) {
      const gate = gates.get(at);
      if (gate) return placedGate(analysis.space, gate);
      // Replacement code: the alternative itself is the gate.
      if (at !== address) return placedGate(analysis.space, { kind: 'alternative', at, key: null });
    }
    const taker = alternativeThatUses(analysis, narrow, address);
    return taker === null ? null : placedGate(analysis.space, { kind: 'alternative', at: taker, key: null });
  }
}

/** For an address that everybody forms and only VHE uses: the alternative after it in the same function. */
const alternativeThatUses = ({ tables, code }: Analysis, narrow: Walk, address: Address): Address | null => {
  const { end } = code.extentAt(address);
  const { capabilities } = narrow.stepper;
  for (let at = address; at < end; at += 4) {
    if (tables.alternativesAt(at).some((one) => capabilities.stateOf(one.capability) === false)) return at;
  }
  return null;
};
