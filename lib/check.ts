// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table of contents: from the objects of a link to what is wrong with them, pass
// by pass. Nothing here opens, prints or exits. A clean run needs no flow, words and
// lines, and does not load the code for them.

import { faultsOf } from './code/object-faults.js';
import { sectionsOf } from './code/object-sections.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { type FormatError, guard } from './elf/format-error.js';
import type { ObjectFile } from './elf/object-file.js';
import { absorbArguments } from './findings/absorb-arguments.js';
import { Execution, type Guarded, type Reaches } from './findings/execution.js';
import { bounded, type Finding, unchecked } from './findings/finding.js';
import {
  brokenFinding,
  fromHostFinding,
  leftOutFinding,
  undefinedFindings,
} from './findings/from-judgement.js';
import { silentFindings } from './findings/silent-instrumentation.js';
import { strayFindings } from './findings/strays.js';
import type { FlowOptions } from './flow/reach.js';
import type { Step } from './flow/way.js';
import type { InlineSource } from './inline/diagnose-with-source.js';
import type { Image } from './link/image.js';
import type { Place } from './link/place.js';
import type { Generation } from './policy/generations.js';
import type { KernelFacts } from './policy/hyp-map.js';
import { type Judgement, judge, leavesHyp } from './policy/judge.js';
import { type Policy, policiesFor } from './policy/policy.js';
import { type Instrumented, instrumentedIn } from './policy/silent-instrumentation.js';
import { pointsAtStray } from './policy/stray-sections.js';
import type { WarningName } from './policy/warnings.js';
import { collectReferences } from './references/collect.js';
import { collectHostBranches } from './references/host-branches.js';
import type { Reference } from './references/reference.js';

/** What takes time in a check: passes 1 to 5; 6; and 7 and 8. */
export type CheckPhase = 'judge' | 'walk' | 'locate';

export interface CheckOptions {
  /** What the kernel at hand says of what EL2 maps, in the mode that is judged. */
  readonly kernel: KernelFacts;
  readonly errors: ReadonlySet<WarningName>;
  /** null: everything counts as executed (--vhe=unknown). */
  readonly flow: FlowOptions | null;
  /** References that are fine are followed as well (--references). */
  readonly reachOfAll: boolean;
  /** What was left out is a finding as well (-Whyp-vhe-only). */
  readonly listsLeftOut: boolean;
  /** null: there is no source to look at. */
  readonly source: InlineSource | null;
  /** What hyp code relies on the compiler to inline is a finding as well (-Whyp-inline-hint). */
  readonly auditsInlines: boolean;
  /** Told when a phase begins. */
  readonly begin?: (phase: CheckPhase) => void;
}

export interface CheckResult extends Pick<Reaches, 'reaches' | 'vheNumber'> {
  readonly generation: Generation;
  /** The generation of the kernel, and that of modules if some are checked beside it. */
  readonly generations: readonly Generation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly judgements: readonly Judgement[];
  /** Those that are executed and could not be judged. */
  readonly unknown: readonly Judgement[];
  /** Damaged parts, and what is wrong with them. */
  readonly faults: readonly FormatError[];
}

/**
 * References that are asked whether they are executed: a hundred times what a kernel has, and in large files one for each
 * thirty words.
 */
const mostFollowed = ({ size }: Image): number => Math.max(5_000, size / 120);

