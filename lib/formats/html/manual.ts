// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The page of all warnings, which terminals and reports link to: --explain's pages,
// each below the warning's own name. bin/build.js writes it; the program does not hold
// it. Like the page of a report it needs no other file, and nothing in it runs.

import { createHash } from 'node:crypto';
import { orderedRules, type RuleCard } from '../../pages/registry.js';
import { text } from './markup.js';
import { style } from './style.js';
import { prose, warningText } from './warning.js';

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const rule = (card: RuleCard): string =>
  `<section aria-labelledby="${card.name}">
<h2 id="${card.name}"><a href="#${card.name}"><code>${card.name}</code></a></h2>
<p>${prose(card.summary)} <span class="soft">(${card.default} by default)</span></p>
${warningText(card)}</section>
`;

const row = ({ name, default: state, summary }: RuleCard): string =>
  `<tr><td><a href="#${name}"><code>${name}</code></a></td><td>${state}</td><td>${prose(summary)}</td></tr>`;

/** `version`: hypcheck's. */
export const manual = (version: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hypcheck ${text(version)}: warnings</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>hypcheck ${text(version)}: what the warnings mean</h1>
<p>What <code>hypcheck --explain</code> prints, on one page.</p>
<nav aria-label="Warnings"><table>${orderedRules.map(row).join('\n')}</table></nav>
</header>
<main>
${orderedRules.map(rule).join('')}</main>
</body>
</html>
`;
