// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which claim a verdict becomes, and where it is shown. What is broken is tested
// with the policy, and the wording with the pages.

import t from 'tap';
import type { Use } from '../../lib/code/value-flow.js';
import {
  brokenFinding,
  fromHostFinding,
  leftOutFinding,
  undefinedFindings,
} from '../../lib/findings/from-judgement.js';
import { plainlyLive, type Reach } from '../../lib/flow/reach.js';
import { generations } from '../../lib/policy/generations.js';
import { type Case, judgementOn } from '../policy/judged.js';

const hyp = { name: 'f', section: '.hyp.text' };
const { hypText } = generations;
const use = (kind: Use['kind']): Use => ({ kind, indexed: false, register: 0, offset: 4 });

const claimOn = async (one: Case) => brokenFinding(await judgementOn(one), null)?.claim ?? null;

t.test('each broken verdict becomes a claim with its facts', async (t) => {
  const to = (section: string | null, name = 'target') => ({ name, section });
  for (const [one, expected] of [
    [
      { access: 'call', to: '.text' },
      { warning: 'hyp-call', facts: { from: hyp, to: to('.text'), access: 'call' } },
    ],
    [
      { access: 'jump', to: '.text' },
      { warning: 'hyp-call', facts: { from: hyp, to: to('.text'), access: 'jump' } },
    ],
    [
      { access: 'call', to: null, from: '__kvm_nvhe_f.isra.0', name: '__kvm_nvhe_target.cold' },
      { warning: 'hyp-call', facts: { from: hyp, to: to(null), access: 'call' } },
    ],
    [
      { access: 'load', to: '.data' },
      { warning: 'hyp-data', facts: { from: hyp, to: to('.data'), access: 'load' } },
    ],
    [
      { access: 'address', to: '.data' },
      { warning: 'hyp-data', facts: { from: hyp, to: to('.data'), access: 'address' } },
    ],
    [
      { access: 'store', to: '.rodata' },
      { warning: 'hyp-write', facts: { from: hyp, to: to('.rodata') } },
    ],
    [
      { access: 'address', to: '.rodata', uses: [use('store')] },
      { warning: 'hyp-write', facts: { from: hyp, to: to('.rodata') } },
    ],
    [
      { access: 'absolute', to: '.data' },
      { warning: 'hyp-absolute', facts: { from: hyp, to: to('.data'), use: 'held' } },
    ],
    [
      { access: 'absolute', to: '.text', generation: hypText, uses: [use('branch')] },
      { warning: 'hyp-absolute', facts: { from: hyp, to: to('.text'), use: 'branch' } },
    ],
  ] as const)
    t.match(await claimOn(one), expected, JSON.stringify(expected));
  const made = await claimOn({ access: 'call', to: '.text', name: '__asan_load8_noabort' });
  t.equal(made?.warning, 'hyp-instrumentation');
  t.equal(await claimOn({ access: 'load', to: '.hyp.rodata' }), null, 'a fine one becomes no finding');
});

t.test('a claim says whether hyp code has a link of its own', async (t) => {
  t.match(await claimOn({ access: 'call', to: '.text' }), { facts: { link: 'shared' } });
  const own = { access: 'call', to: '.text', from: '__kvm_nvhe_f' } as const;
  t.match(await claimOn(own), { facts: { link: 'own' } });
});

t.test('a finding is at the owner of its reference', async (t) => {
  const judgement = await judgementOn({ access: 'call', to: '.text', before: [0xd503201f] });
  const finding = brokenFinding(judgement, null);
  t.equal(finding?.at, judgement.reference.owner);
  t.equal(finding?.at?.offset, 4);
  t.equal(finding?.judgement, judgement);
  t.equal(finding?.object, 'test.o');
  t.equal(finding?.shows, 'instruction');
  const data = { ...judgement, reference: { ...judgement.reference, isData: true } };
  t.equal(brokenFinding(data, null)?.shows, 'variable');
});

t.test('if another instruction of the reference is executed, the finding is there', async (t) => {
  const one = await judgementOn({ access: 'load', to: '.data' });
  const { reference } = one;
  const other = { ...reference.at, offset: 4 };
  const live: Reach = {
    ...plainlyLive,
    kind: 'live',
    at: other,
    way: () => ({ steps: [], branch: null }),
    isInDoubt: () => false,
  };
  const site = (offset: number) => ({ section: '.hyp.text', offset, type: 286 });
  const withParts = { ...one, reference: { ...reference, relocations: [site(0), site(4)] } };
  t.equal(brokenFinding(withParts, live)?.at, other);
  t.equal(brokenFinding(one, live)?.at, reference.owner, 'an instruction of another reference is not shown');
  const replaced = { ...withParts.reference, owner: { ...reference.at, offset: 0x40 } };
  t.equal(brokenFinding({ ...one, reference: replaced }, live)?.at, replaced.owner);
});

const leftOut = (kind: 'vhe-only' | 'dead'): Reach => ({
  kind: 'left-out',
  why: () => ({ kind, gate: null }),
});

t.test('a broken reference that is not executed is hyp-vhe-only and nothing else', async (t) => {
  const judgement = await judgementOn({ access: 'call', to: '.text', generation: hypText });
  t.equal(brokenFinding(judgement, leftOut('dead')), null);
  t.equal(leftOutFinding(judgement, null), null);
  t.equal(leftOutFinding(judgement, plainlyLive), null);
  for (const [kind, executedBy] of [
    ['vhe-only', 'vhe'],
    ['dead', 'nobody'],
  ] as const) {
    const finding = leftOutFinding(judgement, leftOut(kind));
    t.equal(finding?.claim.warning, 'hyp-vhe-only');
    t.match(finding?.claim.facts, { access: 'call', executedBy });
    t.equal(finding?.reach?.kind, 'left-out');
  }
});

t.test('a branch from the host to hyp text is hyp-from-host', async (t) => {
  for (const access of ['jump', 'call'] as const) {
    const judgement = await judgementOn({ access, to: '.hyp.text', fromSection: '.text', from: 'g' });
    const { claim, at, object } = fromHostFinding(judgement);
    t.match(claim, {
      warning: 'hyp-from-host',
      facts: {
        from: { name: 'g', section: '.text' },
        to: { name: 'target', section: '.hyp.text' },
        access,
      },
    });
    t.equal(at, judgement.reference.owner, 'at the branch');
    t.equal(object, 'test.o');
  }
});

t.test('a branch of host code behind the end of its section cannot be checked', async (t) => {
  const judgement = await judgementOn({ access: 'call', to: '.hyp.text', fromSection: '.text', from: 'g' });
  const { reference } = judgement;
  const at = { ...reference.at, offset: reference.at.section.size };
  t.same(fromHostFinding({ ...judgement, reference: { ...reference, at } }).claim, {
    warning: 'hyp-unchecked',
    facts: { kind: 'sentence', sentence: 'a relocation lies outside its section' },
  });
});

t.test('all undefined symbols are one finding, with their names sorted', async (t) => {
  t.same(undefinedFindings([]), []);
  const unknown = await Promise.all(
    ['z', 'a', '__kvm_nvhe_a'].map((name) => judgementOn({ access: 'load', to: null, name })),
  );
  const [finding, ...more] = undefinedFindings(unknown);
  t.same(more, []);
  t.same(finding?.claim.facts, { kind: 'undefined', names: ['a', 'z'], link: 'shared' });
  t.same(finding?.absorbed, unknown);
  t.equal(finding?.at, null);
});
