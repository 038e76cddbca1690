// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// NZCV when it is not known: the set of states that it can be in, as sixteen
// bits. A state is in the set only if two numbers were found that give it, so a
// branch that the set allows is one that some machine takes.
// [Arm ARM, "Condition flags and related instructions", AddWithCarry()]

import { M64, UNKNOWN, type Value, witnesses } from './value.js';

/** A set of states; state N:Z:C:V is bit 8N+4Z+2C+V. */
export type Flags = number;

/** All states but N with Z, which no arithmetic gives. */
export const ANY_FLAGS: Flags = 0x0fff;
export const flagState = (nzcv: number): Flags => 1 << nzcv;

const holds = (condition: number, nzcv: number): boolean => {
  const [n, z, c, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const tests = [z, c, n, v, c && !z, n === v, n === v && !z, true];
  const result = tests[condition >> 1] === true;
  // 1111 is always, as 1110.
  return (condition & 1) !== 0 && condition !== 15 ? !result : result;
};

/** The states in which a condition holds, and those in which it does not. */
export const splitFlags = (flags: Flags, condition: number): readonly [Flags, Flags] => {
  let holding = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) if (holds(condition, nzcv)) holding |= flagState(nzcv);
  return [flags & holding, flags & ~holding];
};

const known = new Map<string, Flags>();

/** After ADDS (or CMN), or SUBS (or CMP). */
export const flagsOfSum = (a: Value, b: Value, isSubtraction: boolean, width: 32 | 64): Flags => {
  if (a.kind !== 'bits' || b.kind !== 'bits') {
    // An address is not null; of its top bit nothing is known.
    const isNullTest = isSubtraction && width === 64 && b.kind === 'bits' && b.known === M64 && b.bits === 0n;
    return isNullTest
      ? flagState(0b0010) | flagState(0b1010)
      : flagsOfSum(UNKNOWN, UNKNOWN, isSubtraction, width);
  }
  const name = `${a.id}|${b.id}|${isSubtraction}|${width}`;
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const size = BigInt(width);
  const mask = (1n << size) - 1n;
  const top = 1n << (size - 1n);
  let flags = 0;
  const firsts = witnesses(a, b.known === M64 ? [b.bits, -b.bits] : []);
  for (const first of firsts) {
    for (const second of witnesses(b, [first, -first])) {
      const x = first & mask;
      const y = (isSubtraction ? ~second : second) & mask;
      const sum = x + y + (isSubtraction ? 1n : 0n);
      const result = sum & mask;
      const n = (result & top) !== 0n;
      const v = ((x ^ result) & (y ^ result) & top) !== 0n;
      flags |= flagState((n ? 8 : 0) | (result === 0n ? 4 : 0) | (sum > mask ? 2 : 0) | (v ? 1 : 0));
    }
  }
  known.set(name, flags);
  return flags;
};

/** After ANDS (or TST) and BICS. */
export const flagsOfResult = (result: Value, width: 32 | 64): Flags => {
  const size = BigInt(width);
  let flags = 0;
  for (const one of witnesses(result, [])) {
    const word = BigInt.asUintN(width, one);
    flags |= flagState((word >> (size - 1n) ? 8 : 0) | (word === 0n ? 4 : 0));
  }
  return flags;
};
