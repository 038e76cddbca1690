// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names and lines on which a regular expression could backtrack: each once took
// seconds or minutes.

import t from 'tap';
import { tokensOf } from '../lib/c-source/tokens.js';
import { mappingKind } from '../lib/code/mapping-symbols.js';
import { sentence } from '../lib/formats/html/markup.js';
import { drawSourceLine } from '../lib/formats/source-line.js';
import { sourceName, stableSectionName } from '../lib/link/symbol-names.js';
import { mappedByCalls } from '../lib/policy/mapping-calls.js';
import { parseSuppressions } from '../lib/policy/suppressions.js';
import { isWithin, processorTime } from './support/pace.js';

const COUNT = 100_000;
const LONGEST_MS = 1000;

/** What is read, by which function, and the text: a start, a part that is repeated, an end that does not match. */
const rows: readonly (readonly [string, (text: string) => unknown, readonly [string, string, string]])[] = [
  ['white space in a directive', tokensOf, ['#if ', '\t', 'x\n']],
  ['white space and # in a comment', parseSuppressions, ['#', '\t#', '\r#']],
  ['a mapping symbol, repeated', mappingKind, ['', '_$d.', '\n']],
  ['quotes that are not closed', sentence, ['', '‘', '']],
  ['tabs in a source line', (text) => drawSourceLine(text, 1, 'x.c'), ['x', '\t', 'y']],
  ['the counter of __UNIQUE_ID_', sourceName, ['__UNIQUE_ID_', '0', 'x0']],
  ['what is no counter of __UNIQUE_ID_', sourceName, ['__UNIQUE_ID_', '_0', 'x']],
  ['suffixes of clones', sourceName, ['f', '.isra.0', '']],
  ['what are no suffixes of clones', sourceName, ['f', '.isra.0', '!']],
  ['numbers behind the name of a section', stableSectionName, ['.text', '.0', 'x']],
  ['white space in an argument', mappedByCalls, ['create_hyp_mappings(lm_alias(', ' ', 'x']],
];

for (const [what, read, [start, again, end]] of rows)
  t.test(`${what}: 100,000 times are read within a second`, async (t) => {
    const text = start + again.repeat(COUNT) + end;
    const begun = processorTime();
    read(text);
    const taken = processorTime() - begun;
    t.ok(isWithin(taken, LONGEST_MS), `${Math.round(taken)} ms`);
  });
