// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The advice on a call of a helper that was emitted out of line, and on what the helper
// calls. Debug information is made up: it says in which line a function is declared.

import t from 'tap';
import { coverAt } from '../../lib/code/functions.js';
import type { SourceFrame, Subprogram } from '../../lib/dwarf/source-frame.js';
import { declarationOf, InlineAdvisor, type LocatorOf, obstacleOf } from '../../lib/inline/advice.js';
import type { Place } from '../../lib/link/place.js';
import { fun, readCode } from '../flow/walked.js';
import { without } from '../support/tools.js';
import { declarationsIn } from './declared.js';

const skip = without('aarch64-linux-gnu-as');

const frame = (line: number, file = 'h.h', name: string | null = null): SourceFrame => ({
  ...{ file, line, column: 19, directory: null, function: name },
});

interface Setting {
  /** The lines of h.h: `static inline int NAME(void)`, with NAME in column 19. */
  readonly lines?: readonly string[];
  /** Functions whose debug information differs from the line that names them; null: they have none. */
  readonly declared?: Readonly<Record<string, Partial<Subprogram> | null>>;
  readonly isExecuted?: (place: Place) => boolean;
  /** The line of the call. */
  readonly callAt?: SourceFrame;
  readonly files?: Readonly<Record<string, string>>;
}

const hint = (name: string, body = '{ return 0; }'): string => `static inline int ${name}(void) ${body}`;

/** The notes and fixes for the call of a name from f. */
const advised = async (host: string, to: string, setting: Setting = {}) => {
  const { lines = [], declared = {}, isExecuted = () => true, callAt, files = {} } = setting;
  const { image, space, at } = await readCode(`.globl f\n${fun('f', 'bl g\nret')}`, host);
  const read = declarationsIn({ 'h.h': lines.join('\n'), ...files });
  const locatorOf: LocatorOf = () => ({
    framesAt: () => ({ frames: callAt ? [callAt] : [], problem: null }),
    subprogramAt: (section, offset) => {
      const [object] = image.objects;
      const name = object && coverAt({ object, section, offset })?.name;
      if (name === undefined || declared[name] === null) return null;
      const line = lines.findIndex((text) => text.includes(`${name}(void)`)) + 1;
      return { name, inline: 0, declaration: frame(line), ...declared[name] };
    },
  });
  const advisor = new InlineAdvisor(image, read, locatorOf, isExecuted);
  const place = (name: string) => {
    const found = space.placeOf(at(name));
    if (!found) throw new Error(name);
    return found;
  };
  const told = (name: string) => {
    const advice = advisor.forCall(place(name), place('f'));
    return (
      advice && {
        notes: advice.notes.map(
          ({ message, place: where }) =>
            `${where && 'line' in where ? `${where.line}: ` : ''}${message.replaceAll(/[‘’]/g, "'")}`,
        ),
        fixes: advice.fixits.map(({ start, text }) => `${start.line}:${start.column} ${text}`),
      }
    );
  };
  return { ...(told(to) ?? { notes: null, fixes: null }), told };
};

const out = (name: string, line: number): string =>
  `${line}: inline function '${name}' was emitted out of line; it is declared here`;

t.test('an inline helper has a note at its declaration, and a fix', { skip }, async (t) => {
  const one = await advised(fun('g', 'ret'), 'g', { lines: ['', hint('g')] });
  t.same(one.notes, [out('g', 2)]);
  t.same(one.fixes, ['2:8 __always_inline']);
  const middle = await advised(fun('g', 'nop\nret'), 'g+4', { lines: [hint('g')] });
  t.same(middle.notes, [out('g', 1)], 'a call of a place inside it');
  t.same(one.told('g'), one.told('g'), 'the same when asked again');
});

t.test('a function that is not inline, not known or hyp code has no advice', { skip }, async (t) => {
  const silent = async (line: string, more: Setting = {}) =>
    (await advised(fun('g', 'ret'), 'g', { lines: [line], ...more })).notes;
  t.equal(await silent('static int g(void) { return 0; }'), null, 'no hint');
  t.same(await silent('static int g(void) { return 0; }', { declared: { g: { inline: 2 } } }), [out('g', 1)]);
  t.equal(await silent('static int g(void) { return 0; }', { declared: { g: { inline: 1 } } }), null);
  t.equal(await silent(hint('g'), { declared: { g: null } }), null, 'no debug information');
  t.equal(await silent(hint('g'), { declared: { g: { declaration: null } } }), null);
  t.equal(await silent(hint('g'), { declared: { g: { name: null } } }), null);
  t.equal(await silent(hint('g'), { declared: { g: { declaration: frame(0) } } }), null, 'no line');
  t.equal(
    await silent(`__attribute__((section(".hyp.text"))) ${hint('g')}`),
    null,
    'hyp code, inlined or not',
  );
});

t.test('where the file cannot be read, a static function may be inline', { skip }, async (t) => {
  const of = (host: string, inline: number) =>
    advised(host, 'g', { declared: { g: { inline, declaration: frame(7, 'missing.h') } } });
  const maybe = "7: 'g' is declared here, maybe inline: the source cannot be read (--source)";
  t.same((await of(fun('g', 'ret'), 0)).notes, [maybe]);
  t.equal((await of(`.globl g\n${fun('g', 'ret')}`, 0)).notes, null);
  t.same((await of(`.globl g\n${fun('g', 'ret')}`, 2)).notes, [
    out('g', 7),
    "declare 'g' '__always_inline'; its source cannot be read here",
  ]);
});

