// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From the command line to an exit status. The streams are parameters and the status
// is returned, so a test calls it as a function.

import { type CheckResult, check } from '../check.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { FormatError } from '../elf/format-error.js';
import { parseSuppressions, type Suppression } from '../policy/suppressions.js';
import { definedByCompiler } from './build-tree.js';
import { ExitStatus } from './exit-status.js';
import { Files } from './files.js';
import { Refusal, refusalOf } from './guard.js';
import { helpText } from './help.js';
import { type Io, say, withoutPipeErrors } from './io.js';
import { type Job, prepare } from './job.js';
import { type Options, parseOptions } from './options.js';
import type { Report } from './report.js';
import { expandResponseFiles } from './response-file.js';
import { SourceText } from './source-text.js';
import { Phases, statsLines } from './stats.js';
import { errorText, isUsage, thrownText } from './thrown.js';
import { version } from './version.js';

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

/** Everything but words: the inputs, and what is wrong with them. */
const judgeInputs = async (options: Options, files: Files, phases: Phases): Promise<Judged> => {
  phases.begin('read');
  const job = await prepare(options, files);
  const source = job.build?.source() ?? options.source;
  const roots = [job.build?.directory, source].filter((root) => typeof root === 'string');
  const text = new SourceText(files, roots, source);
  // A mode that cannot be judged is not replaced by another.
  if (!job.kernel) return { job, result: null, text };
  const result = await check(job.image, {
    kernel: job.kernel,
    errors: options.warnings.errors,
    flow: options.vhe === 'off' ? job.flow : null,
    reachOfAll: options.references !== null,
    listsLeftOut: options.warnings.enabled.has('hyp-vhe-only'),
    source: { sources: text, defined: () => job.build?.macros() ?? definedByCompiler },
    auditsInlines: options.warnings.enabled.has('hyp-inline-hint'),
    begin: phases.begin,
  });
  phases.begin('print');
  return { job, result, text };
};

