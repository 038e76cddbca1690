// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which parts of the image a kernel maps at EL2, from its source: the calls of
// create_hyp_mappings() in arm.c (normal mode) and of pkvm_create_mappings() in
// hyp/nvhe/setup.c (protected mode) that name linker symbols or variables.
// Memory that is allocated is no part of the image and is passed over.

import { withoutComments } from '../c-source/directives.js';
import type { Mapped, Mapping } from './mapped.js';

/** The last is what first drafts of protected KVM called it; Android carried those. */
const CALL = /\b(?:create_hyp_mappings|pkvm_create_mappings|hyp_create_mappings)\s*\(/g;

/** asm/pgtable-prot.h, from 4.16 on; with PAGE_HYP_EXEC EL2 may not write. */
const protections: readonly (readonly [RegExp, Mapping])[] = [
  [/\bPAGE_HYP_EXEC\b/, 'code'],
  [/\bPAGE_HYP_RO\b/, 'read-only'],
  [/\bPAGE_HYP\b/, 'writable'],
];

/** arm.c has some 80 kB and a dozen calls; a file with far more is another one, and is not read to its end. */
const LONGEST_SOURCE = 1 << 20;
const MOST_CALLS = 200;
const LONGEST_CALL = 1000;

/** The parts in the order of their calls. */
export const mappedByCalls = (source: string): readonly Mapped[] => {
  const text = withoutComments(source.slice(0, LONGEST_SOURCE));
  return [...text.matchAll(CALL)].slice(0, MOST_CALLS).flatMap((call) => {
    const [start, end, protection] = argumentsAt(text, call.index + call[0].length).map(withoutCasts);
    if (start === undefined || end === undefined || protection === undefined) return [];
    return partOf(start, end, () => mappingOf(protection, text.slice(0, call.index))) ?? [];
  });
};

/** What stands between commas up to the parenthesis that closes a call. */
const argumentsAt = (text: string, start: number): readonly string[] => {
  const found: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < Math.min(text.length, start + LONGEST_CALL); at++) {
    const sign = text[at];
    if (sign === '(') depth++;
    if (depth === 0 && (sign === ',' || sign === ')')) {
      found.push(text.slice(from, at));
      from = at + 1;
      if (sign === ')') return found;
    }
    if (sign === ')') depth--;
    if (sign === ';') break;
  }
  return [];
};

/** kvm_ksym_ref(__hyp_text_start) as __hyp_text_start: what makes addresses of names says nothing of the names. */
const withoutCasts = (argument: string): string =>
  argument
    .replace(
      /\b(?:kvm_ksym_ref|lm_alias|kern_hyp_va|hyp_symbol_addr|kvm_nvhe_sym)\s*\(([^()]*)\)/g,
      (_, name: string) => name.trim(),
    )
    .replace(/^\s*\(\s*(?:void|char)\s*\*\s*\)/, '')
    .trim();

const partOf = (start: string, end: string, mapping: () => Mapping): Mapped | null => {
  // Names of linker scripts begin so; a pointer that the function itself has set does not.
  if (/^_\w+$/.test(start) && /^_\w+$/.test(end)) return { kind: 'range', start, end, mapping: mapping() };
  const [, name] = /^&\s*(\w+)$/.exec(start) ?? [];
  const [, behind] = /^&\s*(\w+)\s*\+\s*1$/.exec(end) ?? [];
  return name !== undefined && name === behind ? { kind: 'variable', name, mapping: mapping() } : null;
};

/** A protection as it is written, or what a variable was last set to. */
const mappingOf = (protection: string, before: string): Mapping => {
  const named = protections.find(([pattern]) => pattern.test(protection));
  if (named) return named[1];
  if (!/^\w+$/.test(protection)) return 'unknown';
  const last = [...before.matchAll(new RegExp(`\\b${protection}\\s*=(?!=)([^;]*);`, 'g'))].at(-1)?.[1] ?? '';
  return protections.find(([pattern]) => pattern.test(last))?.[1] ?? 'unknown';
};
