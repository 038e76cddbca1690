// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a register may hold: a lattice just large enough for tests of capabilities,
// for pointers that an alternative chooses and for switch tables. null means
// "anything at all"; every operation errs towards null.
//
// Odd: an address also carries the instruction that formed it. Code whose
// address is formed is reachable only if somebody uses the address, so none may
// be forgotten silently: a join keeps all addresses, and those that are given up
// are reported to an AddressSink as escaped.
//
//     adrp x0, f; add x0, x0, :lo12:f
//     str  x0, [x1]          // escapes: f is an entry from here on
//     mov  x0, #0            // had it been overwritten before the store, f would not be

import type { Address } from '../code/address-space.js';

export type { Address } from '../code/address-space.js';

/** An address and the instruction that formed it. */
export interface Site {
  readonly target: Address;
  /** The instruction that completed it. */
  readonly at: Address;
  /** The patched instruction that brought it into the register, or null. */
  readonly via: Address | null;
  /** Something unknown was added: it may be anywhere around the target. */
  readonly inexact: boolean;
}

/** A number of which some bits are known. */
export interface Bits {
  readonly kind: 'bits';
  /** Bits known to be 0 and bits known to be 1, as masks of 64 bits. */
  readonly zeros: bigint;
  readonly ones: bigint;
  /** Upper bounds (unsigned) of the number and of its low 32 bits. */
  readonly max: bigint;
  readonly lowMax: bigint;
  /** The MOV that made the copy: registers with the same mark hold the same number. */
  readonly copy: Address | null;
  /** It was a 32-bit MOV: only the low halves are the same. */
  readonly isHalf: boolean;
}

export type Value =
  | null
  | Bits
  /** The result of ADRP: the page of `of`, which is S + A. */
  | { readonly kind: 'page'; readonly of: Address }
  /** One of the addresses, or (`others`) anything else. */
  | { readonly kind: 'places'; readonly sites: readonly Site[]; readonly others: boolean }
  /** One of `count` entries of a table in memory, extended to 64 bits. */
  | {
      readonly kind: 'entry';
      readonly table: Address;
      readonly count: number;
      readonly size: 1 | 2 | 4;
      readonly signed: boolean;
      readonly shift: number;
    };

/** Is told what becomes of addresses. */
export interface AddressSink {
  /** It was read from, written to or branched to, and is still known. */
  readonly used: (site: Site) => void;
  /**
   * It escaped: into memory, an unknown computation, a function that is not seen. Or control goes there right away
   * (`target`); or it may have become the vector table (`vectors`).
   */
  readonly lost: (site: Site, as?: 'data' | 'target' | 'vectors') => void;
}

/** The result of ADRP. A large link has ten thousands, of few pages. */
export const pageOf = (of: Address): Value => {
  const known = pages.get(of);
  if (known) return known;
  if (pages.size >= MOST_PAGES) pages.clear();
  const page: Value = { kind: 'page', of };
  pages.set(of, page);
  return page;
};

const pages = new Map<Address, Value>();
const MOST_PAGES = 1024;

export const ALL = (1n << 64n) - 1n;
export const LOW = (1n << 32n) - 1n;

/** A join of more addresses than this lets them escape. The arms of a switch may be more. */
const MAX_SITES = 8;
/** Most arms of a switch. */
export const MAX_ENTRIES = 1024;

export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Normalised: null if nothing is known. */
export const makeBits = (zeros: bigint, ones: bigint, max: bigint = ALL, lowMax: bigint = LOW): Value => {
  const most = smaller(max, ~zeros & ALL);
  const low = smaller(smaller(lowMax, ~zeros & LOW), most <= LOW ? most : LOW);
  // A number of at most 32 bits is its low half.
  const top = most <= LOW ? low : most;
  if (zeros === 0n && ones === 0n && top === ALL && low === LOW) return null;
  return { kind: 'bits', zeros, ones, max: top, lowMax: low, copy: null, isHalf: false };
};

export const constant = (value: bigint): Value =>
  makeBits(~value & ALL, value & ALL, value & ALL, value & LOW);

const zero: Bits = { kind: 'bits', zeros: ALL, ones: 0n, max: 0n, lowMax: 0n, copy: null, isHalf: false };
export const ZERO_VALUE: Value = zero;

const anything: Bits = {
  kind: 'bits',
  zeros: 0n,
  ones: 0n,
  max: ALL,
  lowMax: LOW,
  copy: null,
  isHalf: false,
};

