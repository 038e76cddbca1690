// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Loads, stores and system registers.

import { extended } from './data-processing.js';
import { ANY_FLAGS } from './flags.js';
import { bits, type Effect, isSet, type Step, signed } from './step.js';
import { add, addressOf, bitsOf, constant, M64, UNKNOWN, UNKNOWN32, type Value } from './value.js';

const LITERAL = 273;
/** HCR_EL2.E2H: set is what VHE is. */
const E2H = 1n << 34n;
const SYSTEM = { currentEl: 0x4212, hcrEl2: 0x6088, nzcv: 0x5a10 };

export const loadLiteral: Effect = (step) => {
  const { word, place } = step;
  const kind = bits(word, 30, 2);
  if (isSet(word, 26) || kind === 3) return step.next();
  const fixup = step.fixups.find(({ type }) => type === LITERAL);
  const offset = place.offset + signed(word, 5, 19) * 4;
  const slot = fixup?.to ?? (step.fixups.length > 0 ? null : { section: place.section, offset });
  const address = slot ? addressOf(slot, step.name) : UNKNOWN;
  const width = kind === 0 ? 32 : 64;
  step.write(bits(word, 0, 5), step.load(address, kind === 1 ? 8 : 4, kind === 2, width), false, width);
  return step.next();
};

export const exclusive: Effect = (step) => {
  const { word } = step;
  const size = 1 << bits(word, 30, 2);
  const [isOrdered, isLoad, isPair] = [isSet(word, 23), isSet(word, 22), isSet(word, 21)];
  const [status, second, base, first] = [
    bits(word, 16, 5),
    bits(word, 10, 5),
    bits(word, 5, 5),
    bits(word, 0, 5),
  ];
  const address = step.take(base, true);
  if (isPair && (isOrdered || size < 4)) {
    // CAS and CASP: what was there comes back.
    step.take(first);
    step.store(address, UNKNOWN, 8);
    step.write(status, UNKNOWN, false, 64);
    if (!isOrdered) step.write(status + 1, UNKNOWN, false, 64);
  } else if (isLoad) {
    step.write(first, isPair ? UNKNOWN : step.load(address, size, false, 64), false, 64);
    if (isPair) step.write(second, UNKNOWN, false, 64);
  } else {
    step.store(address, step.take(first), size);
    if (isPair) step.store(UNKNOWN, step.take(second), size);
    if (!isOrdered) step.write(status, bitsOf(M64 ^ 1n, 0n), false, 64);
  }
  return step.next();
};

export const pair: Effect = (step) => {
  const { word } = step;
  const [kind, mode] = [bits(word, 30, 2), bits(word, 23, 2)];
  const [isVector, isLoad] = [isSet(word, 26), isSet(word, 22)];
  if (kind === 3 || (kind === 1 && !isVector && !isLoad)) return step.stop('a pair that is none');
  const size = isVector ? 4 << kind : kind === 2 ? 8 : 4;
  const base = bits(word, 5, 5);
  const [first, second] = [bits(word, 0, 5), bits(word, 10, 5)];
  const start = step.take(base, true);
  const by = constant(signed(word, 15, 7) * size);
  const after = add(start, by);
  const address = mode === 1 ? start : after;
  const other = add(address, constant(size));
  if (isVector) {
    if (!isLoad) for (const at of [address, other]) step.store(at, UNKNOWN, size);
  } else if (isLoad) {
    const width = kind === 0 ? 32 : 64;
    const values = [address, other].map((at) => step.load(at, size, kind === 1, width));
    step.write(first, values[0] ?? UNKNOWN, false, width);
    step.write(second, values[1] ?? UNKNOWN, false, width);
  } else {
    step.store(address, step.look(first), size);
    step.store(other, step.look(second), size);
  }
  if (mode === 1 || mode === 3) step.write(base, after, true, 64);
  return step.next();
};

/** A register's load or store, once its address is known. */
const transfer = (step: Step, address: Value): void => {
  const { word } = step;
  const [size, kind, register] = [1 << bits(word, 30, 2), bits(word, 22, 2), bits(word, 0, 5)];
  if (isSet(word, 26)) {
    if ((kind & 1) === 0) step.store(address, UNKNOWN, (kind & 2) !== 0 ? 16 : size);
  } else if (kind === 0) step.store(address, step.look(register), size);
  else if (!(size === 8 && kind === 2)) {
    const width = kind === 3 || (kind === 1 && size < 8) ? 32 : 64;
    const value = step.load(address, size, kind !== 1, width);
    step.write(register, value, false, width);
  }
};

export const transferScaled: Effect = (step) => {
  const { word } = step;
  const base = step.take(bits(word, 5, 5), true);
  const completed = step.low12(base);
  const scale = isSet(word, 26) && isSet(word, 23) ? 16 : 1 << bits(word, 30, 2);
  const isUnread = step.fixups.length > 0 && !completed;
  transfer(step, completed ?? (isUnread ? UNKNOWN : add(base, constant(bits(word, 10, 12) * scale))));
  return step.next();
};

export const transferUnscaled: Effect = (step) => {
  const { word } = step;
  const base = bits(word, 5, 5);
  const start = step.take(base, true);
  const after = add(start, constant(signed(word, 12, 9)));
  const mode = bits(word, 10, 2);
  transfer(step, mode === 1 ? start : after);
  if (mode === 1 || mode === 3) step.write(base, after, true, 64);
  return step.next();
};

export const transferIndexed: Effect = (step) => {
  const { word } = step;
  const base = step.take(bits(word, 5, 5), true);
  const scale = isSet(word, 26) && isSet(word, 23) ? 4 : bits(word, 30, 2);
  const index = extended(step.take(bits(word, 16, 5)), bits(word, 13, 3), isSet(word, 12) ? scale : 0);
  transfer(step, add(base, index));
  return step.next();
};

export const atomic: Effect = (step) => {
  const { word } = step;
  const address = step.take(bits(word, 5, 5), true);
  const size = 1 << bits(word, 30, 2);
  // LDAPR is among them by its encoding alone.
  const isLoad = bits(word, 12, 4) === 12 && bits(word, 16, 5) === 31;
  if (!isLoad) {
    step.take(bits(word, 16, 5));
    step.store(address, UNKNOWN, size);
  }
  const value = isLoad ? step.load(address, size, false, 64) : size === 8 ? UNKNOWN : UNKNOWN32;
  step.write(bits(word, 0, 5), value, false, 64);
  return step.next();
};

export const readSystem: Effect = (step) => {
  const { word, state } = step;
  const values = new Map<number, Value>([
    [SYSTEM.currentEl, constant(state.level << 2)],
    [SYSTEM.hcrEl2, bitsOf(E2H, 0n)],
  ]);
  step.write(bits(word, 0, 5), values.get(bits(word, 5, 15)) ?? UNKNOWN, false, 64);
  return step.next();
};

export const writeSystem: Effect = (step) => {
  step.take(bits(step.word, 0, 5));
  if (bits(step.word, 5, 15) === SYSTEM.nzcv) step.state.flags = ANY_FLAGS;
  return step.next();
};

export const processorState: Effect = (step) => {
  // CFINV, XAFLAG and AXFLAG.
  if (bits(step.word, 16, 3) === 0 && bits(step.word, 5, 3) < 3) step.state.flags = ANY_FLAGS;
  return step.next();
};

export const nothing: Effect = (step) => step.next();
export const system: Effect = (step) => {
  step.take(bits(step.word, 0, 5));
  return step.next();
};
export const systemResult: Effect = (step) => {
  step.write(bits(step.word, 0, 5), UNKNOWN, false, 64);
  return step.next();
};
