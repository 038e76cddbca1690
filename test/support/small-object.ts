// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// An object of two kilobytes with relocations, a literal, an alternative and mapping
// symbols, for tests that damage it.

import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import { buildObject, code } from './object-builder.js';

export const smallObject = (): Uint8Array<ArrayBuffer> =>
  buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [
          { label: '__kvm_nvhe_$x' },
          { label: '__kvm_nvhe_f', type: STT.FUNC, binding: STB.GLOBAL },
          { word: 0x90000000, relocation: { type: 275, to: 'host_data' } }, // adrp x0, host_data
          { word: 0xf9400001, relocation: { type: 286, to: 'host_data' } }, // ldr x1, [x0, :lo12:host_data]
          { word: 0x94000000, relocation: { type: 283, to: 'host_function' } },
          { word: 0x94000000, relocation: { type: 283, to: '__kvm_nvhe_elsewhere' } },
          0x58000042, // ldr x2, .+8
          { label: 'alternative' },
          0xd65f03c0,
          { label: '__kvm_nvhe_$d' },
          { quad: 0n, relocation: { type: 257, to: 'host_function' } },
          { end: '__kvm_nvhe_f' },
          { label: '__kvm_nvhe_$x.1' },
          { label: 'replacement' },
          { word: 0x14000000, relocation: { type: 282, to: 'host_function' } },
        ],
      },
      { name: '.hyp.rodata', items: [{ quad: 0n, relocation: { type: 257, to: 'host_data' } }] },
      {
        name: '.altinstructions',
        items: [
          { word: 0, relocation: { type: 261, to: 'alternative' } },
          { word: 0, relocation: { type: 261, to: 'replacement' } },
          0x04040001,
        ],
      },
      {
        name: '.text',
        flags: code,
        items: [{ label: 'host_function', type: STT.FUNC, binding: 1 }, 0xd65f03c0],
      },
      {
        name: '.data',
        flags: SHF.ALLOC | SHF.WRITE,
        items: [{ label: 'host_data', type: STT.OBJECT, binding: 1, size: 8 }, { quad: 0n }],
      },
      { name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 64 },
    ],
  });
