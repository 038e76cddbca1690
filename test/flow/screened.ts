// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a screen denies and a walk executes. The walk over all hyp code follows
// values as well as branches, so what it does not reach need not be asked for; what
// it reaches must not be denied.

import { FormatError } from '../../lib/elf/format-error.js';
import { analyse } from '../../lib/flow/analysis.js';
import { unknownNumbers } from '../../lib/flow/capability.js';
import { newEfforts } from '../../lib/flow/effort.js';
import { Ground } from '../../lib/flow/ground.js';
import type { Roots } from '../../lib/flow/roots.js';
import { Screen } from '../../lib/flow/screen.js';
import type { Walk } from '../../lib/flow/walk.js';
import { imageOf, open } from '../support/objects.js';
import { VHE } from './walked.js';

/** Answers for a ground as it is entered at the moment. */
export type NewScreen = (ground: Ground) => Pick<Screen, 'mayExecute'>;

export const newScreen: NewScreen = (ground) => new Screen(ground);

/** An object that is all of a link. `vhe`: the capability's number; null: VHE may be on. */
export const groundOf = async (bytes: Uint8Array, vhe: number | null = VHE): Promise<Ground> =>
  new Ground(imageOf([await open(bytes)], { whole: true }), [], { ...unknownNumbers, vhe }, true);

export interface Compared {
  /** Words that the walk executes; of those, what the screen denies, by object. */
  executed: number;
  readonly denied: Map<string, string[]>;
  /** Functions and labels that the screen denies: with none, it would be of no use. */
  spared: number;
}

export const nothingCompared = (): Compared => ({ executed: 0, denied: new Map(), spared: 0 });

/** The code of a ground, entered at one address alone, by somebody who is not seen; what was spent before does not count. */
export const enterAt = (ground: Ground, address: number): void => {
  const { labels } = ground.roots;
  const entries: Roots['entries'] = new Map([[address, { kind: 'host-call' }]]);
  const roots: Roots = { entries, hostCalls: [], handedOut: [], labels };
  Object.assign(ground, { roots, efforts: newEfforts(ground.space.image) });
};

/**
 * From some entries of hyp code in turn, each the only one. Adds to `sum`; `title`: of the object. The ground cannot be used
 * for anything else afterwards.
 */
export const compareFrom = (
  ground: Ground,
  entries: readonly number[],
  title: string,
  sum: Compared,
  screenOf: NewScreen = newScreen,
): void => {
  for (const address of entries) {
    enterAt(ground, address);
    const walk = walkOrNull(() => {
      const all = ground.newWalk(ground.capabilities.machines, 'all', ground.efforts.judging);
      all.enter(address, { kind: 'host-call' });
      all.run();
      return all;
    });
    compare(ground, walk, title, `from ${nameIn(ground, address)}`, sum, screenOf);
  }
};

/** From where the object's host code and data enter hyp code. */
export const compareAsEntered = (ground: Ground, title: string, sum: Compared): void => {
  const walk = walkOrNull(() => analyse(ground, false).withoutVhe);
  compare(ground, walk, title, 'as entered', sum, newScreen);
};

/** null: too involved. Then it is not asked, since everything counts as executed. */
const walkOrNull = (walk: () => Walk): Walk | null => {
  try {
    return walk();
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
};

const compare = (
  ground: Ground,
  walk: Walk | null,
  title: string,
  entry: string,
  sum: Compared,
  screenOf: NewScreen,
): void => {
  if (!walk) return;
  const screen = screenOf(ground);
  const { code } = ground;
  // What is asked first decides what is walked: for some entries, the last word is.
  const words = [...wordsOf(ground)];
  if (entry.length % 2 === 0) words.reverse();
  for (const at of words) {
    if (!walk.executed.has(at)) {
      if (code.isEntry(at) && !screen.mayExecute([at])) sum.spared++;
      continue;
    }
    sum.executed++;
    if (screen.mayExecute([at])) continue;
    const denied = sum.denied.get(title) ?? [];
    sum.denied.set(title, [...denied, `${entry}: ${nameIn(ground, at)}`]);
  }
};

/** The words of hyp code, and of what may be put in their place. */
const wordsOf = ({ code, tables }: Ground): ReadonlySet<number> => {
  const words = new Set<number>();
  for (const entry of code.hypEntries) {
    const { start, end } = code.extentAt(entry);
    for (let at = start; at < end; at += 4) {
      words.add(at);
      for (const { original, replacement } of tables.alternativesAt(at))
        words.add((replacement ?? original) + at - original);
    }
  }
  return words;
};

const nameIn = ({ code }: Ground, at: number): string => {
  const { start } = code.extentAt(at);
  return `${code.nameOf(start) ?? '?'}+0x${(at - start).toString(16)}`;
};
