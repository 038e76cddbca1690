// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// SARIF against the published schema, against what GitHub and csgrep accept, and
// field by field.

import { readFileSync } from 'node:fs';
import type { Log, Result } from 'sarif';
import t from 'tap';
import { type Diagnostic, quote, type SourcePlace } from '../../lib/diagnostics/diagnostic.js';
import { fingerprinter } from '../../lib/formats/fingerprints.js';
import type { FormatContext } from '../../lib/formats/formatter.js';
import { sarif } from '../../lib/formats/sarif.js';
import { explain } from '../../lib/pages/explain.js';
import { orderedRules } from '../../lib/pages/registry.js';
import { type WarningName, warningNames } from '../../lib/policy/warnings.js';
import { runMain } from '../support/run-main.js';
import { readSarif } from '../support/sarif-schema.js';
import {
  attributeFindings,
  context,
  diagnostic,
  identifierFindings,
  outcome,
  reportText,
} from './recordings.js';

const print = (diagnostics: readonly Diagnostic[], changes: Partial<FormatContext> = {}): string =>
  reportText(
    sarif,
    diagnostics,
    outcome(),
    context({ fingerprintOf: fingerprinter(diagnostics), ...changes }),
  );

const read = (text: string): Log => {
  const { log, errors } = readSarif(text);
  t.same(errors, []);
  return log;
};

const resultsOf = (
  diagnostics: readonly Diagnostic[],
  changes: Partial<FormatContext> = {},
): readonly Result[] => read(print(diagnostics, changes)).runs[0]?.results ?? [];

t.test('the validator rejects a missing tool and a malformed URI', async (t) => {
  const { log } = readSarif(print(identifierFindings));
  const [run] = log.runs;
  t.not(readSarif(JSON.stringify({ ...log, runs: [{ ...run, tool: {} }] })).errors.length, 0);
  const bad = { uri: 'a b:c', uriBaseId: 'X' };
  t.not(
    readSarif(JSON.stringify({ ...log, runs: [{ ...run, artifacts: [{ location: bad }] }] })).errors.length,
    0,
  );
});

t.test('a log is valid and has one run, with and without findings', async (t) => {
  for (const findings of [[], attributeFindings(), attributeFindings('error'), identifierFindings]) {
    const log = read(print(findings, { run: { version: '1.2.3', inputs: ['vmlinux.o', 'a b/x%y.o'] } }));
    t.equal(log.version, '2.1.0');
    t.equal(log.runs.length, 1);
    t.equal(log.runs[0]?.results?.length, findings.length);
  }
});

t.test('the logs of samples are valid, and their results have what GitHub requires', async (t) => {
  const samples = [
    'test/samples/hyp-text/call-helper.o',
    'test/samples/nvhe/aliases-build/vmlinux.o',
    'test/samples/hyp-text/no-such.o',
  ];
  for (const sample of samples) {
    const { stdout } = await runMain(['--whole', '-fdiagnostics-format=sarif', '-Wextra', sample]);
    const results = read(stdout).runs[0]?.results ?? [];
    t.not(results.length, 0, sample);
    for (const { locations, relatedLocations = [], codeFlows = [], message, ruleId } of results) {
      t.equal(locations?.length, 1);
      t.ok(warningNames.some((name) => name === ruleId));
      t.match(message.text, /\.$/m);
      const flow = codeFlows.flatMap(({ threadFlows }) => threadFlows.flatMap((one) => one.locations));
      for (const location of [
        ...(locations ?? []),
        ...relatedLocations,
        ...flow.map((one) => one.location),
      ]) {
        const uri = location?.physicalLocation?.artifactLocation?.uri ?? '';
        t.match(uri, /^[^/]/, 'every location has a file, by a relative name');
        t.notMatch(uri, /(^|\/)\.\.?(\/|$)/);
      }
    }
  }
});

t.test('the rules are the pages of --explain', async (t) => {
  const rules = read(print([])).runs[0]?.tool.driver.rules ?? [];
  t.same(
    rules.map(({ id }) => id),
    warningNames,
  );
  for (const [index, rule] of orderedRules.entries()) {
    t.equal(rules[index]?.help?.text, explain(rule));
    t.equal(rules[index]?.defaultConfiguration?.enabled, rule.default === 'on');
    for (const words of [...rule.page.meaning, ...rule.page.fixes])
      t.ok(rules[index]?.help?.markdown?.includes(words));
  }
});

const spot = (file: string, line: number, column: number): SourcePlace => ({ file, line, column });
const finding = (warning: WarningName, place: SourcePlace, message: string): Diagnostic =>
  diagnostic({ warning, place, message });

const inlined: Diagnostic = {
  ...finding('hyp-call', spot('x.c', 4, 10), `call to ${quote('bad')} from hyp code ${quote('outer')}`),
  function: 'inner',
  inlinedFrom: [
    { function: 'middle', file: 'x.h', line: 7, column: 3 },
    { function: 'outer', file: 'y.c', line: 9, column: 0 },
  ],
};

