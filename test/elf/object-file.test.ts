// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { memorySource } from '../../lib/elf/byte-source.js';
import { type RelocationPiece, readObjectFile, type Section } from '../../lib/elf/object-file.js';
import { SHF, SHT } from '../../lib/elf/vocabulary.js';
import { buildObject, code } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

const nop = 0xd503201f;

t.test('only headers and the sections that are asked for are read', async (t) => {
  const bytes = buildObject({
    sections: [
      { name: '.hyp.text', flags: code, items: [{ label: 'f' }, nop] },
      { name: '.debug_info', flags: 0, items: [{ bytes: new Uint8Array(1 << 20) }] },
    ],
  });
  let read = 0;
  const inner = memorySource('x.o', bytes);
  const source = {
    ...inner,
    read: (offset: number, length: number) => {
      read += length;
      return inner.read(offset, length);
    },
  };
  const object = await readObjectFile(source);
  object.symbols.inSection(1);
  object.contents(sectionOf(object, '.hyp.text'));
  t.ok(read < 4096, `${read} bytes were read`);
  t.equal(object.size, bytes.length);
});

t.test('a NOBITS section has a size in memory, and no bytes', async (t) => {
  const object = await build({
    sections: [{ name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC, size: 1 << 30 }],
  });
  const bss = sectionOf(object, '.bss');
  t.equal(bss.size, 1 << 30);
  t.equal(object.sizeOf(bss), 0);
  t.equal(object.contents(bss).length, 0);
});

t.test('relocations belong to the section of their sh_info', async (t) => {
  const relocation = { type: 283, to: 'callee' };
  const object = await build({
    sections: [
      { name: '.text', flags: code, items: [nop, { word: 0x94000000, relocation }] },
      {
        name: '.hyp.text',
        flags: code,
        items: [{ word: 0x94000000, relocation: { ...relocation, addend: 8 } }],
      },
    ],
  });
  for (const [name, offset, addend] of [
    ['.text', 4, 0],
    ['.hyp.text', 0, 8],
  ] as const) {
    const [rela, ...more] = object.relocationSections(sectionOf(object, name));
    t.same(more, []);
    if (!rela) throw new Error('there is none');
    const table = object.relocations(rela);
    t.same([table.count, table.offset(0), table.type(0), table.addend(0)], [1, offset, 283, addend]);
    t.equal(object.symbols.name(table.symbol(0)), 'callee');
    const pieces = [...object.relocationChunks(rela)];
    t.equal(pieces.length, 1);
    t.equal(object.relocationRange(rela, 0, 1).offset(0), offset);
    t.throws(() => object.relocationRange(rela, 1, 1), /24 bytes are needed here/);
  }
  t.same(object.relocationSections(sectionOf(object, '.symtab')), []);
});

t.test('the pieces of a large relocation table have each entry once, in order', async (t) => {
  const count = 70_000;
  const items = Array.from({ length: count }, () => ({ word: 0, relocation: { type: 261, to: 'x' } }));
  const object = await build({ sections: [{ name: '.data', items }] });
  const [rela] = object.relocationSections(sectionOf(object, '.data'));
  if (!rela) throw new Error('there is none');
  let seen = 0;
  for (const piece of object.relocationChunks(rela)) {
    t.equal(piece.offset(0), seen * 4);
    seen += piece.count;
  }
  t.equal(seen, count);
});

