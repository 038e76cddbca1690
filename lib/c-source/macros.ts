// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the words before a function's name stand for: `inline` is a macro in the
// kernel, and whether it means always_inline depends on headers and configuration.
// Follows the directives of headers as a preprocessor does, in one order for all
// files (include guards make the order harmless), and keeps the macros. Missing
// headers are skipped.

import { Conditionals, linesOf } from './directives.js';
import { evaluate } from './expression.js';

import type { Sources } from './sources.js';

export interface MacroSetting {
  /** CONFIG_X to its value in auto.conf, and what compilers and command lines define. */
  readonly defined: ReadonlyMap<string, string>;
}

interface Macro {
  readonly hasParameters: boolean;
  readonly body: string;
}

/** What Kbuild includes before the first line (-include), and what every file includes. */
const preludes = ['include/linux/compiler_types.h', 'include/linux/compiler.h'];

/** Where <...> is searched for, relative to the source tree or the build directory. */
const roots = [
  'include/',
  'arch/arm64/include/',
  'arch/arm64/include/generated/',
  'include/uapi/',
  'arch/arm64/include/uapi/',
  'arch/arm64/include/generated/uapi/',
];

const DEEPEST = 100;

export class Macros {
  readonly #sources: Sources;
  readonly #macros = new Map<string, Macro>();
  readonly #entered = new Set<string>();
  readonly #paths = new Map<string, string | null>();

  constructor(sources: Sources, { defined }: MacroSetting) {
    this.#sources = sources;
    for (const [name, body] of defined) this.#macros.set(name, { hasParameters: false, body });
    for (const file of preludes) this.enter(file);
  }

  /** Reads a file and what it includes; once. */
  enter(file: string): void {
    if (!this.#entered.has(file)) this.#read(file, 0);
  }

  isDefined(name: string): boolean {
    return this.#macros.has(name);
  }

  /** Words and everything that they expand to, as one text; arguments of macros are left as they are. */
  expand(text: string): string {
    const seen = new Set<string>();
    const words = (piece: string): string =>
      piece.replace(/[A-Za-z_]\w*/g, (word) => {
        const macro = this.#macros.get(word);
        if (!macro || seen.has(word)) return word;
        seen.add(word);
        return `${word} ${words(macro.body)}`;
      });
    return words(text);
  }

  #read(file: string, depth: number): void {
    this.#entered.add(file);
    const text = this.#sources.text(file);
    if (text === null || depth > DEEPEST) return;
    const conditionals = new Conditionals((word, rest) => this.#holds(word, rest));
    for (const line of linesOf(text)) {
      if (line.directive === null || conditionals.take(line)) continue;
      if (conditionals.compiled === true) this.#act(line.directive, line.rest, file, depth);
    }
  }

  #act(word: string, rest: string, file: string, depth: number): void {
    if (word === 'define') {
      const [, name, parameters, body = ''] = /^(\w+)(\([^)]*\))?\s*([\s\S]*)$/.exec(rest) ?? [];
      if (name !== undefined) this.#macros.set(name, { hasParameters: parameters !== undefined, body });
    } else if (word === 'undef') this.#macros.delete(rest);
    else if (word === 'include') {
      const path = this.#find(rest, file);
      // Headers without a guard are read once too.
      if (path !== null && !this.#entered.has(path)) this.#read(path, depth + 1);
    }
  }

  /** A condition that is not known counts as false. */
  #holds(word: string, rest: string): boolean {
    if (word !== 'if') return this.#macros.has(/^\w*/.exec(rest)?.[0] ?? '') === (word === 'ifdef');
    const value = evaluate(rest, {
      isDefined: (name) => this.#macros.has(name),
      textOf: (name) => {
        const macro = this.#macros.get(name);
        return macro && !macro.hasParameters ? macro.body : null;
      },
    });
    return value !== null && value !== 0n;
  }

  /** The file that `<linux/types.h>` or `"table.h"` names, or null. */
  #find(rest: string, from: string): string | null {
    const [, quote = '', name = ''] = /^(["<])([^">]+)[">]/.exec(rest) ?? [];
    if (name === '') return null;
    const beside = quote === '"' ? [`${/^.*\//.exec(from)?.[0] ?? ''}${name}`] : [];
    for (const candidate of [...beside, ...roots.map((root) => root + name)]) {
      let path = this.#paths.get(candidate);
      if (path === undefined) {
        path = this.#sources.text(candidate) === null ? null : candidate;
        this.#paths.set(candidate, path);
      }
      if (path !== null) return path;
    }
    return null;
  }
}
