// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What main gets from the outside world, so that a test can pass something else.

import { printable } from '../formats/printable.js';
import { codeOf } from './thrown.js';

export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  write(text: string | Uint8Array): unknown;
}

export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working directory; throws if it no longer exists. */
  readonly directory: string;
  /** Milliseconds since the program was started. */
  readonly clock: () => number;
  /** The program's own file; what is installed beside it is found by it. */
  readonly program?: string | undefined;
  /** Told that the inputs are large: from now on, time may be spent to take less memory. */
  readonly spareMemory?: (() => void) | undefined;
  /** Replaces a file's contents; throws an Error with a code if it cannot. */
  readonly writeFile: (path: string, text: string | Uint8Array) => void;
}

/** If the reader is gone (`2>&1 | head`), the rest is dropped, and the status is that of the check. */
const untilClosed = (stream: OutputStream): OutputStream => ({
  get isTTY() {
    return stream.isTTY;
  },
  write: (text) => {
    try {
      stream.write(text);
    } catch (error) {
      if (codeOf(error) !== 'EPIPE') throw error;
    }
  },
});

/** The outside world, where nobody has to read to the end. */
export const withoutPipeErrors = (io: Io): Io => ({
  stdout: untilClosed(io.stdout),
  stderr: untilClosed(io.stderr),
  environment: io.environment,
  // A getter, so that its error is caught where it is used.
  get directory() {
    return io.directory;
  },
  clock: io.clock,
  program: io.program,
  spareMemory: io.spareMemory,
  writeFile: io.writeFile,
});

/** One message of the program's own on stderr, which may contain words of the command line and file names. */
export const say = (io: Io, sentence: string): void => {
  io.stderr.write(`${printable(sentence)}\n`);
};
