// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The command line. gcc's options are taken out first (gcc-options.ts). The rest, the
// options with two dashes, goes to minimist with every name declared, so that a
// typing error is an error.

import minimist from 'minimist';
import { type FormatName, isReportName, type ReportName, reportNames } from '../formats/names.js';
import type { When } from '../formats/terminal-request.js';
import { warningNames } from '../policy/warnings.js';
import { gccOptions, type Listing, listOf, takeGccOptions } from './gcc-options.js';
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
  readonly color: When;
  readonly urls: When;
  readonly caret: boolean;
  readonly plain: boolean;
  readonly parseableFixits: boolean;
  readonly patch: boolean;
  /** What is asked for instead of findings; null: findings. */
  readonly references: Listing | null;
  /** Findings after these are not printed; null: all are. */
  readonly maxErrors: number | null;
  readonly output: string | null;
  /** Symbols of a stripped image, or the image of a debug file. */
  readonly debugFile: string | null;
  readonly suppressions: string | null;
  readonly baseline: string | null;
  readonly writeBaseline: string | null;
  /** Beside the output, in the order of the command line. */
  readonly reports: readonly SideReport[];
  readonly stats: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** --report FORM=FILE */
export interface SideReport {
  readonly form: ReportName;
  readonly file: string;
}

export type Command =
  | { readonly kind: 'check'; readonly options: Options }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'list-warnings' }
  | { readonly kind: 'explain'; readonly warning: string }
  /** One sentence. */
  | { readonly kind: 'usage'; readonly sentence: string };

const usage = (sentence: string): Command => ({ kind: 'usage', sentence });
const unknownOption = (word: string): Command => usage(`unknown option '${word}'${nearestTo(word)}`);

/** Long options that take a value, and those that do not. */
const valued = [
  'build',
  'source',
  'vhe',
  'vhe-cap',
  'suppressions',
  'baseline',
  'write-baseline',
  'report',
  'debug-file',
  'explain',
];
const flags = ['whole', 'protected', 'stats', 'help', 'version', 'list-warnings'];

/** Their names, for completions and the manual page. */
export const longOptions: readonly string[] = [...valued, ...flags];

/** `argv` without node and script, with response files expanded. */
export const parseOptions = (argv: readonly string[]): Command => {
  const gcc = takeGccOptions(argv);
  if ('sentence' in gcc) return usage(gcc.sentence);
  if ('unknown' in gcc) return unknownOption(gcc.unknown);

  // minimist takes --no-whole for --whole=false, and crashes on --constructor: it only sees what is declared.
  for (const [index, word] of gcc.rest.entries()) {
    if (word === '--') break;
    const [, name] = /^--([^=]*)/.exec(word) ?? [];
    if (name === undefined) continue;
    if (!valued.includes(name) && !flags.includes(name)) return unknownOption(word);
    const next = gcc.rest[index + 1];
    if (valued.includes(name) && !word.includes('=') && (next === undefined || next.startsWith('--')))
      return usage(`option '--${name}' needs a value`);
  }
  // '_': a file named 1e3 stays a string.
  const parsed = minimist(gcc.rest, { string: [...valued, '_'], boolean: flags });
  const allOf = (name: string): readonly string[] => {
    const given: unknown = parsed[name];
    return [given].flat().filter((one) => typeof one === 'string');
  };
  const value = (name: string): string | null => allOf(name).at(-1) ?? null;
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
  const reports = readReports(allOf('report'));
  if ('sentence' in reports) return usage(reports.sentence);
  const isOfFindings = reports.list.length > 0 || gcc.format === 'sarif' || gcc.format === 'gitlab';
  if (gcc.references !== null && isOfFindings)
    return usage('--references lists no findings; it has a text and a JSON form');
  const [build = null, ...moreBuilds] = allOf('build');
  const files = parsed._.map(String);
  if (files.length === 0 && build === null) return usage('no input files; see --help');
  if (moreBuilds.length > 0 && files.length > 0)
    return usage(
      `files are checked beside one '--build', which tells about them, not beside ${moreBuilds.length + 1}`,
    );
  // One report is of one kernel: its lines are looked for in one source tree.
  const isOfOne =
    gcc.output !== null || isOfFindings || gcc.format === 'json' || value('write-baseline') !== null;
  if (moreBuilds.length > 0 && isOfOne)
    return usage(
      `'--build' is given more than once: one report${gcc.output === null && gcc.format === 'json' ? ' in JSON' : ''} is of one kernel`,
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
      urls: gcc.urls,
      caret: gcc.caret,
      plain: gcc.plain,
      parseableFixits: gcc.parseableFixits,
      patch: gcc.patch,
      references: gcc.references,
      maxErrors: gcc.maxErrors,
      output: gcc.output,
      debugFile: value('debug-file'),
      suppressions: value('suppressions'),
      baseline: value('baseline'),
      writeBaseline: value('write-baseline'),
      reports: reports.list,
      stats: flag('stats'),
      verbose: gcc.verbose,
      quiet: gcc.quiet,
    },
  };
};

/** Each form more often than anybody has a use for; the file of each is compared with all others. */
const MOST_REPORTS = 20;

const readReports = (
  words: readonly string[],
): { readonly list: readonly SideReport[] } | { readonly sentence: string } => {
  if (words.length > MOST_REPORTS) return { sentence: `--report is given more than ${MOST_REPORTS} times` };
  const list: SideReport[] = [];
  for (const word of words) {
    const [, form = '', file = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (!isReportName(form))
      return { sentence: `--report is FORM=FILE, FORM ${listOf(reportNames)}, not '${word}'` };
    if (file === '') return { sentence: `--report ${form}= needs a file` };
    list.push({ form, file });
  }
  return { list };
};

/** `; did you mean '--whole'?`: the option that is nearest to what was written. */
const nearestTo = (word: string): string => {
  const [option = ''] = word.split('=');
  return didYouMean(option, [
    ...[...valued, ...flags].map((name) => `--${name}`),
    ...gccOptions,
    ...warningNames.flatMap((name) => [`-W${name}`, `-Wno-${name}`]),
  ]);
};
