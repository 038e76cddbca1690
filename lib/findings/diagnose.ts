// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From findings to diagnostics. Findings with one cause (the same place in the
// source, the same inline chain, the same target) become one.

import type { Sources } from '../c-source/sources.js';
import {
  type Access,
  compareDiagnostics,
  type Diagnostic,
  type FixIt,
  type HypFacts,
  type Note,
  quote,
} from '../diagnostics/diagnostic.js';
import type { Step } from '../flow/way.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Claim } from '../pages/claim.js';
import { wordingOf } from '../pages/registry.js';
import type { Judgement } from '../policy/judge.js';
import type { WarningName } from '../policy/warnings.js';
import type { Finding } from './finding.js';
import { codeFacts, hypFacts, placeFacts } from './hyp-facts.js';
import { reachNotes } from './reach-notes.js';
import { sourceNote } from './source-note.js';
import { functionName, nowhere, objectNote, type Spot, spotOf } from './spot.js';
import { type ToldWay, tellWay } from './way-notes.js';
import { isWrittenCall } from './written-calls.js';

/** Notes beside a finding, and the edits that fix it. */
export interface Advice {
  readonly notes: readonly Note[];
  readonly fixits: readonly FixIt[];
}

export interface DiagnoseOptions {
  readonly errors: ReadonlySet<WarningName>;
  /** null: the source is not looked at. */
  readonly sources: Sources | null;
  /** The calls that lead to a place, if there was no walk; null if they are not to be told. */
  readonly stepsTo: ((place: Place) => readonly Step[]) | null;
  /** Advice about a callee that was declared inline; null if there is no source. */
  readonly adviseCall: ((callee: Place, caller: Place) => Advice | null) | null;
}

/** A load and a store by one statement are one use. */
const distinct = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map((note) => [JSON.stringify(note), note])).values(),
];

/** A call that is written in the source was not made by the compiler. */
const settledClaim = (claim: Claim, { place }: Spot, sources: Sources | null): Claim => {
  if (claim.warning !== 'hyp-instrumentation' || sources === null) return claim;
  const { facts } = claim;
  if (facts.access !== 'call' && facts.access !== 'jump') return claim;
  const { access, from, to, link } = facts;
  return to.name !== null && isWrittenCall(to.name, place, sources)
    ? { warning: 'hyp-call', facts: { access, from, to, ...(link === undefined ? {} : { link }) } }
    : claim;
};

/** The way to a finding: from the walk if there was one. */
const wayTo = (
  { at, judgement, reach, claim }: Finding,
  { function: name }: Spot,
  { stepsTo }: DiagnoseOptions,
): ToldWay => {
  const isExecuted = judgement !== null && !judgement.reference.isData && claim.warning !== 'hyp-from-host';
  if (!at || !isExecuted || reach?.kind === 'left-out') return { notes: [], callers: [] };
  return tellWay(reach ? reach.way().steps : (stepsTo?.(at) ?? []), functionName(at) ?? name);
};

/** The source has another name for it: `jiffies`, which the linker script makes jiffies_64. */
const aliasNotes = (judgement: Judgement | null): readonly Note[] => {
  const target = judgement?.reference.target;
  if (target?.kind !== 'place' || target.alias === null) return [];
  const name = functionName(target.place);
  const alias = sourceName(target.alias);
  return name === null || name === alias
    ? []
    : [{ message: `the linker script makes ${quote(alias)} another name of ${quote(name)}`, place: null }];
};

