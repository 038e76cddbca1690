// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What one A64 instruction does to the oracle's machine: a table of encodings
// by mask and value, and an effect for each. Written from the Arm ARM ("A64
// Instruction Set Encoding"); an encoding that is not in the table ends the
// path, which costs reach and never soundness.

import {
  branch,
  compareAndBranch,
  conditionalBranch,
  exception,
  indirect,
  returns,
  stop,
  testBitAndBranch,
} from './branches.js';
import {
  adr,
  bitfield,
  carried,
  conditionalCompare,
  conditionalSelect,
  extract,
  logicImmediate,
  logicRegister,
  moveWide,
  oneSource,
  sumImmediate,
  sumRegister,
  threeSources,
  twoSources,
} from './data-processing.js';
import {
  atomic,
  exclusive,
  loadLiteral,
  nothing,
  pair,
  processorState,
  readSystem,
  system,
  systemResult,
  transferIndexed,
  transferScaled,
  transferUnscaled,
  writeSystem,
} from './memory.js';
import { SIDE_EFFECTS } from './side-effects.js';
import type { State } from './state.js';
import { type Effect, type Outcome, Step, type Surroundings } from './step.js';

/** Mask, value, effect; the first row that fits. */
const ENCODINGS: readonly (readonly [number, number, Effect])[] = [
  ...SIDE_EFFECTS,
  [0xffff0000, 0x00000000, stop('udf')],
  [0xfc000000, 0x14000000, branch(false)],
  [0xfc000000, 0x94000000, branch(true)],
  [0xff000000, 0x54000000, conditionalBranch],
  [0x7e000000, 0x34000000, compareAndBranch],
  [0x7e000000, 0x36000000, testBitAndBranch],
  [0xfffffc1f, 0xd61f0000, indirect(false, true)],
  [0xfffff81f, 0xd61f081f, indirect(false, true)],
  [0xfffff800, 0xd71f0800, indirect(false, true)],
  [0xfffffc1f, 0xd63f0000, indirect(true, false)],
  [0xfffff81f, 0xd63f081f, indirect(true, false)],
  [0xfffff800, 0xd73f0800, indirect(true, false)],
  [0xfffffc1f, 0xd65f0000, returns],
  [0xfffffbff, 0xd65f0bff, returns],
  [0xfffff3ff, 0xd69f03e0, stop('eret')],
  [0xff000000, 0xd4000000, exception],
  [0xfffff01f, 0xd503201f, nothing],
  [0xfffff01f, 0xd503301f, nothing],
  [0xfff8f01f, 0xd500401f, processorState],
  [0xfff80000, 0xd5080000, system],
  [0xfff80000, 0xd5280000, systemResult],
  [0xfff00000, 0xd5100000, writeSystem],
  [0xfff00000, 0xd5300000, readSystem],
  [0x1f000000, 0x10000000, adr],
  [0x1f800000, 0x11000000, sumImmediate],
  [0x1f800000, 0x12000000, logicImmediate],
  [0x1f800000, 0x12800000, moveWide],
  [0x1f800000, 0x13000000, bitfield],
  [0x1f800000, 0x13800000, extract],
  [0x1f000000, 0x0a000000, logicRegister],
  [0x1f200000, 0x0b000000, sumRegister],
  [0x1fe00000, 0x0b200000, sumRegister],
  [0x1fe0fc00, 0x1a000000, carried],
  [0x3fe00410, 0x3a400000, conditionalCompare],
  [0x3fe00800, 0x1a800000, conditionalSelect],
  [0x7fe00000, 0x1ac00000, twoSources],
  [0x7fe00000, 0x5ac00000, oneSource],
  [0x1f000000, 0x1b000000, threeSources],
  [0x3b000000, 0x18000000, loadLiteral],
  [0x3f000000, 0x08000000, exclusive],
  [0x3a000000, 0x28000000, pair],
  [0x3b000000, 0x39000000, transferScaled],
  [0x3b200000, 0x38000000, transferUnscaled],
  [0x3b200c00, 0x38200800, transferIndexed],
  [0x3f200c00, 0x38200000, atomic],
];

const effects = new Map<number, Effect>();

const effectOf = (word: number): Effect => {
  const known = effects.get(word);
  if (known) return known;
  const row = ENCODINGS.find(([mask, value]) => (word & mask) >>> 0 === value >>> 0);
  const effect = row?.[2] ?? stop('an encoding that the oracle does not know');
  effects.set(word, effect);
  return effect;
};

/** What may come after an instruction; `state` is changed, and is one of the results' states where there is one. */
export const execute = (state: State, word: number, around: Surroundings): Outcome[] =>
  effectOf(word)(new Step(state, word, around));

/** Whether an instruction accesses memory or translates an address, and so may fault. */
export const mayFault = (word: number): boolean =>
  (word & 0x0a000000) === 0x08000000 || (word & 0xfff80000) >>> 0 === 0xd5080000;
