// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where something is, in front of a message, as gcc writes it.

import { isSourcePlace, type Note, type ObjectPlace, type SourcePlace } from '../diagnostics/diagnostic.js';
import type { FormatContext } from './formatter.js';
import { printable } from './printable.js';
import { displayColumn } from './source-line.js';

/** What speaks where no place does. */
export const program = 'hypcheck';

/** arch/arm64/kvm/hyp/trap.c:31:14; line and column may be 0: not known. */
export const locus = (file: string, line: number, column: number): string =>
  [printable(file), ...(line > 0 ? [line, ...(column > 0 ? [column] : [])] : [])].join(':');

/** With the column as gcc shows it. */
export const sourceLocus = (place: SourcePlace, context: FormatContext): string => {
  const line = place.column > 0 ? context.sourceLine(place.file, place.line) : null;
  return locus(place.file, place.line, line === null ? place.column : displayColumn(line, place.column));
};

/** vmlinux.o(.hyp.text+0x68) */
const objectLocus = ({ object, section, offset }: ObjectPlace): string =>
  printable(`${object}(${section}+0x${offset.toString(16)})`);

export const noteLocus = (place: Note['place'], context: FormatContext): string => {
  if (place === null) return program;
  return isSourcePlace(place) ? sourceLocus(place, context) : objectLocus(place);
};
