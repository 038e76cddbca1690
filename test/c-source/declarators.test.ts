// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import {
  type Declarator,
  declaratorIn,
  declaratorsOf,
  endsDeclaration,
} from '../../lib/c-source/declarators.js';
import { tokensOf } from '../../lib/c-source/tokens.js';

const wordsOf = ({ specifiers, isDefinition }: Declarator): string =>
  `${specifiers.map(({ text }) => text).join(' ')}${isDefinition ? ' {' : ''}`;
const declared = (text: string): readonly string[] => declaratorsOf(tokensOf(text), 'f').map(wordsOf);

t.test('a declarator has the specifiers before its name and the attributes behind', async (t) => {
  for (const [text, ...expected] of [
    ['int f(void);', 'int'],
    ['int a; static inline u64 f(int x) { return x; }', 'static inline u64 {'],
    ['int f(void) __attribute__((noinline));', 'int __attribute__ ( ( noinline ) )'],
    ['} int *f(int (*g)(void)) {', 'int * {'],
    ['int (f)(int x);', 'int ('],
    ['static int f(void);\nint f(void)\n{\n}', 'static int', 'int {'],
    ['#define X\nint f(void) {', 'int {'],
    ['int g(void) { return f(1); }'],
    ['int g(int f(void));'],
    ['int f;'],
    ['int f = 3;'],
  ] as const)
    t.same(declared(text), expected, text);
});

t.test('specifiers and names in branches of an #if all count', async (t) => {
  t.same(declared('#ifdef A\nstatic inline\n#else\nstatic\n#endif\nint f(void) {'), [
    'static inline static int {',
  ]);
  t.same(declared('static inline int\n#ifdef A\nf(int x) {\n#else\nf(void) {\n#endif'), [
    'static inline int {',
    'static inline int {',
  ]);
  t.same(declared('static int g;\n#ifdef A\nint f(void) {\n#endif'), ['int {']);
});

t.test('a declarator is found by line and column', async (t) => {
  const tokens = tokensOf('static int f(void);\nint g(void)\n{ int f(long x); }\n');
  const at = (line: number, column: number) => {
    const found = declaratorIn(tokens, 'f', line, column);
    return found && wordsOf(found);
  };
  t.equal(at(1, 12), 'static int');
  t.equal(at(1, 0), 'static int', 'a column of 0 is unknown');
  t.equal(at(3, 7), 'int', 'in a body, too');
  t.equal(at(1, 3), null);
  t.equal(at(9, 0), null);
});

t.test('a semicolon outside parentheses ends a declaration, and so does the end', async (t) => {
  const [semicolon, inParentheses] = [tokensOf(';'), tokensOf('(;)')];
  t.ok(endsDeclaration(semicolon[0]));
  t.notOk(endsDeclaration(inParentheses[1]));
  t.ok(endsDeclaration(undefined));
});
