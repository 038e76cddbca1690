// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What was thrown, in words: the system's errors, and what nobody foresaw.

import { getSystemErrorMap } from 'node:util';
import { FormatError } from '../elf/format-error.js';

/** ENOENT and the like; null for what is no error of the system. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error ? String(error.code) : null;

/** What the system's errors are called where its own word is less clear. */
const errorTexts: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
  EIO: 'input/output error',
  ERR_INVALID_ARG_VALUE: 'no file has such a name',
};

/** `no such file or directory` */
export const errorText = (error: unknown): string => {
  const code = codeOf(error);
  if (code === null) return 'unknown error';
  const number = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
  return errorTexts[code] ?? getSystemErrorMap().get(number)?.[1] ?? code;
};

/** What goes wrong with the name of a file to be written, and not with what holds it. */
const usageCodes: readonly string[] = [
  'EACCES',
  'EBADF',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
  'EROFS',
  'ETXTBSY',
  'ERR_INVALID_ARG_VALUE',
];

export const isUsage = (error: unknown): boolean => usageCodes.includes(codeOf(error) ?? '');

/** What the engine says of inputs that ask for more than there is. */
const limits: readonly (readonly [RegExp, string])[] = [
  [/call stack/, 'the input is nested too deeply'],
  [
    /allocation|array length|Invalid (typed )?array|string length|maximum size|larger than/i,
    'the input asks for more memory than there is',
  ],
];

/** A sentence for an error that ends the run. */
export const thrownText = (error: unknown): string => {
  if (error instanceof FormatError) return `${error.file}: ${error.sentence}`;
  if (codeOf(error) !== null && error instanceof Error && 'syscall' in error) {
    const what =
      error.syscall === 'uv_cwd'
        ? 'the working directory'
        : error.syscall === 'write'
          ? 'cannot write'
          : `${error.syscall}`;
    return `${what}: ${errorText(error)}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  const limit = error instanceof RangeError ? limits.find(([pattern]) => pattern.test(message)) : undefined;
  return limit?.[1] ?? `a fault of hypcheck itself: ${message}`;
};
