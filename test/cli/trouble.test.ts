// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whatever goes wrong outside the program ends with a message and status 3 (2 if the
// command line is wrong), and never with a stack trace, after which node would exit
// with 1, the status of errors found.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { main } from '../../lib/cli/main.js';
import { thrownText } from '../../lib/cli/thrown.js';
import { FormatError, formatErrorOf } from '../../lib/elf/format-error.js';
import { buildObject, code } from '../support/object-builder.js';
import { isWithin } from '../support/pace.js';
import { programFile, runProgram } from '../support/program.js';
import { runMain } from '../support/run-main.js';
import { smallObject } from '../support/small-object.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hypcheck-trouble-')));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
writeFileSync(at('x.o'), smallObject());

const isTrace = (text: string): boolean => /^\s+at .*\d+:\d+\)?$|node:internal/m.test(text);

t.test('a full disk or a closed pipe gives status 3 and a message', async (t) => {
  const rows: readonly (readonly [string, readonly string[], string, string])[] = [
    [
      'a full disk behind the report',
      ['-fdiagnostics-format=json', 'x.o'],
      'exec > /dev/full;',
      'no space left',
    ],
    ['a full disk behind -o', ['-o', '/dev/full', 'x.o'], '', "cannot write '/dev/full': no space left"],
    ['a full disk behind the messages', ['x.o'], 'exec 2> /dev/full;', ''],
    ['a full disk behind --help', ['--help'], 'exec > /dev/full;', 'no space left'],
    ['a full disk behind --explain', ['--explain', 'hyp-call'], 'exec > /dev/full;', 'no space left'],
    ['a full disk behind -v', ['-v', 'x.o'], 'exec 2> /dev/full;', ''],
  ];
  for (const [title, argv, shell, sentence] of rows) {
    const { status, stdout, stderr } = runProgram(argv, { directory: folder, shell });
    t.equal(status, 3, title);
    t.notOk(isTrace(stderr + stdout), title);
    t.match(stderr, sentence, title);
  }
  const broken = execFileSync(
    'bash',
    [
      '-c',
      `"$0" "$1" -fdiagnostics-format=json x.o 2> said | true; echo "\${PIPESTATUS[0]}"; cat said`,
      process.execPath,
      programFile(),
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  t.match(broken, /^3\n(hypcheck: error: cannot write: broken pipe\n)?$/);
});

t.test('a working directory that was removed gives status 3 and a message', async (t) => {
  mkdirSync(at('gone'));
  // Without NODE_OPTIONS, since what tap loads by them cannot start there.
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'unset NODE_OPTIONS; rmdir ../gone; exec "$0" "$@"', process.execPath, programFile(), at('x.o')],
    {
      cwd: at('gone'),
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    },
  );
  t.equal(status, 3);
  t.equal(stderr, 'hypcheck: error: the working directory: no such file or directory\n');
});

t.test('a path that leads nowhere gives a message, wherever the command line has it', async (t) => {
  symlinkSync('loop', at('loop'));
  mkdirSync(at('closed'), { mode: 0o000 });
  const names = [
    'loop',
    'loop/x',
    'x.o/y',
    'a'.repeat(300),
    'a/'.repeat(3000),
    'a\0b',
    '',
    '\ud800',
    '.',
    '..',
    '/',
    'closed/x',
  ];
  for (const name of names) {
    const rows: readonly (readonly string[])[] = [
      [name],
      ['--build', name],
      ['--build', name, 'x.o'],
      ['--source', name, 'x.o'],
      ['--suppressions', name, 'x.o'],
      ['-o', name, 'x.o'],
      [`@${name}`],
      ['--explain', name],
      ['--', name],
    ];
    for (const argv of rows) {
      const title = JSON.stringify(argv).slice(0, 60);
      const { status, stdout, stderr, written } = await runMain(argv, { directory: folder });
      t.ok([0, 2, 3].includes(status), `${title}: ${status}`);
      t.notOk(isTrace(stdout + stderr), title);
      t.notMatch(stderr, /a fault of hypcheck itself|undefined/, title);
      t.ok(status === 0 || stderr !== '' || written.size > 0, `${title}: status ${status} without a message`);
    }
  }
});

