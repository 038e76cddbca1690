// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Veneers and erratum stubs that linkers insert are recognised by their instructions.
// These were made by GNU ld 2.40 and lld 19, or follow their sources (bfd/elfnn-aarch64.c,
// lld/ELF/Thunks.cpp); test/samples/linked has images with most of them.

import t from 'tap';
import { behindPad, erratumStubAt, type ImageWords, veneerAt } from '../../lib/linked/stubs.js';

const START = 0x1000;

/** An image of words from START on. `names`: the symbols at `at`. */
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
  ['ADRP, ADD and BR, as of both linkers', page, ['__far_veneer'], { target: 0x201044, size: 12 }],
  ['ADRP, ADD and BR without a symbol', page, [], { target: 0x201044, size: 12 }],
  ['ADRP, ADD and BR behind a BTI landing pad', [BTI, ...page], [], { target: 0x201044, size: 16 }],
  ['the same instructions, named as a function, are none', page, ['far'], null],
  ['ADRP of x17 is none', [0x90001011, 0x91011231, 0xd61f0220], [], null],
  ['an ADD that shifts its immediate is none', [0x90001010, 0x91411210, BR], [], null],
  [
    'lld, absolute',
    [0x58000050, BR, 0x12345678, 0xffff8000],
    ['__AArch64AbsLongThunk_far'],
    { target: 0x12345678, isAbsolute: true, size: 16 },
  ],
  ['lld, absolute, outside the image, is none', [0x58000050, BR, 0x12345678, 0x1234], [], null],
  [
    'GNU ld, a distance of 64 bits',
    [0x58000090, 0x10000011, 0x8b110210, BR, 0x20000000, 0],
    ['__far_veneer'],
    { target: START + 4 + 0x20000000, size: 24 },
  ],
  [
    'GNU ld, a negative distance of 64 bits',
    [0x58000090, 0x10000011, 0x8b110210, BR, 0xfffff000, 0xffffffff],
    [],
    { target: START + 4 - 0x1000, size: 24 },
  ],
  [
    'a single branch, named as a thunk',
    [0x14000010],
    ['__AArch64ADRPThunk_far'],
    { target: START + 0x40, size: 4 },
  ],
  [
    'a single branch behind a BTI landing pad, named as a thunk',
    [BTI, 0x14000010],
    ['__AArch64BTIThunk_far'],
    { target: START + 0x44, size: 8 },
  ],
  ['a single branch, named as a function, is none', [0x14000010], ['tail_calls'], null],
  ['a single branch without a symbol is none', [0x14000010], [], null],
];
for (const [name, words, names, found] of veneers) {
  t.test(`veneer: ${name}`, async (t) => {
    const veneer = veneerAt(imageOf(words, names), START);
    if (!found) t.equal(veneer, null);
    else t.same(veneer, { at: START, kind: 'far', isAbsolute: false, ...found });
  });
}

t.test('a landing pad that lld 22 puts before a function is passed over', async (t) => {
  const words = [BTI, 0xd65f03c0];
  t.equal(behindPad(imageOf(words, ['__AArch64BTIThunk_far']), START), START + 4);
  t.equal(behindPad(imageOf(words, ['far']), START), START, 'the function’s own landing pad');
  t.equal(behindPad(imageOf([0xd65f03c0], ['__AArch64BTIThunk_far']), START), START);
});

const FROM = START + 0x100;
/** The branch back, second word of the stub at START, which FROM branches to. */
const back = (to: number): number => (0x14000000 | (((to - (START + 4)) >> 2) & 0x3ffffff)) >>> 0;
const LOAD = 0xf9400003;

const stubs: readonly (readonly [
  name: string,
  words: readonly number[],
  names: readonly string[],
  isStub: boolean,
])[] = [
  ['a load and the branch back', [LOAD, back(FROM + 4)], ['e843419@0002_00000013_1000'], true],
  [
    'a load and the branch back, named by lld',
    [LOAD, back(FROM + 4)],
    ['__CortexA53843419_FFFF800080001000'],
    true,
  ],
  ['a load and the branch back, without a symbol', [LOAD, back(FROM + 4)], [], true],
  ['MADD, for 835769', [0x9b020c20, back(FROM + 4)], ['__erratum_835769_veneer_0'], true],
  ['a branch back to another place is none', [LOAD, back(FROM + 8)], [], false],
  ['an instruction that depends on its address is none', [0x90001010, back(FROM + 4)], [], false],
  ['an ADD is none', [0x91011210, back(FROM + 4)], [], false],
  ['the same, named as a function, is none', [LOAD, back(FROM + 4)], ['loads_and_returns'], false],
];
for (const [name, words, names, isStub] of stubs) {
  t.test(`stub: ${name}`, async (t) => {
    t.same(erratumStubAt(imageOf(words, names), FROM, START), isStub ? { at: START, size: 8 } : null);
  });
}
