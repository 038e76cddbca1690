// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Code that linkers insert, recognised by its instructions. These are what GNU ld
// 2.40 and lld 19 made, or what their sources have (bfd/elfnn-aarch64.c,
// lld/ELF/Thunks.cpp); test/samples/linked has images with most of them.

import t from 'tap';
import { behindPad, erratumStubAt, type ImageWords, veneerAt } from '../../lib/linked/stubs.js';

const START = 0x1000;

/** Words from START on; a pair of words may be an address. `names`: of the symbols there. */
const imageOf = (words: readonly number[], names: readonly string[] = [], at = START): ImageWords => {
  const word = (place: number) => words[(place - START) / 4] ?? 0;
  return {
    word,
    quad: (place) => word(place) + (word(place + 4) | 0) * 2 ** 32,
    address: (place) => (word(place + 4) === 0xffff8000 ? word(place) : null),
    names: (place) => (place === at ? names : []),
    pageOffset: 0,
  };
};

const BTI = 0xd503245f;
const BR = 0xd61f0200;
/** ADRP x16, 0x200 pages ahead; ADD x16, x16, 0x44. */
const page = [0x90001010, 0x91011210, BR];

const veneers: readonly (readonly [
  name: string,
  words: readonly number[],
  names: readonly string[],
  found: { readonly target: number; readonly isAbsolute?: boolean; readonly size: number } | null,
])[] = [
  ['ADRP, as both linkers make it', page, ['__far_veneer'], { target: 0x201044, size: 12 }],
  ['the same without a symbol', page, [], { target: 0x201044, size: 12 }],
  ['the same behind a landing pad', [BTI, ...page], [], { target: 0x201044, size: 16 }],
  ['a function that is the same', page, ['far'], null],
  ['ADRP of another register', [0x90001011, 0x91011231, 0xd61f0220], [], null],
  ['ADRP that is added to otherwise', [0x90001010, 0x91411210, BR], [], null],
  [
    'lld, absolute',
    [0x58000050, BR, 0x12345678, 0xffff8000],
    ['__AArch64AbsLongThunk_far'],
    { target: 0x12345678, isAbsolute: true, size: 16 },
  ],
  ['lld, absolute, of no address of the image', [0x58000050, BR, 0x12345678, 0x1234], [], null],
  [
    'GNU ld, a distance of 64 bits',
    [0x58000090, 0x10000011, 0x8b110210, BR, 0x20000000, 0],
    ['__far_veneer'],
    { target: START + 4 + 0x20000000, size: 24 },
  ],
  [
    'GNU ld, a distance to what lies before',
    [0x58000090, 0x10000011, 0x8b110210, BR, 0xfffff000, 0xffffffff],
    [],
    { target: START + 4 - 0x1000, size: 24 },
  ],
  ['a lone branch', [0x14000010], ['__AArch64ADRPThunk_far'], { target: START + 0x40, size: 4 }],
  [
    'a lone branch behind a pad',
    [BTI, 0x14000010],
    ['__AArch64BTIThunk_far'],
    { target: START + 0x44, size: 8 },
  ],
  ['a function that is a tail call', [0x14000010], ['tail_calls'], null],
  ['the same without a symbol', [0x14000010], [], null],
];
for (const [name, words, names, found] of veneers) {
  t.test(`veneer: ${name}`, async (t) => {
    const veneer = veneerAt(imageOf(words, names), START);
    if (!found) t.equal(veneer, null);
    else t.same(veneer, { at: START, kind: 'far', isAbsolute: false, ...found });
  });
}

t.test('a landing pad that lld 22 puts in front of a function', async (t) => {
  const words = [BTI, 0xd65f03c0];
  t.equal(behindPad(imageOf(words, ['__AArch64BTIThunk_far']), START), START + 4);
  t.equal(behindPad(imageOf(words, ['far']), START), START, 'a function’s own');
  t.equal(behindPad(imageOf([0xd65f03c0], ['__AArch64BTIThunk_far']), START), START);
});

const FROM = START + 0x100;
/** B from the second word of a stub behind FROM. */
const back = (to: number): number => (0x14000000 | (((to - (START + 4)) >> 2) & 0x3ffffff)) >>> 0;
const LOAD = 0xf9400003;

const stubs: readonly (readonly [
  name: string,
  words: readonly number[],
  names: readonly string[],
  isStub: boolean,
])[] = [
  ['a load, and back', [LOAD, back(FROM + 4)], ['e843419@0002_00000013_1000'], true],
  ['lld’s', [LOAD, back(FROM + 4)], ['__CortexA53843419_FFFF800080001000'], true],
  ['the same without a symbol', [LOAD, back(FROM + 4)], [], true],
  ['MADD, for 835769', [0x9b020c20, back(FROM + 4)], ['__erratum_835769_veneer_0'], true],
  ['back to somewhere else', [LOAD, back(FROM + 8)], [], false],
  ['what depends on its place', [0x90001010, back(FROM + 4)], [], false],
  ['an ADD', [0x91011210, back(FROM + 4)], [], false],
  ['a function', [LOAD, back(FROM + 4)], ['loads_and_returns'], false],
];
for (const [name, words, names, isStub] of stubs) {
  t.test(`stub: ${name}`, async (t) => {
    t.same(erratumStubAt(imageOf(words, names), FROM, START), isStub ? { at: START, size: 8 } : null);
  });
}
