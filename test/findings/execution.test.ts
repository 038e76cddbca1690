// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known of execution with a walk, without one, and with one that meets
// malformed input.

import t from 'tap';
import { check } from '../../lib/check.js';
import { FormatError, type Guarded, guardInto } from '../../lib/elf/format-error.js';
import { Execution, type Followed } from '../../lib/findings/execution.js';
import { unknownNumbers } from '../../lib/flow/capability.js';
import { plainlyLive } from '../../lib/flow/reach.js';
import { judgementOn } from '../policy/judged.js';
import { plainCheck } from '../support/check-options.js';
import { code } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';

const faultsOf = (): { readonly faults: FormatError[]; readonly guarded: Guarded } => {
  const faults: FormatError[] = [];
  return { faults, guarded: guardInto(faults) };
};

t.test('the answers of a walk are passed on, and its doubts become findings', async (t) => {
  const { faults, guarded } = faultsOf();
  const judgement = await judgementOn({ access: 'call', to: '.text' });
  const { object, section } = judgement.reference.at;
  const flow: Followed = {
    reachOf: () => plainlyLive,
    isExecuted: ({ offset }) => offset === 4,
    vheNumber: 11,
    isEntered: true,
    unknownTables: [{ object, section, offset: 16 }],
    executedData: [{ object, section, offset: 4 }],
    astray: [{ object, section, offset: 8 }],
  };
  const execution = new Execution(flow, guarded);
  const { reaches, vheNumber, doubts } = execution.reachesOf([judgement]);
  t.same([...reaches], [[judgement, plainlyLive]]);
  t.equal(vheNumber, 11);
  t.match(doubts[0]?.claim.facts, { kind: 'sentence', sentence: /‘.hyp.text’ is not known/ });
  t.same(doubts[1]?.at, { object, section, offset: 4 }, 'data that is executed is reported at its place');
  t.same(doubts[2]?.at, { object, section, offset: 8 }, 'so is control that leaves its section');
  t.equal(execution.isExecuted({ object, section, offset: 4 }, 8), true);
  t.equal(execution.isExecuted({ object, section, offset: 0 }, 4), false);
  t.equal(execution.reachesOf([]).vheNumber, undefined, 'not looked up without a judgement');
  t.same(faults, []);
});

t.test('without a walk everything counts as executed', async (t) => {
  const { faults, guarded } = faultsOf();
  const judgement = await judgementOn({ access: 'call', to: '.text' });
  const execution = new Execution(null, guarded);
  t.same(execution.reachesOf([judgement]), { reaches: new Map(), vheNumber: undefined, doubts: [] });
  t.equal(execution.isExecuted(judgement.reference.at, 4), true);
  t.same(faults, []);
});

t.test('after malformed input everything counts as executed, and the fault is reported once', async (t) => {
  const { faults, guarded } = faultsOf();
  const judgement = await judgementOn({ access: 'call', to: '.text' });
  const torn = (): never => {
    throw new FormatError('a.o', '__jump_table', 8, 'it is torn');
  };
  const flow: Followed = {
    reachOf: torn,
    isExecuted: torn,
    vheNumber: null,
    isEntered: true,
    unknownTables: [],
    executedData: [],
    astray: [],
  };
  const execution = new Execution(flow, guarded);
  t.equal(execution.isExecuted(judgement.reference.at, 4), true);
  t.equal(execution.reachesOf([judgement]).reaches.size, 0);
  t.equal(execution.isExecuted(judgement.reference.at, 4), true);
  t.same(
    faults.map(({ sentence }) => sentence),
    ['it is torn'],
  );
});

t.test('if nothing is an entry, that is reported and everything counts as executed', async (t) => {
  const object = await build({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [{ label: 'f' }, { word: 0x94000000, relocation: { type: 283, to: 'g' } }, 0xd65f03c0],
      },
      { name: '.text', flags: code, items: [{ label: 'g' }, 0xd65f03c0] },
    ],
  });
  const image = imageOf([object], { whole: true });
  const flow = { numbers: { ...unknownNumbers, vhe: 11 }, isComplete: true };
  const { diagnostics } = await check(image, { ...plainCheck, flow });
  t.same(diagnostics.map(({ warning }) => warning).sort(), ['hyp-call', 'hyp-unchecked']);
  t.match(
    diagnostics.find(({ warning }) => warning === 'hyp-unchecked'),
    { message: /^nothing in this link enters its hyp code/ },
  );
});
