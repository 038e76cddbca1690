// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The page of --report html=FILE: one file that needs no other and no network, for a
// person to read. Its findings are there without scripts; what a browser may run and
// load is the one style and the one script in it, by their hashes [CSP 3, "Hash
// usage"]. No time and no absolute name is in it.

import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import type { Dependence } from '../../findings/dependency-map.js';
import { orderedRules } from '../../pages/registry.js';
import type { FormatContext } from '../formatter.js';
import { type Detail, finding } from './finding.js';
import { mapPicture } from './map-picture.js';
import { count, sentence, text } from './markup.js';
import { script } from './script.js';
import { style } from './style.js';
import { warningText } from './warning.js';

/** What the page says besides its findings. */
export interface PageFacts {
  /** The kernel's; null if it is not known. */
  readonly release: string | null;
  /** Sentences about the run, without a full stop. */
  readonly generations: readonly string[];
  readonly mode: string;
  /** References that hyp code and data make, and those of them that leave hyp. */
  readonly references: number;
  readonly dependencies: readonly Dependence[];
  /** What only VHE executes. */
  readonly leftOut: readonly Diagnostic[];
  /** Whether -Whyp-inline-hint was asked for. */
  readonly hasHelpers: boolean;
  readonly suppressed: number;
  readonly known: number;
}

/** Findings that get a picture, and those that get lines around theirs. */
const MOST_PICTURES = 300;
const MOST_EXCERPTS = 1000;

const hash = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;

const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;

const detailOf = (index: number): Detail => ({
  around: index < MOST_EXCERPTS ? 2 : 0,
  hasPicture: index < MOST_PICTURES,
  isShort: index >= MOST_EXCERPTS,
});

const byFile = (diagnostics: readonly Diagnostic[]): ReadonlyMap<string, readonly Diagnostic[]> => {
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const file = diagnostic.place?.file ?? diagnostic.object;
    const group = groups.get(file) ?? [];
    group.push(diagnostic);
    groups.set(file, group);
  }
  return groups;
};

/** Piece by piece, as the page is. */
function* section(id: string, title: string, ...body: readonly Iterable<string>[]): Iterable<string> {
  yield `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n`;
  for (const pieces of body) yield* pieces;
  yield '</section>\n';
}

const filters = (diagnostics: readonly Diagnostic[]): string => {
  const files = [...byFile(diagnostics).keys()];
  const boxes = orderedRules
    .filter(({ name }) => diagnostics.some(({ warning }) => warning === name))
    .map(
      ({ name }) =>
        `<label><input type="checkbox" name="warning" value="${name}" checked> <code>${name}</code></label>`,
    );
  const options = files.map((file) => `<option value="${text(file)}">${text(file)}</option>`);
  return `<form hidden aria-label="Which findings are shown">${boxes.join('')}<label>in <select name="file"><option value="">all files</option>${options.join('')}</select></label><output id="shown" class="soft"></output></form>\n`;
};

/** Articles by file; `detail`: of each, by its number. */
function* groups(
  diagnostics: readonly Diagnostic[],
  detail: (index: number) => Detail,
  context: FormatContext,
): Iterable<string> {
  let index = 0;
  for (const [file, group] of byFile(diagnostics)) {
    yield `<section class="file"><h3>${text(file)}</h3>\n`;
    for (const one of group) yield finding(one, detail(index++), context);
    yield '</section>\n';
  }
}

const findingsSection = (diagnostics: readonly Diagnostic[], context: FormatContext): Iterable<string> => {
  if (diagnostics.length === 0) return section('findings', 'Findings', ['<p>None.</p>\n']);
  const few =
    diagnostics.length > MOST_PICTURES
      ? `<p class="soft">The first ${MOST_PICTURES} have a picture of the way to them, the first ${MOST_EXCERPTS} the lines around theirs.</p>\n`
      : '';
  const before = `${filters(diagnostics)}${few}<div id="list">\n`;
  return section('findings', 'Findings', [before], groups(diagnostics, detailOf, context), ['</div>\n']);
};

const mapSection = ({ dependencies }: PageFacts): Iterable<string> => {
  const picture = mapPicture(dependencies);
  if (picture === '') return [];
  const key =
    '<p class="key soft"><span class="bad">not mapped by EL2</span> <span class="unknown">could not be judged</span> <span>dotted: only VHE executes it</span> <span>dim: fine</span></p>';
  return section('map', 'What hyp code depends on', [
    `<p>On the left hyp functions, on the right what they refer to outside of hyp code, by where it lies.</p>\n${key}\n<figure class="wide" tabindex="0">${picture}</figure>\n`,
  ]);
};

const helpersSection = (
  diagnostics: readonly Diagnostic[],
  { hasHelpers }: PageFacts,
  context: FormatContext,
): Iterable<string> => {
  const titled = (body: Iterable<string>) => section('helpers', 'Helpers that rely on inlining', body);
  if (!hasHelpers) return titled(['<p>Not looked for: <code>-Wextra</code> lists them.</p>\n']);
  if (diagnostics.length === 0) return titled(['<p>None.</p>\n']);
  return titled(groups(diagnostics, (index) => ({ ...detailOf(index), hasPicture: false }), context));
};

