// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Source lines for carets. Debug information names a file as it was given to the
// compiler: absolute, or relative to where the compiler ran. If the tree has moved
// since, --source says where it is, and the longest tail of the name that exists there
// is taken. An object may name any file of this machine, and its lines are printed, so
// only files below the working directory, the build and the source are read, after
// links are resolved.

import { isAbsolute, join, relative } from 'node:path';
import type { Sources } from '../c-source/sources.js';
import type { Files } from './files.js';
import { isTooLong } from './guard.js';

/** Longer lines are not shown. */
const LONGEST_LINE = 4096;
/** Characters of text that are kept; findings come sorted by file. */
const MOST_KEPT = 64 << 20;

export class SourceText implements Sources {
  readonly #files: Files;
  /** Folders that relative names may be relative to, in order: the working directory first. */
  readonly #roots: readonly string[];
  /** The top of the source tree, where it is known. */
  readonly source: string | null;
  /** The folders whose files are read, without links. */
  readonly #folders: readonly string[];
  readonly #lines = new Map<string, readonly string[] | null>();
  readonly #texts = new Map<string, string | null>();
  readonly #names = new Map<string, string>();
  #kept = 0;

  constructor(files: Files, roots: readonly string[], source: string | null) {
    this.#files = files;
    this.#roots = roots;
    this.source = source;
    const folders = [...roots, ...(source === null ? [] : [source])].map((root) => files.real(root));
    // Everything lies below the root directory.
    const here = files.real('.');
    this.#folders = here === '/' ? folders : [here, ...folders];
  }

  /** Line `line` (from 1) without its end, or null. */
  line(file: string, line: number): string | null {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      const text = this.text(file);
      lines = text === null ? null : Buffer.from(text, 'latin1').toString().split(/\r?\n/);
      this.#lines.set(file, lines);
    }
    const found = lines?.[line - 1] ?? null;
    return found === null || found.length > LONGEST_LINE ? null : found;
  }

  text(file: string): string | null {
    let text = this.#texts.get(file);
    if (text === undefined) {
      const path = this.pathOf(file);
      text = path === null ? null : this.#files.source(path, this.#folders);
      this.#keep(file, text);
    }
    return text;
  }

  #keep(file: string, text: string | null): void {
    this.#kept += text?.length ?? 0;
    if (this.#kept > MOST_KEPT) {
      this.#texts.clear();
      this.#lines.clear();
      this.#kept = text?.length ?? 0;
    }
    this.#texts.set(file, text);
  }

  treeName(file: string): string {
    let name = this.#names.get(file);
    if (name === undefined) {
      const path = this.pathOf(file) ?? file;
      const top = this.source ?? '.';
      // Two names for one folder are common; a file of the tree that is itself a link elsewhere is not.
      const names = [
        relative(this.#files.real(top), this.#files.real(path)),
        relative(this.#files.absolute(top), this.#files.absolute(path)),
      ];
      name = names.find((one) => !/^\.\.(\/|$)/.test(one)) ?? this.#files.absolute(path);
      this.#names.set(file, name);
    }
    return name;
  }

  /** The file that a name of debug information leads to, or null. */
  pathOf(file: string): string | null {
    if (isTooLong(file)) return null;
    const candidates = isAbsolute(file) ? [file] : ['.', ...this.#roots].map((root) => join(root, file));
    return candidates.find((path) => this.#files.isSource(path, this.#folders)) ?? this.#findTail(file);
  }

  #findTail(file: string): string | null {
    if (this.source === null) return null;
    const parts = file.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
    for (let first = 0; first < parts.length; first++) {
      const path = join(this.source, ...parts.slice(first));
      if (this.#files.isSource(path, this.#folders)) return path;
    }
    return null;
  }
}
