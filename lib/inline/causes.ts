// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Why a compiler may have kept a function out of line, if the object shows it:
// compilers do not inline between functions with different protection, and they
// emit functions whose address is taken. Only what is seen is said.

import { decodeMemory, signsReturnAddress } from '../aarch64/instructions.js';
import { isBranchRelocation, relocationTypes } from '../aarch64/relocation-types.js';
import type { Cover } from '../code/covers.js';
import { coverAt } from '../code/functions.js';
import { mentionsOf } from '../code/mentions.js';
import { isOfSource } from '../code/sections.js';
import { wordsOf } from '../elf/byte-source.js';
import type { Section } from '../elf/object-file.js';
import { SHF } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import { instrumentationOf } from '../policy/instrumentation.js';
import { calleesOf } from './closure.js';

/** As the base of a load or store. */
const SP = 31;

/** Whether an instruction stores exactly these registers at an address in `base`. */
const stores = (word: number, registers: readonly number[], base: number): boolean => {
  const memory = decodeMemory(word);
  return memory?.base === base && memory.stores === registers.reduce((mask, one) => mask | (1 << one), 0);
};

/** Protection that shows in an instruction. */
interface Property {
  readonly what: string;
  readonly isShownBy: (word: number) => boolean;
}

const properties: readonly Property[] = [
  // str x30, [x18], #8
  { what: 'the shadow call stack', isShownBy: (word) => stores(word, [30], 18) },
  { what: 'return-address signing', isShownBy: signsReturnAddress },
];

/** stp x29, x30, [sp, ...]: the function has a frame, so its protection would show. */
const savesLink = (word: number): boolean => stores(word, [29, 30], SP);

/** Sanitizers of loads and stores: compilers do not inline between functions with and without. */
const sanitizers: readonly string[] = ['KASAN', 'KCSAN'];

/** A load or store with a base other than SP: a sanitizer would show there. */
const accessesMemory = (word: number): boolean => (decodeMemory(word)?.base ?? SP) !== SP;

/** Bytes. Compilers do not take more for small; below that, size is no reason. */
const LARGE = 256;

const codeOf = ({ object, section }: Place, { start, end }: Cover): readonly number[] =>
  Number.isFinite(end) ? [...wordsOf(object.read(section, start, end - start))] : [];

/** Sentences; empty if nothing is seen. `target` is where the function starts. */
export const causesOf = (image: Image, target: Place, cover: Cover, caller: Place): readonly string[] => {
  const callee = codeOf(target, cover);
  const around = coverAt(caller);
  const own = around ? codeOf(caller, around) : [];
  const has = (words: readonly number[], property: Property): boolean => words.some(property.isShownBy);
  const differing = properties.filter((property) => {
    const [mine, its] = [has(own, property), has(callee, property)];
    return mine !== its && (mine ? callee : own).some(savesLink);
  });
  const callsOf = (place: Place): readonly string[] =>
    calleesOf(image, place, () => true).map(({ name }) => sourceName(name));
  const calls = [around ? callsOf({ ...caller, offset: around.start }) : [], callsOf(target)] as const;
  const sanitized = sanitizers.filter((sanitizer) => {
    const [mine, its] = calls.map((names) =>
      names.some((name) => instrumentationOf(name)?.what === sanitizer),
    );
    return mine !== its && (mine ? callee : own).some(accessesMemory);
  });
  return [
    ...[...differing.map(({ what }) => what), ...sanitized].map(
      (what) => `possible cause: one of the two functions has ${what} and the other has not`,
    ),
    ...(isAddressTaken(target, cover) ? ['possible cause: its address is taken'] : []),
    ...(callee.length * 4 > LARGE ? ['possible cause: its size'] : []),
  ];
};

/** Whether a relocation other than a branch names the function, in code or in loaded data. */
const isAddressTaken = ({ object, section, offset }: Place, { symbol }: Cover): boolean => {
  const { symbols } = object;
  const names = [symbol, ...symbols.inSection(section.index).filter((one) => symbols.isSection(one))];
  const counts = (patched: Section): boolean => (patched.flags & SHF.ALLOC) !== 0 && isOfSource(patched);
  for (const { relocation } of mentionsOf(object, names, object.sections.filter(counts))) {
    const { type, symbol: by, addend } = relocation;
    if (isBranchRelocation(type) || relocationTypes.get(type)?.kind === 'none') continue;
    if ((symbols.isSection(by) ? 0 : symbols.value(by)) + addend === offset) return true;
  }
  return false;
};
