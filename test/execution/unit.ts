// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Programs that are compiled together, with the host that they call, and linked
// twice: with `ld -r` into the object that hypcheck reads, and that into an
// executable. So both have the same code, at the same offsets of .hyp.text.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BASE, commands, type Options } from './options.js';
import { execute, executeAll } from './subprocess.js';
import { type Node, textOf } from './syntax.js';

export const MACHINE = join(import.meta.dirname, 'machine');

export interface Unit {
  readonly whole: string;
  readonly executable: string;
  /** Names in the order of driver.c's numbers. */
  readonly sinks: readonly string[];
  readonly data: readonly string[];
}

const namesIn = (text: string, kind: 'BAD' | 'DATA'): readonly string[] => [
  ...new Set([...text.matchAll(new RegExp(`\\b${kind}_\\d+_\\d+\\b`, 'g'))].map(([name]) => name)),
];

/** The host: sinks, data, and the table of programs through which the driver calls. */
const hostOf = (
  sinks: readonly string[],
  data: readonly string[],
  programs: readonly string[],
): readonly string[] => [
  '.text',
  '.balign 4',
  ...sinks.flatMap((name, i) => [
    `.global ${name}`,
    `.type ${name}, %function`,
    `${name}: mov w16, #${i}`,
    'b host_function',
    `.size ${name}, . - ${name}`,
  ]),
  '.data',
  '.balign 16',
  '.global host_data, host_data_end, host_data_magic, host_functions, programs',
  'host_data:',
  ...data.flatMap((name, i) => [
    `.global ${name}`,
    `.type ${name}, %object`,
    `.size ${name}, 16`,
    `${name}: .quad 0x4d61676963000000 + ${i} * 0x530, 0`,
    '.skip 0x520',
  ]),
  'host_data_end:',
  'host_data_magic: .quad 0x4d61676963000000',
  'host_functions:',
  ...sinks.map((name) => `.quad ${name}`),
  'programs:',
  ...programs.map((name) => `.quad ${name}`),
  '.quad 0',
];

/** The whole translation unit. */
const sourceOf = (texts: readonly string[], sinks: readonly string[], data: readonly string[]): string => {
  const programs = texts.flatMap((text) =>
    [...text.matchAll(/\bu64 (t\d+)\(/g)].map(([, name = '']) => name),
  );
  return [
    '#include "prelude.h"',
    ...sinks.map((name) => `extern u64 ${name}();`),
    ...data.map((name) => `extern u64 ${name}[2];`),
    ...texts,
    `asm("${hostOf(sinks, data, programs).join('\\n"\n    "')}\\n");`,
    '',
  ].join('\n');
};

const drivers = new Map<string, Promise<unknown>>();
/** Compiled once for each folder and shape of keys. */
const driverIn = async (folder: string, { jumps }: Options): Promise<string> => {
  const path = join(folder, `driver-${Number(jumps)}.o`);
  const made =
    drivers.get(path) ??
    execute([
      ...commands.gcc,
      ...[...BASE, '-O2', `-DJUMPS=${Number(jumps)}`, join(MACHINE, 'driver.c'), '-o', path],
    ]);
  drivers.set(path, made);
  await made;
  return path;
};

export const buildUnit = async (
  folder: string,
  name: string,
  programs: readonly Node[],
  options: Options,
): Promise<Unit> => {
  const texts = programs.map(textOf);
  const [sinks, data] = [namesIn(texts.join(''), 'BAD'), namesIn(texts.join(''), 'DATA')];
  const path = (extension: string) => join(folder, `${name}.${extension}`);
  const unit: Unit = { whole: path('whole.o'), executable: path('elf'), sinks, data };
  await writeFile(path('c'), sourceOf(texts, sinks, data));
  const driver = await driverIn(folder, options);
  // One shell for all three: node is slow to start a process.
  await executeAll([
    [
      ...commands[options.compiler],
      ...[...BASE, ...options.flags, `-I${MACHINE}`, path('c'), '-o', path('o')],
    ],
    ['aarch64-linux-gnu-ld', '-r', '-o', unit.whole, path('o'), driver],
    [
      ...['aarch64-linux-gnu-ld', '-T', join(MACHINE, 'machine.lds'), '--no-undefined'],
      ...['--no-warn-rwx-segments', '-o', unit.executable, unit.whole],
    ],
  ]);
  return unit;
};
