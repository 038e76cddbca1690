// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Mutants for the soundness test: an object's bytes with a few changes to its
// guards, its calls and its patch tables. A mutant is a seed: the same seed
// makes the same changes of the same object.
//
// Odd: nothing is ever inserted. Code and tables keep their places, so a mutant
// is a list of words to overwrite, and a failure is shrunk by leaving some of them
// out. A mutant need not make sense: the program and the oracle have to agree on it.

import { memorySource } from '../../lib/elf/byte-source.js';
import { readObjectFile, type Section } from '../../lib/elf/object-file.js';
import { type Change, type Mutation, Mutations } from './mutations.js';
import { Link } from './oracle/link.js';
import { randomFrom } from './random.js';

export interface Specimen {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The kinds of changes that can be made to this object. */
  readonly kinds: readonly Mutation[];
}

/** The object without debug information, which takes most of the program's time: its sections become SHT_NULL. */
const withoutLines = (bytes: Uint8Array, sections: readonly Section[]): Uint8Array => {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const [headers, size] = [Number(view.getBigUint64(40, true)), view.getUint16(58, true)];
  for (const { index, name } of sections)
    if (/^\.(rela)?\.?z?debug_/.test(name)) view.setUint32(headers + index * size + 4, 0, true);
  return copy;
};

export const readSpecimen = async (path: string, bytes: Uint8Array): Promise<Specimen> => {
  const object = await readObjectFile(memorySource(path, bytes));
  const kinds = new Mutations(new Link(object), object).kinds();
  return { path, bytes: withoutLines(bytes, object.sections), kinds };
};

/** The object with some changes made. */
export const apply = (bytes: Uint8Array, changes: readonly Change[]): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  for (const { at, value } of changes.flatMap(({ words }) => words)) view.setUint32(at, value >>> 0, true);
  return copy;
};

export interface Mutant {
  readonly seed: number;
  readonly specimen: Specimen;
  readonly changes: readonly Change[];
}

/** The mutant of a seed: one to four changes of one of the objects. */
export const mutantOf = (seed: number, specimens: readonly Specimen[]): Mutant | null => {
  const random = randomFrom(seed);
  // Three of four from those with guards and tables.
  const isRich = random.below(4) > 0;
  const specimen = random.pick(specimens.filter(({ kinds }) => kinds.length > 3 === isRich));
  if (!specimen) return null;
  const changes: Change[] = [];
  const wanted = 1 + random.below(4);
  for (let tries = 0; changes.length < wanted && tries < 20; tries++) {
    const now = apply(specimen.bytes, changes);
    const change = random.pick(specimen.kinds)?.(new DataView(now.buffer), random);
    if (change) changes.push(change);
  }
  return { seed, specimen, changes };
};

/** The changes as text. */
export const describe = (changes: readonly Change[]): readonly string[] => changes.map(({ what }) => what);

/** Leaves out changes, one at a time, as long as `holds` still holds. */
export const shrink = async (
  changes: readonly Change[],
  holds: (changes: readonly Change[]) => Promise<boolean>,
): Promise<readonly Change[]> => {
  for (const one of changes) {
    const others = changes.filter((other) => other !== one);
    if (others.length > 0 && (await holds(others))) return shrink(others, holds);
  }
  return changes;
};
