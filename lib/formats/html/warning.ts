// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a warning means, for the page of all warnings and for that of a report.

import type { RuleCard } from '../../pages/registry.js';
import { lines, text } from './markup.js';

/** `back quotes` are code. */
export const prose = (words: string): string => text(words).replace(/`([^`]*)`/g, '<code>$1</code>');

const paragraphs = (all: readonly string[]): string => all.map((one) => `<p>${prose(one)}</p>\n`).join('');

/** What --explain says, under a heading of its own. */
export const warningText = ({ page }: RuleCard): string =>
  `${paragraphs(page.meaning)}<p>For example, in <code>${text(page.example.sample)}</code>:</p>
<pre tabindex="0">${lines(page.example.text.trimEnd())}</pre>
<p>How to fix it:</p>
<ul>${page.fixes.map((fix) => `<li>${prose(fix)}</li>`).join('\n')}</ul>
<p>When to suppress it: ${prose(page.suppress)}</p>
<p>Kernels: ${prose(page.kernels)}</p>
`;
