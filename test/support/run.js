// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs the tests whose path contains one of the given words, or all; options are
// tap's. All are compiled to JavaScript at once, and the files of a folder share a
// process: most tests take less time than Node needs to start and to read a hundred
// files through a loader. A single file can also be given to tap as it is
// (package.json names the loader).

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
// In tap's own folder: a build of the program empties dist/, perhaps while tests run.
const built = join(root, '.tap/tests');

const words = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('-'))
  .map((word) => word.replace(/^(\.\/)?test\//, ''));
const options = process.argv.slice(2).filter((word) => word.startsWith('-'));
const isWanted = (name) => words.length === 0 || words.some((word) => name.includes(word));

const tests = readdirSync(join(root, 'test'), { recursive: true })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('kernel/') && isWanted(name))
  .sort();
if (tests.length === 0) {
  console.error(`npm test: no test file has ${words.map((word) => `'${word}'`).join(' or ')} in its path`);
  process.exit(2);
}

/** Folders whose files start programs and take long: each file has a process of its own, so that two run at once. */
const alone = ['.', 'execution', 'kbuild', 'linked', 'mutation', 'packaging'];

/** import.meta of a source names the source, wherever its code ends up. */
const places = {
  name: 'places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    })),
};

rmSync(built, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: tests.map((name) => join(root, 'test', name)),
  outbase: join(root, 'test'),
  outdir: built,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
  plugins: [places],
});

/** What tap runs: a test file, or a file that imports all tests of a folder. */
const files = new Map();
for (const name of tests) {
  const script = name.replace(/\.ts$/, '.mjs');
  const folder = dirname(name);
  const file = alone.includes(folder) ? script : `${folder}.mjs`;
  files.set(file, [...(files.get(file) ?? []), script]);
}
for (const [file, scripts] of files) {
  if (scripts.includes(file)) continue;
  const imports = scripts.map((script) => `import './${relative(dirname(file), script)}';\n`);
  writeFileSync(join(built, file), imports.join(''));
}

// In place of the loader; all else is as package.json has it.
const nodeArgument = '--node-arg=--enable-source-maps';
const paths = [...files.keys()].map((file) => join('.tap/tests', file));
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs');
const { status } = spawnSync(process.execPath, [tap, 'run', nodeArgument, ...options, ...paths], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
