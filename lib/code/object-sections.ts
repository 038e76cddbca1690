// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The few sections of an object that a dozen passes look for. A vmlinux.o has
// thousands, one or two for each exported symbol: they are gone through once.

import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsRelocations } from '../elf/relocations.js';
import { SHT } from '../elf/vocabulary.js';
import {
  holdsCode,
  isHypCode,
  isHypSection,
  isReplacementCode,
  listsTracedFunctions,
  type PatchTable,
  patchTableOf,
} from './sections.js';

interface TableSection {
  readonly section: Section;
  readonly table: PatchTable;
}

/** Each list in the order of the file. */
export interface ObjectSections {
  readonly hyp: readonly Section[];
  /** Of these, instructions that EL2 executes. */
  readonly hypCode: readonly Section[];
  /** Patch tables that are not empty. */
  readonly patchTables: readonly TableSection[];
  /** Replacement code of alternatives in a section of its own. */
  readonly replacementCode: readonly Section[];
  /** Tables of the host by which functions are traced. */
  readonly traced: readonly Section[];
  /** Instructions, whatever the flags say. */
  readonly code: readonly Section[];
}

const known = new WeakMap<ObjectFile, ObjectSections>();

export const sectionsOf = (object: ObjectFile): ObjectSections => {
  const found = known.get(object) ?? find(object.sections);
  known.set(object, found);
  return found;
};

const find = (sections: readonly Section[]): ObjectSections => {
  const hyp: Section[] = [];
  const patchTables: TableSection[] = [];
  const replacementCode: Section[] = [];
  const traced: Section[] = [];
  const code: Section[] = [];
  for (let index = 0; index < sections.length; index++) {
    const section = sections[index] as Section;
    if (isHypSection(section)) hyp.push(section);
    // Half of them; one of another kind that was retyped is said to be wrong (object-faults.ts).
    if (holdsRelocations(section)) continue;
    if (holdsCode(section)) code.push(section);
    const table = patchTableOf(section);
    if (table !== null && section.type !== SHT.NOBITS && section.size > 0)
      patchTables.push({ section, table });
    else if (isReplacementCode(section)) replacementCode.push(section);
    else if (listsTracedFunctions(section)) traced.push(section);
  }
  return { hyp, hypCode: hyp.filter(isHypCode), patchTables, replacementCode, traced, code };
};
