// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Errors in words: the system's, and unexpected ones.

import { getSystemErrorMap } from 'node:util';
import { formatErrorOf } from '../elf/format-error.js';

/** ENOENT and the like; null if it is not an error of the system. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error ? String(error.code) : null;

/** Better words for some of the system's errors. */
const errorTexts: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
  EIO: 'input/output error',
  ERR_INVALID_ARG_VALUE: 'no file has such a name',
};

/** By error number; made when first asked for. */
let systemTexts: ReturnType<typeof getSystemErrorMap> | undefined;

/** `no such file or directory` */
export const errorText = (error: unknown): string => {
  const code = codeOf(error);
  if (code === null) return 'unknown error';
  const number = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
  systemTexts ??= getSystemErrorMap();
  return errorTexts[code] ?? systemTexts.get(number)?.[1] ?? code;
};

/** Errors about the name of a file to be written, and not about what holds it. */
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

/** A sentence for an error that ends the run. */
export const thrownText = (error: unknown): string => {
  const fault = formatErrorOf(error, '');
  if (fault) return fault.file === '' ? fault.sentence : `${fault.file}: ${fault.sentence}`;
  if (codeOf(error) !== null && error instanceof Error && 'syscall' in error) {
    const what =
      error.syscall === 'uv_cwd'
        ? 'the working directory'
        : error.syscall === 'write'
          ? 'cannot write'
          : `${error.syscall}`;
    return `${what}: ${errorText(error)}`;
  }
  return `a fault of hypcheck itself: ${error instanceof Error ? error.message : String(error)}`;
};
