// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a finding is known by from build to build: the warning, who refers, to
// what, and how. Names are the source's (lib/link/symbol-names.ts), so nothing
// that a compiler appends is in it, and no line, offset or count. Baselines,
// suppressions and the fingerprints of reports use this key and no other.
//
// In a text it is one line of four words, `WARNING FROM TO ACCESS`; a suppression
// begins with the same three. What would end a word (Rust's names hold blanks) is
// written \u{20}.

import type { Access } from '../references/reference.js';
import { isWarningName, type WarningName } from './warnings.js';

export interface FindingKey {
  readonly warning: WarningName;
  /** The function or variable that refers; the object where no symbol covers the place. */
  readonly from: string;
  /** What is referred to: a symbol, else a section, else the object. */
  readonly to: string;
  /** null for a finding without a reference. */
  readonly access: Access | null;
}

const accesses: readonly Access[] = ['call', 'jump', 'load', 'store', 'address', 'absolute'];
export const isAccess = (word: string): word is Access => accesses.some((one) => one === word);

/** Stands for no access. */
const NONE = '-';

const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

/** A name as one word: \ , white space and what a terminal obeys are spelt out. */
export const asWord = (name: string): string =>
  name === '' ? '\\u{}' : name.replace(/[\\\p{C}\p{Z}]/gu, (one) => `\\u{${hex(one)}}`);

/** The name that a word stands for. */
export const fromWord = (word: string): string =>
  word.replace(/\\u\{([0-9a-f]{0,6})\}/g, (spelt, digits: string) => {
    const code = Number.parseInt(digits || '0', 16);
    if (digits === '') return '';
    return code <= 0x10ffff ? String.fromCodePoint(code) : spelt;
  });

/** `hyp-call handle_trap kvm_get_hsr call` */
export const keyText = ({ warning, from, to, access }: FindingKey): string =>
  [warning, asWord(from), asWord(to), access ?? NONE].join(' ');

/** The key of a line, or null for what is none. */
export const parseKey = (line: string): FindingKey | null => {
  const [warning = '', from, to, access, ...rest] = line.trim().split(/\s+/);
  if (!isWarningName(warning) || from === undefined || to === undefined || access === undefined) return null;
  if (rest.length > 0 || (access !== NONE && !isAccess(access))) return null;
  return { warning, from: fromWord(from), to: fromWord(to), access: access === NONE ? null : access };
};
