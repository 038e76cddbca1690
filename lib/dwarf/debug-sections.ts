// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The debug sections of an object, by name or, if a relocation names one, by
// index. With GNU's older compression, a name begins with `.zdebug_`.

import { FormatError } from '../elf/format-error.js';
import type { ObjectFile } from '../elf/object-file.js';
import { AbbreviationTable } from './abbreviations.js';
import { AddressSpace } from './address-space.js';
import type { Encoding } from './forms.js';
import { RelocatedSection, type Target } from './relocated-section.js';

export class DebugSections {
  readonly object: ObjectFile;
  readonly space: AddressSpace;
  readonly #byIndex = new Map<number, RelocatedSection>();
  readonly #byName = new Map<string, readonly number[]>();
  readonly #abbreviations = new Map<string, AbbreviationTable>();

  constructor(object: ObjectFile) {
    this.object = object;
    this.space = new AddressSpace(object);
    const byName = new Map<string, number[]>();
    for (const { index, name } of object.sections) {
      if (!name.startsWith('.debug_') && !name.startsWith('.zdebug_')) continue;
      const plain = name.replace(/^\.z/, '.');
      const list = byName.get(plain);
      if (list) list.push(index);
      else byName.set(plain, [index]);
    }
    this.#byName = byName;
  }

  /** All sections with a name (`.debug_info`), in file order. */
  all(name: string): readonly RelocatedSection[] {
    return (this.#byName.get(name) ?? []).map((index) => this.#at(index));
  }

  /** The section of a target; `name` is used if the target does not say. */
  of(target: Target, name: string): RelocatedSection {
    const index = target.section ?? this.#byName.get(name)?.[0];
    if (index === undefined) {
      throw new FormatError(this.object.path, name, target.offset, 'the section is missing');
    }
    return this.#at(index);
  }

  /** The abbreviations of a unit. Units share them: type units with the one that they were split from. */
  abbreviationsAt(target: Target, { version, offsetSize }: Encoding): AbbreviationTable {
    const section = this.of(target, '.debug_abbrev');
    const key = [section.section.index, target.offset, version, offsetSize].join();
    const table =
      this.#abbreviations.get(key) ?? new AbbreviationTable(section, target.offset, { version, offsetSize });
    this.#abbreviations.set(key, table);
    return table;
  }

  #at(index: number): RelocatedSection {
    const known = this.#byIndex.get(index);
    if (known) return known;
    const section = this.object.sections[index];
    if (!section) {
      throw new FormatError(this.object.path, null, 0, `debug information refers to section ${index}`);
    }
    const made = new RelocatedSection(this.object, section, this.space);
    this.#byIndex.set(index, made);
    return made;
  }
}
