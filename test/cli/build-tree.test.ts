// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a build directory is found to hold, by the names that Kbuild gives.

import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import t, { type Test } from 'tap';
import { BuildTree } from '../../lib/cli/build-tree.js';
import { Files } from '../../lib/cli/files.js';
import { buildObject } from '../support/object-builder.js';
import { runMain } from '../support/run-main.js';
import { smallObject } from '../support/small-object.js';

const isUser = process.getuid?.() !== 0;

const treeOf = (t: Test, files: Readonly<Record<string, string | Uint8Array>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-build-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const tree: (t: Test, files: Readonly<Record<string, string>>) => string = treeOf;

/** An object without hyp code. */
const smallPlain = buildObject({ sections: [{ name: '.text', items: [0xd65f03c0] }] });

const inputsOf = (t: Test, ...names: readonly string[]): readonly string[] => {
  const folder = tree(t, Object.fromEntries(names.map((name) => [name, ''])));
  return new BuildTree(new Files('/'), folder, null).inputs().map((path) => relative(folder, path));
};

const NVHE = 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';
const STUB = 'arch/arm64/kernel/hyp-stub.o';

t.test('vmlinux.o is checked if it is there, else the objects with hyp code', async (t) => {
  t.same(inputsOf(t, 'vmlinux.o', NVHE, STUB), ['vmlinux.o'], 'vmlinux.o holds everything');
  t.same(inputsOf(t, NVHE, STUB), [NVHE, STUB], 'the nVHE link, if vmlinux.o was not made');
  t.same(
    inputsOf(
      t,
      'arch/arm64/kvm/hyp/switch.o',
      'arch/arm64/kvm/hyp/tlb.o',
      'arch/arm64/kvm/hyp/built-in.o',
      'arch/arm64/kvm/hyp/.tmp_switch.o',
      'arch/arm64/kvm/hyp/switch.c',
      'arch/arm64/kvm/hyp-init.o',
      'virt/kvm/arm/hyp/timer-sr.o',
      'virt/kvm/arm/aarch32.o',
    ),
    [
      'arch/arm64/kvm/hyp/switch.o',
      'arch/arm64/kvm/hyp/tlb.o',
      'arch/arm64/kvm/hyp-init.o',
      'virt/kvm/arm/hyp/timer-sr.o',
      'virt/kvm/arm/aarch32.o',
    ],
    'up to 5.8, object by object',
  );
  const hyp = 'arch/arm64/kvm/hyp';
  t.same(
    inputsOf(
      t,
      ...['entry.o', 'entry.hyp.o', 'entry.hyp.tmp.o', 'nvhe/switch.hyp.o', 'nvhe/switch.hyp.tmp.o'].map(
        (name) => `${hyp}/${name}`,
      ),
    ),
    [`${hyp}/entry.hyp.o`, `${hyp}/entry.o`, `${hyp}/nvhe/switch.hyp.o`],
    '5.9: the objects with prefixed names, and the one that exists without',
  );
  t.same(inputsOf(t, `${hyp}/nvhe/switch.nvhe.o`), [], 'not the parts of an nVHE link that is not made yet');
  t.same(inputsOf(t, 'README'), []);
});

t.test('modules are found by modules.order, in the form that each kernel writes', async (t) => {
  for (const [list, expected] of [
    ['kernel/drivers/a.ko\nkernel/b.ko\n', ['drivers/a.ko', 'b.ko']],
    ['drivers/a.ko\nb.ko\n', ['drivers/a.ko', 'b.ko']],
    ['drivers/a.o\nb.o\n', ['drivers/a.ko', 'b.ko']],
    ['drivers/a.o\nnot-linked-yet.o\n', ['drivers/a.ko']],
    ['', []],
  ] as const) {
    const folder = tree(t, { 'modules.order': list, 'drivers/a.ko': '', 'b.ko': '' });
    const found = new BuildTree(new Files('/'), folder, null).modules();
    t.same(
      found.map((path) => relative(folder, path)),
      expected,
      list,
    );
  }
  t.same(new BuildTree(new Files('/'), tree(t, { x: '' }), null).modules(), []);
});

const moduleNamed = (name: string) => readFileSync(`test/samples/module/${name}-build/${name}.ko`);

t.test('modules with hyp code are checked together with their kernel and each other', async (t) => {
  const kernel = readFileSync('test/samples/nvhe/clean-build/vmlinux.o');
  const script = readFileSync('test/samples/nvhe/clean-build/arch/arm64/kernel/vmlinux.lds');
  const withModules = (...names: readonly string[]) => {
    const order = names.map((name) => `drivers/${name}.o\n`).join('');
    return treeOf(t, {
      'vmlinux.o': kernel,
      'arch/arm64/kernel/vmlinux.lds': script,
      'modules.order': `${order}drivers/plain.o\n`,
      'drivers/plain.ko': smallPlain,
      ...Object.fromEntries(names.map((name) => [`drivers/${name}.ko`, moduleNamed(name)])),
    });
  };
  const run = (folder: string, ...options: readonly string[]) => runMain([...options, '--build', folder]);
  t.match(await run(withModules('clean', 'imports', 'exporter')), { status: 0, stderr: '' });
  t.match(await run(withModules('clean', 'imports')), {
    status: 3,
    stderr: /imports\.ko: warning: references to .exported. could not be judged.*modules that may export/,
  });
  const { stderr } = await run(withModules('hazards'));
  t.match(stderr, /jump to .elsewhere., which is not defined in hyp code/);
  t.match(stderr, /note: use an array with an element for each CPU/);
  t.match(stderr, /variable .for_init.[\s\S]*note: take the section attribute off/);
  t.match(
    (await run(withModules('clean'), '-v')).stderr,
    /generation: nVHE code.*\n.*generation: EL2 part of a pKVM module/,
  );
});

t.test('--protected needs the version of a kernel, but not for a module', async (t) => {
  const run = (path: string) => runMain(['--protected', path]);
  t.match(await run('test/samples/module/clean-build/clean.ko'), { status: 0, stderr: '' });
  t.match(await run('test/samples/hyp-text/switch-table.o'), {
    status: 3,
    stderr: /unknown version is not known/,
  });
});

t.test('an image-vars.h without aliases is reported if the nVHE code uses some', async (t) => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n';
  const link = 'test/samples/nvhe/aliases-build/arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';
  const run = (bytes: Uint8Array) => {
    const source = treeOf(t, { Kbuild: '', 'arch/arm64/kernel/image-vars.h': pointer });
    const folder = treeOf(t, { 'include/config/auto.conf': '', [NVHE]: bytes });
    return runMain(['--build', folder, '--source', source]);
  };
  t.match(await run(readFileSync(link)), {
    status: 3,
    stderr: /image-vars\.h: .*no alias of the nVHE code is in it/,
  });
  const module = readFileSync('test/samples/module/imports-build/hyp/kvm_nvhe.o');
  t.notMatch((await run(module)).stderr, /no alias/, 'a module needs none');
});

