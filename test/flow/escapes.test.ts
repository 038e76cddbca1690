// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What becomes an entry because an address is used, or because it escapes.

import t from 'tap';
import { Effort } from '../../lib/flow/effort.js';
import { Escapes } from '../../lib/flow/escapes.js';
import { LabelTables } from '../../lib/flow/label-tables.js';
import { without } from '../support/tools.js';
import { fun, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** A function with literals behind it, two more functions, a label, and a vector table whose label has no size. */
const hyp = `${fun('f', 'adr x0, f\nadr x1, g\nret\n.balign 8\nliterals: .quad g\n.word 7\n.quad h\n')}${fun('g', 'adr x0, g\nnop\nret')}${fun('h', 'ret')}
plain: ret
/* SYM_CODE_START .. SYM_CODE_END: a size, but no type. */
code: nop
inner: ret
.size code, . - code
.balign 2048
vectors: .fill 32, 4, 0xd503201f
.fill 480, 4, 0xd65f03c0
`;
const host = `${fun('host', 'adr x0, host\nret\n.quad g')}
.section .rodata
.type labels, %object
labels: .quad 0, 0
.size labels, 16
`;

/** Functions that report an address as used or lost, and give what was entered and flooded because of it. */
const made = async (followsHyp = true) => {
  const { space, code, at, name } = await readCode(hyp, host);
  const labels = new LabelTables(space, [{ at: at('labels') + 8, target: at('g+4') }]);
  const told: string[] = [];
  const entrances = {
    enter: (address: number, cause: { readonly kind: string; readonly at?: number }) =>
      told.push(`${name(address)} ${cause.kind}${cause.at === undefined ? '' : ` at ${name(cause.at)}`}`),
    flood: (around: number) => told.push(`all of ${name(around)}`),
  };
  const escapes = new Escapes(code, labels, entrances, new Effort(space.image), followsHyp);
  const site = (target: string, from: string, inexact = false) => ({
    ...{ target: at(target), at: at(from), via: null, inexact },
  });
  const taken = () => told.splice(0).sort();
  return {
    sites: () => ['f', 'f+4', 'g', 'h'].filter((one) => escapes.sites.has(at(one))),
    used: (...args: Parameters<typeof site>) => {
      escapes.used(site(...args));
      return taken();
    },
    lost: (target: string, from: string, inexact = false, as?: 'target' | 'vectors') => {
      escapes.lost(site(target, from, inexact), as);
      return taken();
    },
  };
};

t.test('code is an entry if its address escapes, not if it is only used', { skip }, async (t) => {
  const { used, lost, sites } = await made();
  t.same(used('g', 'f+4'), []);
  t.same(sites(), ['f+4']);
  t.same(lost('g', 'f+4'), ['g address at f+4']);
  t.same(lost('host', 'f'), [], 'host code is not followed');
  t.same(sites(), ['f', 'f+4']);
});

t.test('pointers among hyp code are entries if an address of those data is used', { skip }, async (t) => {
  const { used } = await made();
  t.same(used('f+24', 'h'), ['g address at h', 'h address at h'], 'also of those in front of the address');
  t.same(used('f+16', 'g'), []);
  t.same(used('f', 'g'), [], 'an address of code');
  t.same(used('host+8', 'g'), [], 'data in host code');
});

t.test('using an address of a table of labels makes its labels entries, once', { skip }, async (t) => {
  const { used } = await made();
  t.same(used('labels', 'f'), ['g+4 address at labels+8']);
  t.same(used('labels', 'g'), [], 'the second use');
  t.same((await made()).used('labels+8', 'f', true), ['g+4 address at labels+8']);
});

t.test('an inexact address floods its function, unless another function forms it', { skip }, async (t) => {
  const { lost } = await made();
  t.same(lost('g', 'f+4', true), ['g address at f+4'], 'the start of another function');
  t.same(lost('g', 'g', true), ['all of g', 'g address at g'], 'the function that forms it');
  t.same(lost('g+4', 'f', true), ['all of g+4', 'g+4 address at f'], 'a label');
  t.same(lost('plain', 'f', true), ['all of plain', 'plain address at f'], 'a label without type or size');
  t.same(lost('g', 'f', true, 'target'), ['all of g', 'g address at f'], 'the target of a branch');
  t.same(lost('code', 'f', true), ['code address at f'], 'code without a type that has a size');
  t.same(lost('code', 'inner', true), ['all of code', 'code address at inner'], 'the code that forms it');
  t.same(lost('inner', 'f', true), ['all of inner', 'inner address at f'], 'a label in it');
  t.same(lost('g', 'h', true), ['g address at h']);
  t.same(lost('f', 'g', true), ['f address at g'], 'formed right behind its end');
  t.same(lost('g', 'g+8', true), ['all of g', 'g address at g+8'], 'formed in its last instruction');
});

t.test('the address of a possible vector table makes its sixteen slots entries', { skip }, async (t) => {
  const { lost } = await made();
  const slots = (await made()).lost('vectors', 'f');
  t.equal(slots.length, 17, 'an aligned label without a size may be a vector table');
  t.equal(slots.filter((one) => one.endsWith(' vector')).length, 16);
  t.equal(lost('f', 'g').length, 1);
  t.equal(lost('f', 'g', false, 'vectors').filter((one) => one.endsWith(' vector')).length, 16);
});

t.test('distances in tables lead to entries from an inexact branch target', { skip }, async (t) => {
  const table = `${fun('g', 'adr x0, g\nret\n.balign 4\nfar: .word h - g\n')}${fun('h', 'ret')}`;
  const { space, code, at, name } = await readCode(table);
  const told: string[] = [];
  const entrances = { enter: (to: number) => told.push(name(to)), flood: () => {} };
  const tables = new LabelTables(space, []);
  const site = (target: string, inexact: boolean) => ({
    ...{ target: at(target), at: at('g'), via: null, inexact },
  });
  const first = new Escapes(code, tables, entrances, new Effort(space.image), true);
  first.used(site('g+8', false));
  first.lost(site('g', true));
  t.same(told.splice(0), ['g'], 'no branch there');
  first.lost(site('g', false), 'target');
  t.same(told.splice(0), ['g'], 'nothing was added to the target');
  first.lost(site('g', true), 'target');
  t.same(told.splice(0).sort(), ['g', 'h']);
  const second = new Escapes(code, tables, entrances, new Effort(space.image), true);
  second.lost(site('g', true), 'target');
  t.same(told.splice(0), ['g'], 'no table was read');
  second.used(site('g+8', false));
  t.same(told, ['h'], 'a table that is read after the branch');
});

t.test(
  'a switch leads to the entries that its table says, or any table that is read',
  { skip },
  async (t) => {
    const tables = `${fun('g', 'adr x0, g\nret\n.balign 4\nfar: .word h - g\nother: .word k - g\n')}${fun('h', 'ret')}${fun('k', 'ret')}`;
    const { space, code, at, name } = await readCode(tables);
    const told: string[] = [];
    const entrances = {
      enter: (to: number, cause: { readonly kind: string }) => told.push(`${name(to)} ${cause.kind}`),
      flood: () => told.push('flood'),
    };
    const made = () =>
      new Escapes(code, new LabelTables(space, []), entrances, new Effort(space.image), true);
    const site = (target: string) => ({ target: at(target), at: at('g'), via: null, inexact: true });
    const one = made();
    one.switched(site('g'), { start: at('other'), count: 1, width: 4, unit: 1 });
    t.same(told.splice(0), ['k address'], 'and neither to the label nor to what is around it');
    t.notOk(one.sites.has(at('g')), 'the label is not used');
    const any = made();
    any.switched(site('g'), null);
    t.same(told.splice(0), [], 'no table was read');
    any.used({ ...site('far'), inexact: false });
    t.same(told.splice(0).sort(), ['h address', 'k address'], 'those that are read later');
  },
);

t.test('in a walk of the host alone, addresses are recorded and make no entries', { skip }, async (t) => {
  const { used, lost, sites } = await made(false);
  t.same(used('labels', 'f'), []);
  t.same(used('f+16', 'g'), []);
  t.same(lost('g', 'h', true, 'target'), []);
  t.same(sites(), ['f', 'g', 'h']);
});
