// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Data processing on general registers: addresses, arithmetic, logic, bit fields,
// conditional instructions.
//
// Odd: a comparison just before a branch through a register is tried with every
// number that it separates, one state each. So tables of a switch are followed
// with an index that is a number.

import { next, onCondition } from './branches.js';
import { ANY_FLAGS, flagState, flagsOfResult, flagsOfSum } from './flags.js';
import type { State } from './state.js';
import { bits, type Effect, isSet, type Outcome, type Step, signed } from './step.js';
import {
  add,
  addressOf,
  and,
  bitsOf,
  constant,
  extend,
  isConstant,
  knownOf,
  low32,
  M32,
  M64,
  not,
  or,
  pageOf,
  SHIFTS,
  shift,
  UNKNOWN,
  unknownCalled,
  type Value,
  xor,
} from './value.js';

/** Relocation types. [AAELF64 "Static AArch64 relocations"] */
const PAGES = new Set([275, 276]);
const ADR = 274;

export const adr: Effect = (step) => {
  const { word, place } = step;
  const register = bits(word, 0, 5);
  const isPage = isSet(word, 31);
  const fixup = step.fixups.find(({ type }) => (isPage ? PAGES.has(type) : type === ADR));
  if (fixup) {
    step.write(register, isPage ? pageOf(fixup.to) : addressOf(fixup.to, step.name), false, 64);
  } else if (isPage || step.fixups.length > 0) {
    step.write(register, UNKNOWN, false, 64);
  } else {
    const displacement = signed(word, 5, 19) * 4 + bits(word, 29, 2);
    const to = { section: place.section, offset: place.offset + displacement };
    step.write(register, addressOf(to, step.name), false, 64);
  }
  return step.next();
};

/** A number that a machine compares an index with before it goes through a table. */
const SMALL = 64n;
const LOOK_AHEAD = 20;

/** Whether a branch through a register comes soon: then it is worth trying an index's values one by one. */
const isBeforeSwitch = ({ around: { link }, place }: Step): boolean => {
  for (let ahead = 1; ahead <= LOOK_AHEAD; ahead++) {
    const word = link.instruction({ section: place.section, offset: place.offset + ahead * 4 });
    if (word !== null && (word & ~0x3e0) >>> 0 === 0xd61f0000) return true;
  }
  return false;
};

const sum = (
  step: Step,
  register: number,
  first: Value,
  second: Value,
  destination: number,
  isSp: boolean,
): Outcome[] => {
  const { word, state, width } = step;
  const isSubtraction = isSet(word, 30);
  const setsFlags = isSet(word, 29);
  const [a, b] = width === 32 ? [low32(first), low32(second)] : [first, second];
  if (setsFlags) {
    step.around.used(first, state);
    step.around.used(second, state);
    const mayBeIndex = destination === 31 && register < 31 && isSubtraction && first.kind === 'bits';
    if (mayBeIndex && isConstant(b) && b.bits < SMALL && (knownOf(a) & M32) === 0n && isBeforeSwitch(step)) {
      return Array.from({ length: Number(b.bits) + 2 }, (_, index) => {
        const copy = state.beside();
        for (const [other, { id }] of state.registers.entries())
          if (id !== '' && id === first.id) copy.registers[other] = constant(index);
        copy.registers[register] = constant(index);
        copy.flags = flagsOfSum(constant(index), b, true, width);
        return next(copy);
      });
    }
    state.flags = flagsOfSum(a, b, isSubtraction, width);
  }
  const result = add(width === 32 ? a : first, b, isSubtraction);
  if (result.kind === 'bits') for (const one of [first, second]) step.around.used(one, state);
  step.write(destination, result, isSp && !setsFlags);
  return step.next();
};

export const sumImmediate: Effect = (step) => {
  const { word } = step;
  const [destination, source] = [bits(word, 0, 5), bits(word, 5, 5)];
  const completed = step.low12(step.look(source));
  if (completed || step.fixups.length > 0) {
    step.write(destination, completed ?? UNKNOWN, true);
    return step.next();
  }
  const immediate = constant(bits(word, 10, 12) * (isSet(word, 22) ? 4096 : 1));
  return sum(step, source, step.look(source, true), immediate, destination, true);
};

