// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// kbuild/install-kernel on small trees that stand in for the supported kernels: uninstalling restores every byte,
// a second run changes nothing, and a tree that is not recognised is left unchanged.

import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { contentsOf, makeKernelTree, type Version, versions } from './kernel-tree.js';

const here = dirname(fileURLToPath(import.meta.url));
const kbuild = join(here, '../../kbuild');
const installer = join(kbuild, 'install-kernel');
const standIn = join(here, 'stand-in');
const stressBuild = join(kbuild, 'stress-build');

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('sh', [installer, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
const install = (tree: string) => run('--program', standIn, tree);
const uninstall = (tree: string) => run('--uninstall', tree);

function newTree(test: Test, version: Version): string {
  const tree = makeKernelTree(version);
  test.teardown(() => rmSync(dirname(tree), { recursive: true }));
  return tree;
}

function edit(tree: string, path: string, change: (text: string) => string): void {
  const file = join(tree, path);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`the edit of ${path} changes nothing`);
  writeFileSync(file, after);
}

/** The calls of the hook's makefile: one for each place in the build. */
const hooksIn = (makefile: string | undefined) => makefile?.match(/scripts\/hypcheck\/hook\.mk \w+/g);

for (const version of versions) {
  t.test(version, async (t) => {
    const tree = newTree(t, version);
    const pristine = contentsOf(tree);

    const first = install(tree);
    t.equal(first.status, 0, first.stderr);
    t.match(first.stdout, `hypcheck is now installed in ${tree} (Linux ${version}.7)`);
    const installed = contentsOf(tree);

    const second = install(tree);
    t.equal(second.status, 0, second.stderr);
    t.match(second.stdout, 'nothing to do');
    t.strictSame(contentsOf(tree), installed, 'a second run changes nothing');

    const twice = ['4.16', '5.4', '5.6'].includes(version) ? ['modules'] : [];
    t.strictSame(
      hooksIn(installed.Makefile)?.map((hook) => hook.replace(/.* /, '')),
      ['vmlinux', 'modules', ...twice, 'kvm'],
      'one hook for each place',
    );
    t.equal(
      /^\.PRECIOUS: vmlinux$/m.test(installed.Makefile ?? ''),
      twice.length > 0,
      'vmlinux is .PRECIOUS where its own rule runs the check',
    );
    t.match(
      installed['lib/Kconfig.debug'],
      /last line\.\n\nconfig DEBUG_HYP_SECTION_MISMATCH\n[\s\S]*\n\nconfig HYP_SECTION_MISMATCH_WARN_ONLY\n[\s\S]*\n\n#\n# What comes next/,
      'the options follow SECTION_MISMATCH_WARN_ONLY',
    );
    t.match(
      installed.MAINTAINERS,
      /hygro\/\n\nHYPCHECK [\s\S]*?\n\nH[yY][pP][eE][rR]/,
      'the MAINTAINERS entry is in alphabetical order',
    );
    t.match(installed['lib/Kconfig.debug'], /\n\nconfig DEBUG_HYP_INLINE_STRESS\n[\s\S]*\n\n#\n# What/);
    t.match(
      installed.Makefile,
      /^vmlinuxclean:\n.*link-vmlinux\.sh clean\n\t\$\(Q\)rm -rf \.hypcheck-stress\n\n/m,
      'make clean removes the stress build',
    );
    t.match(installed['Documentation/dev-tools/index.rst'], '   sparse\n   hypcheck\n');
    t.equal(installed['scripts/hypcheck/stress-build'], readFileSync(stressBuild, 'latin1'));
    t.equal(installed['scripts/hypcheck/hypcheck.cjs'], readFileSync(standIn, 'latin1'));

    const third = uninstall(tree);
    t.equal(third.status, 0, third.stderr);
    t.strictSame(contentsOf(tree), pristine, 'uninstalling restores every byte');
    t.match(uninstall(tree).stdout, 'nothing to do');
  });
}

t.test('a tree that is not recognised is refused and left unchanged', async (t) => {
  const cases: readonly (readonly [
    name: string,
    version: Version,
    path: string,
    (text: string) => string,
    RegExp,
  ])[] = [
    [
      'no SECTION_MISMATCH_WARN_ONLY',
      '6.1',
      'lib/Kconfig.debug',
      (s) => s.replace('config SECTION_', 'config OTHER_'),
      /Kconfig/,
    ],
    ['SECTION_MISMATCH_WARN_ONLY twice', '6.1', 'lib/Kconfig.debug', (s) => s + s, /Kconfig/],
    ['no mixed targets', '5.4', 'Makefile', (s) => s.replace('PHONY += $(MAKE', 'PHONY += $(OTHER'), /mixed/],
    [
      'no rule that makes vmlinux.o',
      '6.1',
      'Makefile',
      (s) =>
        s
          .replace('vmlinux_o\n\nvm', 'x\n\nvm')
          .replace('/scripts/Makefile.vmlinux_o', '/scripts/Makefile.other'),
      /links vmlinux/,
    ],
    [
      'vmlinux not linked by link-vmlinux.sh',
      '5.4',
      'Makefile',
      (s) => s.replaceAll('link-vmlinux', 'ld-vmlinux'),
      /links vmlinux/,
    ],
    [
      'vmlinux linked twice',
      '5.4',
      'Makefile',
      (s) => s.replace(/^vmlinux: .*\n.*\n/m, '$&$&'),
      /links vmlinux/,
    ],
    [
      'no vmlinuxclean rule',
      '6.1',
      'Makefile',
      (s) => s.replace('vmlinuxclean:', 'otherclean:'),
      /cleans up/,
    ],
    [
      'no rule that links modules',
      '6.12',
      'Makefile',
      (s) => s.replace('Makefile.modfinal', 'Makefile.last'),
      /modules/,
    ],
    [
      'no rule for single directories',
      '4.16',
      'Makefile',
      (s) => s.replace('%/: ', 'dir/: '),
      /single directory/,
    ],
    [
      'sparse is not in the index',
      '6.1',
      'Documentation/dev-tools/index.rst',
      (s) => s.replace('sparse', 'smatch'),
      /index\.rst/,
    ],
    [
      'no MAINTAINERS entry to precede',
      '6.1',
      'MAINTAINERS',
      (s) => s.slice(0, s.indexOf('HYPERV') === -1 ? s.indexOf('Hyper') : s.indexOf('HYPERV')),
      /MAINTAINERS/,
    ],
    ['no newline at the end', '6.1', 'Makefile', (s) => s.trimEnd(), /newline/],
    [
      'CRLF line ends',
      '6.1',
      'Makefile',
      (s) => s.replaceAll('\n', '\r\n'),
      /Makefile has CRLF line ends.*core\.autocrlf/,
    ],
    [
      'CRLF line ends in another file',
      '6.1',
      'lib/Kconfig.debug',
      (s) => s.replaceAll('\n', '\r\n'),
      /Kconfig\.debug has CRLF line ends/,
    ],
    [
      'another use of our option',
      '6.1',
      'lib/Kconfig.debug',
      (s) => `${s}	select DEBUG_HYP_SECTION_MISMATCH\n`,
      /line 19:/,
    ],
  ];
  for (const [name, version, path, change, reason] of cases) {
    t.test(name, async (t) => {
      const tree = newTree(t, version);
      edit(tree, path, change);
      const before = contentsOf(tree);
      const { status, stderr } = install(tree);
      t.equal(status, 1);
      t.match(stderr, reason);
      t.match(stderr, /nothing was changed\n$/);
      t.strictSame(contentsOf(tree), before);
    });
  }
});

t.test('a tree without MAINTAINERS or the documentation gets the rest', async (t) => {
  for (const [gone, kept] of [
    [['MAINTAINERS'], ['Documentation/dev-tools/hypcheck.rst']],
    [['Documentation'], ['MAINTAINERS']],
    [['MAINTAINERS', 'Documentation'], []],
  ] as const) {
    const tree = newTree(t, '6.1');
    for (const path of gone) rmSync(join(tree, path), { recursive: true });
    const before = contentsOf(tree);
    const { status, stdout, stderr } = install(tree);
    t.equal(status, 0, stderr);
    t.match(stdout, /left out, because the tree has none:/);
    for (const path of gone) t.match(stdout, new RegExp(`none: .*${path}`));
    const installed = contentsOf(tree);
    t.match(installed.Makefile, 'hook.mk vmlinux');
    for (const path of kept) t.match(installed[path], /hypcheck/i, path);
    for (const path of gone)
      t.same(
        Object.keys(installed).filter((name) => name.startsWith(path)),
        [],
        `no ${path} is made`,
      );
    t.match(install(tree).stdout, 'nothing to do');
    t.equal(uninstall(tree).status, 0);
    t.strictSame(contentsOf(tree), before, 'uninstalling restores every byte');
  }
});

t.test('a directory that is not a kernel source tree is refused', async (t) => {
  const tree = newTree(t, '6.1');
  const folder = dirname(tree);
  t.match(install(folder), { status: 1, stderr: 'not a Linux source tree' });
  t.match(install(join(folder, 'nowhere')), { status: 1, stderr: 'not a directory' });

  mkdirSync(join(folder, 'build/source/scripts'), { recursive: true });
  t.match(install(join(folder, 'build')), { status: 1, stderr: 'is a build directory' });

  rmSync(join(tree, 'arch/arm64/kvm'), { recursive: true });
  t.match(install(tree), { status: 1, stderr: 'no arch/arm64/kvm' });
});

t.test('a hook.mk that is not from hypcheck is not overwritten', async (t) => {
  const tree = newTree(t, '6.1');
  mkdirSync(join(tree, 'scripts/hypcheck'));
  writeFileSync(join(tree, 'scripts/hypcheck/hook.mk'), 'all:\n');
  const before = contentsOf(tree);
  t.match(install(tree), { status: 1, stderr: 'hook.mk was not installed by hypcheck' });
  t.strictSame(contentsOf(tree), before);
});

t.test('a tree that cannot be written is left unchanged', async (t) => {
  const tree = newTree(t, '6.1');
  writeFileSync(join(tree, 'scripts/hypcheck'), 'a file where a folder should be\n');
  const before = contentsOf(tree);
  t.match(install(tree), { status: 1, stderr: /cannot be written; nothing was changed/ });
  t.strictSame(contentsOf(tree), before, 'no file was changed');
});

t.test('a missing program is refused', async (t) => {
  const tree = newTree(t, '6.1');
  const before = contentsOf(tree);
  t.match(run('--program', join(tree, 'nothing'), tree), {
    status: 1,
    stderr: /the program .* does not exist/,
  });
  t.strictSame(contentsOf(tree), before);
});

t.test('a symbolic link within the tree stays a link, and its target is changed', async (t) => {
  const tree = newTree(t, '6.1');
  renameSync(join(tree, 'MAINTAINERS'), join(tree, 'lib/people'));
  symlinkSync('lib/people', join(tree, 'MAINTAINERS'));
  const before = contentsOf(tree);
  t.equal(install(tree).status, 0);
  t.equal(readlinkSync(join(tree, 'MAINTAINERS')), 'lib/people');
  t.match(contentsOf(tree)['lib/people'], /HYPCHECK/);
  t.match(install(tree).stdout, 'nothing to do');
  t.equal(uninstall(tree).status, 0);
  t.equal(readlinkSync(join(tree, 'MAINTAINERS')), 'lib/people');
  t.strictSame(contentsOf(tree), before);
});

t.test('nothing is written through a symbolic link that leads out of the tree', async (t) => {
  const plants: readonly (readonly [name: string, plant: (tree: string, outside: string) => void])[] = [
    [
      'a file of the tree',
      (tree, outside) => {
        renameSync(join(tree, 'MAINTAINERS'), join(outside, 'MAINTAINERS'));
        symlinkSync(join(outside, 'MAINTAINERS'), join(tree, 'MAINTAINERS'));
      },
    ],
    [
      'a link to a link',
      (tree, outside) => {
        renameSync(join(tree, 'MAINTAINERS'), join(outside, 'MAINTAINERS'));
        symlinkSync(relative(join(tree, 'lib'), join(outside, 'MAINTAINERS')), join(tree, 'lib/people'));
        symlinkSync('lib/people', join(tree, 'MAINTAINERS'));
      },
    ],
    ['our directory', (tree, outside) => symlinkSync(outside, join(tree, 'scripts/hypcheck'))],
    [
      'a parent directory',
      (tree, outside) => {
        renameSync(join(tree, 'Documentation'), join(outside, 'Documentation'));
        symlinkSync(join(outside, 'Documentation'), join(tree, 'Documentation'));
      },
    ],
    [
      'a file that we install',
      (tree, outside) => {
        mkdirSync(join(tree, 'scripts/hypcheck'));
        symlinkSync(join(outside, 'explain.sh'), join(tree, 'scripts/hypcheck/explain.sh'));
      },
    ],
    ['a loop', (tree) => symlinkSync('hypcheck', join(tree, 'scripts/hypcheck'))],
  ];
  for (const [name, plant] of plants) {
    const tree = newTree(t, '6.1');
    const outside = join(dirname(tree), 'outside');
    mkdirSync(outside);
    plant(tree, outside);
    const before = [contentsOf(tree), contentsOf(outside)];
    const { status, stderr } = install(tree);
    t.equal(status, 1, name);
    t.match(stderr, /(is a link|leads nowhere).*nothing was changed\n$/, name);
    t.strictSame([contentsOf(tree), contentsOf(outside)], before, name);
  }
  const tree = newTree(t, '6.1');
  const secret = join(dirname(tree), 'secret');
  writeFileSync(secret, 'secret');
  symlinkSync(secret, join(tree, 'Makefile.hypcheck-new'));
  t.equal(install(tree).status, 0);
  t.equal(
    readFileSync(secret, 'utf8'),
    'secret',
    'a planted link with the name of a temporary file is not followed',
  );
  t.ok(lstatSync(join(tree, 'Makefile')).isFile());
});

t.test('special characters in the path of the tree do no harm', async (t) => {
  const names = ['a b', "it's", '"quoted"', 'a\nb', 'end\n', 'MODE=1', '-n', '$(touch planted)', 'a*'];
  for (const name of names) {
    const tree = newTree(t, '6.12');
    const folder = dirname(tree);
    const pristine = contentsOf(tree);
    const odd = join(folder, name);
    renameSync(tree, odd);
    // The path is relative, and CDPATH has another directory of that name
    mkdirSync(join(folder, 'elsewhere', name), { recursive: true });
    const run = (...args: readonly string[]) =>
      spawnSync('sh', [installer, ...args, '--', name], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, CDPATH: join(folder, 'elsewhere') },
      });
    const { status, stderr } = run('--program', standIn);
    t.equal(status, 0, `${JSON.stringify(name)} ${stderr}`);
    t.match(contentsOf(odd).Makefile, /hypcheck/);
    t.equal(run('--uninstall').status, 0, JSON.stringify(name));
    t.strictSame(contentsOf(odd), pristine, JSON.stringify(name));
    t.strictSame(readdirSync(folder).sort(), ['elsewhere', name].sort());
    renameSync(odd, tree);
  }
});

