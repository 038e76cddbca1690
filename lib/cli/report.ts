// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From diagnostics to texts and an exit status: which are wanted, which were known
// or reviewed, in which forms, and where each goes.

import type { CheckResult } from '../check.js';
import type { Diagnostic, Note } from '../diagnostics/diagnostic.js';
import type { FormatError } from '../elf/format-error.js';
import { diagnose } from '../findings/diagnose.js';
import { unchecked } from '../findings/finding.js';
import { choosePalette } from '../formats/colors.js';
import { loadFormat } from '../formats/formats.js';
import { type FormatContext, type Formatter, type Outcome, reportPieces } from '../formats/formatter.js';
import type { PageFacts } from '../formats/html/page.js';
import { patchOf } from '../formats/patch.js';
import { chooseUrlEnd } from '../formats/urls.js';
import { quoteSection } from '../pages/phrases.js';
import type { WarningName } from '../policy/warnings.js';
import { documentationPage, pageForTerminal } from './documentation.js';
import { ExitStatus } from './exit-status.js';
import type { Io } from './io.js';
import type { Options } from './options.js';
import type { Review } from './review.js';
import type { SourceText } from './source-text.js';
import type { TreeNames } from './tree-names.js';
import { version } from './version.js';

export interface ReportInput {
  readonly diagnostics: readonly Diagnostic[];
  /** The text of a listing that is not made of diagnostics; null where there is none. */
  readonly summary: string | null;
  /** null where nothing was said of findings before. */
  readonly review: Review | null;
  readonly options: Options;
  readonly io: Io;
  readonly text: SourceText;
  readonly names: TreeNames;
  /** The kernel's, or null. */
  readonly release: string | null;
  /** What was checked, as it was named. */
  readonly inputs: readonly string[];
  /** null if nothing could be judged. */
  readonly result: CheckResult | null;
}

/** A text piece by piece: all of it at once may take as much memory as the check. */
export type Pieces = Iterable<string>;

/** What --report asks for. */
interface SideText {
  readonly file: string;
  /** Called once, when the one before is written. */
  readonly make: () => Promise<Pieces>;
}

export interface Report {
  readonly text: Pieces;
  /** Messages that accompany a listing: they go to stderr. */
  readonly beside: Pieces;
  /** What follows the text, in the encoding of the files that it changes. */
  readonly patch: Uint8Array;
  readonly stream: 'stdout' | 'stderr';
  readonly status: ExitStatus;
  readonly reports: readonly SideText[];
  /** What --write-baseline writes. */
  readonly baseline: string;
  /** How many messages the text has. */
  readonly messages: number;
  readonly errors: number;
  readonly suppressed: number;
  /** What is said behind it, a line each. */
  readonly remarks: readonly string[];
}

/** A file that could not be read, as a diagnostic: the sentence, and where in the file. */
export const faultDiagnostic = (fault: FormatError, errors: ReadonlySet<WarningName>): Diagnostic => {
  const { file, section, sentence } = fault;
  const where = section === null ? '' : ` (section ${quoteSection(section)})`;
  const finding = unchecked(file, `${sentence}${where}`);
  const [diagnostic] = diagnose([finding], { errors, sources: null, stepsTo: null, adviseCall: null });
  if (!diagnostic) throw new Error('one finding makes one diagnostic');
  return { ...diagnostic, notes: [...diagnostic.notes, ...placeOfFault(fault)] };
};

/** In a note, since it changes from build to build: vmlinux.o(.altinstructions+0x18). */
const placeOfFault = ({ file, section, offset }: FormatError): readonly Note[] => {
  if (section !== null) return [{ message: 'in the object', place: { object: file, section, offset } }];
  return offset > 0 ? [{ message: `at offset 0x${offset.toString(16)} of the file`, place: null }] : [];
};

/** What is left of the findings when what was said before is taken off. */
const reviewed = async ({ diagnostics, review, options, release, names }: ReportInput) => {
  if (!review) return { open: diagnostics, suppressed: 0, known: 0, baseline: '', remarks: [] };
  const { applyReview } = await import('./review.js');
  return applyReview(diagnostics, review, { options, release, objectName: (path) => names.object(path) });
};