export const check = async (image: Image, options: CheckOptions): Promise<CheckResult> => {
  const { source, errors, begin = () => {} } = options;
  const faults: FormatError[] = [];
  const guarded: Guarded = (work, instead) =>
    guard(
      work,
      (fault) => {
        faults.push(fault);
        return instead();
      },
      image.objects[0]?.path,
    );

  begin('judge');
  // 1. Which generation of the kernel this is, hence what EL2 maps.
  const { policy, policyOf, generations } = policiesFor(image, options.kernel);
  const { generation } = policy;

  // 2. to 5. Each object by itself.
  const parts = image.objects.flatMap((object) =>
    guarded<readonly Part[]>(
      () => [checkObject(image, object, policyOf(object))],
      () => [],
    ),
  );
  const judgements = parts.flatMap((part) => part.judgements);

  begin('walk');
  // 6. Who executes what was objected to, where VHE and other machines share the code.
  const isBad = ({ verdict }: Judgement): boolean => verdict.kind !== 'fine';
  const asked = judgements.filter((one) => isBad(one) || (options.reachOfAll && leavesHyp(one)));
  const instrumented = parts.flatMap((part) => part.instrumented);
  const audits = options.auditsInlines && source !== null && generation.hintsCanHurt;
  // Where nothing is followed, all counts as executed, and that there are more findings than are told is said.
  const isMuch = asked.length > mostFollowed(image);
  const asksFlow = !isMuch && (asked.length > 0 || instrumented.length > 0 || audits);
  const follows = generation.isSharedWithVhe && asksFlow ? options.flow : null;
  const flow = follows && new (await import('./flow/reach.js')).Flow(image, policy.ranges, follows);
  const execution = new Execution(flow, guarded);
  const { reaches, vheNumber, doubts } = execution.reachesOf(asked);

  begin('locate');
  // 7. What of all that is a finding, and what is a part of another one.
  const reachOf = (one: Judgement) => reaches.get(one) ?? null;
  const unknown = judgements.filter(
    (one) => one.verdict.kind === 'unknown' && reachOf(one)?.kind !== 'left-out',
  );
  const leftOut = options.listsLeftOut ? asked.filter(isBad) : [];
  const all = absorbArguments([
    ...parts.flatMap((part) => part.judged).flatMap((one) => brokenFinding(one, reachOf(one)) ?? []),
    ...parts.flatMap((part) => part.findings),
    ...silentFindings(instrumented, execution),
    ...leftOut.flatMap((one) => leftOutFinding(one, reachOf(one)) ?? []),
    ...doubts,
    ...caveats(image, policy),
    ...undefinedFindings(unknown),
  ]);
  const findings = bounded(all);

  // 8. Words and source lines for the findings, and what the source says about inlined functions.
  const describe = async (): Promise<readonly Diagnostic[]> => {
    const { diagnose } = await import('./findings/diagnose.js');
    const stepsTo = flow ? null : await callsOf(image, policy);
    const sources = source?.sources ?? null;
    const plainly = () => diagnose(findings, { errors, sources, stepsTo, adviseCall: null });
    if (!source || !generation.hintsCanHurt) return plainly();
    const { diagnoseWithSource } = await import('./inline/diagnose-with-source.js');
    // If the code around a finding cannot be read, the advice is missing.
    return guarded(
      () => diagnoseWithSource(image, findings, { source, audits, execution, errors, stepsTo }),
      plainly,
    );
  };
  const diagnostics = findings.length > 0 || audits ? await describe() : [];
  return { generation, generations, diagnostics, judgements, unknown, reaches, vheNumber, faults };
};

/** The calls that lead to a place, read when first asked for; if the code or its tables are damaged, there are none. */
const callsOf = async (image: Image, { ranges }: Policy): Promise<(place: Place) => readonly Step[]> => {
  const { CallGraph } = await import('./flow/call-graph.js');
  let stepsTo: ((place: Place) => readonly Step[]) | undefined;
  return (place) => {
    stepsTo ??= guard(
      () => new CallGraph(image, ranges).stepsTo,
      () => () => [],
    );
    return stepsTo(place);
  };
};

/** What one object contributes. */
interface Part {
  readonly judgements: readonly Judgement[];
  /** Those that are a finding of their own if they break a rule. */
  readonly judged: readonly Judgement[];
  readonly findings: readonly Finding[];
  /** Hyp functions that an instrumentation changed without a reference. */
  readonly instrumented: readonly Instrumented[];
}

const checkObject = (image: Image, object: ObjectFile, policy: Policy): Part => {
  const { generation } = policy;
  // 2. What hyp code and data of this object refer to.
  const { references, unjudged } = collectReferences(
    image,
    object,
    policy.ranges,
    !policy.generation.relocatesAbsolute,
  );

  // 3. The verdict on each reference.
  const judgesData = dataCaveatOf(policy) === null;
  const isJudged = ({ access }: Reference): boolean => judgesData || access === 'call' || access === 'jump';
  const judgements = references.filter(isJudged).map((reference) => judge(reference, policy));

  // 4. What landed in the host's sections although it belongs to the nVHE link; references to it are its users.
  const strayUses = new Set(
    generation.reportsStrays ? judgements.filter(({ reference }) => pointsAtStray(reference, policy)) : [],
  );
  const strays = generation.reportsStrays ? strayFindings(object, [...strayUses], policy) : [];

  // 5. Direct branches from host code into hyp code.
  const branches = generation.hostMayBranchIn ? [] : collectHostBranches(image, object);
  const fromHost = branches.map((reference) => fromHostFinding(judge(reference, policy)));

  return {
    judgements,
    instrumented: instrumentedIn(object, policy.ranges),
    judged: judgements.filter((one) => !strayUses.has(one)),
    findings: [
      ...faultsOf(object).map((sentence) => unchecked(object.path, sentence)),
      ...strays,
      ...fromHost,
      ...unjudged.map(({ at, sentence }) => unchecked(at.object.path, sentence, at)),
    ],
  };
};

/** Why references to data are not judged: where the kernel's own script says what is mapped, they are. */
const dataCaveatOf = ({ generation, map }: Policy): string | null =>
  generation.dataCaveat !== null && map.hasLayout ? null : generation.dataCaveat;

/** What is not judged at all is said once, at the first object with hyp code. */
const caveats = ({ objects }: Image, policy: Policy): readonly Finding[] => {
  const caveat = dataCaveatOf(policy);
  const path = objects.find((object) => sectionsOf(object).hyp.length > 0)?.path ?? '';
  return caveat === null ? [] : [unchecked(path, caveat)];
};
