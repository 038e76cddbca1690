// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Applies fix-its to a text. Columns count bytes, and the text has one character per byte.

import type { FixIt } from './diagnostic.js';

const keyOf = ({ start, next, text }: FixIt): string =>
  `${start.line}:${start.column}-${next.line}:${next.column}:${text}`;

const isBefore = (a: FixIt['start'], b: FixIt['start']): boolean =>
  a.line < b.line || (a.line === b.line && a.column < b.column);

/** Without duplicates, in the order of the text, and without edits that overlap an earlier one. */
export const distinctEdits = (edits: readonly FixIt[]): readonly FixIt[] => {
  const unique = [...new Map(edits.map((edit) => [keyOf(edit), edit])).values()].sort(
    (a, b) => a.start.line - b.start.line || a.start.column - b.start.column,
  );
  const kept: FixIt[] = [];
  for (const edit of unique) {
    const last = kept.at(-1);
    if (last && isBefore(edit.start, last.next)) continue;
    kept.push(edit);
  }
  return kept;
};

/** The lines of a text (without line ends) after the edits, each of which lies within one line. */
export const applyEdits = (lines: readonly string[], edits: readonly FixIt[]): readonly string[] => {
  const changed = [...lines];
  for (const { start, next, text } of [...distinctEdits(edits)].reverse()) {
    const line = changed[start.line - 1];
    if (line === undefined || next.line !== start.line) continue;
    changed[start.line - 1] = `${line.slice(0, start.column - 1)}${text}${line.slice(next.column - 1)}`;
  }
  return changed;
};
