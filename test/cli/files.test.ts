// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The guard of file access: only regular files of a sane size are read, wherever
// their name comes from, except inputs of the command line, which may be streams;
// and sources named by debug information are read only below the known folders.

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../lib/cli/files.js';
import { LARGEST_TEXT, Refusal } from '../../lib/cli/guard.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { isWithin, pace } from '../support/pace.js';
import { programFile, runProgram } from '../support/program.js';
import { runMain } from '../support/run-main.js';
import { smallObject } from '../support/small-object.js';
import { run, without } from '../support/tools.js';

const scratch = (t: Test): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hypcheck-files-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const fifo = (path: string): string => {
  run('mkfifo', [path]);
  return path;
};

t.test('what is not a regular file of a sane size is refused with the reason', async (t) => {
  const folder = scratch(t);
  const files = new Files(folder);
  writeFileSync(join(folder, 'good'), 'text');
  writeFileSync(join(folder, 'large'), '');
  truncateSync(join(folder, 'large'), LARGEST_TEXT + 1);
  symlinkSync('loop', join(folder, 'loop'));
  const rows: readonly (readonly [string, RegExp])[] = [
    [fifo(join(folder, 'fifo')), /^not a regular file$/],
    ['/dev/zero', /^not a regular file$/],
    ['/dev/null', /^not a regular file$/],
    ['.', /^a directory/],
    ['large', /bytes are more than such a file has$/],
    ['loop', /too many symbolic links/],
    ['a'.repeat(300), /name too long/],
    ['a\0b', /no file has such a name/],
  ];
  for (const [path, sentence] of rows) {
    t.throws(() => files.read(path), { message: sentence }, path.slice(0, 40));
    t.equal(files.text(path), null);
    t.match(files.refused.at(-1)?.sentence, sentence);
  }
  t.equal(files.refused.length, rows.length);
  t.equal(files.text('nothing'), null);
  t.equal(files.text('good/nothing'), null);
  t.equal(files.refused.length, rows.length, 'a missing file does not count as refused');
  t.equal(files.text('good'), 'text');
  t.equal(files.text('/proc/self/environ'), '', 'no more bytes are read than stat says');
  try {
    files.read('nothing');
    t.fail('a missing file was read');
  } catch (error) {
    t.ok(error instanceof Refusal && error.isMissing);
  }
});

t.test('a source is read only below the known folders, whatever links or .. are in its name', async (t) => {
  const folder = scratch(t);
  const files = new Files(folder);
  for (const name of ['tree/include', 'tree-2', 'other']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['tree/a.h', 'tree/include/b.h', 'tree-2/c.h', 'other/secret'])
    writeFileSync(join(folder, name), `this is ${name}`);
  writeFileSync(join(folder, 'tree/binary'), 'a\0b');
  symlinkSync('../../other/secret', join(folder, 'tree/include/link.h'));
  symlinkSync('../other', join(folder, 'tree/folder'));
  symlinkSync('include/b.h', join(folder, 'tree/inner.h'));
  fifo(join(folder, 'tree/fifo.h'));
  const folders = [join(folder, 'tree')];
  for (const name of ['a.h', 'include/b.h', 'include/../a.h', 'inner.h']) {
    t.match(files.source(join('tree', name), folders), 'this is tree/', name);
    t.ok(files.isSource(join('tree', name), folders), name);
  }
  for (const name of [
    'tree/include/link.h',
    'tree/folder/secret',
    'tree/../other/secret',
    'tree-2/c.h',
    'other/secret',
    'tree/include',
    'tree/fifo.h',
    'tree/missing.h',
    '/etc/passwd',
    '/proc/self/environ',
    '/dev/zero',
    'tree/a\0.h',
  ]) {
    t.equal(files.source(name, folders), null, name);
    t.notOk(files.isSource(name, folders), name);
  }
  t.equal(files.source('tree/binary', folders), null, 'a binary file is no source');
  t.equal(files.source('tree/a.h', []), null);
});

