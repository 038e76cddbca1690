// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which hyp function calls which, for the way to a finding. The nVHE link has no
// code for VHE, so direct branches are enough and no state is followed. A function
// whose address is in a vector or a table (of hypercalls), or that has no caller,
// counts as an entry.

import { decodeBranch, endsFlow, mayBranch } from '../aarch64/instructions.js';
import { isBranchRelocation, relocationTypes } from '../aarch64/relocation-types.js';
import { type Address, AddressSpace } from '../code/address-space.js';
import { Code } from '../code/code.js';
import { codeMapOf } from '../code/code-map.js';
import type { CodeRange, Extent } from '../code/code-range.js';
import { coversOf } from '../code/functions.js';
import { PatchTables } from '../code/patch-tables.js';
import { relocationsOf } from '../code/relocations.js';
import { isHypCode, isHypSection, isReplacementCode } from '../code/sections.js';
import { vectorSlots } from '../code/vectors.js';
import { guard } from '../elf/format-error.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import type { Step } from './way.js';

/** What leads into a function. */
interface Edge {
  readonly kind: Step['kind'];
  readonly at: Address;
  readonly caller: Address;
  readonly callee: Address;
}

/** Calls on a way: no kernel's hyp code has more, and nobody reads them. */
const MOST_STEPS = 64;

export class CallGraph {
  readonly #space: AddressSpace;
  readonly #code: Code;
  readonly #tables: PatchTables;
  /** By the function that is called, in the order of the link. */
  readonly #edges = new Map<Address, Edge[]>();
  readonly #entries = new Set<Address>();
  /** By the function that they lead to. */
  readonly #ways = new Map<Address, readonly Step[]>();
  /** Calls from the nearest entry to each function that one leads to. */
  #distances: ReadonlyMap<Address, number> | undefined;

  /** `ranges`: hyp code in sections of the host. */
  constructor(image: Image, ranges: readonly CodeRange[]) {
    this.#space = new AddressSpace(image);
    this.#code = new Code(this.#space, ranges);
    this.#tables = new PatchTables(this.#space, ranges);
    for (const object of image.objects) {
      for (const section of object.sections) {
        if (isHypCode(section) || isReplacementCode(section)) this.#readCode(object, section);
        else if (isHypSection(section)) this.#readData(object, section);
      }
    }
  }

  /** The shortest way from an entry to a place, its last call first; empty where none is seen, or a very long one. */
  readonly stepsTo = (place: Place): readonly Step[] => {
    const [at = 0] = this.#tables.hypPlaces(this.#space.addressOf(place));
    const around = this.#functionAt(at);
    const steps = this.#ways.get(around) ?? this.#find(around);
    this.#ways.set(around, steps);
    return steps;
  };

