// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names with wildcards as linkers match them: fnmatch(3) without flags, so that
// * and ? take a dot and a slash like anything else. It is written without
// regular expressions and goes back to the last * only, so that no pattern takes
// more than the product of both lengths.

/** What every name that a pattern matches begins with: all of a pattern without wildcards. */
export const beginningOf = (pattern: string): string => {
  const wildcard = pattern.search(/[*?[\\]/);
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard);
};

export const matchesGlob = (pattern: string, name: string): boolean => {
  let p = 0;
  let n = 0;
  /** Behind the last *, and where in the name its match ends so far. */
  let star = -1;
  let taken = 0;
  for (;;) {
    if (p < pattern.length && pattern[p] === '*') {
      star = ++p;
      taken = n;
      continue;
    }
    if (n === name.length) return p === pattern.length;
    const next = p < pattern.length ? matchOne(pattern, p, name[n] ?? '') : null;
    if (next !== null) {
      p = next;
      n++;
    } else if (star >= 0) {
      p = star;
      n = ++taken;
    } else return false;
  }
};

/** Behind the part of the pattern that matches a character, or null. */
const matchOne = (pattern: string, at: number, character: string): number | null => {
  const sign = pattern[at] ?? '';
  if (sign === '?') return at + 1;
  if (sign === '[') {
    const set = setAt(pattern, at);
    // Without its end it is a bracket.
    if (set) return set.holds(character) ? set.end : null;
  }
  if (sign === '\\') return pattern[at + 1] === character ? at + 2 : null;
  return sign === character ? at + 1 : null;
};

/** `[a-z_]`, `[!0-9]`, `[^.]`: a ] that comes first is one of its characters. */
const setAt = (
  pattern: string,
  start: number,
): { readonly end: number; readonly holds: (character: string) => boolean } | null => {
  let at = start + 1;
  const isNegated = pattern[at] === '!' || pattern[at] === '^';
  if (isNegated) at++;
  const ranges: (readonly [first: string, last: string])[] = [];
  for (let isFirst = true; isFirst || pattern[at] !== ']'; isFirst = false) {
    if (pattern[at] === '\\') at++;
    const first = pattern[at++];
    if (first === undefined) return null;
    const last = pattern[at + 1];
    if (pattern[at] !== '-' || last === undefined || last === ']') ranges.push([first, first]);
    else {
      ranges.push([first, last]);
      at += 2;
    }
  }
  const holds = (character: string) =>
    ranges.some(([first, last]) => character >= first && character <= last) !== isNegated;
  return { end: at + 1, holds };
};
