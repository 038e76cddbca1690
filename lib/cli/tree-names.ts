// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names of files as reports have them: from the top of the source tree or of the
// build, so that a report is the same wherever the build was made and says
// nothing of the machine. Debug information may name a file that is not here:
// what stands in front of a folder that every kernel has is then taken off.

import { basename, normalize, relative } from 'node:path';
import type { Diagnostic, Note } from '../diagnostics/diagnostic.js';
import type { Files } from './files.js';
import { isTooLong } from './guard.js';
import type { SourceText } from './source-text.js';

/** The parts of a kernel's tree that hyp code is made of, the surest first. */
const kernelParts: readonly RegExp[] = [
  /^.*\/((?:arch\/\w+|virt|drivers\/\w+)\/.*)$/s,
  /^.*\/(include\/.*)$/s,
  /^.*\/((?:kernel|lib|mm|security|fs|net|rust|tools|scripts|crypto|block|sound|samples)\/.*)$/s,
];

export class TreeNames {
  readonly #files: Files;
  readonly #text: SourceText;
  /** Folders that names are told from, in order. */
  readonly #tops: readonly string[];
  readonly #sourceTops: readonly string[];
  readonly #objects = new Map<string, string>();
  readonly #names = new Map<string, string>();
  /** The name that a line of source is read by. */
  readonly #given = new Map<string, string>();

  constructor(files: Files, text: SourceText, build: string | null, source: string | null) {
    this.#files = files;
    this.#text = text;
    const named = (tops: readonly (string | null)[]) =>
      tops.flatMap((top) => (top === null ? [] : [files.real(top)])).filter((top) => top !== '/');
    this.#tops = named([build, source, '.']);
    this.#sourceTops = named([source, build, '.']);
  }

  /** `vmlinux.o`, `lib/lib.a(x.o)` */
  object(path: string): string {
    let name = this.#objects.get(path);
    if (name === undefined) {
      const inArchive = path.endsWith(')') ? path.indexOf('.a(') : -1;
      const end = inArchive < 0 ? path.length : inArchive + '.a'.length;
      const file = path.slice(0, end);
      name = (this.#below(this.#files.real(file), this.#tops) ?? basename(file)) + path.slice(end);
      this.#objects.set(path, name);
    }
    return name;
  }

  /** `arch/arm64/kvm/hyp/nvhe/switch.c` */
  source(file: string): string {
    if (file === '') return '';
    let name = this.#names.get(file);
    if (name === undefined) {
      const path = this.#text.pathOf(file);
      name =
        (path === null ? null : this.#below(this.#files.real(path), this.#sourceTops)) ?? withoutTop(file);
      this.#names.set(file, name);
      if (!this.#given.has(name)) this.#given.set(name, file);
    }
    return name;
  }

  /** What source() was given. */
  given(name: string): string {
    return this.#given.get(name) ?? name;
  }

  /** Names that stand in a sentence. */
  sentence(words: string): string {
    return words.replace(/‘(\/[^‘’]*)’/g, (_, path: string) =>
      /\.[chS]$/.test(path) ? `‘${this.source(path)}’` : `‘${this.object(path)}’`,
    );
  }

  diagnostic(given: Diagnostic): Diagnostic {
    const place = <P extends { readonly file: string }>(one: P): P => ({
      ...one,
      file: this.source(one.file),
    });
    return {
      ...given,
      message: this.sentence(given.message),
      place: given.place && place(given.place),
      inlinedFrom: given.inlinedFrom.map(place),
      object: this.object(given.object),
      notes: given.notes.map((note) => this.#note(note)),
      fixits: given.fixits.map(place),
      hyp: given.hyp && {
        ...given.hyp,
        object: this.object(given.hyp.object),
        inlined: given.hyp.inlined.map(place),
        callers: given.hyp.callers.map((one) => ({
          ...one,
          object: this.object(one.object),
          place: one.place && place(one.place),
        })),
      },
    };
  }

  #note(given: Note): Note {
    const { message, place } = given;
    const named =
      place === null
        ? null
        : 'line' in place
          ? { ...place, file: this.source(place.file) }
          : { ...place, object: this.object(place.object) };
    return { ...given, message: this.sentence(message), place: named };
  }

  #below(path: string, tops: readonly string[]): string | null {
    const names = tops.map((top) => relative(top, path));
    return names.find((name) => name !== '' && !/^\.\.(\/|$)/.test(name)) ?? null;
  }
}

/** A name of a file that is not here. */
const withoutTop = (file: string): string => {
  if (isTooLong(file)) return basename(file);
  const name = normalize(file).replace(/^(\.\.?\/)+/, '');
  if (!name.startsWith('/')) return name;
  for (const part of kernelParts) {
    const [, found] = part.exec(name) ?? [];
    if (found !== undefined) return found;
  }
  return basename(name);
};
