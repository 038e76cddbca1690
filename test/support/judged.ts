// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The references of an object as a list, and the verdicts on them.

import type { ObjectFile } from '../../lib/elf/object-file.js';
import type { Image } from '../../lib/link/image.js';
import { type Judgement, judge } from '../../lib/policy/judge.js';
import type { Policy } from '../../lib/policy/policy.js';
import { collectReferences } from '../../lib/references/collect.js';
import type { Reference, Unjudged } from '../../lib/references/reference.js';

export const referencesOf = (
  image: Image,
  object: ObjectFile,
  loadsKernelAddresses = false,
): { readonly references: Reference[]; readonly unjudged: readonly Unjudged[] } => {
  const references: Reference[] = [];
  const unjudged = collectReferences(image, object, [], loadsKernelAddresses, (one) => references.push(one));
  return { references, unjudged };
};

export const judgementsOf = (image: Image, object: ObjectFile, policy: Policy): readonly Judgement[] =>
  referencesOf(image, object, true).references.map((reference) => judge(reference, policy));
