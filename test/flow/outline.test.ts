// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What could be executed whatever registers hold, of which functions that is
// uncertain, and where the outline gives up.

import t from 'tap';
import { boundsOf } from '../../lib/flow/bounds.js';
import type { Machines } from '../../lib/flow/capability.js';
import { Effort } from '../../lib/flow/effort.js';
import { type KnownFunction, Outline, type Width } from '../../lib/flow/outline.js';
import { without } from '../support/tools.js';
import { alternative, fun, groundedOn, key, OTHER } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

interface Options {
  readonly more?: string;
  readonly machines?: Machines;
  readonly width?: Width;
  readonly enter?: string;
  /** Functions that are walked by themselves before, each from these entries. */
  readonly known?: Readonly<Record<string, { entries?: readonly string[]; callers?: readonly string[] }>>;
}

/** The outline of what f leads to. */
const outlineOf = async (
  hyp: string,
  { more, machines = 'without-vhe', width = 'all', enter = 'f', known = {} }: Options = {},
) => {
  const { ground, at, name } = await groundedOn(hyp, more);
  const effort = ground.efforts.judging;
  const functions = new Map<number, KnownFunction>();
  for (const [start, { entries = [start], callers }] of Object.entries(known)) {
    const bounds = boundsOf(ground.code, [at(start)]);
    const walk = ground.newWalk('without-vhe', bounds, effort);
    for (const entry of entries) walk.enter(at(entry), { kind: 'host-call' });
    walk.run();
    functions.set(at(start), {
      ...{ walk, bounds, entries: new Set(entries.map(at)) },
      callers: callers ? new Set(callers.map(at)) : null,
    });
  }
  const outline = new Outline(ground, ground.capabilitiesOf(machines), effort, width, functions);
  outline.enter(at(enter));
  outline.run();
  const names = (all: Iterable<number>) => [...all].map(name).sort();
  return {
    outline,
    code: ground.code,
    at,
    executed: (...places: readonly string[]) => places.filter((place) => outline.executed.has(at(place))),
    uncertain: names(outline.uncertain),
    isOdd: outline.isOdd,
    entered: (function_: string) => {
      const { at: entries, callers, namers, isRoot, isFlooded } = outline.entered.of(at(function_));
      return { at: names(entries), callers: names(callers), namers: names(namers), isRoot, isFlooded };
    },
  };
};

const ends = fun('g', 'ret') + fun('h', 'ret');

t.test('what branches and calls lead to is executed, the rest is not', { skip }, async (t) => {
  const of = async (body: string, ...places: readonly string[]) =>
    (await outlineOf(fun('f', body) + ends, { more: `${fun('host', 'ret')}.data\n.quad f` })).executed(
      ...places,
    );
  t.same(await of('bl g\nret\nnop', 'f', 'f+4', 'f+8', 'g', 'h'), ['f', 'f+4', 'g']);
  t.same(await of('cbz x0, 1f\nret\n1: b g', 'f+4', 'f+8', 'g'), ['f+4', 'f+8', 'g'], 'both ways');
  t.same(await of('nop', 'f', 'g', 'h'), ['f', 'g'], 'into the next function');
  t.same(await of('bl host\nret', 'host', 'f+4'), ['f+4'], 'host code is not followed');
});

t.test(
  'behind a key or an alternative is executed what the machines meant may execute',
  { skip },
  async (t) => {
    const keyed = `${key('1f')}\nbl g\nret\n1: b h`;
    const patched = `${alternative('bl g', 'bl h')}\nret`;
    for (const body of [keyed, patched]) {
      const of = async (machines: Machines) =>
        (await outlineOf(fun('f', body) + ends, { machines })).executed('g', 'h');
      t.same(await of('without-vhe'), ['g']);
      t.same(await of('any'), ['g', 'h']);
    }
  },
);

