// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Builds dist/hypcheck: one executable file, the same bytes for the same
// sources, and the licences of what is bundled beside it. CommonJS, because
// node starts it faster than a module and needs no package.json beside it
// unless one that says "module" lies above; dist/ has its own for that.

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const banner = `#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only OR MIT
// hypcheck, built from its sources; see LICENSES.txt for what is bundled.`;

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
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
  charset: 'utf8',
  banner: { js: banner },
  write: false,
  logLevel: 'warning',
});
const [bundle] = outputFiles;
writeFileSync('dist/hypcheck', bundle.contents);
chmodSync('dist/hypcheck', 0o755);
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');

const bundled = ['elfinfo', 'minimist'].map((name) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const licence = readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim();
  return `${name} ${version}\n\n${licence}\n`;
});
writeFileSync(
  'dist/LICENSES.txt',
  `hypcheck itself is GPL-2.0-only OR MIT; see LICENSE. It contains:\n\n${bundled.join('\n----\n\n')}`,
);