t.test('the inline chain is a code flow with what csgrep needs to keep it', async (t) => {
  const [result] = resultsOf([inlined]);
  const flows = result?.codeFlows ?? [];
  t.equal(flows.length, 1);
  t.equal(flows[0]?.threadFlows.length, 1);
  const steps = flows[0]?.threadFlows[0]?.locations ?? [];
  t.same(
    steps.map(({ location }) => location?.message?.text),
    [
      "'outer' calls 'middle', which is inlined",
      "'middle' calls 'inner', which is inlined",
      "call to 'bad' from hyp code 'outer'",
    ],
  );
  t.same(
    steps.map(({ location }) => location?.physicalLocation?.artifactLocation?.uri),
    ['y.c', 'x.h', 'x.c'],
  );
  t.ok(
    steps.every(({ kinds }) => (kinds?.length ?? 0) > 0),
    'each step has kinds',
  );
  t.same(
    steps.map(({ nestingLevel }) => nestingLevel),
    [1, 1, 0],
    'the finding itself is the key event',
  );
  const [plain] = resultsOf([finding('hyp-call', spot('x.c', 4, 10), 'a call')]);
  t.equal(plain?.codeFlows, undefined, 'a single step is no code flow');
});

t.test('in a code flow the calls from the entry to the function come first', async (t) => {
  const end = { section: '.hyp.text', offset: 0, symbolOffset: 0 };
  const caller = { kind: 'call', object: 'vmlinux.o', section: '.hyp.text', offset: 8 } as const;
  const [result] = resultsOf([
    {
      ...inlined,
      notes: [{ message: 'called from', place: spot('z.c', 1, 1), isStep: true }],
      hyp: {
        object: 'vmlinux.o',
        from: { ...end, symbol: 'outer.isra.0' },
        to: { ...end, symbol: 'bad' },
        relocation: 'CALL26',
        access: 'call',
        reach: 'live',
        inlined: [],
        callers: [
          { ...caller, function: 'nearest', place: spot('n.c', 3, 1) },
          { ...caller, function: 'entry', kind: 'address', place: null },
        ],
        relocations: [],
      },
    },
  ]);
  const steps = result?.codeFlows?.[0]?.threadFlows[0]?.locations ?? [];
  t.same(
    steps.slice(0, 3).map(({ location }) => location?.message?.text),
    [
      "'entry' hands out the address of 'nearest'",
      "'nearest' calls 'outer'",
      "'outer' calls 'middle', which is inlined",
    ],
  );
  t.same(
    steps.slice(0, 2).map(({ location }) => location?.physicalLocation?.artifactLocation?.uri),
    ['vmlinux.o', 'n.c'],
  );
  t.equal(result?.relatedLocations, undefined, 'the calls are not repeated as related locations');
});

t.test('a column in bytes becomes one in UTF-16 units', async (t) => {
  const line = 'int ä = f("😀"); g();';
  const column = Buffer.byteLength(line.slice(0, line.indexOf('g()'))) + 1;
  const [result] = resultsOf([finding('hyp-call', spot('x.c', 4, column), 'a call')], {
    sourceLine: () => line,
  });
  const region = result?.locations?.[0]?.physicalLocation?.region;
  t.match(region, { startLine: 4, startColumn: line.indexOf('g()') + 1, endColumn: line.indexOf('g()') + 2 });
  t.equal(region?.snippet?.text, line);
  const [unknown] = resultsOf([finding('hyp-call', spot('x.c', 4, 0), 'a call')]);
  t.same(unknown?.locations?.[0]?.physicalLocation?.region, { startLine: 4 });
});

t.test('a finding without a line is located at the object', async (t) => {
  const [result] = resultsOf([
    { ...finding('hyp-call', spot('x.c', 4, 1), 'a call'), place: null, object: 'a b.o' },
  ]);
  t.same(result?.locations?.[0]?.physicalLocation, {
    artifactLocation: { uri: 'a%20b.o', uriBaseId: '%BUILDROOT%' },
  });
});

t.test('a fix-it becomes a replacement in its file', async (t) => {
  const file = 'identifier.c';
  const source = readFileSync(new URL('fixtures/identifier.c', import.meta.url), 'utf8').split('\n');
  const fixit = {
    file,
    start: { line: 3, column: 1 },
    next: { line: 3, column: 4 },
    text: '__always_inline',
  };
  const [result] = resultsOf([{ ...finding('hyp-call', spot(file, 3, 1), 'a call'), fixits: [fixit] }]);
  const change = result?.fixes?.[0]?.artifactChanges[0];
  t.equal(change?.artifactLocation.uri, file);
  t.same(change?.replacements[0], {
    deletedRegion: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 4 },
    insertedContent: { text: '__always_inline' },
  });
  t.ok((source[2]?.length ?? 0) > 4);
});

t.test('fingerprints do not depend on lines, and each finding has its own', async (t) => {
  const print = (line: number) =>
    resultsOf(
      [inlined, inlined, finding('hyp-data', spot('x.c', 4, 1), 'a load')].map((one) => ({
        ...one,
        place: spot('x.c', line, 1),
      })),
    );
  const of = (results: readonly Result[]) =>
    results.map((one) => one.partialFingerprints?.['hypcheckFinding/v1']);
  t.same(of(print(4)), of(print(400)));
  t.equal(new Set(of(print(4))).size, 3);
  t.match(print(4)[0]?.partialFingerprints?.primaryLocationLineHash, /^[0-9a-f]{32}:1$/);
});

t.test('the invocation says that not all was checked, and how many findings were left out', async (t) => {
  const text = reportText(sarif, [], { ...outcome(), status: 3, isWhole: false, leftOut: 7 }, context());
  const invocation = read(text).runs[0]?.invocations?.[0];
  t.match(invocation, { executionSuccessful: false, exitCode: 3 });
  t.match(invocation?.toolExecutionNotifications?.[0]?.message.text, /^7 more findings/);
});
