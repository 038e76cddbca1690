// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Findings that are part of another one: what is formed for a call that is found
// itself.

import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import type { Finding } from './finding.js';

/**
 * A descriptor that is formed only to be handed to an instrumentation's function has no cause of its own:
 * it becomes part of that call's finding.
 */
export const absorbArguments = (all: readonly Finding[]): readonly Finding[] => {
  const callAt = new Map<string, Finding>();
  const key = ({ section, object }: Place, offset: number) => `${object.path} ${section.index} ${offset}`;
  for (const one of all) {
    const { judgement, claim } = one;
    if (claim.warning !== 'hyp-instrumentation' || !judgement) continue;
    callAt.set(key(judgement.reference.at, judgement.reference.at.offset), one);
  }
  const absorbed = new Map<Finding, Judgement[]>();
  const kept = all.filter((one) => {
    const { judgement } = one;
    if (callAt.size === 0 || !judgement || one.claim.warning === 'hyp-instrumentation') return true;
    const { reference } = judgement;
    if (reference.access !== 'address' && reference.access !== 'absolute') return true;
    const call = reference
      .uses()
      .filter(({ kind }) => kind === 'argument')
      .map(({ offset }) => callAt.get(key(reference.at, offset)))
      .find((candidate) => candidate !== undefined);
    if (!call) return true;
    absorbed.set(call, [...(absorbed.get(call) ?? []), judgement]);
    return false;
  });
  return kept.map((one) => {
    const more = absorbed.get(one);
    return more ? { ...one, absorbed: [...one.absorbed, ...more] } : one;
  });
};
