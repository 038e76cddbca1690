// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What was said of findings before this run: reviewed exceptions and a baseline.
// Both are texts, and what is odd in them is said at its line.

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { keyOf } from '../diagnostics/key-of.js';
import { type BaselineEntry, baselineText, isKept, parseBaseline } from '../policy/baseline.js';
import { type FindingKey, keyText } from '../policy/finding-key.js';
import { holdsFor, parseSuppressions, type Suppression, suppressionFor } from '../policy/suppressions.js';
import { defaultNames, type WarningName } from '../policy/warnings.js';
import type { Files } from './files.js';
import { refusalOf } from './guard.js';
import { type Io, say } from './io.js';
import type { Options } from './options.js';

export interface Review {
  readonly suppressions: readonly Suppression[];
  /** null where none was handed in. */
  readonly baseline: readonly BaselineEntry[] | null;
}

/** What the options name, or null where a file is wrong, which was then said. */
export const readReview = (options: Options, io: Io, files: Files): Review | null => {
  const read = <Entry>(
    path: string | null,
    what: string,
    parse: (text: string) => {
      readonly entries: readonly Entry[];
      readonly faults: readonly { readonly line: number; readonly sentence: string }[];
    },
  ): readonly Entry[] | null => {
    if (path === null) return [];
    let text: string;
    try {
      text = files.read(path);
    } catch (error) {
      say(io, `hypcheck: error: the ${what} '${path}': ${refusalOf(error).message}`);
      return null;
    }
    const { entries, faults } = parse(text);
    for (const { line, sentence } of faults) say(io, `${path}:${line}: error: ${sentence}`);
    return faults.length > 0 ? null : entries;
  };
  const suppressions = read(options.suppressions, 'suppressions', parseSuppressions);
  const baseline = read(options.baseline, 'baseline', parseBaseline);
  if (!suppressions || !baseline) return null;
  return { suppressions, baseline: options.baseline === null ? null : baseline };
};

export interface ReviewedRun {
  readonly options: Options;
  /** The kernel's, or null. */
  readonly release: string | null;
  /** What an object is called, where nothing in it has a name. */
  readonly objectName: (path: string) => string;
}

export interface Reviewed {
  /** Those that are to be told. */
  readonly open: readonly Diagnostic[];
  readonly suppressed: number;
  readonly known: number;
  /** What --write-baseline writes. */
  readonly baseline: string;
  /** What is odd in the lists, each at its line. */
  readonly remarks: readonly string[];
}

export const applyReview = (
  diagnostics: readonly Diagnostic[],
  { suppressions, baseline }: Review,
  run: ReviewedRun,
): Reviewed => {
  const { options, release, objectName } = run;
  const isEnabled = ({ warning }: FindingKey): boolean => options.warnings.enabled.has(warning);
  const holding = suppressions.filter((entry) => holdsFor(entry, release));
  const before = new Set(baseline?.map(({ key }) => keyText(key)));
  const used = new Set<Suppression>();
  const found = new Map<string, FindingKey>();
  let known = 0;
  let suppressed = 0;
  const open = diagnostics.filter((diagnostic) => {
    const [key, given] = [keyOf(diagnostic, objectName), keyOf(diagnostic)];
    if (!key || !given) return true;
    const isSame = key.from === given.from && key.to === given.to;
    const entry = suppressionFor(holding, key) ?? (isSame ? null : suppressionFor(holding, given));
    if (entry) {
      used.add(entry);
      suppressed++;
      return false;
    }
    const text = keyText(key);
    found.set(text, key);
    // What a first baseline is written of is known from then on.
    const isKnown =
      isEnabled(key) && isKept(key) && (baseline ? before.has(text) : options.writeBaseline !== null);
    if (isKnown) known++;
    return !isKnown;
  });
  const odd: OddEntries = {
    expired: suppressions.filter((entry) => !holding.includes(entry)),
    unused: holding.filter((entry) => !used.has(entry)),
    gone: (baseline ?? []).filter(({ key }) => !found.has(keyText(key))),
  };
  return {
    open,
    suppressed,
    known,
    baseline: baselineText([...found.values()].filter(isEnabled)),
    remarks: remarksOf(odd, run),
  };
};

interface OddEntries {
  /** Suppressions that do not hold for this kernel. */
  readonly expired: readonly Suppression[];
  readonly unused: readonly Suppression[];
  /** Of the baseline: what is not found any more. */
  readonly gone: readonly BaselineEntry[];
}

const remarksOf = (
  { expired, unused, gone }: OddEntries,
  { options, release }: ReviewedRun,
): readonly string[] => {
  const { suppressions, baseline, warnings } = options;
  // A list is of a whole kernel, and of all of those that are checked: one module or kernel needs little of it.
  const isOfModules = options.files.length > 0 && options.files.every((file) => /\.ko(\.gz)?$/.test(file));
  if (isOfModules || options.references !== null || options.moreBuilds.length > 0) return [];
  // What has to be asked for, and was not, was not looked for.
  const wasLookedFor = ({ warning }: { readonly warning: WarningName }): boolean =>
    defaultNames.includes(warning) || warnings.enabled.has(warning);
  const kernel = release === null ? "this kernel's version is not known (--build)" : `this is ${release}`;
  return [
    ...expired.map(
      ({ line, until }) =>
        `${suppressions}:${line}: note: not applied: it holds before ${until}, and ${kernel}`,
    ),
    ...unused
      .filter(wasLookedFor)
      .map(({ line }) => `${suppressions}:${line}: note: this suppression matches nothing`),
    ...gone
      .filter(({ key }) => wasLookedFor(key))
      .map(({ line, key }) => `${baseline}:${line}: note: no longer found: ${keyText(key)}`),
  ];
};
