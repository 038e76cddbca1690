// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Damaged files through the whole program: each cut at many places and with many
// bytes changed. The program has to end with findings or a message, without an
// exception, a long wait or much memory. By default every byte of the smallest
// object is changed, and one byte in many of the others; HYPCHECK_THOROUGH=1
// cuts and changes all files at every byte, in several ways.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import { cuts, type Damaged, flips } from './support/damage.js';
import { pace, processorTime } from './support/pace.js';
import { runMain } from './support/run-main.js';
import { smallObject } from './support/small-object.js';
import { run, without } from './support/tools.js';

/** Of processor time: elapsed time depends on what else the machine does. */
const LONGEST_MS = 2000 * pace;
const MOST_MEMORY = 256 * 1024 * 1024;
const isThorough = process.env.HYPCHECK_THOROUGH === '1';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-bad-input-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const sample = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, 'samples', name)));

/** What is wrong with how the program ended; null if nothing is. */
const complaint = async (argv: readonly string[]): Promise<string | null> => {
  const begun = processorTime();
  try {
    const { status, stdout, stderr } = await runMain(argv, { directory: folder });
    const text = stdout + stderr;
    if (status !== 0 && status !== 1 && status !== 3) return `status ${status}`;
    if (/^ +at .*:\d+:\d+\)?$/m.test(text)) return 'a stack trace';
    if (
      /\b(undefined|NaN|\[object Object\])\b/.test(
        text.replace(/is undefined|undefined (symbol|name)s?/g, ''),
      )
    )
      return `undefined or NaN in the text: ${text}`;
    if (status === 3 && text === '') return 'status 3 without a message';
  } catch (error) {
    return error instanceof Error ? `${error.stack}` : String(error);
  }
  const taken = processorTime() - begun;
  return taken > LONGEST_MS ? `${Math.round(taken)} ms` : null;
};

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Runs the program (`argv`) on every damaged form of a file, written to `path`. */
const hold = async (
  t: Test,
  forms: Iterable<Damaged>,
  path: string,
  argv: readonly string[],
): Promise<void> => {
  let count = 0;
  const complaints: string[] = [];
  for (const { what, bytes } of forms) {
    writeFileSync(join(folder, path), bytes);
    const said = await complaint(argv);
    if (said !== null) complaints.push(`${what}: ${said}`);
    count++;
  }
  t.same(complaints.slice(0, 10), [], `${count} forms, ${complaints.length} complaints`);
  t.ok(count > 0);
  // After a collection: how much garbage waits for one depends on the machine's load.
  collectGarbage();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  t.ok(heapUsed + arrayBuffers + external < MOST_MEMORY, `${(heapUsed + arrayBuffers + external) >> 20} MB`);
};

const masks = isThorough ? [0xff, 0x01, 0x80, 0x40] : [0xff];

function* damage(bytes: Uint8Array, step: number): Generator<Damaged> {
  yield* cuts(bytes, isThorough ? 1 : step * 3);
  yield* flips(bytes, isThorough ? 1 : step, masks);
}

t.test(
  'a small object, damaged at every byte, ends in findings or a message',
  { timeout: 600_000 },
  async (t) => {
    const bytes = smallObject();
    t.ok(bytes.length > 1500 && bytes.length < 4096, `${bytes.length} bytes`);
    await hold(t, damage(bytes, 1), 'vmlinux.o', ['--whole', 'vmlinux.o']);
    await hold(t, damage(bytes, 11), 'x.o', ['--references', '-fdiagnostics-format=json', 'x.o']);
  },
);

/** Objects of compilers and assemblers, with the step that a default run takes through them. */
const objects: readonly (readonly [string, number])[] = [
  ['hyp-text/call-helper.nodebug.o', 79],
  ['hyp-text/call-helper.dwarf4.o', 197],
  ['hyp-text/call-helper.o', 197],
  ['hyp-text/call-helper.clang.o', 197],
  ['hyp-text/data-sections.zlib.o', 197],
  ['hyp-text/assembly.o', 107],
  ['hyp-text/alternative.o', 197],
  ['hyp-text/literal-pool.o', 79],
  ['nvhe/instrumented-build/vmlinux.o', 311],
  ['nvhe/writable-build/vmlinux.o', 313],
];

