// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { SHF, STB } from '../../lib/elf/vocabulary.js';
import { collectHostBranches } from '../../lib/references/host-branches.js';
import { code } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';
import { lineOf } from './collected.js';

const nop = 0xd503201f;
const call = (to: string, type = 283) => ({ word: 0x94000000, relocation: { type, to } });

const hyp = {
  name: '.hyp.text',
  flags: code,
  items: [
    { label: '__kvm_nvhe_f', binding: STB.GLOBAL },
    nop,
    { label: 'stub', binding: STB.GLOBAL },
    nop,
    call('__kvm_nvhe_f'),
  ],
};

t.test('host code’s calls and jumps into the nVHE link are found', async (t) => {
  const object = await build({
    sections: [
      hyp,
      {
        name: '.text',
        flags: code,
        items: [
          { label: 'host', binding: STB.GLOBAL },
          call('__kvm_nvhe_f'),
          call('__kvm_nvhe_f', 282),
          call('stub'),
          { word: 0x90000000, relocation: { type: 275, to: '__kvm_nvhe_f' } },
          call('nobody'),
        ],
      },
      {
        name: '.data',
        flags: SHF.ALLOC,
        items: [{ quad: 0n, relocation: { type: 257, to: '__kvm_nvhe_f' } }],
      },
    ],
  });
  const found = collectHostBranches(imageOf([object]), object);
  t.same(
    found.map(lineOf),
    [
      { does: 'host 0 call', to: '__kvm_nvhe_f (.hyp.text+0)', by: '0 CALL26' },
      { does: 'host 4 jump', to: '__kvm_nvhe_f (.hyp.text+0)', by: '4 JUMP26' },
    ],
    'not the call of the stub, which the host may call, nor the ADRP',
  );
});

t.test('without hyp code no branch is found', async (t) => {
  const object = await build({ sections: [{ name: '.text', flags: code, items: [call('nobody')] }] });
  t.same(collectHostBranches(imageOf([object]), object), []);
});

t.test('a call from one object into another is found', async (t) => {
  const first = await build({ sections: [hyp] }, 'hyp.o');
  const second = await build(
    {
      sections: [
        {
          name: '.text',
          flags: code,
          items: [{ label: 'host' }, call('__kvm_nvhe_f'), call('__kvm_nvhe_gone')],
        },
      ],
    },
    'host.o',
  );
  const found = collectHostBranches(imageOf([first, second]), second);
  t.same(found.map(lineOf), [{ does: 'host 0 call', to: '__kvm_nvhe_f (.hyp.text+0)', by: '0 CALL26' }]);
});
