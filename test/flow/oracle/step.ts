// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One instruction about to run: the state it changes, its word, and what it reads
// from memory. Registers are read in two ways, because an address that is only
// copied is not used yet.

import { ABS64, type Fixup, type Link } from './link.js';
import { positionKey, type State } from './state.js';
import {
  addressOf,
  and,
  bitsOf,
  constant,
  extend,
  kernelAddress,
  low32,
  M64,
  or,
  type Place,
  shift,
  UNKNOWN,
  type Value,
  ZERO,
} from './value.js';

export type Outcome =
  | { readonly kind: 'next'; readonly state: State }
  | { readonly kind: 'branch'; readonly to: Place; readonly isCall: boolean; readonly state: State }
  | { readonly kind: 'indirect'; readonly to: Value; readonly isCall: boolean; readonly state: State }
  | { readonly kind: 'return'; readonly to: Value; readonly state: State }
  | { readonly kind: 'stop'; readonly why: string };

/** What an instruction asks of the machine around it, and reports to it. */
export interface Surroundings {
  readonly link: Link;
  readonly vheCapability: number;
  /** A value was needed for more than being copied. */
  used(value: Value, state: State): void;
  /** A literal, or another slot of constant data, was read. */
  read(slot: Place, state: State): void;
}

export const bits = (word: number, low: number, count: number): number => (word >>> low) & (2 ** count - 1);
export const signed = (word: number, low: number, count: number): number =>
  (word << (32 - low - count)) >> (32 - count);
export const isSet = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1;

/** Relocation types by what the instruction then stands for. [AAELF64 "Static AArch64 relocations"] */
const LOW12 = new Set([277, 278, 284, 285, 286, 299]);
const BRANCHES = new Set([279, 280, 282, 283]);

export class Step {
  constructor(
    readonly state: State,
    readonly word: number,
    readonly around: Surroundings,
  ) {}

  get place(): Place {
    return this.state.position.place;
  }

  /** The name of the instruction's position. */
  get name(): string {
    return positionKey(this.state.position);
  }

  get fixups(): readonly Fixup[] {
    return this.around.link.fixups(this.place);
  }

  get width(): 32 | 64 {
    return isSet(this.word, 31) ? 64 : 32;
  }

  /** A register that is only copied. */
  look(register: number, isSp = false): Value {
    if (register === 31) return isSp ? this.state.sp : ZERO;
    return this.state.registers[register] ?? UNKNOWN;
  }

  /** A register whose value matters. */
  take(register: number, isSp = false): Value {
    const value = this.look(register, isSp);
    this.around.used(value, this.state);
    return value;
  }

  write(register: number, value: Value, isSp = false, width: 32 | 64 = this.width): void {
    const whole = width === 32 ? low32(value) : value;
    if (register < 31) this.state.registers[register] = whole;
    else if (isSp) this.state.sp = whole;
  }

  next(): Outcome[] {
    return [{ kind: 'next', state: this.state }];
  }

  stop(why: string): Outcome[] {
    return [{ kind: 'stop', why }];
  }

  /** Where an immediate branch goes: the relocation says, or else the displacement. */
  target(displacement: number): Place {
    const fixup = this.fixups.find(({ type }) => BRANCHES.has(type));
    return fixup ? fixup.to : { section: this.place.section, offset: this.place.offset + displacement };
  }

  branch(to: Place, state = this.state, isCall = false): Outcome {
    return { kind: 'branch', to, isCall, state };
  }

  // Memory

  load(address: Value, size: number, isSigned: boolean, width: 32 | 64): Value {
    const value = this.#loadPlain(address, size);
    if (size === 8) return value;
    const extended = extend(value.kind === 'bits' ? value : UNKNOWN, size * 8, isSigned);
    return width === 32 ? low32(extended) : extended;
  }

  #loadPlain(address: Value, size: number): Value {
    if (address.kind === 'stack') {
      const inside = ((address.offset % 8) + 8) % 8;
      if (inside + size > 8) return UNKNOWN;
      const slot = this.state.stack.get(address.offset - inside) ?? UNKNOWN;
      if (size === 8) return slot;
      return slot.kind === 'bits' ? shift(slot, 'lsr', inside * 8, 64) : UNKNOWN;
    }
    if (address.kind !== 'place') return UNKNOWN;
    return this.#loadFrom(address.place, size);
  }

  #loadFrom(place: Place, size: number): Value {
    const { link } = this.around;
    const variable = link.variableAt(place);
    if (variable) return this.#loadVariable(variable.name, variable.offset, size);
    const slot = link.fixups(place).find(({ type }) => type === ABS64);
    if (size === 8 && slot) {
      this.around.read(place, this.state);
      return kernelAddress(slot.to, this.name);
    }
    const number = link.constantAt(place, size);
    return number === null ? UNKNOWN : constant(number);
  }

  #loadVariable(name: string, offset: number, size: number): Value {
    if (name === 'cpu_hwcaps') {
      let value = UNKNOWN;
      for (let bit = 0; bit < size * 8; bit++) {
        const capability = offset * 8 + bit;
        const choice =
          capability === this.around.vheCapability ? false : this.state.choices.get(`cap ${capability}`);
        const mask = 1n << BigInt(bit);
        if (choice !== undefined && value.kind === 'bits')
          value = bitsOf(value.known | mask, value.bits | (choice ? mask : 0n));
      }
      return value;
    }
    // A key's counter is its first word: 0, or 1 if the key is on.
    if (size !== 4) return UNKNOWN;
    if (name === 'arm64_const_caps_ready') return offset === 0 ? constant(1) : UNKNOWN;
    const [capability, inside] = [
      Math.floor(offset / this.around.link.keySize),
      offset % this.around.link.keySize,
    ];
    if (inside !== 0) return UNKNOWN;
    const choice =
      capability === this.around.vheCapability ? false : this.state.choices.get(`cap ${capability}`);
    return choice === undefined ? bitsOf(M64 ^ 1n, 0n) : constant(choice ? 1 : 0);
  }

  store(address: Value, value: Value, size: number): void {
    // Only the stack is remembered; that other stores miss it is one possibility.
    if (address.kind !== 'stack') {
      this.around.used(value, this.state);
      return;
    }
    const { stack } = this.state;
    const inside = ((address.offset % 8) + 8) % 8;
    const first = address.offset - inside;
    if (inside === 0 && size === 8) {
      stack.set(first, value);
      return;
    }
    this.around.used(value, this.state);
    const old = stack.get(first) ?? UNKNOWN;
    for (let at = first; at < address.offset + size; at += 8) stack.set(at, UNKNOWN);
    if (inside + size > 8 || value.kind !== 'bits') return;
    const mask = ((1n << BigInt(size * 8)) - 1n) << BigInt(inside * 8);
    const fresh = shift(value, 'lsl', inside * 8, 64);
    const kept = old.kind === 'bits' ? old : UNKNOWN;
    stack.set(first, or(and(fresh, constant(mask)), and(kept, constant(M64 ^ mask))));
  }

  /** An address whose low twelve bits a relocation fills in, on top of what ADRP gave. */
  low12(base: Value): Value | null {
    const fixup = this.fixups.find(({ type }) => LOW12.has(type));
    if (!fixup) return null;
    const isOfPage = base.kind === 'page' && base.place.section === fixup.to.section;
    return isOfPage ? addressOf(fixup.to, this.name) : UNKNOWN;
  }
}

export type Effect = (step: Step) => Outcome[];
