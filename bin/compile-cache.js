// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// compile-cache.js PROGRAM: writes PROGRAM.cache, V8's compiled code of what a run
// over shipped samples executes, for the Node that runs this. Only for speed: see
// loader.cjs.

import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A clean run in each generation, the older one with guards to be followed: code for findings is compiled when there are any. */
const runs = [
  ['--build', 'nvhe/clean-build'],
  ['--whole', '--vhe-cap=11', 'flow/tlb-switch.gcc-O2-keys0.o'],
  ['--whole', '--vhe-cap=11', 'flow/tlb-switch.gcc-O2-keys16.o'],
].map((words) => [
  ...words.slice(0, -1),
  join(dirname(fileURLToPath(import.meta.url)), '../test/samples', words.at(-1)),
]);

const program = resolve(process.argv[2] ?? 'dist/hypcheck');
const require = createRequire(program);
const { compile, HASH } = require(program);
const script = compile();
const start = script.runInThisContext();

// The program ends its process, which has more to do here. A run that is not clean has lost its sample.
process.exit = (status) => {
  if (status !== 0) process.exitCode = 1;
};
for (const words of runs) {
  process.argv = [process.execPath, program, ...words];
  start(require);
}

process.on('exit', () => {
  writeFileSync(`${program}.cache.new`, Buffer.concat([script.createCachedData(), Buffer.from(HASH)]));
  renameSync(`${program}.cache.new`, `${program}.cache`);
});
