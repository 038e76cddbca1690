// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Host functions that never come back, by name. Of hyp functions it is found
// out (walk.ts): one that no live path leaves does not return.

import { sourceName } from '../link/symbol-names.js';

/** Declared __noreturn (or asmlinkage noreturn) in every kernel from 4.16 to 5.8. */
const names: ReadonlySet<string> = new Set([
  'panic',
  'nmi_panic',
  '__stack_chk_fail',
  'fortify_panic',
  'do_exit',
  'do_group_exit',
  'complete_and_exit',
]);

export const neverReturns = (symbol: string): boolean => names.has(sourceName(symbol));
