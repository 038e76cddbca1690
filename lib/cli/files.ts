// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The only place where files are opened. Binary inputs become ByteSources that read
// ranges; texts are read whole. Files that were read are remembered, to see at the end
// whether they are unchanged, and so that no report overwrites them.

import {
  type BigIntStats,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { type ByteSource, memorySource } from '../elf/byte-source.js';
import { FormatError } from '../elf/format-error.js';
import { Descriptors } from './descriptors.js';
import {
  type Identity,
  isBelow,
  isSameFile,
  isTooLong,
  isUnchanged,
  missing,
  type OpenFile,
  openAny,
  openRegular,
  Refusal,
  readInto,
  readTextFile,
  refusalOf,
} from './guard.js';
import { isPrecious } from './precious.js';
import { readStream } from './stream.js';
import { errorText } from './thrown.js';

/** Standard input on the command line, and in messages. */
const STDIN = '-';
const STDIN_NAME = '<stdin>';

export class Files {
  readonly #directory: string;
  /** The user who became root, 0 for nobody. */
  readonly #sudoUser: number;
  readonly #descriptors = new Descriptors();
  readonly #inputs = new Map<string, { readonly path: string; readonly identity: Identity }>();
  readonly #streams = new Map<string, ByteSource>();
  #bytesRead = 0;
  readonly #texts: Identity[] = [];
  readonly #refused = new Map<string, FormatError>();

  /** Relative paths are relative to `directory`; `sudoUser` is SUDO_UID. */
  constructor(directory: string, sudoUser: string | undefined = undefined) {
    this.#directory = directory;
    this.#sudoUser = /^\d+$/.test(sudoUser ?? '') ? Number(sudoUser) : 0;
  }

  /** A name that is longer than any file's stays so: the system refuses it, whatever it would lead back to. */
  absolute(path: string): string {
    return isTooLong(path) ? `${this.#directory}/${path}` : resolve(this.#directory, path);
  }

  /** Opens a path that the user named, which may be a stream; throws FormatError with a sentence. */
  open(path: string): ByteSource {
    return this.#attempt(path === STDIN ? STDIN_NAME : path, () => {
      const known = this.#streams.get(path);
      if (known) return known;
      if (path === STDIN) return this.#openStdin();
      const absolute = this.absolute(path);
      const status = statSync(absolute, { throwIfNoEntry: false });
      if (!status) throw missing;
      // A FIFO opened without waiting would seem empty until somebody writes.
      const file = openAny(absolute, status.isFIFO());
      if (file.status.isFile()) return this.#source(path, absolute, file);
      return this.#readOnce(path, file.descriptor);
    });
  }

  /** Of all that was read, streams and sources left out. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Opens a file that nobody named, but an archive or the layout of a build directory; throws FormatError with a sentence. */
  openRegular(path: string): ByteSource {
    return this.#attempt(path, () => {
      const absolute = this.absolute(path);
      return this.#source(path, absolute, openRegular(absolute));
    });
  }

  #openStdin(): ByteSource {
    if (!fstatSync(0).isFile()) return this.#readOnce(STDIN_NAME, 0);
    return this.#source(STDIN_NAME, STDIN, { descriptor: 0, status: fstatSync(0, { bigint: true }) });
  }

  /** The contents of a stream are kept: they do not come again. */
  #readOnce(path: string, descriptor: number): ByteSource {
    try {
      // This includes terminals: nobody types an object.
      const status = fstatSync(descriptor);
      if (status.isCharacterDevice() || status.isBlockDevice()) throw new Refusal('a device, not an object');
      const source = memorySource(path, readStream(descriptor));
      this.#streams.set(path === STDIN_NAME ? STDIN : path, source);
      return source;
    } finally {
      if (descriptor !== 0) closeSync(descriptor);
    }
  }

  #source(path: string, absolute: string, file: OpenFile): ByteSource {
    const { status } = file;
    if (absolute !== STDIN) this.#descriptors.keep(absolute, file);
    this.#inputs.set(absolute, { path, identity: status });
    const size = Number(status.size);
    const read: ByteSource['read'] = (offset, length, into) => {
      const count = Math.max(0, Math.min(length, size - offset));
      const bytes = into ? into.subarray(0, count) : new Uint8Array(count);
      try {
        const descriptor = absolute === STDIN ? 0 : this.#descriptors.of(absolute, status);
        const filled = readInto(descriptor, bytes, offset);
        this.#bytesRead += filled;
        return filled === bytes.length ? bytes : bytes.slice(0, filled);
      } catch (error) {
        const sentence = error instanceof Refusal ? error.message : `cannot read: ${errorText(error)}`;
        throw new FormatError(path, null, offset, sentence);
      }
    };
    return { path, size, read };
  }

  #attempt<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof FormatError) throw error;
      throw new FormatError(path, null, 0, refusalOf(error).message);
    }
  }

  /** A text file; throws a Refusal if it cannot be read. */
  read(path: string): string {
    const { bytes, status } = readTextFile(this.absolute(path));
    this.#bytesRead += bytes.length;
    this.#texts.push(status);
    return bytes.toString();
  }

  /** A text file of a build or source directory; null if it is missing. If it cannot be read, `refused` has it. */
  text(path: string): string | null {
    try {
      return this.read(path);
    } catch (error) {
      const { message, isMissing } = refusalOf(error);
      if (!isMissing) this.#refused.set(this.absolute(path), new FormatError(path, null, 0, message));
      return null;
    }
  }

  /**
   * A source file below one of some folders (absolute, links resolved), one character per byte, or null. Debug
   * information may name any file of this machine, and what is read is printed.
   */
  source(path: string, folders: readonly string[]): string | null {
    try {
      const { bytes, status } = readTextFile(this.absolute(path), folders);
      this.#texts.push(status);
      return bytes.includes(0) ? null : bytes.toString('latin1');
    } catch {
      return null;
    }
  }

  /** Whether a name leads to a regular file below one of some folders. */
  isSource(path: string, folders: readonly string[]): boolean {
    try {
      const real = realpathSync(this.absolute(path));
      return isBelow(real, folders) && statSync(real).isFile();
    } catch {
      return false;
    }
  }

  /** Files that exist and could not be read, although nothing else says what they would. */
  get refused(): readonly FormatError[] {
    return [...this.#refused.values()];
  }

  /** Inputs that have changed since they were opened, as they were named. One that is gone counts as unchanged. */
  changed(): readonly string[] {
    return [...this.#inputs].flatMap(([absolute, { path, identity }]) => {
      const now = absolute === STDIN ? null : this.#statusOf(absolute);
      return now !== null && !isUnchanged(now, identity) ? [path] : [];
    });
  }

  /** Whether a name, links resolved, leads to a file that was read. */
  wasRead(path: string): boolean {
    const status = this.#statusOf(path);
    const read = [...this.#texts, ...[...this.#inputs.values()].map(({ identity }) => identity)];
    return status !== null && read.some((one) => isSameFile(one, status));
  }

  /** Whether two names lead to one file that can be replaced: /dev/null takes anything. */
  isSame(a: string, b: string): boolean {
    const [one, other] = [this.#statusOf(a), this.#statusOf(b)];
    return one && other ? one.isFile() && isSameFile(one, other) : this.absolute(a) === this.absolute(b);
  }

  /** Whether there is a file that cannot be an earlier report, whether it was read or not. */
  isPrecious(path: string): boolean {
    return isPrecious(this.absolute(path));
  }

  #statusOf(path: string): BigIntStats | null {
    try {
      return statSync(this.absolute(path), { bigint: true });
    } catch {
      return null;
    }
  }

  #linkStatusOf(path: string): BigIntStats | null {
    try {
      return lstatSync(this.absolute(path), { bigint: true });
    } catch {
      return null;
    }
  }

  /** An absolute path with symbolic links resolved, if it exists. */
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

  /**
   * Whether it belongs to the user, to root, or to the user who became root by sudo; and so does a link that leads there:
   * in a folder for everybody, anybody can make one to what is the user's.
   */
  isOwn(path: string): boolean {
    const user = process.geteuid?.() ?? 0;
    const own = [0, user, user === 0 ? this.#sudoUser : 0];
    const owners = [this.#statusOf(path), this.#linkStatusOf(path)].map((status) => status?.uid);
    return owners.every((owner) => owner !== undefined && own.includes(Number(owner)));
  }

  /** Whether anybody may put files into a folder. */
  isForEverybody(path: string): boolean {
    return ((this.#statusOf(path)?.mode ?? 0n) & 0o002n) !== 0n;
  }

  isDirectory(path: string): boolean {
    try {
      return statSync(this.absolute(path)).isDirectory();
    } catch {
      return false;
    }
  }

  /** Names in a folder, sorted; empty if it cannot be read. */
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
    this.#descriptors.close();
  }
}
