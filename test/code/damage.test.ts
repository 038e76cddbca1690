// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Every reader of code, tables and relocations, on damaged objects: each gives a result
// or throws a FormatError.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { Code } from '../../lib/code/code.js';
import { codeMapOf } from '../../lib/code/code-map.js';
import { coverAt, coversOf, functionsOf } from '../../lib/code/functions.js';
import { runsOf } from '../../lib/code/mapping-symbols.js';
import { mentionsOf } from '../../lib/code/mentions.js';
import { PatchTables } from '../../lib/code/patch-tables.js';
import { relocationsOf } from '../../lib/code/relocations.js';
import { familyOf, isHypCode } from '../../lib/code/sections.js';
import { literalLoads } from '../../lib/code/value-flow.js';
import { vectorSlots } from '../../lib/code/vectors.js';
import { FormatError } from '../../lib/elf/format-error.js';
import type { ObjectFile, Section } from '../../lib/elf/object-file.js';
import { cuts, flips } from '../support/damage.js';
import { imageOf, open } from '../support/objects.js';
import { smallObject } from '../support/small-object.js';

const bytes = smallObject();
/** Without it a reader sees every third byte changed; bad-input.test.ts changes each, for the whole program. */
const isThorough = process.env.HYPCHECK_THOROUGH === '1';

/** Offsets to ask about, some outside the section. */
const OFFSETS = [-4, 0, 4, 16, 20, 28, 36, 1 << 20];

const readers: Readonly<Record<string, (object: ObjectFile, section: Section) => void>> = {
  functions: (object, section) => {
    coversOf(object, section);
    const functions = functionsOf(object, section);
    for (const offset of OFFSETS) {
      coverAt({ object, section, offset });
      functions.extentAt(offset);
      functions.isEntry(offset);
      functions.labelsIn(0, offset);
    }
  },
  runs: (object, section) => {
    for (const offset of OFFSETS) runsOf(object, section).dataAt(offset);
  },
  relocations: (object, section) => {
    const relocations = relocationsOf(object, section);
    for (const offset of OFFSETS) relocations.at(offset);
    for (const _ of relocations.within(0, 64));
  },
  'code map': (object, section) => {
    if (isHypCode(section)) literalLoads(codeMapOf(object, section));
  },
  roles: (_object, section) => {
    familyOf(section);
  },
  link: (object, section) => {
    const space = new AddressSpace(imageOf([object]));
    const code = new Code(space, []);
    for (const offset of OFFSETS) {
      const address = space.addressOf({ object, section, offset });
      code.instructionAt(address);
      code.isJoint(address);
      code.extentAt(address);
      code.dataAround(address);
      code.constantAt(address, 4, true);
      for (const _ of vectorSlots(space, address));
    }
  },
};

const all = (read: (object: ObjectFile) => void) => async (): Promise<readonly string[]> => {
  const complaints: string[] = [];
  for (const { what, bytes: damaged } of isThorough
    ? [...cuts(bytes), ...flips(bytes, 1, [0xff, 1])]
    : [...cuts(bytes, 17), ...flips(bytes, 3, [0xff]), ...flips(bytes, 7, [1])]) {
    try {
      read(await open(damaged));
    } catch (error) {
      if (!(error instanceof FormatError)) complaints.push(`${what}: ${error}`);
    }
  }
  return complaints;
};

for (const [name, read] of Object.entries(readers)) {
  t.test(`${name}: damage gives a result or a FormatError`, async (t) => {
    const run = all((object) => {
      for (const section of object.sections) read(object, section);
    });
    t.same((await run()).slice(0, 10), []);
  });
}

t.test('patch tables and mentions: damage gives a result or a FormatError', async (t) => {
  const run = all((object) => {
    for (const _ of new PatchTables(new AddressSpace(imageOf([object]))).edges());
    for (const _ of mentionsOf(object, [1, 2, 3], object.sections));
  });
  t.same((await run()).slice(0, 10), []);
});
