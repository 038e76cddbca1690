// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a terminal is asked to show besides text, colours and links: an option of
// gcc's form, and variables of the environment.

/** -fdiagnostics-color and -fdiagnostics-urls. */
export type When = 'auto' | 'always' | 'never';

export const isWhen = (word: string): word is When => /^(auto|always|never)$/.test(word);

export interface TerminalRequest<Variable extends string> {
  readonly when: When;
  readonly isTerminal: boolean;
  readonly environment: { readonly [name in Variable]?: string | undefined };
}
