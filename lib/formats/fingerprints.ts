// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Fingerprints: the key of a finding as a number of fixed length, for services
// that tell new findings from old ones by it. Several findings may have one key (a
// function that calls another twice); they are counted in the order of the report,
// since a service shows what has the same fingerprint once.

import { createHash } from 'node:crypto';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { keyOf } from '../diagnostics/key-of.js';
import { keyText } from '../policy/finding-key.js';

/** 32 hexadecimal digits for each finding with a warning, '' for others. */
export const fingerprinter = (diagnostics: readonly Diagnostic[]): ((diagnostic: Diagnostic) => string) => {
  const counts = new Map<string, number>();
  const fingerprints = new Map<Diagnostic, string>();
  for (const diagnostic of diagnostics) {
    const key = keyOf(diagnostic);
    if (!key) continue;
    const text = keyText(key);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    const hash = createHash('sha256').update(`${text} ${count}`);
    fingerprints.set(diagnostic, hash.digest('hex').slice(0, 32));
  }
  return (diagnostic) => fingerprints.get(diagnostic) ?? '';
};
