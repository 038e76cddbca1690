// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From verdicts to findings: which warning, its facts, and the place whose line
// of source is shown. No lines are looked up yet.

import { nameAt } from '../code/functions.js';
import type { UnknownTable } from '../code/table-layouts.js';
import type { Reach } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { JudgedTarget, Judgement } from '../policy/judge.js';
import type { Stray } from '../policy/stray-sections.js';
import type { Unjudged } from '../references/reference.js';
import type { End, Finding } from './finding-facts.js';

export interface Found {
  readonly finding: Finding;
  /** Whose line of source is shown; null for what concerns a whole run or file. */
  readonly at: Place | null;
  /** What is shown: the instruction's line, or where the variable or the function there is declared. */
  readonly shows: 'instruction' | 'variable' | 'function';
  /** null where no reference is behind it. */
  readonly judgement: Judgement | null;
  /** What executes the reference; null where that was not looked into. */
  readonly reach: Reach | null;
  /** References that are not findings of their own but belong to this one, for its notes. */
  readonly users: readonly Judgement[];
  /** More relocations that have the same cause. */
  readonly absorbed: readonly Judgement[];
  readonly object: string;
}

const plain = (name: string | null): string | null => (name === null ? null : sourceName(name));

const ownerEnd = ({ owner }: Judgement['reference']): End => ({
  name: plain(nameAt(owner)),
  section: owner.section.name,
});

const targetEnd = ({ name, section }: JudgedTarget): End => ({ name: plain(name), section });

const found = (finding: Finding, judgement: Judgement, at: Place, reach: Reach | null = null): Found => ({
  finding,
  at,
  shows: judgement.reference.isData ? 'variable' : 'instruction',
  judgement,
  reach,
  users: [],
  absorbed: [],
  object: judgement.reference.at.object.path,
});

/** The reference's place; or, where that is not executed and another instruction of the same reference is, that one. */
const shownAt = ({ owner, at, relocations }: Judgement['reference'], reach: Reach | null): Place => {
  const live = reach?.kind === 'live' ? reach.at : null;
  const isPart =
    live && live.section === at.section && relocations.some(({ offset }) => offset === live.offset);
  return isPart && owner.section === at.section && owner.offset === at.offset ? live : owner;
};

/** The finding that a broken verdict is; null for other verdicts. */
export const foundIn = (judgement: Judgement, reach: Reach | null): Found | null => {
  const one = reach?.kind === 'left-out' ? null : foundLive(judgement, reach);
  return one && { ...one, reach };
};

/** What was left out of the findings, or of what could not be told. */
export const foundLeftOut = (judgement: Judgement, reach: Reach | null): Found | null => {
  if (reach?.kind !== 'left-out') return null;
  const { reference, target } = judgement;
  const executedBy = reach.why().kind === 'vhe-only' ? 'vhe' : 'nobody';
  const facts = {
    from: ownerEnd(reference),
    to: targetEnd(target),
    access: reference.access,
    executedBy,
  } as const;
  return found({ warning: 'hyp-vhe-only', facts }, judgement, reference.owner, reach);
};

const foundLive = (judgement: Judgement, reach: Reach | null): Found | null => {
  const { reference, target, verdict } = judgement;
  if (verdict.kind !== 'broken') return null;
  const ends = { from: ownerEnd(reference), to: targetEnd(target) };
  const at = shownAt(reference, reach);
  const { access } = reference;
  const isCall = access === 'call' || access === 'jump';
  if (verdict.instrumentation) {
    const facts = { ...ends, access, instrumentation: verdict.instrumentation };
    return found({ warning: 'hyp-instrumentation', facts }, judgement, at);
  }
  switch (verdict.warning) {
    case 'hyp-call':
      return found(
        { warning: 'hyp-call', facts: { ...ends, access: isCall ? access : 'call' } },
        judgement,
        at,
      );
    case 'hyp-write':
      return found({ warning: 'hyp-write', facts: ends }, judgement, at);
    case 'hyp-absolute': {
      const kind = verdict.use?.kind;
      const use = kind === 'branch' || kind === 'load' || kind === 'store' ? kind : 'held';
      return found({ warning: 'hyp-absolute', facts: { ...ends, use } }, judgement, at);
    }
    default: {
      const kind = verdict.use?.kind ?? access;
      const data = kind === 'load' || kind === 'store' ? kind : 'address';
      return found({ warning: 'hyp-data', facts: { ...ends, access: data } }, judgement, at);
    }
  }
};

