// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From the command line to an exit status. The streams are parameters and the status
// is returned, so a test calls it as a function.

import { type CheckResult, check } from '../check.js';
import { sectionsOf } from '../code/object-sections.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { FormatError } from '../elf/format-error.js';
import { definedByCompiler } from './build-tree.js';
import { ExitStatus } from './exit-status.js';
import { Files } from './files.js';
import { Refusal, refusalOf } from './guard.js';
import { helpText } from './help.js';
import { type Io, say, withoutPipeErrors } from './io.js';
import { type Job, prepare } from './job.js';
import { type Options, parseOptions } from './options.js';
import { type Progress, progressOn } from './progress.js';
import { expandResponseFiles } from './response-file.js';
import { SourceText } from './source-text.js';
import { Phases, statsLines } from './stats.js';
import { thrownText } from './thrown.js';
import { TreeNames } from './tree-names.js';
import { verboseLines } from './verbose.js';
import { version } from './version.js';
import { writeReport } from './write-report.js';

export const main = async (argv: readonly string[], world: Io): Promise<ExitStatus> => {
  const io = withoutPipeErrors(world);
  let files: Files | null = null;
  try {
    files = new Files(io.directory, io.environment.SUDO_UID);
    const words = expand(argv, io, files);
    return words ? await run(words, io, files) : ExitStatus.usage;
  } catch (error) {
    return sayThrown(error, io);
  } finally {
    files?.close();
  }
};

/** Whatever was thrown, as a sentence: an uncaught error would exit with the status of findings. */
const sayThrown = (error: unknown, io: Io): ExitStatus => {
  try {
    say(io, `hypcheck: error: ${thrownText(error)}`);
  } catch {
    // There is nobody to tell.
  }
  return ExitStatus.unchecked;
};

/** argv with the words of response files; null if one cannot be read, which was then said. */
const expand = (argv: readonly string[], io: Io, files: Files): readonly string[] | null => {
  const read = (path: string): string | null => {
    try {
      return files.read(path);
    } catch (error) {
      const { message, isMissing } = refusalOf(error);
      if (isMissing) return null;
      throw new Refusal(`the response file '${path}': ${message}`);
    }
  };
  try {
    return expandResponseFiles(argv, read);
  } catch (error) {
    say(io, `hypcheck: error: ${refusalOf(error).message}`);
    return null;
  }
};

const run = async (argv: readonly string[], io: Io, files: Files): Promise<ExitStatus> => {
  const command = parseOptions(argv);
  switch (command.kind) {
    case 'usage':
      say(io, `hypcheck: error: ${command.sentence}`);
      return ExitStatus.usage;
    case 'help':
      io.stdout.write(helpText);
      return ExitStatus.clean;
    case 'version':
      io.stdout.write(`hypcheck ${version}\n`);
      return ExitStatus.clean;
    case 'list-warnings':
    case 'explain':
      return (await import('./pages.js')).printPages(command, io);
    case 'check':
      return runChecks(command.options, io, files);
    default:
      return command satisfies never;
  }
};

/** Checks one kernel after the other, each once; returns the most serious status. */
const runChecks = async (options: Options, io: Io, files: Files): Promise<ExitStatus> => {
  const statuses = [await runCheck(options, io, files)];
  const done = new Set([options.build].map((build) => build && files.real(build)));
  for (const build of options.moreBuilds) {
    if (done.has(files.real(build))) continue;
    done.add(files.real(build));
    const own = new Files(io.directory, io.environment.SUDO_UID);
    statuses.push(await runCheck({ ...options, build }, io, own).finally(() => own.close()));
  }
  const ranked = [ExitStatus.usage, ExitStatus.unchecked, ExitStatus.findings];
  return ranked.find((status) => statuses.includes(status)) ?? ExitStatus.clean;
};

interface Judged {
  readonly job: Job;
  /** null if the mode that was asked for cannot be judged. */
  readonly result: CheckResult | null;
  readonly text: SourceText;
}

/** Bytes of hyp code from which on the machine's memory matters more than a tenth of the time: ten times a kernel's. */
const LARGE = 1 << 20;

