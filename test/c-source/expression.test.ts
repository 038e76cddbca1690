// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Expressions of #if: by the C standard, and random ones against gcc's preprocessor.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { both, either, evaluate, type Names, not } from '../../lib/c-source/expression.js';
import { randomFrom } from '../flow/random.js';
import { inFolder, run, without } from '../support/tools.js';

/** Names with their text; whether MAYBE_... is defined is unknown. */
const namesWith = (texts: Readonly<Record<string, string>>): Names => ({
  isDefined: (name) => (name.startsWith('MAYBE_') ? null : Object.hasOwn(texts, name)),
  textOf: (name) => (Object.hasOwn(texts, name) ? (texts[name] ?? null) : null),
});

const names = namesWith({
  ONE: '1',
  TWO: '(ONE + ONE)',
  ITSELF: 'ITSELF',
  PING: 'PONG',
  PONG: 'PING',
  EMPTY: '',
  TEXT: '"text"',
  CONFIG_A: '1',
  CONFIG_B_MODULE: '1',
});

t.test('constants and arithmetic have the values of the C standard', async (t) => {
  for (const [text, expected] of [
    ['0', 0n],
    ['10', 10n],
    ['010', 8n],
    ['0x10', 16n],
    ['0XfF', 255n],
    ['201112L', 201112n],
    ['10UL == 10', 1n],
    ['0x7fffffffffffffff', 0x7fff_ffff_ffff_ffffn],
    ['1 << 40', 1n << 40n],
    ['-7 / 2', -3n],
    ['-7 % 2', -1n],
    ['~0', -1n],
    ['- - 3', 3n],
    ['+3', 3n],
    ['!3', 0n],
    ['08', null],
    ['0x', null],
    ['1.5', null],
    ['99999999999999999999999', null],
    ['1 / 0', null],
    ['1 % 0', null],
    ['1 << 64', null],
    ['1 >> -1', null],
  ] as const)
    t.equal(evaluate(text, names), expected, text);
});

t.test('names are expanded, undefined ones are 0, and defined() is evaluated', async (t) => {
  for (const [text, expected] of [
    ['ONE', 1n],
    ['TWO * 3', 6n],
    ['NOBODY', 0n],
    ['MAYBE_X', null],
    ['ITSELF + 1', 1n],
    ['PING', 0n],
    ['EMPTY', null],
    ['TEXT', null],
    ['defined(ONE)', 1n],
    ['defined ONE && defined TWO', 1n],
    ['defined(NOBODY)', 0n],
    ['!defined NOBODY', 1n],
    ['defined(MAYBE_X)', null],
    ['defined', null],
    ['defined()', null],
    ['defined(ONE', null],
    ['defined(ONE TWO)', null],
    ['defined 1', null],
    ['MAYBE_X(1, 2)', null],
    ['NOBODY(1)', 0n],
    ['__has_attribute(__x__)', 1n],
  ] as const)
    t.equal(evaluate(text, names), expected, text);
});

t.test('IS_ENABLED() and its like are evaluated by the options', async (t) => {
  for (const [macro, ...expected] of [
    ['IS_ENABLED', 1n, 1n, 0n],
    ['IS_BUILTIN', 1n, 0n, 0n],
    ['IS_MODULE', 0n, 1n, 0n],
    ['IS_REACHABLE', 1n, 0n, 0n],
  ] as const) {
    t.same(
      ['A', 'B', 'C'].map((option) => evaluate(`${macro}(CONFIG_${option})`, names)),
      expected,
      macro,
    );
  }
  const inModule = namesWith({ CONFIG_B_MODULE: '1', MODULE: '1' });
  t.equal(evaluate('IS_REACHABLE(CONFIG_B)', inModule), 1n);
  t.equal(evaluate('IS_ENABLED(CONFIG_A', names), null);
});

