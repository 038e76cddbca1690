// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From diagnostics to text and an exit status: which are wanted, which are suppressed,
// where the text goes.

import type { Diagnostic, Note } from '../diagnostics/diagnostic.js';
import type { FormatError } from '../elf/format-error.js';
import { diagnose } from '../findings/diagnose.js';
import { unchecked } from '../findings/finding.js';
import { choosePalette } from '../formats/colors.js';
import { formats } from '../formats/formats.js';
import { type FormatContext, formatReport } from '../formats/formatter.js';
import { patchOf } from '../formats/patch.js';
import { sourceName, stableSectionName } from '../link/symbol-names.js';
import { quoteSection } from '../pages/phrases.js';
import { type Suppression, suppressionFor } from '../policy/suppressions.js';
import type { WarningName } from '../policy/warnings.js';
import { ExitStatus } from './exit-status.js';
import type { Io } from './io.js';
import type { Options } from './options.js';
import type { SourceText } from './source-text.js';

export interface Report {
  readonly text: string;
  /** Messages that accompany a listing: they go to stderr. */
  readonly beside: string;
  /** What follows the text, in the encoding of the files that it changes. */
  readonly patch: Uint8Array;
  /** What should be in the patch and is not. */
  readonly leftOut: readonly string[];
  readonly stream: 'stdout' | 'stderr';
  readonly status: ExitStatus;
  readonly printed: readonly Diagnostic[];
  /** How many more there are than -fmax-errors allows. */
  readonly notPrinted: number;
  readonly errors: number;
  readonly suppressed: number;
  /** Entries that matched nothing. */
  readonly unused: readonly Suppression[];
}

/** A file that could not be read, as a diagnostic: the sentence, and where in the file. */
export const faultDiagnostic = (fault: FormatError, errors: ReadonlySet<WarningName>): Diagnostic => {
  const { file, section, sentence } = fault;
  const where = section === null ? '' : ` (section ${quoteSection(section)})`;
  const finding = unchecked(file, `${sentence}${where}`);
  const [diagnostic] = diagnose([finding], { errors, sources: null, adviseCall: null });
  if (!diagnostic) throw new Error('one finding makes one diagnostic');
  return { ...diagnostic, notes: [...diagnostic.notes, ...placeOfFault(fault)] };
};

/** In a note, since it changes from build to build: vmlinux.o(.altinstructions+0x18). */
const placeOfFault = ({ file, section, offset }: FormatError): readonly Note[] => {
  if (section !== null) return [{ message: 'in the object', place: { object: file, section, offset } }];
  return offset > 0 ? [{ message: `at offset 0x${offset.toString(16)} of the file`, place: null }] : [];
};

/** What suppressions are compared with: names as messages print them. */
const endsOf = ({ hyp, object }: Diagnostic): { readonly from: string; readonly to: string } => {
  const from = hyp?.from?.symbol ?? null;
  const to = hyp?.to?.symbol ?? null;
  const section = hyp?.to?.section ?? hyp?.from?.section ?? null;
  return {
    from: from === null ? object : sourceName(from),
    to: to === null ? (section === null ? object : stableSectionName(section)) : sourceName(to),
  };
};

export const report = (
  diagnostics: readonly Diagnostic[],
  /** The text of a listing that does not consist of diagnostics; null if there is none. */
  summary: string | null,
  suppressions: readonly Suppression[],
  options: Options,
  io: Io,
  source: SourceText,
): Report => {
  const used = new Set<Suppression>();
  const open = diagnostics.filter((diagnostic) => {
    if (diagnostic.warning === null) return true;
    const entry = suppressionFor(suppressions, { warning: diagnostic.warning, ...endsOf(diagnostic) });
    if (entry) used.add(entry);
    return entry === null;
  });
  const wanted = open
    .filter(({ warning }) => warning === null || options.warnings.enabled.has(warning))
    .map((diagnostic) => (options.quiet ? { ...diagnostic, notes: [] } : diagnostic));
  const errors = wanted.filter(({ severity }) => severity === 'error');
  // Listed references are not messages, and are not counted.
  const messages = wanted.filter(({ warning }) => warning !== null);
  const notPrinted = Math.max(0, messages.length - (options.maxErrors ?? messages.length));
  const tooMany = new Set(messages.slice(messages.length - notPrinted));
  const printed = wanted.filter((diagnostic) => !tooMany.has(diagnostic));
  const formatter = formats[options.format];
  // A listing was asked for, so it goes to stdout.
  const isListing = options.references !== null && formatter.stream === 'stderr';
  const stream = isListing ? 'stdout' : formatter.stream;
  const isOf = (listing: boolean) =>
    printed.filter(({ warning }) => !isListing || (warning === null) === listing);
  const context: FormatContext = {
    palette: choosePalette({
      when: options.color,
      isTerminal: options.output === null && io[stream].isTTY === true,
      environment: io.environment,
    }),
    typographicQuotes: isUtf8(io.environment),
    showCaret: options.caret,
    plain: options.plain,
    parseableFixits: options.parseableFixits,
    sourceLine: (file, line) => source.line(file, line),
  };
  const warningsAsErrors = errors.length === 0 ? 'none' : options.warnings.allErrors ? 'all' : 'some';
  // As in gcc, the patch follows the text; the other forms contain the fix-its themselves.
  const patch =
    options.patch && options.format === 'text' ? patchOf(printed, source) : { text: '', leftOut: [] };
  const unchecked = open.some(({ warning }) => warning === 'hyp-unchecked');
  return {
    text:
      summary ??
      formatReport(
        formatter,
        isOf(true),
        { warningsAsErrors: isListing ? 'none' : warningsAsErrors },
        context,
      ),
    beside: isListing ? formatReport(formatter, isOf(false), { warningsAsErrors }, context) : '',
    patch: Buffer.from(patch.text, 'latin1'),
    leftOut: patch.leftOut,
    stream,
    status: unchecked ? ExitStatus.unchecked : errors.length > 0 ? ExitStatus.findings : ExitStatus.clean,
    printed,
    notPrinted,
    errors: errors.length,
    suppressed: diagnostics.length - open.length,
    unused: suppressions.filter((entry) => !used.has(entry)),
  };
};

/** Whether the locale's character set is UTF-8, by the variables in their order of precedence. */
const isUtf8 = (environment: Io['environment']): boolean => {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale);
};
