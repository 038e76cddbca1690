// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What protected KVM maps, by the release of the kernel: for builds whose source
// (recreate_hyp_mappings of hyp/nvhe/setup.c) is not at hand. A release is a poor
// witness: what is mapped was changed in the middle of a series.

import { generations } from './generations.js';
import type { Mapped } from './mapped.js';

interface ProtectedRow {
  /** First and last release that the row holds for; null: and later. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number] | null;
  /** What else the release has in its name. */
  readonly named?: RegExp;
  /** What stays mapped of the host. */
  readonly host: readonly Mapped[];
  readonly seen: readonly string[];
}

const { own, host: hostWindows } = generations.nvhe.maps;

/** The first that fits holds. */
const rows: readonly ProtectedRow[] = [
  { from: [5, 10], to: [6, 1], host: hostWindows, seen: ['5.10 (Android)', '5.17', '6.1'] },
  { from: [6, 12], to: [6, 12], named: /android/i, host: [], seen: ['6.12.23 (Android 16)'] },
  {
    from: [6, 12],
    to: [6, 12],
    host: [{ kind: 'variable', name: 'kvm_vgic_global_state', mapping: 'read-only' }],
    seen: ['6.12.117 (Debian)'],
  },
  { from: [6, 14], to: null, host: [], seen: ['6.14', '6.18', '6.19', '7.0', '7.1'] },
];

/** What protected KVM maps in a release such as "6.1.192-2", or null where nobody ever read it. */
export const mappedProtected = (release: string): readonly Mapped[] | null => {
  const match = /^(\d+)\.(\d+)/.exec(release);
  if (!match) return null;
  const number = ([major, minor]: readonly [number, number]) => major * 1000 + minor;
  const version = number([Number(match[1]), Number(match[2])]);
  const row = rows.find(
    ({ from, to, named }) =>
      version >= number(from) && (to === null || version <= number(to)) && (named?.test(release) ?? true),
  );
  return row ? [...row.host, ...own] : null;
};
