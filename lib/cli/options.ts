// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The command line. gcc's options (-W..., -f..., -o, -w, -E, -v, -q) are taken
// off first: minimist would take -Wno-x apart into letters. What is left, the
// options with two dashes, goes to minimist with every name declared, so that a
// typing error is an error.

import minimist from 'minimist';
import { type FormatName, formatNames, isFormatName } from '../formats/names.js';
import { warningNames } from '../policy/warnings.js';
import { didYouMean } from './nearest.js';
import { readWarningOptions, type WarningOptions } from './warning-options.js';

export interface Options {
  readonly files: readonly string[];
  readonly build: string | null;
  /** Further build directories, each a kernel of its own: checked one after the other. */
  readonly moreBuilds: readonly string[];
  readonly source: string | null;
  readonly vhe: 'off' | 'unknown';
  readonly vheCap: number | null;
  readonly whole: boolean;
  readonly protectedMode: boolean;
  readonly warnings: WarningOptions;
  readonly format: FormatName;
  readonly color: 'auto' | 'always' | 'never';
  readonly caret: boolean;
  readonly plain: boolean;
  readonly parseableFixits: boolean;
  readonly patch: boolean;
  /** What is asked for instead of findings; null: findings. */
  readonly references: 'list' | 'summary' | null;
  /** After so many findings the rest is left unprinted; null: all are printed. */
  readonly maxErrors: number | null;
  readonly output: string | null;
  readonly suppressions: string | null;
  readonly stats: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

export type Command =
  | { readonly kind: 'check'; readonly options: Options }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'list-warnings' }
  | { readonly kind: 'explain'; readonly warning: string }
  /** One sentence. */
  | { readonly kind: 'usage'; readonly sentence: string };

const usage = (sentence: string): Command => ({ kind: 'usage', sentence });

/** What gcc-style options leave behind. */
interface GccOptions {
  warnings: string[];
  format: FormatName;
  color: Options['color'];
  caret: boolean;
  plain: boolean;
  parseableFixits: boolean;
  patch: boolean;
  output: string | null;
  references: Options['references'];
  maxErrors: number | null;
  verbose: boolean;
  quiet: boolean;
  rest: string[];
}

/** Long options that take a value, and those that do not. */
const valued = ['build', 'source', 'vhe', 'vhe-cap', 'suppressions', 'explain'];
const flags = ['whole', 'protected', 'stats', 'help', 'version', 'list-warnings'];

/** `argv` without node and script; response files are already in place. */
export const parseOptions = (argv: readonly string[]): Command => {
  const gcc = takeGccOptions(argv);
  if ('sentence' in gcc) return usage(gcc.sentence);

  // minimist takes --no-whole for --whole=false, and falls over --constructor: it sees what is declared, nothing else.
  for (const [index, word] of gcc.rest.entries()) {
    if (word === '--') break;
    const [, name] = /^--([^=]*)/.exec(word) ?? [];
    if (name === undefined) continue;
    if (!valued.includes(name) && !flags.includes(name))
      return usage(`unknown option '${word}'${nearestTo(word)}`);
    const next = gcc.rest[index + 1];
    if (valued.includes(name) && !word.includes('=') && (next === undefined || next.startsWith('--')))
      return usage(`option '--${name}' needs a value`);
  }
  // '_': a file named 1e3 stays a name.
  const parsed = minimist(gcc.rest, { string: [...valued, '_'], boolean: flags });
  const value = (name: string): string | null => {
    const given: unknown = parsed[name];
    const last: unknown = Array.isArray(given) ? given.at(-1) : given;
    return typeof last === 'string' ? last : null;
  };
  const allOf = (name: string): readonly string[] => {
    const given: unknown = parsed[name];
    return [given].flat().filter((one) => typeof one === 'string');
  };
  const flag = (name: string): boolean => parsed[name] === true;
  const empty = valued.find((name) => allOf(name).includes(''));
  if (empty) return usage(`option '--${empty}' needs a value`);

  if (flag('help')) return { kind: 'help' };
  if (flag('version')) return { kind: 'version' };
  if (flag('list-warnings')) return { kind: 'list-warnings' };
  const explain = value('explain');
  if (explain !== null) return { kind: 'explain', warning: explain };

  const warnings = readWarningOptions(gcc.warnings);
  if ('unknown' in warnings)
    return usage(
      `unknown warning option '${warnings.unknown}'${nearestTo(warnings.unknown)}; see --list-warnings`,
    );
  const vhe = value('vhe') ?? 'off';
  if (vhe !== 'off' && vhe !== 'unknown') return usage(`--vhe is 'off' or 'unknown', not '${vhe}'`);
  const cap = value('vhe-cap');
  if (cap !== null && !/^\d{1,4}$/.test(cap)) return usage(`--vhe-cap is a number, not '${cap}'`);
  if (gcc.references === 'summary' && gcc.format === 'json')
    return usage('--references=summary is a text; --references has a JSON form');
  const [build = null, ...moreBuilds] = allOf('build');
  const files = parsed._.map(String);
  if (files.length === 0 && build === null) return usage('no input files; see --help');
  if (moreBuilds.length > 0 && files.length > 0)
    return usage(
      `files are checked beside one '--build', which tells about them, not beside ${moreBuilds.length + 1}`,
    );
  // One report is of one kernel: its lines are looked for in one source tree.
  if (moreBuilds.length > 0 && (gcc.output !== null || gcc.format === 'json'))
    return usage(
      `'--build' is given more than once: one report${gcc.output === null ? ' in JSON' : ''} is of one kernel`,
    );
  return {
    kind: 'check',
    options: {
      files,
      build,
      moreBuilds,
      source: value('source'),
      vhe,
      vheCap: cap === null ? null : Number(cap),
      whole: flag('whole'),
      protectedMode: flag('protected'),
      warnings,
      format: gcc.format,
      color: gcc.color,
      caret: gcc.caret,
      plain: gcc.plain,
      parseableFixits: gcc.parseableFixits,
      patch: gcc.patch,
      references: gcc.references,
      maxErrors: gcc.maxErrors,
      output: gcc.output,
      suppressions: value('suppressions'),
      stats: flag('stats'),
      verbose: gcc.verbose,
      quiet: gcc.quiet,
    },
  };
};