t.test('a wrong command line prints the usage and exits with 2', async (t) => {
  for (const args of [[], ['a', 'b'], ['--other', 'a'], ['--program'], ['']]) {
    t.match(run(...args), { status: 2, stderr: /^usage: / }, args.join(' '));
  }
});

t.test('another version of hypcheck is replaced completely', async (t) => {
  const tree = newTree(t, '5.4');
  const pristine = contentsOf(tree);
  install(tree);
  const installed = contentsOf(tree);

  edit(tree, 'lib/Kconfig.debug', (s) =>
    s.replace('On machines without VHE', 'In other words\n\n	  and more, but\n\n	  without VHE'),
  );
  edit(tree, 'Makefile', (s) => s.replaceAll(' vmlinux\n# Keep', ' --vmlinux\n# Do keep'));
  edit(tree, 'MAINTAINERS', (s) => s.replace('S:	Odd Fixes\n', 'S:	Maintained\nT:	git nowhere\n'));
  edit(tree, 'scripts/hypcheck/hook.mk', (s) => `${s}\n# older\n`);
  rmSync(join(tree, 'scripts/hypcheck/explain.sh'));
  writeFileSync(join(tree, 'scripts/hypcheck/LICENSES.txt'), 'of what is bundled no more\n');

  const { status, stdout } = install(tree);
  t.equal(status, 0);
  t.match(stdout, 'removed  scripts/hypcheck/LICENSES.txt');
  t.strictSame(contentsOf(tree), installed, 'the same as a new installation');
  uninstall(tree);
  t.strictSame(contentsOf(tree), pristine);
});