const diagnosticOf = (finding: Finding, options: DiagnoseOptions): Diagnostic => {
  const { at, judgement, object, reach } = finding;
  const spot = at ? spotOf(at, finding.shows) : nowhere;
  const claim = settledClaim(finding.claim, spot, options.sources);
  const { message, advice } = wordingOf(claim);
  const users = distinct(
    finding.users.map((user): Note => {
      const name = functionName(user.reference.owner);
      return {
        message: name === null ? 'used here' : `used by ${quote(name)}`,
        place: spotOf(user.reference.owner, 'instruction').place ?? objectNote(user.reference.at).place,
      };
    }),
  );
  const source = judgement?.reference.source ?? null;
  const callee = claim.warning === 'hyp-call' ? (judgement?.target.place ?? null) : null;
  const inlines = at && callee ? (options.adviseCall?.(callee, at) ?? null) : null;
  const way = wayTo(finding, spot, options);
  const notes: readonly Note[] = [
    ...(inlines?.notes ?? []),
    ...users,
    ...way.notes,
    ...reachNotes(reach),
    ...(source ? [sourceNote(source)] : []),
    ...aliasNotes(judgement),
    ...(at ? [objectNote(source ? at : (judgement?.reference.at ?? at))] : []),
    ...(spot.problem === null ? [] : [{ message: spot.problem, place: null }]),
    // What the source says about the callee is more specific.
    ...(inlines ? [] : advice).map((sentence): Note => ({ message: sentence, place: null, isAdvice: true })),
  ];
  return {
    warning: claim.warning,
    severity: options.errors.has(claim.warning) ? 'error' : 'warning',
    message,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object,
    notes,
    fixits: inlines?.fixits ?? [],
    hyp: judgement
      ? hypFacts(judgement, finding.absorbed, spot, reach, way.callers)
      : at
        ? factsWithoutReference(at, finding)
        : null,
  };
};

const factsWithoutReference = (at: Place, { claim, users }: Finding): HypFacts =>
  claim.warning === 'hyp-instrumentation' ? codeFacts(at) : placeFacts(at, users);

/**
 * Findings with the same key have one cause: one place in the source, one target. Data without a symbol is
 * distinguished by its place, a finding without a target by its sentence.
 */
const causeOf = ({ place, function: name, inlinedFrom, hyp, message }: Diagnostic): string | null => {
  if (place === null || !hyp) return null;
  if (hyp.to === null) return JSON.stringify([place, message]);
  const { symbol, section, offset } = hyp.to;
  return JSON.stringify([place, name, inlinedFrom, symbol, section, symbol === null ? offset : null]);
};

/** Of findings with one cause the lowest is printed; within one warning, the strongest access. */
const precedence: Readonly<Record<WarningName, number>> = {
  'hyp-instrumentation': 0,
  'hyp-veneer': 1,
  'hyp-section': 2,
  'hyp-write': 3,
  'hyp-absolute': 4,
  'hyp-data': 5,
  'hyp-call': 6,
  'hyp-from-host': 7,
  'hyp-unchecked': 8,
  'hyp-inline-hint': 9,
  'hyp-vhe-only': 10,
};
const strength: Readonly<Record<Access, number>> = {
  store: 0,
  load: 1,
  address: 2,
  absolute: 3,
  call: 4,
  jump: 5,
};

const rank = ({ warning, hyp }: Diagnostic): number =>
  (warning === null ? 0 : precedence[warning] * 10) + (hyp?.access ? strength[hyp.access] : 0);

/** Sorted, one per cause. */
export const diagnose = (all: readonly Finding[], options: DiagnoseOptions): readonly Diagnostic[] => {
  const byCause = new Map<string, Diagnostic>();
  for (const [index, finding] of all.entries()) {
    const diagnostic = diagnosticOf(finding, options);
    const cause = causeOf(diagnostic) ?? String(index);
    const known = byCause.get(cause);
    byCause.set(cause, known ? merge(known, diagnostic) : diagnostic);
  }
  return [...byCause.values()].sort(compareDiagnostics);
};

/** The one that ranks first, with the relocations of both. */
const merge = (a: Diagnostic, b: Diagnostic): Diagnostic => {
  const [first, second] = rank(b) < rank(a) ? [b, a] : [a, b];
  if (!first.hyp || !second.hyp) return first;
  return {
    ...first,
    hyp: { ...first.hyp, relocations: [...first.hyp.relocations, ...second.hyp.relocations] },
  };
};
