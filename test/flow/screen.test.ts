// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What can be left out without a walk over all hyp code, and that nothing is which
// such a walk executes: in the samples, in mutants of them, in random objects.
//
//   HYPCHECK_MUTANTS=N   how many random objects, and a quarter as many mutants (200; 2000 show more)
//   HYPCHECK_SEED=S      the first one's seed (1); a failure names its own

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAX_HELPER } from '../../lib/flow/contexts.js';
import { Effort } from '../../lib/flow/effort.js';
import type { Ground } from '../../lib/flow/ground.js';
import { Screen } from '../../lib/flow/screen.js';
import { without } from '../support/tools.js';
import { apply, mutantOf, readSpecimen } from './mutants.js';
import { randomObject } from './random-object.js';
import {
  type Compared,
  compareAsEntered,
  compareFrom,
  enterAt,
  groundOf,
  type NewScreen,
  newScreen,
  nothingCompared,
} from './screened.js';
import { alternative, fun, groundedOn, key, test, VHE } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** For each place whether it may be executed, and how many functions were walked by themselves to tell. */
const screened = async (hyp: string, places: readonly string[], more?: string) => {
  const { ground, at } = await groundedOn(hyp, more);
  let walked = 0;
  const make = ground.newWalk.bind(ground);
  const newWalk: Ground['newWalk'] = (machines, follows, effort) => {
    if (typeof follows !== 'string') walked += follows.functions.size;
    return make(machines, follows, effort);
  };
  Object.assign(ground, { newWalk });
  const screen = new Screen(ground);
  return { may: places.map((place) => screen.mayExecute([at(place)])), walked };
};

const frame = 'stp x29, x30, [sp, #-16]!\n';
const unframe = 'ldp x29, x30, [sp], #16\nret';
const ends = fun('g', 'ret') + fun('h', 'ret');

t.test('what nothing leads to, or a key or alternative of VHE alone, needs no walk', { skip }, async (t) => {
  const of = (body: string) => screened(fun('f', body) + ends, ['h']);
  const denied = { may: [false], walked: 0 };
  t.same(await of(`${frame}bl g\n${unframe}`), denied);
  t.same(await of(`${frame}bl g\n${key('1f')}\n${unframe}\n1: bl h\n${unframe}`), denied);
  t.same(await of(`${frame}bl g\n${alternative('nop', 'bl h')}\n${unframe}`), denied);
  const other = alternative('nop', 'bl h').replace('.hword 11', '.hword 12');
  t.same(await of(`${frame}${other}\n${unframe}`), { may: [true], walked: 0 }, 'of another capability');
});

t.test('if one of several places may be executed, the answer is yes', { skip }, async (t) => {
  const { ground, at } = await groundedOn(fun('f', 'bl g\nret') + ends);
  const screen = new Screen(ground);
  t.equal(screen.mayExecute([at('h'), at('g')]), true);
  t.equal(screen.mayExecute([at('h'), at('h')]), false);
  t.equal(screen.mayExecute([]), false);
});

t.test('a function that asks for VHE is walked by itself if it leads to the place', { skip }, async (t) => {
  const asks = `${test}b.eq 1f\n`;
  t.same(await screened(fun('f', `${frame}${asks}bl h\n1: bl g\n${unframe}`) + ends, ['h']), {
    may: [false],
    walked: 1,
  });
  const above = fun('f', `${frame}${asks}bl k\n1: bl g\n${unframe}`) + fun('k', 'b h');
  t.same(await screened(above + ends, ['h', 'g']), { may: [false, true], walked: 1 }, 'two calls above it');
  const other = fun('f', `${frame}${asks}bl g\n1: bl k\n${unframe}`) + fun('k', 'b h');
  t.same(await screened(other + ends, ['h', 'g']), { may: [true, false], walked: 1 }, 'not what it guards');
  const entered = '.data\n.quad f, k';
  t.same(await screened(above + ends, ['h'], entered), { may: [true], walked: 0 }, 'a way without a guard');
});

