// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { DW_FORM } from '../../lib/dwarf/constants.js';
import { type Encoding, type FormValue, fixedSizeOf, readForm, skipForm } from '../../lib/dwarf/forms.js';
import { bytesOf, makeSections, text, throwsDamage, u16, u32, u64, uleb } from './synthetic.js';

const five: Encoding = { version: 5, offsetSize: 4 };
const wide: Encoding = { version: 5, offsetSize: 8 };
const two: Encoding = { version: 2, offsetSize: 4 };

/** Sizes and classes of [DWARF5 7.5.5, 7.5.6]. */
const rows: readonly {
  readonly form: keyof typeof DW_FORM;
  readonly bytes: readonly number[];
  readonly value: FormValue;
  readonly encoding?: Encoding;
}[] = [
  { form: 'addr', bytes: u64(0x1234), value: { kind: 'address', place: { section: -2, offset: 0x1234 } } },
  { form: 'block1', bytes: [2, 9, 9], value: { kind: 'block', start: 1, length: 2 } },
  { form: 'block2', bytes: bytesOf(u16(1), 9), value: { kind: 'block', start: 2, length: 1 } },
  { form: 'block4', bytes: bytesOf(u32(1), 9), value: { kind: 'block', start: 4, length: 1 } },
  { form: 'block', bytes: [1, 9], value: { kind: 'block', start: 1, length: 1 } },
  { form: 'exprloc', bytes: [3, 1, 2, 3], value: { kind: 'block', start: 1, length: 3 } },
  { form: 'data1', bytes: [0xfe], value: { kind: 'constant', value: 0xfe } },
  { form: 'data2', bytes: u16(0xfffe), value: { kind: 'constant', value: 0xfffe } },
  { form: 'data4', bytes: u32(0xfffffffe), value: { kind: 'constant', value: 0xfffffffe } },
  { form: 'data8', bytes: u64(1n << 40n), value: { kind: 'constant', value: 2 ** 40 } },
  { form: 'data16', bytes: Array(16).fill(7), value: { kind: 'elsewhere' } },
  { form: 'sdata', bytes: [0x7e], value: { kind: 'constant', value: -2 } },
  { form: 'udata', bytes: uleb(300), value: { kind: 'constant', value: 300 } },
  { form: 'flag', bytes: [1], value: { kind: 'constant', value: 1 } },
  { form: 'flag_present', bytes: [], value: { kind: 'constant', value: 1 } },
  { form: 'string', bytes: text('name'), value: { kind: 'string', text: 'name' } },
  {
    form: 'strp',
    bytes: u32(5),
    value: { kind: 'stringAt', section: '.debug_str', target: { section: null, offset: 5 } },
  },
  {
    form: 'line_strp',
    bytes: u64(6),
    encoding: wide,
    value: { kind: 'stringAt', section: '.debug_line_str', target: { section: null, offset: 6 } },
  },
  { form: 'strx', bytes: uleb(200), value: { kind: 'stringIndex', index: 200 } },
  { form: 'strx1', bytes: [7], value: { kind: 'stringIndex', index: 7 } },
  { form: 'strx2', bytes: u16(700), value: { kind: 'stringIndex', index: 700 } },
  { form: 'strx3', bytes: [1, 0, 2], value: { kind: 'stringIndex', index: 0x20001 } },
  { form: 'strx4', bytes: u32(70000), value: { kind: 'stringIndex', index: 70000 } },
  { form: 'GNU_str_index', bytes: uleb(129), value: { kind: 'stringIndex', index: 129 } },
  { form: 'addrx', bytes: uleb(200), value: { kind: 'addressIndex', index: 200 } },
  { form: 'addrx1', bytes: [7], value: { kind: 'addressIndex', index: 7 } },
  { form: 'addrx2', bytes: u16(700), value: { kind: 'addressIndex', index: 700 } },
  { form: 'addrx3', bytes: [0, 1, 0], value: { kind: 'addressIndex', index: 256 } },
  { form: 'addrx4', bytes: u32(70000), value: { kind: 'addressIndex', index: 70000 } },
  { form: 'GNU_addr_index', bytes: uleb(129), value: { kind: 'addressIndex', index: 129 } },
  { form: 'ref1', bytes: [0x20], value: { kind: 'unitReference', offset: 0x20 } },
  { form: 'ref2', bytes: u16(0x220), value: { kind: 'unitReference', offset: 0x220 } },
  { form: 'ref4', bytes: u32(0x12345), value: { kind: 'unitReference', offset: 0x12345 } },
  { form: 'ref8', bytes: u64(0x12345), value: { kind: 'unitReference', offset: 0x12345 } },
  { form: 'ref_udata', bytes: uleb(300), value: { kind: 'unitReference', offset: 300 } },
  { form: 'ref_addr', bytes: u32(9), value: { kind: 'reference', target: { section: null, offset: 9 } } },
  // [DWARF2]: it has the size of an address
  {
    form: 'ref_addr',
    bytes: u64(9),
    encoding: two,
    value: { kind: 'reference', target: { section: null, offset: 9 } },
  },
  {
    form: 'sec_offset',
    bytes: u32(0x40),
    value: { kind: 'sectionOffset', target: { section: null, offset: 0x40 } },
  },
  { form: 'loclistx', bytes: uleb(3), value: { kind: 'listIndex', index: 3 } },
  { form: 'rnglistx', bytes: uleb(3), value: { kind: 'listIndex', index: 3 } },
  { form: 'ref_sig8', bytes: u64(1n << 63n), value: { kind: 'elsewhere' } },
  { form: 'ref_sup4', bytes: u32(1), value: { kind: 'elsewhere' } },
  { form: 'ref_sup8', bytes: u64(1), value: { kind: 'elsewhere' } },
  { form: 'strp_sup', bytes: u32(1), value: { kind: 'elsewhere' } },
  { form: 'GNU_ref_alt', bytes: u64(1), encoding: wide, value: { kind: 'elsewhere' } },
  { form: 'GNU_strp_alt', bytes: u32(1), value: { kind: 'elsewhere' } },
  { form: 'implicit_const', bytes: [], value: { kind: 'constant', value: 42 } },
  { form: 'indirect', bytes: bytesOf(DW_FORM.data2, u16(77)), value: { kind: 'constant', value: 77 } },
];

