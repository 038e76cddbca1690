// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// compile-cache.js PROGRAM: writes PROGRAM.cache, V8's compiled code of what a run
// over shipped samples executes, for the Node that runs this. Only for speed: see
// loader.cjs.

import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A clean run in each generation: code for findings is compiled when there are any. */
const runs = [['nvhe/clean-build'], ['hyp-text/clean-build']].map(([build]) => [
  '--build',
  join(dirname(fileURLToPath(import.meta.url)), '../test/samples', build),
]);

const program = resolve(process.argv[2] ?? 'dist/hypcheck');
const require = createRequire(program);
const { compile, HASH } = require(program);
const script = compile();
const start = script.runInThisContext();

for (const words of runs) {
  process.argv = [process.execPath, program, ...words];
  start(require);
}

process.on('exit', () => {
  writeFileSync(`${program}.cache.new`, Buffer.concat([script.createCachedData(), Buffer.from(HASH)]));
  renameSync(`${program}.cache.new`, `${program}.cache`);
});