t.test('a guard may be kept in a register', { skip }, async (t) => {
  const bit = 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\nand x19, x9, #0x800\n';
  const over = fun('f', `${frame}${bit}bl k\ncbz x19, 1f\nbl h\n1: bl g\n${unframe}`) + fun('k', 'ret');
  t.same((await screened(over + ends, ['g', 'h'])).may, [true, false], 'over a call');
  const taken = fun('f', `${frame}${bit}bl k\n${unframe}`) + fun('k', 'cbz x19, 1f\nb h\n1: b g');
  t.same((await screened(taken + ends, ['g', 'h'])).may, [true, true], 'a callee’s: left to the walk');
  const unknown = over.replace('#0x800', '#0x1000');
  t.same((await screened(unknown + ends, ['g', 'h'])).may, [true, true], 'another capability');
});

/** hyp_alternate_select(), which Linux had up to 5.4: two functions, and which of them is called with VHE. */
const selects = `adr x0, g\nadr x1, h\n${alternative('nop', 'mov x0, x1')}\n`;

t.test('of two functions whose addresses are formed, the walk knows which is called', { skip }, async (t) => {
  const of = (call: string) =>
    screened(fun('f', `${frame}${selects}${call}\nmov x1, #0\n${unframe}`) + ends, ['g', 'h']);
  t.same((await of('mov x1, #0\nblr x0')).may, [true, false]);
  t.same((await of('str x1, [x2]\nmov x1, #0\nblr x0')).may, [true, true], 'the other one is stored');
});

t.test('a small function that returns an address is followed from its callers', { skip }, async (t) => {
  const k = fun('k', `${selects}ret`);
  const calls = `${frame}bl k\nmov x1, #0\nblr x0\n`;
  const f = fun('f', `${calls}${unframe}`);
  const may = async (...args: Parameters<typeof screened>) => (await screened(...args)).may;
  t.same(await may(f + k + ends, ['g', 'h']), [true, false]);
  const two = fun('f', `${calls}bl e\n${unframe}`) + fun('e', `${calls}${unframe}`);
  t.same(await may(two + k + ends, ['g', 'h']), [true, false], 'from both');
  const other = fun('f', `${calls}bl e\n${unframe}`) + fun('e', `${frame}bl k\nblr x1\n${unframe}`);
  t.same(await may(other + k + ends, ['g', 'h']), [true, true], 'one of which calls the other function');
  t.same(
    await may(f + k + ends, ['g', 'h'], '.data\n.quad f, k'),
    [true, true],
    'not if somebody else calls it',
  );
  const large = fun('k', `${selects}ret\n.fill ${MAX_HELPER / 4}, 4, 0xd503201f`);
  t.same(await may(f + large + ends, ['g', 'h']), [true, true], 'not if it is large');
});

t.test('an address goes through what a callee may change, or leave as it is', { skip }, async (t) => {
  const of = async (formed: string, callee: string, call: string) =>
    (
      await screened(fun('f', `${frame}${formed}\nbl k\n${call}\n${unframe}`) + fun('k', callee) + ends, [
        'g',
        'h',
      ])
    ).may;
  const g = 'adr x19, g';
  t.same(await of(g, 'ret', 'blr x19'), [true, false], 'k keeps x19');
  t.same(await of(g, 'cbz x0, 1f\nmov x19, #0\n1: ret', 'blr x19'), [true, false], 'k may keep x19');
  t.same(await of(g, 'mov x20, x19\nmov x19, #0\nret', 'blr x20'), [true, false], 'k moves it');
  const h = 'adr x2, h';
  t.same(await of(h, 'ret', 'blr x2'), [false, true], 'k leaves x2 alone');
  t.same(await of(h, 'cbz x0, 1f\nmov x2, #0\n1: ret', 'blr x2'), [false, true], 'k may overwrite x2');
});

