// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From findings to diagnostics. Findings of one cause (the same place in the
// source, the same inline chain, the same target) become one.

import {
  type Access,
  compareDiagnostics,
  type Diagnostic,
  type Note,
  quote,
} from '../diagnostics/diagnostic.js';
import type { Reach } from '../flow/reach.js';
import { sourceName } from '../link/symbol-names.js';
import type { Judgement } from '../policy/judge.js';
import type { WarningName } from '../policy/warnings.js';
import type { Found } from './found.js';
import { hypFacts, placeFacts } from './hyp-facts.js';
import { wordingOf } from './index.js';
import type { InlineAdvisor } from './inline-advice.js';
import { reachNotes } from './reach-notes.js';
import { functionName, nowhere, objectNote, spotOf } from './spot.js';

export interface DiagnoseOptions {
  readonly errors: ReadonlySet<WarningName>;
  /** Knows what was declared inline; null where no source was handed in. */
  readonly inlines: InlineAdvisor | null;
}

/** A load and a store by one statement are one use. */
const distinct = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map((note) => [JSON.stringify(note), note])).values(),
];

/** The finding as a diagnostic. */
const diagnosticOf = (found: Found, options: DiagnoseOptions): Diagnostic => {
  const { finding, at, judgement, object } = found;
  const { message, advice } = wordingOf(finding);
  const spot = at ? spotOf(at, found.shows) : nowhere;
  const users = distinct(
    found.users.map((user): Note => {
      const name = functionName(user.reference.owner);
      return {
        message: name === null ? 'used here' : `used by ${quote(name)}`,
        place: spotOf(user.reference.owner, 'instruction').place ?? objectNote(user.reference.at).place,
      };
    }),
  );
  const callee = finding.warning === 'hyp-call' ? (judgement?.target.place ?? null) : null;
  const inlines = at && callee ? (options.inlines?.forCall(callee, at) ?? null) : null;
  const notes: readonly Note[] = [
    ...(inlines?.notes ?? []),
    ...users,
    ...reachNotes(found.reach),
    ...(at ? [objectNote(judgement?.reference.at ?? at)] : []),
    ...(spot.problem === null ? [] : [{ message: spot.problem, place: null }]),
    ...advice.map((sentence): Note => ({ message: sentence, place: null })),
  ];
  return {
    warning: finding.warning,
    severity: options.errors.has(finding.warning) ? 'error' : 'warning',
    message,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object,
    notes,
    fixits: inlines?.fixits ?? [],
    hyp: judgement
      ? hypFacts(judgement, found.absorbed, spot, found.reach)
      : at
        ? placeFacts(at, found.users)
        : null,
  };
};

/** Findings with the same key have one cause: one place in the source, one target. */
const causeOf = ({ place, function: name, inlinedFrom, hyp }: Diagnostic): string | null =>
  place === null || !hyp ? null : JSON.stringify([place, name, inlinedFrom, hyp.to?.symbol, hyp.to?.section]);

/** Of findings with one cause the first of these is told; of one warning, the strongest access. */
const precedence: readonly WarningName[] = [
  'hyp-instrumentation',
  'hyp-section',
  'hyp-write',
  'hyp-absolute',
  'hyp-data',
  'hyp-call',
  'hyp-from-host',
  'hyp-unchecked',
  'hyp-inline-hint',
  'hyp-vhe-only',
];
const strength: readonly Access[] = ['store', 'load', 'address', 'absolute', 'call', 'jump'];

const rank = ({ warning, hyp }: Diagnostic): number =>
  (warning === null ? 0 : precedence.indexOf(warning) * 10) +
  (hyp?.access ? strength.indexOf(hyp.access) : 0);

/** Sorted, one a cause. */
export const diagnose = (all: readonly Found[], options: DiagnoseOptions): readonly Diagnostic[] => {
  const byCause = new Map<string, Diagnostic>();
  for (const [index, found] of all.entries()) {
    const diagnostic = diagnosticOf(found, options);
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

const reachWords = {
  live: 'live',
  'vhe-only': 'only VHE executes it',
  dead: 'nothing executes it',
} as const;

const accessVerbs = {
  call: 'calls',
  jump: 'jumps to',
  load: 'reads',
  store: 'writes',
  address: 'forms the address of',
  absolute: 'holds the kernel address of',
} as const;

/** One line of --references: hyp code ‘f’ (section ‘.hyp.text’) reads ‘x’ (section ‘.bss’): EL2 maps it read-only */
export const describeReference = (judgement: Judgement, reach: Reach | null): Diagnostic => {
  const { reference, target, verdict } = judgement;
  const spot = spotOf(reference.owner, 'instruction');
  const from = functionName(reference.owner);
  const name = target.name === null ? 'something without a symbol' : quote(sourceName(target.name));
  const section = target.section === null ? '' : ` (section ${quote(target.section)})`;
  const outcome = { fine: '', broken: 'not fine: ', unknown: 'unknown: ' }[verdict.kind];
  return {
    warning: null,
    severity: 'note',
    message: `hyp code${from === null ? '' : ` ${quote(from)}`} (section ${quote(reference.owner.section.name)}) ${accessVerbs[reference.access]} ${name}${section}: ${outcome}${verdict.reason}${reach ? `; ${reachWords[reach.kind === 'live' ? 'live' : reach.why().kind]}` : ''}`,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object: reference.at.object.path,
    notes: [objectNote(reference.at)],
    fixits: [],
    hyp: hypFacts(judgement, [], spot, reach),
  };
};
