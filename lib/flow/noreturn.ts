// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Functions that never come back, by name: host functions, and hyp functions of
// an object that is not among the inputs. Of the others it is found out
// (walk.ts): one that no live path leaves does not return.

import { sourceName } from '../link/symbol-names.js';

/** Declared __noreturn in every kernel from 4.16 to 5.8; the last three are hyp code, which ends in ERET to the host. */
const names: ReadonlySet<string> = new Set([
  'panic',
  'nmi_panic',
  '__stack_chk_fail',
  'fortify_panic',
  'do_exit',
  'do_group_exit',
  'complete_and_exit',
  'hyp_panic',
  '__hyp_panic',
  '__hyp_do_panic',
]);

export const neverReturns = (symbol: string): boolean => names.has(sourceName(symbol));
