// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The functions that a function calls, by relocation and by displacement.

import t from 'tap';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { calleesOf, type IsExecuted } from '../../lib/inline/closure.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const [CALL26, JUMP26] = [283, 282];
const [bl, b, ret, nop] = [0x94000000, 0x14000000, 0xd65f03c0, 0xd503201f];

const call = (to: string, type = CALL26): Item => ({
  word: type === CALL26 ? bl : b,
  relocation: { type, to },
});
const function_ = (label: string, ...items: readonly Item[]): readonly Item[] => [
  { label, type: STT.FUNC, binding: STB.GLOBAL },
  ...items,
  { end: label },
];

/** What `f`, at the start of .text, calls, by name and place. */
const calledBy = async (
  items: readonly Item[],
  isExecuted: IsExecuted = () => true,
): Promise<readonly string[]> => {
  const object = await build({ sections: [{ name: '.text', flags: code, items }] });
  const place = { object, section: sectionOf(object, '.text'), offset: 0 };
  return calleesOf(imageOf([object]), place, isExecuted).map(
    ({ name, place: at }) => `${name} ${at ? at.offset : 'nowhere'}`,
  );
};

t.test('callees are found by relocation and by displacement, also undefined ones', async (t) => {
  const f = function_('f', call('g'), call('elsewhere'), bl + 4, nop, ret);
  t.same(await calledBy([...f, ...function_('g', ret), ...function_('h', ret)]), [
    'g 20',
    'elsewhere nowhere',
    'h 24',
  ]);
});

t.test('a callee is listed once, and branches within the function and its .cold part are not', async (t) => {
  const f = function_('f', call('g'), call('g', JUMP26), b + 1, call('f.cold'), ret);
  const items = [
    ...f,
    ...function_('f.cold', call('only_when_cold'), call('f', JUMP26)),
    ...function_('g', ret),
  ];
  t.same(await calledBy(items), ['g 28', 'only_when_cold nowhere']);
});

t.test('calls that are not executed are left out', async (t) => {
  const items = [
    ...function_('f', call('g'), call('h'), ret),
    ...function_('g', ret),
    ...function_('h', ret),
  ];
  t.same(await calledBy(items, ({ offset }) => offset !== 4), ['g 12']);
  t.same(
    await calledBy(items, ({ offset }) => offset === 4),
    ['g 12', 'h 16'],
    'but not in a function whose entry is not executed',
  );
});

t.test('a function without a size has no known callees', async (t) => {
  t.same(await calledBy([{ label: 'f', type: STT.FUNC }, call('g'), ret]), []);
});