/** Options without a value of their own: what each does to the result. */
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
    gcc.caret = false;
  },
};

/** `'text', 'json' or 'modpost'` */
const listOf = (names: readonly string[]): string =>
  `${names
    .slice(0, -1)
    .map((name) => `'${name}'`)
    .join(', ')} or '${names.at(-1)}'`;

/** Options with a value behind =, and those that are read word by word. */
const others = [
  '-fdiagnostics-format',
  '-fdiagnostics-color',
  '-fmax-errors',
  '-o',
  '-W',
  '-Werror',
  '-Wextra',
  '-Wall',
];

/** `; did you mean '--whole'?`: the option that is nearest to what was written. */
const nearestTo = (word: string): string => {
  const [option = ''] = word.split('=');
  return didYouMean(option, [
    ...[...valued, ...flags].map((name) => `--${name}`),
    ...Object.keys(simple),
    ...others,
    ...warningNames.flatMap((name) => [`-W${name}`, `-Wno-${name}`]),
  ]);
};

const takeGccOptions = (argv: readonly string[]): GccOptions | { readonly sentence: string } => {
  const gcc: GccOptions = {
    warnings: [],
    format: 'text',
    color: 'auto',
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
      // Not by spreading it: there may be more words than a call takes arguments.
      gcc.rest = gcc.rest.concat(argv.slice(index));
      break;
    }
    const [, name = '', setting = ''] = /^(-f[\w-]+)=(.*)$/s.exec(word) ?? [];
    const act = Object.hasOwn(simple, word) ? simple[word] : undefined;
    if (act) act(gcc);
    else if (word === '--explain' && argv[index + 1]?.startsWith('-W')) {
      // As it is printed behind a message: [-Whyp-call].
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
    } else if (name === '-fdiagnostics-color') {
      if (setting !== 'auto' && setting !== 'always' && setting !== 'never') {
        return { sentence: `-fdiagnostics-color is 'auto', 'always' or 'never', not '${setting}'` };
      }
      gcc.color = setting;
    } else if (name === '-fmax-errors') {
      if (!/^\d{1,9}$/.test(setting)) return { sentence: `-fmax-errors is a number, not '${setting}'` };
      // As in gcc, 0 is no limit.
      gcc.maxErrors = Number(setting) || null;
    } else if (word.startsWith('--references=')) {
      return { sentence: `--references is 'list' or 'summary', not '${word.slice('--references='.length)}'` };
    } else if (/^-[^-]/.test(word)) return { sentence: `unknown option '${word}'${nearestTo(word)}` };
    else gcc.rest.push(word);
  }
  return gcc;
};
