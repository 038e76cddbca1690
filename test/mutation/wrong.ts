// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Outcomes that no run may have, whatever its input: told by the status and by what
// was printed, without a look at the input.

import type { Outcome } from '../support/run-main.js';

/** A trace, or what only a program's own error prints. */
const TRACE =
  /^ +at .*:\d+:\d+\)?$|\b(Range|Type|Reference|Syntax|Assertion)Error\b|a fault of hypcheck itself/m;
const NO_VALUE = /\bNaN\b|\[object Object\]/;

/** C0 but tab and line end, DEL and C1; marks of bidirectional text; line and paragraph separators. */
const isControl = (code: number): boolean =>
  (code < 0x20 && code !== 0x09 && code !== 0x0a) ||
  (code >= 0x7f && code <= 0x9f) ||
  [0x061c, 0x200e, 0x200f].includes(code) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069);

/** What may stand behind ESC where colours were asked for. */
const COLOR = /^\[[\d;]*[mK]/;

/** The first character that a text must not hold, by its number. */
const controlIn = (text: string): number | null => {
  const [first = '', ...others] = text.replaceAll('\r\n', '\n').split('\x1b');
  for (const part of [first, ...others.map((other) => other.replace(COLOR, ''))]) {
    for (let at = 0; at < part.length; at++) if (isControl(part.charCodeAt(at))) return part.charCodeAt(at);
  }
  return others.every((other) => COLOR.test(other)) ? null : 0x1b;
};

export interface Allowed {
  /** The command line may be wrong. */
  readonly mayBeUsage: boolean;
  /** Nobody wants to read what was not checked. */
  readonly mayBeSilent: boolean;
}

/** A sentence, or null. */
export const wrongIn = (
  { status, stdout, stderr, written }: Outcome,
  { mayBeUsage, mayBeSilent }: Allowed,
): string | null => {
  const texts = [stdout, stderr, ...written.values()];
  if (![0, 1, 3].includes(status) && !(status === 2 && mayBeUsage)) return `status ${status}: ${stderr}`;
  if (status !== 0 && !(status === 3 && mayBeSilent) && texts.every((text) => text === ''))
    return `status ${status} without a word`;
  for (const text of texts) {
    const trace = TRACE.exec(text);
    if (trace) return `a trace: ${text.slice(Math.max(0, trace.index - 200), trace.index + 200)}`;
    const none = NO_VALUE.exec(text);
    if (none) return `a value that is none: ${none[0]}`;
    const control = controlIn(text);
    if (control !== null) return `U+${control.toString(16)} is printed`;
  }
  return null;
};
