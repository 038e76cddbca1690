// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hands the process to main and its answer back.

import { writeFileSync } from 'node:fs';
import { main } from '../lib/cli/main.js';

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
