// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { Phases } from '../../lib/cli/stats.js';

t.test('a phase takes the time and the bytes until the next one begins', async (t) => {
  let now = 40;
  let bytes = 0;
  const phases = new Phases(
    () => now,
    () => bytes,
  );
  phases.begin('read');
  now = 45.4;
  bytes = 2001;
  phases.begin('judge');
  now = 50;
  phases.begin('read');
  now = 60;
  bytes = 2999;
  phases.begin('print');
  now = 61;
  t.equal(phases.text(), 'start 40 ms, read 15 ms (3 kB), judge 5 ms, print 1 ms');
});