const cursorOf = (bytes: readonly number[]) => {
  const sections = makeSections({ '.debug_info': { bytes } });
  return sections.of({ section: null, offset: 0 }, '.debug_info').range(0, bytes.length);
};

for (const { form, bytes, value, encoding = five } of rows) {
  t.test(
    `DW_FORM_${form}${encoding === five ? '' : `, version ${encoding.version}, offsets of ${encoding.offsetSize}`}`,
    (t) => {
      const read = cursorOf([...bytes, 0xcc]);
      t.strictSame(readForm(read, DW_FORM[form], 42, encoding), value);
      t.equal(read.offset, bytes.length);
      const skipped = cursorOf([...bytes, 0xcc]);
      skipForm(skipped, DW_FORM[form], encoding);
      t.equal(skipped.offset, bytes.length);
      const size = fixedSizeOf(DW_FORM[form], encoding);
      if (size !== null) t.equal(size, bytes.length);
      t.end();
    },
  );
}

t.test('every known form is tested', (t) => {
  const known = new Set<string>(rows.map(({ form }) => form));
  t.strictSame(
    Object.keys(DW_FORM).filter((form) => !known.has(form)),
    [],
  );
  t.end();
});

t.test('a constant too large for a number can be passed over', (t) => {
  const bytes = bytesOf(uleb((1n << 64n) - 1n), 5);
  const cursor = cursorOf(bytes);
  skipForm(cursor, DW_FORM.udata, five);
  t.equal(cursor.u8(), 5);
  t.end();
});

t.test('a relocated data4 of DWARF 3 is a section offset', (t) => {
  const sections = makeSections({
    '.debug_info': {
      bytes: u32(0),
      relocations: [{ offset: 0, type: 258, to: '.debug_line', addend: 0x30 }],
    },
    '.debug_line': { bytes: [] },
  });
  const cursor = sections.of({ section: null, offset: 0 }, '.debug_info').range(0, 4);
  t.strictSame(readForm(cursor, DW_FORM.data4, 0, { version: 3, offsetSize: 4 }), {
    kind: 'sectionOffset',
    target: { section: 2, offset: 0x30 },
  });
  t.end();
});

t.test('an unknown form is damage, and so is DW_FORM_indirect within DW_FORM_indirect', (t) => {
  throwsDamage(t, () => readForm(cursorOf([0]), 0x77, 0, five), {
    sentence: 'attribute form 0x77 is unknown',
  });
  throwsDamage(t, () => skipForm(cursorOf([0]), 0x77, five), { sentence: 'attribute form 0x77 is unknown' });
  throwsDamage(t, () => readForm(cursorOf([DW_FORM.indirect, 0]), DW_FORM.indirect, 0, five), {
    sentence: 'attribute form 0x16 is unknown',
  });
  t.equal(fixedSizeOf(0x77, five), null);
  t.end();
});
