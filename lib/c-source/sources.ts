// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The source tree, as far as findings look into it. Handed in by the cli, which
// alone opens files; a file that is not there is null, never an error.

export interface Sources {
  /**
   * A whole file, by the name that debug information gives or relative to the tree. One character a byte (Latin-1):
   * columns count bytes, and old headers are not all UTF-8.
   */
  text(file: string): string | null;
  /** Its name from the top of the tree, without `./`: what a patch calls it. An absolute path where it lies elsewhere. */
  treeName(file: string): string;
}

/** No source at hand. */
export const noSources: Sources = { text: () => null, treeName: (file) => file };
