// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the kernel writes into its code and keys for one machine, as jump_label.c
// and alternative.c do. Every site is written for every world, so worlds can follow
// each other in one process.

import type { Executable } from './executable.js';
import type { Options } from './options.js';
import { CAPABILITY_COUNT, type World } from './worlds.js';

/** Words by address. */
export type Patches = ReadonlyMap<number, number>;

const NOP = 0xd503201f;
const ALT_ENTRY_SIZE = 12;

/** The low `bits` bits of `value` as a signed number. */
const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

const symbol = ({ symbols }: Executable, name: string): number => {
  const address = symbols.get(name);
  if (address === undefined) throw new RangeError(`no symbol '${name}'`);
  return address;
};

const b = (from: number, to: number): number => (0x14000000 | (((to - from) >> 2) & 0x3ffffff)) >>> 0;

/** PC-relative instructions whose target the kernel keeps when it copies them: mask, match, field. */
const relatives: readonly (readonly [mask: number, match: number, bits: number, shift: number])[] = [
  [0x7c000000, 0x14000000, 26, 0], // B, BL
  [0xff000010, 0x54000000, 19, 5], // B.cond
  [0x7e000000, 0x34000000, 19, 5], // CBZ, CBNZ
  [0x7e000000, 0x36000000, 14, 5], // TBZ, TBNZ
];

/** `word` of a replacement at `from`, as it has to be at `to`. */
const moved = (word: number, from: number, to: number, [low, high]: readonly [number, number]): number => {
  if ((word & 0x1f000000) >>> 0 === 0x10000000) throw new RangeError('ADR or ADRP in a replacement');
  const row = relatives.find(([mask, match]) => (word & mask) >>> 0 === match);
  if (row === undefined) return word;
  const [, , bits, shift] = row;
  const target = from + 4 * signed(word >>> shift, bits);
  // A target inside the replacement moves along.
  if (low <= target && target <= high) return word;
  const field = 2 ** bits - 1;
  return ((word & ~(field << shift)) | ((((target - to) >> 2) & field) << shift)) >>> 0;
};

interface Alternative {
  readonly original: number;
  readonly replacement: number;
  readonly capability: number;
  readonly originalLength: number;
  readonly replacementLength: number;
}

/** struct alt_instr: s32, s32, u16, u8, u8, the first two relative to themselves. */
const alternativesOf = (executable: Executable): readonly Alternative[] => {
  const table = executable.sections.get('.altinstructions');
  if (table === undefined) return [];
  return Array.from({ length: Math.floor(table.size / ALT_ENTRY_SIZE) }, (_, i) => {
    const at = table.address + i * ALT_ENTRY_SIZE;
    return {
      original: at + executable.s32(at),
      replacement: at + 4 + executable.s32(at + 4),
      capability: executable.u16(at + 8),
      originalLength: executable.u8(at + 10),
      replacementLength: executable.u8(at + 11),
    };
  });
};

/** Whether an address is one that an alternative writes to. */
export const isInAlternative = (executable: Executable): ((address: number) => boolean) => {
  const all = alternativesOf(executable);
  return (address) =>
    all.some(({ original, originalLength }) => original <= address && address < original + originalLength);
};

const alternativePatches = (executable: Executable, world: World): readonly (readonly [number, number])[] =>
  alternativesOf(executable).flatMap((entry) => {
    const { original, replacement, capability, originalLength, replacementLength } = entry;
    const isCallback = capability === CAPABILITY_COUNT;
    const range = [replacement, replacement + replacementLength] as const;
    return Array.from({ length: originalLength / 4 }, (_, i) => {
      const [to, from] = [original + 4 * i, replacement + 4 * i];
      // kvm_update_va_mask() may leave nothing to do.
      if (isCallback) return [to, NOP] as const;
      if (!world.has(capability)) return [to, executable.u32(to)] as const;
      if (originalLength !== replacementLength) throw new RangeError('lengths of an alternative differ');
      return [to, moved(executable.u32(from), from, to, range)] as const;
    });
  });

/** Keys by address; each one's `enabled`. */
const keysOf = (executable: Executable, { jumps }: Options, world: World): ReadonlyMap<number, boolean> => {
  const size = jumps ? 16 : 4;
  const keys = symbol(executable, 'cpu_hwcap_keys');
  return new Map([
    [symbol(executable, 'arm64_const_caps_ready'), true],
    [symbol(executable, 'plain_key'), world.plain],
    [symbol(executable, 'set_key'), world.set],
    ...Array.from({ length: CAPABILITY_COUNT }, (_, n) => [keys + n * size, world.has(n)] as const),
  ]);
};

/** struct jump_entry: code, target, key | bit 0; a site jumps where the key's state differs from bit 0. */
const jumpPatches = (
  executable: Executable,
  { generation }: Options,
  keys: ReadonlyMap<number, boolean>,
): readonly (readonly [number, number])[] => {
  const table = executable.sections.get('__jump_table');
  if (table === undefined) return [];
  const isLong = generation === 416;
  const size = isLong ? 24 : 16;
  return Array.from({ length: Math.floor(table.size / size) }, (_, i) => {
    const at = table.address + i * size;
    const code = isLong ? executable.u64(at) : at + executable.s32(at);
    const target = isLong ? executable.u64(at + 8) : at + 4 + executable.s32(at + 4);
    const tagged = isLong ? executable.u64(at + 16) : at + 8 + executable.s64(at + 8);
    const enabled = keys.get(tagged - (tagged % 4));
    if (enabled === undefined) throw new RangeError(`no key at 0x${tagged.toString(16)}`);
    return [code, enabled !== (tagged % 2 === 1) ? b(code, target) : NOP] as const;
  });
};

/** cpu_hwcaps, a bit for each. */
const bitmapPatches = (executable: Executable, world: World): readonly (readonly [number, number])[] =>
  Array.from({ length: CAPABILITY_COUNT / 32 }, (_, word) => {
    const bits = Array.from({ length: 32 }, (_, bit) => (world.has(32 * word + bit) ? 2 ** bit : 0));
    return [symbol(executable, 'cpu_hwcaps') + 4 * word, bits.reduce((sum, bit) => sum + bit, 0)] as const;
  });

export const patchesFor = (executable: Executable, options: Options, world: World): Patches => {
  const keys = keysOf(executable, options, world);
  return new Map([
    ...[...keys].map(([address, enabled]) => [address, Number(enabled)] as const),
    ...bitmapPatches(executable, world),
    ...alternativePatches(executable, world),
    ...jumpPatches(executable, options, keys),
  ]);
};
