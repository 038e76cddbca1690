// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How much of a stream has to be read, by what its beginning says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { streamExtent } from '../../lib/elf/stream-extent.js';
import { buildObject } from '../support/object-builder.js';
import { smallObject } from '../support/small-object.js';

/** How many bytes are read, `piece` at a time, if these bytes are followed by zeros without end. */
const readOf = (bytes: Uint8Array, piece = 1): number => {
  const extent = streamExtent();
  const endless = new Uint8Array(bytes.length + (1 << 16));
  endless.set(bytes);
  let filled = 0;
  let needed = extent(endless.subarray(0, 0));
  while (filled < needed && filled < endless.length) {
    filled = Math.min(endless.length, filled + piece);
    if (filled >= needed) needed = extent(endless.subarray(0, filled));
  }
  return filled;
};

const header = (name: string, size: number | string): string =>
  `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;

t.test('an object is read to its end, and no further', async (t) => {
  const sample = readFileSync(join(import.meta.dirname, '../samples/hyp-text/call-helper.o'));
  for (const bytes of [
    smallObject(),
    new Uint8Array(sample),
    buildObject({ sections: [], padSectionsTo: 70_000 }),
  ])
    for (const piece of [61, 4096]) {
      const read = readOf(bytes, piece);
      t.ok(read >= bytes.length && read < bytes.length + piece, `${read} of ${bytes.length}`);
    }
});

t.test('an archive is read to where the next member’s header would be', async (t) => {
  const text = `!<arch>\n${header('/', 6)}indexx${header('a.o/', 3)}abc\n${header('b.o/', 2)}ab`;
  t.equal(readOf(Buffer.from(text)), text.length + 60);
  const thin = `!<thin>\n${header('//', 6)}a.o/\n\n${header('/0', 100)}${header('/0', 70_000)}`;
  t.equal(readOf(Buffer.from(thin)), thin.length + 60);
  const torn = `!<arch>\n${header('a.o/', 'x')}`;
  t.equal(readOf(Buffer.from(torn)), torn.length);
});

t.test('of anything else only as much is read as shows that it is no object', async (t) => {
  t.equal(readOf(new Uint8Array(0)), 16);
  t.equal(readOf(Buffer.from('this is a long text without an end')), 16);
  const other = smallObject();
  other[18] = 62;
  t.ok(readOf(other) < other.length + 1, 'another machine');
});

t.test('gzip data are read to the end of the stream, as their size is unknown', async (t) => {
  const extent = streamExtent();
  const bytes = Buffer.concat([Buffer.from('1f8b0800', 'hex'), Buffer.alloc(100)]);
  for (const length of [16, 50, 104]) t.ok(extent(bytes.subarray(0, length)) > length);
});
