// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From findings to diagnostics, with the source at hand and without it.

import t from 'tap';
import { FormatError, guardInto } from '../../lib/elf/format-error.js';
import { Execution } from '../../lib/findings/execution.js';
import { findingOf } from '../../lib/findings/from-judgement.js';
import { plainlyLive } from '../../lib/flow/reach.js';
import { describe } from '../../lib/inline/diagnose-with-source.js';
import { type Generation, generations } from '../../lib/policy/generations.js';
import { policyOf } from '../policy/judged.js';
import { judgementsOf } from '../support/judged.js';
import { imageOf, open } from '../support/objects.js';
import { compile, without } from '../support/tools.js';
import { sourcesOf } from './declared.js';

const skip = without('aarch64-linux-gnu-gcc');

const source = `static inline __attribute__((noipa)) int helper(int x) { return x * 3; }
static inline int small(int x) { asm volatile("hint #66"); return x + 1; }
__attribute__((section(".hyp.text"), noipa)) int inner(int x) { return helper(small(x)); }
__attribute__((section(".hyp.text"))) int outer(int x) { return inner(x) + 1; }
`;

interface Setting {
  readonly generation?: Generation;
  readonly audits?: boolean;
  readonly isWalked?: boolean;
  readonly text?: (file: string) => string | null;
}

const described = async (setting: Setting = {}) => {
  const { generation = generations.hypText, audits = false, isWalked = false } = setting;
  const options = ['-O2', '-g', '-ffreestanding', '-fno-pic', '-fno-pie', '-fno-optimize-sibling-calls'];
  const object = await open(compile(source, [...options, '-fno-ipa-icf']));
  const image = imageOf([object]);
  const policy = policyOf(generation);
  const judgements = judgementsOf(image, object, policy);
  const found = judgements
    .filter(({ target }) => target.name?.startsWith('helper') === true)
    .map((judgement) => {
      const end = (name: string, section: string) => ({ name, section });
      const ends = { from: end('inner', '.hyp.text'), to: end('helper', '.text') };
      return findingOf({ warning: 'hyp-call', facts: { ...ends, access: 'call' } }, judgement);
    });
  t.equal(found.length, 1);
  const faults: FormatError[] = [];
  const flow = {
    ...{ reachOf: () => plainlyLive, isExecuted: () => true, isEntered: true, vheNumber: 11 },
    ...{ unknownTables: [], executedData: [], astray: [] },
  };
  const files = sourcesOf({});
  const diagnostics = describe(
    image,
    found,
    policy,
    {
      errors: new Set(['hyp-call']),
      execution: new Execution(isWalked ? flow : null, guardInto(faults)),
      source: {
        sources: { ...files, text: setting.text ?? ((file) => (/input\.c$/.test(file) ? source : null)) },
        defined: () => new Map([['__GNUC__', '12']]),
      },
      audits,
    },
    guardInto(faults),
  );
  return {
    faults: faults.map(({ sentence }) => sentence),
    severities: diagnostics.map(({ severity }) => severity),
    warnings: diagnostics.map(({ warning }) => warning),
    messages: diagnostics.map(({ message }) => message.replaceAll(/[‘’]/g, "'")),
    fixes: diagnostics.flatMap(({ fixits }) => fixits.map(({ start }) => start.line)),
    notes: diagnostics.flatMap(({ notes }) => notes.map(({ message }) => message.replaceAll(/[‘’]/g, "'"))),
  };
};

const emitted = "inline function 'helper' was emitted out of line; it is declared here";

t.test('a finding on a helper out of line has the note and the fix', { skip }, async (t) => {
  const { warnings, severities, notes, fixes, faults } = await described();
  t.same(warnings, ['hyp-call']);
  t.same(severities, ['error']);
  t.ok(notes.includes(emitted), notes.join('\n'));
  t.same(fixes, [1]);
  t.same(faults, []);
});

t.test('in a kernel with an nVHE link nothing is advised: helpers are in that link', { skip }, async (t) => {
  const { warnings, notes, fixes } = await described({ generation: generations.nvhe, audits: false });
  t.same(warnings, ['hyp-call']);
  t.notOk(notes.includes(emitted));
  t.same(fixes, []);
});

t.test('the way to a finding comes from the graph of calls, unless there was a walk', { skip }, async (t) => {
  const isWay = (note: string): boolean => note.includes("'outer'");
  t.equal((await described()).notes.filter(isWay).length, 1);
  t.equal((await described({ isWalked: true })).notes.filter(isWay).length, 0);
});

t.test('the audit is printed along with the findings, if it is asked for', { skip }, async (t) => {
  const { messages, warnings } = await described({ audits: true });
  t.same([...warnings].sort(), ['hyp-call', 'hyp-inline-hint']);
  t.match(messages.join('\n'), /'small'/);
  t.same((await described()).warnings, ['hyp-call'], 'not asked for');
});

t.test('a source that cannot be read is reported by the audit', { skip }, async (t) => {
  const { messages } = await described({ audits: true, text: () => null });
  t.match(
    messages.join('\n'),
    /'.*input\.c' cannot be read, so it is not known whether 'small' must be inlined \(--source\)/,
  );
});

t.test('damage while the advice is made costs the advice, not the finding', { skip }, async (t) => {
  const { warnings, notes, faults } = await described({
    text: () => {
      throw new FormatError('a.o', '.hyp.text', 0, 'it is torn');
    },
  });
  t.same(warnings, ['hyp-call']);
  t.notOk(notes.includes(emitted));
  t.same(faults, ['it is torn']);
});
