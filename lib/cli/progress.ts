// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How far a run over many files is: one line on a terminal, once it takes longer
// than a second, and gone when there is something to print.

import type { Io } from './io.js';

/** Milliseconds before anything is shown, and between changes of it. */
const PATIENCE = 1000;
const PAUSE = 100;

/** Erases the line of the cursor. */
const CLEAR = '\r\u001b[K';

export interface Progress {
  readonly show: (done: number, all: number) => void;
  readonly clear: () => void;
}

export const progressOn = ({ stderr, clock }: Io, isQuiet: boolean): Progress => {
  const start = clock();
  let last: number | null = null;
  let isTerminal: boolean | undefined;
  return {
    show: (done, all) => {
      const now = clock();
      if (isQuiet || now - start < PATIENCE || now - (last ?? 0) < PAUSE) return;
      // Asked of the system, so not for each of a hundred thousand files.
      isTerminal ??= stderr.isTTY === true;
      if (!isTerminal) return;
      last = now;
      stderr.write(`${CLEAR}hypcheck: ${done} of ${all} files`);
    },
    clear: () => {
      if (last !== null) stderr.write(CLEAR);
      last = null;
    },
  };
};
