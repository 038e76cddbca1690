// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Exit statuses, streams and the options that change what is printed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { main } from '../../lib/cli/main.js';
import { longOptions } from '../../lib/cli/options.js';
import { defaultNames, warningNames } from '../../lib/policy/warnings.js';
import { type Outcome, runMain, type World } from '../support/run-main.js';
import { inFixtures } from './fixtures.js';

const directory = inFixtures(t);
const run = (line: string, world: World = {}): Promise<Outcome> =>
  runMain(line === '' ? [] : line.split(' '), { directory, ...world });

t.test(
  'the status is 0 without errors, 1 with errors, 2 for a wrong command line, 3 if something was not checked',
  async (t) => {
    const rows: readonly (readonly [string, number])[] = [
      ['clean.o', 0],
      ['bad.o', 0],
      ['-E bad.o', 1],
      ['-Werror bad.o', 1],
      ['-Werror=hyp-call bad.o', 1],
      ['-Werror=hyp-data bad.o', 0],
      ['-Werror -Wno-error bad.o', 0],
      ['-Werror -Wno-error=hyp-call bad.o', 0],
      ['-Werror -Wno-hyp-call bad.o', 0],
      ['-w -Werror bad.o', 0],
      ['-Wno-hyp-call -Werror=hyp-call bad.o', 1],
      ['open.o', 3],
      ['--whole open.o', 0],
      ['--whole -E open.o', 1],
      ['-Werror both.o', 3],
      ['-Wno-hyp-unchecked open.o', 3],
      ['-Wno-hyp-unchecked -Werror both.o', 3],
      ['-w open.o', 3],
      ['--suppressions open.list open.o', 0],
      ['--suppressions open.list -Werror both.o', 1],
      ['--suppressions good.list -Werror bad.o', 0],
      ['--suppressions good.list -Werror both.o', 3],
      ['--suppressions stale.list -Werror bad.o', 1],
      ['host.o', 3],
      ['host.o clean.o', 0],
      ['text.o', 3],
      ['text.o bad.o -Werror', 3],
      ['no-such-file.o', 3],
      ['--references bad.o', 0],
      ['--references -Werror bad.o', 0],
      ['--references open.o', 3],
      ['--build no-such-folder', 3],
      ['--protected clean.o', 3],
      ['--help', 0],
      ['--version', 0],
      ['--list-warnings', 0],
      ['--explain hyp-call', 0],
      ['--explain nothing', 2],
      ['', 2],
      ['--no-such-option bad.o', 2],
      ['--suppressions wrong.list bad.o', 2],
      ['--suppressions no-such-file bad.o', 2],
    ];
    for (const [line, status] of rows) t.equal((await run(line)).status, status, `hypcheck ${line}`);
  },
);

t.test('a wrong command line is reported before anything is checked', async (t) => {
  const { stdout, stderr } = await run('bad.o --nonsense text.o');
  t.equal(stdout, '');
  t.equal(stderr, "hypcheck: error: unknown option '--nonsense'\n");
});

t.test('an input that cannot be read does not hide the findings of the others', async (t) => {
  const { stderr, status } = await run('text.o bad.o no-such-file.o');
  t.equal(status, 3);
  t.match(stderr, /text\.o: warning: .*not an ELF file.* \[-Whyp-unchecked\]/);
  t.match(stderr, /no-such-file\.o: warning: .*no such file or directory.* \[-Whyp-unchecked\]/);
  t.match(stderr, /warning: call to 'host_function' .* \[-Whyp-call\]/);
});

t.test('a clean run prints nothing', async (t) => {
  for (const line of ['clean.o', '-Wall clean.o', '-E clean.o', '--vhe=unknown clean.o']) {
    t.match(await run(line), { status: 0, stdout: '', stderr: '' }, line);
  }
});

t.test('if files are named, --build describes them and adds no others', async (t) => {
  const named = ['--build', 'test/samples/nvhe/aliases-build', 'test/samples/hyp-text/call-helper.o'];
  const { status, stderr } = await runMain([...named, '--stats', '-fno-diagnostics-show-caret']);
  t.match(stderr, /^hypcheck: 1 objects, /m);
  t.notMatch(stderr, /vmlinux\.o/);
  t.equal(status, 0);
});

