// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Debug information that is cut short or changed may give fewer frames and a reported
// problem, but never an exception, a long wait or a large use of memory. Each debug
// section and each of their relocation tables is cut at every sixth byte and has every
// second byte changed; with HYPCHECK_THOROUGH=1 it is cut at every byte, and each byte is
// changed in several ways.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SourceLocator } from '../../lib/dwarf/source-locator.js';
import { memorySource } from '../../lib/elf/byte-source.js';
import { ObjectFile, readObjectFile, type Section } from '../../lib/elf/object-file.js';
import { pace, processorTime } from '../support/pace.js';
import { objectsFolder } from './recordings.js';

/** Of processor time, for one object. */
const LONGEST_MS = 2000 * pace;
const MOST_MEMORY = 512 * 1024 * 1024;

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly object: ObjectFile;
}

/** gcc and clang write different sections and forms; GNU as writes strings inline, and the oldest line table. */
const subjects: readonly string[] = ['gcc-5.o', 'clang-5.o', 'gas-3.o'];

const isThorough = process.env.HYPCHECK_THOROUGH === '1';
/** Of many changed bytes. */
const ROUNDS = isThorough ? 800 : 300;

const open = async (name: string): Promise<Subject> => {
  const bytes = new Uint8Array(readFileSync(join(objectsFolder, name)));
  return { name, bytes, object: await readObjectFile(memorySource(name, bytes)) };
};

const debugSections = ({ object }: Subject): readonly Section[] =>
  object.sections.filter(({ name }) => /^(\.rela)?\.debug_/.test(name));

/** Asks the locator everything about an object; returns whether it reported a problem. */
const interrogate = (t: Test, object: ObjectFile, what: string): boolean => {
  const begun = processorTime();
  let problems = 0;
  try {
    const locator = new SourceLocator(object);
    const text = object.named('.text');
    const data = object.named('.bss') ?? object.named('.data');
    if (!text) throw new Error('there is no .text');
    for (const part of [0, 0.2, 0.5, 0.9]) {
      const offset = Math.floor((text.size * part) / 4) * 4;
      const { frames, problem } = locator.framesAt(text, offset);
      if (problem !== null) problems++;
      for (const { file, line, column } of frames) {
        if (typeof file !== 'string' || !(line >= 0 || line < 0) || !(column >= 0))
          t.fail(`${what}: a frame`);
      }
      locator.subprogramAt(text, offset);
    }
    if (data) locator.declarationAt(data, 0);
    for (const { ranges } of locator.inlinedInstances(text, new Set())) {
      for (const { start, end } of ranges) if (!(start < end)) t.fail(`${what}: a range`);
    }
  } catch (error) {
    t.fail(`${what}: ${error instanceof Error ? error.stack : error}`);
  }
  const time = processorTime() - begun;
  if (time > LONGEST_MS) t.fail(`${what}: ${time} ms`);
  return problems > 0;
};
const changes: readonly ((byte: number) => number)[] = [(byte) => byte ^ 0xff, (byte) => byte + 1];

for (const name of subjects) {
  t.test(`${name}: a debug section that is cut short costs frames, nothing else`, async (t) => {
    const subject = await open(name);
    const { object, bytes } = subject;
    let damaged = 0;
    for (const section of debugSections(subject)) {
      for (let size = 0; size < section.size; size += isThorough ? 1 : 6) {
        const sections = object.sections.map((other) => (other === section ? { ...other, size } : other));
        const cut = new ObjectFile(memorySource(name, bytes), object.type, sections);
        if (interrogate(t, cut, `${section.name} of ${size} bytes`)) damaged++;
      }
    }
    t.ok(damaged > 0);
    t.ok(process.memoryUsage().rss < MOST_MEMORY);
  });

  t.test(`${name}: a changed byte of a debug section costs frames, nothing else`, async (t) => {
    const subject = await open(name);
    const { object, bytes } = subject;
    let damaged = 0;
    for (const section of debugSections(subject)) {
      for (let at = section.offset; at < section.offset + section.size; at++) {
        const kept = bytes[at] ?? 0;
        for (const [index, change] of changes.entries()) {
          if (!isThorough && (at % 2 === 1 || index !== (at / 2) % changes.length)) continue;
          bytes[at] = change(kept);
          const changed = new ObjectFile(memorySource(name, bytes), object.type, object.sections);
          const what = `${section.name}+0x${(at - section.offset).toString(16)}, change ${index}`;
          if (interrogate(t, changed, what)) damaged++;
        }
        bytes[at] = kept;
      }
    }
    t.ok(damaged > 0);
    t.ok(process.memoryUsage().rss < MOST_MEMORY);
  });
}

for (const name of [...subjects, 'gcc-4.o', 'clang-4.o', 'merged.o', 'linked']) {
  t.test(`${name}: many changed bytes cost frames, nothing else`, async (t) => {
    const subject = await open(name);
    const sections = debugSections(subject);
    // A fixed sequence, so that the damage is the same in every run. [Numerical Recipes' linear congruential generator]
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = subject.bytes.slice();
      for (let count = random(12) + 1; count > 0; count--) {
        const section = sections[random(sections.length)];
        if (section) bytes[section.offset + random(section.size)] = random(256);
      }
      interrogate(
        t,
        new ObjectFile(memorySource(name, bytes), subject.object.type, subject.object.sections),
        `round ${round}`,
      );
    }
    t.ok(process.memoryUsage().rss < MOST_MEMORY);
  });
}

t.test('one damaged unit does not spoil the others', async (t) => {
  const subject = await open('merged.o');
  const { object, bytes } = subject;
  const text = object.named('.text');
  const info = object.named('.debug_info');
  if (!text || !info) throw new Error('a section is missing');
  const sound = new SourceLocator(object);
  // Byte 4 is the version of the first unit, that of frames.c.
  bytes[info.offset + 4] = 9;
  const locator = new SourceLocator(
    new ObjectFile(memorySource('merged.o', bytes), object.type, object.sections),
  );
  t.match(locator.framesAt(text, 0), { frames: [], problem: /DWARF version 9 is not known/ });
  const last = text.size - 12;
  t.strictSame(locator.framesAt(text, last), sound.framesAt(text, last));
  t.ok(locator.framesAt(text, last).frames.length > 0);
  // The second answer is the same.
  t.match(locator.framesAt(text, 0), { frames: [], problem: /DWARF version 9 is not known/ });
});

t.test('a compressed section that cannot be unpacked is reported', async (t) => {
  const subject = await open('zlib.o');
  const { object, bytes } = subject;
  const text = object.named('.text');
  const info = object.named('.debug_info');
  if (!text || !info) throw new Error('a section is missing');
  bytes[info.offset] = 2; // ELFCOMPRESS_ZSTD
  const locator = new SourceLocator(
    new ObjectFile(memorySource('zlib.o', bytes), object.type, object.sections),
  );
  t.match(locator.framesAt(text, 0), { frames: [], problem: /\.debug_info.*compressed data are damaged/ });
});
