// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Progress: on a terminal, after a second, and gone afterwards.

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

t.test('nothing within a second, then ten times a second, then a clear line', async (t) => {
  t.equal(shown(true, false, [0, 500, 999]), '');
  t.equal(
    shown(true, false, [500, 1000, 1050, 1099, 1100, 3000]),
    '|hypcheck: 1 of 6 files|hypcheck: 4 of 6 files|hypcheck: 5 of 6 files|',
  );
});

t.test('nothing where nobody looks', async (t) => {
  t.equal(shown(false, false, [0, 2000]), '');
  t.equal(shown(true, true, [0, 2000]), '');
});
