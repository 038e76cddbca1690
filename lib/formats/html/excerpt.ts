// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Lines of source around a place, numbered, with the token marked, and what a fix-it
// makes of a line.

import type { FixIt, SourcePlace } from '../../diagnostics/diagnostic.js';
import { applyEdits } from '../../diagnostics/edit.js';
import type { FormatContext } from '../formatter.js';
import { drawSourceLine } from '../source-line.js';
import { text } from './markup.js';

/** One line: its number, its text with the token marked. */
const row = (number: number, source: string, { file, line, column }: SourcePlace): string => {
  const isHere = number === line;
  const { before, marked, after } = drawSourceLine(source, isHere ? column : 0, file);
  const token = marked === '' ? '' : `<mark>${text(marked)}</mark>`;
  const words = `<i>${number}</i>${text(before)}${token}${text(after)}\n`;
  return isHere ? `<b>${words}</b>` : words;
};

/** `around`: how many lines before and after. '' if the source cannot be had. */
export const excerpt = (place: SourcePlace, around: number, context: FormatContext): string => {
  if (place.line <= 0 || context.sourceLine(place.file, place.line) === null) return '';
  let rows = '';
  for (let number = Math.max(1, place.line - around); number <= place.line + around; number++) {
    const source = context.sourceLine(place.file, number);
    if (source !== null) rows += row(number, source, place);
  }
  return `<pre class="source" tabindex="0">${rows}</pre>`;
};

/** The lines that a fix changes, before and after. */
export const fixes = (fixits: readonly FixIt[], context: FormatContext): string => {
  const lines = new Map(fixits.map((fixit) => [`${fixit.file}:${fixit.start.line}`, fixit]));
  const changes = [...lines.values()].flatMap(({ file, start }) => {
    const source = context.sourceLine(file, start.line);
    if (source === null) return [];
    const own = fixits.filter((one) => one.file === file && one.start.line === start.line);
    // Edits count bytes: a character is one byte in the text that they are applied to.
    const bytes = Buffer.from(source).toString('latin1');
    const moved = own.map((one) => ({
      ...one,
      start: { ...one.start, line: 1 },
      next: { ...one.next, line: 1 },
      text: Buffer.from(one.text).toString('latin1'),
    }));
    const [changed = ''] = applyEdits([bytes], moved);
    const after = Buffer.from(changed, 'latin1').toString();
    return [
      `<span class="place">${text(file)}:${start.line}</span>\n<del>- ${text(source)}</del>\n<ins>+ ${text(after)}</ins>\n`,
    ];
  });
  return changes.length === 0 ? '' : `<pre class="fix" tabindex="0">${changes.join('')}</pre>`;
};