t.test('the build directory around a file is found', async (t) => {
  const folder = tree(t, { 'include/config/auto.conf': '', [NVHE]: '' });
  const files = new Files(folder);
  const around = (path: string) => {
    const found = BuildTree.around(files, path, null);
    return found instanceof BuildTree ? found.directory : found;
  };
  t.equal(around(NVHE), folder);
  t.equal(around(join(folder, NVHE)), folder);
  const elsewhere = tree(t, { 'x.o': '' });
  t.equal(BuildTree.around(new Files(elsewhere), 'x.o', null), null);
});

t.test('release, source tree and aliases are read from a build directory', async (t) => {
  const source = tree(t, {
    Kbuild: '',
    'arch/arm64/kernel/image-vars.h': '#ifdef CONFIG_A\nKVM_NVHE_ALIAS(a);\n#endif\nKVM_NVHE_ALIAS(b);\n',
  });
  const folder = tree(t, {
    'include/config/auto.conf': 'CONFIG_A=y\n',
    'include/config/kernel.release': '6.1.192-2\n',
  });
  const build = (named: string | null = null) => new BuildTree(new Files(folder), folder, named);
  t.equal(build().release(), '6.1.192-2');
  t.equal(build().source(), null);
  t.equal(build().aliases().aliases.size, 0, 'without a source tree no alias is known');
  t.same([...build(source).aliases().aliases.values()], ['a', 'b'], 'from image-vars.h');
  symlinkSync(source, join(folder, 'source'));
  t.equal(build().source(), source, 'the link that a build with O= makes');
  t.same([...build().aliases().aliases.values()], ['a', 'b']);
  mkdirSync(join(folder, 'arch/arm64/kernel'), { recursive: true });
  writeFileSync(join(folder, 'arch/arm64/kernel/vmlinux.lds'), '__kvm_nvhe_c = c;');
  t.same([...build().aliases().aliases.values()], ['c'], 'the preprocessed linker script goes first');
  t.equal(new BuildTree(new Files(source), source, null).source(), source, 'built in the source tree');
  t.equal(new BuildTree(new Files(source), source, null).release(), null);
});

