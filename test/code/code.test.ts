// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The code of a link, asked by address.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { Code } from '../../lib/code/code.js';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const nop = 0xd503201f;
const ret = 0xd65f03c0;

const made = async (items: readonly Item[], name = '.hyp.text') => {
  const object = await build({
    sections: [
      { name, flags: code, items },
      {
        name: '.rodata',
        items: [
          0xfffffffe,
          { word: 0, relocation: { type: 261, to: 'f', addend: 8 } },
          { quad: 0x1_0000_0002n },
        ],
      },
      { name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 64 },
      { name: '.altinstr_replacement', items: [nop] },
      { name: '.text', flags: code, items: [nop, nop, { label: 'vectors', binding: STB.GLOBAL }, nop] },
    ],
  });
  const space = new AddressSpace(imageOf([object]));
  const section = sectionOf(object, '.text');
  const range = { code: { object, section, offset: 8 }, length: 4 };
  const at = (of: string): number => space.startOf(object, sectionOf(object, of));
  return { reader: new Code(space, [range]), at, text: at(name), space };
};

const f = { label: 'f', type: STT.FUNC, binding: STB.GLOBAL } as const;

t.test('an address gives its word, its relocation and its function', async (t) => {
  const { reader, text, space } = await made([
    f,
    nop,
    { word: 0x94000000, relocation: { type: 283, to: 'elsewhere' } },
    { word: ret, relocation: { type: 256, to: 'f' } },
  ]);
  t.same(
    [0, 4, 8, 12, -4].map((offset) => reader.word(text + offset)),
    [nop, 0x94000000, ret, 0, 0],
  );
  t.same(reader.patchedAt(text + 4), { kind: 'call', target: space.addressOfName('elsewhere') });
  t.equal(reader.patchedAt(text), null);
  t.equal(reader.patchedAt(text + 8), null, 'R_AARCH64_NONE does nothing');
  t.equal(reader.nameOf(text + 8), 'f');
  t.equal(reader.nameOf(space.addressOfName('elsewhere')), 'elsewhere');
  t.equal(reader.instructionAt(text + 8).word, ret);
});

t.test('functions and labels of hyp code are listed, those of the host are not', async (t) => {
  const { reader, at, text } = await made([
    f,
    nop,
    { label: 'inside' },
    nop,
    { end: 'f' },
    { label: 'g', type: STT.FUNC },
    { label: 'same', type: STT.FUNC },
    ret,
    { label: '.Lcompiler' },
    ret,
    { label: '$d' },
    { label: 'literal' },
    7,
  ]);
  const entries = [...reader.hypEntries].sort((a, b) => a - b);
  const range = at('.text') + 8;
  t.same(
    entries.filter((entry) => entry !== range).map((entry) => entry - text),
    [0, 4, 8],
  );
  t.equal(reader.hypEntries, reader.hypEntries, 'found once');
});

t.test('in a range of the host’s section, functions are hyp code’s entries', async (t) => {
  const object = await build({
    sections: [
      {
        name: '.text',
        flags: code,
        items: [
          ...[f, nop, ret, { end: 'f' }],
          ...[
            { label: 'vector', type: STT.FUNC },
            nop,
            { label: 'other', type: STT.FUNC },
            ret,
            { end: 'other' },
          ],
          ...[{ label: 'behind', type: STT.FUNC }, ret],
        ],
      },
    ],
  });
  const space = new AddressSpace(imageOf([object]));
  const section = sectionOf(object, '.text');
  const reader = new Code(space, [{ code: { object, section, offset: 8 }, length: 8 }]);
  t.same(
    [...reader.hypEntries].map((entry) => entry - space.startOf(object, section)),
    [8, 12],
  );
});

t.test('an address far outside a section is neither code nor an entry', async (t) => {
  const { reader, text } = await made([f, nop, ret]);
  for (const by of [-4, 8, 2 ** 32, 2 ** 34]) {
    t.notOk(reader.isCode(text + by), `${by}`);
    t.notOk(reader.isEntry(text + by), `${by}`);
  }
  t.ok(reader.isCode(text) && reader.isEntry(text));
});

t.test('sections and ranges are code or not, and hyp code or not', async (t) => {
  const { reader, at, text } = await made([f, nop]);
  t.ok(reader.isCode(text));
  t.notOk(reader.isCode(at('.rodata')));
  t.notOk(reader.isCode(at('.bss')));
  t.ok(reader.isCode(at('.altinstr_replacement')), 'not flagged as executable, but code');
  t.same(
    [0, 4, 8, 12].map((offset) => reader.isHyp(at('.text') + offset)),
    [false, false, true, false],
  );
  t.ok(reader.isHyp(text));
});

t.test(
  'a branch inside a function makes a joint, a call or another function’s branch does not',
  async (t) => {
    const { reader, text } = await made([
      f,
      0x14000003, // b .+12
      0x94000003, // bl .+12
      nop,
      ret,
      ret,
      { end: 'f' },
      { label: 'g', type: STT.FUNC },
      0x17fffffc, // b .-16
      { end: 'g' },
    ]);
    t.same(
      [0, 4, 8, 12, 16].map((offset) => reader.isJoint(text + offset)),
      [false, false, false, true, false],
    );
  },
);

t.test('constantAt() reads numbers of read-only data, and distances by relocation', async (t) => {
  const { reader, at, text } = await made([f, nop]);
  const table = at('.rodata');
  t.equal(reader.constantAt(table, 4, true), -2);
  t.equal(reader.constantAt(table, 1, false), 0xfe);
  t.equal(reader.constantAt(table + 4, 4, true), text + 8 - (table + 4), 'a distance between two places');
  t.equal(reader.constantAt(table + 4, 4, false), null);
  t.equal(reader.constantAt(table + 14, 4, true), null, 'past the end of the section');
  t.equal(reader.constantAt(at('.bss'), 4, true), null);
});

t.test('words of a large section are read, across pages', async (t) => {
  const { reader, text } = await made(Array.from({ length: 40_000 }, (_, index) => index));
  for (const index of [0, 16_383, 16_384, 39_999]) t.equal(reader.word(text + index * 4), index);
  t.equal(reader.word(text + 160_000), 0);
});
