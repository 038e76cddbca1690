// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// GCC_COLORS as gcc 12 was seen to read it; text.test.ts compares one value byte by byte.

import t from 'tap';
import { choosePalette, defaultPalette, paint, parseGccColors } from '../../lib/formats/colors.js';

t.test('GCC_COLORS overrides the defaults, up to the first malformed value', async (t) => {
  for (const [value, changes] of [
    ['error=', { error: '' }],
    ['error=36:bogus=1:note=36', { error: '36', note: '36' }],
    ['quote=35::note=33', { quote: '35', note: '33' }],
    ['note=36:error', { note: '36' }],
    ['locus:note=36', { note: '36' }],
    ['warning=x:note=36', {}],
    ['note=36:warning=1=2:error=36', { note: '36' }],
    ['=1:note=36', {}],
    ['note=36:toString=1', { note: '36' }],
  ] as const)
    t.same(parseGccColors(value), { ...defaultPalette, ...changes }, value);
  t.same(parseGccColors(undefined), defaultPalette);
  t.equal(parseGccColors(''), null);
});

t.test('colours depend on the option, the terminal and the environment', async (t) => {
  const TERM = 'xterm';
  const on = defaultPalette;
  for (const [when, isTerminal, environment, palette] of [
    ['auto', true, { TERM }, on],
    ['auto', false, { TERM }, null],
    ['auto', true, {}, null],
    ['auto', true, { TERM: 'dumb' }, null],
    ['auto', true, { TERM, NO_COLOR: '1' }, null],
    ['auto', true, { TERM, NO_COLOR: '' }, on],
    ['auto', true, { TERM, GCC_COLORS: '' }, null],
    ['auto', true, { TERM, GCC_COLORS: 'note=36' }, { ...on, note: '36' }],
    ['always', false, { NO_COLOR: '1' }, on],
    ['always', false, { GCC_COLORS: '' }, null],
    ['never', true, { TERM }, null],
  ] as const)
    t.same(
      choosePalette({ when, isTerminal, environment }),
      palette,
      `${when} ${JSON.stringify(environment)}`,
    );
});

t.test('text has the escape sequences of gcc, or none', async (t) => {
  t.equal(paint(defaultPalette, 'note', 'note: '), '\u001b[01;36m\u001b[Knote: \u001b[m\u001b[K');
  t.equal(paint(null, 'note', 'note: '), 'note: ');
});