const shifted = (step: Step): Value => {
  const { word } = step;
  const amount = bits(word, 10, 6);
  const source = bits(word, 16, 5);
  const kind = SHIFTS[bits(word, 22, 2)] ?? 'lsl';
  const value = amount === 0 ? step.look(source) : step.take(source);
  const whole = step.width === 32 ? low32(value) : value;
  return amount === 0 ? value : shift(whole, kind, amount, step.width);
};

/** UXTB to SXTX, shifted left. */
export const extended = (value: Value, option: number, amount: number): Value => {
  const from = 8 << (option & 3);
  const wide = from === 64 ? value : extend(value.kind === 'bits' ? value : UNKNOWN, from, option >= 4);
  return amount === 0 ? wide : shift(wide, 'lsl', amount, 64);
};

export const sumRegister: Effect = (step) => {
  const { word } = step;
  const source = bits(word, 5, 5);
  if (isSet(word, 21)) {
    const second = extended(step.take(bits(word, 16, 5)), bits(word, 13, 3), bits(word, 10, 3));
    return sum(step, source, step.look(source, true), second, bits(word, 0, 5), true);
  }
  return sum(step, source, step.look(source), shifted(step), bits(word, 0, 5), false);
};

const logic = (step: Step, first: Value, second: Value, isSp: boolean): Outcome[] => {
  const { word, state, width } = step;
  const result = [and, or, xor, and][bits(word, 29, 2)]?.(first, second) ?? UNKNOWN;
  const sized = width === 32 ? low32(result) : result;
  if (bits(word, 29, 2) === 3) state.flags = flagsOfResult(sized, width);
  step.write(bits(word, 0, 5), sized, isSp && bits(word, 29, 2) !== 3);
  return step.next();
};

/** DecodeBitMasks(): a run of ones, rotated, repeated. */
const bitMask = (n: number, imms: number, immr: number): bigint => {
  const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  const size = 1 << length;
  const ones = (imms & (size - 1)) + 1;
  const run = bitsOf(M64, (1n << BigInt(ones)) - 1n);
  const turn = BigInt(immr & (size - 1));
  const width = BigInt(size);
  const mask = (1n << width) - 1n;
  const plain = run.kind === 'bits' ? run.bits : 0n;
  const element = ((plain >> turn) | (plain << (width - turn))) & mask;
  let all = 0n;
  for (let at = 0n; at < 64n; at += width) all |= element << at;
  return all;
};

export const logicImmediate: Effect = (step) => {
  const { word } = step;
  const mask = bitMask(bits(word, 22, 1), bits(word, 10, 6), bits(word, 16, 6));
  return logic(step, step.take(bits(word, 5, 5)), constant(mask), true);
};

export const logicRegister: Effect = (step) => {
  const { word } = step;
  const isMove =
    bits(word, 29, 2) === 1 && bits(word, 5, 5) === 31 && bits(word, 10, 6) === 0 && !isSet(word, 21);
  if (isMove) {
    const source = bits(word, 16, 5);
    const value = step.look(source);
    // An index and its copy are tried together.
    const isIndex = value.id === '' && step.width === 64 && isBeforeSwitch(step);
    const copied = isIndex ? unknownCalled(step.name) : value;
    if (isIndex) step.write(source, copied);
    step.write(bits(word, 0, 5), copied);
    return step.next();
  }
  step.take(bits(word, 16, 5));
  const second = shifted(step);
  return logic(step, step.take(bits(word, 5, 5)), isSet(word, 21) ? not(second) : second, false);
};

export const moveWide: Effect = (step) => {
  const { word } = step;
  const register = bits(word, 0, 5);
  if (step.fixups.length > 0) {
    step.write(register, UNKNOWN);
    return step.next();
  }
  const at = BigInt(bits(word, 21, 2) * 16);
  const immediate = BigInt(bits(word, 5, 16)) << at;
  switch (bits(word, 29, 2)) {
    case 0:
      step.write(register, constant(M64 ^ immediate));
      break;
    case 2:
      step.write(register, constant(immediate));
      break;
    case 3:
      step.write(
        register,
        or(and(step.look(register), constant(M64 ^ (0xffffn << at))), constant(immediate)),
      );
      break;
    default:
      return step.stop('an unallocated move');
  }
  return step.next();
};

