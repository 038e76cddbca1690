// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From the words of the command line to objects: archives of all kinds, and faults
// that do not stop the rest.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { Files } from '../../lib/cli/files.js';
import { loadInputs } from '../../lib/cli/inputs.js';
import { STB } from '../../lib/elf/vocabulary.js';
import { WantedNames } from '../../lib/elf/wanted-names.js';
import { member } from '../support/bombs.js';
import { buildObject, code } from '../support/object-builder.js';
import { compile, run, without } from '../support/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-inputs-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const object = buildObject({
  sections: [{ name: '.hyp.text', flags: code, items: [{ label: 'f' }, 0xd65f03c0] }],
});
mkdirSync(join(folder, 'kvm/hyp'), { recursive: true });
for (const name of ['a.o', 'b.o', 'kvm/c.o', 'kvm/hyp/d.o']) writeFileSync(join(folder, name), object);
writeFileSync(join(folder, 'text'), 'no object');

const archiveOf = (name: string, contents: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('!<arch>\n'), member(`${name}/`, contents)]);

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

t.test('an object that is named several ways is loaded once', async (t) => {
  t.same(await load('a.o', 'kvm/c.o', './a.o', join(folder, 'a.o')), {
    objects: ['a.o', 'kvm/c.o'],
    faults: [],
  });
});