/** A branch from host code into the nVHE link's code. */
export const foundFromHost = (judgement: Judgement): Found => {
  const { reference, target } = judgement;
  const access = reference.access === 'jump' ? 'jump' : 'call';
  const facts = { from: ownerEnd(reference), to: targetEnd(target), access } as const;
  return found({ warning: 'hyp-from-host', facts }, judgement, reference.owner);
};

/** Something of the nVHE link in a host section, with the references to it. */
export const foundStray = ({ name, isFunction, place }: Stray, users: readonly Judgement[]): Found => {
  const section = place.section.name;
  const finding: Finding = {
    warning: 'hyp-section',
    facts:
      name === null
        ? { kind: 'section', section }
        : { kind: isFunction ? 'function' : 'variable', name: sourceName(name), section },
  };
  return {
    finding,
    at: place,
    shows: isFunction ? 'function' : 'variable',
    judgement: null,
    reach: null,
    users,
    absorbed: [],
    object: place.object.path,
  };
};

/** Data of the nVHE link without a symbol, in a host section: reported at its user. */
export const foundStrayUse = (judgement: Judgement): Found =>
  found(
    { warning: 'hyp-section', facts: { kind: 'section', section: judgement.target.section ?? '' } },
    judgement,
    judgement.reference.owner,
  );

/** Something in hyp code that could not be understood. */
export const foundUnjudged = ({ at, sentence }: Unjudged): Found => ({
  finding: { warning: 'hyp-unchecked', facts: { kind: 'sentence', sentence } },
  at,
  shows: 'instruction',
  judgement: null,
  reach: null,
  users: [],
  absorbed: [],
  object: at.object.path,
});

/** A table of patches in a layout that no row describes: what it does to the code is not known. */
export const foundUnknownTable = ({ object, section, offset }: UnknownTable): Found =>
  foundSentence(
    object.path,
    `the layout of section ‘${section.name}’ (offset 0x${offset.toString(16)}) is not known, so what only VHE executes could not be told`,
  );

/** A sentence about an object, or about the run. */
export const foundSentence = (object: string, sentence: string): Found => ({
  finding: { warning: 'hyp-unchecked', facts: { kind: 'sentence', sentence } },
  at: null,
  shows: 'instruction',
  judgement: null,
  reach: null,
  users: [],
  absorbed: [],
  object,
});

/** One finding for all references that other objects could explain; null where there are none. */
export const foundUndefined = (unknown: readonly Judgement[]): Found | null => {
  const [first] = unknown;
  if (!first) return null;
  const names = [...new Set(unknown.map(({ target }) => plain(target.name) ?? target.section ?? '?'))].sort();
  return {
    finding: { warning: 'hyp-unchecked', facts: { kind: 'undefined', names } },
    at: null,
    shows: 'instruction',
    judgement: null,
    reach: null,
    users: [],
    absorbed: unknown,
    object: first.reference.at.object.path,
  };
};

/**
 * A descriptor that is formed only to be handed to an instrumentation's function has no cause of its own:
 * it becomes part of that call's finding.
 */
export const absorbArguments = (all: readonly Found[]): readonly Found[] => {
  const callAt = new Map<string, Found>();
  const key = ({ section, object }: Place, offset: number) => `${object.path} ${section.index} ${offset}`;
  for (const one of all) {
    const { judgement, finding } = one;
    if (finding.warning !== 'hyp-instrumentation' || !judgement) continue;
    callAt.set(key(judgement.reference.at, judgement.reference.at.offset), one);
  }
  const absorbed = new Map<Found, Judgement[]>();
  const kept = all.filter((one) => {
    const { judgement } = one;
    if (callAt.size === 0 || !judgement || one.finding.warning === 'hyp-instrumentation') return true;
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
