// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A check of objects alone: no kernel, no source, and everything counts as executed.

import type { CheckOptions } from '../../lib/check.js';
import { noFacts } from '../../lib/policy/hyp-map.js';

export const plainCheck: CheckOptions = {
  kernel: noFacts,
  errors: new Set(),
  flow: null,
  fineOnes: 'none',
  listsLeftOut: false,
  source: { sources: { text: () => null, treeName: (file) => file }, defined: () => new Map() },
  auditsInlines: false,
};