t.test('a command line of 50,000 words takes at most 2.5 s', async (t) => {
  const many = (word: (index: number) => string): string =>
    Array.from({ length: 50_000 }, (_, index) => word(index)).join('\n');
  const rows: readonly (readonly [string, string, number])[] = [
    ['the same input', many(() => 'x.o'), 3],
    ['behind --', `--\n${many(() => 'x.o')}`, 3],
    ['inputs that are not there', many((index) => `${index}.o`), 3],
    ['warnings', `${many(() => '-Wall')}\nx.o`, 3],
    ['flags', `${many(() => '--whole')}\nx.o`, 0],
    ['values', `${many(() => '--source=.')}\nx.o`, 3],
    ['errors', many((index) => `--no-such-${index}`), 2],
  ];
  for (const [title, text, expected] of rows) {
    writeFileSync(at('words'), text);
    const { status, stdout, stderr, cpu } = runProgram(['@words'], { directory: folder });
    t.equal(status, expected, title);
    t.notOk(isTrace(stdout + stderr), title);
    t.ok(isWithin(cpu, 2500), `${title}: ${Math.round(cpu)} ms`);
  }
});

t.test('response files that expand without end are refused', async (t) => {
  writeFileSync(at('twice'), '@twice @twice');
  t.match(await runMain(['@twice'], { directory: folder }), {
    status: 2,
    stderr: 'hypcheck: error: too many @-files\n',
  });
  writeFileSync(at('long'), 'x '.repeat(1_000_001));
  t.match(await runMain(['@long'], { directory: folder }), {
    status: 2,
    stderr: 'hypcheck: error: too many words in @-files\n',
  });
});

t.test('an unforeseen exception becomes a one-line message', async (t) => {
  let text = '';
  const status = await main(['x.o'], {
    stdout: { write: () => {} },
    stderr: {
      write: (words) => {
        text += words;
      },
    },
    environment: {},
    get directory(): string {
      throw new TypeError('no such method');
    },
    clock: () => 0,
    writeFile: () => {},
  });
  t.equal(status, 3);
  t.equal(text, 'hypcheck: error: a fault of hypcheck itself: no such method\n');
  t.equal(thrownText('a word'), 'a fault of hypcheck itself: a word');
  t.equal(thrownText(new FormatError('x.o', null, 0, 'it is bad')), 'x.o: it is bad');
});

t.test('errors of V8 for deep recursion and huge allocations become faults of the input', async (t) => {
  const thrownBy = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return null;
  };
  const endless = (): number => endless() + 1;
  t.match(formatErrorOf(thrownBy(endless), 'x.o'), {
    file: 'x.o',
    sentence: 'the input is nested too deeply',
  });
  for (const work of [
    () => new Uint8Array(2 ** 53),
    () => new ArrayBuffer(2 ** 53),
    () => Buffer.alloc(2 ** 53 - 1),
    () => new Array(2 ** 33),
    () => 'x'.repeat(2 ** 30),
  ])
    t.match(
      formatErrorOf(thrownBy(work), 'x.o'),
      { sentence: 'the input asks for more memory than there is' },
      `${work}`,
    );
  t.equal(formatErrorOf(new TypeError('x'), 'x.o'), null);
});

t.test('findings are printed although another input is damaged', async (t) => {
  const call = buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [{ label: 'f' }, { word: 0x94000000, relocation: { type: 283, to: 'h' } }],
      },
      { name: '.text', flags: code, items: [{ label: 'h' }, 0xd65f03c0] },
    ],
  });
  writeFileSync(at('call.o'), call);
  writeFileSync(at('torn.o'), call.subarray(0, 100));
  const { status, stderr } = await runMain(['--vhe=unknown', 'torn.o', 'call.o'], { directory: folder });
  t.equal(status, 3);
  t.match(stderr, /^call\.o: warning: call to 'h'/m);
  t.match(stderr, /^torn\.o: warning: /m);
});
