// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// -fdiagnostics-generate-patch: all fix-its of a report as one unified diff, each edit
// once. gcc names the files as they were given to it; here they are named relative to
// the source tree, with a/ and b/, so that `git apply` accepts the patch there.
// Unchanged text must stay the same to the byte, in whatever encoding, so one
// character is one byte here, up to the end. So nothing can be spelt out as in other
// output: files with lines that would control a terminal are left out, and so are
// files outside the tree. Names are quoted as git quotes them, so that a line end in
// one does not begin a hunk.

import type { Sources } from '../c-source/sources.js';
import type { Diagnostic, FixIt } from '../diagnostics/diagnostic.js';
import { applyEdits, distinctEdits } from '../diagnostics/edit.js';
import { isPlainLine } from './printable.js';

/** Unchanged lines around a change. */
const CONTEXT = 3;

export interface Patch {
  /** The diff, one character per byte; '' if nothing is to be changed. */
  readonly text: string;
  /** Files that were left out, one sentence each. */
  readonly leftOut: readonly string[];
}

export const patchOf = (diagnostics: readonly Diagnostic[], sources: Sources): Patch => {
  const byFile = new Map<string, FixIt[]>();
  for (const edit of diagnostics.flatMap(({ fixits }) => fixits)) {
    const file = sources.treeName(edit.file);
    const edits = byFile.get(file);
    if (edits) edits.push(edit);
    else byFile.set(file, [edit]);
  }
  const diffs: string[] = [];
  const leftOut: string[] = [];
  for (const [file, edits] of [...byFile].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = sources.text(edits[0]?.file ?? file);
    const diff = text === null ? '' : fileDiff(bytesOf(file), text, edits);
    if (diff === '') continue;
    if (/^(\.\.)?(\/|$)/.test(file))
      leftOut.push(`'${file}' is not in the patch: it lies outside the source tree`);
    else if (!diff.split('\n').every(isPlainLine))
      leftOut.push(`'${file}' is not in the patch: it has control characters where it is to be changed`);
    else diffs.push(diff);
  }
  return { text: diffs.join(''), leftOut };
};

const bytesOf = (name: string): string => Buffer.from(name).toString('latin1');

/** `a/include/x.h`; `"a/\342\200\256.h"` if git would quote it. [git-config "core.quotePath"] */
const inPatch = (name: string): string =>
  isPlainLine(name) && !/[\t\r"\\]/.test(name)
    ? name
    : `"${name.replace(/[^ -~]|["\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;

const fileDiff = (file: string, text: string, edits: readonly FixIt[]): string => {
  const endsInNewline = text.endsWith('\n');
  const before = (endsInNewline ? text.slice(0, -1) : text).split('\n');
  const after = applyEdits(before, edits);
  const changed = [...new Set(distinctEdits(edits).map(({ start }) => start.line))].filter(
    (line) => line <= before.length && before[line - 1] !== after[line - 1],
  );
  if (changed.length === 0) return '';
  const end = (line: number): string =>
    line === before.length && !endsInNewline ? '\n\\ No newline at end of file\n' : '\n';
  const isChanged = new Set(changed);
  return [
    `--- ${inPatch(`a/${file}`)}\n+++ ${inPatch(`b/${file}`)}\n`,
    ...hunksOf(changed, before.length).map((hunk) => {
      const range = `${hunk.first},${hunk.last - hunk.first + 1}`;
      return `@@ -${range} +${range} @@\n${hunkLines(hunk, isChanged, before, after, end)}`;
    }),
  ].join('');
};

interface Hunk {
  readonly first: number;
  readonly last: number;
}

/** Changes closer than twice the context share a hunk. */
const hunksOf = (changed: readonly number[], length: number): readonly Hunk[] => {
  const hunks: Hunk[] = [];
  for (const line of changed) {
    const [first, last] = [Math.max(1, line - CONTEXT), Math.min(length, line + CONTEXT)];
    const previous = hunks.at(-1);
    if (previous && first <= previous.last + 1) hunks[hunks.length - 1] = { first: previous.first, last };
    else hunks.push({ first, last });
  }
  return hunks;
};

/** Neighbouring changed lines are removed together, then added together, as diff prints them. */
const hunkLines = (
  { first, last }: Hunk,
  changed: ReadonlySet<number>,
  before: readonly string[],
  after: readonly string[],
  end: (line: number) => string,
): string => {
  let text = '';
  let added = '';
  for (let line = first; line <= last; line++) {
    if (changed.has(line)) {
      text += `-${before[line - 1]}${end(line)}`;
      added += `+${after[line - 1]}${end(line)}`;
      continue;
    }
    text += `${added} ${before[line - 1]}${end(line)}`;
    added = '';
  }
  return text + added;
};
