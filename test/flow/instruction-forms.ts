// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The instructions of guards and calls that mutants change, and what each may
// become.

import type { Random } from './random.js';

export const [NOP, RET, B] = [0xd503201f, 0xd65f03c0, 0x14000000];

/** A form of instruction in a guard or a call, and a way to change it. */
export interface Form {
  readonly name: string;
  readonly mask: number;
  readonly value: number;
  /** The new instruction; `to` is a displacement in instructions. */
  change(instruction: number, random: Random, to: number): number;
}

export const displaced = (instruction: number, low: number, count: number, to: number): number => {
  const mask = (2 ** count - 1) * 2 ** low;
  return (instruction & ~mask) | ((to * 2 ** low) & mask);
};

export const GUARD_FORMS: readonly Form[] = [
  // B.cond, CBZ, CBNZ, TBZ and TBNZ inverted, or with another target.
  { name: 'condition', mask: 0xff000010, value: 0x54000000, change: (one) => one ^ 1 },
  {
    name: 'condition',
    mask: 0xff000010,
    value: 0x54000000,
    change: (one, random) => (one & ~15) | random.below(14),
  },
  { name: 'target', mask: 0xff000010, value: 0x54000000, change: (one, _, to) => displaced(one, 5, 19, to) },
  { name: 'zero test', mask: 0x7e000000, value: 0x34000000, change: (one) => one ^ 0x01000000 },
  { name: 'target', mask: 0x7e000000, value: 0x34000000, change: (one, _, to) => displaced(one, 5, 19, to) },
  { name: 'bit test', mask: 0x7e000000, value: 0x36000000, change: (one) => one ^ 0x01000000 },
  { name: 'target', mask: 0x7e000000, value: 0x36000000, change: (one, _, to) => displaced(one, 5, 14, to) },
  {
    name: 'bit',
    mask: 0x7e000000,
    value: 0x36000000,
    change: (one, random) => displaced(one, 19, 5, random.pick([10, 11, 11, 12, 20, random.below(32)]) ?? 0),
  },
  // The mask of AND and TST rotated; UBFX and LSR of another bit; CMP with another small number.
  {
    name: 'mask',
    mask: 0x1f800000,
    value: 0x12000000,
    change: (one, random) => displaced(one, 16, 5, random.below(32)),
  },
  {
    name: 'bit field',
    mask: 0xffc00000,
    value: 0xd3400000,
    change: (one, random) => displaced(one, 16, 6, random.pick([9, 10, 11, 12]) ?? 0),
  },
  {
    name: 'number',
    mask: 0x7f00001f,
    value: 0x7100001f,
    change: (one, random) => displaced(one, 10, 12, random.below(3)),
  },
];

export const CALL_FORMS: readonly Form[] = [
  { name: 'callee', mask: 0xfc000000, value: 0x94000000, change: (one, _, to) => displaced(one, 0, 26, to) },
  { name: 'target', mask: 0xfc000000, value: B, change: (one, _, to) => displaced(one, 0, 26, to) },
  { name: 'call', mask: 0xfc000000, value: 0x94000000, change: (one) => one ^ 0x80000000 },
  { name: 'return', mask: 0xffffffff, value: RET, change: () => NOP },
  { name: 'branch', mask: 0xfc000000, value: B, change: () => NOP },
  { name: 'nop', mask: 0xffffffff, value: NOP, change: () => RET },
];