t.test('uninstalling keeps suppressions and other changes to the tree', async (t) => {
  const tree = newTree(t, '6.12');
  install(tree);
  writeFileSync(join(tree, 'scripts/hypcheck/suppressions'), '# reviewed\n');
  edit(tree, 'Makefile', (s) => s.replace('SUBLEVEL = 7', 'SUBLEVEL = 8'));
  const { status, stdout } = uninstall(tree);
  t.equal(status, 0);
  t.match(stdout, 'kept  scripts/hypcheck: suppressions');
  const after = contentsOf(tree);
  t.equal(after['scripts/hypcheck/suppressions'], '# reviewed\n');
  t.match(after.Makefile, 'SUBLEVEL = 8');
  t.notMatch(after.Makefile, /hypcheck/i);
});

t.test('the licences of the bundled packages are installed and removed with the program', async (t) => {
  const tree = newTree(t, '6.1');
  const dist = join(dirname(tree), 'dist');
  mkdirSync(dist);
  writeFileSync(join(dist, 'hypcheck'), '// the program\n');
  writeFileSync(join(dist, 'LICENSES.txt'), 'their licences\n');
  t.equal(run('--program', join(dist, 'hypcheck'), tree).status, 0);
  t.equal(contentsOf(tree)['scripts/hypcheck/LICENSES.txt'], 'their licences\n');
  uninstall(tree);
  t.notOk(contentsOf(tree)['scripts/hypcheck/LICENSES.txt']);
});

