// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What becomes of an address of code is told without a walk where registers alone
// show it, and left to a walk elsewhere; and at random, what a screen denies that
// relies on it, the walk over all hyp code does not execute.
// (Of several thousand objects, one may be told where the walk over all is the less
// exact: it joins what comes from several callers.)
//
//   HYPCHECK_MUTANTS=N   how many random objects, of a quarter as many functions (200; 2000 show more)
//   HYPCHECK_SEED=S      the first one's seed (1); a failure names its own

import t from 'tap';
import { type Random, randomFrom } from '../execution/random.js';
import { without } from '../support/tools.js';
import { compareFrom, nothingCompared } from './screened.js';
import { alternative, fun, groundedOn, key, OTHER, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** What is done with the address that the first instruction of f forms: that of g, unless it is another's. */
const usesIn = async (body: string, others = fun('g', 'nop\nret'), target = 'g') => {
  const { ground, at } = await groundedOn(fun('f', body) + others);
  return ground.plainUsers.usesOf(at('f'), at(target));
};

const none = { isUsed: true, isMoved: false, isVectors: false };
const moved = { ...none, isMoved: true };
const vectors = { ...none, isVectors: true };
const spared = { ...none, isUsed: false };
const other = (old: string, replacement: string): string => alternative(old, replacement, OTHER);
/** What replaces it, a function of the host writes. */
const callback = `77: nop\n.pushsection .altinstructions, "a"\n.word 77b - ., host - .\n.hword ${OTHER}\n.byte 4, 0\n.popsection`;
const behindOthers = `${fun('first', 'nop')}${fun('g', 'nop\nret')}`;

const cases: readonly (readonly [body: string, uses: typeof none | null, why: string])[] = [
  ['adr x3, g\nblr x3\nret', none, 'it is called'],
  ['adr x3, g\nbr x3', none, 'it is branched to'],
  ['adr x3, g\nmov x4, x3\nmov x3, #0\nblr x4\nret', none, 'a copy is called'],
  ['adr x3, g\nmov x4, x3\nblr x4\nret', null, 'whoever is called gets the original'],
  ['adr x3, g\ncsel x3, x4, x3, eq\nblr x3\nret', none, 'it is selected'],
  ['adr x3, g\ncsinc x5, x4, x3, eq\nblr x5\nret', null, 'or something near it'],
  ['adr x3, g\ncsel w5, w4, w3, eq\nblr x5\nret', null, 'or half of it'],
  ['adr x3, g\ncmp x0, x3\nb.ne 1f\nnop\n1: ret', none, 'it is compared'],
  ['adr x3, g\nccmp x0, x3, #4, ne\nret', none, 'it is compared under a condition'],
  ['adr x3, g\ncbz x3, 1f\nblr x3\n1: ret', none, 'it is tested'],
  ['adr x3, g\nsub x3, x3, x6\nbr x3', moved, 'a number is subtracted'],
  ['adr x3, g\nand x3, x3, #0xffff\nret', moved, 'bits are cut'],
  ['adr x3, g\nadd x3, x3, #8\nbr x3', null, 'a constant is added'],
  ['adr x3, g\nmsr vbar_el2, x3\nret', vectors, 'it is put into VBAR_EL2'],
  ['adr x3, g\nmsr elr_el2, x3\neret', none, 'it is put into ELR_EL2'],
  ['adr x3, g\nstr x3, [x1]\nret', null, 'it is stored'],
  ['adr x3, g\nstp x4, x3, [sp]\nret', null, 'it is stored in a pair'],
  ['adr x3, g\nldr x4, [x3]\nret', null, 'it is read from'],
  ['adr x0, g\nret', moved, 'it is returned'],
  ['adr x0, g\nb keeps', moved, 'by another, too'],
  ['adr x0, g\nadr x3, keeps\nbr x3', moved, 'wherever control goes'],
  ['adr x3, g\nret', none, 'it is left where nobody looks'],
  ['adr x3, g\nmov x3, #0\nstr x3, [x1]\nret', none, 'it is overwritten'],
  ['adr x3, g\nmovk x3, #1\nblr x3\nret', null, 'a part of it is overwritten'],
  ['adr x3, g\nbl host\nret', none, 'a function of the host gets it'],
  ['adr x1, g\nbl takes\nret', null, 'a function of hyp code gets it that stores it'],
  ['adr x3, g\nbl takes\nblr x3\nret', none, 'or gets something else'],
  ['adr x1, g\nbl calls\nmov x1, #0\nret', none, 'or calls it'],
  ['adr x1, g\nbl hands\nret', null, 'or returns it'],
  ['adr x1, g\nb takes', null, 'at the end, too'],
  ['adr x1, g\ncbz x0, takes\nret', null, 'under a condition, too'],
  ['adr x1, g\nblr x2\nret', null, 'a function gets it that is not seen'],
  ['adr x20, g\nblr x2\nblr x20\nret', none, 'it is kept in a register that such a function preserves'],
  ['adr x3, g\nbr x2', null, 'control goes anywhere with it'],
  [`adr x3, g\n${key('1f')}\nblr x3\nret\n1: str x3, [x1]\nret`, null, 'behind a static key it is stored'],
  [`adr x3, g\n${other('nop', 'str x3, [x1]')}\nblr x3\nret`, null, 'a patch stores it'],
  [`adr x3, g\n${other('nop', 'mov x1, x3')}\nb takes`, null, 'a patch copies it'],
  [`adr x3, g\n${other('mov x1, x3', 'nop')}\nb takes`, null, 'a patch takes the copy away'],
  [`adr x3, g\n${other('nop', 'mov x1, x4')}\nb takes`, none, 'a patch does something else'],
  [`adr x3, g\n${other('mov x3, x4', 'nop')}\nstr x3, [x1]\nret`, null, 'a patch may leave it'],
  [`adr x3, g\n${other('mov x3, x4', 'mov x3, x5')}\nstr x3, [x1]\nret`, none, 'or does not'],
  [`adr x3, g\n${other('nop', 'b h')}\nblr x3\nret`, null, 'a patch branches'],
  [`adr x3, g\n${alternative('nop', 'str x3, [x1]')}\nblr x3\nret`, none, 'not on these machines'],
  [`adr x3, g\n${alternative('nop', 'mov x4, x3')}\nblr x4\nret`, null, 'what is called is not seen'],
  [`adr x3, g\nadr x9, h\n${alternative('nop', 'mov x9, x3')}\nblr x9\nret`, spared, 'only a patch uses it'],
  [`adr x1, g\nadr x9, h\n${alternative('nop', 'mov x9, x1')}\nblr x9\nret`, moved, 'it is left as a result'],
  [`adr x3, g\nadr x9, h\n${other('nop', 'mov x9, x3')}\nblr x9\nret`, none, 'a patch may use it'],
  [`adr x1, g\nadr x9, takes\n${other('nop', 'mov x9, x1')}\nblr x9\nret`, null, 'it is given to another'],
  [
    `adr x3, g\nadr x9, takes\nnop\n${other('nop', 'mov x9, x3')}\nblr x9\nret`,
    none,
    'which does not take it',
  ],
  [`adr x1, g\nadr x9, h\n${other('nop', 'mov x9, x5')}\nblr x9\nret`, null, 'or to who is not seen'],
  [`adr x1, g\nadr x2, takes\nadr x9, h\n${other('nop', 'mov x9, x2')}\nblr x9\nret`, null, 'to one of two'],
  [
    `adr x1, g\nadr x2, keeps\nadr x9, h\n${other('nop', 'mov x9, x2')}\nblr x9\nret`,
    moved,
    'of whom none takes it',
  ],
  [
    `adr x20, g\nadr x9, h\n${callback}\n${alternative('nop', 'mov x9, x20')}\nblr x9\nret`,
    none,
    'the host may write something that uses it',
  ],
  ['adr x1, g\nadr x9, h\nlabel: blr x9\nret', null, 'at a label, another may be called'],
  [`adr x1, g\nadr x9, takes\ncbz x0, 1f\nadr x9, h\n1: blr x9\nret`, null, 'to one of several'],
  ['adr x3, g\nnop', null, 'it falls into a function that stores it'],
];

t.test('what is done with an address', { skip }, async (t) => {
  const more = `${fun('keeps', 'ret')}${fun('takes', 'str x1, [x2]\nret')}${fun('calls', 'br x1')}${fun('hands', 'mov x0, x1\nret')}${behindOthers}`;
  for (const [body, uses, why] of cases) {
    const isFall = why.startsWith('it falls');
    const others = (isFall ? fun('stores', 'str x3, [x1]\nret') : '') + more + fun('h', 'ret');
    t.same(await usesIn(`${body}`, others), uses, `${why}: ${body.replaceAll('\n', '; ')}`);
  }
});

t.test('a label of the same function is told like others', { skip }, async (t) => {
  t.same(await usesIn('adr x3, 1f\nsub x3, x3, x6\nbr x3\n1: ret', '', 'f+12'), moved);
  t.same(await usesIn('adr x3, 1f\nbr x3\nnop\n1: ret', '', 'f+12'), none);
});

t.test('what replacement code forms is used where that is executed', { skip }, async (t) => {
  const { ground, at } = await groundedOn(
    fun('f', `${alternative('nop', 'add x3, x3, :lo12:g', OTHER)}\nstr x3, [x1]\nret`) + fun('g', 'ret'),
  );
  const [{ replacement } = { replacement: null }] = ground.tables.alternativesAt(at('f'));
  t.equal(ground.plainUsers.usesOf(replacement ?? 0, at('g')), null);
});

t.test('a literal is followed as well, what is loaded from code is not', { skip }, async (t) => {
  t.same(await usesIn('ldr x5, 1f\nsub x5, x5, x6\nbr x5\n.balign 8\n1: .quad g', behindOthers), moved);
  t.equal(await usesIn('ldr x5, [x5, :lo12:g]\nblr x5\nret'), null);
});

t.test('a function that hands its own register on is followed', { skip }, async (t) => {
  const of = (g: string) => usesIn('adr x3, g\nblr x3\nret', fun('g', g));
  t.same(await of('bl g\nret'), none, 'without end');
  t.same(await of('add x3, x3, #8\nbr x3'), null, 'it branches into itself');
  t.same(await of('mov x3, #1\nret'), none);
});

const OBJECTS = Math.ceil(Number(process.env.HYPCHECK_MUTANTS ?? 200) / 4);
const FIRST_SEED = Number(process.env.HYPCHECK_SEED ?? 1);
/** Groups of functions in an object, of which the first is entered. */
const GROUPS = 6;

/**
 * One of a few functions, which does all sorts of things with addresses of those behind it. None calls itself, where the walk
 * over all would be less exact, and none leaves anything in registers but in those of results: nobody looks there.
 */
const member = (names: readonly string[], index: number, random: Random): string => {
  const [own = '', next = '', ...behind] = names.slice(index);
  const register = (): string => random.pick(['x0', 'x1', 'x2', 'x3', 'x9']);
  const move = (): string => `mov ${register()}, ${register()}`;
  const callee = index === 0 ? next : 'host';
  const named = index === 0 ? behind : [...behind, own];
  const place = (): string => `${random.pick(named)} + ${random.pick([0, 0, 4, 8])}`;
  const form = (): string => {
    const formed = register();
    return `add ${formed}, ${formed}, :lo12:${place()}`;
  };
  const leave = random.pick(['ret', 'ret', 'eret']);
  const calls = index < 2 ? 1 : 0;
  const choices: readonly (readonly [number, () => string])[] = [
    [6, () => `adr ${register()}, ${place()}`],
    [3 * calls, () => `blr ${register()}`],
    [calls, () => `br ${register()}`],
    [3, move],
    [2, () => `csel ${register()}, ${register()}, ${register()}, eq`],
    [1, () => `add ${register()}, ${register()}, #${random.pick([4, 8])}`],
    [1, () => `sub ${register()}, ${register()}, x19`],
    [1, () => `cmp ${register()}, ${register()}`],
    [1, () => `mov ${register()}, #${4 * random.below(5)}`],
    [1, () => `str ${register()}, [sp, #${8 * random.below(2)}]`],
    [1, () => `ldr ${register()}, [sp, #${8 * random.below(2)}]`],
    [1, () => `str ${register()}, [x19]`],
    [2 * calls, () => `bl ${callee}`],
    [calls, () => `b ${callee}`],
    [1, () => `msr ${random.pick(['vbar_el2', 'elr_el2'])}, ${register()}`],
    [1, () => `cbz ${register()}, 9f`],
    [1, () => key('9f')],
    [1, () => alternative(move(), move(), random.pick([VHE, OTHER]))],
    [2, () => alternative('nop', move(), random.pick([VHE, OTHER]))],
    [1, () => alternative('nop', form(), random.pick([VHE, OTHER]))],
  ];
  const body = Array.from({ length: 2 + random.below(6) }, () => random.weighted(choices)());
  return fun(own, [...body, 'nop', '9: nop', 'mov x2, #0', 'mov x3, #0', 'mov x9, #0', leave].join('\n'));
};

const group = (number: number, random: Random): string => {
  const names = ['f', 'g', 'k', 'h'].map((name) => `${name}${number}`);
  return names.map((_, index) => member(names, index, random)).join('');
};

t.test('at random, nothing is denied that the walk over all executes', { skip }, async (t) => {
  const sum = nothingCompared();
  let settled = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + OBJECTS; seed++) {
    const random = randomFrom(seed);
    const hyp = Array.from({ length: GROUPS }, (_, number) => group(number, random)).join('');
    const { ground, at } = await groundedOn(hyp, '.data\n.quad f0');
    const entries = Array.from({ length: GROUPS }, (_, number) => at(`f${number}`));
    for (const entry of entries) {
      const { start, end } = ground.code.extentAt(entry);
      for (let pc = start; pc < end; pc += 4) {
        const instruction = ground.code.instructionAt(pc);
        if (instruction.operation?.kind !== 'address') continue;
        if (ground.plainUsers.usesOf(pc, pc + instruction.operation.displacement)) settled++;
      }
    }
    compareFrom(ground, entries, `HYPCHECK_SEED=${seed}`, sum);
  }
  t.same([...sum.denied], []);
  t.ok(settled > OBJECTS, `${settled} addresses needed no walk`);
  t.ok(sum.executed > OBJECTS * 20, `${sum.executed} words executed`);
  t.ok(sum.spared > OBJECTS, `${sum.spared} functions spared`);
});
