// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A whole section as code: which branches stay inside it, from where control
// arrives at an instruction and where it goes on, whatever the kernel patches. Made for hyp sections, which are
// small. For a few functions of a large host section see code-section.ts.

import { directDisplacement, isCall, isJump, isUsualBranch } from '../aarch64/finished-code.js';
import { decodeBranch, endsFlow, mayBranch } from '../aarch64/instructions.js';
import { isBranchRelocation } from '../aarch64/relocation-types.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { runsOf } from './mapping-symbols.js';
import { OffsetLists } from './offset-lists.js';
import { eachPatchEdge } from './patch-edges.js';
import { relocationsOf } from './relocations.js';

const IS_CODE = 1;
const ENDS_FLOW = 2;
const IS_TARGET = 4;
/** A branch other than a call, or something that a patch makes one of. */
const MAY_LEAVE = 8;

const none: readonly number[] = [];

interface Edges {
  /** From where branches come. */
  readonly sources: OffsetLists;
  /** Where patches let control go. */
  readonly patched: OffsetLists;
}

export class CodeMap {
  readonly object: ObjectFile;
  readonly section: Section;
  /** Bytes. */
  readonly size: number;
  readonly #words: Uint32Array;
  /** Per word, bits that the walks ask for again and again: IS_CODE, ENDS_FLOW, IS_TARGET, MAY_LEAVE. */
  readonly #traits: Uint8Array;
  #edges: Edges | undefined;

  constructor(object: ObjectFile, section: Section) {
    this.object = object;
    this.section = section;
    this.#words = wordsOf(object.contents(section));
    this.size = this.#words.length * 4;
    this.#traits = new Uint8Array(this.#words.length).fill(IS_CODE);
    for (const { start, end } of runsOf(object, section).data())
      this.#traits.fill(0, start >>> 2, (end + 3) >>> 2);
  }

