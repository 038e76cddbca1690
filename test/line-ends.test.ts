// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A tree whose files have CR LF line ends, as a checkout on Windows may, gives the output of the same tree with LF:
// sources, headers, the configuration, the linker script.

import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from './support/run-main.js';
import { inFolder } from './support/tools.js';

const isText = /\.(c|h|S|lds|conf|release|config)$/;

/** Gives all text files below a folder CR LF line ends. */
const convert = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!isText.test(name) || !statSync(path).isFile()) continue;
    const text = readFileSync(path, 'latin1');
    writeFileSync(path, text.replaceAll('\n', '\r\n'), 'latin1');
  }
};

/** What is printed in a copy of the samples, and the status. */
const printed = (samples: string, args: readonly string[], isConverted: boolean): Promise<string> =>
  inFolder(async (folder) => {
    cpSync(`test/samples/${samples}`, join(folder, 'test/samples', samples), {
      recursive: true,
      filter: (source) => !source.endsWith('.o') || args.some((arg) => source.startsWith(arg)),
    });
    if (isConverted) convert(folder);
    const { stdout, stderr, status } = await runMain(args, { directory: folder });
    return `${stdout}${stderr}${status}`;
  });

/** A folder of samples, and the command line. */
const runs: readonly (readonly [string, ...string[]])[] = [
  ...['audit', 'obstacles', 'shapes'].flatMap((stem): readonly [string, ...string[]][] => [
    ['inline', '--whole', '--vhe-cap=11', '-Whyp-inline-hint', `test/samples/inline/${stem}.o`],
    ['inline', '--whole', '--vhe-cap=11', '-Whyp-inline-hint', `test/samples/inline/${stem}.clang.o`],
    ['inline', '--whole', '--vhe-cap=11', `test/samples/inline/${stem}.noinline.o`],
  ]),
  ['nvhe', '--build', 'test/samples/nvhe/aliases-build', '-v', '--source', 'test/samples/nvhe'],
  ['nvhe', '--build', 'test/samples/nvhe/aliases-build', '--protected'],
  ['hyp-text', '--whole', 'test/samples/hyp-text/memset.o'],
];

for (const [samples, ...args] of runs) {
  t.test(`${args.join(' ')} prints the same with CR LF`, async (t) => {
    const expected = await printed(samples, args, false);
    t.match(expected, /warning: /, 'the sample has warnings');
    t.equal(await printed(samples, args, true), expected);
  });
}
