// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From findings to diagnostics without debug information: what stands in them,
// and in which order.

import t from 'tap';
import { type DiagnoseOptions, diagnose } from '../../lib/findings/diagnose.js';
import { unchecked } from '../../lib/findings/finding.js';
import { brokenFinding } from '../../lib/findings/from-judgement.js';
import { listReferences } from '../../lib/findings/list-references.js';
import { plainlyLive, type Reach } from '../../lib/flow/reach.js';
import type { Judgement } from '../../lib/policy/judge.js';
import { judgementOn } from '../policy/judged.js';

const plain: DiagnoseOptions = { errors: new Set(), sources: null, stepsTo: null, adviseCall: null };

t.test('without a line a finding has a note with its place in the object', async (t) => {
  const judgement = await judgementOn({ access: 'call', to: '.text' });
  const finding = brokenFinding(judgement, null);
  t.ok(finding);
  if (!finding) return;
  const [one, ...more] = diagnose([finding], plain);
  t.same(more, []);
  t.match(one, {
    warning: 'hyp-call',
    severity: 'warning',
    message: 'call to ‘target’ (section ‘.text’) from hyp code ‘f’ (section ‘.hyp.text’)',
    place: null,
    object: 'test.o',
    fixits: [],
    hyp: { access: 'call', reach: 'unknown', from: { symbol: 'f', offset: 0 }, to: { symbol: 'target' } },
  });
  t.match(one?.notes, [
    { message: 'in the object', place: { object: 'test.o', section: '.hyp.text', offset: 0 } },
  ]);
  t.equal(diagnose([finding], { ...plain, errors: new Set(['hyp-call']) })[0]?.severity, 'error');
});

t.test('a note gives the alias of a target, if it is more than the prefix', async (t) => {
  const judgement = await judgementOn({ access: 'load', to: '.data' });
  const aliased = (alias: string): Judgement => {
    const { target } = judgement.reference;
    if (target.kind !== 'place') throw new Error('the target has no place');
    return { ...judgement, reference: { ...judgement.reference, target: { ...target, alias } } };
  };
  const notesOf = (one: Judgement) => {
    const finding = brokenFinding(one, null);
    return finding ? diagnose([finding], plain)[0]?.notes.map(({ message }) => message) : [];
  };
  const words = 'the linker script makes ‘jiffies’ another name of ‘target’';
  t.ok(notesOf(aliased('__kvm_nvhe_jiffies'))?.includes(words));
  t.notOk(notesOf(aliased('__kvm_nvhe_target'))?.some((note) => note.includes('another name')));
});

t.test('advice on a callee is the first note, and its fix-its are the finding’s', async (t) => {
  const judgement = await judgementOn({ access: 'call', to: '.text' });
  const finding = brokenFinding(judgement, null);
  t.ok(finding);
  if (!finding) return;
  const fixit = { file: 'a.c', start: { line: 1, column: 1 }, next: { line: 1, column: 2 }, text: 'x' };
  const [one] = diagnose([finding], {
    ...plain,
    adviseCall: (callee, caller) => ({
      notes: [{ message: `${callee.section.name} from ${caller.section.name}`, place: null }],
      fixits: [fixit],
    }),
  });
  t.equal(one?.notes[0]?.message, '.text from .hyp.text');
  t.same(one?.fixits, [fixit]);
  const load = brokenFinding(await judgementOn({ access: 'load', to: '.data' }), null);
  const advised = load && diagnose([load], { ...plain, adviseCall: () => ({ notes: [], fixits: [fixit] }) });
  t.same(advised?.[0]?.fixits, [], 'a load has no callee');
});

t.test('diagnostics are sorted, and equal ones without a line are not merged', async (t) => {
  const all = [unchecked('b.o', 'second'), unchecked('a.o', 'first'), unchecked('a.o', 'first')];
  t.same(
    diagnose(all, plain).map(({ object, message, hyp }) => [object, message, hyp]),
    [
      ['a.o', 'first', null],
      ['a.o', 'first', null],
      ['b.o', 'second', null],
    ],
  );
});

t.test('--references lists what leaves hyp, with the reason', async (t) => {
  const [call, load, own] = await Promise.all([
    judgementOn({ access: 'call', to: '.text' }),
    judgementOn({ access: 'load', to: '.rodata' }),
    judgementOn({ access: 'load', to: '.hyp.rodata' }),
  ]);
  const reaches = new Map<Judgement, Reach>([
    [call, plainlyLive],
    [load, { kind: 'left-out', why: () => ({ kind: 'vhe-only', gate: null }) }],
  ]);
  const listed = listReferences({ judgements: [call, load, own], reaches });
  t.same(
    listed.map(({ message }) => message),
    [
      'hyp code ‘f’ (section ‘.hyp.text’) calls ‘target’ (section ‘.text’): not fine: EL2 does not map it; live',
      'hyp code ‘f’ (section ‘.hyp.text’) reads ‘target’ (section ‘.rodata’): EL2 maps it read-only; only VHE executes it',
    ],
  );
  t.ok(listed.every(({ warning, severity }) => warning === null && severity === 'note'));
});