t.test('a branch through a register goes to all of its function', { skip }, async (t) => {
  const { executed, isOdd } = await outlineOf(
    fun('f', 'cbz x0, 1f\nret\n1: br x1\nnop\nbl g\nret\n.word 0') + ends,
  );
  t.same(executed('f+4', 'f+8', 'f+12', 'f+16', 'f+20', 'f+24', 'g'), [
    ...['f+4', 'f+8', 'f+12', 'f+16', 'f+20'],
    ...['g'],
  ]);
  t.equal(isOdd, false, 'but not to data');
});

t.test('a function that forms an address of hyp code is uncertain', { skip }, async (t) => {
  const of = async (body: string, more?: string) => {
    const { uncertain, executed } = await outlineOf(fun('f', body) + ends, more ? { more } : {});
    return [uncertain, executed('g')];
  };
  t.same(await of('adr x0, g\nstr x0, [x1]\nret'), [['f'], ['g']], 'where the address leads counts');
  t.same(await of('adr x0, f\nstr x0, [x1]\nret'), [['f'], []], 'its own');
  t.same(await of('ldr x0, 1f\nstr x0, [x1]\nret\n.balign 8\n1: .quad g'), [['f'], ['g']]);
  t.same(await of('adr x0, 1f\nadd x0, x0, x1\nbr x0\n1: ret'), [[], []], 'a label of a switch');
  t.same(await of('adrp x0, f\nret'), [[], []], 'a page alone');
  const data = '.data\n.globl data\ndata: .quad f';
  t.same(await of('adrp x0, data\nadd x0, x0, :lo12:data\nret', data), [[], []], 'an address of data');
  t.same(
    (await outlineOf(fun('f', 'ret') + fun('g', 'adr x0, f\nret'))).uncertain,
    [],
    'not if it is not reached',
  );
});

t.test('what is done with an address in several ways counts in each', { skip }, async (t) => {
  const g = `${fun('first', 'nop')}${fun('g', 'ret\nbl h\nret')}${fun('h', 'ret')}`;
  const of = async (body: string) => {
    const { uncertain, executed } = await outlineOf(fun('f', body) + g);
    return [uncertain, executed('g', 'h')];
  };
  t.same(await of('adr x3, g\nblr x3\nret'), [[], ['g']]);
  t.same(await of('adr x3, g\nmsr vbar_el2, x3\nret'), [[], ['g']]);
  t.same(await of('adr x3, g\nsub x3, x3, x6\nbr x3'), [[], ['g', 'h']]);
  t.same(await of('adr x3, g\nmsr vbar_el2, x3\nsub x3, x3, x6\nbr x3'), [[], ['g', 'h']]);
});

t.test(
  'sums that may be vectors, and labels of the same function, are left to a walk',
  { skip },
  async (t) => {
    const of = async (body: string, width: Width, place: string, align = '') => {
      const g = `${fun('first', 'nop')}${align}${fun('g', 'ret\nnop\nret')}`;
      const { uncertain, executed } = await outlineOf(fun('f', body) + g, { width });
      return [uncertain, executed(place)];
    };
    const sum = 'adr x3, g\nsub x3, x3, x6\nbr x3';
    const own = 'adr x3, 1f\nsub x3, x3, x6\nbr x3\n1: ret\nret';
    t.same(await of(sum, 'all', 'g+4'), [[], ['g+4']]);
    t.same(await of(sum, 'all', 'g+4', '.balign 128\n'), [['f'], []]);
    t.same(await of(own, 'all', 'f+16'), [['f'], ['f+16']]);
    t.same(await of(sum, 'more', 'g+4', '.balign 128\n'), [[], ['g+4']], 'or count as any');
    t.same(await of(own, 'more', 'f+16'), [[], ['f+16']]);
    const slots = `${fun('first', 'nop')}.balign 128\n${fun('g', 'ret')}.balign 128\n${fun('slot', 'ret')}`;
    const { executed } = await outlineOf(fun('f', sum) + slots, { width: 'more' });
    t.same(executed('slot'), ['slot'], 'for a table of vectors');
  },
);

