// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where something is: a byte of a section of an object.

import type { ObjectFile, Section } from '../elf/object-file.js';

export interface Place {
  readonly object: ObjectFile;
  readonly section: Section;
  /** Bytes from the start of the section. */
  readonly offset: number;
}

/** What a relocation points at: S + A. */
export type PlacedTarget =
  /** `symbol`: the relocation's raw name, null for a section symbol. `alias`: the name it was reached by, if another. */
  | {
      readonly kind: 'place';
      readonly place: Place;
      readonly symbol: string | null;
      readonly alias: string | null;
    }
  /** `aliasOf`: the host symbol that the linker script assigns, if that is known. */
  | {
      readonly kind: 'undefined';
      readonly name: string;
      readonly weak: boolean;
      readonly aliasOf: string | null;
    }
  | { readonly kind: 'absolute'; readonly name: string }
  | { readonly kind: 'common'; readonly name: string };
