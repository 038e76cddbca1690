// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names of files as reports have them: from the top of the tree, wherever the tree is
// and even if it is not there.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { Files } from '../../lib/cli/files.js';
import { SourceText } from '../../lib/cli/source-text.js';
import { TreeNames } from '../../lib/cli/tree-names.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-names-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
for (const name of [
  'tree/arch/arm64/kvm/x.c',
  'build/include/generated/y.h',
  'build/vmlinux.o',
  'here/z.c',
  'lib/a.o',
]) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), 'line\n');
}
symlinkSync(join(folder, 'build'), join(folder, 'link'));
const files = new Files(join(folder, 'here'));
const [build, source] = [join(folder, 'build'), join(folder, 'tree')];
const names = new TreeNames(files, new SourceText(files, [build, source], source), build, source);

t.test('a source is named from the top of the source tree', async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['arch/arm64/kvm/x.c', 'arch/arm64/kvm/x.c'],
    ['./arch/arm64/kvm/x.c', 'arch/arm64/kvm/x.c'],
    [join(folder, 'tree/arch/arm64/kvm/x.c'), 'arch/arm64/kvm/x.c'],
    ['/builds/of/somebody/linux/arch/arm64/kvm/x.c', 'arch/arm64/kvm/x.c'],
    ['../tree/arch/arm64/kvm/x.c', 'arch/arm64/kvm/x.c'],
    ['include/generated/y.h', 'include/generated/y.h'],
    ['z.c', 'z.c'],
    // Files that do not exist.
    ['/home/me/linux/arch/arm64/include/asm/kvm.h', 'arch/arm64/include/asm/kvm.h'],
    ['/home/kernel/lib/linux/include/linux/x.h', 'include/linux/x.h'],
    ['/home/me/linux/virt/kvm/arm/x.c', 'virt/kvm/arm/x.c'],
    ['../../gone/x.c', 'gone/x.c'],
    ['/tmp/x.c', 'x.c'],
    ['', ''],
  ];
  for (const [given, name] of rows) t.equal(names.source(given), name, given);
});

t.test('a name in a report leads back to the name that was given', async (t) => {
  t.equal(names.given('arch/arm64/kvm/x.c'), 'arch/arm64/kvm/x.c');
  const given = '/builds/elsewhere/virt/kvm/arm/given.c';
  t.equal(names.given(names.source(given)), given);
  t.equal(names.given('never asked'), 'never asked');
});

t.test('an object is named from the top of the build, else by its file name alone', async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    [join(folder, 'build/vmlinux.o'), 'vmlinux.o'],
    [join(folder, 'link/vmlinux.o'), 'vmlinux.o'],
    ['../build/vmlinux.o', 'vmlinux.o'],
    ['a.o', 'a.o'],
    [join(folder, 'lib/a.o'), 'a.o'],
    ['../build/lib/lib.a(x.o)', 'lib/lib.a(x.o)'],
    ['/nowhere/at/all.o', 'all.o'],
  ];
  for (const [given, name] of rows) t.equal(names.object(given), name, given);
});

t.test('quoted paths in a sentence are named the same way', async (t) => {
  t.equal(
    names.sentence(
      '‘/home/me/linux/include/linux/x.h’ cannot be read, so ‘f’ of ‘/x/vmlinux.o’ is not known',
    ),
    '‘include/linux/x.h’ cannot be read, so ‘f’ of ‘vmlinux.o’ is not known',
  );
});
