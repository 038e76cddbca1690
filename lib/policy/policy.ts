// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What one run judges by: the generation's row, what protected KVM takes away, and
// where hyp code stands in sections of the host.

import type { CodeRange } from '../code/code-range.js';
import type { Image } from '../link/image.js';
import { detectGeneration } from './detect-generation.js';
import type { Generation, ProtectedColumn } from './generations.js';
import { hypRangesOf } from './hyp-ranges.js';

export interface Policy {
  readonly generation: Generation;
  /** Judge by what protected KVM maps; null: normal mode. */
  readonly protectedMode: ProtectedColumn | null;
  /** Parts of host sections that EL2 maps as hyp code. */
  readonly ranges: readonly CodeRange[];
  /** All hyp code is among the inputs, so an undefined symbol is not hyp code. */
  readonly whole: boolean;
}

export const policyFor = ({ objects, whole }: Image, protectedMode: ProtectedColumn | null): Policy => {
  const generation = detectGeneration(objects);
  return { generation, protectedMode, ranges: hypRangesOf(objects, generation), whole };
};