/** The bits of any value; nothing is known of what is not a number. */
export const bitsOf = (value: Value): Bits => (value?.kind === 'bits' ? value : anything);

/** The one number that a value can be, or null. */
export const constantOf = (value: Value): bigint | null =>
  value?.kind === 'bits' && (value.zeros | value.ones) === ALL ? value.ones : null;

/** What a 32-bit result leaves in the register: the low half, zero-extended. */
export const low32 = (value: Value): Value => {
  if (value === null) return makeBits(ALL ^ LOW, 0n);
  switch (value.kind) {
    case 'bits':
      return makeBits(value.zeros | (ALL ^ LOW), value.ones & LOW, value.lowMax, value.lowMax);
    case 'entry':
      return value.signed && value.size < 4
        ? null
        : { ...value, signed: value.size === 4 ? false : value.signed };
    case 'page':
    case 'places':
      return null;
    default:
      return value satisfies never;
  }
};

export const sameSite = (a: Site, b: Site): boolean =>
  a.target === b.target && a.at === b.at && a.via === b.via && a.inexact === b.inexact;

export const sameValue = (a: Value, b: Value): boolean => {
  if (a === b) return true;
  if (a === null || b === null || a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'bits':
      return (
        b.kind === 'bits' &&
        a.zeros === b.zeros &&
        a.ones === b.ones &&
        a.max === b.max &&
        a.lowMax === b.lowMax &&
        a.copy === b.copy
      );
    case 'page':
      return b.kind === 'page' && a.of === b.of;
    case 'places':
      return (
        b.kind === 'places' &&
        a.others === b.others &&
        a.sites.length === b.sites.length &&
        a.sites.every((site, index) => {
          const other = b.sites[index];
          return other !== undefined && sameSite(site, other);
        })
      );
    case 'entry':
      return (
        b.kind === 'entry' &&
        a.table === b.table &&
        a.count === b.count &&
        a.size === b.size &&
        a.signed === b.signed &&
        a.shift === b.shift
      );
    default:
      return a satisfies never;
  }
};

const compareSites = (a: Site, b: Site): number =>
  a.target - b.target ||
  a.at - b.at ||
  (a.via ?? -1) - (b.via ?? -1) ||
  Number(a.inexact) - Number(b.inexact);

export const makePlaces = (sites: readonly Site[], others: boolean): Value => {
  const sorted = [...sites].sort(compareSites);
  const unique = sorted.filter((site, index) => {
    const before = sorted[index - 1];
    return before === undefined || !sameSite(before, site);
  });
  return unique.length === 0 ? null : { kind: 'places', sites: unique, others };
};

/** Bounds that grow in a loop have to stop growing: they are rounded up to a power of two, less one. */
const roundUp = (max: bigint): bigint => (1n << BigInt(max.toString(2).length)) - 1n;

const joinMax = (a: bigint, b: bigint): bigint => (a === b ? a : roundUp(a > b ? a : b));

/** What holds of both values. */
export const joinValues = (a: Value, b: Value, sink: AddressSink): Value => {
  if (sameValue(a, b)) return a;
  if (a?.kind === 'bits' && b?.kind === 'bits') {
    const joined = makeBits(
      a.zeros & b.zeros,
      a.ones & b.ones,
      joinMax(a.max, b.max),
      joinMax(a.lowMax, b.lowMax),
    );
    return a.copy === null || a.copy !== b.copy
      ? joined
      : { ...bitsOf(joined), copy: a.copy, isHalf: a.isHalf };
  }
  const left = a?.kind === 'places' ? a : null;
  const right = b?.kind === 'places' ? b : null;
  if (!left && !right) return null;
  const joined = makePlaces(
    [...(left?.sites ?? []), ...(right?.sites ?? [])],
    (left?.others ?? true) || (right?.others ?? true),
  );
  if (joined?.kind !== 'places' || joined.sites.length <= MAX_SITES) return joined;
  for (const site of joined.sites) sink.lost(site);
  return null;
};

/** A value that may or may not have been overwritten: addresses stay possible, nothing else is known. */
export const weaken = (value: Value): Value => (value?.kind === 'places' ? { ...value, others: true } : null);

/** The value without the mark that ties it to a copy in another register. */
export const unmarked = (value: Value): Value =>
  value?.kind === 'bits' && value.copy !== null
    ? makeBits(value.zeros, value.ones, value.max, value.lowMax)
    : value;

export const sitesOf = (value: Value): readonly Site[] => (value?.kind === 'places' ? value.sites : []);
