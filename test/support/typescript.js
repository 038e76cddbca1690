// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Lets node import the sources: tap's own way loads the TypeScript compiler into
// every test's process, which takes more processor time than most tests. esbuild
// compiles a file in well under a millisecond; `tsc` checks types.

import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

const isSource = (url) => /^file:[^?]*\.ts(\?|$)/.test(url);

/** Sources import one another by the names that compiled files would have. */
export const resolve = async (specifier, context, next) => {
  if (/^\.\.?\/.*\.js$/.test(specifier) && isSource(context.parentURL ?? '')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(url)) return next(specifier.replace(/\.js$/, '.ts'), context);
  }
  return next(specifier, context);
};

let transform;

export const load = async (url, context, next) => {
  if (!isSource(url)) return next(url, context);
  transform ??= (await import('esbuild')).transform;
  const file = fileURLToPath(url);
  const { code } = await transform(readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: file,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: 'module', source: code, shortCircuit: true };
};
