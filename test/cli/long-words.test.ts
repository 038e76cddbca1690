// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Command-line words as long as @FILE or another program can make them, of characters
// at which the program splits words: folders, archives, quotes, lines. The time may
// grow with the length, not with its square.

import t from 'tap';
import { isWithin, processorTime } from '../support/pace.js';
import { runMain } from '../support/run-main.js';

const SIZE = 140_000;
/** If the time grew with the square, most would take from 2 s to a minute. */
const LONGEST_MS = 1000;

const units: readonly string[] = ['x/', '../', './', '.a(', '\n', "'", '‘', '1/0 || 1%0\n#endif\n', '\u202e'];

const object = 'test/samples/flow/key-loads.o';
const forms: readonly ((word: string) => readonly string[])[] = [
  (word) => [word],
  (word) => ['-fdiagnostics-format=sarif', word],
  (word) => ['--report', 'html=page', word],
  (word) => [object, `@${word}`],
  (word) => [object, `--build=${word}`],
  (word) => [object, `--source=${word}`],
  (word) => ['-fdiagnostics-format=gitlab', object, `--source=${word}`],
  (word) => [object, `--debug-file=${word}`],
  (word) => [object, `--suppressions=${word}`],
  (word) => [object, `--write-baseline=${word}`],
  (word) => [object, `-W${word}`],
  (word) => [object, `--${word}`],
  (word) => ['--explain', word],
];

for (const unit of units) {
  t.test(`words of ${JSON.stringify(unit)} are handled within a second`, async (t) => {
    const word = unit.repeat(Math.ceil(SIZE / unit.length));
    for (const form of forms) {
      const begun = processorTime();
      const { status } = await runMain(form(word));
      const taken = processorTime() - begun;
      const shape = form('WORD').join(' ');
      t.ok(isWithin(taken, LONGEST_MS), `${shape}: ${Math.round(taken)} ms`);
      t.ok([0, 2, 3].includes(status), `${shape}: status ${status}`);
    }
  });
}

t.test('a path that is too long for the system is no directory, even if it leads to one', async (t) => {
  const up = '../'.repeat(2000);
  const { status, stderr } = await runMain([object, `--source=${up}`]);
  t.equal(status, 3);
  t.match(stderr, /no such directory \(--source\)/);
  t.match(stderr, /call to/, 'findings are printed all the same');
});
