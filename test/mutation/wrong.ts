// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Outcomes that no run may have, whatever its input, recognised by the exit status and
// the output alone.

import type { Outcome } from '../support/run-main.js';

/** A stack trace, or the message of an internal error. */
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

/** What may follow ESC if colours were requested. */
const COLOR = /^\[[\d;]*[mK]/;

/** The code of the first character that a text must not contain; null if there is none. */
const controlIn = (text: string): number | null => {
  const [first = '', ...others] = text.replaceAll('\r\n', '\n').split('\x1b');
  for (const part of [first, ...others.map((other) => other.replace(COLOR, ''))]) {
    for (let at = 0; at < part.length; at++) if (isControl(part.charCodeAt(at))) return part.charCodeAt(at);
  }
  return others.every((other) => COLOR.test(other)) ? null : 0x1b;
};

export interface Allowed {
  /** Whether status 2 is allowed. */
  readonly mayBeUsage: boolean;
  /** Whether status 3 is allowed without a message. */
  readonly mayBeSilent: boolean;
}

/** What is wrong, in one sentence; null if nothing is. */
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
