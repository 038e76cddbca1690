// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { ABSOLUTE, NOWHERE } from '../../lib/dwarf/address-space.js';
import { bytesOf, type MadeRelocation, makeSections, text, throwsDamage, u32, u64 } from './synthetic.js';

const info = { section: null, offset: 0 };

/** Two addresses and an offset; the second address has no relocation. */
const fields = (relocations: readonly MadeRelocation[], type?: number) =>
  makeSections(
    {
      '.text': { bytes: u64(0), address: type === undefined ? 0n : 0xffff_ffc0_0800_0000n },
      '.debug_info': { bytes: bytesOf(u64(0xffff_ffc0_0800_0010n), u64(0x55), u32(7)), relocations },
      '.debug_str': { bytes: text('a string') },
    },
    type,
  );

t.test('an address is S + A of its relocation; without one its bytes are no address', (t) => {
  const cursor = fields([{ offset: 0, type: 257, to: '.text', addend: 0x24 }])
    .of(info, '.debug_info')
    .range(0, 20);
  t.strictSame(cursor.place(), { section: 1, offset: 0x24 });
  t.strictSame(cursor.place(), { section: NOWHERE, offset: 0x55 });
  t.strictSame(cursor.target(4), { section: null, offset: 7 });
  t.end();
});

t.test('a relocated offset keeps the section of its relocation', (t) => {
  const cursor = fields([{ offset: 16, type: 258, to: '.debug_str', addend: 2 }])
    .of(info, '.debug_info')
    .range(0, 20);
  cursor.skip(16);
  t.ok(cursor.isRelocated(4));
  t.strictSame(cursor.target(4), { section: 3, offset: 2 });
  t.end();
});

t.test('relocations are found in whatever order the fields are read', (t) => {
  const cursor = fields([
    { offset: 0, type: 257, to: '.text', addend: 1 },
    { offset: 8, type: 257, to: '.text', addend: 2 },
  ])
    .of(info, '.debug_info')
    .range(0, 20);
  for (const [offset, addend] of [
    [8, 2],
    [0, 1],
    [8, 2],
  ] as const) {
    cursor.offset = offset;
    t.strictSame(cursor.place(), { section: 1, offset: addend });
  }
  t.end();
});

t.test('in a linked image an address is its bytes, and relocations are not applied again', (t) => {
  const sections = fields([{ offset: 0, type: 257, to: '.text', addend: 0x24 }], 2);
  const cursor = sections.of(info, '.debug_info').range(0, 20);
  const place = cursor.place();
  t.strictSame(place, { section: ABSOLUTE, offset: 0x10 });
  t.equal(sections.space.numberOf(place), 0xffff_ffc0_0800_0010n);
  const section = sections.object.named('.text');
  t.strictSame(section && sections.space.placeIn(section, 0x10), place);
  t.end();
});

t.test('a relocation of the wrong width, or of code, is damage; R_AARCH64_NONE does nothing', (t) => {
  for (const type of [258, 259, 283]) {
    const cursor = fields([{ offset: 0, type, to: '.text', addend: 0 }])
      .of(info, '.debug_info')
      .range(0, 20);
    throwsDamage(t, () => cursor.place(), {
      section: '.debug_info',
      offset: 0,
      sentence: new RegExp(`type ${type}`),
    });
  }
  const none = fields([{ offset: 8, type: 256, to: '.text', addend: 3 }])
    .of(info, '.debug_info')
    .range(0, 20);
  none.skip(8);
  t.strictSame(none.place(), { section: NOWHERE, offset: 0x55 });
  t.end();
});

t.test('a string is read whole at any length, and one without an end is damage', (t) => {
  for (const length of [0, 1, 127, 128, 129, 300]) {
    const name = 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2);
    const section = makeSections({
      '.debug_str': { bytes: bytesOf(text('first'), text(name), text('last')) },
    }).of(info, '.debug_str');
    t.equal(section.string(6), name);
  }
  const endless = makeSections({ '.debug_str': { bytes: Array(200).fill(65) } }).of(info, '.debug_str');
  throwsDamage(t, () => endless.string(3), { section: '.debug_str' });
  throwsDamage(t, () => endless.string(500), { section: '.debug_str' });
  const long = makeSections({ '.debug_str': { bytes: Array(70000).fill(65) } }).of(info, '.debug_str');
  throwsDamage(t, () => long.string(0), { sentence: 'a string has no end' });
  t.end();
});

t.test('bytes outside the current window are read, before it and behind it', (t) => {
  const bytes = [...Array(10000).keys()].map((index) => index & 0xff);
  const section = makeSections({ '.debug_addr': { bytes } }).of(info, '.debug_addr');
  for (const offset of [0, 4090, 4095, 8, 9999]) {
    t.equal(section.ahead(offset, 8).u8(), offset & 0xff);
  }
  throwsDamage(t, () => section.ahead(9998, 8).u32(), { section: '.debug_addr', offset: 9998 });
  throwsDamage(t, () => section.ahead(20000, 8), { section: '.debug_addr' });
  t.end();
});

t.test('sections are found by name, .zdebug names included, and by index', (t) => {
  const sections = makeSections({ '.debug_line': { bytes: [1] }, '.debug_info': { bytes: [2] } });
  t.equal(sections.of({ section: null, offset: 0 }, '.debug_line').section.index, 1);
  t.equal(sections.of({ section: 2, offset: 0 }, '.debug_line').section.name, '.debug_info');
  throwsDamage(t, () => sections.of({ section: null, offset: 3 }, '.debug_str'), {
    sentence: 'the section is missing',
  });
  throwsDamage(t, () => sections.of({ section: 99, offset: 3 }, '.debug_str'), { sentence: /section 99/ });
  t.equal(makeSections({ '.zdebug_line': { bytes: [] } }).all('.debug_line').length, 1);
  t.end();
});