t.test('what only a patch uses that is not made leads nowhere', { skip }, async (t) => {
  const of = async (patch: string) => {
    const body = `adr x3, g\nadr x9, h\n${patch}\nblr x9\nret`;
    const { uncertain, executed } = await outlineOf(fun('f', body) + ends);
    return [uncertain, executed('g', 'h')];
  };
  t.same(await of(alternative('nop', 'mov x9, x3')), [[], ['h']]);
  t.same(await of(alternative('nop', 'mov x9, x3', OTHER)), [[], ['g', 'h']]);
});

t.test('who is entered anywhere is asked what it gives to whom', { skip }, async (t) => {
  const takes = fun('takes', 'add x1, x1, #4\nbr x1');
  const f = (enter: string) => `bl k\n${enter}\nret`;
  const k = fun('k', 'adr x9, h\nadr x1, g\nblr x9\nret');
  const of = async (enter: string) =>
    (await outlineOf(fun('f', f(enter)) + k + takes + fun('g', 'ret\nbl h\nret') + fun('h', 'ret')))
      .uncertain;
  t.same(await of('nop'), []);
  t.same(await of('bl k'), []);
  t.same(await of('bl k + 4'), ['k'], 'between what is called and what it gets');
  t.same(await of('adr x3, k\nadd x3, x3, x4\nbr x3'), ['k'], 'at any instruction');
});

t.test('what the host hands out is entered', { skip }, async (t) => {
  const hyp = `${fun('f', 'ret\nlabel: bl h\nret')}${fun('g', 'ret\nbl h\nret')}${fun('h', 'ret')}`;
  const of = async (target: string) => {
    const { ground, at } = await groundedOn(hyp, `.globl host, g\n${fun('host', 'ret')}`);
    const outline = new Outline(ground, ground.capabilities, ground.efforts.judging, 'more');
    outline.handOut({ at: at('host'), target: at(target) });
    outline.run();
    t.equal(outline.entered.of(at('f')).isRoot, true);
    return ['f', 'label', 'g', 'g+4', 'h'].filter((place) => outline.executed.has(at(place)));
  };
  t.same(await of('g'), ['g'], 'a whole function');
  t.same(await of('label'), ['f', 'label', 'h'], 'what is around a label, to which anything may be added');
});

t.test('a switch leads to the entries that its table names', { skip }, async (t) => {
  // The table holds the distance from 1: to h, 4 instructions on.
  const table = '.section .rodata\n.balign 4\ntable: .byte 4, 0, 0, 0\n.data\n.quad f';
  const load =
    'adrp x1, table\nadd x1, x1, :lo12:table\nldrb w0, [x1, x0]\nadr x1, 1f\nadd x0, x1, w0, sxtb #2\nbr x0\n';
  const hyp = fun('f', `${load}1: nop\nret`) + fun('g', 'nop\nret') + fun('h', 'ret');
  t.same((await outlineOf(hyp, { more: table })).executed('f+24', 'g', 'h'), ['f+24', 'h']);
});

t.test('functions of the host are followed while they have one name in the source', { skip }, async (t) => {
  const more = `.globl host\n${fun('host', 'cbz x0, host.cold\nbl other\nbl f\nret')}${fun('host.cold', 'bl g\nret')}${fun('other', 'bl h\nret')}`;
  const { executed } = await outlineOf(fun('f', 'ret') + ends, { more, enter: 'host' });
  t.same(executed('host', 'host.cold', 'other', 'f', 'g', 'h'), ['host', 'host.cold', 'f', 'g']);
  const alone = await outlineOf(fun('f', 'ret') + ends, { more, enter: 'host', width: 'host' });
  t.same(
    alone.executed('host+12', 'host.cold+4', 'f', 'g'),
    ['host+12', 'host.cold+4'],
    'calls of hyp code return',
  );
});

