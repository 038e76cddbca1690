// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The walks over one link: with the VHE capability off, with VHE unknown (all
// that any machine executes), with no capability at all, and with nothing known.
// What the first walk does not reach is left out of the findings; the other
// walks tell whether it is reached on VHE machines or on none, and why.

import { AddressSpace } from '../code/address-space.js';
import { Code } from '../code/code.js';
import type { CodeRange } from '../code/code-range.js';
import { PatchTables } from '../code/patch-tables.js';
import type { Image } from '../link/image.js';
import { Capabilities, type CapabilityNumbers, type Machines } from './capability.js';
import { type Effort, type Efforts, newEfforts } from './effort.js';
import { Guards } from './guards.js';
import { findHostCallers, type HostCall } from './host-callers.js';
import { RegisterSummaries } from './register-summary.js';
import { findRoots } from './roots.js';
import { Stepper } from './step.js';
import type { Address } from './values.js';
import { Walk } from './walk.js';

export interface Analysis {
  readonly space: AddressSpace;
  readonly code: Code;
  readonly tables: PatchTables;
  /** An entry into hyp code was found. If none was, the entries are probably in objects that we were not given. */
  readonly isEntered: boolean;
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
 * `ranges`: hyp code in sections of the host. `isComplete`: see findRoots. `isExact`: host functions are walked to see
 * whether they execute the instruction that hands out a hyp address, and their callers whether they call them. If
 * false, each such address is an entry and each such function is called, which is cheaper and makes more code live.
 */
export const analyse = (
  image: Image,
  ranges: readonly CodeRange[],
  numbers: CapabilityNumbers,
  isComplete: boolean,
  isExact: boolean,
  efforts: Efforts = newEfforts(image),
): Analysis => {
  const space = new AddressSpace(image);
  const code = new Code(space, ranges);
  const tables = new PatchTables(space);
  const summaries = new RegisterSummaries(code, tables, efforts.judging);
  // Replacement code may lie outside hyp sections and still replace hyp code: the walk reaches it from there.
  const isOfHyp = (at: Address): boolean => {
    const places = tables.executionPlaces(at);
    return places.every((place) => place !== at && code.isHyp(place));
  };
  const { entries, hostCalls, handedOut, labels } = findRoots(space, ranges, isComplete, isOfHyp);
  // For what is an entry anyway, there is no need to look into the host.
  const known = new Set([
    ...entries.map(({ address }) => address),
    ...(isExact ? [] : handedOut.map(({ target }) => target)),
  ]);
  const asked = [...hostCalls, ...handedOut].filter(({ target }) => !known.has(target));
  const newWalk = (machines: Machines, followsHyp: boolean, effort: Effort): Walk =>
    new Walk(
      new Stepper(code, tables, new Capabilities(space, tables, numbers, machines), summaries, labels),
      labels,
      followsHyp,
      effort,
    );
  const functions = new Set(
    asked.flatMap(({ at }) => tables.executionPlaces(at)).map((place) => code.extentAt(place).start),
  );
  const without = new Capabilities(space, tables, numbers, numbers.vhe === null ? 'any' : 'without-vhe');
  const guards = new Guards(code, tables, without);
  const { roots, calls, middles } = isExact
    ? findHostCallers(code, tables, functions, (start) => guards.mayGuard(start), isComplete)
    : { roots: functions, calls: [], middles: new Map<Address, ReadonlySet<Address>>() };
  const callers = new Set(calls.map(({ caller }) => caller));
  const isWalked = (start: Address): boolean =>
    functions.has(start) || (callers.has(start) && guards.mayGuard(start));
  const enterFunctions = (walk: Walk, starts: Iterable<Address>): void => {
    for (const start of starts) {
      if (!isWalked(start)) continue;
      // Assembly may enter a function in its middle, behind the test at its start.
      const labels = code.labelsIn(start, code.extentAt(start).end);
      for (const entry of [start, ...labels, ...(middles.get(start) ?? [])])
        walk.enter(entry, { kind: 'host-function' });
    }
    walk.run();
  };
  let alone: Walk | undefined;
  /** If the walk of its own function never reaches an instruction on any machine, we misunderstood it: it counts. */
  const isUnderstood = (at: Address): boolean => {
    if (!alone) {
      alone = newWalk('any-at-any-time', false, efforts.judging);
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
    const walk = newWalk(machines, true, effort);
    for (const { address, cause } of entries) walk.enter(address, cause);
    for (const { at, target } of isExact ? [] : handedOut) walk.enter(target, { kind: 'address', at });
    enterHost(walk);
    return walk;
  };

  const withoutVhe = walkFrom(numbers.vhe === null ? 'any' : 'without-vhe', efforts.judging);
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
    isEntered: entries.length + hostCalls.length + handedOut.length > 0,
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
