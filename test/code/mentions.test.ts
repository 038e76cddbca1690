// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { mentionsOf } from '../../lib/code/mentions.js';
import { STT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, symbolOf } from '../support/objects.js';

const to = (name: string, type: number): Item => ({ word: 0, relocation: { type, to: name } });

t.test('mentionsOf() gives relocations against given symbols in given sections', async (t) => {
  const object = await build({
    sections: [
      { name: '.text', flags: code, items: [{ label: 'f', type: STT.FUNC }, 0, { label: 'g' }, 0] },
      { name: '.a', items: [to('g', 261), to('f', 261), to('elsewhere', 261)] },
      { name: '.b', items: [to('f', 258)] },
    ],
  });
  const f = symbolOf(object, 'f');
  const found = (symbols: readonly number[], name: RegExp) =>
    [
      ...mentionsOf(
        object,
        symbols,
        object.sections.filter((one) => name.test(one.name)),
      ),
    ].map(({ section, relocation }) => `${section.name}+${relocation.offset}`);
  t.same(found([f], /./), ['.a+4', '.b+0']);
  t.same(found([f], /a/), ['.a+4']);
  t.same(found([f, symbolOf(object, 'elsewhere')], /a/), ['.a+4', '.a+8']);
  t.same(found([], /./), []);
});