t.test('functions that the helper calls are advised on, too', { skip }, async (t) => {
  const lines = [hint('g'), hint('h'), hint('i'), 'int plain(void) { return 0; }'];
  const { notes, fixes } = await advised(
    `.globl plain, nowhere\n${fun('g', 'bl h\nbl plain\nbl nowhere\nbl __asan_load8_noabort\nbl f\nret')}${fun('h', 'bl i\nbl g\nret')}${fun('i', 'ret')}${fun('plain', 'ret')}`,
    'g',
    { lines },
  );
  t.same([...(notes ?? [])].sort(), [
    "'g' itself calls 'nowhere', which is not inline",
    "'g' itself calls 'plain' (section '.text'), which is not inline",
    out('g', 1),
    "2: inline function 'h', which 'g' calls, is declared here",
    "3: inline function 'i', which 'h' calls, is declared here",
  ]);
  t.same(fixes, ['1:8 __always_inline', '2:8 __always_inline', '3:8 __always_inline']);
  const host = fun('g', 'bl h\nbl i\nret') + fun('h', 'ret') + fun('i', 'ret');
  const hyp = { lines: [hint('g'), `__attribute__((section(".hyp.text"))) ${hint('h')}`, hint('i')] };
  t.same((await advised(host, 'g', hyp)).notes?.length, 2, 'a callee that is hyp code needs no change');
  const partly = await advised(host, 'g', { lines, isExecuted: ({ offset }) => offset !== 0 });
  t.same(partly.notes?.length, 3, 'in a function that is not executed all calls count');
  const walked = await advised(host, 'g', { lines, isExecuted: ({ offset }) => offset !== 4 });
  t.same(walked.notes?.slice(1), ["2: inline function 'h', which 'g' calls, is declared here"]);
});

t.test('a callee that cannot be edited has a note that says why', { skip }, async (t) => {
  const host = fun('g', 'bl h\nret') + fun('h', 'ret');
  const { notes, fixes } = await advised(host, 'g', {
    lines: ['inline int g(void) { return 0; }', hint('h', '{ return h(); }')],
  });
  t.same(notes, [
    out('g', 1),
    "2: inline function 'h', which 'g' calls, is declared here",
    "'h' calls itself, so that it cannot be inlined wholly: make it hyp code",
  ]);
  t.same(fixes, ['1:1 __always_inline']);
});

t.test(
  'of identical functions that were merged, the source at the call says which is meant',
  { skip },
  async (t) => {
    const host = '.type g, %function\n.type h, %function\ng: h: ret\n.size g, 4\n.size h, 4\n';
    const lines = [hint('g'), hint('h')];
    const call = { 'c.c': 'int f(void) { return\nh() + g() + k(); }' };
    const at = (column: number): SourceFrame => ({ ...frame(2, 'c.c', 'f'), column });
    const declared = { h: { name: 'g', declaration: frame(1) }, g: { name: 'g', declaration: frame(1) } };
    const of = (column: number) => advised(host, 'g', { lines, files: call, callAt: at(column), declared });
    const merged = "the compiler made one function of 'g' and 'h' (-fipa-icf)";
    t.same((await of(1)).notes, [out('h', 2), merged]);
    t.same((await of(1)).fixes, ['2:8 __always_inline']);
    t.same((await of(7)).notes, [out('g', 1), merged], 'the other function');
    t.same((await of(13)).notes, [out('g', 1), merged], 'a call of neither: the name in debug information');
    t.same(
      (await advised(host, 'g', { lines, declared })).notes,
      [out('g', 1), merged],
      'no line of the call',
    );
  },
);

t.test('a note gives the cause that the object shows', { skip }, async (t) => {
  const { notes } = await advised(`${fun('g', 'ret')}.data\n.quad g`, 'g', { lines: [hint('g')] });
  t.same(notes, [out('g', 1), 'possible cause: its address is taken']);
});

t.test('each kind of declaration that is not edited has its sentence', async (t) => {
  const plain = { name: 'g', place: { file: 'h.h', line: 1, column: 1 }, isHint: true };
  const sentence = (
    kind: 'always' | 'hyp' | 'user-space' | 'fixed' | 'recursive' | 'unreadable' | 'unclear',
  ) => obstacleOf({ ...plain, kind });
  t.equal(sentence('always'), null);
  t.equal(sentence('hyp'), null);
  t.equal(obstacleOf({ ...plain, kind: 'editable', fixes: [] }), null);
  t.match(sentence('user-space'), /include\/uapi.*a helper of its own/);
  t.match(obstacleOf({ ...plain, kind: 'macro', macro: 'MADE' }), /‘MADE’, which is not edited here/);
  t.match(sentence('unreadable'), /cannot be read here/);
  t.match(sentence('recursive'), /calls itself/);
  t.match(sentence('unclear'), /does not declare it here/);
  t.match(sentence('fixed'), /emitted whether or not it is inlined/);
});

t.test('DW_AT_inline marks a function as inline whose declaration here is not', async (t) => {
  const read = declarationsIn({ 'h.h': 'int g(void);' });
  const of = (inline: number | null, name = 'g') =>
    declarationOf({ name, inline, declaration: { ...frame(1), column: 5 } }, read);
  t.same(
    [null, 0, 1, 2, 3].map((inline) => of(inline)?.isHint),
    [false, false, false, true, true],
  );
  t.equal(of(2, '__kvm_nvhe_g.constprop.0')?.name, 'g', 'by its name in the source');
});
