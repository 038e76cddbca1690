// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table of contents: from the objects of a link to what is wrong with them,
// one pass after the other. Nothing here opens, prints or exits.

import { isHypSection } from './code/sections.js';
import { compareDiagnostics, type Diagnostic } from './diagnostics/diagnostic.js';
import { FormatError } from './elf/format-error.js';
import type { ObjectFile } from './elf/object-file.js';
import { SHT } from './elf/vocabulary.js';
import type { Flow, FlowOptions, Reach } from './flow/reach.js';
import type { Image } from './link/image.js';
import type { Place } from './link/place.js';
import { detectGeneration } from './policy/detect-generation.js';
import type { Generation, ProtectedColumn } from './policy/generations.js';
import { hypRangesOf } from './policy/hyp-ranges.js';
import { type Judgement, judge, leavesHyp, type Policy } from './policy/judge.js';
import { pointsAtStray, straysOf } from './policy/stray-sections.js';
import type { WarningName } from './policy/warnings.js';
import { collectReferences } from './references/collect.js';
import { collectHostBranches } from './references/host-branches.js';
import {
  absorbArguments,
  type Found,
  foundFromHost,
  foundIn,
  foundLeftOut,
  foundSentence,
  foundStray,
  foundStrayUse,
  foundUndefined,
  foundUnjudged,
  foundUnknownTable,
} from './rules/found.js';
import type { InlineSource } from './rules/inline-check.js';

export interface CheckOptions {
  /** null: what normal nVHE maps. */
  readonly protectedMode: ProtectedColumn | null;
  readonly errors: ReadonlySet<WarningName>;
  /** null: everything counts as executed (--vhe=unknown). */
  readonly flow: FlowOptions | null;
  /** References that are fine are followed as well (--references). */
  readonly reachOfAll: boolean;
  /** What was left out is a finding as well (-Whyp-vhe-only). */
  readonly listsLeftOut: boolean;
  /** null: no source is looked into. */
  readonly source: InlineSource | null;
  /** What hyp code relies on the compiler to inline is a finding as well (-Whyp-inline-hint). */
  readonly auditsInlines: boolean;
}

export interface CheckResult {
  readonly generation: Generation;
  readonly diagnostics: readonly Diagnostic[];
  readonly judgements: readonly Judgement[];
  /** What executes them, where that was asked. */
  readonly reaches: ReadonlyMap<Judgement, Reach>;
  /** VHE's number as it was used; null: not known; undefined: not asked for. */
  readonly vheNumber: number | null | undefined;
  /** Objects that failed on the way, with what they failed of. */
  readonly faults: readonly FormatError[];
  /** Undefined symbols that could not be judged, as the objects name them; sorted. */
  readonly undefinedNames: readonly string[];
}

/** What one object contributed. */
interface Part {
  readonly judgements: readonly Judgement[];
  /** Those that are a finding of their own if they break a rule. */
  readonly judged: readonly Judgement[];
  readonly found: readonly Found[];
}

export const hypSectionsOf = (object: ObjectFile) => object.sections.filter(isHypSection);

export const check = async (image: Image, options: CheckOptions): Promise<CheckResult> => {
  const faults: FormatError[] = [];
  const generation = detectGeneration(image.objects);
  const ranges = generation.id === 'hyp-text' ? image.objects.flatMap(hypRangesOf) : [];
  const policy: Policy = { generation, protectedMode: options.protectedMode, ranges, whole: image.whole };

  const parts = image.objects.flatMap((object) => {
    try {
      return [checkObject(image, object, policy)];
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      faults.push(error);
      return [];
    }
  });
  const judgements = parts.flatMap((part) => part.judgements);
  let walked: Flow | undefined;
  const flowOf = async (flowOptions: FlowOptions): Promise<Flow> => {
    walked ??= new (await import('./flow/reach.js')).Flow(image, ranges, flowOptions);
    return walked;
  };
  // 5. Who executes what was objected to. The nVHE link has no code but nVHE's.
  const { reaches, vheNumber, doubts, fault } = await findReaches(judgements, policy, options, flowOf);
  if (fault) faults.push(fault);
  const isLeftOut = (one: Judgement): boolean => reaches.get(one)?.kind === 'left-out';
  const leftOut = options.listsLeftOut
    ? judgements.filter((one) => one.verdict.kind !== 'fine' && isLeftOut(one))
    : [];
  const unknown = judgements.filter((one) => one.verdict.kind === 'unknown' && !isLeftOut(one));
  const early =
    generation.id === 'nvhe-early'
      ? foundSentence(
          image.objects.find((object) => hypSectionsOf(object).length > 0)?.path ?? '',
          'references to data were not judged: kernels 5.9 and 5.10 keep hyp data in host sections',
        )
      : null;
  const summary = foundUndefined(unknown);
  const found = [
    ...parts.flatMap((part) => part.judged).flatMap((one) => foundIn(one, reaches.get(one) ?? null) ?? []),
    ...parts.flatMap((part) => part.found),
    ...leftOut.flatMap((one) => foundLeftOut(one, reaches.get(one) ?? null) ?? []),
    ...doubts,
    ...(early ? [early] : []),
    ...(summary ? [summary] : []),
  ];
  // A clean run has no use for words and lines, and does not load what makes them.
  const audits = options.auditsInlines && !generation.hasOwnLink;
  const diagnostics =
    found.length === 0 && !audits
      ? []
      : await describeFound(image, absorbArguments(found), audits, generation, options, flowOf);
  return {
    generation,
    diagnostics,
    judgements,
    reaches,
    vheNumber,
    faults,
    undefinedNames: [...new Set(unknown.map(({ target }) => target.name ?? target.section ?? '?'))].sort(),
  };
};

