// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A fix-it as a line for programs, as gcc prints it with -fdiagnostics-parseable-fixits.

import type { FixIt } from '../diagnostics/diagnostic.js';

/** gcc's escapes: bytes that are not printable ASCII, in octal. */
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\t': '\\t', '\n': '\\n' };
const escaped = (byte: string): string =>
  escapes[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`;

/** fix-it:"arch/arm64/include/asm/kvm_emulate.h":{247:8-247:14}:"__always_inline" */
export const parseableFixit = ({ file, start, next, text }: FixIt): string => {
  const quoted = (words: string) =>
    `"${Buffer.from(words)
      .toString('latin1')
      .replace(/[^ -~]|["\\]/g, escaped)}"`;
  return `fix-it:${quoted(file)}:{${start.line}:${start.column}-${next.line}:${next.column}}:${quoted(text)}\n`;
};