t.test('what is behind a branch into the middle of another function is executed', { skip }, async (t) => {
  // .L labels are no symbols: what stands behind them belongs to the function in front.
  const formed = 'adr x0, g\nstr x0, [x1]\n';
  const k = fun('k', 'ret\n.Lmiddle: bl h\nret');
  const may = async (hyp: string, place: string) => (await screened(hyp + ends, [place])).may;
  const branches: Readonly<Record<string, string>> = {
    'a jump': 'b .Lmiddle',
    'a conditional branch': 'cbz x1, .Lmiddle\nret',
    'through a register': 'adr x2, .Lmiddle\nbr x2',
    'in replacement code': `${alternative('nop', 'b .Lmiddle').replace('.hword 11', '.hword 12')}\nret`,
    'of a static key': `${key('.Lmiddle').replace('16 * 11', '16 * 12')}\nret`,
  };
  for (const [what, branch] of Object.entries(branches)) {
    t.same(await may(fun('f', formed + branch) + k, 'k+4'), [true], what);
    t.same(await may(fun('f', formed + branch) + k, 'h'), [true], `${what}, and what is called there`);
  }
  t.same(await may(fun('f', `${test}b.eq 1f\nnop\n1: b .Lmiddle`) + k, 'k+4'), [true], 'out of a guard');
  const behind = `${fun('f', `${formed}cbz x1, .Lmiddle\nret`)}.Lmiddle: bl h\nret\n`;
  t.same(await may(behind, 'f+16'), [true], 'behind the end of a sized function');
});

t.test('what was known of a function grows when it is entered elsewhere', { skip }, async (t) => {
  const k = 'adr x1, g\nstr x1, [x2]\nret\n';
  const f = fun('f', 'adr x0, k\nadd x0, x0, #12\nbr x0');
  const may = async (places: readonly string[]) =>
    (await screened(f + fun('k', `${k}add x0, x0, #1\nret`) + ends, places)).may;
  t.same(await may(['k+12']), [true]);
  t.same(await may(['k+12', 'k', 'g']), [true, true, false], 'g: another question of the same screen');
});

t.test(
  'a function followed from its caller leaves the caller’s own guard to be walked',
  { skip },
  async (t) => {
    const f = fun('f', `${frame}${test}b.eq 1f\nbl g\n1: bl k\n${unframe}`);
    const k = fun('k', `${frame}adr x1, h\nblr x1\n${unframe}`);
    const { may, walked } = await screened(f + k + ends, ['h', 'f', 'f+24', 'k', 'g']);
    t.same(may, [true, true, true, true, false]);
    t.equal(walked, 4, 'k; k from f, and f; nobody calls f, which is not walked as if somebody did');
  },
);

t.test('a distance may be read in one function, and added in another', { skip }, async (t) => {
  const k = fun('k', 'adr x3, table\nldrsw x0, [x3, x0, lsl #2]\nret');
  const table = (base: string) => `.balign 4\ntable: .word h - ${base}\n`;
  const may = async (hyp: string) => (await screened(hyp, ['h'])).may;
  const other = fun('f', `${frame}bl k\nadr x1, g\nadd x1, x1, x0\nblr x1\n${unframe}`);
  t.same(await may(other + k + ends + table('g')), [true]);
  const own = fun('f', `bl k\nadr x1, 1f\nadd x1, x1, x0\nbr x1\n1: ret`);
  t.same(await may(own + k + ends + table('1b')), [true], 'as a switch does');
});

t.test('no more than fifty functions are walked by themselves', { skip }, async (t) => {
  const many = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `k${index}`);
    const all = names.map((name) => fun(name, 'adr x0, g\nstr x0, [x1]\nret')).join('');
    return screened(fun('f', `${names.map((name) => `bl ${name}\n`).join('')}ret`) + all + ends, ['h']);
  };
  t.same(await many(50), { may: [false], walked: 50 });
  t.same((await many(51)).may, [true]);
});