t.test('kbuild/patches contain the current files and fragments', async (t) => {
  const added = (path: string) =>
    readFileSync(join(kbuild, path), 'utf8')
      .replace(/^\n+|\n+$/g, '')
      .replace(/^/gm, '+');
  const files = ['kernel/scripts/hypcheck/hook.mk', 'kernel/scripts/hypcheck/explain.sh', 'stress-build'];
  const fragments = ['goals', 'vmlinux_o', 'clean', 'modules', 'single'].map(
    (name) => `edits/Makefile.${name}`,
  );
  const patched = readdirSync(join(kbuild, 'patches'));
  t.same(patched.toSorted(), ['6.1', '6.12', '7.3']);
  for (const version of patched) {
    const folder = join(kbuild, 'patches', version);
    const [name = ''] = readdirSync(folder);
    const patch = readFileSync(join(folder, name), 'utf8');
    const documentation = 'kernel/Documentation/dev-tools/hypcheck.rst';
    const others = ['edits/index.rst', 'edits/Kconfig.debug', 'edits/MAINTAINERS'];
    for (const path of [...files, ...fragments, documentation, ...others]) {
      t.ok(patch.includes(added(path)), `${version}: ${path}`);
    }
    t.ok(patch.includes(`[PATCH] ${readFileSync(join(kbuild, 'edits/message'), 'utf8')}`), version);
  }
});

t.test('the hook and stress-build list the same objects', async (t) => {
  const hook = readFileSync(join(kbuild, 'kernel/scripts/hypcheck/hook.mk'), 'utf8');
  const [, list = ''] = readFileSync(stressBuild, 'utf8').match(/^for object in ([^;]*); do$/m) ?? [];
  const objects = list.split(/[\s\\]+/);
  t.equal(objects.length, 5);
  const [, wildcard = ''] = hook.match(/stress-prereqs :=[\s\S]*?\(wildcard ([^)]*)\)/) ?? [];
  t.strictSame(wildcard.split(/[\s\\]+/), objects);
});
