// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compact relocations written as LLVM's MC layer writes them, for objects made in
// memory; crel.test.ts checks the bytes with llvm-readelf.

export interface CrelEntry {
  readonly offset: number | bigint;
  readonly symbol: number;
  readonly type: number;
  readonly addend?: number | bigint;
}

const uleb = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
};

const sleb = (value: bigint): number[] => {
  const bytes: number[] = [];
  for (let rest = BigInt.asIntN(64, value); ; ) {
    const bits = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = rest === ((bits & 0x40) === 0 ? 0n : -1n);
    bytes.push(isLast ? bits : bits | 0x80);
    if (isLast) return bytes;
  }
};

/** The section's bytes; offsets are multiples of 2 ** shift. */
export const encodeCrel = (entries: readonly CrelEntry[], shift = 0): Uint8Array => {
  const bytes = uleb(BigInt(entries.length) * 8n + 4n + BigInt(shift));
  let last = { offset: 0n, symbol: 0, type: 0, addend: 0n };
  for (const entry of entries) {
    const next = {
      ...entry,
      offset: BigInt(entry.offset) >> BigInt(shift),
      addend: BigInt(entry.addend ?? 0),
    };
    const delta = BigInt.asUintN(64, next.offset - last.offset);
    const flags =
      (next.symbol === last.symbol ? 0 : 1) |
      (next.type === last.type ? 0 : 2) |
      (next.addend === last.addend ? 0 : 4);
    const first = Number((delta << 3n) & 0x7fn) | flags;
    if (delta < 0x10n) bytes.push(first);
    else bytes.push(first | 0x80, ...uleb(delta >> 4n));
    if (flags & 1) bytes.push(...sleb(BigInt(next.symbol | 0) - BigInt(last.symbol | 0)));
    if (flags & 2) bytes.push(...sleb(BigInt(next.type | 0) - BigInt(last.type | 0)));
    if (flags & 4) bytes.push(...sleb(next.addend - last.addend));
    last = next;
  }
  return Uint8Array.from(bytes);
};
