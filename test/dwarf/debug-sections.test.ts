// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Debug sections by name and by index; an object may have several of one name.

import t from 'tap';
import { DebugSections } from '../../lib/dwarf/debug-sections.js';
import { build, sectionOf } from '../support/objects.js';

const bytes = (...values: readonly number[]) => ({ bytes: Uint8Array.from(values) });

/** Abbreviation 1: a compilation unit without children and attributes. */
const abbreviations = bytes(1, 0x11, 0, 0, 0, 0);

const made = async () => {
  const object = await build({
    sections: [
      { name: '.text', items: [0] },
      { name: '.debug_info', flags: 0, items: [bytes(1)] },
      { name: '.debug_info', flags: 0, items: [bytes(2)] },
      { name: '.zdebug_line', flags: 0, items: [bytes(3)] },
      { name: '.debug_abbrev', flags: 0, items: [abbreviations, abbreviations] },
    ],
  });
  return { object, sections: new DebugSections(object) };
};

t.test('all sections of a name are found, in the order of the file', async (t) => {
  const { object, sections } = await made();
  const first = sectionOf(object, '.debug_info').index;
  t.same(
    sections.all('.debug_info').map(({ section }) => section.index),
    [first, first + 1],
  );
  t.same(
    sections.all('.debug_line').map(({ section }) => section.name),
    ['.zdebug_line'],
    '.zdebug_line, too: the name of the older compression',
  );
  t.same(sections.all('.debug_str'), []);
  t.same(sections.all('.text'), [], '.text is not a debug section');
  t.equal(sections.all('.debug_info')[0], sections.all('.debug_info')[0], 'each is made once');
});

t.test('a target names its section; without one, the first of the name is meant', async (t) => {
  const { object, sections } = await made();
  const second = sectionOf(object, '.debug_info').index + 1;
  t.equal(sections.of({ section: second, offset: 0 }, '.debug_line').section.index, second);
  t.equal(sections.of({ section: null, offset: 0 }, '.debug_info').section.index, second - 1);
  t.throws(
    () => sections.of({ section: null, offset: 7 }, '.debug_str'),
    /\(.debug_str\)\+0x7: the section is missing/,
  );
  t.throws(() => sections.of({ section: 99, offset: 0 }, '.debug_str'), /refers to section 99/);
});

t.test('units share a table of abbreviations if place, version and offset size agree', async (t) => {
  const { sections } = await made();
  const at = (offset: number, version = 5, offsetSize: 4 | 8 = 4) =>
    sections.abbreviationsAt({ section: null, offset }, { version, offsetSize });
  t.equal(at(0), at(0));
  t.not(at(0), at(6), 'another place');
  t.not(at(0), at(0, 4), 'another version');
  t.not(at(0), at(0, 5, 8), 'other offsets');
});