  /** Where branches and patches lead. Most of what is asked of a section is about its words alone. */
  get #branches(): Edges {
    this.#edges ??= this.#markBranches();
    return this.#edges;
  }

  /** The word at an offset that is a multiple of 4; 0 (UDF) outside the section. */
  word(offset: number): number {
    return this.#words[offset >>> 2] ?? 0;
  }

  /** Offsets of a word, code or not, from `start` to `end` (exclusive). */
  *offsetsOf(word: number, start: number, end: number): Generator<number> {
    for (let at = this.#words.indexOf(word, start >>> 2); at >= 0; at = this.#words.indexOf(word, at + 1)) {
      if (at * 4 >= end) return;
      yield at * 4;
    }
  }

  isCode(offset: number): boolean {
    return offset % 4 === 0 && ((this.#traits[offset >>> 2] ?? 0) & IS_CODE) !== 0 && offset >= 0;
  }

  /** From where control comes to an offset by a direct branch, which is no call, or by a patch. */
  jumpsTo(offset: number): readonly number[] {
    const { sources } = this.#branches;
    return (this.#traits[offset >>> 2] ?? 0) & IS_TARGET ? sources.of(offset) : none;
  }

  /** Control arrives at `offset` only from the instruction before it, as far as branches show. */
  followsOnly(offset: number): boolean {
    this.#edges ??= this.#markBranches();
    const index = offset >>> 2;
    return (
      ((this.#traits[index] ?? 0) & IS_TARGET) === 0 &&
      ((this.#traits[index - 1] ?? 0) & (IS_CODE | ENDS_FLOW)) === IS_CODE
    );
  }

  /** Offsets from which control can arrive at `offset`, as far as branches show. */
  predecessors(offset: number): readonly number[] {
    const jumps = this.jumpsTo(offset);
    const before = (this.#traits[(offset >>> 2) - 1] ?? 0) & (IS_CODE | ENDS_FLOW);
    return before === IS_CODE ? [offset - 4, ...jumps] : jumps;
  }

  /** Code after which execution continues with the next word, and nowhere else. */
  goesOn(offset: number): boolean {
    this.#edges ??= this.#markBranches();
    return ((this.#traits[offset >>> 2] ?? 0) & (IS_CODE | MAY_LEAVE)) === IS_CODE;
  }

  /** Offsets at which execution can continue after `offset`; calls return. */
  successors(offset: number): readonly number[] {
    const shown = this.#shownSuccessors(offset);
    const patched = this.#branches.patched.of(offset);
    return patched.length > 0 ? [...new Set([...shown, ...patched])] : shown;
  }

  /** Without those that patches make. */
  #shownSuccessors(offset: number): readonly number[] {
    const branch = decodeBranch(this.word(offset));
    if (!branch) return [offset + 4];
    const next = endsFlow(branch) ? [] : [offset + 4];
    const jumps = branch.kind === 'jump' || branch.kind === 'conditional';
    return jumps && branch.displacement !== null ? [...next, offset + branch.displacement] : next;
  }

  /** Within a function: `b.hi f + 16` of a global f. Where a symbol stands, control arrives from anywhere. */
  #relocatedTarget(offset: number): number | null {
    const { symbols } = this.object;
    const patch = relocationsOf(this.object, this.section).at(offset);
    if (!patch || patch.addend === 0 || !isBranchRelocation(patch.type)) return null;
    if (patch.symbol >= symbols.count || symbols.section(patch.symbol) !== this.section.index) return null;
    return symbols.value(patch.symbol) + patch.addend;
  }

  #markBranches(): Edges {
    const words = this.#words;
    const traits = this.#traits;
    const sources: number[] = [];
    const targets: number[] = [];
    const add = (from: number, to: number): void => {
      // What leaves the section, nobody in it asks for.
      if (to < 0 || to >= this.size) return;
      sources.push(from);
      targets.push(to);
      traits[to >>> 2] = (traits[to >>> 2] as number) | IS_TARGET;
    };
    const patched: number[] = [];
    const patchTargets: number[] = [];
    for (let index = 0; index < words.length; index++) {
      const word = words[index] as number;
      if (!mayBranch(word) || ((traits[index] as number) & IS_CODE) === 0) continue;
      if (isUsualBranch(word)) {
        if (isCall(word)) continue;
        traits[index] = (traits[index] as number) | MAY_LEAVE | (isJump(word) ? ENDS_FLOW : 0);
        const displacement = directDisplacement(word);
        const to = displacement === 0 ? this.#relocatedTarget(index * 4) : index * 4 + displacement;
        if (to !== null) add(index * 4, to);
        continue;
      }
      const branch = decodeBranch(word);
      if (!branch) continue;
      traits[index] = (traits[index] as number) | MAY_LEAVE | (endsFlow(branch) ? ENDS_FLOW : 0);
      if (branch.displacement !== null && branch.displacement !== 0 && branch.kind !== 'call')
        add(index * 4, index * 4 + branch.displacement);
    }
    const word = (offset: number): number => this.word(offset);
    eachPatchEdge(this.object, this.section, word, (from, to) => {
      if (!this.isCode(from) || !this.isCode(to)) return;
      const isNext = to === from + 4 && ((traits[from >>> 2] as number) & ENDS_FLOW) === 0;
      if (isNext || this.#shownSuccessors(from).includes(to)) return;
      traits[from >>> 2] = (traits[from >>> 2] as number) | MAY_LEAVE;
      patched.push(from);
      patchTargets.push(to);
      add(from, to);
    });
    return {
      sources: new OffsetLists(targets, sources),
      patched: new OffsetLists(patched, patchTargets),
    };
  }
}

const known = new WeakMap<Section, CodeMap>();

/** The map of a section, made once. */
export const codeMapOf = (object: ObjectFile, section: Section): CodeMap => {
  const map = known.get(section) ?? new CodeMap(object, section);
  known.set(section, map);
  return map;
};