/** With their lines, and what the source says of inlined functions. */
const describeFound = async (
  image: Image,
  found: readonly Found[],
  audits: boolean,
  { hasOwnLink }: Generation,
  { source, errors, flow: flowOptions }: CheckOptions,
  flowOf: (options: FlowOptions) => Promise<Flow>,
): Promise<readonly Diagnostic[]> => {
  // The nVHE link folds what the compiler emits out of line into its own text: no hint matters there.
  if (!source || hasOwnLink)
    return (await import('./rules/diagnose.js')).diagnose(found, { errors, inlines: null });
  const { diagnoseWithSource } = await import('./rules/inline-check.js');
  // Where something was found, the link was walked for it.
  let flow = flowOptions ? await flowOf(flowOptions) : null;
  const isExecuted = (place: Place, end: number): boolean => {
    try {
      return flow?.isExecuted(place, end) ?? true;
    } catch (error) {
      // A damaged table, as below.
      if (!(error instanceof FormatError)) throw error;
      flow = null;
      return true;
    }
  };
  return diagnoseWithSource(image, found, { source, audits, isExecuted, errors });
};

/** References that leave hyp, judged fine or not, each a note. */
export const listReferences = async ({
  judgements,
  reaches,
}: CheckResult): Promise<readonly Diagnostic[]> => {
  const { describeReference } = await import('./rules/diagnose.js');
  return judgements
    .filter(leavesHyp)
    .map((one) => describeReference(one, reaches.get(one) ?? null))
    .sort(compareDiagnostics);
};

const checkObject = (image: Image, object: ObjectFile, policy: Policy): Part => {
  const { generation } = policy;
  // 1. What hyp code and data of this object refer to.
  const hyp = hypSectionsOf(object);
  object.symbols.indexSections(new Set(hyp.map(({ index }) => index)));
  const sections = hyp.filter(({ type }) => type !== SHT.NOBITS);
  const ranges = policy.ranges.filter(({ code }) => code.object === object);
  const { references, unjudged } = collectReferences(image, object, sections, ranges);
  // 2. What policy says of each.
  const all = references.map((reference) => judge(reference, policy));
  const judgements = generation.id === 'nvhe-early' ? all.filter(isBranch) : all;
  // 3. What of the nVHE link landed in the host's sections; the references to it are its users.
  const strayUses = generation.hasOwnLink
    ? judgements.filter(({ reference }) => pointsAtStray(reference))
    : [];
  const strays = generation.id === 'nvhe' ? foundStrays(object, strayUses) : [];
  // 4. Who of the host branches straight into it.
  const fromHost = generation.hasOwnLink
    ? collectHostBranches(image, object).map((reference) => foundFromHost(judge(reference, policy)))
    : [];
  const isStrayUse = new Set(strayUses);
  const judged = judgements.filter((one) => !isStrayUse.has(one));
  return { judgements, judged, found: [...strays, ...fromHost, ...unjudged.map(foundUnjudged)] };
};

/** What executes the references that somebody asks about; nothing is walked where nobody does. */
const findReaches = async (
  judgements: readonly Judgement[],
  { generation }: Policy,
  { flow: flowOptions, reachOfAll }: CheckOptions,
  flowOf: (options: FlowOptions) => Promise<Flow>,
): Promise<{
  readonly reaches: ReadonlyMap<Judgement, Reach>;
  readonly vheNumber: number | null | undefined;
  readonly doubts: readonly Found[];
  readonly fault: FormatError | null;
}> => {
  const nothing = { reaches: new Map<Judgement, Reach>(), vheNumber: undefined, doubts: [], fault: null };
  const asked = judgements.filter((one) => one.verdict.kind !== 'fine' || (reachOfAll && leavesHyp(one)));
  if (generation.hasOwnLink || !flowOptions || asked.length === 0) return nothing;
  try {
    const flow = await flowOf(flowOptions);
    return {
      reaches: new Map(asked.map((one) => [one, flow.reachOf(one)])),
      vheNumber: flow.vheNumber,
      doubts: flow.unknownTables.map(foundUnknownTable),
      fault: null,
    };
  } catch (error) {
    // A damaged table: everything counts as executed.
    if (!(error instanceof FormatError)) throw error;
    return { ...nothing, fault: error };
  }
};

const isBranch = ({ reference }: Judgement): boolean =>
  reference.access === 'call' || reference.access === 'jump';

const foundStrays = (object: ObjectFile, uses: readonly Judgement[]): readonly Found[] => {
  const strays = straysOf(object);
  const usesOf = (name: string | null, section: number): readonly Judgement[] =>
    uses.filter(({ target }) => target.place?.section.index === section && target.name === name);
  const named = new Set(strays.map(({ name }) => name));
  return [
    ...strays.map((stray) => foundStray(stray, usesOf(stray.name, stray.place.section.index))),
    // What has no symbol is seen where it is used.
    ...uses.filter(({ target }) => target.name === null && !named.has(null)).map(foundStrayUse),
  ];
};