t.test('a vmlinux.o beside another object is not taken for all there is', async (t) => {
  const { status, stderr } = await run('vmlinux.o lone.o');
  t.equal(status, 0);
  t.match(
    stderr,
    /^lone\.o: warning: .*\[-Whyp-call\]$/m,
    'a function that no input enters still counts as executed',
  );
});

t.test('text and modpost output go to stderr, JSON to stdout', async (t) => {
  const text = await run('bad.o');
  t.equal(text.stdout, '');
  t.match(text.stderr, /hyp-call/);
  const json = await run('-fdiagnostics-format=json bad.o');
  t.equal(json.stderr, '');
  t.equal(JSON.parse(json.stdout)[0].option, '-Whyp-call');
  t.equal((await run('-fdiagnostics-format=json clean.o')).stdout.trim(), '[]');
  const modpost = await run('-fdiagnostics-format=modpost bad.o');
  t.match(modpost.stderr, /^WARNING: hypcheck: bad: section mismatch in reference: f\+0x0 /);
});

t.test('-o writes the report to a file, and nothing to the streams', async (t) => {
  for (const line of ['-o report bad.o', '-oreport bad.o', '-fdiagnostics-format=json -o report bad.o']) {
    const { stdout, stderr, written, status } = await run(line);
    t.equal(status, 0, line);
    t.match(written.get('report'), /hyp-call/, line);
    t.equal(stdout + stderr, '', line);
  }
  t.match(await run('-o report bad.o', { readOnly: true }), {
    status: 2,
    stderr: "hypcheck: error: cannot write 'report': read-only file system\n",
  });
});

t.test('-q leaves out notes, -v adds lines before the report, --stats prints figures', async (t) => {
  const normal = (await run('bad.o')).stderr;
  const quiet = (await run('-q bad.o')).stderr;
  t.match(normal, /: note: /);
  t.notMatch(quiet, /: note: /);
  t.match(quiet, /warning: call to/);
  const verbose = (await run('-v bad.o')).stderr;
  t.match(verbose, /^hypcheck: generation: /m);
  t.ok(verbose.endsWith(normal) || verbose.includes(normal));
  t.match(
    (await run('--stats clean.o')).stderr,
    /^hypcheck: 1 objects, \d+ references, .* ms\nhypcheck: start \d+ ms, read \d+ ms \(\d+ kB\), judge \d+ ms \(\d+ kB\), walk \d+ ms.*, locate \d+ ms.*, print \d+ ms\n$/,
  );
});

t.test('the last option for a warning counts', async (t) => {
  const prints = async (line: string): Promise<boolean> => (await run(line)).stderr.includes('hyp-call');
  t.ok(await prints('-Whyp-call bad.o'));
  t.notOk(await prints('-Wno-hyp-call bad.o'));
  t.ok(await prints('-Wno-hyp-call -Whyp-call bad.o'));
  t.notOk(await prints('-Whyp-call -Wno-hyp-call bad.o'));
  t.ok(await prints('-Wno-all -Whyp-call bad.o'));
  t.notOk(await prints('-Wno-hyp-mismatch bad.o'));
  t.notOk(await prints('-w bad.o'));
  t.notOk(await prints('-w -Whyp-call bad.o'), 'as in gcc, -w silences all');
  t.match((await run('-Werror=hyp-call bad.o')).stderr, /error: call to .* \[-Werror=hyp-call\]/);
});

t.test('a suppression silences what it matches; one that matches nothing gets a note', async (t) => {
  const { stderr } = await run('--suppressions stale.list clean.o');
  t.equal(stderr, 'stale.list:1: note: this suppression matches nothing\n');
  t.equal(
    (await run('--suppressions stale.list clean.ko')).stderr,
    '',
    'no note for modules, which share a list',
  );
  t.match(await run('--suppressions good.list bad.o'), { status: 0, stderr: '' });
  t.match(
    (await run('--suppressions wrong.list bad.o')).stderr,
    /^wrong\.list:1: error: an entry is WARNING FROM TO/,
  );
  t.match((await run('-v --suppressions good.list bad.o')).stderr, /suppressed: 1/);
});

