// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What main is given of the outside world, so that a test can give it another.

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
  /** The working directory; the process's own throws where it is gone. */
  readonly directory: string;
  /** Milliseconds since the program was started. */
  readonly clock: () => number;
  /** Replaces a file's contents; throws an Error with a code where it cannot. */
  readonly writeFile: (path: string, text: string | Uint8Array) => void;
}

/** A reader that has gone (`2>&1 | head`) has read what it wanted: the rest is dropped, and the status is that of the check. */
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

/** The outside world, in which nobody has to read to the end. */
export const withoutPipeErrors = (io: Io): Io => ({
  stdout: untilClosed(io.stdout),
  stderr: untilClosed(io.stderr),
  environment: io.environment,
  // Asked for where an error of it is caught.
  get directory() {
    return io.directory;
  },
  clock: io.clock,
  writeFile: io.writeFile,
});

/** One message of the program's own on stderr. Words of the command line and names of files are in it. */
export const say = (io: Io, sentence: string): void => {
  io.stderr.write(`${printable(sentence)}\n`);
};
