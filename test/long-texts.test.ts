// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names and lines on which a regular expression could backtrack without end: each
// took seconds or minutes.

import t from 'tap';
import { tokensOf } from '../lib/c-source/tokens.js';
import { mappingKind } from '../lib/code/mapping-symbols.js';
import { sentence } from '../lib/formats/html/markup.js';
import { drawSourceLine } from '../lib/formats/source-line.js';
import { sourceName, stableSectionName } from '../lib/link/symbol-names.js';
import { mappedByCalls } from '../lib/policy/mapping-calls.js';
import { parseSuppressions } from '../lib/policy/suppressions.js';
import { pace, processorTime } from './support/pace.js';

const COUNT = 100_000;
const LONGEST_MS = 1000 * pace;

/** What reads it, and a text: a start, what comes again and again, an end that does not fit. */
const rows: readonly (readonly [string, (text: string) => unknown, readonly [string, string, string]])[] = [
  ['a directive', tokensOf, ['#if ', '\t', 'x\n']],
  ['a remark', parseSuppressions, ['#', '\t#', '\r#']],
  ['a mapping symbol', mappingKind, ['', '_$d.', '\n']],
  ['a quoted name', sentence, ['', '‘', '']],
  ['white space', (text) => drawSourceLine(text, 1, 'x.c'), ['x', '\t', 'y']],
  ['a counter', sourceName, ['__UNIQUE_ID_', '0', 'x0']],
  ['no counter', sourceName, ['__UNIQUE_ID_', '_0', 'x']],
  ['clones', sourceName, ['f', '.isra.0', '']],
  ['no clones', sourceName, ['f', '.isra.0', '!']],
  ['numbers', stableSectionName, ['.text', '.0', 'x']],
  ['an argument', mappedByCalls, ['create_hyp_mappings(lm_alias(', ' ', 'x']],
];

for (const [what, read, [start, again, end]] of rows)
  t.test(what, async (t) => {
    const text = start + again.repeat(COUNT) + end;
    const begun = processorTime();
    read(text);
    const taken = processorTime() - begun;
    t.ok(taken < LONGEST_MS, `${Math.round(taken)} ms`);
  });
