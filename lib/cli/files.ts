// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The only place where files are opened. Binary inputs become ByteSources that
// read ranges; descriptors stay open until the run ends, one for each input.

import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import type { ByteSource } from '../elf/byte-source.js';
import { FormatError } from '../elf/format-error.js';

/** What people call the errors of open(2) that they meet. */
const errorTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  EMFILE: 'too many open files',
};

const textOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return errorTexts[code] ?? code;
};

export class Files {
  readonly #directory: string;
  readonly #descriptors: number[] = [];

  /** Relative paths are taken from `directory`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  absolute(path: string): string {
    return resolve(this.#directory, path);
  }

  /** Opens a file for reading ranges of it; throws FormatError with a sentence. */
  open(path: string): ByteSource {
    let descriptor: number;
    let size: number;
    try {
      descriptor = openSync(this.absolute(path), 'r');
      this.#descriptors.push(descriptor);
      const status = fstatSync(descriptor);
      if (status.isDirectory())
        throw new FormatError(path, null, 0, 'a directory; name a kernel build with --build');
      size = status.size;
    } catch (error) {
      throw error instanceof FormatError
        ? error
        : new FormatError(path, null, 0, `cannot open: ${textOf(error)}`);
    }
    const read: ByteSource['read'] = (offset, length, into) => {
      const count = Math.max(0, Math.min(length, size - offset));
      const bytes = into ? into.subarray(0, count) : new Uint8Array(count);
      let filled = 0;
      while (filled < bytes.length) {
        const got = this.#readInto(path, descriptor, bytes, filled, offset + filled);
        if (got === 0) break;
        filled += got;
      }
      return filled === bytes.length ? bytes : bytes.slice(0, filled);
    };
    return { path, size, read };
  }

  #readInto(path: string, descriptor: number, bytes: Uint8Array, at: number, offset: number): number {
    try {
      return readSync(descriptor, bytes, at, bytes.length - at, offset);
    } catch (error) {
      throw new FormatError(path, null, offset, `cannot read: ${textOf(error)}`);
    }
  }

  /** A text file, or null where it cannot be read. latin1: one character a byte. */
  text(path: string, encoding: 'utf8' | 'latin1' = 'utf8'): string | null {
    try {
      return readFileSync(this.absolute(path), encoding);
    } catch {
      return null;
    }
  }

  /** An absolute path without symbolic links; with them where it does not exist. */
  real(path: string): string {
    try {
      return realpathSync(this.absolute(path));
    } catch {
      return this.absolute(path);
    }
  }

  exists(path: string): boolean {
    return existsSync(this.absolute(path));
  }

  isDirectory(path: string): boolean {
    return statSync(this.absolute(path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** Names in a folder, sorted; none where it cannot be read. */
  list(path: string): readonly string[] {
    try {
      return readdirSync(this.absolute(path)).sort();
    } catch {
      return [];
    }
  }

  /** Where a symbolic link points, or null. */
  linkTarget(path: string): string | null {
    try {
      return readlinkSync(this.absolute(path));
    } catch {
      return null;
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor);
  }
}
