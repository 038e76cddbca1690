// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The walks over one link: with the VHE capability off, with VHE unknown (all
// that any machine executes), with no capability at all, and with nothing known.
// What the first walk does not reach is left out of the findings; the other
// walks tell whether it is reached on VHE machines or on none, and why.

import type { AddressSpace } from '../code/address-space.js';
import type { Code } from '../code/code.js';
import type { PatchTables } from '../code/patch-tables.js';
import type { Machines } from './capability.js';
import type { Effort } from './effort.js';
import type { Ground } from './ground.js';
import { findHostCallers, type HostCall } from './host-callers.js';
import type { Address } from './values.js';
import type { Walk } from './walk.js';

export interface Analysis {
  readonly space: AddressSpace;
  readonly code: Code;
  readonly tables: PatchTables;
  /** A machine without VHE; any machine, if VHE's number is not known. */
  readonly withoutVhe: Walk;
  /** Any machine. Walked when first asked for: only explanations need it. */
  readonly everywhere: () => Walk;
  /** A machine without any capability. If VHE's number is not known, what it does not execute may be VHE's. */
  readonly withoutAny: () => Walk;
  /** Any machine at any time, also before KVM runs: explains what no machine executes while KVM runs. */
  readonly ever: () => Walk;
}

/**
 * `isExact`: host functions are walked to see whether they execute the instruction that hands out a hyp address, and
 * their callers whether they call them. If false, each such address is an entry and each such function is called, which is
 * cheaper and makes more code live.
 */
export const analyse = (ground: Ground, isExact: boolean): Analysis => {
  const { space, code, tables, guards, efforts, isComplete } = ground;
  const { numbers } = ground.capabilities;
  const { entries, hostCalls, handedOut } = ground.roots;
  // For what is an entry anyway, there is no need to look into the host.
  const known = isExact ? entries : ground.openEntries;
  const asked = [...hostCalls, ...handedOut].filter(({ target }) => !known.has(target));
  const functions = ground.functionsAt(asked);
  const { roots, calls, middles } = isExact
    ? findHostCallers(code, tables, functions, (start) => guards.mayGuard(start), isComplete)
    : { roots: functions, calls: [], middles: new Map<Address, ReadonlySet<Address>>() };
  const callers = new Set(calls.map(({ caller }) => caller));
  const isWalked = (start: Address): boolean =>
    functions.has(start) || (callers.has(start) && guards.mayGuard(start));
  const enterFunctions = (walk: Walk, starts: Iterable<Address>): void => {
    for (const start of starts) {
      if (!isWalked(start)) continue;
      for (const entry of [...ground.entriesOf(start), ...(middles.get(start) ?? [])])
        walk.enter(entry, { kind: 'host-function' });
    }
    walk.run();
  };
  let alone: Walk | undefined;
  /** If the walk of its own function never reaches an instruction on any machine, we misunderstood it: it counts. */
  const isUnderstood = (at: Address): boolean => {
    if (!alone) {
      alone = ground.newWalk('any-at-any-time', 'none', efforts.judging);
      enterFunctions(alone, [...functions, ...calls.flatMap(({ caller }) => caller ?? [])]);
    }
    return alone.executed.has(at);
  };
  /** Functions of the host from those that anybody may enter, as far as their calls are executed. */
  const enterHost = (walk: Walk): void => {
    const entered = new Set<Address>();
    const isTaken = ({ at, target, caller, isInside }: HostCall): boolean => {
      if (caller !== null && !entered.has(caller)) return false;
      if (caller !== null && !isWalked(caller)) return true;
      return walk.executed.has(isInside ? target : at) || (caller !== null && !isUnderstood(at));
    };
    for (let next: Iterable<Address> = roots; ; ) {
      enterFunctions(walk, next);
      for (const start of next) entered.add(start);
      const more = calls.filter((call) => !entered.has(call.callee) && isTaken(call));
      if (more.length === 0) return;
      next = new Set(more.map(({ callee }) => callee));
    }
  };
  const walkFrom = (machines: Machines, effort: Effort): Walk => {
    const walk = ground.newWalk(machines, 'all', effort);
    for (const [address, cause] of entries) walk.enter(address, cause);
    for (const { at, target } of isExact ? [] : handedOut) walk.enter(target, { kind: 'address', at });
    enterHost(walk);
    return walk;
  };

  const withoutVhe = walkFrom(ground.capabilities.machines, efforts.judging);
  const missed = asked.filter(({ at }) => !withoutVhe.executed.has(at) && !isUnderstood(at));
  const enterMissed = (walk: Walk): Walk => {
    if (missed.length === 0) return walk;
    for (const { target } of missed) walk.enter(target, { kind: 'host-call' });
    walk.run();
    enterHost(walk);
    return walk;
  };
  enterMissed(withoutVhe);
  const explainedBy = (machines: Machines): Walk => enterMissed(walkFrom(machines, efforts.explaining));
  let everywhere: Walk | undefined = numbers.vhe === null ? withoutVhe : undefined;
  let withoutAny: Walk | undefined;
  let ever: Walk | undefined;
  return {
    space,
    code,
    tables,
    withoutVhe,
    everywhere: () => {
      everywhere ??= explainedBy('any');
      return everywhere;
    },
    withoutAny: () => {
      withoutAny ??= explainedBy('without-any');
      return withoutAny;
    },
    ever: () => {
      ever ??= explainedBy('any-at-any-time');
      return ever;
    },
  };
};