  #find(around: Address): readonly Step[] {
    this.#distances ??= this.#measure();
    const distances = this.#distances;
    const steps: Step[] = [];
    let callee = around;
    let left = distances.get(callee) ?? 0;
    if (left > MOST_STEPS) return [];
    for (; left > 0; left--) {
      // Of several callers that are as near to an entry, the first in the link.
      const edge = this.#edges.get(callee)?.find(({ caller }) => distances.get(caller) === left - 1);
      if (!edge) return [];
      const at = this.#space.placeOf(edge.at);
      const caller = this.#space.placeOf(edge.caller);
      if (at && caller) steps.push({ kind: edge.kind, at, caller });
      callee = edge.caller;
    }
    return steps;
  }

  /** How far each function is from an entry, by one search from all of them: as many findings as functions may ask. */
  #measure(): ReadonlyMap<Address, number> {
    const callees = new Map<Address, Address[]>();
    const distances = new Map<Address, number>();
    for (const entry of this.#entries) distances.set(entry, 0);
    for (const edges of this.#edges.values()) {
      for (const { caller, callee } of edges) {
        if (!this.#edges.has(caller)) distances.set(caller, 0);
        const known = callees.get(caller);
        if (known) known.push(callee);
        else callees.set(caller, [callee]);
      }
    }
    // A map is iterated in the order of insertion, so this is a breadth-first search.
    for (const [caller, distance] of distances) {
      for (const callee of callees.get(caller) ?? [])
        if (!distances.has(callee)) distances.set(callee, distance + 1);
    }
    return distances;
  }

  #functionAt(at: Address): Address {
    return this.#code.extentAt(at).start;
  }

  #addEdge(kind: Step['kind'], from: Address, target: Address): void {
    if (!this.#code.isHyp(target)) return;
    const callee = this.#functionAt(target);
    for (const at of this.#tables.hypPlaces(from)) {
      const caller = this.#functionAt(at);
      if (caller === callee || !this.#code.isHyp(at)) continue;
      const edges = this.#edges.get(callee) ?? [];
      edges.push({ kind, at, caller, callee });
      this.#edges.set(callee, edges);
    }
  }

  #readCode(object: ObjectFile, section: Section): void {
    const start = this.#space.startOf(object, section);
    // Replacement code branches from where it is put.
    const isInPlace = isHypCode(section);
    let around: Extent = { start, end: start };
    const map = codeMapOf(object, section);
    for (let offset = 0; offset < map.size; offset += 4) {
      const word = map.word(offset);
      if (!mayBranch(word) || !map.isCode(offset)) continue;
      const displacement = decodeBranch(word)?.displacement ?? null;
      if (displacement === null) continue;
      const at = start + offset;
      const target = this.#code.patchedAt(at)?.target ?? at + displacement;
      if (at >= around.end) around = this.#code.extentAt(at);
      // Most branches stay within their function.
      const isInside = isInPlace && target >= around.start && target < around.end;
      if (!isInside) this.#addEdge('call', at, target);
    }
    for (const { offset, type, symbol, addend } of relocationsOf(object, section).within(0, section.size)) {
      const kind = relocationTypes.get(type)?.kind;
      if (isBranchRelocation(type) || kind === 'page-offset') continue;
      const target = this.#space.targetOf(object, symbol, addend);
      if (!this.#code.isHyp(target) || !this.#code.isEntry(target)) continue;
      if (kind === 'absolute') this.#entries.add(target);
      else this.#addEdge('address', start + offset, target);
    }
    if (!isHypCode(section)) return;
    // Thousands of symbols may stand at one place.
    for (const offset of new Set(coversOf(object, section).map(({ start }) => start))) {
      for (const slot of vectorSlots(this.#space, start + offset)) this.#entries.add(this.#functionAt(slot));
      this.#addFallThrough(start + offset);
    }
  }

  /** Control comes to a label of assembly from the instruction in front of it. */
  #addFallThrough(label: Address): void {
    const at = label - 4;
    if (!this.#code.isCode(at) || !this.#code.isCode(label) || this.#code.isFunctionStart(label)) return;
    const branch = decodeBranch(this.#code.word(at));
    if (branch === null || !endsFlow(branch)) this.#addEdge('call', at, label);
  }

  /** Whoever has the table can call what it names. */
  #readData(object: ObjectFile, section: Section): void {
    for (const { symbol, addend } of relocationsOf(object, section).within(0, section.size)) {
      const target = this.#space.targetOf(object, symbol, addend);
      if (this.#code.isHyp(target) && this.#code.isEntry(target)) this.#entries.add(target);
    }
  }
}

/** CallGraph.stepsTo, read when first asked; if the code or its tables are damaged, it knows no steps. */
export const callsLeadingTo = (image: Image, ranges: readonly CodeRange[]): CallGraph['stepsTo'] => {
  let stepsTo: CallGraph['stepsTo'] | undefined;
  return (place) => {
    stepsTo ??= guard(
      () => new CallGraph(image, ranges).stepsTo,
      () => () => [],
    );
    return stepsTo(place);
  };
};
