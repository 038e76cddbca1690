// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which source lines are shown: nothing is printed of a file elsewhere on the machine,
// even if an object was crafted to name it.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../lib/cli/files.js';
import { SourceText } from '../../lib/cli/source-text.js';
import { runMain } from '../support/run-main.js';
import { assemble, without } from '../support/tools.js';

const scratch = (t: Test, files: Readonly<Record<string, string>>): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hypcheck-source-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

t.test('lines are shown only of files below the working directory, the build and the source', async (t) => {
  const folder = scratch(t, {
    'here/a.c': 'first\r\nsecond\n',
    'build/gen.h': 'generated',
    'tree/kvm/b.h': 'header',
    'other/secret': 'secret',
  });
  symlinkSync('../other/secret', join(folder, 'tree/link.h'));
  symlinkSync('../tree', join(folder, 'here/tree'));
  const at = (name: string): string => join(folder, name);
  const text = new SourceText(new Files(at('here')), [at('build'), at('tree')], at('tree'));
  for (const [name, line, expected] of [
    ['a.c', 1, 'first'],
    ['a.c', 2, 'second'],
    ['a.c', 9, null],
    [at('here/a.c'), 1, 'first'],
    ['gen.h', 1, 'generated'],
    ['kvm/b.h', 1, 'header'],
    ['/old/place/kvm/b.h', 1, 'header'],
    ['tree/kvm/b.h', 1, 'header'],
    [at('other/secret'), 1, null],
    ['../other/secret', 1, null],
    ['link.h', 1, null],
    ['/etc/passwd', 1, null],
    ['/proc/self/environ', 1, null],
    ['/dev/zero', 1, null],
    ['/dev/stdin', 1, null],
    ['a\0b', 1, null],
    ['', 1, null],
    ['.', 1, null],
  ] as const)
    t.equal(text.line(name, line), expected, `${name}:${line}`);
  t.equal(text.treeName(at('tree/kvm/b.h')), 'kvm/b.h');
  t.equal(text.treeName('a.c'), at('here/a.c'), 'a file outside the source tree');
});

t.test('if the working directory is /, files below it are not shown', async (t) => {
  t.equal(new SourceText(new Files('/'), [], null).line('/etc/passwd', 1), null);
  t.equal(new SourceText(new Files('/'), [], null).line('etc/passwd', 1), null);
});

t.test('a line of a megabyte is not shown', async (t) => {
  const folder = scratch(t, { 'long.c': `${' '.repeat(1 << 20)}x\nshort` });
  const text = new SourceText(new Files(folder), [], null);
  t.equal(text.line('long.c', 1), null);
  t.equal(text.line('long.c', 2), 'short');
});

const crafted = (file: string): string => `
.file 1 "${file}"
.section .hyp.text, "ax"
.global f
.type f, %function
f:
.loc 1 1 1
bl host
ret
.size f, . - f
.data
.quad f
.text
.global host
host: ret
`;

t.test(
  'a place in a file elsewhere is named, and nothing of the file is printed',
  { skip: without('aarch64-linux-gnu-as') },
  async (t) => {
    const folder = scratch(t, { 'work/own.c': 'own line\n', 'secret/file': 'the secret\n' });
    const work = join(folder, 'work');
    symlinkSync('../secret/file', join(work, 'link.c'));
    for (const name of [
      '/etc/passwd',
      '/proc/self/environ',
      join(folder, 'secret/file'),
      '../secret/file',
      'link.c',
      'own.c',
    ]) {
      writeFileSync(join(work, 'x.o'), assemble(crafted(name), ['-gdwarf-5']));
      for (const form of ['text', 'json', 'modpost']) {
        const { stdout, stderr } = await runMain([`-fdiagnostics-format=${form}`, 'x.o'], {
          directory: work,
        });
        const said = stdout + stderr;
        if (form !== 'modpost') t.ok(said.includes(name), `${name} is named`);
        t.equal(/root:|the secret|PATH=/.test(said), false, `${name}, ${form}`);
        if (form === 'text') t.equal(said.includes('own line'), name === 'own.c');
      }
    }
  },
);