const leftOutSection = ({ leftOut }: PageFacts): Iterable<string> => {
  const items = leftOut.map(({ place, object, message, notes }) => {
    const where = place === null ? object : `${place.file}:${place.line}`;
    const why = notes
      .filter(({ decides }) => decides !== undefined)
      .map((one) => `; ${sentence(one.message)}`);
    return `<li>${sentence(message)}${why.join('')} <span class="place">${text(where)}</span></li>`;
  });
  return section('left-out', 'Left out: only VHE executes it', [
    items.length === 0 ? '<p>Nothing.</p>\n' : `<ul>${items.join('\n')}</ul>\n`,
  ]);
};

const runSection = (
  { release, generations, mode, references, dependencies, suppressed, known }: PageFacts,
  context: FormatContext,
): Iterable<string> => {
  const rows: readonly (readonly [string, string])[] = [
    ['hypcheck', text(context.run.version)],
    ['kernel', release === null ? 'of unknown version' : text(release)],
    ['hyp code', generations.map(text).join('<br>')],
    ['judged', text(mode)],
    ['read', context.run.inputs.map((input) => `<code>${text(input)}</code>`).join('<br>')],
    [
      'references',
      `${references}, to ${count(new Set(dependencies.map(({ family, to }) => `${family} ${to}`)).size, 'thing')} outside of hyp code`,
    ],
    ['known before', `${known}`],
    ['suppressed', `${suppressed}`],
  ];
  const body = rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return section('run', 'What was read', [`<table>${body.join('\n')}</table>\n`]);
};

const pagesSection = (diagnostics: readonly Diagnostic[]): Iterable<string> => {
  const used = orderedRules.filter(({ name }) => diagnostics.some(({ warning }) => warning === name));
  const pages = used.map(
    (rule) =>
      `<details class="page" id="${rule.name}"><summary><code>${rule.name}</code> ${text(rule.summary)}</summary>${warningText(rule)}</details>`,
  );
  return pages.length === 0 ? [] : section('warnings', 'What the warnings mean', [`${pages.join('\n')}\n`]);
};

/** `12 findings in 3 files; 1 thing could not be judged` */
const summaryOf = (diagnostics: readonly Diagnostic[], { leftOut }: PageFacts): string => {
  const number = (name: Diagnostic['warning']): number =>
    diagnostics.filter(({ warning }) => warning === name).length;
  const unjudged = number('hyp-unchecked');
  const helpers = number('hyp-inline-hint');
  const bad = diagnostics.filter(
    ({ warning }) => warning !== 'hyp-unchecked' && warning !== 'hyp-inline-hint',
  );
  return [
    bad.length === 0
      ? 'Nothing was found that EL2 does not map'
      : `${count(bad.length, 'finding')} in ${count(byFile(bad).size, 'file')}`,
    unjudged === 0 ? 'everything could be judged' : `${count(unjudged, 'thing')} could not be judged`,
    ...(helpers > 0 ? [`${count(helpers, 'helper')} had to be inlined`] : []),
    ...(leftOut.length > 0
      ? [`${count(leftOut.length, 'reference')} left out, which only VHE executes`]
      : []),
  ].join('; ');
};

const countsTable = (diagnostics: readonly Diagnostic[]): string => {
  const rows = orderedRules.flatMap(({ name, summary }) => {
    const number = diagnostics.filter(({ warning }) => warning === name).length;
    return number === 0
      ? []
      : [
          `<tr><td class="number">${number}</td><td><a href="#${name}"><code>${name}</code></a></td><td>${text(summary)}</td></tr>`,
        ];
  });
  return rows.length === 0 ? '' : `<table>${rows.join('\n')}</table>\n`;
};

/** The page, piece by piece; files are named from the top of the tree already. */
export function* page(
  diagnostics: readonly Diagnostic[],
  facts: PageFacts,
  context: FormatContext,
): Iterable<string> {
  const helpers = diagnostics.filter(({ warning }) => warning === 'hyp-inline-hint');
  const findings = diagnostics.filter(({ warning }) => warning !== 'hyp-inline-hint');
  const title = `hypcheck${facts.release === null ? '' : `: Linux ${facts.release}`}`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${text(title)}</h1>
<p>${summaryOf(diagnostics, facts)}.</p>
${countsTable(diagnostics)}<nav aria-label="Parts of this page"><a href="#findings">findings</a><a href="#map">dependencies</a><a href="#helpers">helpers</a><a href="#left-out">left out</a><a href="#run">what was read</a></nav>
</header>
<main>
`;
  yield* findingsSection(findings, context);
  yield* mapSection(facts);
  yield* helpersSection(helpers, facts, context);
  yield* leftOutSection(facts);
  yield* runSection(facts, context);
  yield* pagesSection(diagnostics);
  yield `</main>
<script>${script}</script>
</body>
</html>
`;
}
