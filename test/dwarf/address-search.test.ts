// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Fields that hold a given address: found by relocation in an object, as eight bytes in an image.

import t from 'tap';
import { fieldsWithAddress } from '../../lib/dwarf/address-search.js';
import { bytesOf, type MadeSection, makeSections, u64 } from './synthetic.js';

const ET_REL = 1;
const ET_EXEC = 2;

const fieldsIn = (
  sections: Readonly<Record<string, MadeSection>>,
  type: number,
  place: { readonly section: number; readonly offset: number },
  ...extent: readonly number[]
): readonly number[] => {
  const debug = makeSections(sections, type);
  const [info] = debug.all('.debug_info');
  if (!info) throw new Error('there is no .debug_info');
  return [...fieldsWithAddress(info, place, debug.space, ...extent)];
};

t.test('in an object an address is found by its relocation, whatever the bytes in its place', async (t) => {
  const sections = {
    '.text': { bytes: u64(0) },
    '.data': { bytes: u64(0) },
    '.debug_info': {
      bytes: bytesOf(u64(4), u64(0), u64(0), u64(0), u64(0)),
      relocations: [
        { offset: 8, type: 257, to: '.text', addend: 4 },
        { offset: 16, type: 257, to: '.data', addend: 4 },
        { offset: 24, type: 258, to: '.text', addend: 4 }, // an ABS32 is not an address
        { offset: 32, type: 257, to: '.text', addend: 4 },
      ],
    },
  };
  const place = { section: 1, offset: 4 };
  t.same(fieldsIn(sections, ET_REL, place), [8, 32]);
  t.same(fieldsIn(sections, ET_REL, place, 0, 32), [8], 'the end is exclusive');
  t.same(fieldsIn(sections, ET_REL, { section: 1, offset: 0 }), []);
});

t.test('in an image an address is found by its bytes, unaligned and across two reads, too', async (t) => {
  const piece = 1 << 20;
  const filler = (length: number): readonly number[] => new Array<number>(length).fill(0xaa);
  const sections = {
    '.text': { bytes: [], address: 0x1000n, size: 0x100 },
    '.debug_info': {
      bytes: bytesOf(filler(3), u64(0x1010), filler(piece - 11 - 4), u64(0x1010), filler(8), u64(0x1011)),
    },
  };
  const place = { section: -1, offset: 0x10 };
  t.same(fieldsIn(sections, ET_EXEC, place), [3, piece - 4]);
  t.same(fieldsIn(sections, ET_EXEC, place, 4), [piece - 4]);
  t.same(fieldsIn(sections, ET_EXEC, place, 0, piece + 3), [3], 'a field has to end before the end');
});
