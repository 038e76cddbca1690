// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Part of a section that counts where the rest of it does not.

import type { Place } from '../link/place.js';

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
