// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What make installs, and what npm installs from the packed file, without a network.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { inFolder, run, without } from '../support/tools.js';

const root = join(import.meta.dirname, '../..');
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const noBuild: string | false =
  !existsSync(join(root, 'dist/hypcheck.1')) && 'SKIPPED: not built (make build)';
const sample = join(root, 'test/samples/hyp-text/call-helper.o');

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath ?? one.path, one.name).slice(folder.length + 1))
    .sort();

t.test(
  'make install installs a working program, and make uninstall removes every file',
  { skip: noBuild || without('make') },
  async (t) => {
    inFolder((folder) => {
      const words = ['--silent', 'PREFIX=/usr', `DESTDIR=${folder}`, 'NODE=/usr/bin/node'];
      run('make', ['install', ...words], root);
      const files = filesIn(folder);
      for (const file of [
        'usr/bin/hypcheck',
        'usr/share/man/man1/hypcheck.1',
        'usr/share/bash-completion/completions/hypcheck',
        'usr/share/zsh/site-functions/_hypcheck',
        'usr/share/fish/vendor_completions.d/hypcheck.fish',
        'usr/share/doc/hypcheck/LICENSE',
        'usr/share/doc/hypcheck/LICENSES.txt',
        'usr/share/doc/hypcheck/warnings.html',
        'usr/share/hypcheck/dist/LICENSES.txt',
        'usr/share/hypcheck/kbuild/install-kernel',
        'usr/share/hypcheck/kbuild/postlink.mk',
        'usr/share/hypcheck/kbuild/recipes/README.md',
      ]) {
        t.ok(files.includes(file), file);
      }
      t.notOk(files.some((file) => file.includes('packaging')));
      const program = join(folder, 'usr/bin/hypcheck');
      t.match(readFileSync(program, 'latin1'), /^#!\/usr\/bin\/node\n/);
      t.equal(run(process.execPath, [program, '--version']), `hypcheck ${own.version}\n`);
      const there = files.filter(
        (file) => !file.includes('/kbuild/') && !/LICENSES?(\.txt)?$|\.md$/.test(file),
      );
      for (const file of there)
        t.notOk(
          readFileSync(join(folder, file), 'latin1').includes(root),
          `${file} contains no path of the build`,
        );
      run('make', ['install', ...words], root);
      t.same(filesIn(folder), files, 'a second make install changes nothing');
      run('make', ['uninstall', ...words], root);
      t.same(filesIn(folder), []);
    });
  },
);

t.test(
  'npm pack has only what is needed to run, and installs without a network',
  { skip: noBuild || without('npm') },
  async (t) => {
    inFolder((folder) => {
      const environment = {
        ...process.env,
        npm_config_cache: join(folder, 'cache'),
        npm_config_offline: 'true',
      };
      const npm = (...words: readonly string[]): string =>
        execFileSync('npm', words, {
          cwd: root,
          encoding: 'utf8',
          env: environment,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      const [packed] = JSON.parse(npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder));
      const paths: readonly string[] = packed.files.map(({ path }: { path: string }) => path);
      const outside = paths.filter((path) => !/^(dist|kbuild|node_modules)\//.test(path));
      t.same([...outside].sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
      for (const path of ['dist/hypcheck', 'dist/hypcheck.1', 'dist/warnings.html', 'kbuild/install-kernel'])
        t.ok(paths.includes(path), path);
      for (const path of licences('node_modules')) t.ok(paths.includes(path), path);
      t.notOk(
        paths.some((path) => /^(test|lib|bin)\/|\.cache$|packaging/.test(path)),
        'no sources, tests or packaging',
      );
      mkdirSync(join(folder, 'global'));
      npm('install', '--global', '--prefix', join(folder, 'global'), join(folder, packed.filename));
      const program = join(folder, 'global/bin/hypcheck');
      t.equal(run(process.execPath, [program, '--version']), `hypcheck ${own.version}\n`);
      writeFileSync(join(folder, 'x.o'), readFileSync(sample));
      t.match(
        run(process.execPath, [program, '--whole', '-fdiagnostics-format=json', 'x.o'], folder),
        /hyp-call/,
      );
    });
  },
);

/** The files with the licences of all run-time code, if node_modules is called `modules`. */
const licences = (modules: string): readonly string[] => [
  'LICENSE',
  'dist/LICENSES.txt',
  ...Object.keys(own.dependencies).map((name) => `${modules}/${name}/LICENSE`),
];

t.test(
  'the npm, Debian and RPM packages have the licences of all run-time code',
  { skip: noBuild },
  async (t) => {
    const texts = readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8');
    for (const path of licences('node_modules').filter((one) => one.startsWith('node_modules/')))
      t.ok(texts.includes(readFileSync(join(root, path), 'utf8').trim()), path);
    // Only the packages in package.json are bundled: they have no run-time dependencies of their own.
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const atRunTime = Object.entries<{ readonly dev?: boolean }>(lock.packages)
      .filter(([path, { dev }]) => path !== '' && !dev && !path.includes('/@types/'))
      .map(([path]) => path.replace('node_modules/', ''));
    t.same(atRunTime.sort(), Object.keys(own.dependencies).sort(), 'no indirect dependencies');
    const spec = readFileSync(join(root, 'kbuild/packaging/hypcheck.spec'), 'utf8');
    t.match(spec, /^%license LICENSE dist\/LICENSES\.txt$/m, 'RPM');
    // Debian: the copyright file has the terms; make install installs the texts.
    const rules = readFileSync(join(root, 'kbuild/packaging/debian/rules'), 'utf8');
    t.match(rules, /\$\(MAKE\) install/);
  },
);

t.test('the packaging has the version, and names what is bundled', async (t) => {
  const read = (name: string): string => readFileSync(join(root, 'kbuild/packaging', name), 'utf8');
  const spec = read('hypcheck.spec');
  t.ok(spec.includes(`\nVersion:        ${own.version}\n`));
  t.ok(read('debian/changelog').startsWith(`hypcheck (${own.version}-1) `));
  const copyright = read('debian/copyright');
  for (const [name, version] of Object.entries<string>(own.dependencies)) {
    t.ok(spec.includes(`bundled(nodejs-${name}) = ${version.replace('-', '~')}\n`), name);
    t.ok(copyright.includes(`node_modules/${name}/`), name);
  }
});
