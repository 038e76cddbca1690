// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Reviewed exceptions of a build: which finding, from where to where, and why it is
// right. By names (finding-key.ts), never by lines or offsets, so that an entry
// survives the next edit. One entry per line:
//
//     WARNING FROM TO [access=HOW] [until=VERSION] reason in plain words
//
// FROM and TO are names as messages print them (* matches any run of characters).
// If a finding has no function or no target, they match the object or the
// section. An entry with until= is for kernels before that version. # begins a
// comment.

import type { Access } from '../references/reference.js';
import { type FindingKey, fromWord, isAccess } from './finding-key.js';
import { isWarningName, type WarningName } from './warnings.js';

/** Nobody reviews more; each finding is compared with all of them. */
const MOST_ENTRIES = 1000;

export interface Suppression {
  readonly line: number;
  readonly warning: WarningName;
  readonly from: string;
  readonly to: string;
  /** null: any. */
  readonly access: Access | null;
  /** The first kernel that it does not hold for; null: it holds for all. */
  readonly until: string | null;
  readonly reason: string;
}

/** A malformed line: its number, from 1, and what is wrong with it. */
export interface SuppressionFault {
  readonly line: number;
  readonly sentence: string;
}

/** Words in front of the reason, and what each may be. */
const settings: Readonly<Record<string, (value: string) => string | null>> = {
  access: (value) =>
    isAccess(value) ? null : `'${value}' is not an access (call, jump, load, store, address, absolute)`,
  until: (value) => (/^\d+\.\d+(\.\d+)*$/.test(value) ? null : `'${value}' is not the version of a kernel`),
};

export const parseSuppressions = (
  text: string,
): { readonly entries: readonly Suppression[]; readonly faults: readonly SuppressionFault[] } => {
  const entries: Suppression[] = [];
  const faults: SuppressionFault[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1;
    const words = content.replace(/(^|\s)#.*$/s, '').trim();
    if (words === '') continue;
    if (entries.length === MOST_ENTRIES) {
      faults.push({ line, sentence: `more than ${MOST_ENTRIES} entries are not read` });
      break;
    }
    const entry = parseEntry(words.split(/\s+/));
    if (typeof entry === 'string') faults.push({ line, sentence: entry });
    else entries.push({ line, ...entry });
  }
  return { entries, faults };
};

/** An entry, or what is wrong with it. */
const parseEntry = ([warning = '', from, to, ...words]: readonly string[]):
  | Omit<Suppression, 'line'>
  | string => {
  if (!isWarningName(warning)) return `'${warning}' is not the name of a warning`;
  const set = new Map<string, string>();
  for (;;) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(words[0] ?? '') ?? [];
    const check = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (!check) break;
    const fault = check(value);
    if (fault !== null) return fault;
    set.set(name, value);
    words.shift();
  }
  if (from === undefined || to === undefined || words.length === 0) {
    return 'an entry is WARNING FROM TO and a reason';
  }
  const access = set.get('access') ?? '';
  return {
    warning,
    from: fromWord(from),
    to: fromWord(to),
    access: isAccess(access) ? access : null,
    until: set.get('until') ?? null,
    reason: words.join(' '),
  };
};

const numbersOf = (version: string): readonly number[] =>
  (version.match(/^\d+(\.\d+)*/)?.[0] ?? '').split('.').map(Number);

/** Whether a kernel's release (6.8.0-rc3+) comes before a version; 6.8-rc3 is 6.8. */
const isBefore = (release: string, version: string): boolean => {
  const [a, b] = [numbersOf(release), numbersOf(version)];
  for (let index = 0; index < b.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

/** Whether an entry holds for a kernel; of an unknown release (null) those without until= do. */
export const holdsFor = ({ until }: Suppression, release: string | null): boolean =>
  until === null || (release !== null && isBefore(release, until));

interface Glob {
  readonly first: string;
  /** Behind each *, the last part apart; null where there is no *. */
  readonly middle: readonly string[] | null;
  readonly last: string;
}

const globOf = (pattern: string): Glob => {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  return { first, middle: last === undefined ? null : parts, last: last ?? '' };
};

/** Part by part from the left: what a part is found at first leaves the most for the others. */
const matchesGlob = ({ first, middle, last }: Glob, name: string): boolean => {
  if (middle === null) return first === name;
  const end = name.length - last.length;
  if (end < first.length || !name.endsWith(last) || !name.startsWith(first)) return false;
  let at = first.length;
  for (const part of middle) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
};

interface Pattern {
  readonly entry: Suppression;
  readonly from: Glob;
  readonly to: Glob;
}

/** Of each list of entries, by warning: thousands of findings may be compared with a thousand entries. */
const patterns = new WeakMap<readonly Suppression[], Map<WarningName, Pattern[]>>();

const patternsOf = (entries: readonly Suppression[]): ReadonlyMap<WarningName, readonly Pattern[]> => {
  const known = patterns.get(entries);
  if (known) return known;
  const made = new Map<WarningName, Pattern[]>();
  for (const entry of entries) {
    const list = made.get(entry.warning) ?? [];
    made.set(entry.warning, list);
    list.push({ entry, from: globOf(entry.from), to: globOf(entry.to) });
  }
  patterns.set(entries, made);
  return made;
};

/** The first entry that covers a finding, or null. */
export const suppressionFor = (
  entries: readonly Suppression[],
  { warning, from, to, access }: FindingKey,
): Suppression | null => {
  for (const pattern of patternsOf(entries).get(warning) ?? []) {
    const { entry } = pattern;
    const isMeant = entry.access === null || entry.access === access;
    if (isMeant && matchesGlob(pattern.to, to) && matchesGlob(pattern.from, from)) return entry;
  }
  return null;
};
