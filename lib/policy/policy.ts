// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What one run judges by: the generation's row, how EL2 sees sections and symbols,
// and where hyp code stands in sections of the host. Modules among the objects have a
// row of their own.

import type { CodeRange } from '../code/code-range.js';
import { sectionsOf } from '../code/object-sections.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import { detectGeneration, isModulePart } from './detect-generation.js';
import { type Generation, generations } from './generations.js';
import { HypMap, type KernelFacts, type NvheLink, noFacts } from './hyp-map.js';
import { hypRangesOf } from './hyp-ranges.js';

export interface Policy {
  readonly generation: Generation;
  readonly map: HypMap;
  /** What the nVHE link of an object's hyp code gathers; null: that is not known. */
  readonly linkOf: (path: string) => NvheLink | null;
  /** Parts of host sections that EL2 maps as hyp code. */
  readonly ranges: readonly CodeRange[];
  /** All hyp code is among the inputs, so an undefined symbol is not hyp code. */
  readonly whole: boolean;
}

/** Modules are loaded where KVM is protected, and see nothing that the mode could take away. */
const policyForModules = ({ whole }: Image, linkOf: Policy['linkOf']): Policy => ({
  generation: generations.pkvmModule,
  map: new HypMap(generations.pkvmModule, noFacts),
  linkOf,
  ranges: [],
  whole,
});

const hasHyp = (object: ObjectFile): boolean => sectionsOf(object).hyp.length > 0;

/** `policy`: the kernel's, or the modules' where there are only such; `policyOf`: an object's. */
export interface Policies {
  readonly policy: Policy;
  readonly policyOf: (object: ObjectFile) => Policy;
  readonly generations: readonly Generation[];
}

export const policiesFor = (image: Image, facts: KernelFacts): Policies => {
  const { objects, whole } = image;
  const kernel = objects.filter((object) => hasHyp(object) && !isModulePart(object));
  const linkOf = (path: string) => facts.linkOf?.(path) ?? null;
  const ofModules = objects.some(isModulePart) ? policyForModules(image, linkOf) : null;
  if (kernel.length === 0 && ofModules)
    return { policy: ofModules, policyOf: () => ofModules, generations: [ofModules.generation] };
  const generation = detectGeneration(kernel);
  const policy = {
    generation,
    map: new HypMap(generation, facts),
    linkOf,
    ranges: hypRangesOf(objects, generation),
    whole,
  };
  return {
    policy,
    policyOf: (object) => (ofModules && isModulePart(object) ? ofModules : policy),
    generations: ofModules ? [generation, ofModules.generation] : [generation],
  };
};

/**
 * Why references to data are not judged; null: they are, also where the kernel's own script says what is mapped. Only
 * generations that have a caveat need the script for this.
 */
export const dataCaveatOf = ({ generation, map }: Policy): string | null =>
  generation.dataCaveat === null || map.hasLayout ? null : generation.dataCaveat;
