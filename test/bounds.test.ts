// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Small files that make much work (bombs), each in a process of its own: it may take
// 2 s of processor time and 256 MB, and has to say what it left out. The seconds are
// those of the machine that they were chosen on: where one takes longer, it is run
// again between two looks at the pace of this machine. One bomb of each kind runs by
// default, all with HYPCHECK_THOROUGH=1, and with HYPCHECK_BOMB=WORD those whose
// name contains the word.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { type Bomb, bombs } from './support/bombs.js';
import { bombsOfCode } from './support/bombs-code.js';
import { moreBombs } from './support/bombs-more.js';
import { paceNow } from './support/pace.js';
import { runProgram } from './support/program.js';
import { inFolder } from './support/tools.js';

const LONGEST_MS = 2000;
const MOST_MEMORY = 256 * 1024 * 1024;

/** The best of some tries counts: a busy machine takes longer. */
const TRIES = 3;

/** One of each kind: as a rule the one that takes longest. */
const usual: readonly string[] = [
  // Thousands of findings, and their lines.
  ...[
    '30,000 findings in a function',
    '10,000 findings with lines',
    'a name of two kilobytes in 20,000 findings',
  ],
  // Debug information: ranges, nested functions, inlined calls, units.
  ...['10,000 disjoint ranges in each of 1,000 functions', '10,000 nested functions'],
  ...['10,000 inlined calls with 10,000 ranges', '1,000 units with one line table'],
  // Compressed sections, archives, section headers, sections, symbols.
  ...['debug information that unpacks to a gigabyte', '5,000 objects in an archive'],
  ...['1,000 relocation headers on one table', '20,000 hyp sections', '30,000 symbols in a section'],
  '30,000 labels at one place',
  // Tables and sizes that no kernel has.
  ...['10,000 replacements', 'a patch table of a megabyte with relocations', 'hyp code of 2^40 bytes'],
  // Code that is hard to follow.
  ...['5,000 ADRP pairs in a function', 'loops in loops in loops', 'a megabyte of stores to the stack'],
  ...['one ADRP completed by 28,000 instructions', '14,000 replacements that overlap'],
  ...['a table of 10,000 labels, whose address is held 18,000 times', 'a hundred tables of distances'],
  ...['calls inlined 10,000 deep, 10,000 findings', 'findings where 12,000 functions begin, -Wextra'],
  'static keys that lead back into straight code',
  ...[
    '10,000 functions that all call one, which calls them all',
    '10,000 functions, each calls the next',
    '4,000 indirect branches',
    '20,000 functions that overlap',
  ],
  // Texts.
  ...[
    'many suppressions for many findings',
    'macros that double in length',
    '100,000 nested #if',
    'a line of a megabyte',
  ],
  ...['a linker script of a megabyte', 'a response file of a megabyte'],
];
const isThorough = process.env.HYPCHECK_THOROUGH === '1';
const wanted = process.env.HYPCHECK_BOMB;
const all = [...bombs, ...moreBombs, ...bombsOfCode];
const made = new Set<string>();

const explode = ({ files, argv }: Bomb) =>
  inFolder((directory) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    return runProgram(argv, { directory, seconds: 20 });
  });

for (const make of all) {
  const bomb = make();
  made.add(bomb.name);
  if (wanted === undefined ? !isThorough && !usual.includes(bomb.name) : !bomb.name.includes(wanted))
    continue;
  t.test(`${bomb.name}: 2 s and 256 MB are enough`, { timeout: 120_000 }, async (t) => {
    let ran = explode(bomb);
    let longest = LONGEST_MS;
    for (let tries = 1; tries < TRIES && ran.cpu >= longest && ran.status !== null; tries++) {
      const before = paceNow();
      ran = explode(bomb);
      longest = LONGEST_MS * Math.min(before, paceNow());
    }
    const { status, stdout, stderr, cpu, memory } = ran;
    t.ok(cpu < longest, `${Math.round(cpu)} ms of ${Math.round(longest)}`);
    t.ok(memory < MOST_MEMORY, `${Math.round(memory / 1024 / 1024)} MB`);
    t.notMatch(stderr, /^ +at /m);
    t.ok(status !== null && [0, 1, 2, 3].includes(status), `status ${status}`);
    if (bomb.says) t.match(stdout + stderr, bomb.says);
  });
}

t.test('every bomb of the default run exists', async (t) => {
  for (const name of usual) t.ok(made.has(name), name);
});
