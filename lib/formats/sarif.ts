// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// SARIF 2.1.0, one run. Readers differ in what they take: GitHub wants a place in a
// file for every location and at most 25,000 results; csgrep keeps a code flow of two
// steps or more, each with `kinds`, and takes the one with nestingLevel 0 for the
// finding. Columns count UTF-16 units, SARIF's default. A result is one line of the
// file, so that two reports can be compared with diff.

import type {
  ArtifactLocation,
  CodeFlow,
  Fix,
  Location,
  PhysicalLocation,
  Region,
  Result,
  ThreadFlowLocation,
} from 'sarif';
import {
  type Diagnostic,
  type FixIt,
  isSourcePlace,
  type Note,
  type SourcePlace,
  warningNames,
} from '../diagnostics/diagnostic.js';
import type { FormatContext, Formatter, Outcome } from './formatter.js';
import { jsonEscape, printable, withPlainQuotes } from './printable.js';
import { driver } from './sarif-driver.js';
import { drawSourceLine } from './source-line.js';
import { type Step, stepsOf } from './steps.js';

const SOURCE = '%SRCROOT%';
const BUILD = '%BUILDROOT%';

const write = (value: unknown): string => printable(JSON.stringify(value), jsonEscape);

/** A relative path as a URI reference [RFC 3986]. */
const uriOf = (path: string): string =>
  path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');

const sourceFile = (file: string): ArtifactLocation => ({ uri: uriOf(file), uriBaseId: SOURCE });
const objectFile = (object: string): ArtifactLocation => ({ uri: uriOf(object), uriBaseId: BUILD });

/** A column in UTF-16 units of one that counts bytes. */
const unitColumn = (source: string | null, column: number): number =>
  source === null
    ? column
    : Buffer.from(source)
        .subarray(0, column - 1)
        .toString().length + 1;

/** null where the line is not known. */
const regionOf = ({ file, line, column }: SourcePlace, context: FormatContext): Region | null => {
  if (line <= 0) return null;
  const source = context.sourceLine(file, line);
  const snippet = source === null ? {} : { snippet: { text: source } };
  if (column <= 0) return { startLine: line, ...snippet };
  const startColumn = unitColumn(source, column);
  const length = source === null ? 0 : drawSourceLine(source, column, file).token.length;
  return {
    startLine: line,
    startColumn,
    ...(length > 0 ? { endColumn: startColumn + length } : {}),
    ...snippet,
  };
};

const physical = (place: SourcePlace, context: FormatContext): PhysicalLocation => {
  const region = regionOf(place, context);
  return { artifactLocation: sourceFile(place.file), ...(region ? { region } : {}) };
};

/** A place, or the object where there is none: GitHub takes no location without a file. */
const locationOf = (place: Note['place'], object: string, context: FormatContext): Location =>
  place !== null && isSourcePlace(place)
    ? { physicalLocation: physical(place, context) }
    : { physicalLocation: { artifactLocation: objectFile(place?.object ?? object) } };

const words = (message: string): { readonly text: string } => ({ text: withPlainQuotes(message) });

const inObject = ({ message, place }: Note): string =>
  place === null || isSourcePlace(place)
    ? message
    : `${message}: ${place.object}(${place.section}+0x${place.offset.toString(16)})`;

/** Words that SARIF has for them [3.38.8]. */
const stepKinds: Readonly<Record<Step['kind'], readonly string[]>> = {
  call: ['call', 'function'],
  address: ['function'],
  inlined: ['call', 'function'],
  branch: ['branch', 'false'],
  reference: ['danger'],
};

const flowStep = (
  step: Step,
  { object, warning }: Diagnostic,
  context: FormatContext,
): ThreadFlowLocation => ({
  location: { ...locationOf(step.place, object, context), message: words(step.message) },
  kinds: [...stepKinds[step.kind], ...(step.kind === 'reference' && warning !== null ? [warning] : [])],
  nestingLevel: step.kind === 'reference' ? 0 : 1,
  importance: step.kind === 'reference' ? 'essential' : 'important',
});

const codeFlows = (diagnostic: Diagnostic, context: FormatContext): readonly CodeFlow[] => {
  const steps = stepsOf(diagnostic);
  if (steps.length < 2) return [];
  return [{ threadFlows: [{ locations: steps.map((step) => flowStep(step, diagnostic, context)) }] }];
};