t.test('a caller may branch to a result plus a number', { skip }, async (t) => {
  const k = fun('k', 'adr x0, g\nret');
  const g = fun('g', 'ret\nnop\nbl h\nret');
  const of = async (body: string) =>
    (await screened(fun('f', `${frame}bl k\n${body}`) + k + g + fun('h', 'ret'), ['h'])).may;
  t.same(await of('add x0, x0, #8\nbr x0'), [true]);
  t.same(await of('mov x3, #8\nadd x3, x3, x0\nblr x3\nret'), [true]);
  t.same(await of('br x0'), [false]);
});

t.test('a function is not walked again for each instruction at which it is entered', { skip }, async (t) => {
  const formed = 'adr x0, g\nstr x0, [x1]\n';
  const floods = fun('f', 'adr x0, k\nadd x0, x0, x1\nbr x0') + fun('k', `${formed}ret\nbl h\nret`);
  t.same(await screened(floods + fun('e', 'ret') + ends, ['k+12', 'h', 'e']), {
    may: [true, true, false],
    walked: 2,
  });
  const inside = fun('f', `${formed}bl .Linside\nret\n.Linside: ret`);
  t.same(await screened(inside + ends, ['f+16', 'h']), { may: [true, false], walked: 1 });
});

t.test('what is too involved may be executed', { skip }, async (t) => {
  const deep = (count: number) =>
    fun('f', 'adr x5, g\nb k1') +
    Array.from({ length: count }, (_, index) => fun(`k${index + 1}`, `b k${index + 2}`)).join('') +
    fun(`k${count + 1}`, 'br x5');
  t.same((await screened(deep(4) + ends, ['g', 'h'])).may, [true, false]);
  t.same((await screened(deep(5) + ends, ['g', 'h'])).may, [true, true], 'an address is lost');
  const { ground, at } = await groundedOn(fun('f', 'ret') + ends);
  Object.assign(ground, { efforts: { ...ground.efforts, outlining: new Effort(ground.space.image, 1e-9) } });
  t.equal(new Screen(ground).mayExecute([at('h')]), true, 'nothing may be spent');
});

t.test('a host function that leads to hyp code is walked if it asks for VHE', { skip }, async (t) => {
  const of = (body: string) =>
    screened(`.globl f\n${fun('f', 'ret')}${ends}`, ['f', 'h'], `.globl host\n${fun('host', body)}`);
  t.same(await of('bl f\nret'), { may: [true, false], walked: 0 });
  t.same(await of(`${key('1f')}\nret\n1: bl f\nret`), { may: [false, false], walked: 0 });
  t.same(await of(`${test}b.eq 1f\nbl f\n1: ret`), { may: [false, false], walked: 1 });
  t.same((await of(`${test}b.eq 1f\nlabel: bl f\n1: ret`)).may, [true, false], 'entered behind the test');
  t.same(
    (await of(`${test}b.eq 1f\nadrp x0, f\nadd x0, x0, :lo12:f\n1: ret`)).may,
    [true, false],
    'an address that the host forms counts as handed out',
  );
});

t.test('if nothing leads to a call of the host, only a walk can tell', { skip }, async (t) => {
  const of = (body: string) =>
    screened(fun('f', 'bl g\nret') + ends, ['f', 'g', 'h'], `.globl host\n${fun('host', body)}`);
  t.same(await of('ret\nbl f\nret'), { may: [true, true, false], walked: 0 }, 'what it calls calls no h');
  const ready = key('1f').replace(/cpu_hwcap_keys.*? - /, 'arm64_const_caps_ready - ');
  const may = [false, false, false];
  t.same(await of(`${ready}\nbl f\n1: ret`), { may, walked: 0 }, 'it is reached before KVM runs');
});