t.test('it is told how functions are entered', { skip }, async (t) => {
  const { entered } = await outlineOf(
    fun('f', 'bl g\nadr x3, h\nbl .Linside\nret') +
      fun('g', 'b f') +
      fun('h', 'ret\n.Linside: ret') +
      fun('k', 'ret'),
  );
  const plain = { isRoot: false, isFlooded: false };
  t.same(entered('f'), { at: ['f'], callers: ['g'], namers: [], ...plain, isRoot: true });
  t.same(entered('g'), { at: ['g'], callers: ['f'], namers: [], ...plain });
  t.same(entered('h'), { at: ['h', 'h+4'], callers: ['f'], namers: ['f'], ...plain });
  const falls = await outlineOf(fun('f', 'nop') + fun('g', 'adr x0, f\nret'));
  t.match(falls.entered('g'), { at: ['g'], callers: ['f'] }, 'into the next one');
  t.same(falls.uncertain, ['g']);
  t.same(
    entered('k'),
    { at: [], callers: [], namers: [], isRoot: true, isFlooded: true },
    'of what is not reached nothing is known',
  );
});

t.test('it gives up on what only a walk can follow', { skip }, async (t) => {
  const isOdd = async (hyp: string, more?: string) => (await outlineOf(hyp, more ? { more } : {})).isOdd;
  t.equal(await isOdd(fun('f', 'ret\n.word 0')), false);
  t.equal(await isOdd(fun('f', 'nop\n.word 0xd65f03c0')), true, 'data that are executed');
  t.equal(await isOdd(fun('f', 'b 1f\nret\n1: .word 0xd65f03c0')), true, 'a branch to data');
  t.equal(await isOdd(fun('f', 'nop')), true, 'past the end of the section');
  t.equal(await isOdd(fun('f', 'bl f')), false, 'the call may not come back');
  t.equal(await isOdd(fun('f', 'add x30, x30, #4\nret')), true, 'a return address that is computed');
  t.equal(await isOdd(fun('f', 'ret') + fun('g', 'nop')), false, 'not what is not reached');
  const labels = '.section .rodata\n.quad f + 4\ntable: .quad 7\n.data\n.quad f';
  const forms = fun('f', 'adrp x0, table\nadd x0, x0, :lo12:table\nret');
  t.equal(await isOdd(forms, labels), true, 'a section with a table of labels');
  t.equal(await isOdd(forms, labels.replace('f + 4', 'f')), false, 'a table of functions is none');
});

t.test('of a known function counts what its walk has shown', { skip }, async (t) => {
  const f = fun('f', 'bl k\nret');
  const k = fun('k', 'mov x0, #0\ncbz x0, 1f\nbl g\n1: b h\nadr x0, g\nnop');
  const plain = await outlineOf(f + k + ends);
  t.same(plain.executed('k+8', 'k+12', 'g', 'h'), ['k+8', 'k+12', 'g', 'h']);
  const walked = await outlineOf(f + k + ends, { known: { k: {} } });
  t.same(walked.executed('k+4', 'k+8', 'k+12', 'g', 'h'), ['k+4', 'k+12', 'h']);
  t.same(walked.uncertain, []);
  t.same(walked.entered('h').callers, ['k']);
  const unreached = await outlineOf(fun('f', 'ret') + k + ends, { known: { k: {} } });
  t.same(unreached.executed('k', 'h'), [], 'if it is reached');
  const elsewhere = await outlineOf(fun('f', 'bl k + 16\nret') + k + ends, { known: { k: {} } });
  t.same(elsewhere.uncertain, ['k'], 'it is entered where the walk did not enter it');
  const names = fun('k', 'adr x0, g\nstr x0, [x1]\nret');
  const named = await outlineOf(f + names + ends, { known: { k: {} } });
  t.same([named.executed('g', 'h'), named.entered('g').namers], [['g'], ['k']], 'an address that escapes');
  const both = await outlineOf(fun('f', `${alternative('bl k', 'nop')}\nret`) + ends + fun('k', 'ret'), {
    known: { f: {} },
  });
  t.same(both.executed('f', 'k'), ['f', 'k']);
});

t.test('replacement code of a known function is executed where it stands', { skip }, async (t) => {
  const patched = alternative('nop', 'new: bl g').replace('.hword 11', '.hword 12');
  const of = async (known: Options['known']) =>
    (await outlineOf(fun('f', `${patched}\nret`) + ends, { known: known ?? {} })).executed('new', 'f', 'g');
  t.same(await of({}), ['new', 'f', 'g']);
  t.same(await of({ f: {} }), ['new', 'f', 'g']);
});

