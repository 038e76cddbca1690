// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The source tree, as far as findings look into it. Provided by the cli, which alone
// opens files; a missing file is null, never an error.

export interface Sources {
  /**
   * A whole file, by the name that debug information gives or relative to the tree. One character a byte (Latin-1):
   * columns count bytes, and old headers are not all UTF-8.
   */
  text(file: string): string | null;
  /** The name relative to the tree, without `./`, as in a patch; an absolute path if the file lies outside. */
  treeName(file: string): string;
}
