// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where malformed debug information is caught: a damaged unit costs its own lines
// and no others. Each piece is attempted separately, and its outcome, value or
// error, is kept.

import { type FormatError, guard } from '../elf/format-error.js';

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: FormatError };

/** What `read` returns, or the FormatError that it throws; any other error is a bug and passes. */
export const attempt = <Value>(read: () => Value): Outcome<Value> =>
  guard<Outcome<Value>>(
    () => ({ ok: true, value: read() }),
    (error) => ({ ok: false, error }),
    'debug information',
  );

/** The value of an outcome; an error is thrown again. */
export const settle = <Value>(outcome: Outcome<Value>): Value => {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
};
