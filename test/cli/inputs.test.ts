// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From words to objects: archives of all kinds, and faults that stop nothing.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Files } from '../../lib/cli/files.js';
import { loadInputs } from '../../lib/cli/inputs.js';
import { buildObject, code } from '../support/object-builder.js';
import { run, without } from '../support/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-inputs-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const object = buildObject({
  sections: [{ name: '.hyp.text', flags: code, items: [{ label: 'f' }, 0xd65f03c0] }],
});
mkdirSync(join(folder, 'kvm/hyp'), { recursive: true });
for (const name of ['a.o', 'b.o', 'kvm/c.o', 'kvm/hyp/d.o']) writeFileSync(join(folder, name), object);
writeFileSync(join(folder, 'text'), 'no object');

const load = async (...paths: readonly string[]) => {
  const files = new Files(folder);
  try {
    const { objects, faults } = await loadInputs(files, paths, true);
    return {
      objects: objects.map(({ path }) => path),
      faults: faults.map(({ file, sentence }) => `${file}: ${sentence}`),
    };
  } finally {
    files.close();
  }
};

t.test('objects by name, each once', async (t) => {
  t.same(await load('a.o', 'kvm/c.o', './a.o', join(folder, 'a.o')), {
    objects: ['a.o', 'kvm/c.o'],
    faults: [],
  });
});

t.test('a bad file does not stop the rest', async (t) => {
  const { objects, faults } = await load('text', 'a.o', 'missing.o', '.');
  t.same(objects, ['a.o']);
  t.same(faults, [
    'text: not an ELF file',
    'missing.o: cannot open: no such file or directory',
    '.: a directory; name a kernel build with --build',
  ]);
});

t.test('archives', { skip: without('aarch64-linux-gnu-ar') }, async (t) => {
  const ar = (...args: readonly string[]) => run('aarch64-linux-gnu-ar', args, folder);
  ar('rcsD', 'fat.a', 'a.o', 'b.o');
  t.same((await load('fat.a')).objects, ['fat.a(a.o)', 'fat.a(b.o)']);
  ar('rcsDT', 'kvm/built-in.o', 'kvm/c.o', 'kvm/hyp/d.o');
  t.same(
    (await load('kvm/built-in.o')).objects,
    ['kvm/c.o', 'kvm/hyp/d.o'],
    'thin, and named like an object',
  );
  ar('rcsDTP', 'all.a', 'a.o', 'kvm/built-in.o');
  t.same((await load('all.a')).objects, ['a.o', 'kvm/c.o', 'kvm/hyp/d.o'], 'nested');
  ar('rcsD', 'outer.a', 'fat.a');
  t.same(
    (await load('outer.a')).objects,
    ['outer.a(fat.a)(a.o)', 'outer.a(fat.a)(b.o)'],
    'an ordinary one in an ordinary one',
  );
  writeFileSync(join(folder, 'kvm/gone.o'), object);
  ar('rcsDT', 'torn.a', 'kvm/gone.o', 'a.o');
  rmSync(join(folder, 'kvm/gone.o'));
  t.same(await load('torn.a'), {
    objects: ['a.o'],
    faults: ['kvm/gone.o: cannot open: no such file or directory'],
  });
});

t.test('an empty archive is said', async (t) => {
  writeFileSync(join(folder, 'empty.a'), '!<arch>\n');
  t.same((await load('empty.a')).faults, ['empty.a: the archive is empty']);
});

t.test('an object whose symbols cannot be read is a fault by itself', async (t) => {
  const torn = Uint8Array.from(object);
  const view = new DataView(torn.buffer);
  const table = Number(view.getBigUint64(40, true));
  for (let at = table; at < torn.length; at += 64) {
    if (view.getUint32(at + 4, true) === 2) view.setBigUint64(at + 32, 24n << 20n, true);
  }
  writeFileSync(join(folder, 'torn.o'), torn);
  const { objects, faults } = await load('torn.o', 'a.o');
  t.same(objects, ['a.o']);
  t.equal(faults.length, 1);
  t.match(faults[0], /^torn\.o: section '\.symtab' .* reaches past the end of the file/);
});
