// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { directiveWord, type Token, tokensOf } from '../../lib/c-source/tokens.js';

const textsOf = (text: string): readonly string[] => tokensOf(text).map((token) => token.text);
const find = (text: string, word: string): Token | undefined =>
  tokensOf(text).find((token) => token.text === word);

t.test('words, numbers, strings and punctuators are tokens, comments are not', async (t) => {
  t.same(textsOf('int f(u64 x) { return x + 0x1f; } // end\n/* and\nmore */ "a \\" b" \'\\\'\' $x'), [
    ...['int', 'f', '(', 'u64', 'x', ')', '{', 'return', 'x', '+', '0x1f', ';', '}'],
    ...['"a \\" b"', "'\\''", '$x'],
  ]);
  t.same(textsOf("#error don't\nint x;"), ["#error don't", 'int', 'x', ';']);
  t.same(textsOf('/* open'), []);
});

t.test('a directive is one token, with its continued lines and comments', async (t) => {
  const text = 'int a; # b\n  # define X(y) /* of\n two */ y \\\n + 1\nint z;';
  t.same(textsOf(text).slice(-4), ['# define X(y) /* of\n two */ y \\\n + 1', 'int', 'z', ';']);
  t.equal(tokensOf(text).filter(({ kind }) => kind === 'directive').length, 1, 'only at the start of a line');
  t.equal(directiveWord('# ifdef X'), 'ifdef');
  t.equal(directiveWord('#'), '');
});

t.test('lines and columns count from 1', async (t) => {
  for (const [text, line, column] of [
    ['x', 1, 1],
    ['\n  x', 2, 3],
    ['/* a\n b */ x', 2, 7],
    ['#define a \\\n b\n\tx', 3, 2],
    ['"\\\n" x', 2, 3],
  ] as const) {
    const token = find(text, 'x');
    t.same([token?.line, token?.column], [line, column], JSON.stringify(text));
  }
});

t.test('a token knows how many braces and parentheses are open around it', async (t) => {
  const around = (text: string) => {
    const token = find(text, 'x');
    return [token?.braces, token?.parentheses];
  };
  t.same(around('f(a, (x))'), [0, 2]);
  t.same(around('{ { } x'), [1, 0]);
  t.same(around('f() {\n  if (a) {\n}\nx'), [0, 0], 'a brace in the first column ends its function');
  t.same(around('} ) x'), [0, 0]);
});

t.test('each branch of an #if counts its braces from the same start', async (t) => {
  const braces = (text: string) => find(text, 'x')?.braces;
  t.equal(braces('#ifdef A\n f() {\n#else\n g() {\n#endif\n x'), 1);
  t.equal(braces('#if 0\n { { {\n#endif\n x'), 0, 'text that is never compiled');
  t.equal(braces('#ifdef __ASSEMBLY__\n {\n#else\n#endif\n x'), 0, 'text for the assembler');
  t.equal(braces('#ifndef __ASSEMBLY__ /* C */\n#else\n {\n#endif\n x'), 0);
  t.equal(braces('#if !defined(__ASSEMBLER__)\n#else\n {\n#endif\n x'), 0);
  t.equal(braces('#if defined(__ASSEMBLER__)\n {\n#endif\n x'), 0);
});
