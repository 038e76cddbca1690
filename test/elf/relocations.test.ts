// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import { wordsOf } from '../../lib/elf/byte-source.js';
import { RELA_SIZE, RelocationTable } from '../../lib/elf/relocations.js';

/** A table of Elf64_Rela entries. */
const table = (
  ...entries: readonly { offset?: bigint; type?: number; symbol?: number; addend?: bigint }[]
): RelocationTable => {
  const bytes = new Uint8Array(entries.length * 24);
  const view = new DataView(bytes.buffer);
  for (const [index, { offset = 0n, type = 0, symbol = 0, addend = 0n }] of entries.entries()) {
    view.setBigUint64(index * 24, offset, true);
    view.setBigUint64(index * 24 + 8, (BigInt(symbol) << 32n) | BigInt(type), true);
    view.setBigInt64(index * 24 + 16, addend, true);
  }
  return new RelocationTable(wordsOf(bytes));
};

t.test('the fields of an Elf64_Rela entry are read', async (t) => {
  const one = table({ offset: 0x123456789an, type: 283, symbol: 0xfedcba98, addend: -4n });
  t.equal(RELA_SIZE, 24);
  t.equal(one.count, 1);
  t.equal(one.offset(0), 0x123456789a);
  t.equal(one.type(0), 283);
  t.equal(one.symbol(0), 0xfedcba98);
  t.equal(one.addend(0), -4);
});

t.test('addends are signed 64-bit numbers', async (t) => {
  for (const addend of [0n, 1n, -1n, 0x7fffffffn, -0x80000000n, 0x80000000n, 1n << 40n, -(1n << 40n)]) {
    t.equal(table({ addend }).addend(0), Number(addend), String(addend));
  }
});

t.test('a table knows whether it is sorted, and finds the first entry at an offset', async (t) => {
  const at = (...offsets: readonly bigint[]) => table(...offsets.map((offset) => ({ offset })));
  t.ok(at().isSorted());
  t.ok(at(0n, 4n, 4n, 8n).isSorted());
  t.notOk(at(0n, 8n, 4n).isSorted());
  const sorted = at(0n, 4n, 4n, 8n, 1n << 33n);
  t.same(
    [0, 1, 4, 5, 8, 9, 2 ** 33, 2 ** 33 + 1].map((offset) => sorted.lowerBound(offset)),
    [0, 1, 1, 3, 3, 4, 4, 5],
  );
  t.equal(at().lowerBound(0), 0);
});

t.test('what a table finds does not depend on what was asked before', async () => {
  const offsets = fc.array(fc.nat(12), { maxLength: 8 });
  fc.assert(
    fc.property(offsets, fc.array(fc.nat(14)), (unsorted, asked) => {
      const known = [...unsorted].sort((a, b) => a - b);
      const one = table(...known.map((offset) => ({ offset: BigInt(offset) })));
      return asked.every((offset) => one.lowerBound(offset) === known.filter((at) => at < offset).length);
    }),
  );
});
