// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Reports are written whole or not at all, and never over a file that was read.

import { spawn } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { replaceFile } from '../../lib/cli/output.js';
import { runProgram } from '../support/program.js';
import { runMain } from '../support/run-main.js';
import { smallObject } from '../support/small-object.js';
import { run } from '../support/tools.js';

const scratch = (t: Test): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hypcheck-output-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const isRoot = process.getuid?.() === 0;

t.test('a file is replaced and keeps its mode, and a symbolic link stays a link', async (t) => {
  const folder = scratch(t);
  const at = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  replaceFile(at('new'), Buffer.from('first'));
  t.equal(text('new'), 'first');
  t.equal(statSync(at('new')).mode & 0o777, 0o666 & ~process.umask());
  chmodSync(at('new'), 0o640);
  symlinkSync('new', at('link'));
  linkSync(at('new'), at('other name'));
  replaceFile(at('link'), Buffer.from('second'));
  t.equal(text('new'), 'second');
  t.ok(lstatSync(at('link')).isSymbolicLink());
  t.equal(statSync(at('new')).mode & 0o777, 0o640);
  t.equal(text('other name'), 'first', 'a hard link keeps the old text');
  t.same(readdirSync(folder).sort(), ['link', 'new', 'other name'], 'no temporary file is left');
});

t.test('what cannot be written is an error, and nothing else changes', async (t) => {
  const folder = scratch(t);
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('folder'));
  writeFileSync(at('file'), 'old');
  symlinkSync('loop', at('loop'));
  for (const [name, code] of [
    ['folder', 'EISDIR'],
    ['none/file', 'ENOENT'],
    ['file/file', 'ENOTDIR'],
    ['loop', 'ELOOP'],
    ['a'.repeat(300), 'ENAMETOOLONG'],
    ['a\0b', 'ERR_INVALID_ARG_VALUE'],
    ['/dev/full', 'ENOSPC'],
    ['/dev/fd/250', 'EBADF'],
  ] as const)
    t.throws(
      () => replaceFile(name.startsWith('/') ? name : at(name), Buffer.from('new')),
      { code },
      name.slice(0, 20),
    );
  t.equal(readFileSync(at('file'), 'utf8'), 'old');
  t.same(readdirSync(folder).sort(), ['file', 'folder', 'loop']);
});

t.test(
  'in a folder that is read-only, an existing file is overwritten in place',
  { skip: isRoot && 'root may write anywhere' },
  async (t) => {
    const folder = scratch(t);
    writeFileSync(join(folder, 'report'), 'old');
    chmodSync(folder, 0o555);
    replaceFile(join(folder, 'report'), Buffer.from('new'));
    chmodSync(folder, 0o755);
    t.equal(readFileSync(join(folder, 'report'), 'utf8'), 'new');
  },
);

t.test('devices, pipes and standard output are written directly', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'x.o'), smallObject());
  const direct = runProgram(['x.o'], { directory: folder });
  t.match(direct.stderr, /warning: /);
  t.match(runProgram(['-o', '/dev/null', 'x.o'], { directory: folder }), {
    status: direct.status,
    stdout: '',
    stderr: '',
  });
  t.equal(runProgram(['-o', '/dev/stdout', 'x.o'], { directory: folder }).stdout, direct.stderr);
  const log = runProgram(['-o', '/dev/stdout', 'x.o'], {
    directory: folder,
    shell: 'exec > log; echo first;',
  });
  t.equal(log.status, direct.status);
  t.equal(readFileSync(join(folder, 'log'), 'utf8'), `first\n${direct.stderr}`, 'after what is there');
  run('mkfifo', [join(folder, 'fifo')]);
  const reader = spawn('sh', ['-c', 'cat fifo > read'], { cwd: folder, stdio: 'ignore' });
  const closed = new Promise((resolve) => reader.on('close', resolve));
  t.equal(runProgram(['-o', 'fifo', 'x.o'], { directory: folder }).status, direct.status);
  await closed;
  t.equal(readFileSync(join(folder, 'read'), 'utf8'), direct.stderr);
});

t.test('a write that fails keeps the old report and leaves no part of the new one', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'x.o'), smallObject());
  writeFileSync(join(folder, 'report'), 'old');
  const { status, stderr } = runProgram(['-o', 'report', 'x.o'], {
    directory: folder,
    shell: 'trap "" XFSZ; ulimit -f 0;',
    stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
  });
  t.equal(status, 3);
  t.match(stderr, /^hypcheck: error: cannot write 'report': file too large$/m);
  t.equal(readFileSync(join(folder, 'report'), 'utf8'), 'old');
  t.same(readdirSync(folder).sort(), ['report', 'x.o']);
});

t.test('inputs, sources, suppressions and response files are never overwritten', async (t) => {
  const folder = scratch(t);
  const at = (name: string): string => join(folder, name);
  const object = smallObject();
  mkdirSync(at('sub'));
  for (const name of ['x.o', 'other.o', 'vmlinux', 'sub/y']) writeFileSync(at(name), object);
  writeFileSync(at('list'), 'hyp-write nobody nothing it is a test\n');
  writeFileSync(at('words'), '-Wall');
  writeFileSync(at('switch.c'), 'int x;\n');
  writeFileSync(at('report'), 'an older report');
  symlinkSync('x.o', at('link'));
  symlinkSync('list', at('list-link'));
  linkSync(at('x.o'), at('hard'));
  const base = ['--suppressions', 'list', '@words', 'x.o', 'sub/y'];
  for (const output of [
    'x.o',
    './x.o',
    'sub/../x.o',
    'sub/y',
    'link',
    'hard',
    'list',
    'list-link',
    'words',
    'other.o',
    'vmlinux',
    'switch.c',
  ]) {
    const { status, stderr, stdout, written } = await runMain(['-o', output, ...base], { directory: folder });
    t.equal(status, 2, output);
    t.match(stderr, `hypcheck: error: cannot write '${output}': it`, output);
    t.equal(stdout, '');
    t.equal(written.size, 0, output);
  }
  for (const output of ['report', 'new.txt', 'sub/new', 'new.c']) {
    const { status, written } = await runMain(['-o', output, ...base], { directory: folder });
    t.not(status, 2, output);
    t.equal(written.size, 1, output);
  }
});
