// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The key of a diagnostic: what baselines, suppressions and fingerprints know it
// by. Its fields are lib/policy/finding-key.ts's.

import { sourceName, stableSectionName } from '../link/symbol-names.js';
import type { FindingKey } from '../policy/finding-key.js';
import type { Diagnostic } from './diagnostic.js';

/** null for what --references lists. `objectName`: what an object is called, where nothing in it has a name. */
export const keyOf = (
  { warning, hyp, object }: Diagnostic,
  objectName: (path: string) => string = (path) => path,
): FindingKey | null => {
  if (warning === null) return null;
  const from = hyp?.from?.symbol ?? null;
  const to = hyp?.to?.symbol ?? null;
  const section = hyp?.to?.section ?? hyp?.from?.section ?? null;
  return {
    warning,
    from: from === null ? objectName(object) : sourceName(from),
    to: to === null ? (section === null ? objectName(object) : stableSectionName(section)) : sourceName(to),
    access: hyp?.access ?? null,
  };
};
