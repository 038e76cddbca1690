// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How something is reached: the shortest path from an entry, as calls, and the
// last branch in the function itself that goes there because VHE is off.

import type { Analysis } from './analysis.js';
import { type Gate, gateAt, unheard } from './gates.js';
import type { Call, Procedure } from './procedure.js';
import type { Address } from './values.js';
import type { Walk } from './walk.js';

export interface Witness {
  /** The call of the function of the place first, the one in the entry last; none in an entry. */
  readonly calls: readonly Call[];
  /** Where VHE machines and others part on the way through the last function; or null. */
  readonly branch: Gate | null;
}

export const findWitness = (
  analysis: Analysis,
  procedures: ReadonlyMap<Address, readonly Procedure[]>,
  place: Address,
): Witness | null => {
  const around = procedures.get(place) ?? [];
  const onward = new Map<Procedure, Onward>(around.map((procedure) => [procedure, null]));
  const pending = [...around];
  /** A host function that calls hyp code directly is mostly VHE's; it is named only if nothing else leads there. */
  let fallback: Procedure | null = null;
  for (let index = 0; index < pending.length; index++) {
    const procedure = pending[index];
    if (!procedure) break;
    const isOfHost = procedure.root?.kind === 'host-function' || procedure.root?.kind === 'host-call';
    if (procedure.root && !isOfHost) return witnessFrom(analysis, procedure, onward, place);
    if (isOfHost) fallback ??= procedure;
    for (const call of procedure.callers) {
      if (onward.has(call.caller)) continue;
      onward.set(call.caller, { call, callee: procedure });
      pending.push(call.caller);
    }
  }
  return fallback ? witnessFrom(analysis, fallback, onward, place) : null;
};

/** The call that leads on from a procedure; null if that is the one asked for. */
type Onward = { readonly call: Call; readonly callee: Procedure } | null;

const witnessFrom = (
  analysis: Analysis,
  root: Procedure,
  onward: ReadonlyMap<Procedure, Onward>,
  place: Address,
): Witness => {
  const calls: Call[] = [];
  let last = root;
  for (let next = onward.get(root); next; next = onward.get(next.callee)) {
    calls.unshift(next.call);
    last = next.callee;
  }
  return { calls, branch: branchTo(analysis, analysis.withoutVhe, last, place) };
};

/** The last place on the shortest path from a procedure's entry where VHE decides. */
const branchTo = (analysis: Analysis, walk: Walk, procedure: Procedure, place: Address): Gate | null => {
  const known = tellers.get(procedure) ?? branchTeller(analysis, walk, procedure);
  tellers.set(procedure, known);
  return known(place);
};

/** One per procedure that was asked for; thousands of findings may be in one procedure. */
const tellers = new WeakMap<Procedure, (place: Address) => Gate | null>();

const branchTeller = (
  analysis: Analysis,
  walk: Walk,
  procedure: Procedure,
): ((place: Address) => Gate | null) => {
  const next = new Map<Address, Address[]>();
  for (const { pc, transfers } of walk.visits(procedure, unheard)) {
    const list = next.get(pc) ?? [];
    next.set(pc, list);
    for (const transfer of transfers) {
      if (transfer.kind === 'go') list.push(transfer.to);
      else if (transfer.kind === 'call') list.push(pc + 4);
    }
  }
  const from = new Map<Address, Address | null>([[procedure.entry, null]]);
  const pending = [procedure.entry];
  for (let index = 0; index < pending.length; index++) {
    const pc = pending[index];
    for (const to of (pc === undefined ? undefined : next.get(pc)) ?? []) {
      if (pc === undefined || from.has(to) || !next.has(to)) continue;
      from.set(to, pc);
      pending.push(to);
    }
  }
  const decides = decider(analysis, procedure);
  /** The gate at a place or, if there is none, the last one before it on its path. */
  const upTo = new Map<Address, Gate | null>();
  return (place) => {
    const open: Address[] = [];
    let gate: Gate | null = null;
    for (let at = from.get(place) ?? null; at !== null; at = from.get(at) ?? null) {
      const known = upTo.get(at);
      gate = known === undefined ? decides(at) : known;
      if (known === undefined) open.push(at);
      if (known !== undefined || gate) break;
    }
    for (const at of open) upTo.set(at, gate);
    return gate;
  };
};

/** What tells VHE machines from others at a place of a procedure, or null. */
const decider = (analysis: Analysis, { key }: Procedure): ((at: Address) => Gate | null) => {
  /** The number of successors of each place. */
  const countsIn = (walk: Walk): ReadonlyMap<Address, number> => {
    const same = walk.procedureOf(key);
    const counts = new Map<Address, number>();
    for (const { pc, transfers } of same ? walk.visits(same, unheard) : [])
      if (!counts.has(pc)) counts.set(pc, transfers.length);
    return counts;
  };
  let counts: readonly ReadonlyMap<Address, number>[] | undefined;
  // A branch with one successor without VHE and two otherwise.
  const isDecided = (at: Address): boolean => {
    counts ??= [countsIn(analysis.withoutVhe), countsIn(analysis.everywhere())];
    return counts[0]?.get(at) === 1 && counts[1]?.get(at) === 2;
  };
  return (at) => {
    const gate = gateAt(analysis.withoutVhe, at);
    const isDeciding =
      (gate.kind === 'key' && isOfVhe(analysis, at)) || (gate.kind === 'test' && isDecided(at));
    return isDeciding ? gate : null;
  };
};

const isOfVhe = ({ tables, withoutVhe }: Analysis, at: Address): boolean =>
  tables.keysAt(at).some(({ key }) => withoutVhe.stepper.capabilities.stateOfKey(key) === false);
