// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { ExecutedWords } from '../../lib/inline/executed-words.js';
import { code } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

t.test('the words of a range are counted, and the executed ones of them', async (t) => {
  const object = await build({ sections: [{ name: '.text', flags: code, items: [1, 2, 3, 4, 5] }] });
  const asked: string[] = [];
  const executed = new ExecutedWords(object, sectionOf(object, '.text'), ({ offset }, end) => {
    asked.push(`${offset}-${end}`);
    return offset === 4 || offset >= 12;
  });
  const count = (start: number, end: number) => {
    const { words, executed: of } = executed.count({ start, end });
    return `${of} of ${words}`;
  };
  t.equal(count(0, 20), '3 of 5');
  t.equal(count(0, 4), '0 of 1');
  t.equal(count(4, 12), '1 of 2');
  t.equal(count(5, 12), '0 of 1', 'a word counts if it begins in the range');
  t.equal(count(12, 1 << 20), '2 of 2', 'up to the end of the section');
  t.equal(count(-40, 8), '1 of 2');
  t.equal(count(8, 8), '0 of 0');
  t.equal(count(12, 8), '0 of 0', 'a reversed range');
  t.same(asked, ['0-4', '4-8', '8-12', '12-16', '16-20'], 'each word is asked for once');
});

t.test('words beyond the file are not counted, whatever size a section claims', async (t) => {
  const object = await build({ sections: [{ name: '.text', flags: code, items: [1] }] });
  let asked = 0;
  const section = { ...sectionOf(object, '.text'), size: 1 << 30 };
  new ExecutedWords(object, section, () => {
    asked++;
    return true;
  });
  t.ok(asked <= object.size / 4 + 1, `${asked}`);
});