t.test(
  'to an address that the host hands out, anything may be added but to a function',
  { skip },
  async (t) => {
    const f = 'ret\nbl h\nlabel: ret';
    const of = (target: string) => {
      const host = `adrp x0, ${target}\nadd x0, x0, :lo12:${target}\nadd x0, x0, x5\nbl k\nret`;
      const hyp = fun('f', f) + ends + fun('k', 'ret');
      return screened(hyp, ['f', 'g', 'h'], `.globl host, label, g, k\n${fun('host', host)}`);
    };
    t.match(await of('g'), { may: [false, true, false] });
    t.match(await of('label'), { may: [true, false, true] });
  },
);

t.test('what the host executes, only its own code tells', { skip }, async (t) => {
  const more = `.globl host, other, f\n${fun('host', 'bl f\nret')}${fun('other', 'ret')}`;
  t.same(await screened(fun('f', 'ret') + ends, ['host', 'other'], more), { may: [true, false], walked: 0 });
});

t.test('the host may branch by a table of labels', { skip }, async (t) => {
  const tables = '.section .rodata, "a"\ntable: .quad .Lone, .Ltwo\n';
  const f = 'ret\n.Lone: bl g\nret\n.Ltwo: bl h\nret';
  const of = (host: string) =>
    screened(fun('f', f) + ends, ['g', 'h'], `.globl host\n${fun('host', host)}${tables}.data\n.quad f`);
  t.same(await of('adrp x0, table\nadd x0, x0, :lo12:table\nbl f\nret'), { may: [true, true], walked: 0 });
});

t.test('replacement code may be shared with the host', { skip }, async (t) => {
  const rows = (site: string) => `.word ${site} - ., new - .\n.hword ${VHE + 1}\n.byte 4, 4\n`;
  const tables = `.section .altinstr_replacement, "ax"\nnew: b h\n.section .altinstructions, "a"\n`;
  const host = `.globl host\n${fun('host', 'nop\nret')}`;
  const of = (sites: readonly string[]) =>
    screened(
      fun('f', 'ret\nnop\nret') + ends,
      ['h'],
      `${host}${tables}${sites.map(rows).join('')}.data\n.quad f`,
    );
  t.same(await of(['f + 4']), { may: [false], walked: 0 });
  t.same(await of(['f + 4', 'host']), { may: [true], walked: 0 });
});

t.test('what the outline gives up on is left to the walk', { skip }, async (t) => {
  const of = (body: string) => screened(fun('f', body) + ends, ['h']);
  t.same(await of('bl g\n.word 0xd503201f\nret'), { may: [true], walked: 0 }, 'data that are executed');
  t.same(await of('add x30, x30, #4\nret'), { may: [true], walked: 0 }, 'a computed return address');
});

const OBJECTS = Number(process.env.HYPCHECK_MUTANTS ?? 200);
const FIRST_SEED = Number(process.env.HYPCHECK_SEED ?? 1);
/** Without these variables, not all of what is alike is tried. */
const isShort = process.env.HYPCHECK_MUTANTS === undefined;
const seeds = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => FIRST_SEED + index);

const samples = ['test/samples/flow', 'test/samples/hyp-text'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .sort()
    .map((name) => join(folder, name)),
);
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** Every how many-th of the entries of an object. */
const someEntries = (ground: Ground, step: number, first: number): readonly number[] =>
  [...ground.code.hypEntries].filter((_, index) => (index + first) % step === 0);

/**
 * In one object of some 300 the walk of one function knows more than that over all hyp code, in which is joined what
 * different callers bring: a guard of VHE in a register, an index, a call of what calls itself forever. Whether no processor
 * gets to the words that are told of then has to be read; so few objects of many may have some.
 */
const mayKnowMore = (objects: number): number => Math.floor(objects / 100);

