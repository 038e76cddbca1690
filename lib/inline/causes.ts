// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Why a compiler may have kept a function out of line, where the object shows it:
// compilers do not inline between functions whose protection differs, and they
// emit what somebody takes the address of. Only what is seen is said.

import { relocationTypes } from '../aarch64/relocation-types.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Image } from '../link/image.js';
import { type Cover, coverAt, type Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import { calleesOf } from './closure.js';

/** An instruction that only functions with the property have. */
interface Property {
  readonly what: string;
  readonly words: readonly number[];
}

const properties: readonly Property[] = [
  { what: 'the shadow call stack', words: [0xf800865e] }, // str x30, [x18], #8
  { what: 'return-address signing', words: [0xd503233f, 0xd503237f] }, // paciasp, pacibsp
];

/** stp x29, x30, [sp, ...]: the function has a frame, so it would show a property that it had. */
const savesLink = (word: number): boolean => (word & 0xfe407fff) >>> 0 === 0xa8007bfd;

/** What sanitizers make of loads and stores: compilers do not inline between functions with and without. */
const sanitizers: readonly { readonly what: string; readonly calls: RegExp }[] = [
  { what: 'KASAN', calls: /^__(hw)?asan_/ },
  { what: 'KCSAN', calls: /^__[tk]san_/ },
];

/** A load or a store by another register than sp: a sanitizer would have shown there. */
const accessesMemory = (word: number): boolean =>
  (word & 0x0a000000) >>> 0 === 0x08000000 && ((word >>> 5) & 31) !== 31;

/** More than compilers take for small; what is below is inlined or not for other reasons. */
const LARGE = 256;

const wordsOf = ({ object, section }: Place, { start, end }: Cover): readonly number[] => {
  if (!Number.isFinite(end)) return [];
  const code = object.read(section, start, end - start);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  return Array.from({ length: code.length >> 2 }, (_, index) => view.getUint32(index * 4, true));
};

/** Sentences; empty where nothing is seen. `target` is where the function starts. */
export const causesOf = (image: Image, target: Place, cover: Cover, caller: Place): readonly string[] => {
  const callee = wordsOf(target, cover);
  const around = coverAt(caller);
  const own = around ? wordsOf(caller, around) : [];
  const has = (words: readonly number[], property: Property): boolean =>
    words.some((word) => property.words.includes(word));
  const differing = properties.filter((property) => {
    const [mine, its] = [has(own, property), has(callee, property)];
    return mine !== its && (mine ? callee : own).some(savesLink);
  });
  const callsOf = (place: Place): readonly string[] =>
    calleesOf(image, place, () => true).map(({ name }) => sourceName(name));
  const calls = [around ? callsOf({ ...caller, offset: around.start }) : [], callsOf(target)] as const;
  const sanitized = sanitizers.filter((sanitizer) => {
    const [mine, its] = calls.map((names) => names.some((name) => sanitizer.calls.test(name)));
    return mine !== its && (mine ? callee : own).some(accessesMemory);
  });
  return [
    ...[...differing, ...sanitized].map(
      ({ what }) => `possible cause: one of the two functions has ${what} and the other has not`,
    ),
    ...(isAddressTaken(target, cover) ? ['possible cause: its address is taken'] : []),
    ...(callee.length * 4 > LARGE ? ['possible cause: its size'] : []),
  ];
};

/** Whether a relocation other than a branch names the function, in code or in data that is loaded. */
const isAddressTaken = ({ object, section, offset }: Place, { symbol }: Cover): boolean => {
  const marked = new Uint8Array(object.symbols.count);
  marked[symbol] = 1;
  for (const one of object.symbols.inSection(section.index))
    if (object.symbols.isSection(one)) marked[one] = 1;
  return object.sections.some((rela) => {
    const patched = rela.type === SHT.RELA ? object.sections[rela.info] : undefined;
    if (!patched || (patched.flags & SHF.ALLOC) === 0 || isUnwinding(patched.name)) return false;
    for (const table of object.relocationChunks(rela)) {
      for (const index of table.entriesOf(marked)) {
        const kind = relocationTypes.get(table.type(index))?.kind;
        if (kind === 'call' || kind === 'jump' || kind === 'none') continue;
        const by = table.symbol(index);
        const base = object.symbols.isSection(by) ? 0 : object.symbols.value(by);
        if (base + table.addend(index) === offset) return true;
      }
    }
    return false;
  });
};

/** Tables that name every function. */
const isUnwinding = (name: string): boolean =>
  /^(\.eh_frame|__patchable_function_entries|__mcount_loc|__jump_table|\.altinstructions|__bug_table|__ex_table)/.test(
    name,
  );
