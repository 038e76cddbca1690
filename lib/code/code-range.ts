// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs of bytes: by number, in a section or in the address space of a link; and
// by place, for the part of a host section that is hyp code.

import type { Place } from '../link/place.js';

/** start .. end; end is exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface CodeRange {
  /** The first byte. */
  readonly code: Place;
  /** Bytes; at least 1. */
  readonly length: number;
}

export const isInRange = ({ code, length }: CodeRange, { object, section, offset }: Place): boolean =>
  code.section === section &&
  code.object === object &&
  offset >= code.offset &&
  offset < code.offset + length;

/** What ranges of one section cover, by offset: sorted, and each byte once. */
export const extentsOf = (ranges: readonly CodeRange[]): readonly Extent[] => {
  const extents: Extent[] = [];
  for (const { code, length } of [...ranges].sort((a, b) => a.code.offset - b.code.offset)) {
    const start = Math.max(code.offset, extents.at(-1)?.end ?? code.offset);
    const end = code.offset + length;
    if (end > start) extents.push({ start, end });
  }
  return extents;
};
