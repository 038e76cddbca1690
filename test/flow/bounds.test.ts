// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Walks of some functions by themselves: what they tell of where control leads.

import t from 'tap';
import { boundsOf } from '../../lib/flow/bounds.js';
import { without } from '../support/tools.js';
import { fun, groundedOn } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** The functions of `of` are walked, and entered at `from`. */
const walkOf = async (hyp: string, of: readonly string[], from = of, more?: string) => {
  const { ground, at, name } = await groundedOn(hyp, more);
  const bounds = boundsOf(ground.code, of.map(at));
  const walk = ground.newWalk('without-vhe', bounds, ground.efforts.judging);
  for (const one of from) walk.enter(at(one), { kind: 'host-call' });
  walk.run();
  const names = (all: Iterable<number>) => [...all].map(name).sort();
  return {
    called: names(bounds.called),
    named: names(bounds.named),
    flooded: names(bounds.flooded),
    loses: bounds.loses,
    executed: (...places: readonly string[]) => places.filter((place) => walk.executed.has(at(place))),
  };
};

const ends = fun('g', 'bl h\nret') + fun('h', 'ret');

t.test('calls and branches out of the functions are told of, and return', { skip }, async (t) => {
  const hyp = fun('f', 'bl g\ncbz x0, h\nb k') + ends + fun('k', 'ret');
  const { called, named, executed, loses } = await walkOf(hyp, ['f']);
  t.same(called, ['g', 'h', 'k']);
  t.same(named, []);
  t.same(executed('f', 'f+4', 'f+8', 'g', 'h', 'k'), ['f', 'f+4', 'f+8'], 'they are not followed');
  t.equal(loses, false);
  const both = await walkOf(hyp, ['f', 'g'], ['f']);
  t.same(both.executed('f+8', 'g', 'g+4', 'h'), ['f+8', 'g', 'g+4'], 'two functions');
  t.same(both.called, ['g', 'h', 'k']);
});

t.test('a branch into the middle of another function leads out, too', { skip }, async (t) => {
  const middle = fun('k', 'ret\n.Lmiddle: ret');
  const { called, executed } = await walkOf(fun('f', 'cbz x0, .Lmiddle\nb .Lmiddle') + middle, ['f']);
  t.same([called, executed('f+4', 'k+4')], [['k+4'], ['f+4']]);
});

t.test('addresses that escape are told of, wherever they lead', { skip }, async (t) => {
  const named = async (body: string) => (await walkOf(fun('f', body) + ends, ['f'])).named;
  t.same(await named('adr x0, g\nstr x0, [x1]\nmov x0, #0\nret'), ['g']);
  const { executed } = await walkOf(fun('f', 'adr x0, g\nstr x0, [x1]\nret') + ends, ['f']);
  t.same(executed('f+4', 'g'), ['f+4'], 'and not followed');
  t.same(await named('adr x0, g\nmov x0, #0\nret'), [], 'not one that is forgotten');
  t.same(await named('adr x0, g\nblr x0\nmov x0, #0\nret'), [], 'not one that is called');
  t.same(await named('adr x0, f\nstr x0, [x1]\nmov x0, #0\nret'), ['f'], 'its own');
  t.same(await named('adr x0, g\nb somewhere'), ['g'], 'an argument of what is not here');
});

t.test('all that it leaves in registers escapes', { skip }, async (t) => {
  const named = async (body: string) => (await walkOf(fun('f', body) + ends, ['f'])).named;
  for (const register of [0, 1, 8, 18, 19, 28])
    t.same(await named(`adr x${register}, g\nret`), ['g'], `x${register}`);
});

t.test('a computed address floods its function', { skip }, async (t) => {
  const { flooded, executed } = await walkOf(fun('f', 'adr x0, g + 4\nadd x0, x0, x1\nbr x0') + ends, ['f']);
  t.same([flooded, executed('g', 'g+4')], [['g+4'], []]);
  const own = await walkOf(fun('f', 'adr x0, f\nadd x0, x0, x1\nbr x0\nbl g\nret') + ends, ['f']);
  t.same([own.flooded, own.executed('f+12'), own.called], [['f'], ['f+12'], ['g']], 'its own is executed');
});

t.test('calls that take an address of hyp code with them are followed', { skip }, async (t) => {
  const takes = fun('k', 'cbz x3, 1f\nblr x5\n1: ret');
  const of = (body: string, callee = takes) => walkOf(fun('f', body) + callee + ends, ['f']);
  const one = await of('adr x5, g\nbl k\nmov x5, #0\nret');
  t.same(
    [one.executed('k', 'k+4'), one.called],
    [
      ['k', 'k+4'],
      ['g', 'k'],
    ],
  );
  const none = await of('mov x5, #0\nbl k\nret');
  t.same([none.executed('k'), none.called], [[], ['k']], 'no address');
  const other = await of('adr x9, g\nbl k\nmov x9, #0\nret');
  t.same(other.executed('k'), [], 'in a register that it does not read');
  const changes = await of(
    'adr x19, g\nbl k\nblr x19\nmov x19, #0\nret',
    fun('k', 'cbz x0, 1f\nmov x19, #0\n1: ret'),
  );
  t.same([changes.executed('k'), changes.called], [['k'], ['g', 'k']], 'one that it may change, or may not');
});

t.test('an address that goes too deep is lost', { skip }, async (t) => {
  const chain = (depth: number) =>
    fun('f', 'adr x5, g\nb k1') +
    Array.from({ length: depth }, (_, index) => fun(`k${index + 1}`, `b k${index + 2}`)).join('') +
    fun(`k${depth + 1}`, 'br x5');
  const near = await walkOf(chain(4) + ends, ['f']);
  t.same([near.loses, near.called.includes('g')], [false, true]);
  t.equal((await walkOf(chain(5) + ends, ['f'])).loses, true);
  const kept = chain(5).replace('x5', 'x19').replace('br x5', 'cbz x0, 1f\nmov x19, #0\n1: ret');
  t.equal((await walkOf(kept + ends, ['f'])).loses, true, 'one that may be changed, or not');
  const plain = chain(5).replace('adr x5, g', 'mov x5, #0');
  t.equal((await walkOf(plain + ends, ['f'])).loses, false, 'without an address there is nothing to lose');
});
