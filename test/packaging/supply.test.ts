// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Third-party code: the licences of all that the program contains are shipped, and no
// fetched package runs an install script.

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

t.test('LICENSES.txt has the licence of every run-time dependency', (t) => {
  const { packages }: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
    read('package-lock.json'),
  );
  // elfinfo depends on the types of Node.js, which contain no code.
  const isRun = (path: string) => path !== '' && !/(^|\/)(@types\/|undici-types$)/.test(path);
  const needed = Object.entries(packages).filter(([path, { dev }]) => isRun(path) && dev !== true);
  const licences = read('dist/LICENSES.txt');
  t.ok(needed.length >= 2);
  for (const [path, { version }] of needed) {
    const name = path.replace(/^.*node_modules\//, '');
    const text = licences.split('\n----\n').find((one) => one.includes(`${name} ${version}\n`)) ?? '';
    t.match(text, /Permission is hereby granted/, name);
    // The exact text from the package.
    const files = readdirSync(join(root, path)).filter((file) => /^licen[cs]e/i.test(file));
    t.ok(
      files.length > 0 && files.some((file) => text.includes(read(join(path, file)).trim())),
      `${name}: whole`,
    );
  }
  t.end();
});

t.test('every npm install in the build scripts uses --ignore-scripts', (t) => {
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
