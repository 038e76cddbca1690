// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Objects that no compiler makes: hyp functions of random instructions around
// tests of capabilities, keys and alternatives, with calls of the host among them.
// Mutants of the samples keep to the forms that samples have; these objects mix
// them: a capability word that is masked, spilled, compared, selected and tested
// four instructions later, on one of two paths.
//
// Odd: functions are made of fragments that leave the stack as it was, and end
// in one epilogue, so that calls come back and the oracle gets far.

import { type BuiltRelocation, buildObject, type Item } from '../support/object-builder.js';
import { type Random, randomFrom } from './random.js';

/** A64, by the Arm ARM; only what the fragments need. `w` is 0 for W registers, 1 for X. */
const a64 = {
  nop: 0xd503201f,
  ret: 0xd65f03c0,
  isb: 0xd5033fdf,
  hvc: 0xd4000002,
  spins: 0x14000000,
  /** stp x29, x30, [sp, #-48]! and ldp x29, x30, [sp], #48 */
  enter: 0xa9bd7bfd,
  leave: 0xa8c37bfd,
  adrp: (d: number) => 0x90000000 | d,
  adr: (d: number, by: number) => 0x10000000 | ((by & 3) << 29) | (((by >> 2) & 0x7ffff) << 5) | d,
  addImmediate: (d: number, n: number, value: number) => 0x91000000 | (value << 10) | (n << 5) | d,
  subImmediate: (d: number, n: number, value: number) => 0xd1000000 | (value << 10) | (n << 5) | d,
  /** scale: 0 to 3 for 1 to 8 bytes */
  load: (scale: number, t: number, n: number, index: number) =>
    0x39400000 | (scale << 30) | (index << 10) | (n << 5) | t,
  store: (scale: number, t: number, n: number, index: number) =>
    0x39000000 | (scale << 30) | (index << 10) | (n << 5) | t,
  move: (w: number, d: number, m: number) => 0x2a0003e0 | (w << 31) | (m << 16) | d,
  number: (w: number, d: number, value: number) => 0x52800000 | (w << 31) | (value << 5) | d,
  keep: (d: number, value: number, at: number) => 0xf2800000 | (at << 21) | (value << 5) | d,
  /** AND, ORR, EOR, ANDS with a run of `ones` bits from `bit` on */
  logic: (kind: number, d: number, n: number, bit: number, ones: number) =>
    0x92400000 | (kind << 29) | (((64 - bit) & 63) << 16) | ((ones - 1) << 10) | (n << 5) | d,
  logicRegister: (kind: number, isNot: number, d: number, n: number, m: number) =>
    0x8a000000 | (kind << 29) | (isNot << 21) | (m << 16) | (n << 5) | d,
  /** UBFX and SBFX of `count` bits */
  field: (isSigned: boolean, d: number, n: number, bit: number, count: number) =>
    (isSigned ? 0x93400000 : 0xd3400000) | (bit << 16) | ((bit + count - 1) << 10) | (n << 5) | d,
  shiftLeft: (d: number, n: number, by: number) =>
    0xd3400000 | (((64 - by) & 63) << 16) | ((63 - by) << 10) | (n << 5) | d,
  compare: (w: number, n: number, value: number) => 0x7100001f | (w << 31) | (value << 10) | (n << 5),
  compareNegative: (w: number, n: number, value: number) => 0x3100001f | (w << 31) | (value << 10) | (n << 5),
  compareRegister: (w: number, n: number, m: number) => 0x6b00001f | (w << 31) | (m << 16) | (n << 5),
  compareIf: (w: number, n: number, value: number, condition: number, otherwise: number) =>
    0x7a400800 | (w << 31) | (value << 16) | (condition << 12) | (n << 5) | otherwise,
  /** CSEL, CSINC, CSINV and CSNEG by two bits */
  select: (w: number, kind: number, d: number, n: number, m: number, condition: number) =>
    0x1a800000 |
    (w << 31) |
    ((kind >> 1) << 30) |
    ((kind & 1) << 10) |
    (m << 16) |
    (condition << 12) |
    (n << 5) |
    d,
  readSystem: (t: number) => 0xd53c1100 | t,
  currentLevel: (t: number) => 0xd5384240 | t,
  branchIf: (condition: number) => 0x54000000 | condition,
  compareBranch: (w: number, isNot: number, t: number) => 0x34000000 | (w << 31) | (isNot << 24) | t,
  testBranch: (isNot: number, t: number, bit: number) =>
    0x36000000 | ((bit >> 5) << 31) | (isNot << 24) | ((bit & 31) << 19) | t,
  callRegister: (n: number) => 0xd63f0000 | (n << 5),
  jumpRegister: (n: number) => 0xd61f0000 | (n << 5),
};

