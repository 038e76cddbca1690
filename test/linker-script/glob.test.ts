// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Patterns of section names. Expected is what glibc's fnmatch(pattern, name, 0) returns.

import t from 'tap';
import { beginningOf, matchesGlob } from '../../lib/linker-script/glob.js';

const rows: readonly (readonly [pattern: string, name: string, matches: boolean])[] = [
  ['.text', '.text', true],
  ['.text', '.text.a', false],
  ['.text.*', '.text', false],
  ['.text.*', '.text.', true],
  ['.text.*', '.text.a/b', true],
  ['*', '.a.b', true],
  ['?text', '.text', true],
  ['?', 'ab', false],
  ['.data..*', '.data..x', true],
  ['.data.[a-z]*', '.data.x', true],
  ['.data.[a-z]*', '.data..x', false],
  ['.text.[0-9a-zA-Z_]*', '.text.f.isra.0', true],
  ['.text.[0-9a-zA-Z_]*', '.text..refcount', false],
  ['[!.]*', '.x', false],
  ['[!.]*', 'x.y', true],
  ['[^.]x', 'ax', true],
  ['[]a]', 'a', true],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['[-a]', '-', true],
  ['[', '[', true],
  ['a[b', 'a[b', true],
  ['[a', 'a', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['[\\]]', ']', true],
  ['[a\\-c]', 'b', false],
  ['[a\\-c]', '-', true],
  ['*a*b*c', 'xaybzc', true],
  ['*a*b*c', 'xaybz', false],
  ['**', 'x', true],
  ['', '', true],
  ['', 'x', false],
  ['*', '', true],
  ['___ksymtab+*', '___ksymtab+printk', true],
  ['.rela*', '.rela.dyn', true],
  ['a*a*a*a*a*b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', false],
  ['[z-a]', 'b', false],
  ['[c-a]', 'c', false],
  ['a\\', 'a\\', false],
  ['x[]', 'x[]', true],
];

t.test('a pattern matches the names that fnmatch matches', async (t) => {
  for (const [pattern, name, matches] of rows)
    t.equal(matchesGlob(pattern, name), matches, `'${pattern}' '${name}'`);
});

t.test('beginningOf() gives the text before the first wildcard', async (t) => {
  for (const name of ['.text', '___ksymtab+x', '.data..ro_after_init', 'COMMON'])
    t.equal(beginningOf(name), name);
  for (const [pattern, beginning] of [
    ['.text.*', '.text.'],
    ['a?', 'a'],
    ['[ab]', ''],
    ['a\\*', 'a'],
  ] as const)
    t.equal(beginningOf(pattern), beginning, pattern);
});

t.test('a pattern of many asterisks takes no exponential time', async (t) => {
  const pattern = `${'*a'.repeat(2000)}*b`;
  t.equal(matchesGlob(pattern, 'a'.repeat(20_000)), false);
});
