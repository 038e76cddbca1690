// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Why something is executed with VHE only: the last place on the way to it that
// a machine without VHE comes to as well, and does not leave in that direction.
// Found by one search forwards through what any machine executes, from all
// places that are executed without VHE at once.

import { decodeBranch } from '../aarch64/instructions.js';
import type { Analysis } from './analysis.js';
import type { Address, AddressSink } from './values.js';
import type { Procedure, Walk } from './walk.js';

export interface Gate {
  /**
   * - key: a static key's site; alternative: patched instructions; test: a branch on a value
   * - call: a call that comes back with VHE only
   * - other: an address that is used with VHE only
   */
  readonly kind: 'key' | 'alternative' | 'test' | 'call' | 'other';
  readonly at: Address;
  /** The key's name and offset, for messages; null for the other kinds. */
  readonly key: string | null;
}

/** A step from one place to another: what was patched in on the way, or null. */
interface Edge {
  readonly to: Address;
  readonly via: Address | null;
}

/** Gates by the places behind them. */
export const findGates = (analysis: Analysis): ReadonlyMap<Address, Gate> => {
  const { withoutVhe } = analysis;
  const everywhere = analysis.everywhere();
  const gates = new Map<Address, Gate>();
  const pending: Address[] = [];
  const procedures = proceduresByPlace(everywhere);
  for (const from of withoutVhe.reached) {
    for (const { to, via } of edgesFrom(everywhere, procedures, from)) {
      if (withoutVhe.reached.has(to) || gates.has(to)) continue;
      gates.set(to, gateAt(analysis, via ?? from));
      pending.push(to);
    }
  }
  for (let index = 0; index < pending.length; index++) {
    const from = pending[index];
    const gate = from === undefined ? undefined : gates.get(from);
    if (from === undefined || !gate) continue;
    for (const { to } of edgesFrom(everywhere, procedures, from)) {
      if (withoutVhe.reached.has(to) || gates.has(to)) continue;
      gates.set(to, gate);
      pending.push(to);
    }
  }
  return gates;
};

export const proceduresByPlace = (walk: Walk): ReadonlyMap<Address, readonly Procedure[]> => {
  const found = new Map<Address, Procedure[]>();
  for (const procedure of walk.procedures) {
    for (const pc of procedure.states.keys()) {
      const known = found.get(pc);
      if (known) known.push(procedure);
      else found.set(pc, [procedure]);
    }
  }
  return found;
};

function* edgesFrom(
  walk: Walk,
  procedures: ReadonlyMap<Address, readonly Procedure[]>,
  from: Address,
): Generator<Edge> {
  for (const procedure of procedures.get(from) ?? []) {
    /** Patched-in pointers that this instruction uses, and addresses that it gives away. */
    const via = new Map<Address, Address>();
    const lost: Address[] = [];
    const sink: AddressSink = {
      used: (site) => {
        if (site.via !== null) via.set(site.target, site.via);
      },
      lost: (site) => {
        if (site.via !== null) via.set(site.target, site.via);
        lost.push(site.target);
      },
    };
    const { transfers } = walk.stepsAt(procedure, from, sink);
    for (const transfer of transfers) {
      switch (transfer.kind) {
        case 'go':
          yield { to: transfer.to, via: via.get(transfer.to) ?? null };
          break;
        case 'call': {
          if (transfer.to !== null) yield { to: transfer.to, via: via.get(transfer.to) ?? null };
          const callee = walk.calleeOf(transfer.to, transfer.state);
          if (!callee || callee.returned) yield { to: from + 4, via: null };
          break;
        }
        case 'anywhere': {
          const { start, end } = walk.code.extentAt(from);
          for (let to = start; to < end; to += 4) yield { to, via: null };
          break;
        }
        case 'return':
          break;
        default:
          transfer satisfies never;
      }
    }
    for (const to of lost) yield { to, via: via.get(to) ?? null };
  }
}

/** What decides at a place. */
export const gateAt = ({ tables, code, withoutVhe }: Analysis, at: Address): Gate => {
  const { capabilities } = withoutVhe.stepper;
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
