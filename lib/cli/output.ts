// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where bytes go: to descriptors, and into the file that -o names. A report is written
// to a temporary file that then replaces the old one, so that a full disk loses
// neither. What is not a regular file (/dev/null, a FIFO) is written directly.

import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './thrown.js';
import { whenReady } from './when-ready.js';

/** Writes everything, or throws the system's error. */
export const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  let written = 0;
  while (written < bytes.length) written += whenReady(() => writeSync(descriptor, bytes, written));
};

/** The descriptor that a path stands for: opened by name, it would be written from its start. */
const descriptorOf = (path: string): number | null => {
  if (path === '/dev/stdout') return 1;
  if (path === '/dev/stderr') return 2;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? null : Number(number);
};

const statusOf = (path: string): BigIntStats | null =>
  statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;

const writeTo = (path: string, flags: number, bytes: Uint8Array): void => {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | flags, 0o666);
  try {
    writeAll(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
};

/** The folder takes no new file, although the file itself may be writable. */
const isClosedFolder = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');

/** Replaces a file's contents; throws the system's error, and then the old contents are still there. */
export const replaceFile = (path: string, bytes: Uint8Array): void => {
  const descriptor = descriptorOf(path);
  if (descriptor !== null) {
    writeAll(descriptor, bytes);
    return;
  }
  const old = statusOf(path);
  if (old && !old.isFile()) {
    writeTo(path, 0, bytes);
    return;
  }
  // A link stays a link.
  const target = old ? realpathSync(path) : path;
  const beside = join(dirname(target), `.hypcheck-${process.pid}.tmp`);
  try {
    writeTo(beside, constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, bytes);
    if (old) chmodSync(beside, Number(old.mode & 0o7777n));
    renameSync(beside, target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') rmSync(beside, { force: true });
    if (!isClosedFolder(error)) throw error;
    writeTo(target, constants.O_CREAT | constants.O_TRUNC, bytes);
  }
};
