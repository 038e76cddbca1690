// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Addends and symbol values beyond any section. Sums of them were too large to be
// exact numbers, so that a loop over a table from there never ended; one flipped
// bit of an addend was enough.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SHT } from '../../lib/elf/vocabulary.js';
import { open } from '../support/objects.js';
import { runMain } from '../support/run-main.js';
import { inFolder } from '../support/tools.js';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../samples', `${name}.o`));
/** A table of distances, and addresses among data, with mapping symbols in between. */
const samples = ['hyp-text/switch-table.clang', 'flow/indirect'].map(read);

/** Byte offsets in the file of 64-bit fields that are added to an address. */
const fields = async (sample: Uint8Array): Promise<readonly number[]> => {
  const { sections } = await open(new Uint8Array(sample));
  return sections.flatMap(({ type, name, offset, size, entrySize }) => {
    const at = type === SHT.SYMTAB ? 8 : type === SHT.RELA && !name.includes('debug') ? 16 : null;
    if (at === null) return [];
    return Array.from({ length: size / entrySize }, (_, entry) => offset + entry * entrySize + at);
  });
};

const places = async (): Promise<readonly (readonly [Uint8Array, number])[]> => {
  const all = await Promise.all(
    samples.map(async (sample) => (await fields(sample)).map((field) => [sample, field] as const)),
  );
  return all.flat();
};

t.test('the program ends regularly after any high bit of an addend or value is flipped', async (t) => {
  await inFolder(async (folder) => {
    const file = join(folder, 'x.o');
    const all = await places();
    t.ok(all.length > 100, `${all.length} fields`);
    for (const [sample, field] of all) {
      for (const bit of [36, 43, 52, 53, 63]) {
        const bytes = Buffer.from(sample);
        const at = field + Math.floor(bit / 8);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
        writeFileSync(file, bytes);
        const { status, stderr } = await runMain(['--whole', '--vhe-cap=11', file]);
        if (status > 3 || /internal|RangeError/.test(stderr)) t.fail(`bit ${bit} at ${field}: ${stderr}`);
      }
    }
  });
});
