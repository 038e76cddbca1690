// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Links in a terminal, as gcc makes them: OSC 8, the address, the text, OSC 8 again
// [gcc manual, "Options to Control Diagnostic Messages Formatting"]. A terminal that
// knows nothing of OSC prints rubbish, so `auto` asks whether colours would be taken,
// and leaves out those of which gcc knows that they do not. Odd: GCC_URLS, or
// TERM_URLS where that is not set, counts under `always` too.

import type { WarningName } from '../policy/warnings.js';
import type { TerminalRequest } from './terminal-request.js';

/** How the sequence ends: ST, ESC and a backslash; or BEL, which older terminals know alone. */
export type UrlEnd = 'st' | 'bel';

const ends: Readonly<Record<UrlEnd, string>> = { st: '\u001b\\', bel: '\u0007' };

export interface Links {
  readonly end: UrlEnd;
  /** The page of all warnings. */
  readonly page: string;
}

/** Where a warning stands on the page of all warnings. */
export const urlOf = (page: string, warning: WarningName): string => `${page}#${warning}`;

/** The text, and below it the address, for who points at it. */
export const linked = (links: Links | null, warning: WarningName | null, text: string): string => {
  if (links === null || warning === null) return text;
  const end = ends[links.end];
  return `\u001b]8;;${urlOf(links.page, warning)}${end}${text}\u001b]8;;${end}`;
};

export type UrlRequest = TerminalRequest<'GCC_URLS' | 'TERM_URLS' | 'NO_COLOR' | 'TERM' | 'COLORTERM'>;

/** `linux` is the console; the others wrote the address out, in the versions that gcc knows by these names. */
const without: readonly (string | undefined)[] = [undefined, 'dumb', 'linux'];
const desktopsWithout: readonly (string | undefined)[] = ['xfce4-terminal', 'gnome-terminal'];

/** How links are to be ended; null where there are to be none. gcc's own choice is BEL. */
export const chooseUrlEnd = ({ when, isTerminal, environment }: UrlRequest): UrlEnd | null => {
  const { GCC_URLS, TERM_URLS, NO_COLOR, TERM, COLORTERM } = environment;
  const wish = GCC_URLS ?? TERM_URLS;
  const isWilling =
    isTerminal && !without.includes(TERM) && !desktopsWithout.includes(COLORTERM) && (NO_COLOR ?? '') === '';
  if (wish === '' || wish === 'no' || when === 'never' || (when === 'auto' && !isWilling)) return null;
  return wish === 'st' ? 'st' : 'bel';
};
