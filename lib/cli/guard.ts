// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The guard before every file that is read: it is opened without waiting, and the
// opened file is checked, not what had the name before. A FIFO, a device or a socket
// is refused, so we never wait for a writer, read a tape backwards or fill the memory
// from /dev/zero; and so is a file that is far too large.

import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { sep } from 'node:path';
import { codeOf, errorText } from './thrown.js';

/** Texts are sources, headers, settings and linker scripts; the kernel's largest header has 18 MB. */
export const LARGEST_TEXT = 32 << 20;

/** PATH_MAX of Linux, in bytes; other systems allow less. */
const LONGEST_PATH = 4096;

export const isTooLong = (path: string): boolean => Buffer.byteLength(path) >= LONGEST_PATH;

/** Why a file was not read. */
export class Refusal extends Error {
  /** There is no such file. */
  readonly isMissing: boolean;

  constructor(sentence: string, isMissing = false) {
    super(sentence);
    this.isMissing = isMissing;
  }
}

export const missing = new Refusal('cannot open: no such file or directory', true);

export const refusalOf = (error: unknown): Refusal =>
  error instanceof Refusal
    ? error
    : new Refusal(`cannot open: ${errorText(error)}`, ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? ''));

/** Which file it is, and in which state. */
export type Identity = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

export const isSameFile = (a: Identity, b: Identity): boolean => a.dev === b.dev && a.ino === b.ino;

export const isUnchanged = (a: Identity, b: Identity): boolean =>
  isSameFile(a, b) && a.size === b.size && a.mtimeNs === b.mtimeNs;

export interface OpenFile {
  readonly descriptor: number;
  readonly status: BigIntStats;
}

/** Opens whatever has the name, without acquiring a terminal, and without waiting unless `waits`. */
export const openAny = (path: string, waits = false): OpenFile => {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | (waits ? 0 : constants.O_NONBLOCK));
    const status = fstatSync(descriptor, { bigint: true });
    if (status.isDirectory()) throw new Refusal('a directory; name a kernel build with --build');
    return { descriptor, status };
  } catch (error) {
    if (descriptor !== null) closeSync(descriptor);
    throw refusalOf(error);
  }
};

/** Opens a regular file of at most `largest` bytes, or throws a Refusal. */
export const openRegular = (path: string, largest = Number.MAX_SAFE_INTEGER): OpenFile => {
  const { descriptor, status } = openAny(path);
  const refuse = (sentence: string): never => {
    closeSync(descriptor);
    throw new Refusal(sentence);
  };
  if (!status.isFile()) refuse('not a regular file');
  if (status.size > BigInt(largest)) refuse(`${status.size} bytes are more than such a file has`);
  return { descriptor, status };
};

/** Fills `bytes` from `offset` on; returns how many bytes there were. */
export const readInto = (descriptor: number, bytes: Uint8Array, offset: number): number => {
  let filled = 0;
  while (filled < bytes.length) {
    const got = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
};

/** Whether a path lies in or below one of some folders, all with links resolved. */
export const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep));

/**
 * The bytes of a text file, or a Refusal. `folders`: it must lie below one of them after links are resolved. The name is
 * resolved after opening and must still lead to the same file, so that no link can be swapped in between.
 */
export const readTextFile = (
  path: string,
  folders: readonly string[] | null = null,
): { readonly bytes: Buffer; readonly status: BigIntStats } => {
  const { descriptor, status } = openRegular(path, LARGEST_TEXT);
  try {
    if (folders) {
      const real = realpathSync(path);
      if (!isBelow(real, folders) || !isSameFile(lstatSync(real, { bigint: true }), status))
        throw new Refusal('outside the source and build trees that are known');
    }
    // No more than the status says: files of /proc say 0 and go on.
    const bytes = Buffer.alloc(Number(status.size));
    return { bytes: bytes.subarray(0, readInto(descriptor, bytes, 0)), status };
  } catch (error) {
    throw refusalOf(error);
  } finally {
    closeSync(descriptor);
  }
};
