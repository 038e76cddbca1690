// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The rule that an access breaks, by how EL2 sees the section, and the words for it.

import type { Access } from '../references/reference.js';
import type { Mapping } from './generations.js';

/** Rules that a reference can break. */
export type BrokenRule = 'hyp-call' | 'hyp-data' | 'hyp-write' | 'hyp-absolute';

/** The rule that an access to such a section breaks; null: none. */
export const rules: Readonly<
  Record<Exclude<Mapping, 'unknown'>, Readonly<Record<Access, BrokenRule | null>>>
> = {
  code: { call: null, jump: null, load: null, store: 'hyp-write', address: null, absolute: null },
  'read-only': {
    call: 'hyp-call',
    jump: 'hyp-call',
    load: null,
    store: 'hyp-write',
    address: null,
    absolute: null,
  },
  writable: { call: 'hyp-call', jump: 'hyp-call', load: null, store: null, address: null, absolute: null },
  template: {
    call: 'hyp-call',
    jump: 'hyp-call',
    load: 'hyp-data',
    store: 'hyp-data',
    address: null,
    absolute: null,
  },
  physical: {
    call: 'hyp-call',
    jump: 'hyp-call',
    load: 'hyp-data',
    store: 'hyp-data',
    address: null,
    absolute: null,
  },
  unmapped: {
    call: 'hyp-call',
    jump: 'hyp-call',
    load: 'hyp-data',
    store: 'hyp-data',
    address: 'hyp-data',
    absolute: 'hyp-absolute',
  },
};

export const reasons: Readonly<Record<Exclude<Mapping, 'unknown'>, string>> = {
  code: 'EL2 maps it: hyp text',
  'read-only': 'EL2 maps it read-only',
  writable: 'EL2 maps it',
  template: 'EL2 maps only its copies per CPU',
  physical: 'EL2 reaches it by physical address only',
  unmapped: 'EL2 does not map it',
};
