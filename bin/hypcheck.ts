// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Gives the process to main, and main's status to the process. Descriptors are written
// directly: errors are then thrown where they happen, and Node's streams need not be
// loaded.

import { fstatSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { main } from '../lib/cli/main.js';
import { replaceFile, writeAll } from '../lib/cli/output.js';

// Nobody sees a stack trace, and collecting one for each of many bad inputs takes longer than checking them.
Error.stackTraceLimit = 0;

const bytesOf = (text: string | Uint8Array): Uint8Array => Buffer.from(text);

/** A stream of the process; Node is asked whether it is a terminal only if it may be one. */
const streamOn = (descriptor: 1 | 2) => ({
  get isTTY(): boolean {
    const { isTTY } = fstatSync(descriptor).isCharacterDevice()
      ? descriptor === 1
        ? process.stdout
        : process.stderr
      : { isTTY: false };
    return isTTY;
  },
  write: (text: string | Uint8Array) => writeAll(descriptor, bytesOf(text)),
});

void main(process.argv.slice(2), {
  stdout: streamOn(1),
  stderr: streamOn(2),
  environment: process.env,
  get directory() {
    return process.cwd();
  },
  program: process.argv[1],
  // performance.now() would load what measures it.
  clock: () => process.uptime() * 1000,
  // V8's space for new objects, which grows to three times sixteen megabytes and is never given back, stays as it is, and
  // the rest is collected twice as often as loader.cjs asks for. As there, of the versions for which that was measured.
  spareMemory: () => {
    if (Number.parseInt(process.versions.v8, 10) >= 12) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    setFlagsFromString('--heap-growing-percent=20');
  },
  writeFile: (path, text) => replaceFile(path, bytesOf(text)),
}).then((status) => {
  // All is written; taking the heap apart first would take milliseconds.
  process.exit(status);
});
