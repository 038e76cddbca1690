// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Small files that ask for much, each by itself in a process: 2 s of processor time
// and 256 MB, and an end that says what was left out. HYPCHECK_BOMB=WORD runs those
// whose name has the word.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { type Bomb, bombs } from './support/bombs.js';
import { moreBombs } from './support/bombs-more.js';
import { runProgram } from './support/program.js';
import { inFolder } from './support/tools.js';

const LONGEST_MS = 2000;
const MOST_MEMORY = 256 * 1024 * 1024;

/** What a machine with other work takes longer for says nothing: the best of some tries counts. */
const TRIES = 3;

const explode = ({ files, argv }: Bomb) =>
  inFolder((directory) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    return runProgram(argv, { directory, seconds: 20 });
  });

for (const make of [...bombs, ...moreBombs]) {
  const bomb = make();
  if (!bomb.name.includes(process.env.HYPCHECK_BOMB ?? '')) continue;
  t.test(bomb.name, { timeout: 120_000 }, async (t) => {
    let ran = explode(bomb);
    for (let tries = 1; tries < TRIES && ran.cpu >= LONGEST_MS && ran.status !== null; tries++)
      ran = explode(bomb);
    const { status, stdout, stderr, cpu, memory } = ran;
    t.ok(cpu < LONGEST_MS, `${Math.round(cpu)} ms`);
    t.ok(memory < MOST_MEMORY, `${Math.round(memory / 1024 / 1024)} MB`);
    t.notMatch(stderr, /^ +at /m);
    t.ok(status !== null && [0, 1, 2, 3].includes(status), `status ${status}`);
    if (bomb.says) t.match(stdout + stderr, bomb.says);
  });
}
