// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which calls are followed: hyp code once, small functions of the host once for
// each set of constant arguments, within bounds.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { Code } from '../../lib/code/code.js';
import { PatchTables } from '../../lib/code/patch-tables.js';
import { STT } from '../../lib/elf/vocabulary.js';
import { Contexts, type Follows, MAX_DEPTH, MAX_HELPER } from '../../lib/flow/contexts.js';
import { Effort } from '../../lib/flow/effort.js';
import type { Procedure } from '../../lib/flow/procedure.js';
import { RegisterSummaries } from '../../lib/flow/register-summary.js';
import { nothingKnown } from '../../lib/flow/state.js';
import { anySummary } from '../../lib/flow/summary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';
import { having, number, place } from './interpreted.js';

const words = (bytes: number): readonly Item[] => Array<number>(bytes / 4).fill(0xd65f03c0); // ret
const fun = (label: string, bytes: number): readonly Item[] => [
  { label, type: STT.FUNC },
  ...words(bytes),
  { end: label },
];

/** mov x0, x5; ret. */
const reads = (label: string): readonly Item[] => [
  { label, type: STT.FUNC },
  0xaa0503e0,
  0xd65f03c0,
  { end: label },
];

const made = async (follows: Follows = 'all') => {
  const object = await build({
    sections: [
      { name: '.hyp.text', flags: code, items: [...fun('f', 8), ...fun('g', 2 * MAX_HELPER), ...reads('h')] },
      {
        name: '.text',
        flags: code,
        items: [...fun('small', MAX_HELPER), ...fun('large', MAX_HELPER + 4), ...fun('panic', 4)],
      },
    ],
  });
  const space = new AddressSpace(imageOf([object]));
  const codeOf = new Code(space, []);
  const contexts = new Contexts(
    codeOf,
    new RegisterSummaries(codeOf, new PatchTables(space), new Effort(space.image)),
    follows,
  );
  const start = (name: string) => space.startOf(object, sectionOf(object, name));
  const [hyp, host] = [start('.hyp.text'), start('.text')];
  return {
    contexts,
    f: contexts.at(hyp),
    g: hyp + 8,
    h: hyp + 8 + 2 * MAX_HELPER,
    small: host,
    large: host + MAX_HELPER,
    panic: host + 2 * MAX_HELPER + 4,
  };
};

t.test('a hyp function is one procedure, whatever its arguments and its size', async (t) => {
  const { contexts, f, g } = await made();
  const one = contexts.calledFrom(f, g, having({ 0: number(1) }));
  t.equal(one?.entry, g);
  t.equal(contexts.calledFrom(f, g, having({ 0: number(2) })), one);
  t.equal(contexts.at(g), one);
  t.equal(one?.depth, 0);
});

t.test('a walk of the host alone does not follow calls of hyp code', async (t) => {
  const { contexts, f, g } = await made('none');
  t.equal(contexts.calledFrom(f, g, nothingKnown), null);
});

t.test(
  'from within bounds, calls are followed of these functions, and with an address of hyp code',
  async (t) => {
    const { f, g, h } = await made();
    const { contexts } = await made({
      functions: new Map([
        [f.entry, g],
        [g, g + 2 * MAX_HELPER],
      ]),
    });
    const caller = contexts.at(f.entry);
    t.equal(contexts.calledFrom(caller, g, nothingKnown)?.depth, 1, 'one of these');
    t.equal(contexts.calledFrom(caller, g + 4, nothingKnown)?.depth, 1, 'in its middle');
    t.equal(contexts.calledFrom(caller, h, nothingKnown), null);
    t.equal(contexts.known(h, nothingKnown), null);
    t.equal(
      contexts.calledFrom(caller, h, having({ 9: place(g) })),
      null,
      'an address that it does not read',
    );
    const taken = contexts.calledFrom(caller, h, having({ 5: place(g) }));
    t.equal(taken?.entry, h);
    t.equal(
      contexts.known(h, having({ 5: place(f.entry) })),
      taken,
      'one procedure, whatever the address is',
    );
    t.equal(contexts.calledFrom(caller, h, nothingKnown), null, 'but not without one');
  },
);

t.test('from within bounds, hyp code is followed only to MAX_DEPTH nested calls', async (t) => {
  const { f, g } = await made();
  const { contexts } = await made({
    functions: new Map([
      [f.entry, g],
      [g, g + 2 * MAX_HELPER],
    ]),
  });
  let caller: Procedure | null = contexts.at(f.entry);
  for (let depth = 1; depth <= MAX_DEPTH; depth++) {
    caller = caller && contexts.calledFrom(caller, g + 4 * depth, nothingKnown);
    t.equal(caller?.depth, depth);
  }
  t.equal(caller && contexts.calledFrom(caller, g, nothingKnown), null);
  t.equal(
    caller && contexts.calledFrom(caller, g + 4, nothingKnown)?.depth,
    1,
    'what is known already is taken',
  );
});

t.test('from within bounds, nobody knows what an entry leaves alone', async (t) => {
  const { f, g } = await made();
  const { contexts } = await made({ functions: new Map([[f.entry, g]]) });
  t.same(contexts.at(f.entry).summary, anySummary);
  t.same((await made()).contexts.at(g).summary.changes, 0, 'a walk over all knows that g returns at once');
});

t.test('a small host function is followed for up to eight sets of constant arguments', async (t) => {
  const { contexts, f, small } = await made();
  const all = Array.from({ length: 9 }, (_, index) =>
    contexts.calledFrom(f, small, having({ 0: number(index) })),
  );
  t.equal(new Set(all.slice(0, 8)).size, 8);
  t.equal(all[8], null);
  t.equal(contexts.calledFrom(f, small, having({ 0: number(3) })), all[3], 'a known set, after the eighth');
  t.equal(contexts.known(small, having({ 0: number(3) })), all[3]);
  t.equal(contexts.known(small, having({ 0: number(9) })), null, 'known() makes no procedure');
});

t.test('a host function is not followed if it is large, entered inside, or never returns', async (t) => {
  const { contexts, f, small, large, panic } = await made();
  for (const to of [large, small + 4, panic]) t.equal(contexts.calledFrom(f, to, nothingKnown), null);
});

t.test('host functions are followed only to MAX_DEPTH nested calls', async (t) => {
  const { contexts, f, small } = await made();
  let caller: Procedure | null = f;
  for (let depth = 1; depth <= MAX_DEPTH; depth++) {
    caller = caller && contexts.calledFrom(caller, small, having({ 0: number(depth) }));
    t.equal(caller?.depth, depth);
  }
  t.equal(caller && contexts.calledFrom(caller, small, having({ 0: number(100) })), null);
});
