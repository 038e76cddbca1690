// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Findings that are part of another one: something formed only for a call that is a
// finding itself.

import type { Use } from '../code/value-flow.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import { registersTakenBy } from '../policy/instrumentation.js';
import type { Judgement } from '../policy/judge.js';
import type { Finding } from './finding.js';

/** A call that is a finding, and the registers that pass what is formed for it alone. */
interface Call {
  readonly finding: Finding;
  readonly takes: readonly number[];
}

/**
 * A descriptor that is formed only to be passed to an instrumentation's function has no cause of its own: it becomes
 * part of that call's finding. An address that happens to be in a register at such a call, or is used elsewhere too, is
 * a finding of its own: no source forms a descriptor for __stack_chk_fail.
 */
export const absorbArguments = (all: readonly Finding[]): readonly Finding[] => {
  const callAt = new Map<string, Call>();
  const key = ({ section, object }: Place, offset: number) => `${object.path} ${section.index} ${offset}`;
  for (const finding of all) {
    const call = callOf(finding);
    if (call) callAt.set(key(call.at, call.at.offset), call);
  }
  if (callAt.size === 0) return all;
  const absorbed = new Map<Finding, Judgement[]>();
  const kept = all.filter((one) => {
    const { judgement } = one;
    if (!judgement || one.claim.warning === 'hyp-instrumentation') return true;
    const { reference } = judgement;
    if (reference.access !== 'address' && reference.access !== 'absolute') return true;
    const call = takerOf(reference.uses(), (use) => callAt.get(key(reference.at, use.offset)));
    if (!call) return true;
    absorbed.set(call, [...(absorbed.get(call) ?? []), judgement]);
    return false;
  });
  return kept.map((one) => {
    const more = absorbed.get(one);
    return more ? { ...one, absorbed: [...one.absorbed, ...more] } : one;
  });
};

const callOf = (finding: Finding): (Call & { readonly at: Place }) | null => {
  const { judgement, claim } = finding;
  if (claim.warning !== 'hyp-instrumentation' || judgement?.verdict.kind !== 'broken') return null;
  const { instrumentation } = judgement.verdict;
  const { name } = judgement.target;
  if (!instrumentation || name === null) return null;
  return { finding, takes: registersTakenBy(sourceName(name), instrumentation), at: judgement.reference.at };
};

/** The only call that an address is formed for, or null. A register that the callee does not take is not a use. */
const takerOf = (uses: readonly Use[], callAt: (use: Use) => Call | undefined): Finding | null => {
  let taker: Finding | null = null;
  for (const use of uses) {
    const call = use.kind === 'argument' ? callAt(use) : undefined;
    if (!call) return null;
    if (call.takes.includes(use.register)) taker ??= call.finding;
  }
  return taker;
};
