// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A file to damage, with its layout. Places are those in the undamaged file: hits
// overwrite, and only the last one may change the length.

import { FLAGS, type Header, headersOf, RELA_SIZE, SYMBOL_SIZE, TYPES } from './elf-layout.js';

export interface Span {
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

/** Records of one size, one after the other. */
export interface Records extends Span {
  readonly each: number;
}

export interface Layout {
  readonly headers: readonly Header[];
  readonly symbols: Records | null;
  readonly relocations: readonly Records[];
  /** Tables of SHT_CREL, and sections with a compression header. */
  readonly compact: readonly Span[];
  readonly compressed: readonly Span[];
  readonly debug: readonly Span[];
  readonly strings: readonly Span[];
  /** Hyp code and replacements. */
  readonly code: readonly Span[];
  /** Patch tables. */
  readonly tables: readonly Span[];
  /** Other sections that are loaded. */
  readonly data: readonly Span[];
}

const spanOf = ({ name, offset, size }: Header): Span => ({ name: name ?? '', at: offset, size });

export const layoutOf = (bytes: Uint8Array): Layout => {
  const headers = headersOf(bytes) ?? [];
  const filled = headers.filter(({ type, size }) => type !== 0 && type !== TYPES.NOBITS && size > 0);
  const spans = (test: (header: Header) => boolean): readonly Span[] => filled.filter(test).map(spanOf);
  const isAlloc = ({ flags }: Header) => (flags & FLAGS.ALLOC) !== 0;
  const isTable = ({ name }: Header) =>
    /^(\.altinstructions|__jump_table|__ex_table|__mcount_loc|__patchable)/.test(name ?? '');
  const isCode = ({ name, flags }: Header) => (flags & FLAGS.EXEC) !== 0 || /replacement/.test(name ?? '');
  const [symbols] = filled.filter(({ type }) => type === TYPES.SYMTAB);
  return {
    headers,
    symbols: symbols ? { ...spanOf(symbols), each: SYMBOL_SIZE } : null,
    relocations: filled
      .filter(({ type, size }) => type === TYPES.RELA && size >= RELA_SIZE)
      .map((header) => ({ ...spanOf(header), each: RELA_SIZE })),
    compact: spans(({ type }) => type === TYPES.CREL),
    compressed: spans(({ flags }) => (flags & FLAGS.COMPRESSED) !== 0),
    debug: spans(({ name }) => /^\.z?debug_/.test(name ?? '')),
    strings: spans(({ type }) => type === TYPES.STRTAB),
    code: spans((header) => isAlloc(header) && isCode(header)),
    tables: spans((header) => isAlloc(header) && isTable(header)),
    data: spans((header) => isAlloc(header) && !isCode(header) && !isTable(header)),
  };
};