t.test(
  'a build directory that was not named is used only if it belongs to the user or root',
  { skip: isUser && 'needs root' },
  async (t) => {
    const other = 65_534;
    for (const part of ['', 'include', 'include/config', 'include/config/auto.conf']) {
      const folder = tree(t, { 'include/config/auto.conf': '', 'sub/x.o': '' });
      const files = new Files(folder);
      chownSync(join(folder, 'sub/x.o'), other, other);
      t.ok(BuildTree.around(files, 'sub/x.o', null) instanceof BuildTree, 'the object may belong to anybody');
      chownSync(join(folder, part), other, other);
      t.same(BuildTree.around(files, 'sub/x.o', null), { foreign: folder }, part);
      t.ok(
        BuildTree.around(new Files(folder, String(other)), 'sub/x.o', null) instanceof BuildTree,
        'the user behind sudo',
      );
      t.same(BuildTree.around(new Files(folder, '1'), 'sub/x.o', null), { foreign: folder });
    }
  },
);

t.test(
  'a build directory with a symbolic link of another user is not used',
  { skip: isUser && 'needs root' },
  async (t) => {
    const folder = tree(t, {
      'own/config/auto.conf': '',
      'sub/x.o': '',
      'arch/arm64/kernel/vmlinux.lds': '',
    });
    symlinkSync('own', join(folder, 'include'));
    t.ok(
      BuildTree.around(new Files(folder), 'sub/x.o', null) instanceof BuildTree,
      'with a link of the user it is',
    );
    lchownSync(join(folder, 'include'), 65_534, 65_534);
    t.same(BuildTree.around(new Files(folder), 'sub/x.o', null), { foreign: folder });
  },
);

t.test('a build directory that everybody may write to is not used', async (t) => {
  const folder = tree(t, { 'include/config/auto.conf': '', 'sub/x.o': '' });
  chmodSync(folder, 0o1777);
  t.same(BuildTree.around(new Files(folder), 'sub/x.o', null), { foreign: folder });
  chmodSync(folder, 0o775);
  t.ok(BuildTree.around(new Files(folder), 'sub/x.o', null) instanceof BuildTree);
});

t.test(
  '-v says which build directory was found and why it is not used',
  { skip: isUser && 'needs root' },
  async (t) => {
    const folder = tree(t, { 'include/config/auto.conf': '' });
    writeFileSync(join(folder, 'x.o'), smallObject());
    const verbose = async (...argv: readonly string[]): Promise<string> =>
      (await runMain(['-v', ...argv, 'x.o'], { directory: folder })).stderr;
    t.match(await verbose(), `hypcheck: build directory: ${folder}; `);
    chownSync(join(folder, 'include'), 65_534, 65_534);
    const said = await verbose();
    t.match(said, 'hypcheck: build directory: none; ');
    t.match(
      said,
      `hypcheck: build directory: ${folder} is not used: it belongs to another user, or everybody may write to it (name it with --build)`,
    );
    t.match(await verbose('--build', '.'), 'hypcheck: build directory: .; ', 'one that was named is used');
  },
);

t.test('a kernel.release that is no release is ignored', async (t) => {
  for (const text of ['root:x:0:0', '6.1\u001b[2J', '6', '', `6.1${'x'.repeat(100)}`, '6.1 and more']) {
    const folder = tree(t, { 'include/config/kernel.release': text });
    t.equal(new BuildTree(new Files(folder), folder, null).release(), null, text);
  }
});

t.test('a link `source` to anything but a source tree is ignored', async (t) => {
  const folder = tree(t, {});
  symlinkSync('/etc', join(folder, 'source'));
  t.equal(new BuildTree(new Files(folder), folder, null).source(), null);
});