/** `objects`: how many were compared; `least`: that many words and entries make it worth something. */
const enough = (t: Test, { executed, denied, spared }: Compared, objects: number, least: number): void => {
  const told = [...denied].map(([title, words]) => `${title} ${words.slice(0, 9).join(', ')}`);
  if (denied.size <= mayKnowMore(objects)) for (const one of told) t.comment(one);
  else t.same(told, []);
  t.ok(executed > least && spared > least, `${executed} words are executed, ${spared} entries denied`);
};

t.test('nothing that a walk executes is denied in the samples, wherever they are entered', async (t) => {
  const sum = nothingCompared();
  for (const [index, path] of samples.entries()) {
    const ground = await groundOf(bytesOf(path));
    compareAsEntered(ground, path, sum);
    // What compilers make of one source is much alike.
    const step = isShort && /\.(gcc|clang)-.*\.o$/.test(path) ? 8 : 1;
    compareFrom(ground, someEntries(ground, step, index), path, sum);
  }
  enough(t, sum, 0, 20_000);
});

t.test('nor in mutants of the samples', async (t) => {
  const specimens = [];
  // The second of two has the same source, compiled in another way.
  for (const path of samples.filter(
    (path, index) => path.includes('/flow/') && (!isShort || index % 2 === 0),
  ))
    specimens.push(await readSpecimen(path, bytesOf(path)));
  const some = specimens.filter(({ kinds }) => kinds.length > 0);
  const sum = nothingCompared();
  const mutants = Math.ceil(OBJECTS / 4);
  for (const seed of seeds(mutants)) {
    const mutant = mutantOf(seed, some);
    if (!mutant) continue;
    const { specimen, changes } = mutant;
    const title = `HYPCHECK_SEED=${seed}, ${specimen.path}`;
    const ground = await groundOf(apply(specimen.bytes, changes));
    compareAsEntered(ground, title, sum);
    // Where hyp code may call a host function that leads back, the host's roots cannot be left out.
    if (ground.roots.hostCalls.length > 0) continue;
    compareFrom(ground, someEntries(ground, isShort ? 2 : 1, seed), title, sum);
  }
  enough(t, sum, mutants, OBJECTS);
});

t.test('nor in random objects', async (t) => {
  // With symbols as labels, each has ten times as many entries.
  for (const [label, share, step] of [
    ['label_', 1 / 4, 4],
    ['.L', 3 / 4, 2],
  ] as const) {
    const sum = nothingCompared();
    const objects = Math.ceil(OBJECTS * share);
    for (const seed of seeds(objects)) {
      const ground = await groundOf(randomObject(seed, label));
      compareFrom(ground, someEntries(ground, step, seed), `HYPCHECK_SEED=${seed}, ${label}`, sum);
    }
    enough(t, sum, isShort ? 0 : objects, OBJECTS);
  }
});

t.test('a screen that is wrong is found out', async (t) => {
  const path = 'test/samples/flow/keys.gcc-O2-keys16.o';
  const deniedBy = async (vhe: number | null, screenOf: NewScreen): Promise<number> => {
    const ground = await groundOf(bytesOf(path), vhe);
    const sum = nothingCompared();
    compareFrom(ground, someEntries(ground, 1, 0), path, sum, screenOf);
    return sum.denied.get(path)?.length ?? 0;
  };
  t.equal(await deniedBy(VHE, newScreen), 0);
  const other = await groundOf(bytesOf(path));
  const ofOthers: NewScreen = (ground) => {
    for (const address of ground.roots.entries.keys()) enterAt(other, address);
    return newScreen(other);
  };
  t.ok((await deniedBy(null, ofOthers)) > 10, 'of machines without VHE, if VHE may be on');
  const forgetful: NewScreen = (ground) => {
    const screen = newScreen(ground);
    const [first = 0] = ground.code.hypEntries;
    const { start, end } = ground.code.extentAt(first);
    return { mayExecute: (places) => screen.mayExecute(places.filter((at) => at < start || at >= end)) };
  };
  t.ok((await deniedBy(VHE, forgetful)) > 0, 'that has forgotten a function');
});