t.test('one that was followed from its callers is uncertain if others enter it', { skip }, async (t) => {
  const k = fun('k', 'ret');
  const known = { k: { callers: ['f'] } };
  const uncertain = async (hyp: string) => (await outlineOf(hyp + k + ends, { known })).uncertain;
  t.same(await uncertain(fun('f', 'bl k\nret')), []);
  t.same(await uncertain(fun('f', 'bl k\nbl e\nret') + fun('e', 'b k')), ['k'], 'another caller');
  t.same(await uncertain(fun('f', 'bl k\nadr x3, k\nret')), ['k'], 'its address is formed');
  const root = await outlineOf(fun('f', 'bl k\nret') + k, { known, enter: 'k' });
  t.same(root.uncertain, ['k'], 'it is an entry');
});

t.test('a computed address of another function enters it at any instruction', { skip }, async (t) => {
  const k = fun('k', 'adr x0, g + 4\nadd x0, x0, x1\nbr x0');
  const g = fun('g', 'ret\nret\nbl h\nret');
  const { executed, entered } = await outlineOf(fun('f', 'b k') + k + g + fun('h', 'ret'), {
    known: { k: {} },
  });
  t.same(executed('g', 'g+4', 'g+8', 'g+12', 'h'), ['g', 'g+4', 'g+8', 'g+12', 'h']);
  t.match(entered('g'), { isFlooded: true, namers: ['k'] });
});

t.test('code behind the end of a known function, without a symbol, is part of it', { skip }, async (t) => {
  const hyp = `${fun('f', 'cbz x0, .Lbehind\nret')}.Lbehind: bl g\nret\n${ends}`;
  for (const known of [{}, { f: {} }])
    t.same((await outlineOf(hyp, { known })).executed('f+8', 'f+12', 'g'), ['f+8', 'f+12', 'g']);
});

t.test('an address of hyp code that the host forms is handed out', { skip }, async (t) => {
  const more = `.globl host, g\n${fun('host', 'adrp x0, g\nadd x0, x0, :lo12:g\nret')}`;
  const { executed, uncertain } = await outlineOf(fun('f', 'ret') + ends, { more, enter: 'host' });
  t.same([executed('g'), uncertain], [['g'], []]);
});

t.test('it is bounded by what may be spent', { skip }, async (t) => {
  const { ground, at } = await groundedOn(fun('f', 'nop\n'.repeat(99)));
  const outline = new Outline(ground, ground.capabilities, new Effort(ground.space.image, 1e-5), 'all');
  outline.enter(at('f'));
  t.throws(() => outline.run(), /too involved to be followed/);
});

t.test('it covers what it has reached', { skip }, async (t) => {
  const { outline, code, at } = await outlineOf(
    fun('f', 'bl g\nbl k\nret\n.word 0') + fun('g', 'ret\nnop\nret') + fun('h', 'ret') + fun('k', 'ret'),
    {
      known: { k: {} },
      more: `host: ret\n.data\n.globl data\ndata: .quad f`,
    },
  );
  const covers = (part: 'called' | 'named' | 'flooded', ...places: readonly string[]) =>
    outline.covers({ ...boundsOf(code, []), [part]: new Set(places.map(at)) });
  t.equal(outline.covers(boundsOf(code, [])), true, 'nothing');
  for (const part of ['called', 'named'] as const) {
    t.equal(covers(part, 'f', 'g'), true, part);
    t.equal(covers(part, 'g', 'h'), false, part);
    t.equal(covers(part, 'k'), true, `${part}: a known function`);
    t.equal(covers(part, 'f+12'), true, `${part}: data among hyp code`);
    t.equal(covers(part, 'g+4'), false, `${part}: inside a function that is reached`);
    t.equal(covers(part, 'host', 'data'), true, `${part}: host code and data are not asked for`);
  }
  t.equal(covers('flooded', 'f+4'), true);
  t.equal(covers('flooded', 'g'), false, 'some of it is not reached');
});
