// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The progress line: on a terminal only, after a second, and erased at the end.

import t from 'tap';
import { progressOn } from '../../lib/cli/progress.js';

const shown = (isTTY: boolean, isQuiet: boolean, times: readonly number[]): string => {
  let text = '';
  let now = 0;
  const stream = {
    isTTY,
    write: (more: string | Uint8Array) => {
      text += Buffer.from(more).toString();
    },
  };
  const io = {
    stdout: stream,
    stderr: stream,
    environment: {},
    directory: '.',
    clock: () => now,
    writeFile: () => undefined,
  };
  const { show, clear } = progressOn(io, isQuiet);
  times.forEach((time, index) => {
    now = time;
    show(index, times.length);
  });
  clear();
  clear();
  return text.replaceAll('\r\u001b[K', '|');
};

t.test('progress is shown after a second, at most ten times a second, and erased at the end', async (t) => {
  t.equal(shown(true, false, [0, 500, 999]), '');
  t.equal(
    shown(true, false, [500, 1000, 1050, 1099, 1100, 3000]),
    '|hypcheck: 1 of 6 files|hypcheck: 4 of 6 files|hypcheck: 5 of 6 files|',
  );
});

t.test('no progress without a terminal, or if quiet', async (t) => {
  t.equal(shown(false, false, [0, 2000]), '');
  t.equal(shown(true, true, [0, 2000]), '');
});
