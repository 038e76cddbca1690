// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What comes from elsewhere: the licence of all code of others that the program
// contains is beside it, and nothing that is fetched runs a script of its own.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly license?: string;
}

t.test('the licence of everything that is needed at run time is shipped', (t) => {
  const { packages }: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
    read('package-lock.json'),
  );
  // elfinfo asks for the types of Node, in which there is nothing to run.
  const isRun = (path: string) => path !== '' && !/(^|\/)(@types\/|undici-types$)/.test(path);
  const needed = Object.entries(packages).filter(([path, { dev }]) => isRun(path) && dev !== true);
  const licences = read('dist/LICENSES.txt');
  t.ok(needed.length >= 2);
  for (const [path, { version }] of needed) {
    const name = path.replace(/^.*node_modules\//, '');
    const text = licences.split('\n----\n').find((one) => one.includes(`${name} ${version}\n`)) ?? '';
    t.match(text, /Permission is hereby granted/, name);
    // Its author's words, as the package has them.
    const files = readdirSync(join(root, path)).filter((file) => /^licen[cs]e/i.test(file));
    t.ok(
      files.length > 0 && files.some((file) => text.includes(read(join(path, file)).trim())),
      `${name}: whole`,
    );
  }
  t.end();
});

t.test('what installs packages lets none of them run a script', (t) => {
  const scripts = ['Makefile', '.ci/run', 'test/kernel/install-packages', 'kbuild/packaging/build-packages'];
  const installs = scripts.flatMap((path) =>
    read(path)
      .split('\n')
      .filter((line) => /^[^#]*\bnpm (ci|i|install)\b/.test(line)),
  );
  t.ok(installs.length > 0);
  for (const line of installs) t.match(line, /--ignore-scripts/, line.trim());
  t.end();
});