t.test('an unknown operand makes the result unknown only where it decides', async (t) => {
  for (const [text, expected] of [
    ['0 && MAYBE_X', 0n],
    ['MAYBE_X && 0', 0n],
    ['1 || MAYBE_X', 1n],
    ['MAYBE_X || 1', 1n],
    ['1 && MAYBE_X', null],
    ['0 || MAYBE_X', null],
    ['!MAYBE_X', null],
    ['MAYBE_X + 0', null],
    ['(MAYBE_X == 3) || ONE', 1n],
  ] as const)
    t.equal(evaluate(text, names), expected, text);
  const all = [true, false, null] as const;
  const asText = (one: boolean | null) => (one === null ? 'MAYBE_X' : Number(one).toString());
  const asTruth = (text: string) => {
    const value = evaluate(text, names);
    return value === null ? null : value !== 0n;
  };
  for (const a of all) {
    t.equal(not(a), asTruth(`!${asText(a)}`));
    for (const b of all) {
      t.equal(both(a, b), asTruth(`${asText(a)} && ${asText(b)}`));
      t.equal(either(a, b), asTruth(`${asText(a)} || ${asText(b)}`));
    }
  }
});

t.test('a ?: with an unknown condition is known if both results are the same', async (t) => {
  for (const [text, expected] of [
    ['1 ? 2 : 3', 2n],
    ['0 ? 2 : 0 ? 3 : 4', 4n],
    ['(1 ? 0 : 1) ? 2 : 3', 3n],
    ['MAYBE_X ? 2 : 3', null],
    ['MAYBE_X ? 2 : 2', 2n],
    ['0 ? MAYBE_X : 2', 2n],
  ] as const)
    t.equal(evaluate(text, names), expected, text);
});

t.test('a text that is not an integer expression is unknown', async (t) => {
  for (const text of [
    '',
    '1 +',
    '(1',
    '1)',
    '()',
    '1 2',
    '1 ? 2',
    '1 ? 2 , 3',
    '1 : 2',
    '1, 2',
    '= 1',
    '@',
    "'a'",
    '"a"',
    '!',
  ])
    t.equal(evaluate(text, names), null, text);
});

t.test('expressions may be long, and too deep ones are unknown', async (t) => {
  const nested = (count: number) => `${'('.repeat(count)}1${')'.repeat(count)}`;
  t.equal(evaluate(nested(50), names), 1n);
  t.equal(evaluate(nested(10_000), names), null);
  t.equal(evaluate(`${'1 + '.repeat(100_000)}1`, names), 100_001n);
  t.equal(evaluate(`${'1 ? 1 : '.repeat(10_000)}1`, names), null);
  const chain = (count: number) =>
    namesWith(Object.fromEntries(Array.from({ length: count }, (_, n) => [`N${n}`, `N${n + 1}+N${n + 1}`])));
  t.equal(evaluate('N0', chain(50)), 0n);
  t.equal(evaluate('N0', chain(10_000)), null);
});

/** A random expression without undefined behaviour: no division by 0, no wide shift. */
const randomExpression = (random: ReturnType<typeof randomFrom>, depth: number): string => {
  const part = () => randomExpression(random, depth - 1);
  if (depth === 0)
    return random.pick(['0', '1', '2', '0x1f', '017', '100', 'ONE', 'NOBODY', 'defined(ONE)']) ?? '';
  switch (random.below(6)) {
    case 0:
      return `${random.pick(['!', '-', '~', '+'])} ${part()}`;
    case 1:
      return `(${part()})`;
    case 2:
      return `(${part()}) ${random.pick(['/', '%', '<<', '>>'])} ${random.pick(['1', '3', '07', '0x5'])}`;
    case 3:
      return `${part()} ? ${part()} : ${part()}`;
    default:
      return `${part()} ${random.pick(['||', '&&', '|', '^', '&', '==', '!=', '<', '>', '<=', '>=', '+', '-', '*'])} ${part()}`;
  }
};

t.test('random expressions have the value that gcc gives them', { skip: without('gcc') }, async (t) => {
  const random = randomFrom(10);
  const expressions = Array.from({ length: 500 }, (_, n) => randomExpression(random, 1 + (n % 5)));
  const text = expressions.map((one, n) => `#if ${one}\nyes ${n}\n#else\nno ${n}\n#endif`).join('\n');
  const printed = inFolder((folder) => {
    writeFileSync(join(folder, 'input.c'), `#define ONE 1\n${text}\n`);
    return run('gcc', ['-E', '-P', '-w', 'input.c'], folder);
  });
  const expected = [...printed.matchAll(/(yes|no) \d+/g)].map((match) => match[1]);
  t.equal(expected.length, expressions.length);
  t.ok(expected.includes('yes') && expected.includes('no'));
  for (const [n, one] of expressions.entries()) {
    const value = evaluate(one, names);
    t.equal(value === null ? 'unknown' : value === 0n ? 'no' : 'yes', expected[n], one);
  }
});