t.test('--references lists all that leave hyp, fine or not, and prints no warnings', async (t) => {
  const { stderr, stdout } = await run('--references bad.o');
  t.equal(stderr, '', 'the list goes to stdout');
  t.match(
    stdout,
    /note: hyp code 'f' \(section '\.hyp\.text'\) calls 'host_function' \(section '\.text'\): not fine/,
  );
  t.notMatch(stdout, /warning:/);
  const open = await run('--references open.o');
  t.match(open.stderr, /\[-Whyp-unchecked\]/, 'what could not be judged is reported as well');
  t.match(open.stdout, /note: hyp code .*: unknown/);
});

t.test('--references=summary prints one line for each target, without places', async (t) => {
  const { stderr, stdout, status } = await run('--references=summary bad.o bad.o');
  t.same({ stderr, status }, { stderr: '', status: 0 });
  t.equal(stdout, '.text\thost_function\tcall\t1 user\tnot fine\n');
  t.match(await run('--references=summary open.o'), { status: 3, stderr: /hyp-unchecked/, stdout: /^-\t/ });
  t.equal((await run('--references=summary -o list bad.o')).written.get('list'), stdout);
  t.match(await run('--references=summary clean.o'), { status: 0, stdout: '', stderr: '' });
});

t.test(
  '-fmax-errors=N prints N messages and how many more there are; the status is that of all',
  async (t) => {
    const { stderr, status } = await run('-fmax-errors=1 -E bad.o text.o');
    t.equal(status, 3);
    t.equal([...stderr.matchAll(/ error: .*\[-W/g)].length, 1);
    t.match(stderr, /^hypcheck: note: 1 more not printed \(-fmax-errors=1\)$/m);
  },
);

t.test('if there are errors although the status is 3, a message says so', async (t) => {
  const both = /^hypcheck: error: there are errors, and not everything could be checked$/m;
  t.match((await run('-Werror=hyp-call bad.o text.o')).stderr, both);
  t.notMatch((await run('bad.o text.o')).stderr, both);
  t.notMatch((await run('-E bad.o')).stderr, both);
});

t.test('an object of the nVHE code that is not linked yet is refused', async (t) => {
  const { status, stderr } = await run('switch.nvhe.o');
  t.equal(status, 3);
  t.match(
    stderr,
    /^switch\.nvhe\.o: warning: an object of the nVHE code that is not linked yet; check kvm_nvhe\.o/,
  );
});

t.test('a closed pipe (EPIPE) does not change the status', async (t) => {
  const closed = {
    write: () => {
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
    },
  };
  const world = {
    stdout: closed,
    stderr: closed,
    environment: {},
    directory,
    clock: () => 0,
    writeFile: () => {},
  };
  for (const [line, status] of [
    ['bad.o', 0],
    ['-E bad.o', 1],
    ['text.o', 3],
    ['--help', 0],
    ['--references bad.o', 0],
  ] as const) {
    t.equal(await main(line.split(' '), world), status, line);
  }
});

t.test('-h is --help, -V is --version', async (t) => {
  t.same(await run('-h'), await run('--help'));
  t.same(await run('-V'), await run('--version'));
});

t.test('output is coloured on a terminal or on demand', async (t) => {
  const escapeSequence = '\x1b[';
  const isColored = async (line: string, world: World = {}): Promise<boolean> =>
    (await run(line, world)).stderr.includes(escapeSequence);
  const terminal = { isTerminal: true, environment: { TERM: 'xterm' } };
  t.notOk(await isColored('bad.o'));
  t.ok(await isColored('bad.o', terminal));
  t.notOk(await isColored('-fdiagnostics-color=never bad.o', terminal));
  t.ok(await isColored('-fdiagnostics-color=always bad.o'));
  t.ok(await isColored('-fdiagnostics-color bad.o'));
  t.notOk(await isColored('-fno-diagnostics-color bad.o', terminal));
  t.notOk(await isColored('bad.o', { ...terminal, environment: { TERM: 'xterm', NO_COLOR: '1' } }));
  t.notOk(await isColored('bad.o', { ...terminal, environment: { TERM: 'dumb' } }), 'as in gcc');
  t.notOk(await isColored('-fdiagnostics-plain-output bad.o', terminal));
  const { written } = await run('-o report bad.o', terminal);
  t.notOk(written.get('report')?.includes(escapeSequence), 'a file is no terminal');
});

t.test('quotes follow the locale', async (t) => {
  const quoted = async (environment: Record<string, string>) => (await run('bad.o', { environment })).stderr;
  t.match(await quoted({ LANG: 'de_DE.UTF-8' }), /call to ‘host_function’/);
  t.match(await quoted({ LANG: 'C' }), /call to 'host_function'/);
  t.match(await quoted({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }), /call to 'host_function'/, 'LC_ALL wins');
  t.match(await quoted({ LC_CTYPE: 'en_US.utf8' }), /‘host_function’/);
});

t.test('@FILE stands for the words in the file', async (t) => {
  t.match(await run('@response'), { status: 1 });
  t.match((await run('@no-such-file')).stderr, /@no-such-file/, 'without the file it is a word like others');
});

t.test('the same input gives the same output, byte by byte', async (t) => {
  for (const line of [
    'both.o bad.o open.o',
    '-fdiagnostics-format=json both.o bad.o',
    '--references both.o',
  ]) {
    t.same(await run(line), await run(line), line);
  }
});

t.test('--help fits on a screen of 24 lines of 80 columns, and names every long option', async (t) => {
  const { stdout, stderr } = await run('--help');
  t.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.ok(lines.length <= 24, `${lines.length} lines`);
  for (const line of lines) t.ok(line.length <= 80, line);
  for (const name of longOptions) t.match(stdout, new RegExp(`--${name}\\b`), name);
});

t.test('--version prints the version in package.json', async (t) => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  t.equal((await run('--version')).stdout, `hypcheck ${version}\n`);
});