for (const [name, step] of objects) {
  t.test(`${name}, damaged, ends in findings or a message`, { timeout: 3_600_000 }, async (t) => {
    await hold(t, damage(sample(name), step), 'vmlinux.o', ['vmlinux.o']);
  });
}

t.test(
  'damaged archives, ordinary and thin, end in findings or a message',
  { skip: without('aarch64-linux-gnu-ar'), timeout: 600_000 },
  async (t) => {
    mkdirSync(join(folder, 'members'), { recursive: true });
    writeFileSync(join(folder, 'members/a.o'), smallObject());
    writeFileSync(join(folder, 'members/a-name-longer-than-sixteen.o'), smallObject());
    const ar = (...args: readonly string[]): Uint8Array => {
      rmSync(join(folder, 'made.a'), { force: true });
      run('aarch64-linux-gnu-ar', args, folder);
      return new Uint8Array(readFileSync(join(folder, 'made.a')));
    };
    const members = ['members/a.o', 'members/a-name-longer-than-sixteen.o'];
    await hold(t, damage(ar('rcsD', 'made.a', ...members), 149), 'x.a', ['x.a']);
    await hold(t, damage(ar('rcsDT', 'made.a', ...members), 7), 'built-in.a', ['built-in.a']);
  },
);

t.test('an archive that contains itself is not followed for ever', async (t) => {
  const name = 'loop.a/';
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${'4'.padEnd(10)}\`\n`;
  writeFileSync(join(folder, 'loop.a'), `!<thin>\n${header}`);
  t.equal(await complaint(['loop.a']), null);
});

const garbage = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) & 0xff));

t.test('garbage in the files of a build directory ends in findings or a message', async (t) => {
  mkdirSync(join(folder, 'build/include/config'), { recursive: true });
  mkdirSync(join(folder, 'build/arch/arm64/kernel'), { recursive: true });
  writeFileSync(join(folder, 'build/vmlinux.o'), smallObject());
  for (const name of [
    'include/config/auto.conf',
    'include/config/kernel.release',
    'arch/arm64/kernel/vmlinux.lds',
  ]) {
    writeFileSync(join(folder, 'build', name), garbage);
  }
  t.equal(await complaint(['--build', 'build']), null);
  t.equal(await complaint(['--protected', '--build', 'build']), null);
});

t.test('garbage in a list or a response file is reported', async (t) => {
  writeFileSync(join(folder, 'x.o'), smallObject());
  writeFileSync(join(folder, 'garbage'), garbage);
  for (const [argv, expected, message] of [
    [['--suppressions', 'garbage', 'x.o'], 2, /^garbage:1: error: /],
    [['--baseline', 'garbage', 'x.o'], 2, /^garbage:1: error: /],
    // Its words are names of files that do not exist.
    [['@garbage'], 3, /: warning: .* \[-Whyp-unchecked\]\n/],
  ] as const) {
    const { status, stderr } = await runMain(argv, { directory: folder });
    t.equal(status, expected, argv.join(' '));
    t.match(stderr, message, argv.join(' '));
  }
});

t.test('an input that is not a regular file is reported, with status 3', async (t) => {
  for (const path of ['no-such-file.o', '.', '/dev/null', 'no-such-folder/x.o', 'build/vmlinux.o/x.o']) {
    const { status, stderr } = await runMain([path], { directory: folder });
    t.equal(status, 3, path);
    t.match(stderr, /warning: .+ \[-Whyp-unchecked\]\nhypcheck: note: .--explain hyp-unchecked. .*\n$/, path);
  }
});
