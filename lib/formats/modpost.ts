// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What scripts/mod/modpost of 6.12 prints for a mismatch of init sections, with
// hypcheck's name instead of modpost's, for build logs and scripts that look for that
// line. As there: raw symbol names, the module's name without .o, one line per
// finding, no summary. What modpost has no words for is a sentence about the object.

import type { Diagnostic, ReferenceEnd } from '../diagnostics/diagnostic.js';
import type { Formatter } from './formatter.js';
import { printable, withPlainQuotes } from './printable.js';

const prefix = { warning: 'WARNING', error: 'ERROR', note: 'NOTE' } as const;

const hex = (value: number | null): string => `0x${(value ?? 0).toString(16)}`;

/** handle_trap+0x24, or the offset in the section if no symbol covers the place. */
const fromName = ({ symbol, offset, symbolOffset }: ReferenceEnd): string =>
  symbol === null ? hex(offset) : `${symbol}+${hex(symbolOffset)}`;

const toName = ({ symbol, offset }: ReferenceEnd): string => symbol ?? hex(offset);

// modpost ignores undefined symbols and has no word for them; UND is readelf's.
const sectionName = ({ section }: ReferenceEnd): string => section ?? 'UND';

/** `vmlinux: section mismatch in reference: F+0x24 (section: .hyp.text) -> T (section: .text)` */
const sentence = ({ object, message, hyp }: Diagnostic): string => {
  const from = hyp?.from ?? null;
  const to = hyp?.to ?? null;
  if (from === null || to === null) return `${object}: ${withPlainQuotes(message)}`;
  return (
    `${object.replace(/\.o$/, '')}: section mismatch in reference: ` +
    `${fromName(from)} (section: ${sectionName(from)}) -> ${toName(to)} (section: ${sectionName(to)})`
  );
};

export const modpost: Formatter = {
  stream: 'stderr',
  names: 'given',
  most: null,
  header: () => '',
  result: (diagnostic) => `${prefix[diagnostic.severity]}: hypcheck: ${printable(sentence(diagnostic))}\n`,
  footer: () => '',
};
