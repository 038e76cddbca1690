// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The builder that makes objects for other tests, against readelf.

import t from 'tap';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { buildObject, code } from './object-builder.js';
import { smallObject } from './small-object.js';
import { runOn, without } from './tools.js';

const skip = without('readelf');

t.test('readelf shows the sections, symbols and relocations that were asked for', { skip }, async (t) => {
  const object = buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [
          { label: 'f', type: STT.FUNC, binding: STB.GLOBAL },
          { word: 0x94000000, relocation: { type: 283, to: 'elsewhere', addend: 8 } },
          { word: 0x94000000, relocation: { type: 283, to: '.data' } },
          { end: 'f' },
          { label: 'local' },
        ],
      },
      {
        name: '.data',
        flags: SHF.ALLOC | SHF.WRITE,
        items: [{ quad: -1n, relocation: { type: 257, to: 'local', addend: -4 } }],
      },
      { name: '.bss', type: SHT.NOBITS, size: 100 },
    ],
    symbols: [
      { name: 'absolute', in: 'ABS', value: 0x1234 },
      { name: 'common', in: 'COMMON', value: 8, size: 16 },
      { name: 'weak', in: 'UND', binding: STB.WEAK },
      { name: 'inside', in: { section: '.bss' }, value: 4, size: 8 },
    ],
  });
  const symbols = runOn('readelf', ['-sW'], object);
  for (const line of [
    /0000000000000000 +8 FUNC +GLOBAL DEFAULT +1 f$/m,
    /0000000000000008 +0 NOTYPE +LOCAL +DEFAULT +1 local$/m,
    /0000000000001234 +0 NOTYPE +GLOBAL DEFAULT +ABS absolute$/m,
    /0000000000000008 +16 NOTYPE +GLOBAL DEFAULT +COM common$/m,
    / NOTYPE +WEAK +DEFAULT +UND weak$/m,
    / NOTYPE +GLOBAL DEFAULT +UND elsewhere$/m,
    /0000000000000004 +8 NOTYPE +GLOBAL DEFAULT +3 inside$/m,
  ]) {
    t.match(symbols, line);
  }
  const relocations = runOn('readelf', ['-rW'], object);
  for (const line of [
    /^0{16} .* R_AARCH64_CALL26 +0{16} elsewhere \+ 8$/m,
    /^0{15}4 .* R_AARCH64_CALL26 +0{16} \.data \+ 0$/m,
    /^0{16} .* R_AARCH64_ABS64 +0{15}8 local - 4$/m,
  ]) {
    t.match(relocations, line);
  }
  t.match(runOn('readelf', ['-SW'], object), /\.bss +NOBITS +0{16} [0-9a-f]+ 000064 00/);
});

t.test('readelf finds no fault in built objects', { skip }, async (t) => {
  for (const object of [smallObject(), buildObject({ sections: [] })]) {
    t.notMatch(runOn('readelf', ['-aW'], object), /warning|error|corrupt|unrecognized/i);
  }
});
