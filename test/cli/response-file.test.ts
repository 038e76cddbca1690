// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { expandResponseFiles, splitWords } from '../../lib/cli/response-file.js';

t.test('text is split into words as gcc and ld split it', async (t) => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  \n\t ', []],
    ['a b\nc\td', ['a', 'b', 'c', 'd']],
    ['"a b" c', ['a b', 'c']],
    ["'a \"b' c", ['a "b', 'c']],
    ['a" "b', ['a b']],
    ['a\\ b c\\\\d', ['a b', 'c\\d']],
    ['"a \\" b"', ['a " b']],
    ['""', ['']],
    ["x '' y", ['x', '', 'y']],
    ['a\\', ['a']],
    ['"open', ['open']],
  ];
  for (const [text, words] of rows) t.same(splitWords(text), words, JSON.stringify(text));
});

const files: Readonly<Record<string, string>> = {
  one: '-q x.o',
  two: '@one y.o',
  loop: 'a @loop',
  empty: '',
};
const expand = (...argv: readonly string[]) => expandResponseFiles(argv, (path) => files[path] ?? null);

t.test('@FILE is replaced by the words of the file', async (t) => {
  t.same(expand('-v', '@one', 'z.o'), ['-v', '-q', 'x.o', 'z.o']);
  t.same(expand('@two'), ['-q', 'x.o', 'y.o']);
  t.same(expand('@empty'), []);
  t.same(expand('@missing'), ['@missing'], 'as in gcc, one that cannot be read is a word');
  t.same(expand('@'), ['@']);
  t.same(expand('x@one'), ['x@one']);
});

t.test('a file that names itself is not read for ever', async (t) => {
  const words = expand('@loop');
  t.ok(words.length < 100);
  t.equal(words[0], 'a');
});