const R = {
  prel64: 260,
  prel32: 261,
  adr: 274,
  page: 275,
  add: 277,
  load: [278, 284, 285, 286],
  jump: 282,
  call: 283,
  abs64: 257,
};
const REGISTERS = [0, 1, 2, 3, 19, 20];
const BITS = [11, 11, 11, 11, 10, 12, 20, 3];
const CAPABILITIES = [11, 11, 11, 20, 12];
const FRAGMENTS = 9;

/** Displacements of branches are filled in once all code is laid out. */
type Code = Item | { readonly branch: number; readonly to: string; readonly width: 14 | 19 | 26 };

interface Rows {
  readonly jumps: Item[];
  readonly alternatives: Item[];
  readonly replacements: Code[];
}

class Writer {
  readonly #random: Random;
  readonly #rows: Rows;
  readonly #keySize: number;
  readonly #functions: number;
  readonly #label: string;
  #labels = 0;

  constructor(random: Random, rows: Rows, keySize: number, functions: number, label: string) {
    this.#random = random;
    this.#rows = rows;
    this.#keySize = keySize;
    this.#functions = functions;
    this.#label = label;
  }

  #one<T>(values: readonly [T, ...T[]]): T {
    return this.#random.pick(values) ?? values[0];
  }

  get #register(): number {
    return this.#random.pick(REGISTERS) ?? 0;
  }

  get #bit(): number {
    return this.#random.pick(BITS) ?? 0;
  }

  #fresh(): string {
    this.#labels++;
    return `${this.#label}${this.#labels}`;
  }

  #function(): string {
    return `hyp_${this.#random.below(this.#functions)}`;
  }

  /** A function made of fragments, each with a label in front that others may branch to. */
  write(name: string, binding: number): readonly Code[] {
    const labels = Array.from({ length: FRAGMENTS }, () => this.#fresh());
    const exit = this.#fresh();
    const body = labels.flatMap((label, index): readonly Code[] => {
      // Mostly forward, or few paths would end.
      const later = [...labels.slice(index + 1), exit];
      const to = this.#random.below(12) === 0 ? this.#random.pick(labels) : this.#random.pick(later);
      return [{ label }, ...this.#fragment(to ?? exit, exit)];
    });
    return [{ label: name, type: 2, binding }, a64.enter, ...body, { label: exit }, a64.leave, a64.ret];
  }

  #fragment(to: string, exit: string): readonly Code[] {
    const kinds: readonly (() => readonly Code[])[] = [
      () => this.#loadCapabilities(),
      () => this.#loadCapabilities(),
      () => this.#loadKey(),
      () => [...this.#arithmetic(), ...this.#arithmetic()],
      () => this.#arithmetic(),
      () => [...this.#arithmetic(), ...this.#test(to)],
      () => this.#test(to),
      () => [...this.#loadCapabilities(), ...this.#test(to)],
      () => [...this.#loadKey(), a64.compare(0, 0, this.#random.below(2)), this.#branchIf(to)],
      () => this.#site(to),
      () => this.#site(to),
      () => this.#alternative(to),
      () => [this.#hostCall(R.call)],
      () => [...this.#test(to), this.#hostCall(R.call), ...this.#jump(exit)],
      () => [...this.#test(to), this.#hostCall(R.call)],
      () => [...this.#site(to), this.#hostCall(R.call)],
      () => this.#call(),
      () => this.#call(),
      () => [...this.#call(), ...this.#test(to)],
      () => this.#spill(),
      () => this.#jump(to),
    ];
    return (this.#random.pick(kinds) ?? (() => []))();
  }

  #relocated(word: number, type: number, to: string, addend = 0): Item {
    const relocation: BuiltRelocation = { type, to, addend };
    return { word: word >>> 0, relocation };
  }

  #hostCall(type: number): Item {
    return this.#relocated(type === R.call ? 0x94000000 : 0x14000000, type, 'host_call');
  }

  #load(register: number, scale: number, symbol: string, addend: number): readonly Code[] {
    const base = this.#one([register, register, this.#register]);
    const page = this.#relocated(a64.adrp(base), R.page, symbol, addend);
    if (this.#random.below(3) > 0)
      return [page, this.#relocated(a64.load(scale, register, base, 0), R.load[scale] ?? 0, symbol, addend)];
    const whole = this.#relocated(a64.addImmediate(base, base, 0), R.add, symbol, 0);
    const bare = this.#relocated(a64.adrp(base), R.page, symbol, 0);
    return [bare, whole, a64.load(scale, register, base, addend >> scale)];
  }

  #loadCapabilities(): readonly Code[] {
    const register = this.#register;
    switch (this.#random.below(6)) {
      case 0:
        return this.#load(register, 2, 'cpu_hwcaps', 0);
      case 1:
        return this.#load(register, 0, 'cpu_hwcaps', this.#one([1, 1, 0, 2]));
      case 2:
        return this.#load(register, this.#one([2, 3]), 'unrelated', 0);
      default:
        return this.#load(register, 3, 'cpu_hwcaps', 0);
    }
  }

  #loadKey(): readonly Code[] {
    const capability = this.#random.pick(CAPABILITIES) ?? 0;
    if (this.#random.below(4) === 0) return this.#load(0, 2, 'arm64_const_caps_ready', 0);
    return this.#load(0, 2, 'cpu_hwcap_keys', capability * this.#keySize);
  }

  #arithmetic(): readonly Code[] {
    const [d, n, m] = [this.#register, this.#register, this.#register];
    const condition = this.#random.below(14);
    const width = this.#random.below(2);
    return [
      this.#one([
        a64.move(1, d, n),
        a64.move(width, d, n),
        a64.logic(0, d, n, this.#bit, 1),
        a64.logic(this.#random.below(4), d, n, this.#bit, this.#one([1, 1, 2, 3])),
        a64.logicRegister(this.#random.below(4), this.#random.below(2), d, n, m),
        a64.field(this.#random.below(2) === 1, d, n, this.#bit, this.#one([1, 1, 2, 8])),
        a64.field(false, d, n, this.#bit, 20),
        a64.shiftLeft(d, n, this.#one([1, 11, 52, 53])),
        a64.number(width, d, this.#one([0, 1, 0x800, 11])),
        a64.keep(d, this.#one([0, 0x800]), this.#random.below(2)),
        a64.addImmediate(d, n, this.#one([0, 1, 0x800])),
        a64.subImmediate(d, n, this.#one([1, 0x800])),
        a64.select(width, this.#random.below(4), d, n, m, condition),
        a64.select(width, 1, d, 31, 31, condition),
        a64.readSystem(d),
        a64.currentLevel(d),
        a64.compareRegister(width, n, m),
        a64.compareIf(width, n, this.#one([0, 1]), condition, this.#random.below(16)),
        a64.isb,
      ]),
    ];
  }

  #branchIf(to: string): Code {
    return { branch: a64.branchIf(this.#random.below(14)), to, width: 19 };
  }

  #test(to: string): readonly Code[] {
    const register = this.#register;
    const [width, isNot] = [this.#random.below(2), this.#random.below(2)];
    switch (this.#random.below(6)) {
      case 0:
        return [{ branch: a64.compareBranch(width, isNot, register), to, width: 19 }];
      case 1:
        return [a64.logic(3, 31, register, this.#bit, this.#one([1, 1, 2])), this.#branchIf(to)];
      case 2:
        return [a64.compare(width, register, this.#one([0, 1, 0x800])), this.#branchIf(to)];
      case 3:
        return [a64.compareNegative(width, register, 1), this.#branchIf(to)];
      default:
        return [{ branch: a64.testBranch(isNot, register, this.#bit), to, width: 14 }];
    }
  }

  /** A static key's site and its row; nothing if the object has no jump table. */
  #site(to: string): readonly Code[] {
    if (this.#keySize === 4) return [];
    const site = this.#fresh();
    const bit0 = this.#random.below(2);
    const key = this.#random.below(4);
    const symbol = key === 0 ? 'arm64_const_caps_ready' : key === 1 ? 'unrelated_key' : 'cpu_hwcap_keys';
    const addend = key < 2 ? 0 : (this.#random.pick(CAPABILITIES) ?? 0) * this.#keySize;
    this.#rows.jumps.push(this.#relocated(0, R.prel32, site), this.#relocated(0, R.prel32, to), {
      quad: 0n,
      relocation: { type: R.prel64, to: symbol, addend: addend + bit0 },
    });
    const isBranch = this.#random.below(4) > 0 ? bit0 === 1 : bit0 === 0;
    return [{ label: site }, isBranch ? { branch: 0x14000000, to, width: 26 } : a64.nop];
  }

  #alternative(to: string): readonly Code[] {
    const [original, replacement] = [this.#fresh(), this.#fresh()];
    const register = this.#register;
    const bodies = (): Code =>
      this.#one<Code>([
        a64.nop,
        a64.move(1, register, this.#register),
        a64.number(1, register, 0),
        this.#hostCall(R.call),
        this.#relocated(0x14000000, R.jump, to),
      ]);
    const count = this.#one([1, 1, 2]);
    const feature = this.#one([11, 11, 20, 12, 0x800b, 0x8014]);
    const isCallback = feature >= 0x8000;
    const lengths = (isCallback ? 0 : count * 4) * 256 + count * 4;
    this.#rows.alternatives.push(
      this.#relocated(0, R.prel32, original),
      this.#relocated(0, R.prel32, isCallback ? 'host_callback' : replacement),
      lengths * 0x10000 + feature,
    );
    if (!isCallback)
      this.#rows.replacements.push({ label: replacement }, ...Array.from({ length: count }, bodies));
    return [{ label: original }, ...Array.from({ length: count }, bodies)];
  }

  #call(): readonly Code[] {
    const register = this.#register;
    const name = this.#function();
    const address = [
      this.#relocated(a64.adrp(register), R.page, name),
      this.#relocated(a64.addImmediate(register, register, 0), R.add, name),
    ];
    switch (this.#random.below(6)) {
      case 0:
        return [...address, a64.callRegister(register)];
      case 1: {
        // The choice of two functions.
        const other = this.#register;
        const second = this.#function();
        return [
          ...address,
          this.#relocated(a64.adrp(other), R.page, second),
          this.#relocated(a64.addImmediate(other, other, 0), R.add, second),
          a64.select(1, 0, register, register, other, this.#random.below(14)),
          a64.callRegister(register),
        ];
      }
      case 2:
        return [a64.hvc];
      case 3:
        return [this.#relocated(0x94000000, R.call, 'somewhere_else')];
      default:
        return [this.#relocated(0x94000000, R.call, name)];
    }
  }

  #spill(): readonly Code[] {
    const slot = this.#one([2, 3, 4]);
    return this.#random.below(2) === 0
      ? [a64.store(3, this.#register, 31, slot)]
      : [a64.load(3, this.#register, 31, slot)];
  }

  #jump(to: string): readonly Code[] {
    switch (this.#random.below(12)) {
      case 0:
        return [a64.spins];
      case 1:
        return [a64.leave, this.#hostCall(R.jump)];
      case 2:
        return [a64.leave, this.#relocated(0x14000000, R.jump, this.#function())];
      default:
        return [{ branch: 0x14000000, to, width: 26 }];
    }
  }
}

const sizeOf = (item: Code): number =>
  typeof item === 'number' || 'word' in item || 'branch' in item ? 4 : 'quad' in item ? 8 : 0;

/** Fills in the displacements. */
const resolve = (code: readonly Code[]): readonly Item[] => {
  const labels = new Map<string, number>();
  let at = 0;
  for (const item of code) {
    if (typeof item === 'object' && 'label' in item) labels.set(item.label, at);
    at += sizeOf(item);
  }
  at = 0;
  return code.map((item): Item => {
    const here = at;
    at += sizeOf(item);
    if (typeof item === 'number') return item >>> 0;
    if (!('branch' in item)) return item;
    const by = ((labels.get(item.to) ?? here) - here) / 4;
    const low = item.width === 26 ? 0 : 5;
    return (item.branch | ((by & (2 ** item.width - 1)) << low)) >>> 0;
  });
};

/**
 * The object of a seed. `label`: what names of labels begin with. Those of assembly are symbols, and what stands between
 * two of them is a function; `.L` of compilers are none.
 */
export const randomObject = (seed: number, label: 'label_' | '.L' = 'label_'): Uint8Array<ArrayBuffer> => {
  const random = randomFrom(seed);
  const keySize = random.below(3) === 0 ? 4 : 16;
  const count = 2 + random.below(4);
  const rows: Rows = { jumps: [], alternatives: [], replacements: [] };
  const writer = new Writer(random, rows, keySize, count, label);
  const functions = Array.from({ length: count }, (_, index) => `hyp_${index}`);
  // The host enters the first; the others have no callers but hyp functions.
  const code = resolve(functions.flatMap((name, index) => writer.write(name, index === 0 ? 1 : 0)));
  const replacements = resolve(rows.replacements);
  const isSubsection = random.below(2) === 0;
  const [text, alloc, write] = [6, 2, 3];
  return buildObject({
    sections: [
      {
        name: '.text',
        flags: text,
        items: [
          { label: '$x' },
          { label: 'host_call', type: 2, binding: 1 },
          a64.ret,
          { label: 'host_callback', type: 2, binding: 1 },
          a64.ret,
        ],
      },
      {
        name: '.hyp.text',
        flags: text,
        // Aligned to 2 KiB, the first function would be a vector table as well.
        items: [{ label: '$x.hyp' }, a64.nop, ...code, ...(isSubsection ? replacements : [])],
      },
      {
        name: '.altinstr_replacement',
        flags: text,
        items: [{ label: '$x.alt' }, ...(isSubsection ? [] : replacements)],
      },
      { name: '.altinstructions', flags: alloc, items: rows.alternatives },
      ...(keySize === 16 ? [{ name: '__jump_table', flags: write, items: rows.jumps }] : []),
      { name: '.rodata', flags: alloc, items: [{ quad: 0n, relocation: { type: R.abs64, to: 'hyp_0' } }] },
      { name: '.bss', type: 8, flags: write, size: 4096 },
    ],
    symbols: [
      { name: 'cpu_hwcaps', in: { section: '.bss' }, value: 0, size: 8, type: 1 },
      { name: 'cpu_hwcap_keys', in: { section: '.bss' }, value: 8, size: 48 * keySize, type: 1 },
      { name: 'arm64_const_caps_ready', in: { section: '.bss' }, value: 2048, size: keySize, type: 1 },
      { name: 'unrelated_key', in: { section: '.bss' }, value: 2064, size: keySize, type: 1 },
      { name: 'unrelated', in: { section: '.bss' }, value: 2080, size: 8, type: 1 },
    ],
  });
};
