// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What an output form is: three pure functions that build strings. A form never
// prints, and keeps nothing between calls: what it must know about the past (gcc
// names a function once, JSON wants a comma) it reads from the diagnostic before,
// and what it must know of all of them stands in the context.

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Palette } from './colors.js';
import type { Links } from './urls.js';

/** What the command line, the locale and the terminal ask of a form. */
export interface FormatContext {
  /** null: no colours. */
  readonly palette: Palette | null;
  /** ‘ ’ around names, as gcc writes them in a UTF-8 locale, instead of ' '. */
  readonly typographicQuotes: boolean;
  readonly showCaret: boolean;
  /** -fdiagnostics-plain-output: one line per message. Overrides the three above. */
  readonly plain: boolean;
  /** The first finding says where to read more about it. */
  readonly explains: boolean;
  /** null: names of warnings are no links. */
  readonly links: Links | null;
  /** The address of the page of all warnings, for reports; null where none was built in. */
  readonly documentation: string | null;
  /** -fdiagnostics-parseable-fixits: fix-its also as lines for programs. */
  readonly parseableFixits: boolean;
  /**
   * Line `line` (from 1) of a source file, without its newline; null if it is not available. Asked for even if no caret
   * is shown: columns are counted on it.
   */
  sourceLine(file: string, line: number): string | null;
  /** The same from build to build, and another for each finding of a report. */
  fingerprintOf(diagnostic: Diagnostic): string;
  readonly run: RunFacts;
}

/** What a report says of the run that it is of. */
export interface RunFacts {
  /** hypcheck's. */
  readonly version: string;
  /** Files that were read to be checked, sorted. */
  readonly inputs: readonly string[];
}

/** What is known after the last diagnostic. */
export interface Outcome {
  /** Which warnings became errors: those of -Werror=NAME, or all because of a plain -Werror. */
  readonly warningsAsErrors: 'none' | 'some' | 'all';
  /** What the program ends with. */
  readonly status: number;
  /** Whether everything was checked. */
  readonly isWhole: boolean;
  /** Findings that the form does not take any more. */
  readonly leftOut: number;
}

export interface Formatter {
  /** Where the form goes without -o. */
  readonly stream: 'stdout' | 'stderr';
  /** Names of files as the compiler had them, or from the top of the tree. */
  readonly names: 'given' | 'tree';
  /** How many findings the form can hold; null: any number. */
  readonly most: number | null;
  header(context: FormatContext): string;
  /** One diagnostic; `previous` is the one printed before it, null for the first. */
  result(diagnostic: Diagnostic, previous: Diagnostic | null, context: FormatContext): string;
  footer(outcome: Outcome, context: FormatContext): string;
}

/** The report piece by piece, each made when it is asked for; the diagnostics come sorted. */
export function* reportPieces(
  formatter: Formatter,
  diagnostics: readonly Diagnostic[],
  outcome: Outcome,
  context: FormatContext,
): Iterable<string> {
  yield formatter.header(context);
  for (const [index, diagnostic] of diagnostics.entries())
    yield formatter.result(diagnostic, diagnostics[index - 1] ?? null, context);
  yield formatter.footer(outcome, context);
}
