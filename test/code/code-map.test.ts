// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CodeMap } from '../../lib/code/code-map.js';
import { code, type Item } from '../support/object-builder.js';
import { build, open, sectionOf } from '../support/objects.js';
import { assemble, inFolder, run, without } from '../support/tools.js';

const NOP = 0xd503201f;
const RET = 0xd65f03c0;

const mapOf = async (items: readonly Item[]): Promise<CodeMap> => {
  const object = await build({ sections: [{ name: '.hyp.text', flags: code, items }] });
  return new CodeMap(object, sectionOf(object, '.hyp.text'));
};

t.test('what lies between $d and $x is data', async (t) => {
  const map = await mapOf([
    { label: '$x' },
    NOP,
    { label: '$d' },
    { quad: 0x1400000114000001n },
    { label: '$x.1' },
    NOP,
    { label: '__kvm_nvhe_$d' },
    0x14000001,
    { label: '__kvm_nvhe_$x' },
    RET,
    { label: '$d.2' },
    0x14000001,
  ]);
  const isCode = Array.from({ length: 8 }, (_, index) => map.isCode(index * 4));
  t.same(isCode, [true, false, false, true, false, true, false, false]);
  t.same(map.jumpsTo(8), [], 'the data look like branches');
});

t.test('without mapping symbols the whole section is code, and nothing outside it', async (t) => {
  const map = await mapOf([NOP, RET]);
  t.equal(map.size, 8);
  t.ok(map.isCode(0) && map.isCode(4));
  for (const offset of [-4, 8, 2, Number.NaN]) t.notOk(map.isCode(offset), String(offset));
  t.equal(map.word(400), 0);
});

t.test('successors and predecessors of an instruction follow its branches', async (t) => {
  const map = await mapOf([
    0x54000060, // 00: b.eq 0c
    0x94000004, // 04: bl 14
    0x14000002, // 08: b 10
    NOP, // 0c
    RET, // 10
    0x17ffffff, // 14: b 10
    0xd61f0000, // 18: br x0
    NOP, // 1c
  ]);
  t.same(map.successors(0x00), [0x04, 0x0c]);
  t.same(map.successors(0x04), [0x08], 'a call returns');
  t.same(map.successors(0x08), [0x10]);
  t.same(map.successors(0x0c), [0x10]);
  t.same(map.successors(0x10), []);
  t.same(map.successors(0x18), []);
  t.same(map.predecessors(0x0c), [0x00], 'the branch before it does not fall through');
  t.same(map.predecessors(0x10), [0x0c, 0x08, 0x14]);
  t.same(map.predecessors(0x14), [], 'a call is not a jump, and the return before it does not fall through');
  t.same(map.predecessors(0x1c), []);
  t.same(map.predecessors(0), []);
});

t.test(
  'mapping symbols that objcopy prefixed are recognised',
  { skip: without('aarch64-linux-gnu-as', 'aarch64-linux-gnu-objcopy', 'aarch64-linux-gnu-objdump') },
  async (t) => {
    const bytes = assemble(`
      .section .hyp.text, "ax"
      f: ldr x0, 1f
         ret
      1: .quad 0xd65f03c0d65f03c0
      g: ret
    `);
    const prefixed = inFolder((folder) => {
      writeFileSync(join(folder, 'a.o'), bytes);
      run('aarch64-linux-gnu-objcopy', ['--prefix-symbols=__kvm_nvhe_', 'a.o', 'b.o'], folder);
      return readFileSync(join(folder, 'b.o'));
    });
    const object = await open(prefixed);
    const map = new CodeMap(object, sectionOf(object, '.hyp.text'));
    t.same(
      [0, 4, 8, 12, 16].map((offset) => map.isCode(offset)),
      [true, true, false, false, true],
    );
  },
);