const runCheck = async (options: Options, io: Io, files: Files): Promise<ExitStatus> => {
  const suppressions = readSuppressions(options, io, files);
  if (!suppressions) return ExitStatus.usage;

  const phases = new Phases(io.clock, () => files.bytesRead);
  const sayStats = (job: Job, result: CheckResult | null, messages: number): void => {
    if (!options.stats || !result) return;
    for (const line of statsLines(job, result, messages, phases, io.clock)) say(io, `hypcheck: ${line}`);
  };
  let judged = await judgeInputs(options, files, phases);
  if (files.changed().length > 0) {
    // It was linked again meanwhile: half of each would match neither.
    files.close();
    judged = await judgeInputs(options, files, phases);
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
    options.output === null;
  if (isSilent && suppressions.length === 0) {
    sayStats(job, result, 0);
    return ExitStatus.clean;
  }
  // The printing code is loaded only if there is something to print.
  const { faultDiagnostic, report } = await import('./report.js');
  const said = [...faults.map((fault) => faultDiagnostic(fault, options.warnings.errors)), ...diagnostics];
  const done = report(said, listed?.summary ?? null, suppressions, options, io, text);
  if (options.verbose && done.suppressed > 0) say(io, `hypcheck: suppressed: ${done.suppressed}`);
  const failed = write(done, options, io, files);
  if (failed !== null) return failed;
  if (done.notPrinted > 0) {
    say(io, `hypcheck: note: ${done.notPrinted} more not printed (-fmax-errors=${options.maxErrors})`);
  }
  if (done.status === ExitStatus.unchecked && done.errors > 0) {
    say(io, 'hypcheck: error: there are errors, and not everything could be checked');
  }
  for (const sentence of done.leftOut) say(io, `hypcheck: note: ${sentence}`);
  // The list is for the whole kernel, and modules use little of it.
  const isOfModules = options.files.length > 0 && options.files.every((file) => /\.ko(\.gz)?$/.test(file));
  for (const entry of isOfModules ? [] : done.unused) {
    say(io, `${options.suppressions}:${entry.line}: note: this suppression matches nothing`);
  }
  sayStats(job, result, done.printed.length);
  return done.status;
};

/** The result of --references: diagnostics, or the text of the summary; null if it was not asked for. */
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

/** The entries; null if the file is malformed, which was then said. */
const readSuppressions = (options: Options, io: Io, files: Files): readonly Suppression[] | null => {
  if (options.suppressions === null) return [];
  let text: string;
  try {
    text = files.read(options.suppressions);
  } catch (error) {
    say(io, `hypcheck: error: the suppressions '${options.suppressions}': ${refusalOf(error).message}`);
    return null;
  }
  const { entries, faults } = parseSuppressions(text);
  for (const { line, sentence } of faults) {
    say(io, `${options.suppressions}:${line}: error: ${sentence}`);
  }
  return faults.length > 0 ? null : entries;
};

/** Writes the report; returns a status if that failed, which was then said. */
const write = (
  { text, beside, patch, stream }: Report,
  { output }: Options,
  io: Io,
  files: Files,
): ExitStatus | null => {
  if (beside !== '') io.stderr.write(beside);
  if (output === null) {
    if (text !== '') io[stream].write(text);
    if (patch.length > 0) io[stream].write(patch);
    return null;
  }
  const refuse = (sentence: string, status: ExitStatus): ExitStatus => {
    say(io, `hypcheck: error: cannot write '${output}': ${sentence}`);
    return status;
  };
  // Options come in any order, and shells complete names: the kernel's own files are never overwritten.
  if (files.wasRead(output)) return refuse('it was read as an input', ExitStatus.usage);
  if (files.isPrecious(output)) return refuse('it is an object or a source', ExitStatus.usage);
  try {
    io.writeFile(output, patch.length > 0 ? Buffer.concat([Buffer.from(text), patch]) : text);
    return null;
  } catch (error) {
    return refuse(errorText(error), isUsage(error) ? ExitStatus.usage : ExitStatus.unchecked);
  }
};

const verboseLines = (
  options: Options,
  { image, build, foreignBuild }: Job,
  result: CheckResult,
): readonly string[] => {
  const { generations, unknown } = result;
  const named = unknown.map(({ target }) => target.name ?? target.section ?? '?');
  const undefinedNames = [...new Set(named)].sort();
  const isAsked = build !== null && options.files.length > 0;
  const lines = [
    ...generations.map(({ title, kernels }) => `generation: ${title} (${kernels})`),
    `inputs: ${image.objects.length === 1 ? image.objects[0]?.path : `${image.objects.length} objects`}, ${image.whole ? 'all hyp code is among them' : 'other objects may hold hyp code'}`,
    `build directory: ${build?.directory ?? 'none'}; ${image.aliases.size} aliases of host symbols${isAsked ? '; it tells about the files, and is not checked itself' : ''}`,
    ...(foreignBuild === null
      ? []
      : [`build directory: ${foreignBuild} is not used: it belongs to another user (name it with --build)`]),
    ...vheLines(options, result),
    ...(undefinedNames.length > 0 ? [`not defined in any input: ${undefinedNames.join(' ')}`] : []),
  ];
  return lines.map((line) => `hypcheck: ${line}`);
};

/** What -v says about VHE: how its capability is known, and how much was left out. */
const vheLines = ({ vhe, vheCap }: Options, result: CheckResult): readonly string[] => {
  const { vheNumber, reaches, generation } = result;
  if (vhe === 'unknown') return ['VHE: everything counts as executed (--vhe=unknown)'];
  if (!generation.isSharedWithVhe) return ['VHE: no code of this link is executed with VHE'];
  if (vheNumber === undefined) return ['VHE: nothing was objected to, so nothing was followed'];
  if (vheNumber === null) {
    return [
      'VHE: the number of its capability is not known, so all code counts as executed (--vhe-cap, --build)',
    ];
  }
  const count = (kind: string): number => [...reaches.values()].filter((one) => one.kind === kind).length;
  return [
    `VHE: capability ${vheNumber}${vheCap === null ? '' : ' (--vhe-cap)'}; of ${reaches.size} references followed ${count('live')} are executed without VHE, ${count('left-out')} are left out (-Whyp-vhe-only)`,
  ];
};