export const bitfield: Effect = (step) => {
  const { word, width } = step;
  const [register, immr, imms] = [bits(word, 0, 5), bits(word, 16, 6), bits(word, 10, 6)];
  const taken = step.take(bits(word, 5, 5));
  const source = width === 32 ? low32(taken) : taken;
  const operation = bits(word, 29, 2);
  if (operation === 3) return step.stop('an unallocated bit field');
  // Either bits immr to imms go to the bottom, or the lowest imms + 1 go up.
  const isExtract = imms >= immr;
  const count = isExtract ? imms - immr + 1 : imms + 1;
  const up = isExtract ? 0 : width - immr;
  const field = extend(shift(source, 'lsr', isExtract ? immr : 0, 64), count, operation === 0);
  const moved = shift(field, 'lsl', up, 64);
  if (operation !== 1) step.write(register, moved);
  else {
    const mask = ((1n << BigInt(count)) - 1n) << BigInt(up);
    step.write(register, or(and(moved, constant(mask)), and(step.take(register), constant(M64 ^ mask))));
  }
  return step.next();
};

export const extract: Effect = (step) => {
  const { word, width } = step;
  const [high, low, at] = [step.take(bits(word, 5, 5)), step.take(bits(word, 16, 5)), bits(word, 10, 6)];
  const [upper, lower] = width === 32 ? [low32(high), low32(low)] : [high, low];
  const value = at === 0 ? lower : or(shift(lower, 'lsr', at, width), shift(upper, 'lsl', width - at, width));
  step.write(bits(word, 0, 5), value);
  return step.next();
};

export const conditionalCompare: Effect = (step) => {
  const { word, width } = step;
  const first = step.take(bits(word, 5, 5));
  const second = isSet(word, 11) ? constant(bits(word, 16, 5)) : step.take(bits(word, 16, 5));
  const [a, b] = width === 32 ? [low32(first), low32(second)] : [first, second];
  const set = (flags: number) => (state: State) => {
    state.flags = flags;
    return next(state);
  };
  const compared = flagsOfSum(a, b, isSet(word, 30), width);
  return onCondition(step, bits(word, 12, 4), set(compared), set(flagState(bits(word, 0, 4))));
};

export const conditionalSelect: Effect = (step) => {
  const { word, width } = step;
  const destination = bits(word, 0, 5);
  const [first, second] = [step.look(bits(word, 5, 5)), step.look(bits(word, 16, 5))];
  const inverted = isSet(word, 30) ? not(second) : second;
  const other = isSet(word, 10) ? add(inverted, constant(1)) : inverted;
  const set = (value: Value) => (state: State) => {
    if (destination < 31) state.registers[destination] = width === 32 ? low32(value) : value;
    return next(state);
  };
  return onCondition(step, bits(word, 12, 4), set(first), set(other));
};

export const twoSources: Effect = (step) => {
  const { word, width } = step;
  const [first, amount] = [step.take(bits(word, 5, 5)), step.take(bits(word, 16, 5))];
  const isShift = bits(word, 12, 4) === 2 && isConstant(amount);
  const kind = SHIFTS[bits(word, 10, 2)] ?? 'lsl';
  const whole = width === 32 ? low32(first) : first;
  const by = isShift ? Number(amount.bits % BigInt(width)) : 0;
  step.write(bits(word, 0, 5), isShift ? shift(whole, kind, by, width) : UNKNOWN);
  return step.next();
};

export const oneSource: Effect = (step) => {
  // Pointer authentication leaves the pointer what it is; the rest turns bits around.
  const isPointer = bits(step.word, 16, 5) === 1;
  if (!isPointer) {
    step.take(bits(step.word, 5, 5));
    step.write(bits(step.word, 0, 5), UNKNOWN);
  }
  return step.next();
};

export const threeSources: Effect = (step) => {
  const { word } = step;
  const [first, second, third] = [bits(word, 5, 5), bits(word, 16, 5), bits(word, 10, 5)].map((one) =>
    step.take(one),
  );
  const isPlain = bits(word, 21, 3) === 0 && first && second && third;
  if (isPlain && isConstant(first) && isConstant(second) && isConstant(third)) {
    const product = first.bits * second.bits;
    step.write(bits(word, 0, 5), constant(third.bits + (isSet(word, 15) ? -product : product)));
  } else step.write(bits(word, 0, 5), UNKNOWN);
  return step.next();
};

export const carried: Effect = (step) => {
  step.take(bits(step.word, 5, 5));
  step.take(bits(step.word, 16, 5));
  step.write(bits(step.word, 0, 5), UNKNOWN);
  if (isSet(step.word, 29)) step.state.flags = ANY_FLAGS;
  return step.next();
};