t.test('hundreds of open files need few descriptors', async (t) => {
  const folder = scratch(t);
  const files = new Files(folder);
  t.teardown(() => files.close());
  const sources = Array.from({ length: 300 }, (_, index) => {
    writeFileSync(join(folder, `${index}`), `file ${index}`);
    return files.open(`${index}`);
  });
  t.ok(readdirSync('/proc/self/fd').length < 200);
  for (const [index, source] of [...sources.entries(), ...sources.entries()])
    t.equal(Buffer.from(source.read(5, 10)).toString(), `${index}`);
  t.same(files.changed(), []);
});

t.test('a file that was replaced is noticed when it is read again, and at the end', async (t) => {
  const folder = scratch(t);
  const files = new Files(folder);
  t.teardown(() => files.close());
  for (const name of ['same', 'replaced', 'longer', 'gone', 'new']) writeFileSync(join(folder, name), name);
  const opened = ['same', 'replaced', 'longer', 'gone'].map((name) => files.open(name));
  renameSync(join(folder, 'new'), join(folder, 'replaced'));
  writeFileSync(join(folder, 'longer'), 'longer than it was');
  rmSync(join(folder, 'gone'));
  t.same(files.changed(), ['replaced', 'longer']);
  for (let index = 0; index < 40; index++) {
    writeFileSync(join(folder, `${index}`), '');
    files.open(`${index}`);
  }
  t.equal(Buffer.from(opened[0]?.read(0, 4) ?? []).toString(), 'same');
  t.throws(
    () => opened[1]?.read(0, 4),
    new FormatError('replaced', null, 0, 'it was replaced while it was read'),
  );
});

t.test('a file that was read is recognised by any of its names', async (t) => {
  const folder = scratch(t);
  const files = new Files(folder);
  t.teardown(() => files.close());
  for (const name of ['input', 'text', 'other']) writeFileSync(join(folder, name), '');
  symlinkSync('input', join(folder, 'link'));
  run('ln', [join(folder, 'text'), join(folder, 'hard')]);
  files.open('input');
  files.read('text');
  for (const name of ['input', './input', 'link', 'text', 'hard']) t.ok(files.wasRead(name), name);
  for (const name of ['other', 'missing', 'a\0b']) t.notOk(files.wasRead(name), name);
});

const sentenceOf = (stderr: string): string => stderr.trim().split('\n')[0] ?? '';

t.test('a FIFO is refused as a list, a response file, a file of a build or an archive member', async (t) => {
  const folder = scratch(t);
  const at = (name: string): string => join(folder, name);
  for (const name of ['build/include/config', 'build/arch/arm64/kernel', 'whole'])
    mkdirSync(at(name), { recursive: true });
  writeFileSync(at('x.o'), smallObject());
  const refused = async (argv: readonly string[], status: number, sentence: RegExp): Promise<void> => {
    const done = await runMain(argv, { directory: folder });
    t.equal(done.status, status, argv.join(' '));
    t.match(done.stderr, sentence, argv.join(' '));
  };
  fifo(at('fifo'));
  await refused(['--suppressions', 'fifo', 'x.o'], 2, /error: the suppressions 'fifo': not a regular file/);
  await refused(['@fifo', 'x.o'], 2, /error: the response file 'fifo': not a regular file/);
  await refused(['@.', 'x.o'], 2, /error: the response file '\.': a directory/);
  await refused(['@/dev/zero', 'x.o'], 2, /error: the response file '\/dev\/zero': not a regular file/);
  fifo(at('build/include/config/auto.conf'));
  fifo(at('build/arch/arm64/kernel/vmlinux.lds'));
  fifo(at('build/include/config/kernel.release'));
  fifo(at('build/vmlinux.o'));
  await refused(
    ['--build', 'build'],
    3,
    /build\/vmlinux\.o: warning: not a regular file \[-Whyp-unchecked\]/,
  );
  const { status, stderr } = await runMain(['--build', 'build', '--protected', '-Whyp-vhe-only', 'x.o'], {
    directory: folder,
  });
  t.equal(status, 3);
  for (const name of ['arch/arm64/kernel/vmlinux.lds', 'include/config/kernel.release'])
    t.match(stderr, `build/${name}: warning: not a regular file [-Whyp-unchecked]`);
  const header = (name: string): string =>
    `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${'4'.padEnd(10)}\`\n`;
  writeFileSync(at('thin.a'), `!<thin>\n${header('fifo/')}`);
  await refused(['thin.a'], 3, /^fifo: warning: not a regular file/);
});

