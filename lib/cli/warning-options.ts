// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// -W options, as in gcc: in order; the last option about a warning counts,
// -Werror=NAME also switches NAME on, -w silences all.

import {
  defaultNames,
  extraNames,
  isWarningName,
  type WarningName,
  warningNames,
} from '../policy/warnings.js';

export interface WarningOptions {
  readonly enabled: ReadonlySet<WarningName>;
  /** Warnings that are errors. */
  readonly errors: ReadonlySet<WarningName>;
  /** All warnings are errors, by -Werror or -E, not by name. */
  readonly allErrors: boolean;
}

/** Groups by name. hyp-mismatch is what is on by default. */
const groups: ReadonlyMap<string, readonly WarningName[]> = new Map([
  ['all', defaultNames],
  ['extra', extraNames],
  ['hyp-mismatch', defaultNames],
]);

const namesOf = (word: string): readonly WarningName[] | null =>
  isWarningName(word) ? [word] : (groups.get(word) ?? null);

/** `words`: what follows each -W, and '-w' and '-E' as they are, in order. */
export const readWarningOptions = (
  words: readonly string[],
): WarningOptions | { readonly unknown: string } => {
  const enabled = new Set<WarningName>(defaultNames);
  const named = new Map<WarningName, boolean>();
  let allErrors = false;
  let silent = false;
  for (const word of words) {
    if (word === '-w') silent = true;
    else if (word === '-E' || word === 'error') allErrors = true;
    else if (word === 'no-error') allErrors = false;
    else {
      const isError = /^(no-)?error=(.*)$/.exec(word);
      const names = namesOf(isError ? (isError[2] ?? '') : word.replace(/^no-/, ''));
      if (!names) return { unknown: `-W${word}` };
      for (const name of names) {
        if (isError) named.set(name, isError[1] === undefined);
        if (isError ? isError[1] === undefined : !word.startsWith('no-')) enabled.add(name);
        else if (!isError) enabled.delete(name);
      }
    }
  }
  if (silent) enabled.clear();
  const errors = warningNames.filter((name) => named.get(name) ?? allErrors);
  return { enabled, errors: new Set(errors), allErrors };
};
