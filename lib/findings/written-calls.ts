// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whether the source itself calls a function that compilers also call: for memcpy()
// the object cannot tell, the source line can.

import type { Sources } from '../c-source/sources.js';
import type { SourcePlace } from '../diagnostics/diagnostic.js';

/** Line `line` (from 1) of a text. */
const lineOf = (text: string, line: number): string => text.split('\n', line)[line - 1] ?? '';

/** A call of `name` at the start of a text. */
const callOf = (name: string): RegExp => new RegExp(`^${name}\\s*\\(`);

/** Whether a macro of this file, with its continued lines, calls the function. */
const isInMacro = (text: string, macro: string, name: string): boolean => {
  const definition = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${macro}\\b((?:.*\\\\\\r?\\n)*.*)`, 'm').exec(
    text,
  )?.[1];
  return definition !== undefined && new RegExp(`\\b${name}\\s*\\(`).test(definition);
};

/**
 * Whether a call of `name` stands at this place, or a macro of the same file that contains one; if the column is not
 * known, in this line. `memcmp(a, b, 8)` is one of memcmp; `__builtin_memcmp(a, b, 8)` and `*to = *from` are not.
 */
export const isWrittenCall = (name: string, place: SourcePlace | null, sources: Sources): boolean => {
  if (place === null || !/^\w+$/.test(name)) return false;
  const text = sources.text(place.file);
  if (text === null) return false;
  const line = lineOf(text, place.line);
  if (place.column === 0) return new RegExp(`\\b${name}\\s*\\(`).test(line);
  const rest = line.slice(place.column - 1);
  if (callOf(name).test(rest)) return true;
  const [macro] = /^[A-Za-z_]\w*/.exec(rest) ?? [];
  return macro !== undefined && isInMacro(text, macro, name);
};
