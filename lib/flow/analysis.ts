// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The two walks of a link: with VHE's capability unknown, which is all that any
// machine executes, and with it off. What the second does not reach is VHE's or
// nobody's.

import type { Image } from '../link/image.js';
import type { CodeRange } from '../references/code-range.js';
import { AddressSpace } from './address-space.js';
import { Capabilities, type CapabilityNumbers } from './capability.js';
import { Code } from './code.js';
import { PatchTables } from './patch-tables.js';
import { findRoots, type Roots } from './roots.js';
import { Stepper } from './step.js';
import type { Address } from './values.js';
import { Walk } from './walk.js';

export interface Analysis {
  readonly space: AddressSpace;
  readonly code: Code;
  readonly tables: PatchTables;
  readonly roots: Roots;
  /** Any machine. */
  readonly everywhere: Walk;
  /** A machine without VHE; the same walk where VHE's number is not known. */
  readonly withoutVhe: Walk;
}

/** `ranges`: hyp code in sections of the host; `isComplete`: see findRoots. */
export const analyse = (
  image: Image,
  ranges: readonly CodeRange[],
  numbers: CapabilityNumbers,
  isComplete: boolean,
): Analysis => {
  const space = new AddressSpace(image);
  const code = new Code(space, ranges);
  const tables = new PatchTables(space);
  const roots = findRoots(space, ranges, isComplete);
  const walkWith = (withoutVhe: boolean): Walk => {
    const walk = new Walk(new Stepper(code, tables, new Capabilities(space, tables, numbers, withoutVhe)));
    for (const { address, cause } of roots.entries) walk.enter(address, cause);
    for (const { at } of roots.hostCalls) {
      for (const place of executedFor(tables, at)) {
        walk.enter(code.extentAt(place).start, { kind: 'host-function' });
      }
    }
    walk.run();
    return walk;
  };

  const everywhere = walkWith(false);
  // A call that no walk of the host function comes to was not understood, so it counts.
  const missed = roots.hostCalls.filter(({ at }) => !everywhere.executed.has(at));
  const enterMissed = (walk: Walk) => {
    for (const { target } of missed) walk.enter(target, { kind: 'host-call' });
    walk.run();
  };
  enterMissed(everywhere);
  // Static keys as branches and their value in memory tell of VHE under names, alternatives and cpu_hwcaps only by number.
  const withoutVhe = numbers.vhe === null ? everywhere : walkWith(true);
  if (withoutVhe !== everywhere) enterMissed(withoutVhe);
  return { space, code, tables, roots, everywhere, withoutVhe };
};

/** Where an instruction is executed: in place, or as replacement code where the old code is. */
const executedFor = (tables: PatchTables, at: Address): readonly Address[] => {
  const alternatives = tables.replacementsAt(at);
  return alternatives.length === 0
    ? [at]
    : alternatives.map(({ original, replacement }) => original + (at - (replacement ?? at)));
};
