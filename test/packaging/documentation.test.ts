// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where the links in messages lead: to the page installed with the program, or to the
// address that was built in.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { inFolder, run, without } from '../support/tools.js';

const root = join(import.meta.dirname, '../..');
const noBuild: string | false =
  !existsSync(join(root, 'dist/warnings.html')) && 'SKIPPED: not built (make build)';
const object = 'test/samples/hyp-text/call-helper.o';

const check = (program: string, ...options: readonly string[]): string => {
  const env = { ...process.env, GCC_URLS: 'bel' };
  const { stdout, stderr } = spawnSync(process.execPath, [program, '--whole', ...options, object], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  return stdout + stderr;
};

const urlIn = (printed: string): string => /\p{Cc}\]8;;(\P{Cc}+)\p{Cc}-Whyp-call/u.exec(printed)?.[1] ?? '';

t.test(
  'the installed program links to its own warnings.html, in a terminal only',
  { skip: noBuild || without('make') },
  async (t) => {
    inFolder((folder) => {
      run('make', ['--silent', 'install', 'PREFIX=/usr', `DESTDIR=${folder}/a b`], root);
      const url = new URL(urlIn(check(join(folder, 'a b/usr/bin/hypcheck'), '-fdiagnostics-urls=always')));
      t.equal(url.host, hostname().toLowerCase());
      t.equal(url.hash, '#hyp-call');
      t.ok(existsSync(fileURLToPath(`file://${url.pathname}`)), url.pathname);
      t.notMatch(check(join(folder, 'a b/usr/bin/hypcheck')), '\u001b', 'no link outside a terminal');
      const json = check(
        join(folder, 'a b/usr/bin/hypcheck'),
        '-fdiagnostics-format=json',
        '-fdiagnostics-urls=always',
      );
      t.notMatch(json, /option_url|file:/, 'reports contain no local path');
      writeFileSync(join(folder, 'a'), 'of somebody else');
      run('make', ['--silent', 'uninstall', 'PREFIX=/usr', `DESTDIR=${folder}/a b`], root);
      t.notOk(existsSync(join(folder, 'a b/usr/bin/hypcheck')));
      t.ok(existsSync(join(folder, 'a')), 'uninstalling from a path with a blank removes nothing else');
    });
  },
);

t.test(
  'DOCUMENTATION_ROOT_URL is the address in links, JSON and SARIF, and a wrong one is refused',
  async (t) => {
    inFolder((folder) => {
      const build = (address: string) =>
        execFileSync(process.execPath, ['bin/build.js', folder], {
          cwd: root,
          env: { ...process.env, DOCUMENTATION_ROOT_URL: address },
          stdio: 'pipe',
        });
      for (const wrong of ['ftp://x/', 'https://x', 'file:///x/', 'https://x/\u001b/', "https://x'/"])
        t.throws(() => build(wrong), wrong);
      build('https://kernel.example/hypcheck/');
      const program = join(folder, 'hypcheck');
      const url = 'https://kernel.example/hypcheck/warnings.html#hyp-call';
      t.equal(urlIn(check(program, '-fdiagnostics-urls=always')), url);
      t.match(check(program, '-fdiagnostics-format=json'), `"option_url": "${url}"`);
      t.match(check(program, '-fdiagnostics-format=sarif'), `"helpUri":"${url}"`);
    });
  },
);