/** Everything but words: the inputs, and what is wrong with them. */
const judgeInputs = async (
  options: Options,
  io: Io,
  files: Files,
  phases: Phases,
  progress: Progress,
): Promise<Judged> => {
  phases.begin('read');
  const job = await prepare(options, files, progress.show).finally(progress.clear);
  if (hypCodeSize(job) >= LARGE) io.spareMemory?.();
  const { source } = job;
  const roots = [job.build?.directory, source].filter((root) => typeof root === 'string');
  const text = new SourceText(files, roots, source);
  // A mode that cannot be judged is not replaced by another.
  if (!job.kernel) return { job, result: null, text };
  const drawsMap = options.reports.some(({ form }) => form === 'html');
  const result = await check(job.image, {
    kernel: job.kernel,
    errors: options.warnings.errors,
    flow: options.vhe === 'off' ? job.flow : null,
    fineOnes: options.references !== null ? 'followed' : drawsMap ? 'kept' : 'none',
    listsLeftOut: options.warnings.enabled.has('hyp-vhe-only') || drawsMap,
    source: { sources: text, defined: () => job.build?.macros() ?? definedByCompiler },
    auditsInlines: options.warnings.enabled.has('hyp-inline-hint'),
    begin: phases.begin,
  });
  phases.begin('print');
  return { job, result, text };
};

/** In bytes. */
const hypCodeSize = ({ image }: Job): number =>
  image.objects
    .flatMap((object) => sectionsOf(object).hypCode)
    .reduce((sum, section) => sum + section.size, 0);

const runCheck = async (options: Options, io: Io, files: Files): Promise<ExitStatus> => {
  const review = hasReview(options) ? (await import('./review.js')).readReview(options, io, files) : null;
  if (!review && hasReview(options)) return ExitStatus.usage;

  const phases = new Phases(io.clock, () => files.bytesRead);
  const sayStats = (job: Job, result: CheckResult | null, messages: number): void => {
    if (!options.stats || !result) return;
    for (const line of statsLines(job, result, messages, phases, io.clock)) say(io, `hypcheck: ${line}`);
  };
  const progress = progressOn(io, options.quiet);
  let judged = await judgeInputs(options, io, files, phases, progress);
  if (files.changed().length > 0) {
    // It was linked again meanwhile: half of each would match neither.
    files.close();
    judged = await judgeInputs(options, io, files, phases, progress);
  }
  const { job, result, text } = judged;
  const replaced = files
    .changed()
    .map((path) => new FormatError(path, null, 0, 'it was replaced while it was checked'));
  const faults = [...job.faults, ...(result?.faults ?? []), ...files.refused, ...replaced];
  const listed = result ? await listedReferences(options, result) : null;
  // Beside a list of references, only what could not be judged is a message.
  const found = (result?.diagnostics ?? []).filter(({ warning }) => !listed || warning === 'hyp-unchecked');
  const diagnostics = [...(listed?.diagnostics ?? []), ...found];

  if (options.verbose && result) for (const line of verboseLines(options, job, result)) say(io, line);
  const isSilent =
    diagnostics.length === 0 &&
    faults.length === 0 &&
    (listed?.summary ?? '') === '' &&
    options.format === 'text' &&
    options.output === null &&
    options.reports.length === 0;
  if (isSilent && !review) {
    sayStats(job, result, 0);
    return ExitStatus.clean;
  }
  // The printing code is loaded only if there is something to print.
  const { faultDiagnostic, report } = await import('./report.js');
  const said = [...faults.map((fault) => faultDiagnostic(fault, options.warnings.errors)), ...diagnostics];
  const done = await report({
    diagnostics: said,
    summary: listed?.summary ?? null,
    review,
    options,
    io,
    text,
    names: new TreeNames(files, text, job.build?.directory ?? null, text.source),
    release: job.build?.release() ?? null,
    inputs: job.paths,
    result,
  });
  if (options.verbose && done.suppressed > 0) say(io, `hypcheck: suppressed: ${done.suppressed}`);
  const failed = await writeReport(done, options, io, files);
  if (failed !== null) return failed;
  for (const sentence of done.remarks) say(io, sentence);
  if (done.status === ExitStatus.unchecked && done.errors > 0) {
    say(io, 'hypcheck: error: there are errors, and not everything could be checked');
  }
  sayStats(job, result, done.messages);
  return done.status;
};

/** Whether something was said of findings before. */
const hasReview = ({ suppressions, baseline, writeBaseline }: Options): boolean =>
  suppressions !== null || baseline !== null || writeBaseline !== null;

/** What --references asks for: diagnostics, or the text of the summary; null where it is not asked for. */
const listedReferences = async (
  { references }: Options,
  result: CheckResult,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly summary: string | null } | null> => {
  switch (references) {
    case null:
      return null;
    case 'list': {
      const { listReferences } = await import('../findings/list-references.js');
      return { diagnostics: listReferences(result), summary: null };
    }
    case 'summary': {
      const { summarizeReferences } = await import('../findings/summarize-references.js');
      const { summaryText } = await import('../formats/summary.js');
      return { diagnostics: [], summary: summaryText(summarizeReferences(result)) };
    }
    default:
      return references satisfies never;
  }
};
