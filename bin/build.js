// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// build.js [FOLDER]: builds dist/hypcheck (or FOLDER/hypcheck): one executable file, the same bytes for the same
// sources, and beside it the manual page, shells' completions, the licences of what is bundled and, for the Node that
// builds, the compiled code that it starts faster with (loader.cjs). CommonJS, because
// node starts it faster than a module and needs no package.json beside it
// unless one that says "module" lies above; dist/ has its own for that.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { Script } from 'node:vm';
import { build, transform } from 'esbuild';

// Where the page of all warnings can be read, for terminals and reports; the project has no address of its own.
const documentation = process.env.DOCUMENTATION_ROOT_URL ?? '';
if (!/^(https?:\/\/[!#-&(-~]+\/)?$/.test(documentation)) {
  console.error(`build.js: DOCUMENTATION_ROOT_URL is http://.../ or https://.../, not '${documentation}'`);
  process.exit(2);
}

// A script of the shell, for whom ":" does nothing, and a JavaScript program that begins with a string. Node reads the
// certificates of NODE_EXTRA_CA_CERTS before it starts anything, which for a usual set takes longer than a check.
const banner = `#!/bin/sh
":" //; unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"
// SPDX-License-Identifier: GPL-2.0-only OR MIT
// hypcheck, built from its sources; see LICENSES.txt for what is bundled.`;

/**
 * Modules that take milliseconds to load, and the names that are used of them (null: all): loaded when first used, by a
 * module that has these names alone.
 */
const lazyModules = new Map([
  ['node:zlib', null],
  ['node:v8', ['setFlagsFromString']],
  ['fs/promises', null],
  ['elfinfo', ['open']],
]);

const lazy = {
  name: 'lazy',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${[...lazyModules.keys()].join('|')})$`) }, ({ path, namespace }) => {
      if (namespace !== 'lazy') return { path, namespace: 'lazy' };
      // What is not Node's own is bundled.
      return builtinModules.includes(path.replace('node:', '')) ? { path, external: true } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
      const names = lazyModules.get(path) ?? Object.keys(await import(path));
      const getters = names
        .filter((name) => name !== 'default')
        .map((name) => `get ${name}() { return require('${path}').${name}; }`);
      return { contents: `module.exports = {\n${getters.join(',\n')}\n};`, resolveDir: process.cwd() };
    });
  },
};

const folder = process.argv[2] ?? 'dist';
const program = `${folder}/hypcheck`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { outputFiles } = await build({
  entryPoints: ['bin/hypcheck.ts'],
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  charset: 'ascii',
  define: documentation === '' ? {} : { DOCUMENTATION_ROOT_URL: JSON.stringify(documentation) },
  plugins: [lazy],
  write: false,
  logLevel: 'warning',
});
// A byte a character makes node read it faster; esbuild leaves regular expressions as they are written. Lines end in
// template literals alone, and the program has to be one line: what compiles it below would stumble over another.
const text = outputFiles[0].text
  .trimEnd()
  .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  .replaceAll('\n', '\\n');
const body = `(function(require){${text}})`;
new Script(body);
const hash = createHash('sha256').update(body).digest('hex');
const { code: loader } = await transform(readFileSync('bin/loader.cjs', 'utf8').replace('@HASH@', hash), {
  minifyWhitespace: true,
  minifySyntax: true,
  charset: 'ascii',
});
writeFileSync(program, `${banner}\nconst program=()=>{//${body}\n};${loader}`, 'latin1');
chmodSync(program, 0o755);
writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n');

const bundled = ['elfinfo', 'minimist'].map((name) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const licence = readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim();
  return `${name} ${version}\n\n${licence}\n`;
});
writeFileSync(
  `${folder}/LICENSES.txt`,
  `hypcheck itself is GPL-2.0-only OR MIT; see LICENSE. It contains:\n\n${bundled.join('\n----\n\n')}`,
);

// The manual page and the completions are made of the same texts as --help and --explain.
const { outputFiles: makers } = await build({
  entryPoints: ['bin/documents.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
  logLevel: 'warning',
});
const { documents } = await import(
  `data:text/javascript;base64,${Buffer.from(makers[0].contents).toString('base64')}`
);
mkdirSync(`${folder}/completions`);
for (const [name, content] of Object.entries(documents)) writeFileSync(`${folder}/${name}`, content);

// Only a matter of speed, so a build without it is a whole one.
const { status } = spawnSync(process.execPath, ['bin/compile-cache.js', program], { stdio: 'ignore' });
if (status !== 0)
  console.error('hypcheck: the program works, but starts slower: its code could not be compiled ahead');