t.test('objects that do not define what is looked for are passed by', async (t) => {
  const defining = (name: string) =>
    buildObject({
      sections: [{ name: '.text', flags: code, items: [{ label: name, binding: STB.GLOBAL }, 0xd65f03c0] }],
    });
  writeFileSync(join(folder, 'has-g.o'), defining('g'));
  const files = new Files(folder);
  const definitions = new WantedNames(['g', 'h']);
  const { objects, faults } = await loadInputs(files, ['a.o', 'has-g.o', 'text'], false, { definitions });
  files.close();
  t.same(
    objects.map(({ path }) => path),
    ['has-g.o'],
  );
  t.same(
    faults.map(({ file }) => file),
    ['text'],
  );
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

t.test('gzipped objects and archives are loaded; a boot image and a package are named as such', async (t) => {
  writeFileSync(join(folder, 'a.ko.gz'), gzipSync(object));
  writeFileSync(join(folder, 'a.a.gz'), gzipSync(archiveOf('b.o', object)));
  writeFileSync(
    join(folder, 'Image.gz'),
    gzipSync(Buffer.concat([Buffer.alloc(56), Buffer.from('ARM\x64')])),
  );
  writeFileSync(
    join(folder, 'x.deb'),
    '!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n',
  );
  const { objects, faults } = await load('a.ko.gz', 'a.a.gz', 'Image.gz', 'x.deb', 'a.o');
  t.same(objects, ['a.ko.gz', 'a.a.gz(b.o)', 'a.o']);
  t.match(faults[0] ?? '', /^Image\.gz: an arm64 boot image/);
  t.match(faults[1] ?? '', /^x\.deb: a Debian package: unpack it \(dpkg-deb -x x\.deb FOLDER\)/);
  t.equal(faults.length, 2);
});

t.test(
  'the members of ordinary, thin and nested archives are loaded',
  { skip: without('aarch64-linux-gnu-ar') },
  async (t) => {
    const ar = (...args: readonly string[]) => run('aarch64-linux-gnu-ar', args, folder);
    ar('rcsD', 'fat.a', 'a.o', 'b.o');
    t.same((await load('fat.a')).objects, ['fat.a(a.o)', 'fat.a(b.o)']);
    ar('rcsDT', 'kvm/built-in.o', 'kvm/c.o', 'kvm/hyp/d.o');
    t.same(
      (await load('kvm/built-in.o')).objects,
      ['kvm/c.o', 'kvm/hyp/d.o'],
      'a thin one with the name of an object',
    );
    ar('rcsDTP', 'all.a', 'a.o', 'kvm/built-in.o');
    t.same((await load('all.a')).objects, ['a.o', 'kvm/c.o', 'kvm/hyp/d.o'], 'a thin one in a thin one');
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
  },
);

t.test('archives that are nested too deeply are reported', async (t) => {
  const nested = (depth: number): Uint8Array => (depth === 0 ? object : archiveOf('a.a', nested(depth - 1)));
  writeFileSync(join(folder, 'deep.a'), nested(13));
  writeFileSync(join(folder, 'deeper.a'), nested(14));
  t.equal((await load('deep.a')).objects.length, 1);
  const { objects, faults } = await load('deeper.a');
  t.same(objects, []);
  t.match(faults, [/: archives are nested too deeply$/]);
});

t.test('an empty archive is reported', async (t) => {
  writeFileSync(join(folder, 'empty.a'), '!<arch>\n');
  t.same((await load('empty.a')).faults, ['empty.a: the archive is empty']);
});

t.test('an object whose symbols cannot be read is reported, and the others are loaded', async (t) => {
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

t.test(
  'an archive that holds itself and one that holds no object are reported',
  { skip: without('aarch64-linux-gnu-ar') },
  async (t) => {
    const thinMember = (name: string) => `${`/${name}`.padEnd(48)}0         \`\n`;
    // A thin archive whose only member is its own name.
    writeFileSync(
      join(folder, 'self.a'),
      `!<thin>\n${'//'.padEnd(48)}8         \`\nself.a/\n${thinMember('0')}`,
    );
    t.same(await load('self.a'), { objects: [], faults: ['self.a: the archive holds itself'] });
    writeFileSync(join(folder, 'nothing.a'), '!<arch>\n');
    run('aarch64-linux-gnu-ar', ['rcsD', 'hollow.a', 'nothing.a'], folder);
    t.same((await load('hollow.a')).faults, ['hollow.a: the archive holds no object']);
    run('aarch64-linux-gnu-ar', ['rcsDT', 'same.a', 'a.o'], folder);
    t.same(
      await load('a.o', 'same.a'),
      { objects: ['a.o'], faults: [] },
      'a member that was loaded before is no fault',
    );
  },
);

t.test(
  "objects of gcc's intermediate code without machine code are refused",
  { skip: without('aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-ar') },
  async (t) => {
    const hyp = '__attribute__((section(".hyp.text"))) int f(int a) { return a; }';
    const slim = compile(hyp, ['-O2', '-flto', '-fno-fat-lto-objects']);
    writeFileSync(join(folder, 'slim.o'), slim);
    writeFileSync(join(folder, 'fat.o'), compile(hyp, ['-O2', '-flto', '-ffat-lto-objects']));
    const sentence =
      "GCC's intermediate code (-flto), not machine code: check vmlinux.o, after LTO code generation";
    t.same(await load('slim.o', 'a.o'), { objects: ['a.o'], faults: [`slim.o: ${sentence}`] });
    t.same(await load('fat.o'), { objects: ['fat.o'], faults: [] });
    run('aarch64-linux-gnu-ar', ['rcsD', 'lto.a', 'a.o', 'slim.o'], folder);
    t.same(await load('lto.a'), { objects: ['lto.a(a.o)'], faults: [`lto.a(slim.o): ${sentence}`] });
    run('aarch64-linux-gnu-ar', ['rcsDT', 'thin-lto.a', 'a.o', 'slim.o'], folder);
    t.same(await load('thin-lto.a'), { objects: ['a.o'], faults: [`slim.o: ${sentence}`] });
    run('aarch64-linux-gnu-ld', ['-r', '-o', 'mixed.o', 'a.o', 'slim.o'], folder);
    t.same(
      await load('mixed.o'),
      { objects: ['mixed.o'], faults: [`mixed.o: ${sentence}`] },
      'an object made of both is loaded and reported',
    );
  },
);
