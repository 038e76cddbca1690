// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Why something is not executed: the last place on the way to it that is
// executed, and from which control does not go on in that direction. Found by one
// forward search through what the walk that knows less executes, starting from
// all places that the walk which knows more reaches too. (The two walks: without
// VHE and on any machine, or on any machine and at any time.)

import { decodeBranch } from '../aarch64/instructions.js';
import type { Transfer } from './branch.js';
import type { Procedure } from './procedure.js';
import type { Address, AddressSink } from './values.js';
import type { Walk } from './walk.js';

export interface Gate {
  /**
   * - key: a static key's site; alternative: patched instructions; test: a branch on a value
   * - call: a call that does not come back where the walk knows more
   * - other: an address that is not used there
   */
  readonly kind: 'key' | 'alternative' | 'test' | 'call' | 'other';
  readonly at: Address;
  /** The key's name and offset, for messages; null for the other kinds. */
  readonly key: string | null;
}

/** A step from one place to another; `via`: the patched place that it depends on, or null. */
interface Edge {
  readonly to: Address;
  readonly via: Address | null;
}

/** The gate for each place that `wide` executes and `narrow` does not; `wide` executes all that `narrow` does. */
export const findGates = (narrow: Walk, wide: Walk): ReadonlyMap<Address, Gate> => {
  const { reached } = narrow;
  const edges = edgesOf(wide);
  const gates = new Map<Address, Gate>();
  const pending: Address[] = [];
  const open = (to: Address, gate: () => Gate) => {
    if (reached.has(to) || gates.has(to)) return;
    gates.set(to, gate());
    pending.push(to);
  };
  for (const [from, list] of edges) {
    if (!reached.has(from)) continue;
    for (const { to, via } of list) {
      open(to, () => {
        const gate = gateAt(narrow, via ?? from);
        // Into the called function: it is the pointer that decides, not whether the call returns.
        return gate.kind === 'call' && to !== from + 4 ? { ...gate, kind: 'other' } : gate;
      });
    }
  }
  for (let index = 0; index < pending.length; index++) {
    const from = pending[index];
    const gate = from === undefined ? undefined : gates.get(from);
    if (from === undefined || !gate) continue;
    for (const { to } of edges.get(from) ?? []) open(to, () => gate);
  }
  return gates;
};

export const proceduresByPlace = (walk: Walk): ReadonlyMap<Address, readonly Procedure[]> => {
  const found = new Map<Address, Procedure[]>();
  for (const procedure of walk.procedures) {
    for (const { pc } of walk.visits(procedure, unheard)) {
      const known = found.get(pc);
      if (!known) found.set(pc, [procedure]);
      else if (!known.includes(procedure)) known.push(procedure);
    }
  }
  return found;
};

/** For those who only ask where control goes. */
export const unheard: AddressSink = { used: () => {}, lost: () => {} };

/** Where control goes from each place: on, into functions, and to addresses that escape there. */
const edgesOf = (walk: Walk): ReadonlyMap<Address, readonly Edge[]> => {
  const edges = new Map<Address, Edge[]>();
  /** Patched-in pointers that the current instruction uses, and addresses that escape at it. */
  let via = new Map<Address, Address>();
  let lost: Address[] = [];
  const sink: AddressSink = {
    used: (site) => {
      if (site.via !== null) via.set(site.target, site.via);
    },
    lost: (site) => {
      if (site.via !== null) via.set(site.target, site.via);
      lost.push(site.target);
    },
  };
  for (const procedure of walk.procedures) {
    for (const { pc, transfers } of walk.visits(procedure, sink)) {
      const list = edges.get(pc) ?? [];
      edges.set(pc, list);
      const targets = [...transfers.flatMap((transfer) => targetsOf(walk, pc, transfer)), ...lost];
      for (const to of targets) list.push({ to, via: via.get(to) ?? null });
      via = new Map();
      lost = [];
    }
  }
  return edges;
};

const targetsOf = (walk: Walk, pc: Address, transfer: Transfer): readonly Address[] => {
  switch (transfer.kind) {
    case 'go':
      return [transfer.to];
    case 'call': {
      const callee = walk.calleeOf(transfer.to, transfer.state);
      const back = !callee || callee.returned ? [pc + 4] : [];
      return transfer.to === null ? back : [transfer.to, ...back];
    }
    case 'anywhere': {
      const { start, end } = walk.code.extentAt(pc);
      return Array.from({ length: Math.ceil((end - start) / 4) }, (_, index) => start + index * 4);
    }
    case 'return':
    case 'leave':
      return [];
    default:
      return transfer satisfies never;
  }
};

/** What decides at a place. */
export const gateAt = ({ stepper, code }: Walk, at: Address): Gate => {
  const { capabilities, tables } = stepper;
  const [key] = tables.keysAt(at).filter((site) => capabilities.stateOfKey(site.key) !== null);
  if (key) return { kind: 'key', at, key: capabilities.describe(key.key) };
  if (tables.alternativesAt(at).some((one) => capabilities.stateOf(one.capability) === false)) {
    return { kind: 'alternative', at, key: null };
  }
  const branch = decodeBranch(code.word(at));
  if (branch?.kind === 'conditional') return { kind: 'test', at, key: null };
  const isCall = branch?.kind === 'call' || branch?.kind === 'indirect-call';
  return { kind: isCall ? 'call' : 'other', at, key: null };
};
