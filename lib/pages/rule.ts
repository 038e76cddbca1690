// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What readers see of a warning: its line in --list-warnings, its page for --explain,
// and the wording of its findings. One file per warning, all of them in registry.ts;
// the names, and which are on, are in lib/policy/warnings.ts.

import type { WarningName } from '../diagnostics/diagnostic.js';
import type { FactsByWarning } from './claim.js';

/** The page of --explain. Paragraphs are wrapped when printed; the example is printed as it is. */
export interface Page {
  readonly meaning: readonly string[];
  readonly example: {
    /** An object of this repository that has the finding. */
    readonly sample: string;
    /** The finding as the text form prints it, in ASCII quotes; a test runs it. */
    readonly text: string;
  };
  readonly fixes: readonly string[];
  readonly suppress: string;
  readonly kernels: string;
}

export interface Rule<W extends WarningName> {
  /** At most 54 characters, so that the table fits 80 columns. */
  readonly summary: string;
  readonly page: Page;
  /** One sentence without a full stop, names marked by quote(). */
  readonly describe: (facts: FactsByWarning[W]) => string;
  /** Notes that begin with what to do, if that is known. */
  readonly advise?: (facts: FactsByWarning[W]) => readonly string[];
}
