// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hands the process to main and its answer back. Descriptors are written
// directly: what goes wrong is then thrown where it happens, and a process that
// says little does not load Node's streams.

import { fstatSync } from 'node:fs';
import { main } from '../lib/cli/main.js';
import { replaceFile, writeAll } from '../lib/cli/output.js';

// Nobody sees a trace, and to keep one for each of many bad inputs takes longer than to find them bad.
Error.stackTraceLimit = 0;

const bytesOf = (text: string | Uint8Array): Uint8Array => Buffer.from(text);

/** A stream of the process; whether it is a terminal is asked of Node where it may be one. */
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
  // performance.now() would load what measures it.
  clock: () => process.uptime() * 1000,
  writeFile: (path, text) => replaceFile(path, bytesOf(text)),
}).then((status) => {
  process.exitCode = status;
});
