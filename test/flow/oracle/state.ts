// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A machine without VHE at one instruction: where it is, what it knows of its
// registers, flags and stack, who called, and which unknown capabilities and
// keys have been settled on the way. States are changed only while they are new.

import { ANY_FLAGS, type Flags } from './flags.js';
import type { AlternativeRow } from './link.js';
import { type Place, returnTo, stackAt, UNKNOWN, type Value } from './value.js';

export interface Frame {
  readonly to: Position;
  /** sp when the call was made: it has to be the same again. */
  readonly sp: string;
}

/** Where the machine is: in a row's replacement, or (row null) in the code as it was assembled. */
export interface Position {
  readonly place: Place;
  readonly row: AlternativeRow | null;
}

export const positionKey = ({ place: { section, offset }, row }: Position): string =>
  row ? `${section}:${offset}@${row.index}` : `${section}:${offset}`;

export class State {
  position: Position;
  readonly registers: Value[];
  sp: Value;
  flags: Flags;
  /** Slots of 8 bytes, by their distance from where sp stood at the root. */
  stack: Map<number, Value>;
  calls: readonly Frame[];
  choices: ReadonlyMap<string, boolean>;
  /** 2 in hyp code; 1 where host code was entered. */
  readonly level: 1 | 2;
  readonly parent: State | null;
  /** Why the machine went here, if not by falling through. */
  because: string;

  constructor(position: Position, level: 1 | 2, because: string, from: State | null = null) {
    this.position = position;
    this.level = level;
    this.because = because;
    this.parent = from;
    this.registers = from ? [...from.registers] : [...new Array<Value>(30).fill(UNKNOWN), returnTo('host')];
    this.sp = from ? from.sp : stackAt(0);
    this.flags = from ? from.flags : ANY_FLAGS;
    this.stack = from ? new Map(from.stack) : new Map();
    this.calls = from ? from.calls : [];
    this.choices = from ? from.choices : new Map();
  }

  /** A copy that comes after this one. */
  after(): State {
    return new State(this.position, this.level, '', this);
  }

  /** A copy beside this one. */
  beside(): State {
    const copy = new State(this.position, this.level, this.because, this);
    return Object.assign(copy, { parent: this.parent });
  }

  choose(name: string, value: boolean): void {
    this.choices = new Map([...this.choices, [name, value]]);
  }

  /** Forgets what lies below sp. */
  prune(): void {
    if (this.sp.kind !== 'stack') return;
    for (const offset of this.stack.keys()) if (offset < this.sp.offset) this.stack.delete(offset);
  }

  get context(): string {
    return `${positionKey(this.position)}|${this.level}|${this.calls.map(({ to }) => positionKey(to)).join()}`;
  }

  get key(): string {
    const slots = [...this.stack].filter(([, { id }]) => id !== '').sort(([a], [b]) => a - b);
    return [
      this.context,
      this.registers.map(({ id }) => id).join(),
      this.sp.id,
      this.flags,
      slots.map(([offset, { id }]) => `${offset}=${id}`).join(),
      [...this.choices]
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join(),
    ].join('|');
  }
}