export const report = async (input: ReportInput): Promise<Report> => {
  const { summary, options, text: source } = input;
  const { open, suppressed, known, baseline, remarks } = await reviewed(input);
  const wanted = open.filter(({ warning }) => warning === null || options.warnings.enabled.has(warning));
  const errors = wanted.filter(({ severity }) => severity === 'error').length;
  const isWhole = !open.some(({ warning }) => warning === 'hyp-unchecked');
  const status = !isWhole ? ExitStatus.unchecked : errors > 0 ? ExitStatus.findings : ExitStatus.clean;
  const warningsAsErrors = errors === 0 ? 'none' : options.warnings.allErrors ? 'all' : 'some';
  const outcome: Outcome = { warningsAsErrors, status, isWhole, leftOut: 0 };

  // What is listed is no message, and is not counted.
  const messages = wanted.filter(({ warning }) => warning !== null);
  const notPrinted = Math.max(0, messages.length - (options.maxErrors ?? messages.length));
  const tooMany = new Set(messages.slice(messages.length - notPrinted));
  const printed = wanted
    .filter((diagnostic) => !tooMany.has(diagnostic))
    .map((diagnostic) => (options.quiet ? { ...diagnostic, notes: [] } : diagnostic));
  const formatter = await loadFormat(options.format);
  // A listing that was asked for is what stdout is for.
  const isListing = options.references !== null && formatter.stream === 'stderr';
  const stream = isListing ? 'stdout' : formatter.stream;
  const isOf = (listing: boolean) =>
    printed.filter(({ warning }) => !isListing || (warning === null) === listing);
  const target: Target = { formatter, stream, isInTree: formatter.names === 'tree' };
  const silent: Outcome = { ...outcome, warningsAsErrors: 'none' };
  const main = await formatted(target, isOf(true), isListing ? silent : outcome, input);
  const beside = isListing ? await formatted(target, isOf(false), outcome, input) : null;
  // As in gcc, the patch stands behind the text; the other forms carry the fix-its themselves.
  const patch =
    options.patch && options.format === 'text' ? patchOf(printed, source) : { text: '', leftOut: [] };

  const reports = options.reports.map(({ form, file }): SideText => {
    const make = async () =>
      form === 'html'
        ? pageOf(wanted, open, { suppressed, known }, input)
        : (await formatted({ ...inTree, formatter: await loadFormat(form) }, wanted, outcome, input)).text;
    return { file, make };
  });
  const notes = [
    ...(notPrinted > 0 ? [`${notPrinted} more not printed (-fmax-errors=${options.maxErrors})`] : []),
    ...(main.leftOut > 0 ? [`${main.leftOut} more not listed: the form has no room for them`] : []),
    ...(known > 0 && !options.quiet ? [knownNote(known, options)] : []),
    ...patch.leftOut,
  ];
  return {
    text: summary === null ? main.text : [summary],
    beside: beside?.text ?? [],
    patch: Buffer.from(patch.text, 'latin1'),
    stream,
    status,
    reports,
    baseline,
    messages: printed.length,
    errors,
    suppressed,
    remarks: [...notes.map((note) => `hypcheck: note: ${note}`), ...remarks],
  };
};

/** 3 findings were known before (build/baseline) */
const knownNote = (known: number, { baseline, writeBaseline }: Options): string => {
  const findings = known === 1 ? '1 finding' : `${known} findings`;
  return baseline === null
    ? `${findings} written to '${writeBaseline}', and known from now on`
    : `${findings} known before ('${baseline}')`;
};

/** The page of --report html. */
const pageOf = async (
  wanted: readonly Diagnostic[],
  open: readonly Diagnostic[],
  counts: { readonly suppressed: number; readonly known: number },
  input: ReportInput,
): Promise<Pieces> => {
  const { page } = await import('../formats/html/page.js');
  const { dependencyMap } = await import('../findings/dependency-map.js');
  const { result, options, release, names } = input;
  const named = wanted.map((one) => names.diagnostic(one));
  // Those that were asked for are among the findings.
  const isListed = options.warnings.enabled.has('hyp-vhe-only');
  const leftOut = isListed ? [] : open.filter(({ warning }) => warning === 'hyp-vhe-only');
  const facts: PageFacts = {
    ...counts,
    release,
    generations: result?.generations.map(({ title, kernels }) => `${title} (${kernels})`) ?? [],
    mode: `${options.vhe === 'off' ? 'as on a machine without VHE' : 'as if everything were executed'}${options.protectedMode ? ', by what protected KVM maps' : ''}`,
    references: result?.counts.references ?? 0,
    dependencies: result ? dependencyMap(result) : [],
    leftOut: leftOut.map((one) => names.diagnostic(one)),
    hasHelpers: options.warnings.enabled.has('hyp-inline-hint'),
  };
  return page(named, facts, await contextOf(named, inTree, input));
};

interface Naming {
  /** null: a file of its own. */
  readonly stream: 'stdout' | 'stderr' | null;
  /** Files are named from the top of the tree. */
  readonly isInTree: boolean;
}

interface Target extends Naming {
  readonly formatter: Formatter;
}

/** A report beside the output. */
const inTree: Naming = { stream: null, isInTree: true };

/** Diagnostics in a form, with the names that the form has. */
const formatted = async (
  { formatter, ...naming }: Target,
  diagnostics: readonly Diagnostic[],
  outcome: Outcome,
  input: ReportInput,
): Promise<{ readonly text: Pieces; readonly leftOut: number }> => {
  const listed = diagnostics.slice(0, formatter.most ?? diagnostics.length);
  const leftOut = diagnostics.length - listed.length;
  const named = naming.isInTree ? listed.map((one) => input.names.diagnostic(one)) : listed;
  const context = await contextOf(named, naming, input);
  return { text: reportPieces(formatter, named, { ...outcome, leftOut }, context), leftOut };
};

/** `diagnostics`: with the names that are printed. */
const contextOf = async (
  diagnostics: readonly Diagnostic[],
  { stream, isInTree }: Naming,
  input: ReportInput,
): Promise<FormatContext> => {
  const { options, io, text: source, names, inputs } = input;
  const terminal = {
    isTerminal: stream !== null && options.output === null && io[stream].isTTY === true,
    environment: io.environment,
  };
  const end = chooseUrlEnd({ when: options.urls, ...terminal });
  const page = end && pageForTerminal(io.program);
  return {
    palette: choosePalette({ when: options.color, ...terminal }),
    typographicQuotes: isUtf8(io.environment),
    showCaret: options.caret,
    plain: options.plain,
    explains: !options.quiet,
    links: end && page ? { end, page } : null,
    documentation: documentationPage,
    parseableFixits: options.parseableFixits,
    sourceLine: (file, line) => source.line(isInTree ? names.given(file) : file, line),
    fingerprintOf: isInTree
      ? (await import('../formats/fingerprints.js')).fingerprinter(diagnostics)
      : () => '',
    run: {
      version,
      inputs: isInTree ? [...new Set(inputs.map((path) => names.object(path)))].sort() : [],
    },
  };
};

const isUtf8 = (environment: Io['environment']): boolean => {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale);
};
