// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// completeness.ts on every sample object, and on made-up lists that do not add up.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { compare, readTruth, type Site } from './completeness.js';
import { runMain } from './support/run-main.js';
import { without } from './support/tools.js';

const samples = join(import.meta.dirname, 'samples');

const objectsBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.o'))
    .map((name) => join(folder, name))
    .sort();

t.test(
  'in every sample, each relocation that leaves the hyp sections is listed once',
  { skip: without('readelf') },
  async (t) => {
    let leaving = 0;
    for (const folder of ['hyp-text', 'nvhe']) {
      for (const object of objectsBelow(join(samples, folder))) {
        const { stdout } = await runMain(['--references', '-fdiagnostics-format=json', object]);
        const account = compare(readTruth(object), stdout);
        leaving += account.leaving;
        t.same(account.faults, [], object.slice(samples.length + 1));
      }
    }
    t.ok(leaving > 300, `${leaving} relocations leave hyp in the samples`);
  },
);

const site = (offset: number, type = 'CALL26'): Site => ({ section: '.hyp.text', offset, type });
const entry = (offset: number, leaves = true, type = 'CALL26') => ({
  site: site(offset, type),
  leaves,
  target: leaves ? '.text' : '.hyp.text',
});
const listed = (...sites: readonly (readonly Site[])[]): string =>
  JSON.stringify(sites.map((relocations) => ({ message: 'a message', hyp: { relocations } })));

t.test('relocations that are missing, listed twice or unknown to readelf are faults', async (t) => {
  t.same(compare([entry(0), entry(4)], listed([site(0)], [site(4)])).faults, []);
  t.same(compare([entry(0), entry(4)], listed([site(0)])).faults, [
    'left over: .hyp.text+0x4 CALL26 -> .text',
  ]);
  t.same(compare([entry(0)], listed([site(0)], [site(0)])).faults, [
    'counted 2 times: .hyp.text+0x0 CALL26 -> .text',
  ]);
  t.same(compare([entry(0)], listed([site(0), site(0)])).faults, [
    'counted 2 times: .hyp.text+0x0 CALL26 -> .text',
  ]);
  t.same(compare([entry(0)], listed([site(0, 'JUMP26')])).faults, [
    'left over: .hyp.text+0x0 CALL26 -> .text',
    'readelf knows no .hyp.text+0x0 JUMP26: a message',
  ]);
  t.same(compare([entry(0, false)], '[]').faults, [], 'what stays inside need not be listed');
  t.same(compare([entry(0, false)], listed([site(0)], [site(0)])).faults, [
    'counted 2 times: .hyp.text+0x0 CALL26',
  ]);
  t.same(compare([entry(0, true, 'NONE')], '[]').faults, [], 'R_AARCH64_NONE does nothing');
  t.same(
    compare([entry(0), entry(0)], listed([site(0), site(0)])).faults,
    [],
    'two relocations of one type at one place',
  );
});
