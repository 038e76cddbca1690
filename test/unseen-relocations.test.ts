// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One field of one section header of a sample is changed, for every header: no change
// may lead to status 0 with fewer findings than before. Debug sections carry lines, not
// findings: of their changes one in fourteen is tried, and all with HYPCHECK_THOROUGH=1.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ObjectFile, Section } from '../lib/elf/object-file.js';
import { holdsAddends } from '../lib/elf/relocations.js';
import { SHT } from '../lib/elf/vocabulary.js';
import { open } from './support/objects.js';
import { runMain } from './support/run-main.js';
import { inFolder } from './support/tools.js';

interface Sample {
  readonly path: string;
  readonly options: readonly string[];
}

const samples: readonly Sample[] = [
  { path: 'hyp-text/call-helper.clang.o', options: ['--whole'] },
  { path: 'hyp-text/literal-pool.o', options: ['--whole'] },
  { path: 'flow/alternatives.o', options: ['--whole', '--vhe-cap=11'] },
  { path: 'flow/host-callers.gcc-O2-keys16.o', options: ['--whole', '--vhe-cap=11'] },
  { path: 'nvhe/tables-build/vmlinux.o', options: [] },
];

const highTypes = [
  SHT.CREL,
  0x60000000,
  0x6fff4c03,
  0x6fff4c09,
  0x6ffffff6,
  0x6ffffffd,
  0x70000003,
  0x80000000,
];
const types = [...Array.from({ length: 21 }, (_, type) => type), ...highTypes];

/** Offsets in a section header. */
const SH_TYPE = 4;
const SH_LINK = 40;
const SH_INFO = 44;

interface Change {
  readonly what: string;
  readonly section: Section;
  /** null: the whole header is cleared. */
  readonly field: number | null;
  readonly value: number;
}

function* changes(object: ObjectFile): Generator<Change> {
  const count = object.sections.length;
  const infos = Array.from({ length: count + 2 }, (_, index) => index).filter((info) => info % 3 !== 2);
  for (const section of object.sections) {
    const isSparse = process.env.HYPCHECK_THOROUGH !== '1' && section.name.includes('.debug_');
    const some = <T>(all: readonly T[]): readonly T[] =>
      isSparse ? all.filter((_, index) => index % 14 === 0) : all;
    const change = (what: string, field: number | null, value: number): Change => ({
      what: `${what} ${section.name} -> 0x${value.toString(16)}`,
      section,
      field,
      value,
    });
    if (holdsAddends(section) || section.type === SHT.SYMTAB) yield change('drop', null, 0);
    if (holdsAddends(section)) {
      for (const type of some(types)) if (type !== section.type) yield change('type', SH_TYPE, type);
      for (const info of some(infos)) if (info !== section.info) yield change('info', SH_INFO, info);
      yield change('info', SH_INFO, 0xffffffff);
      for (const link of [0, 1, count, 0xffff])
        if (link !== section.link) yield change('link', SH_LINK, link);
    }
    if (section.type === SHT.SYMTAB) {
      for (const type of types) if (type !== section.type) yield change('type', SH_TYPE, type);
      for (const link of [0, 1, count]) if (link !== section.link) yield change('link', SH_LINK, link);
    }
    if (section.type === SHT.STRTAB && section.index !== count - 1)
      for (const type of types) if (type !== section.type) yield change('type', SH_TYPE, type);
  }
}

const judged = async (folder: string, bytes: Uint8Array, { options }: Sample) => {
  writeFileSync(join(folder, 'vmlinux.o'), bytes);
  const { status, stdout } = await runMain([...options, '-fdiagnostics-format=json', 'vmlinux.o'], {
    directory: folder,
  });
  const read: unknown = JSON.parse(stdout === '' ? '[]' : stdout);
  return { status, count: Array.isArray(read) ? read.length : 0 };
};

for (const sample of samples) {
  t.test(`${sample.path}: no changed section header hides findings`, async (t: Test) => {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, 'samples', sample.path)));
    const object = await open(bytes);
    const headers = Number(new DataView(bytes.buffer).getBigUint64(40, true));
    await inFolder(async (folder) => {
      const whole = await judged(folder, bytes, sample);
      t.ok(whole.count > 0, 'the sample has findings to lose');
      const silent: string[] = [];
      let count = 0;
      for (const { what, section, field, value } of changes(object)) {
        const changed = bytes.slice();
        const header = headers + section.index * 64;
        if (field === null) changed.fill(0, header, header + 64);
        else new DataView(changed.buffer).setUint32(header + field, value, true);
        const { status, count: found } = await judged(folder, changed, sample);
        count++;
        const passes = status === 0 && found < whole.count;
        if (passes) silent.push(what);
      }
      t.same(silent, []);
      t.comment(`${count} changes`);
    });
  });
}
