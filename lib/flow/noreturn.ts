// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Functions that never return, by name: host functions, and hyp functions of an
// object that is not among the inputs. For all others the walk finds out: a
// function that no live path leaves does not return.

import { sourceName } from '../link/symbol-names.js';

/** Declared __noreturn in every kernel from 4.16 to 5.8. */
const ofHost: ReadonlySet<string> = new Set([
  'panic',
  'nmi_panic',
  '__stack_chk_fail',
  'fortify_panic',
  'do_exit',
  'do_group_exit',
  'complete_and_exit',
]);

/** Hyp code that ends in ERET to the host. */
const ofHyp: ReadonlySet<string> = new Set(['hyp_panic', '__hyp_panic', '__hyp_do_panic']);

/** `isHyp`: the code is here and is hyp code, so a host function's name means nothing. null: the code is not here. */
export const neverReturns = (symbol: string, isHyp: boolean | null): boolean => {
  const name = sourceName(symbol);
  return (isHyp !== true && ofHost.has(name)) || (isHyp !== false && ofHyp.has(name));
};
