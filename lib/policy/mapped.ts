// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What KVM maps at EL2, by the names that the kernel gives the ends of each
// part, and what that says of a place. Where those names are is somebody else's
// to say, in numbers of his own: statements of a linker script, addresses of a
// finished image, or the usual order of sections where nothing else tells.

import type { Extent } from '../code/code-range.js';

/**
 * How EL2 sees a place:
 * - code: mapped executable; read-only; writable
 * - template: mapped only as copies per CPU: its address is good with tpidr_el2 added, never by itself
 * - physical: reached by physical address only: an address of it may be formed, not used
 * - number: not mapped, and its address is no more than a number to hyp code: it may be formed, not used
 * - unmapped
 * - unknown: nobody has said
 */
export type Mapping =
  | 'code'
  | 'read-only'
  | 'writable'
  | 'template'
  | 'physical'
  | 'number'
  | 'unmapped'
  | 'unknown';

/** One part of the image that EL2 has. */
export type Mapped = { readonly mapping: Mapping } & (
  | { readonly kind: 'range'; readonly start: string; readonly end: string }
  /** A variable by itself. */
  | { readonly kind: 'variable'; readonly name: string }
  /** All of an output section. */
  | { readonly kind: 'section'; readonly name: string }
);

/** Where names are, as numbers that can be compared with each other; null where they are not. */
export interface Locations {
  symbol(name: string): number | null;
  /** All of an output section. */
  section(name: string): Extent | null;
  /** Absent where variables have no place of their own. */
  variable?(name: string): Extent | null;
}

export interface Located {
  readonly extent: Extent;
  readonly mapped: Mapped;
}

/** Those parts that are there. */
export const locate = (parts: readonly Mapped[], locations: Locations): readonly Located[] =>
  parts.flatMap((mapped): readonly Located[] => {
    const extent = extentOf(mapped, locations);
    return extent && extent.end > extent.start ? [{ extent, mapped }] : [];
  });

const extentOf = (mapped: Mapped, locations: Locations): Extent | null => {
  switch (mapped.kind) {
    case 'range': {
      const start = locations.symbol(mapped.start);
      const end = locations.symbol(mapped.end);
      return start === null || end === null ? null : { start, end };
    }
    case 'variable':
      return locations.variable?.(mapped.name) ?? null;
    case 'section':
      return locations.section(mapped.name);
    default:
      return mapped satisfies never;
  }
};

/** How EL2 sees the byte at a location: the last part that covers it tells. */
export const mappingAt = (parts: readonly Located[], at: number): Mapping =>
  parts.findLast(({ extent }) => at >= extent.start && at < extent.end)?.mapped.mapping ?? 'unmapped';
