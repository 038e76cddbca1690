// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A run of bytes, in a section or in the address space of a link.

/** start .. end, the end left out. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}