t.test('--list-warnings says of each warning whether it is on, --explain has a page for each', async (t) => {
  const { stdout } = await run('--list-warnings');
  const lines = stdout.trimEnd().split('\n');
  t.same(
    lines.map((line) => line.split(/\s+/)[0]),
    [...warningNames],
  );
  for (const line of lines) {
    const [name = '', state] = line.split(/\s+/);
    t.equal(state, defaultNames.some((one) => one === name) ? 'on' : 'off', line);
  }
  for (const name of warningNames) {
    for (const word of [name, `-W${name}`, `W${name}`]) {
      const page = await run(`--explain ${word}`);
      t.equal(page.status, 0, word);
      t.match(page.stdout, new RegExp(`^${name}: `), word);
    }
    t.equal((await run(`--explain=${name}`)).status, 0);
  }
  t.equal(
    (await run('--explain hyp-nothing')).stderr,
    "hypcheck: error: 'hyp-nothing' is not a warning; see --list-warnings\n",
  );
});

t.test('each --build is checked once, in any order', async (t) => {
  const build = (name: string) => `test/samples/nvhe/${name}-build`;
  const both = (...names: readonly string[]) =>
    runMain(
      names.flatMap((name) => ['--build', build(name)]),
      { directory: join(import.meta.dirname, '../..') },
    );
  const one = await both('writable');
  t.match(one.stderr, /\[-Whyp-/);
  for (const order of [
    ['writable', 'clean'],
    ['clean', 'writable'],
    ['writable', 'clean', 'writable'],
  ])
    t.equal((await both(...order)).stderr, one.stderr, order.join());
  t.equal((await both('clean', 'no-such')).status, 3);
  t.equal((await both('no-such', 'clean')).status, 3);
});

t.test('a missing --source is reported; JSON names the file of a fault; -v explains --build', async (t) => {
  t.match(
    (await run('--source no-such-folder clean.o')).stderr,
    /^no-such-folder: warning: no such directory \(--source\)/,
  );
  const { stdout } = await run('-fdiagnostics-format=json no-such-file.o');
  t.equal(JSON.parse(stdout)[0].hyp.object, 'no-such-file.o');
  const told = await run('-v --build . clean.o');
  t.match(told.stderr, /build directory: .*; it tells about the files, and is not checked itself/);
});
