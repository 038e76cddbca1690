// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which sections of relocations patch a section: their sh_info names it. Tools
// write one for each patched section, so of most it is a number, not a list: a
// kernel has thousands. [gABI "Relocation"]

import { holdsRelocations } from './relocations.js';
import type { Section } from './section-headers.js';

export class RelocationSections {
  readonly #sections: readonly Section[];
  /** By the index of the patched section, the index of the first one; 0: there is none. */
  readonly #first: Uint32Array;
  /** All of them, where there are several. */
  readonly #several = new Map<number, Section[]>();

  constructor(sections: readonly Section[]) {
    this.#sections = sections;
    this.#first = new Uint32Array(sections.length);
    for (let index = 0; index < sections.length; index++) {
      const section = sections[index] as Section;
      if (holdsRelocations(section) && section.info < sections.length) this.#add(section.info, index);
    }
  }

  /** Those of a section, in the order of the file. */
  of({ index }: Section): readonly Section[] {
    const first = this.#first[index] ?? 0;
    return first === 0 ? none : (this.#several.get(index) ?? [this.#sections[first] as Section]);
  }

  #add(patched: number, index: number): void {
    const first = this.#first[patched] ?? 0;
    if (first === 0) {
      this.#first[patched] = index;
      return;
    }
    const several = this.#several.get(patched) ?? [this.#sections[first] as Section];
    several.push(this.#sections[index] as Section);
    this.#several.set(patched, several);
  }
}

const none: readonly Section[] = [];
