// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table of contents: from the objects of a link to what is wrong with them, pass
// by pass. Nothing here opens, prints or exits. A clean run needs no flow, words and
// lines, and does not load the code for them.

import { faultsOf } from './code/object-faults.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { type FormatError, guardInto } from './elf/format-error.js';
import type { ObjectFile } from './elf/object-file.js';
import { allFindings, type Part } from './findings/all-findings.js';
import { executionIn, type Reaches } from './findings/execution.js';
import { fromHostFindings } from './findings/from-judgement.js';
import { straysIn } from './findings/strays.js';
import type { FlowOptions } from './flow/reach.js';
import type { InlineSource } from './inline/diagnose-with-source.js';
import type { Image } from './link/image.js';
import type { Generation } from './policy/generations.js';
import type { KernelFacts } from './policy/hyp-map.js';
import { type Judgement, leavesHyp } from './policy/judge.js';
import { Judgements, type ReferenceCounts } from './policy/judgements.js';
import { type Policy, policiesFor } from './policy/policy.js';
import { instrumentedIn } from './policy/silent-instrumentation.js';
import type { WarningName } from './policy/warnings.js';
import { collectReferences } from './references/collect.js';

/** What takes time in a check: passes 1 to 6; 7; and 8 and 9. */
export type CheckPhase = 'judge' | 'walk' | 'locate';

export interface CheckOptions {
  /** What the kernel at hand says of what EL2 maps, in the mode that is judged. */
  readonly kernel: KernelFacts;
  readonly errors: ReadonlySet<WarningName>;
  /** null: everything counts as executed (--vhe=unknown). */
  readonly flow: FlowOptions | null;
  /** References that are fine but leave hyp are wanted (--report html), and followed as well (--references). */
  readonly fineOnes: 'none' | 'kept' | 'followed';
  /** What was left out is a finding as well (-Whyp-vhe-only). */
  readonly listsLeftOut: boolean;
  readonly source: InlineSource;
  /** What hyp code relies on the compiler to inline is a finding as well (-Whyp-inline-hint). */
  readonly auditsInlines: boolean;
  /** Told when a phase begins. */
  readonly begin?: (phase: CheckPhase) => void;
}

export interface CheckResult extends Pick<Reaches, 'reaches' | 'vheNumber'> {
  /** The generation of the kernel, and that of modules if some are checked beside it. */
  readonly generations: readonly Generation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly counts: ReferenceCounts;
  /** Those that are not fine and, if they are wanted, all that leave hyp. */
  readonly judgements: readonly Judgement[];
  /** Those that are executed and could not be judged. */
  readonly unknown: readonly Judgement[];
  /** Damaged parts, and what is wrong with them. */
  readonly faults: readonly FormatError[];
}

export const check = async (image: Image, options: CheckOptions): Promise<CheckResult> => {
  const { source, errors, flow, begin = () => {} } = options;
  const faults: FormatError[] = [];
  const guarded = guardInto(faults, image.objects[0]?.path);

  begin('judge');
  // 1. Which generation of the kernel this is, hence what EL2 maps.
  const { policy, policyOf, generations } = policiesFor(image, options.kernel);

  // 2. to 6. Each object by itself.
  const parts = image.objects.flatMap((object) =>
    guarded<readonly Part[]>(
      () => [checkObject(image, object, policyOf(object), options.fineOnes !== 'none')],
      () => [],
    ),
  );
  const judgements = parts.flatMap((part) => part.judgements.kept);
  const counts = {
    references: parts.reduce((sum, part) => sum + part.judgements.references, 0),
    leaving: parts.reduce((sum, part) => sum + part.judgements.leaving, 0),
  };

  begin('walk');
  // 7. Who executes what was objected to, where VHE and other machines share the code.
  const asked = judgements.filter(
    (one) => one.verdict.kind !== 'fine' || (options.fineOnes === 'followed' && leavesHyp(one)),
  );
  const audits = options.auditsInlines && policy.generation.hintsCanHurt;
  const asksMore = audits || parts.some(({ instrumented }) => instrumented.length > 0);
  const execution = await executionIn(image, policy, flow, { references: asked.length, asksMore }, guarded);
  const reached = execution.reachesOf(asked);
  const { reaches, vheNumber } = reached;

  begin('locate');
  // 8. What of all that is a finding, and what is a part of another one.
  const unknown = judgements.filter(
    (one) => one.verdict.kind === 'unknown' && reaches.get(one)?.kind !== 'left-out',
  );
  const all = { ...reached, execution, unknown };
  const findings = allFindings(image, policy, parts, all, options.listsLeftOut);

  // 9. Words and source lines for the findings, and what the source says about inlined functions.
  const describe = async (): Promise<readonly Diagnostic[]> => {
    const { describe } = await import('./inline/diagnose-with-source.js');
    return describe(image, findings, policy, { errors, execution, source, audits }, guarded);
  };
  const diagnostics = findings.length > 0 || audits ? await describe() : [];
  return { generations, diagnostics, counts, judgements, unknown, reaches, vheNumber, faults };
};

/** `wantsLeaving`: references that leave hyp are wanted even if they are fine. */
const checkObject = (image: Image, object: ObjectFile, policy: Policy, wantsLeaving: boolean): Part => {
  const { generation, ranges } = policy;
  // 2. and 3. What hyp code and data of this object refer to, and the verdict on each reference.
  const judgements = new Judgements(policy, wantsLeaving);
  const unjudged = collectReferences(image, object, ranges, !generation.relocatesAbsolute, judgements.take);
  // 4. What landed in the host's sections although it belongs to the nVHE link; references to it are its users.
  const strays = straysIn(object, judgements.kept, policy);
  // 5. Direct branches from host code into hyp code.
  const fromHost = fromHostFindings(image, object, policy);
  // 6. What an instrumentation changed without a reference.
  const instrumented = instrumentedIn(object, ranges);
  return { object, judgements, unjudged, strays, fromHost, instrumented, faults: faultsOf(object) };
};
