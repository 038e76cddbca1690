// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// gcc's options (-W..., -f..., -o, -w, -E, -v, -q), which are taken out before minimist
// sees the rest: it would split -Wno-x into letters.

import { type FormatName, formatNames, isFormatName } from '../formats/names.js';
import { isWhen, type When } from '../formats/terminal-request.js';

/** What is asked for instead of findings. */
export type Listing = 'list' | 'summary';

/** The result of gcc-style options. */
export interface GccOptions {
  warnings: string[];
  format: FormatName;
  color: When;
  urls: When;
  caret: boolean;
  plain: boolean;
  parseableFixits: boolean;
  patch: boolean;
  output: string | null;
  references: Listing | null;
  maxErrors: number | null;
  verbose: boolean;
  quiet: boolean;
  rest: string[];
}

/** Options without a value, and their effect on the result. */
const simple: Readonly<Record<string, (gcc: GccOptions) => void>> = {
  '-w': (gcc) => gcc.warnings.push('-w'),
  '-E': (gcc) => gcc.warnings.push('-E'),
  '-v': (gcc) => {
    gcc.verbose = true;
  },
  '-h': (gcc) => {
    gcc.rest.push('--help');
  },
  '-V': (gcc) => {
    gcc.rest.push('--version');
  },
  '--references': (gcc) => {
    gcc.references = 'list';
  },
  '--references=list': (gcc) => {
    gcc.references = 'list';
  },
  '--references=summary': (gcc) => {
    gcc.references = 'summary';
  },
  '-q': (gcc) => {
    gcc.quiet = true;
  },
  '-fdiagnostics-color': (gcc) => {
    gcc.color = 'always';
  },
  '-fno-diagnostics-color': (gcc) => {
    gcc.color = 'never';
  },
  '-fdiagnostics-show-caret': (gcc) => {
    gcc.caret = true;
  },
  '-fno-diagnostics-show-caret': (gcc) => {
    gcc.caret = false;
  },
  '-fdiagnostics-parseable-fixits': (gcc) => {
    gcc.parseableFixits = true;
  },
  '-fdiagnostics-generate-patch': (gcc) => {
    gcc.patch = true;
  },
  '-fdiagnostics-plain-output': (gcc) => {
    gcc.plain = true;
    gcc.color = 'never';
    gcc.urls = 'never';
    gcc.caret = false;
  },
};

/** Options with a value after =, and those that are read word by word. */
export const gccOptions = [
  '-fdiagnostics-format',
  '-fdiagnostics-color',
  '-fdiagnostics-urls',
  '-fmax-errors',
  '-o',
  '-W',
  '-Werror',
  '-Wextra',
  '-Wall',
  ...Object.keys(simple),
];

/** `'text', 'json' or 'modpost'` */
export const listOf = (names: readonly string[]): string =>
  `${names
    .slice(0, -1)
    .map((name) => `'${name}'`)
    .join(', ')} or '${names.at(-1)}'`;

/** Reads gcc's options, or says what is wrong: a sentence, or a word that is not an option. */
export const takeGccOptions = (
  argv: readonly string[],
): GccOptions | { readonly sentence: string } | { readonly unknown: string } => {
  const gcc: GccOptions = {
    warnings: [],
    format: 'text',
    color: 'auto',
    urls: 'auto',
    caret: true,
    plain: false,
    parseableFixits: false,
    patch: false,
    output: null,
    references: null,
    maxErrors: null,
    verbose: false,
    quiet: false,
    rest: [],
  };
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') {
      // Not push(...words): there may be more words than a call takes arguments.
      gcc.rest = gcc.rest.concat(argv.slice(index));
      break;
    }
    const [, name = '', setting = ''] = /^(-f[\w-]+)=(.*)$/s.exec(word) ?? [];
    const act = Object.hasOwn(simple, word) ? simple[word] : undefined;
    if (act) act(gcc);
    else if (word === '--explain' && argv[index + 1]?.startsWith('-W')) {
      // As printed after a message: [-Whyp-call].
      gcc.rest.push(`--explain=${argv[++index]?.slice(2)}`);
    } else if (word === '-W') return { sentence: "option '-W' needs the name of a warning" };
    else if (word.startsWith('-W')) gcc.warnings.push(word.slice(2));
    else if (word === '-o') {
      const file = argv[++index];
      if (file === undefined) return { sentence: "option '-o' needs a file" };
      gcc.output = file;
    } else if (word.startsWith('-o')) gcc.output = word.slice(2);
    else if (name === '-fdiagnostics-format') {
      if (!isFormatName(setting)) {
        return { sentence: `unknown output format '${setting}'; it is ${listOf(formatNames)}` };
      }
      gcc.format = setting;
    } else if (name === '-fdiagnostics-color' || name === '-fdiagnostics-urls') {
      if (!isWhen(setting)) {
        return { sentence: `${name} is 'auto', 'always' or 'never', not '${setting}'` };
      }
      if (name === '-fdiagnostics-color') gcc.color = setting;
      else gcc.urls = setting;
    } else if (name === '-fmax-errors') {
      if (!/^\d{1,9}$/.test(setting)) return { sentence: `-fmax-errors is a number, not '${setting}'` };
      // As in gcc, 0 is no limit.
      gcc.maxErrors = Number(setting) || null;
    } else if (word.startsWith('--references=')) {
      return { sentence: `--references is 'list' or 'summary', not '${word.slice('--references='.length)}'` };
    } else if (/^-[^-]/.test(word)) return { unknown: word };
    else gcc.rest.push(word);
  }
  return gcc;
};