t.test('relocations of sections that stand one behind the other are one piece', async (t) => {
  const names = Array.from({ length: 300 }, (_, index) => `.s${index}`);
  const bytes = buildObject({
    sections: names.map((name, index) => ({
      name,
      items: Array.from({ length: 1 + (index % 3) }, (_, item) => ({
        word: 0,
        relocation: { type: 261, to: 'x', addend: index * 4 + item },
      })),
    })),
  });
  let reads = 0;
  const inner = memorySource('x.o', bytes);
  const object = await readObjectFile({
    ...inner,
    read: (...where) => {
      reads++;
      return inner.read(...where);
    },
  });
  const relas = names.flatMap((name) => object.relocationSections(sectionOf(object, name)));
  const each = (all: Iterable<RelocationPiece>): readonly string[] =>
    [...all].flatMap(({ table, relas }) => {
      const owners = relas.flatMap((rela) => Array(object.relocationCount(rela)).fill(rela.name));
      return Array.from({ length: table.count }, (_, at) => `${owners[at]} ${table.addend(at)}`);
    });
  const singly = (some: readonly Section[]): readonly string[] =>
    some.flatMap((rela) => [...object.relocationPieces([rela])].flatMap((piece) => each([piece])));
  reads = 0;
  t.same(each(object.relocationPieces(relas)), singly(relas));
  const some = relas.filter((_, index) => index % 7 !== 3);
  t.same(each(object.relocationPieces(some)), singly(some), 'with gaps');
  const [first = relas[0] as Section, ...rest] = relas;
  const damaged = [first, { ...first, entrySize: 16 }, ...rest];
  t.throws(() => [...object.relocationPieces(damaged)], /24 bytes/);
  const beyond = [first, { ...first, offset: first.offset + first.size, size: 24 * bytes.length }];
  t.throws(() => [...object.relocationPieces(beyond)], /the file/);
  reads = 0;
  t.equal([...object.relocationPieces(relas)].length, reads);
  t.ok(reads < 10, `${reads} reads`);
});

t.test('SHT_REL, and entries that are not 24 bytes, are refused', async (t) => {
  const item = { word: 0, relocation: { type: 257, to: 'x' } };
  const rel = await build({ sections: [{ name: '.data', relocationType: SHT.REL, items: [item] }] });
  const [section] = rel.relocationSections(sectionOf(rel, '.data'));
  if (!section) throw new Error('there is none');
  t.throws(
    () => rel.relocations(section),
    /relocations without addends \(SHT_REL\), which AArch64 does not use/,
  );
  const odd = { ...section, type: SHT.RELA, entrySize: 24 };
  t.throws(() => rel.relocations(odd), /does not consist of relocations of 24 bytes/);
  t.throws(() => [...rel.relocationChunks({ ...section, type: SHT.RELA, entrySize: 16 })], /24 bytes/);
});

t.test('a damaged symbol table is refused, and a missing one is empty', async (t) => {
  const stripped = await build({ sections: [{ name: '.hyp.text', flags: code, items: [nop] }] });
  t.equal(stripped.symbols.count, 1);
  const change = async (field: number, value: number) => {
    const bytes = buildObject({
      sections: [{ name: '.hyp.text', flags: code, items: [{ label: 'f' }, nop] }],
    });
    const view = new DataView(bytes.buffer);
    const symtab = sectionOf(await readObjectFile(memorySource('x.o', bytes)), '.symtab').index;
    view.setUint32(Number(view.getBigUint64(40, true)) + symtab * 64 + field, value, true);
    return readObjectFile(memorySource('x.o', bytes));
  };
  const [size, link, length, type] = [
    await change(56, 16),
    await change(40, 900),
    await change(32, 1 << 30),
    await change(4, SHT.PROGBITS),
  ];
  t.throws(() => size.symbols, /symbols of 16 bytes, where ELF64 has 24/);
  t.throws(() => link.symbols, /its string table should be section 900, which is none/);
  t.throws(() => length.symbols, /reaches past the end of the file/);
  t.equal(type.symbols.count, 0, 'no section of type SHT_SYMTAB');
});

t.test('named() finds the first section of a name', async (t) => {
  const object = await build({ sections: [{ name: '.a' }, { name: '.b' }, { name: '.a', items: [nop] }] });
  t.equal(object.named('.a')?.index, 1);
  t.equal(object.named('.c'), undefined);
});
