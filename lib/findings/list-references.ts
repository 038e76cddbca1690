// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What --references lists: all references that leave hyp, fine or not, each as a
// note with the reason.

import { compareDiagnostics, type Diagnostic, quote } from '../diagnostics/diagnostic.js';
import type { Reach } from '../flow/reach.js';
import { sourceName } from '../link/symbol-names.js';
import { quoteSection } from '../pages/phrases.js';
import { type Judgement, leavesHyp } from '../policy/judge.js';
import { diagnose } from './diagnose.js';
import { countTold, unchecked } from './finding.js';
import { hypFacts } from './hyp-facts.js';
import type { Judged } from './outcome.js';
import { functionName, objectNote, spotOf } from './spot.js';

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
const describeReference = (judgement: Judgement, reach: Reach | null): Diagnostic => {
  const { reference, target, verdict } = judgement;
  const spot = spotOf(reference.owner, 'instruction');
  const from = functionName(reference.owner);
  const name = target.name === null ? 'something without a symbol' : quote(sourceName(target.name));
  const section = target.section === null ? '' : ` (section ${quoteSection(target.section)})`;
  const outcome = { fine: '', broken: 'not fine: ', unknown: 'unknown: ' }[verdict.kind];
  return {
    warning: null,
    severity: 'note',
    message: `hyp code${from === null ? '' : ` ${quote(from)}`} (section ${quoteSection(reference.owner.section.name)}) ${accessVerbs[reference.access]} ${name}${section}: ${outcome}${verdict.reason}${reach ? `; ${reachWords[reach.kind === 'live' ? 'live' : reach.why().kind]}` : ''}`,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object: reference.at.object.path,
    notes: [objectNote(reference.at)],
    fixits: [],
    hyp: hypFacts(judgement, [], spot, reach, []),
  };
};

/** Sorted, as many as there may be findings; that there are more is said. */
export const listReferences = ({ judgements, reaches }: Judged): readonly Diagnostic[] => {
  const leaving = judgements.filter(leavesHyp);
  const end = countTold(
    leaving.map(
      ({ reference, target }) => (functionName(reference.owner)?.length ?? 0) + (target.name?.length ?? 0),
    ),
  );
  const next = leaving[end];
  const more = next
    ? [
        unchecked(
          next.reference.at.object.path,
          `more than ${end} references leave hyp; the rest is not listed`,
        ),
      ]
    : [];
  return [
    ...leaving.slice(0, end).map((one) => describeReference(one, reaches.get(one) ?? null)),
    ...diagnose(more, { errors: new Set(), sources: null, adviseCall: null, stepsTo: null }),
  ].sort(compareDiagnostics);
};
