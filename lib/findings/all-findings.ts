// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What of all that was judged is a finding, and what is a part of another one.

import { sectionsOf } from '../code/object-sections.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Judgement } from '../policy/judge.js';
import type { Judgements } from '../policy/judgements.js';
import { dataCaveatOf, type Policy } from '../policy/policy.js';
import type { Instrumented } from '../policy/silent-instrumentation.js';
import type { Unjudged } from '../references/reference.js';
import { absorbArguments } from './absorb-arguments.js';
import type { Execution, Reaches } from './execution.js';
import { bounded, type Finding, unchecked } from './finding.js';
import { brokenFinding, leftOutFinding, undefinedFindings } from './from-judgement.js';
import { silentFindings } from './silent-instrumentation.js';
import type { Strays } from './strays.js';

/** What the passes over one object give. */
export interface Part {
  readonly object: ObjectFile;
  readonly judgements: Judgements;
  readonly unjudged: readonly Unjudged[];
  readonly strays: Strays;
  readonly fromHost: readonly Finding[];
  /** Hyp functions that an instrumentation changed without a reference. */
  readonly instrumented: readonly Instrumented[];
  /** What is wrong with its tables, a sentence each. */
  readonly faults: readonly string[];
}

export interface Reached extends Reaches {
  readonly execution: Execution;
  /** Executed, and could not be judged. */
  readonly unknown: readonly Judgement[];
}

const findingsIn = ({ object, faults, strays, fromHost, unjudged }: Part): readonly Finding[] => [
  ...faults.map((sentence) => unchecked(object.path, sentence)),
  ...strays.findings,
  ...fromHost,
  ...unjudged.map(({ at, sentence }) => unchecked(at.object.path, sentence, at)),
];

/** What is not judged at all is said once, at the first object with hyp code. */
const caveats = ({ objects }: Image, policy: Policy): readonly Finding[] => {
  const caveat = dataCaveatOf(policy);
  const path = objects.find((object) => sectionsOf(object).hyp.length > 0)?.path ?? '';
  return caveat === null ? [] : [unchecked(path, caveat)];
};

const leftOutFindings = ({ reaches }: Reached): readonly Finding[] =>
  [...reaches].flatMap(([one, reach]) =>
    one.verdict.kind === 'fine' ? [] : (leftOutFinding(one, reach) ?? []),
  );

export const allFindings = (
  image: Image,
  policy: Policy,
  parts: readonly Part[],
  reached: Reached,
  listsLeftOut: boolean,
): readonly Finding[] => {
  const { reaches, execution, doubts, unknown } = reached;
  const judged = parts.flatMap(({ judgements, strays }) =>
    judgements.kept.filter((one) => !strays.uses.has(one)),
  );
  const instrumented = parts.flatMap((part) => part.instrumented);
  return bounded(
    absorbArguments([
      ...judged.flatMap((one) => brokenFinding(one, reaches.get(one) ?? null) ?? []),
      ...parts.flatMap(findingsIn),
      ...silentFindings(instrumented, execution),
      ...(listsLeftOut ? leftOutFindings(reached) : []),
      ...doubts,
      ...caveats(image, policy),
      ...undefinedFindings(unknown),
    ]),
  );
};
