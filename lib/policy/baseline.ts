// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A baseline: the findings that were there before, so that a build is told of
// what came and of what went. A text of one key a line, sorted, so that two of
// them merge line by line. What could not be judged has no place in it: it is no
// finding that could be known, and only a reviewed suppression takes it away.

import { type FindingKey, keyText, parseKey } from './finding-key.js';

export interface BaselineEntry {
  /** From 1. */
  readonly line: number;
  readonly key: FindingKey;
}

/** Whether a baseline may hold it. */
export const isKept = ({ warning }: FindingKey): boolean => warning !== 'hyp-unchecked';

const HEAD = `# hypcheck baseline: findings that were there before, a line each, by names:
# WARNING FROM TO ACCESS. Lines may be taken out, put in and merged.
`;

export const baselineText = (keys: readonly FindingKey[]): string =>
  HEAD +
  [...new Set(keys.filter(isKept).map(keyText))]
    .sort()
    .map((line) => `${line}\n`)
    .join('');

export const parseBaseline = (
  text: string,
): { readonly entries: readonly BaselineEntry[]; readonly faults: readonly BaselineFault[] } => {
  const entries: BaselineEntry[] = [];
  const faults: BaselineFault[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(content)) continue;
    const line = index + 1;
    const key = parseKey(content);
    if (!key) faults.push({ line, sentence: 'an entry is WARNING FROM TO ACCESS' });
    else if (!isKept(key))
      faults.push({ line, sentence: `${key.warning} is not known before, but suppressed` });
    else entries.push({ line, key });
  }
  return { entries, faults };
};

/** A line that is no entry: its number, from 1, and what is wrong with it. */
export interface BaselineFault {
  readonly line: number;
  readonly sentence: string;
}
