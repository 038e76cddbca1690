// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A section's bytes as code: which words are instructions and which are data
// (mapping symbols tell, not flags), which branches stay inside, and where a
// register's value comes from and goes to. objcopy --prefix-symbols, which
// makes kvm_nvhe.o, prefixes the mapping symbols too: __kvm_nvhe_$x.
// [AAELF64 "Mapping symbols"]

import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { type Branch, decodeBranch, endsFlow } from './instructions.js';

const MAPPING_SYMBOL = /(?:^|_)\$([xd])(?:\..*)?$/;

/** 'x' for code, 'd' for data, null for a symbol that maps nothing. */
export const mappingKind = (name: string): 'x' | 'd' | null => {
  const kind = MAPPING_SYMBOL.exec(name)?.[1];
  return kind === 'x' || kind === 'd' ? kind : null;
};

/** A run of data in a section of code: start .. end, byte offsets. */
interface DataRange {
  readonly start: number;
  readonly end: number;
}

export class CodeMap {
  readonly object: ObjectFile;
  readonly section: Section;
  /** Bytes. */
  readonly size: number;
  readonly #words: Uint32Array;
  readonly #data: readonly DataRange[];
  #sources: ReadonlyMap<number, readonly number[]> | undefined;

  constructor(object: ObjectFile, section: Section) {
    this.object = object;
    this.section = section;
    this.#words = wordsOf(object.contents(section));
    this.size = this.#words.length * 4;
    this.#data = dataRanges(object, section, this.size);
  }

  /** The word at a byte offset that is a multiple of 4; 0 (UDF) outside. */
  word(offset: number): number {
    return this.#words[offset >>> 2] ?? 0;
  }

  isCode(offset: number): boolean {
    if (offset < 0 || offset >= this.size || offset % 4 !== 0) return false;
    let low = 0;
    let high = this.#data.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#data[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return offset < (this.#data[low]?.start ?? this.size);
  }

  /** The branch at an offset, or null where there is none or no code. */
  branchAt(offset: number): Branch | null {
    return this.isCode(offset) ? decodeBranch(this.word(offset)) : null;
  }

  /** Places of the direct branches, calls left out, to an offset of this section. */
  jumpsTo(offset: number): readonly number[] {
    this.#sources ??= this.#findJumps();
    return this.#sources.get(offset) ?? [];
  }

  /** Offsets from which execution can come to `offset`: the instruction before and the branches that are visible as such. */
  predecessors(offset: number): readonly number[] {
    const before = offset - 4;
    const jumps = this.jumpsTo(offset);
    if (!this.isCode(before)) return jumps;
    const branch = decodeBranch(this.word(before));
    return branch && endsFlow(branch) ? jumps : [before, ...jumps];
  }

  /** Offsets at which execution can go on behind `offset`, calls returning. */
  successors(offset: number): readonly number[] {
    const branch = decodeBranch(this.word(offset));
    if (!branch) return [offset + 4];
    const next = endsFlow(branch) ? [] : [offset + 4];
    const jumps = branch.kind === 'jump' || branch.kind === 'conditional';
    return jumps && branch.displacement !== null ? [...next, offset + branch.displacement] : next;
  }

  #findJumps(): ReadonlyMap<number, readonly number[]> {
    const sources = new Map<number, number[]>();
    for (let offset = 0; offset < this.size; offset += 4) {
      const branch = decodeBranch(this.word(offset));
      if (!branch || branch.displacement === null || branch.displacement === 0 || branch.kind === 'call')
        continue;
      if (!this.isCode(offset)) continue;
      const target = offset + branch.displacement;
      const known = sources.get(target);
      if (known) known.push(offset);
      else sources.set(target, [offset]);
    }
    return sources;
  }
}

/** Sorted, disjoint. A section without mapping symbols is code throughout. */
const dataRanges = (object: ObjectFile, section: Section, size: number): readonly DataRange[] => {
  const ranges: DataRange[] = [];
  let start: number | null = null;
  for (const symbol of object.symbols.inSection(section.index)) {
    const kind = mappingKind(object.symbols.name(symbol));
    if (kind === 'd') start ??= object.symbols.value(symbol);
    if (kind === 'x' && start !== null) {
      const end = object.symbols.value(symbol);
      if (end > start) ranges.push({ start, end });
      start = null;
    }
  }
  if (start !== null && start < size) ranges.push({ start, end: size });
  return ranges;
};
