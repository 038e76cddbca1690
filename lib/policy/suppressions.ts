// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Reviewed exceptions of a build: which finding, from where to where, and why it is
// right. By names, never by lines or offsets, so that an entry survives the next
// edit. One entry per line:
//
//     WARNING FROM TO reason in plain words
//
// FROM and TO are names as messages print them (* matches any run of characters).
// If a finding has no function or no target, they match the object or the
// section. # begins a comment.

import { isWarningName, type WarningName } from './warnings.js';

export interface Suppression {
  readonly line: number;
  readonly warning: WarningName;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A malformed line: its number, from 1, and what is wrong with it. */
export interface SuppressionFault {
  readonly line: number;
  readonly sentence: string;
}

export const parseSuppressions = (
  text: string,
): { readonly entries: readonly Suppression[]; readonly faults: readonly SuppressionFault[] } => {
  const entries: Suppression[] = [];
  const faults: SuppressionFault[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1;
    const [warning = '', from, to, ...reason] = content
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    if (warning === '') continue;
    if (!isWarningName(warning)) faults.push({ line, sentence: `'${warning}' is not the name of a warning` });
    else if (from === undefined || to === undefined || reason.length === 0) {
      faults.push({ line, sentence: 'an entry is WARNING FROM TO and a reason' });
    } else entries.push({ line, warning, from, to, reason: reason.join(' ') });
  }
  return { entries, faults };
};

const matchesGlob = (pattern: string, name: string): boolean => {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(name);
};

/** The first entry that covers a finding, or null. */
export const suppressionFor = (
  entries: readonly Suppression[],
  finding: { readonly warning: WarningName; readonly from: string; readonly to: string },
): Suppression | null =>
  entries.find(
    (entry) =>
      entry.warning === finding.warning &&
      matchesGlob(entry.from, finding.from) &&
      matchesGlob(entry.to, finding.to),
  ) ?? null;
