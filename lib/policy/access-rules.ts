// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What may be done with a place, by how EL2 sees it.

import type { Access } from '../references/reference.js';
import type { Mapping } from './mapped.js';

/** What a reference can break. */
export type BrokenRule = 'hyp-call' | 'hyp-data' | 'hyp-write' | 'hyp-absolute' | 'hyp-veneer';

type Known = Exclude<Mapping, 'unknown'>;
type Rules = Readonly<Record<Access, BrokenRule | null>>;

const never = { call: 'hyp-call', jump: 'hyp-call' } as const;

/** Not a byte of it is there, but its address may be formed. */
const addressOnly: Rules = { ...never, load: 'hyp-data', store: 'hyp-data', address: null, absolute: null };

/** What is wrong with an access to a place that EL2 sees this way; null: nothing. */
export const rules: Readonly<Record<Known, Rules>> = {
  code: { call: null, jump: null, load: null, store: 'hyp-write', address: null, absolute: null },
  'read-only': { ...never, load: null, store: 'hyp-write', address: null, absolute: null },
  writable: { ...never, load: null, store: null, address: null, absolute: null },
  template: addressOnly,
  physical: addressOnly,
  number: addressOnly,
  unmapped: { ...addressOnly, address: 'hyp-data', absolute: 'hyp-absolute' },
};

export const reasons: Readonly<Record<Known, string>> = {
  code: 'EL2 maps it: hyp text',
  'read-only': 'EL2 maps it read-only',
  writable: 'EL2 maps it',
  template: 'EL2 maps only its copies per CPU',
  physical: 'EL2 reaches it by physical address only',
  number: 'an address that EL2 only counts with',
  unmapped: 'EL2 does not map it',
};
