// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The exit status, for make and for pipelines.

export const ExitStatus = {
  /** Everything was checked and there is no error; warnings may have been printed. */
  clean: 0,
  /** At least one finding that -E or -Werror makes an error. */
  findings: 1,
  /** The command line is wrong; nothing was checked. */
  usage: 2,
  /** Something could not be checked; what could be was, and its findings are printed. Beats 1. */
  unchecked: 3,
} as const;

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];
