// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What main is given of the outside world, so that a test can give it another.

import { printable } from '../formats/printable.js';

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

/** One message of the program's own on stderr. Words of the command line and names of files are in it. */
export const say = (io: Io, sentence: string): void => {
  io.stderr.write(`${printable(sentence)}\n`);
};
