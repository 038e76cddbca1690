// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Waiting for a descriptor that was made non-blocking by whoever shares it.

import { codeOf } from './thrown.js';

/** Milliseconds between attempts. */
const PAUSE = 5;

/** The result of a system call, once the descriptor is ready for it. */
export const whenReady = (call: () => number): number => {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
};
