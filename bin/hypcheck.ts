// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hands the process to main and its answer back.

import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { main } from '../lib/cli/main.js';

// A check is over in a moment, and V8 up to 11 (Node 18 and 20) spends as long again on optimising functions that have
// hardly been seen, and then on taking it back. Later ones have a compiler between, and no such flag.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--interrupt-budget=1000000');

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  directory: process.cwd(),
  clock: () => performance.now(),
  writeFile: (path, text) => writeFileSync(path, text),
}).then((status) => {
  process.exitCode = status;
});
