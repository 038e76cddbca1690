// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What --explain and --list-warnings print. Prose is wrapped at 80 columns; the
// example keeps its lines, which are those of the text form.

import type { RuleCard } from './registry.js';

const columns = 80;

/** Wraps words; the first line begins with `lead` (`- `), the others are indented by its width. */
const wrap = (text: string, lead: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lead.length + longer.length > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + each).join('\n');
};

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');

const section = (title: string, ...paragraphs: readonly string[]): string =>
  `${title}\n${paragraphs.join('\n\n')}\n`;

/** The page of one warning: what --explain NAME prints. */
export const explain = ({ name, default: state, summary, page }: RuleCard): string =>
  [
    `${name}: ${summary} (${state} by default)\n`,
    section('What it means', ...page.meaning.map((text) => wrap(text, '    '))),
    section(`For example, in ${page.example.sample}`, indent(page.example.text.trimEnd())),
    section('How to fix it', page.fixes.map((text) => wrap(text, '  - ')).join('\n')),
    section('When to suppress it', wrap(page.suppress, '    ')),
    section('Kernels', wrap(page.kernels, '    ')),
  ].join('\n');

/** One line per warning: what --list-warnings prints. */
export const listWarnings = (rules: readonly RuleCard[]): string =>
  rules
    .map(({ name, default: state, summary }) => `${name.padEnd(21)}${state.padEnd(5)}${summary}\n`)
    .join('');
