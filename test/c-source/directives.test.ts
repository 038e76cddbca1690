// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Lines, directives, and which lines are compiled.

import t from 'tap';
import { type Compiled, Conditionals, linesOf, withoutComments } from '../../lib/c-source/directives.js';

t.test('a comment becomes a space, and continued lines are joined', async (t) => {
  for (const [text, expected] of [
    ['a /* b */ c', 'a   c'],
    ['a // b\nc', 'a  \nc'],
    ['a // b \\\nc\nd', 'a  \nd'],
    ['a \\\n b', 'a  b'],
    ['a \\\r\n b', 'a  b'],
    ['a /* b\n c */ d', 'a   d'],
    ['a /* b', 'a  '],
    ['"/*" a "*/"', '"/*" a "*/"'],
    ['"\\"/*" a', '"\\"/*" a'],
    [`'"' /* a */ '"'`, `'"'   '"'`],
    ['"open /* a\nb', '"open /* a\nb'],
    ["don't /* a */", "don't  "],
  ] as const)
    t.equal(withoutComments(text), expected, text);
});

t.test('lines are directives or text', async (t) => {
  t.same(linesOf('#if A\n  # \tdefine  X /* is */ 1 \r\ntext\n#\n#else//\n/* */ #endif\n "a" #if\n'), [
    { directive: 'if', rest: 'A' },
    { directive: 'define', rest: 'X   1' },
    { directive: null, rest: 'text' },
    { directive: null, rest: '#' },
    { directive: 'else', rest: '' },
    { directive: 'endif', rest: '' },
    { directive: null, rest: ' "a" #if' },
    { directive: null, rest: '' },
  ]);
});

/** The lines of text that are compiled; with a question mark those that may be. */
const compiledOf = (text: string): { readonly lines: string; readonly asked: readonly string[] } => {
  const asked: string[] = [];
  const conditionals = new Conditionals((directive, rest): Compiled => {
    asked.push(rest);
    const holds = { yes: true, no: false, maybe: null }[rest] ?? null;
    return directive === 'ifndef' && holds !== null ? !holds : holds;
  });
  const lines = linesOf(text).flatMap((line) => {
    if (conditionals.take(line) || conditionals.compiled === false || line.rest === '') return [];
    return [line.rest + (conditionals.compiled === null ? '?' : '')];
  });
  return { lines: lines.join(' '), asked };
};

t.test('the branch whose condition holds is compiled; unknown ones may be', async (t) => {
  for (const [text, expected] of [
    ['#if yes\na\n#else\nb\n#endif\nc', 'a c'],
    ['#if no\na\n#else\nb\n#endif\nc', 'b c'],
    ['#if maybe\na\n#else\nb\n#endif\nc', 'a? b? c'],
    ['#ifdef yes\na\n#endif', 'a'],
    ['#ifndef yes\na\n#endif', ''],
    ['#ifndef no\na\n#endif', 'a'],
    ['#if no\na\n#elif yes\nb\n#elif yes\nc\n#else\nd\n#endif', 'b'],
    ['#if no\na\n#elif no\nb\n#else\nc\n#endif', 'c'],
    ['#if maybe\na\n#elif yes\nb\n#elif yes\nc\n#else\nd\n#endif', 'a? b?'],
    ['#if no\na\n#elif maybe\nb\n#else\nc\n#endif', 'b? c?'],
    ['#if maybe\na\n#elif no\nb\n#else\nc\n#endif', 'a? c?'],
    ['#if no\n#if yes\na\n#else\nb\n#endif\n#else\nc\n#endif', 'c'],
    ['#if maybe\n#if yes\na\n#else\nb\n#endif\n#endif', 'a?'],
    ['#if yes\n#if maybe\na\n#endif\nb\n#endif', 'a? b'],
    ['#endif\na\n#else\nb\n#elif no\nc', 'a b c'],
  ] as const)
    t.equal(compiledOf(text).lines, expected, text);
});

t.test('a condition is evaluated only where it matters', async (t) => {
  t.same(compiledOf('#if no\n#if yes\n#elif maybe\n#endif\n#endif').asked, ['no']);
  t.same(compiledOf('#if yes\n#elif maybe\n#else\n#endif').asked, ['yes']);
  t.same(compiledOf('#if maybe\n#elif no\n#elif yes\n#elif no\n#endif').asked, ['maybe', 'no', 'yes']);
});