const replacement = ({ file, start, next, text }: FixIt, context: FormatContext) => {
  const column = (at: FixIt['start']) => unitColumn(context.sourceLine(file, at.line), at.column);
  return {
    deletedRegion: {
      startLine: start.line,
      startColumn: column(start),
      endLine: next.line,
      endColumn: column(next),
    },
    insertedContent: { text },
  };
};

/** All of a finding's edits make one fix, a change a file. */
const fixes = ({ fixits }: Diagnostic, context: FormatContext): readonly Fix[] => {
  if (fixits.length === 0) return [];
  const files = [...new Set(fixits.map(({ file }) => file))];
  return [
    {
      description: { text: [...new Set(fixits.map(({ text }) => text.trim()))].join(', ') },
      artifactChanges: files.map((file) => ({
        artifactLocation: sourceFile(file),
        replacements: fixits.filter((one) => one.file === file).map((one) => replacement(one, context)),
      })),
    },
  ];
};

/** Both ends as they are in the object, for machines. */
const properties = ({ hyp }: Diagnostic) => {
  if (!hyp) return {};
  const end = (one: typeof hyp.from) =>
    one && { symbol: one.symbol, section: one.section, offset: one.offset };
  const { access, reach, relocation, object } = hyp;
  return { properties: { object, from: end(hyp.from), to: end(hyp.to), access, reach, relocation } };
};

const list = <Key extends string, Value>(key: Key, values: readonly Value[]) =>
  values.length === 0 ? {} : { [key]: [...values] };

const resultOf = (diagnostic: Diagnostic, context: FormatContext): Result => {
  const { warning, severity, message, place, notes, object, hyp } = diagnostic;
  const name = diagnostic.function ?? hyp?.from?.symbol ?? null;
  const advice = notes.filter((note) => note.place === null).map((note) => note.message);
  // The way is the code flow.
  const related = notes.filter(({ place: at, isStep }) => at !== null && !isStep);
  const fingerprint = context.fingerprintOf(diagnostic);
  return {
    ...(warning === null ? {} : { ruleId: warning, ruleIndex: warningNames.indexOf(warning) }),
    level: severity,
    message: words([message, ...advice].map((sentence) => `${sentence}.`).join('\n')),
    locations: [
      {
        ...locationOf(place, object, context),
        ...list('logicalLocations', name === null ? [] : [{ name, kind: 'function' }]),
      },
    ],
    ...list('codeFlows', codeFlows(diagnostic, context)),
    ...list(
      'relatedLocations',
      related.map((note, id) => ({
        id,
        ...locationOf(note.place, object, context),
        message: words(inObject(note)),
      })),
    ),
    partialFingerprints: { 'hypcheckFinding/v1': fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
    ...list('fixes', fixes(diagnostic, context)),
    ...properties(diagnostic),
  };
};

const header = ({ run, documentation }: FormatContext): string => {
  const artifacts = run.inputs.map((path) => ({ location: objectFile(path), roles: ['analysisTarget'] }));
  const bases = {
    [SOURCE]: { description: { text: 'The top of the source tree.' } },
    [BUILD]: { description: { text: 'The build directory.' } },
  };
  return `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{
"tool":${write({ driver: driver(run.version, documentation) })},
"originalUriBaseIds":${write(bases)},
"artifacts":${write(artifacts)},
"columnKind":"utf16CodeUnits",
"results":[`;
};

const footer = ({ status, isWhole, leftOut }: Outcome): string => {
  const notification = {
    level: 'warning',
    message: { text: `${leftOut} more findings are not listed.` },
  };
  const invocation = {
    executionSuccessful: isWhole,
    exitCode: status,
    ...list('toolExecutionNotifications', leftOut > 0 ? [notification] : []),
  };
  return `\n],\n"invocations":${write([invocation])}\n}]}\n`;
};

export const sarif: Formatter = {
  stream: 'stdout',
  names: 'tree',
  // GitHub refuses a run with more.
  most: 25_000,
  header,
  result: (diagnostic, previous, context) =>
    `${previous === null ? '' : ','}\n${write(resultOf(diagnostic, context))}`,
  footer,
};
