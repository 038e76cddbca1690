// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A path of the oracle's walk, run once more with a number in every register.
//
// The walk takes two unknown values for independent, which they need not be:
// after `cmp x0, #8; b.hs 1f` a second `cmp x0, #8; b.hs 1f` does not branch,
// and the walk says that it may. What a machine with numbers did is certainly
// possible. The numbers are searched for: begin with some, change one, and keep
// the change if the run follows the path at least as far as before.

import { didExecute, didRead, didUse, type Walk } from '../oracle.js';
import { randomFrom } from '../random.js';
import { flagState } from './flags.js';
import { placeKey } from './link.js';
import { type Events, Machine } from './machine.js';
import { positionKey, State } from './state.js';
import { constant, isConstant, M64, type Value } from './value.js';

const TRIES = 1500;
/** Steps beyond the length of the path. */
const EXTRA_STEPS = 40;

/** Numbers that compilers compare with, and their neighbours. */
const COMMON = [
  0n,
  1n,
  2n,
  3n,
  M64,
  M64 - 1n,
  1n << 63n,
  (1n << 63n) - 1n,
  1n << 31n,
  (1n << 31n) - 1n,
  (1n << 32n) - 1n,
];

/** Numbers in the order in which a run asks for them; further ones are made up. */
type Numbers = bigint[];

class Runner implements Events {
  readonly #what: string;
  readonly #path: readonly State[];
  readonly #last: State | undefined;
  readonly #machine: Machine;
  readonly #invent: () => bigint;
  #numbers: Numbers = [];
  readonly #named = new Map<string, bigint>();
  #at = 0;
  #found: State | null = null;

  constructor({ link, options }: Walk, what: string, path: readonly State[], invent: () => bigint) {
    this.#what = what;
    this.#path = path;
    this.#last = path.at(-1);
    this.#invent = invent;
    this.#machine = new Machine(link, options.vheCapability, this);
  }

  executed(state: State): void {
    this.#note(didExecute(positionKey(state.position)), state);
  }

  used(value: Value, state: State): void {
    if (value.kind === 'place' || value.kind === 'kernel' || value.kind === 'sum')
      this.#note(didUse(value.made), state);
  }

  read(slot: State['position']['place'], state: State): void {
    this.#note(didRead(placeKey(slot)), state);
  }

  stopped(): void {}

  #note(what: string, state: State): void {
    if (what === this.#what) this.#found ??= state;
  }

  /** Runs from the beginning of the path; how far it was followed, and the state in which it happened, if it did. */
  run(numbers: Numbers): { readonly length: number; readonly found: State | null } {
    this.#numbers = numbers;
    this.#named.clear();
    this.#at = 0;
    this.#found = null;
    const [first] = this.#path;
    if (!first) return { length: 0, found: null };
    let state = this.#fill(this.#machine.entered(new State(first.position, first.level, first.because)));
    let length = 1;
    let isOnPath = true;
    for (let extra = 0; extra < EXTRA_STEPS && !this.#found; ) {
      const expected: State | undefined = isOnPath ? this.#path[length] : undefined;
      const next: State | undefined = this.#choose(this.#machine.step(state), expected);
      if (!next) break;
      isOnPath = expected !== undefined && positionKey(next.position) === positionKey(expected.position);
      if (isOnPath) length++;
      else extra++;
      state = this.#fill(next);
    }
    return { length, found: this.#found };
  }

  /** Faults and capabilities are as they were on the path. */
  #choose(states: readonly State[], expected: State | undefined): State | undefined {
    if (states.length < 2) return states[0];
    const hasLastChoices = ({ choices }: State): boolean =>
      [...choices].every(([name, value]) => (this.#last?.choices.get(name) ?? value) === value);
    const isExpected = ({ position }: State): boolean =>
      expected !== undefined && positionKey(position) === positionKey(expected.position);
    const possible = states.filter(hasLastChoices);
    return possible.find(isExpected) ?? possible.at(-1);
  }

  #number(name: string): bigint {
    const known = name === '' ? undefined : this.#named.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers[this.#at] ?? this.#invent();
    this.#numbers[this.#at] = number;
    this.#at++;
    if (name !== '') this.#named.set(name, number);
    return number;
  }

  #filled(value: Value): Value {
    if (value.kind !== 'bits' || isConstant(value)) return value;
    const name = value.id.startsWith('?') ? value.id : '';
    return constant((this.#number(name) & (M64 ^ value.known)) | value.bits);
  }

  /** Replaces unknown values by numbers. */
  #fill(state: State): State {
    for (const [register, value] of state.registers.entries())
      if (value.kind === 'bits' && value.known !== M64) state.registers[register] = this.#filled(value);
    for (const [offset, value] of state.stack) state.stack.set(offset, this.#filled(value));
    if ((state.flags & (state.flags - 1)) !== 0) {
      const flags = Array.from({ length: 16 }, (_, nzcv) => nzcv).filter(
        (nzcv) => state.flags & flagState(nzcv),
      );
      state.flags = flagState(flags[Number(this.#number('') % BigInt(flags.length))] ?? 0);
    }
    return state;
  }
}

/** A state of a machine with numbers that did what the walk says can be done; null where none was found. */
export const confirm = (walk: Walk, what: string): State | null => {
  const path: State[] = [];
  for (let at = walk.happened.get(what) ?? null; at; at = at.parent) path.unshift(at);
  const random = randomFrom(path.length);
  const word = (): bigint => BigInt(random.below(2 ** 32)) | (BigInt(random.below(2 ** 32)) << 32n);
  // Immediates of the path's own instructions, wherever the encoding has them.
  const constants = path.flatMap(({ position: { place } }) => {
    const instruction = walk.link.instruction(place) ?? 0;
    const near = [(instruction >>> 10) & 0xfff, (instruction >>> 16) & 0x1f, (instruction >>> 5) & 0xffff];
    return near.flatMap((one) => [
      BigInt(one),
      BigInt(one) + 1n,
      BigInt.asUintN(64, BigInt(one) - 1n),
      BigInt.asUintN(64, BigInt(-one)),
    ]);
  });
  const invent = (): bigint => {
    switch (random.below(8)) {
      case 0:
        return 1n << BigInt(random.below(64));
      case 1:
        return word();
      case 2:
        return word() & word() & word();
      case 3:
        return M64 ^ (1n << BigInt(random.below(64)));
      case 5:
        return BigInt(random.below(2));
      case 4:
        return BigInt(random.below(64));
      default:
        return random.pick(random.below(2) === 0 ? COMMON : constants) ?? 0n;
    }
  };
  const runner = new Runner(walk, what, path, invent);
  let best: Numbers = [];
  let longest = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const numbers = [...best];
    for (let changes = 1 + random.below(3); changes > 0 && numbers.length > 0; changes--)
      numbers[random.below(numbers.length)] = invent();
    const { length, found } = runner.run(numbers);
    if (found) return found;
    if (length >= longest) {
      longest = length;
      best = numbers;
    }
  }
  return null;
};