t.test('an input may be a FIFO, standard input or <(...)', { skip: without('mkfifo', 'cat') }, async (t) => {
  const folder = scratch(t);
  const object = smallObject();
  writeFileSync(join(folder, 'x.o'), object);
  const plain = runProgram(['x.o'], { directory: folder });
  t.match(plain.stderr, /warning: /);
  const named = (text: string, name: string): string => text.replaceAll(name, 'x.o');
  fifo(join(folder, 'fifo'));
  const writer = spawn('sh', ['-c', 'sleep 0.2; cat x.o > fifo'], { cwd: folder, stdio: 'ignore' });
  const fromFifo = runProgram(['fifo'], { directory: folder });
  t.equal(named(fromFifo.stderr, 'fifo'), plain.stderr, 'a FIFO whose writer comes later');
  writer.kill();
  const fromStdin = runProgram(['-'], { directory: folder, input: object });
  t.equal(named(fromStdin.stderr, '<stdin>'), plain.stderr, 'standard input');
  const input = openSync(join(folder, 'x.o'), 'r');
  const fromFile = runProgram(['-'], { directory: folder, stdio: [input, 'pipe', 'pipe', 'pipe'] });
  closeSync(input);
  t.equal(named(fromFile.stderr, '<stdin>'), plain.stderr, 'standard input that is a file');
  const bash = spawnSync('bash', ['-c', `exec ${process.execPath} "$0" <(cat x.o)`, programFile()], {
    cwd: folder,
  });
  t.equal(bash.stderr.toString().replace(/\/dev\/fd\/\d+/g, 'x.o'), plain.stderr, '<(...)');
  const open = runProgram(['-'], {
    directory: folder,
    shell: '{ cat x.o; cat /dev/zero; } |',
    seconds: 10 * pace,
  });
  t.equal(
    named(open.stderr, '<stdin>'),
    plain.stderr,
    'the program does not wait for what follows the object',
  );
});

t.test('an endless stream is given up within 2 s and 256 MB', async (t) => {
  const folder = scratch(t);
  const bounded = (argv: readonly string[], shell: string, sentence: RegExp): void => {
    const { status, stderr, cpu, memory } = runProgram(argv, {
      directory: folder,
      shell,
      seconds: 10 * pace,
    });
    t.equal(status, 3, shell);
    t.match(sentenceOf(stderr), sentence, shell);
    t.ok(isWithin(cpu, 2000), `${cpu} ms`);
    t.ok(memory < 256 << 20, `${memory >> 20} MB`);
  };
  bounded(['/dev/zero'], '', /^\/dev\/zero: warning: a device, not an object/);
  bounded(['/dev/null'], '', /^\/dev\/null: warning: a device, not an object/);
  bounded(['-'], 'exec < /dev/zero;', /^<stdin>: warning: a device, not an object/);
  bounded(['-'], 'cat /dev/zero |', /^<stdin>: warning: not an ELF file/);
  bounded(
    ['-'],
    '{ printf "!<arch>\\n"; cat /dev/zero; } |',
    /^<stdin>: warning: an archive member header is damaged/,
  );
  // An object whose section headers would be at offset 2^60.
  const far = smallObject();
  new DataView(far.buffer).setBigUint64(40, 2n ** 60n, true);
  writeFileSync(join(folder, 'far.o'), far);
  bounded(['-'], '{ cat far.o; cat /dev/zero; } |', /^<stdin>: warning: more than 2147483648 bytes/);
});
