// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How functions are entered, as far as an outline shows: noted while it is drawn, a
// row of numbers each, and put together for the few functions of which it is asked.

import type { Code } from '../code/code.js';
import { Starts } from '../code/starts.js';
import type { Address } from './values.js';

/** A function as others see it; other functions by their starts. */
export interface Entered {
  /** Where control comes into it. */
  readonly at: ReadonlySet<Address>;
  /** Who branches into it. */
  readonly callers: ReadonlySet<Address>;
  /** Who forms its address, or may compute it. */
  readonly namers: ReadonlySet<Address>;
  /** Somebody who is not seen enters it. */
  readonly isRoot: boolean;
  /** Others may enter it at any instruction. */
  readonly isFlooded: boolean;
}

/** Somebody who is not seen, as one who enters. */
export const UNSEEN: Address = -1;

/** Who enters: somebody who is not seen, a caller, a namer, a namer who may mean any instruction. */
const ROOT = 0;
const CALLER = 1;
const NAMER = 2;
const FLOODER = 3;
/** Numbers in a row: the place, who enters it, and how. */
const WIDTH = 3;

export class EnteredFunctions {
  readonly #code: Code;
  readonly #rows: number[] = [];
  /** The rows of each function, by its start. */
  readonly #byFunction = new Starts();
  /** How many are there: more are added when somebody asks. */
  #indexed = 0;

  constructor(code: Code) {
    this.#code = code;
  }

  addRoot(to: Address): void {
    this.#add(to, to, ROOT);
  }

  addCaller(to: Address, caller: Address): void {
    this.#add(to, caller, CALLER);
  }

  addNamer(to: Address, namer: Address): void {
    this.#add(to, namer, NAMER);
  }

  /** `around`: an address of a function that may be entered at any instruction. */
  addFlooder(around: Address, flooder: Address): void {
    this.#add(around, flooder, FLOODER);
  }

  #add(to: Address, by: Address, how: number): void {
    this.#rows.push(to, by, how);
  }

  /** `start`: of a function. If nothing was noted of it, anybody may do anything. */
  of(start: Address): Entered {
    this.#index();
    const rows = this.#byFunction.at(start);
    const at = new Set<Address>();
    const callers = new Set<Address>();
    const namers = new Set<Address>();
    let isRoot = rows.length === 0;
    let isFlooded = isRoot;
    for (const row of rows) {
      const [to = 0, by = 0, how = ROOT] = this.#rows.slice(row * WIDTH, (row + 1) * WIDTH);
      if (how !== FLOODER) at.add(to);
      if (how === ROOT || by === UNSEEN) isRoot = true;
      else (how === CALLER ? callers : namers).add(by);
      // What a function makes of its own labels, a walk of it shows.
      if (how === FLOODER && by !== start) isFlooded = true;
    }
    return { at, callers, namers, isRoot, isFlooded };
  }

  #index(): void {
    for (; this.#indexed < this.#rows.length; this.#indexed += WIDTH)
      this.#byFunction.add(this.#code.extentAt(this.#rows[this.#indexed] ?? 0).start);
  }
}
