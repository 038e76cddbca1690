// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table of contents: from the objects of a link to what is wrong with them,
// one pass after the other. Nothing here opens, prints or exits.

import { compareDiagnostics, type Diagnostic } from './diagnostics/diagnostic.js';
import { FormatError } from './elf/format-error.js';
import type { ObjectFile } from './elf/object-file.js';
import { SHT } from './elf/vocabulary.js';
import type { Image } from './link/image.js';
import { detectGeneration } from './policy/detect-generation.js';
import type { Generation, ProtectedColumn } from './policy/generations.js';
import { hypRangesOf } from './policy/hyp-ranges.js';
import { type Judgement, judge, leavesHyp, type Policy } from './policy/judge.js';
import { isHypSection } from './policy/section-families.js';
import { pointsAtStray, straysOf } from './policy/stray-sections.js';
import type { WarningName } from './policy/warnings.js';
import { collectReferences } from './references/collect.js';
import { collectHostBranches } from './references/host-branches.js';
import {
  absorbArguments,
  type Found,
  foundFromHost,
  foundIn,
  foundSentence,
  foundStray,
  foundStrayUse,
  foundUndefined,
  foundUnjudged,
} from './rules/found.js';

export interface CheckOptions {
  /** null: what normal nVHE maps. */
  readonly protectedMode: ProtectedColumn | null;
  readonly errors: ReadonlySet<WarningName>;
}

export interface CheckResult {
  readonly generation: Generation;
  readonly diagnostics: readonly Diagnostic[];
  readonly judgements: readonly Judgement[];
  /** Objects that failed on the way, with what they failed of. */
  readonly faults: readonly FormatError[];
  /** Undefined symbols that could not be judged, as the objects name them; sorted. */
  readonly undefinedNames: readonly string[];
}

/** What one object contributed. */
interface Part {
  readonly judgements: readonly Judgement[];
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
  const unknown = judgements.filter(({ verdict }) => verdict.kind === 'unknown');
  const early =
    generation.id === 'nvhe-early'
      ? foundSentence(
          image.objects.find((object) => hypSectionsOf(object).length > 0)?.path ?? '',
          'references to data were not judged: kernels 5.9 and 5.10 keep hyp data in host sections',
        )
      : null;
  const summary = foundUndefined(unknown);
  const found = [
    ...parts.flatMap((part) => part.found),
    ...(early ? [early] : []),
    ...(summary ? [summary] : []),
  ];
  // A clean run has no use for words and lines, and does not load what makes them.
  const diagnostics =
    found.length === 0 ? [] : (await import('./rules/diagnose.js')).diagnose(absorbArguments(found), options);
  return {
    generation,
    diagnostics,
    judgements,
    faults,
    undefinedNames: [...new Set(unknown.map(({ target }) => target.name ?? target.section ?? '?'))].sort(),
  };
};

/** References that leave hyp, judged fine or not, each a note. */
export const listReferences = async (judgements: readonly Judgement[]): Promise<readonly Diagnostic[]> => {
  const { describeReference } = await import('./rules/diagnose.js');
  return judgements.filter(leavesHyp).map(describeReference).sort(compareDiagnostics);
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
    ? collectHostBranches(image, object, isHypSection).map((reference) =>
        foundFromHost(judge(reference, policy)),
      )
    : [];
  const isStrayUse = new Set(strayUses);
  const broken = judgements.filter((one) => !isStrayUse.has(one)).flatMap((one) => foundIn(one) ?? []);
  return { judgements, found: [...broken, ...strays, ...fromHost, ...unjudged.map(foundUnjudged)] };
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
