// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which objects define a name for others.

import t from 'tap';
import { memorySource } from '../../lib/elf/byte-source.js';
import { mayDefine } from '../../lib/elf/definitions.js';
import { SHT, STB } from '../../lib/elf/vocabulary.js';
import { WantedNames } from '../../lib/elf/wanted-names.js';
import { buildObject, code, type ObjectPlan } from '../support/object-builder.js';

const nop = 0xd503201f;

const defines = (bytes: Uint8Array, ...names: readonly string[]): boolean =>
  mayDefine(memorySource('a.o', bytes), new WantedNames(names));

const plan: ObjectPlan = {
  sections: [
    {
      name: '.text',
      flags: code,
      items: [
        { label: 'local' },
        { label: 'global', binding: STB.GLOBAL },
        { label: 'weak', binding: STB.WEAK },
        nop,
      ],
    },
  ],
  symbols: [
    { name: 'missing', in: 'UND', binding: STB.GLOBAL },
    { name: 'shared', in: 'COMMON', binding: STB.GLOBAL },
    { name: 'number', in: 'ABS', binding: STB.GLOBAL },
  ],
};

t.test('a symbol counts if others may use it', async (t) => {
  const bytes = buildObject(plan);
  for (const name of ['global', 'weak', 'shared', 'number'])
    t.equal(defines(bytes, 'nothing', name), true, name);
  for (const name of ['local', 'missing', 'globa', 'globals', '']) t.equal(defines(bytes, name), false, name);
  t.equal(defines(bytes), false);
  t.equal(defines(buildObject({ sections: [] }), 'global'), false, 'no symbols');
});

t.test('with more sections than a header counts, it is not told', async (t) => {
  t.equal(defines(buildObject({ ...plan, padSectionsTo: 0xff01 }), 'nothing'), true);
});

t.test('a file that is none, and tables that reach past its end, are a FormatError', async (t) => {
  t.throws(() => defines(new Uint8Array(80), 'global'), /not an ELF file/);
  const bytes = buildObject(plan);
  t.throws(() => defines(bytes.slice(0, bytes.length - 1), 'global'), /section header table.* reaches past/);
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(40, true));
  const symtab = [...Array(view.getUint16(60, true)).keys()]
    .map((index) => headers + index * 64)
    .find((at) => view.getUint32(at + 4, true) === SHT.SYMTAB);
  view.setUint32((symtab ?? 0) + 44, 1000, true);
  t.throws(
    () => defines(bytes, 'global'),
    /the symbol table .* reaches past/,
    'more local symbols than symbols',
  );
});
