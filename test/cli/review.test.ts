// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Baselines and suppressions, through the command line.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Outcome, runMain } from '../support/run-main.js';
import { inFixtures } from './fixtures.js';

const directory = inFixtures(t);
const run = (line: string): Promise<Outcome> => runMain(line.split(' '), { directory });
const put = (name: string, text: string): void => writeFileSync(join(directory, name), text);

t.test('--write-baseline writes what is found, counts it, and makes it no error', async (t) => {
  const { status, stdout, stderr, written } = await run('-E --write-baseline known bad.o');
  t.equal(status, 0);
  t.equal(stdout, '');
  t.equal(stderr, "hypcheck: note: 1 finding written to 'known', and known from now on\n");
  t.match(written.get(join('known')), /^# .*\n# .*\nhyp-call f host_function call\n$/);
});

t.test('known findings are counted, not printed, and are no errors', async (t) => {
  put('known', 'hyp-call f host_function call\n');
  t.match(await run('-E --baseline known bad.o'), {
    status: 0,
    stderr: "hypcheck: note: 1 finding known before ('known')\n",
  });
  t.match(await run('-E -q --baseline known bad.o'), { status: 0, stderr: '' });
});

t.test('a finding that is not in the baseline is printed', async (t) => {
  put('other', 'hyp-call f another_function call\n');
  const { status, stderr } = await run('-E --baseline other bad.o');
  t.equal(status, 1);
  t.match(stderr, /error: call to 'host_function'/);
  t.match(stderr, /^other:1: note: no longer found: hyp-call f another_function call$/m);
});

t.test('the same reference by another access is another finding', async (t) => {
  put('jump', 'hyp-call f host_function jump\n');
  t.equal((await run('-E --baseline jump bad.o')).status, 1);
});

t.test('an entry that is no longer found gets a note at its line, except for a module', async (t) => {
  put('old', '# reviewed\nhyp-call f host_function call\nhyp-vhe-only f host_function call\n');
  t.match(await run('--baseline old clean.o'), {
    status: 0,
    stderr: 'old:2: note: no longer found: hyp-call f host_function call\n',
  });
  t.match(await run('--baseline old clean.ko'), { status: 0, stderr: '' });
});

t.test('what could not be judged is reported, and not written to a baseline', async (t) => {
  const { status, written, stderr } = await run('--write-baseline known open.o');
  t.equal(status, 3);
  t.match(stderr, /warning: .* \[-Whyp-unchecked\]/);
  t.notMatch(written.get('known'), /^hyp-/m);
});

t.test('a baseline may be read and written under one name', async (t) => {
  put('known', 'hyp-call f another_function call\n');
  const { status, stderr, written } = await run('-E --baseline known --write-baseline known bad.o');
  t.equal(status, 1, 'a new finding is still an error');
  t.match(stderr, /host_function/);
  t.match(written.get('known'), /\nhyp-call f host_function call\n$/);
  t.notMatch(written.get('known'), /another_function/);
});

t.test('neither a baseline nor a report is written over an input or another output', async (t) => {
  for (const line of [
    '--write-baseline bad.o bad.o',
    '--suppressions good.list --write-baseline good.list bad.o',
    '-o out --write-baseline out bad.o',
    '--report json=out --report sarif=./out bad.o',
    '--report json=bad.o bad.o',
    '--report json=vmlinux.o bad.o',
    '--baseline known --report json=known bad.o',
  ]) {
    const { status, written, stderr } = await run(line);
    t.equal(status, 2, line);
    t.match(stderr, /error: cannot write/, line);
    t.equal(written.size, 0, line);
  }
  t.equal((await run('-o /dev/null --report json=/dev/null --report sarif=/dev/null bad.o')).status, 0);
});

t.test('a malformed or missing baseline gives status 2', async (t) => {
  put('conflict', '<<<<<<< HEAD\nhyp-call f host_function call\n=======\n');
  const { status, stderr } = await run('--baseline conflict bad.o');
  t.equal(status, 2);
  t.match(stderr, /^conflict:1: error: an entry is WARNING FROM TO ACCESS\nconflict:3: error/);
  t.equal((await run('--baseline no-such-file bad.o')).status, 2);
});

t.test('until= applies only to a kernel that is known to be older', async (t) => {
  put('until', 'hyp-call f host_function until=6.8 gone with the rework\n');
  const unknown = await run('-E --suppressions until bad.o');
  t.equal(unknown.status, 1);
  t.match(
    unknown.stderr,
    /^until:1: note: not applied: it holds before 6\.8, and this kernel's version is not known/m,
  );
  const build = join(directory, 'build/include/config');
  mkdirSync(build, { recursive: true });
  put('build/include/config/auto.conf', '');
  put('build/include/config/kernel.release', '6.7.3-arm64\n');
  t.match(await run('-E --build build --suppressions until bad.o'), { status: 0, stderr: '' });
  put('build/include/config/kernel.release', '6.8.0-rc2\n');
  const ended = await run('-E --build build --suppressions until bad.o');
  t.equal(ended.status, 1);
  t.match(ended.stderr, /^until:1: note: not applied: it holds before 6\.8, and this is 6\.8\.0-rc2$/m);
});

t.test(
  'an input that could not be read is suppressed by its file name, however its path is given',
  async (t) => {
    put('unchecked', 'hyp-unchecked text.o text.o it is a text\n');
    t.equal((await run('--suppressions unchecked text.o')).status, 0);
    t.equal(
      (await run(`--suppressions unchecked ${join(directory, 'text.o')}`)).status,
      0,
      'named as a whole path',
    );
    t.equal((await run('--suppressions unchecked ./text.o')).status, 0);
  },
);
