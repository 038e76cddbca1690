// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The walks of a link: with VHE's capability off; with it unknown, which is all
// that any machine executes; and with nothing known. What the first does not
// reach is left out; the others say whether it is VHE's or nobody's, and why.

import { AddressSpace } from '../code/address-space.js';
import { Code } from '../code/code.js';
import type { CodeRange } from '../code/code-range.js';
import { PatchTables } from '../code/patch-tables.js';
import type { Image } from '../link/image.js';
import { Capabilities, type CapabilityNumbers, type Machines } from './capability.js';
import { RegisterSummaries } from './register-summary.js';
import { findRoots, type HostMention } from './roots.js';
import { Stepper } from './step.js';
import type { Address } from './values.js';
import { Walk } from './walk.js';

export interface Analysis {
  readonly space: AddressSpace;
  readonly code: Code;
  readonly tables: PatchTables;
  /** A machine without VHE; any machine, where VHE's number is not known. */
  readonly withoutVhe: Walk;
  /** Any machine. Walked when first asked for: only explanations need it. */
  readonly everywhere: () => Walk;
  /** A machine with none of the capabilities: what it does not execute may be VHE's, where VHE's number is not known. */
  readonly withoutAny: () => Walk;
  /** Any machine at any time, for explanations of what none executes while KVM runs. */
  readonly ever: () => Walk;
}

/**
 * `ranges`: hyp code in sections of the host; `isComplete`: see findRoots. `isExact`: host code is walked for whether it
 * comes to hand out an address; else each that it may hand out is an entry, which costs less and tells more to be live.
 */
export const analyse = (
  image: Image,
  ranges: readonly CodeRange[],
  numbers: CapabilityNumbers,
  isComplete: boolean,
  isExact: boolean,
): Analysis => {
  const space = new AddressSpace(image);
  const code = new Code(space, ranges);
  const tables = new PatchTables(space);
  const summaries = new RegisterSummaries(code, tables);
  // Replacement code may lie outside hyp sections and is still hyp code's: the walk comes to it.
  const isOfHyp = (at: Address): boolean => {
    const places = executedFor(tables, at);
    return places.every((place) => place !== at && code.isHyp(place));
  };
  const { entries, hostCalls, handedOut, labels } = findRoots(space, ranges, isComplete, isOfHyp);
  // What is entered anyway need not be asked for in the host.
  const known = new Set([
    ...entries.map(({ address }) => address),
    ...(isExact ? [] : handedOut.map(({ target }) => target)),
  ]);
  const asked = [...hostCalls, ...handedOut].filter(({ target }) => !known.has(target));
  const newWalk = (machines: Machines, followsHyp: boolean): Walk =>
    new Walk(
      new Stepper(code, tables, new Capabilities(space, tables, numbers, machines), summaries),
      labels,
      followsHyp,
    );
  const enterHost = (walk: Walk, mentions: readonly HostMention[]) => {
    for (const place of mentions.flatMap(({ at }) => executedFor(tables, at))) {
      const { start, end } = code.extentAt(place);
      // Assembly may enter a function at a label of its own, past the test in front of it.
      for (const entry of [start, ...code.labelsIn(start, end)]) walk.enter(entry, { kind: 'host-function' });
    }
  };
  const walkFrom = (machines: Machines): Walk => {
    const walk = newWalk(machines, true);
    for (const { address, cause } of entries) walk.enter(address, cause);
    for (const { at, target } of isExact ? [] : handedOut) walk.enter(target, { kind: 'address', at });
    enterHost(walk, asked);
    walk.run();
    return walk;
  };

  const withoutVhe = walkFrom(numbers.vhe === null ? 'any' : 'without-vhe');
  // What the walk of its own function does not come to on any machine was not understood, so it counts.
  const open = asked.filter(({ at }) => !withoutVhe.executed.has(at));
  const host = newWalk('any', false);
  enterHost(host, open);
  host.run();
  const missed = open.filter(({ at }) => !host.executed.has(at));
  const enterMissed = (walk: Walk): Walk => {
    for (const { target } of missed) walk.enter(target, { kind: 'host-call' });
    walk.run();
    return walk;
  };
  enterMissed(withoutVhe);
  let everywhere: Walk | undefined = numbers.vhe === null ? withoutVhe : undefined;
  let withoutAny: Walk | undefined;
  let ever: Walk | undefined;
  return {
    space,
    code,
    tables,
    withoutVhe,
    everywhere: () => {
      everywhere ??= enterMissed(walkFrom('any'));
      return everywhere;
    },
    withoutAny: () => {
      withoutAny ??= enterMissed(walkFrom('without-any'));
      return withoutAny;
    },
    ever: () => {
      ever ??= enterMissed(walkFrom('any-at-any-time'));
      return ever;
    },
  };
};

/** Where an instruction is executed: in place, or as replacement code where the old code is. */
const executedFor = (tables: PatchTables, at: Address): readonly Address[] => {
  const alternatives = tables.replacementsAt(at);
  return alternatives.length === 0
    ? [at]
    : alternatives.map(({ original, replacement }) => original + (at - (replacement ?? at)));
};
