// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Functions that never come back, by name: host functions, and hyp functions of
// an object that is not among the inputs. Of the others it is found out
// (walk.ts): one that no live path leaves does not return.

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

/** `isHyp`: hyp code has it; a function of the host's name is no function of the host there. null: nobody has it. */
export const neverReturns = (symbol: string, isHyp: boolean | null): boolean => {
  const name = sourceName(symbol);
  return (isHyp !== true && ofHost.has(name)) || (isHyp !== false && ofHyp.has(name));
};
