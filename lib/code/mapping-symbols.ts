// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which bytes of a section are instructions and which are data: the mapping
// symbols say so, section flags do not. objcopy --prefix-symbols, which makes
// kvm_nvhe.o, also prefixes them: __kvm_nvhe_$x. [AAELF64 "Mapping symbols"]

import { lastNotAbove } from '../elf/bisect.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';
import { STT } from '../elf/vocabulary.js';
import type { Extent } from './code-range.js';

const MAPPING_SYMBOL = /(?:^|_)\$([xd])(?:\..*)?$/s;

/** 'x' for code, 'd' for data, null for any other symbol. */
export const mappingKind = (name: string): 'x' | 'd' | null => {
  const kind = MAPPING_SYMBOL.exec(name)?.[1];
  return kind === 'x' || kind === 'd' ? kind : null;
};

/** By st_name: thousands of mapping symbols share one, which is looked at once. */
const kinds = new WeakMap<SymbolTable, Map<number, 'x' | 'd' | null>>();

/** mappingKind of a table's symbols. */
const kindsIn = (symbols: SymbolTable): ((symbol: number) => 'x' | 'd' | null) => {
  const known = kinds.get(symbols) ?? new Map<number, 'x' | 'd' | null>();
  kinds.set(symbols, known);
  return (symbol) => {
    const offset = symbols.nameOffset(symbol);
    const kind = known.get(offset);
    if (kind !== undefined) return kind;
    const found = mappingKind(symbols.name(symbol));
    known.set(offset, found);
    return found;
  };
};

/** Runs of code and of data in a section. A section without mapping symbols is all code. */
export class Runs {
  readonly #size: number;
  /** Where runs start, sorted, and which of them are code. */
  readonly #starts: number[] = [];
  readonly #isCode: boolean[] = [];
  /** The run that was asked about last; most questions are about places near each other. */
  #last = -1;

  constructor({ symbols }: ObjectFile, section: Section) {
    this.#size = section.size;
    const kindOf = kindsIn(symbols);
    for (const symbol of symbols.inSection(section.index)) {
      if (symbols.type(symbol) !== STT.NOTYPE) continue;
      const kind = kindOf(symbol);
      if (kind === null) continue;
      const start = symbols.value(symbol);
      // A damaged symbol behind the section says nothing of it, and a run up to there would have no end.
      if (start >= this.#size) continue;
      // Of two at one offset, the later one in the table describes what follows.
      if (this.#starts.at(-1) === start) this.#isCode[this.#isCode.length - 1] = kind === 'x';
      else {
        this.#starts.push(start);
        this.#isCode.push(kind === 'x');
      }
    }
  }

  isCode(offset: number): boolean {
    if (offset < 0 || offset >= this.#size || offset % 4 !== 0) return false;
    return this.#isCode[this.#runAt(offset)] !== false;
  }

  /** The number of the run around an offset; -1 in front of all. */
  #runAt(offset: number): number {
    const starts = this.#starts;
    const last = this.#last;
    const isLast =
      (starts[last] ?? Number.NEGATIVE_INFINITY) <= offset && offset < (starts[last + 1] ?? this.#size);
    if (!isLast) this.#last = lastNotAbove(starts, offset);
    return this.#last;
  }

  /** The run of data around an offset; empty if that is code. */
  dataAt(offset: number): Extent {
    let first = this.#runAt(offset);
    if (this.#isCode[first] !== false) return { start: offset, end: offset };
    let next = first + 1;
    while (this.#isCode[first - 1] === false) first--;
    while (this.#isCode[next] === false) next++;
    return { start: this.#starts[first] ?? 0, end: this.#starts[next] ?? this.#size };
  }

  /** All runs of data, sorted and disjoint. */
  *data(): Generator<Extent> {
    for (let index = 0; index < this.#starts.length; index++) {
      if (this.#isCode[index] !== false) continue;
      yield { start: this.#starts[index] ?? 0, end: this.#starts[index + 1] ?? this.#size };
    }
  }
}

const known = new WeakMap<Section, Runs>();

export const runsOf = (object: ObjectFile, section: Section): Runs => {
  const runs = known.get(section) ?? new Runs(object, section);
  known.set(section, runs);
  return runs;
};
