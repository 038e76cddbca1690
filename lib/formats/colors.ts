// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// gcc's colours: GCC_COLORS is a list `capability=SGR:...` that overrides gcc's
// defaults [gcc manual, "Options to Control Diagnostic Messages Formatting"]. Odd: an
// empty GCC_COLORS turns colours off even under -fdiagnostics-color=always, an unknown
// capability is skipped, and the first malformed entry silently ends the list.

import type { TerminalRequest } from './terminal-request.js';

const defaults = {
  error: '01;31',
  warning: '01;35',
  note: '01;36',
  locus: '01',
  quote: '01',
  'fixit-insert': '32',
  'fixit-delete': '31',
} as const;

export type Capability = keyof typeof defaults;

/** The SGR parameters of each capability that our text uses. */
export type Palette = Readonly<Record<Capability, string>>;

export const defaultPalette: Palette = defaults;

const isCapability = (name: string): name is Capability => Object.hasOwn(defaults, name);

/** null: colours are off; `value` is undefined if the variable is not set. */
export const parseGccColors = (value: string | undefined): Palette | null => {
  if (value === undefined) return defaultPalette;
  if (value === '') return null;
  const palette: Record<Capability, string> = { ...defaults };
  for (const entry of value.split(':')) {
    if (!entry.includes('=')) continue;
    const parts = /^([^=]+)=([\d;]*)$/.exec(entry);
    if (parts === null) break;
    const [, name = '', parameters = ''] = parts;
    if (isCapability(name)) palette[name] = parameters;
  }
  return palette;
};

export type ColorRequest = TerminalRequest<'GCC_COLORS' | 'NO_COLOR' | 'TERM'>;

/**
 * The palette to use, null for none. NO_COLOR (no-color.org: set and not empty) applies to `auto`; the command line is
 * stronger. gcc 12 treats a terminal without TERM as a dumb one.
 */
export const choosePalette = ({ when, isTerminal, environment }: ColorRequest): Palette | null => {
  const { GCC_COLORS, NO_COLOR, TERM } = environment;
  const willing =
    isTerminal && TERM !== undefined && TERM !== 'dumb' && (NO_COLOR === undefined || NO_COLOR === '');
  return when === 'always' || (when === 'auto' && willing) ? parseGccColors(GCC_COLORS) : null;
};

/** ESC[01;35mESC[K text ESC[mESC[K; like gcc, clears to the end of the line (EL), so that no background colour leaks. */
export const paint = (palette: Palette | null, capability: Capability, text: string): string =>
  palette === null ? text : `\u001b[${palette[capability]}m\u001b[K${text}\u001b[m\u001b[K`;
