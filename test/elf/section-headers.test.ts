// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Section headers: with extended numbering, against readelf, and read in two ways:
// through elfinfo up to its limit, by our own loop beyond it.

import { readFileSync } from 'node:fs';
import * as elfinfo from 'elfinfo';
import t from 'tap';
import { memorySource } from '../../lib/elf/byte-source.js';
import { readFileHeader } from '../../lib/elf/file-header.js';
import { ELFINFO_MAX_SECTIONS, readSectionHeaders, type Section } from '../../lib/elf/section-headers.js';
import { SHF, SHT } from '../../lib/elf/vocabulary.js';
import { buildObject, code, type ObjectPlan } from '../support/object-builder.js';
import { open, sectionOf, symbolOf } from '../support/objects.js';
import { runOn, without } from '../support/tools.js';

const sections = (bytes: Uint8Array, read = readSectionHeaders): Promise<readonly Section[]> => {
  const source = memorySource('x.o', bytes);
  return read(source, readFileHeader(source));
};

const plan = (count?: number): ObjectPlan => ({
  sections: [
    {
      name: '.hyp.text',
      flags: code,
      items: [{ label: 'f', type: 2, binding: 1 }, 0xd65f03c0, { end: 'f' }],
    },
    { name: '.bss', type: SHT.NOBITS, flags: SHF.ALLOC | SHF.WRITE, size: 4096 },
    {
      name: '.data',
      flags: SHF.ALLOC | SHF.WRITE,
      items: [{ quad: 0n, relocation: { type: 257, to: 'f' } }],
    },
  ],
  ...(count === undefined ? {} : { padSectionsTo: count }),
});

/** The reader, with a count of its calls of elfinfo. */
const withCountedElfinfo = () => {
  let calls = 0;
  const counted = {
    open: (image: Uint8Array) => {
      calls++;
      return elfinfo.open(image);
    },
  };
  const read = (...[source, header]: Parameters<typeof readSectionHeaders>) =>
    readSectionHeaders(source, header, async () => counted);
  return { read, calls: () => calls };
};

/** readelf's section table: index, name, type, offset, size, entry size, link, info. */
const readelfSections = (bytes: Uint8Array) =>
  [
    ...runOn('readelf', ['-SW'], bytes).matchAll(
      /^ +\[ *(\d+)\] (\S*) +(NULL|[A-Z_ ]+?) +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]{2}) +([A-Za-z]*) +(\d+) +(\d+) +(\d+)/gm,
    ),
  ].map(([, index, name, , address, offset, size, entrySize, , link, info]) => ({
    index: Number(index),
    name,
    address: BigInt(`0x${address}`),
    offset: Number.parseInt(offset ?? '', 16),
    size: Number.parseInt(size ?? '', 16),
    entrySize: Number.parseInt(entrySize ?? '', 16),
    link: Number(link),
    info: Number(info),
  }));

const shown = ({ index, name, address, offset, size, entrySize, link, info }: Section) => ({
  index,
  name,
  address,
  offset,
  size,
  entrySize,
  link,
  info,
});

const samples = ['hyp-text/call-forms.o', 'hyp-text/call-helper.o', 'hyp-text/data-sections.zlib.o'];
const sample = (name: string) => readFileSync(new URL(`../samples/${name}`, import.meta.url));

t.test('section headers of samples are those that readelf shows', { skip: without('readelf') }, async (t) => {
  for (const name of samples) {
    const bytes = sample(name);
    t.same((await sections(bytes)).map(shown), readelfSections(bytes), name);
  }
});

t.test('elfinfo reads the same sections and symbols from samples', async (t) => {
  for (const name of samples) {
    const bytes = sample(name);
    const object = await open(bytes, name);
    const { elf } = await elfinfo.open(new Uint8Array(bytes));
    t.equal(elf?.sections.length, object.sections.length);
    for (const theirs of elf?.sections ?? []) {
      const ours = object.sections[theirs.index];
      t.equal(ours?.name, theirs.index === 0 ? '' : theirs.name);
      t.equal(ours?.type, theirs.type);
      t.equal(ours?.flags, Number(theirs.flags));
      t.equal(ours?.size, Number(theirs.size));
      t.equal(ours?.offset, Number(theirs.offset));
      if (!('symbols' in theirs) || !Array.isArray(theirs.symbols)) continue;
      const { symbols } = object;
      t.equal(symbols.count, theirs.symbols.length, `${name} has as many symbols`);
      for (const [index, symbol] of theirs.symbols.entries()) {
        t.same(
          [
            symbols.name(index),
            symbols.type(index),
            symbols.binding(index),
            symbols.value(index),
            symbols.size(index),
            symbols.isAbsolute(index) ? 0xfff1 : symbols.section(index),
          ],
          [symbol.name, symbol.type, symbol.binding, Number(symbol.value), Number(symbol.size), symbol.shndx],
          `${name}: symbol ${index}`,
        );
      }
    }
  }
});

t.test('elfinfo is used up to its limit of sections, and not where e_shnum is 0', async (t) => {
  const { read, calls } = withCountedElfinfo();
  const small = buildObject(plan());
  const first = await sections(small, read);
  t.equal(calls(), 1, 'a small object is read by elfinfo');
  t.same(first, await sections(small), 'with the same result');

  const atLimit = buildObject(plan(ELFINFO_MAX_SECTIONS));
  t.equal((await sections(atLimit, read)).length, ELFINFO_MAX_SECTIONS);
  t.equal(calls(), 2, 'and one at the limit, too');

  const beyond = buildObject(plan(ELFINFO_MAX_SECTIONS + 1));
  t.equal((await sections(beyond, read)).length, ELFINFO_MAX_SECTIONS + 1);
  t.equal(calls(), 2, 'one beyond the limit is not');

  // e_shnum may be 0, with the count in section header 0, even for a few sections.
  const extended = Uint8Array.from(small);
  const view = new DataView(extended.buffer);
  const table = Number(view.getBigUint64(40, true));
  view.setBigUint64(table + 32, BigInt(view.getUint16(60, true)), true);
  view.setUint16(60, 0, true);
  const read0 = await sections(extended, read);
  t.equal(calls(), 2, 'nor one with e_shnum 0');
  t.same(read0.slice(1), first.slice(1), 'both ways give the same sections');
});

t.test('headers are the same on both sides of elfinfo’s limit', async (t) => {
  // The same sections, padded to the limit and to one more.
  const small = await sections(buildObject(plan(ELFINFO_MAX_SECTIONS)));
  const large = await sections(buildObject(plan(ELFINFO_MAX_SECTIONS + 1)));
  for (const name of ['.hyp.text', '.bss', '.data']) {
    const [ours, theirs] = [small, large].map((list) => list.find((section) => section.name === name));
    t.same({ ...ours, link: 0 }, { ...theirs, link: 0 }, name);
    t.ok(ours, name);
  }
});

const EXTENDED = 65_400;

t.test('more than 65,279 sections are read by extended numbering', async (t) => {
  const bytes = buildObject(plan(EXTENDED));
  const header = readFileHeader(memorySource('x.o', bytes));
  t.equal(header.writtenSectionCount, 0);
  t.equal(header.sectionCount, EXTENDED);
  t.equal(header.nameSection, EXTENDED - 1);
  const object = await open(bytes);
  t.equal(object.sections.length, EXTENDED);
  t.equal(object.sections[0xff00]?.name, '.filler', 'a number that symbols cannot use directly');
  const data = sectionOf(object, '.data');
  const [rela] = object.relocationSections(data);
  t.equal(rela?.name, '.rela.data');
  t.equal(object.symbols.name(rela ? object.relocations(rela).symbol(0) : 0), 'f');
  t.equal(object.symbols.section(symbolOf(object, 'f')), sectionOf(object, '.hyp.text').index);

  const skip = without('readelf');
  if (skip !== false) t.pass(skip);
  else {
    const listing = runOn('readelf', ['-hW'], bytes);
    t.match(listing, new RegExp(`Number of section headers: +0 \\(${EXTENDED}\\)`));
    t.match(listing, new RegExp(`string table index: +65535 \\(${EXTENDED - 1}\\)`));
    t.equal(runOn('readelf', ['-SW'], bytes).match(/^ +\[ *\d+\]/gm)?.length, EXTENDED);
  }
});

t.test('SHN_XINDEX: a symbol’s section beyond 16 bits is found', async (t) => {
  const late = 65_530;
  const base = plan(65_300);
  const fillers = Array.from({ length: late }, (_, index) => ({ name: `.s${index % 10}` }));
  const bytes = buildObject({
    sections: [
      ...base.sections,
      ...fillers,
      { name: '.hyp.rodata', items: [{ label: 'high' }, { quad: 1n }] },
    ],
    symbols: [
      { name: 'absolute', in: 'ABS', value: 7 },
      { name: 'common', in: 'COMMON', size: 8 },
      { name: 'nowhere', in: 'UND' },
    ],
  });
  const object = await open(bytes);
  const high = symbolOf(object, 'high');
  t.equal(object.symbols.section(high), sectionOf(object, '.hyp.rodata').index);
  t.ok(object.symbols.section(high) >= 0xff00);
  t.notOk(
    object.symbols.isAbsolute(high) || object.symbols.isUndefined(high) || object.symbols.isCommon(high),
  );
  t.same(object.symbols.inSection(sectionOf(object, '.hyp.rodata').index), [high]);
  t.ok(object.symbols.isAbsolute(symbolOf(object, 'absolute')));
  t.ok(object.symbols.isCommon(symbolOf(object, 'common')));
  t.ok(object.symbols.isUndefined(symbolOf(object, 'nowhere')));
  // Section 0xfff1 exists, but only a symbol with st_shndx SHN_ABS (0xfff1) is absolute.
  t.ok(object.sections[0xfff1]);
  const skip = without('readelf');
  if (skip !== false) t.pass(skip);
  else {
    const line = /^ *\d+: .* (\S+) high$/m.exec(runOn('readelf', ['-sW'], bytes));
    t.equal(Number(line?.[1]), object.symbols.section(high));
  }
});

const damaged = (change: (view: DataView, table: number) => void): Uint8Array => {
  const bytes = Uint8Array.from(buildObject(plan()));
  const view = new DataView(bytes.buffer);
  change(view, Number(view.getBigUint64(40, true)));
  return bytes;
};

t.test('a table or name outside the file is refused', async (t) => {
  await t.rejects(
    sections(damaged((view) => view.setBigUint64(40, 1n << 40n, true))),
    /the section header table \(\d+ bytes\) reaches past the end of the file/,
  );
  await t.rejects(
    sections(damaged((view, table) => view.setUint32(table + 64, 0xfffffff, true))),
    /the name of section 1 lies outside the table of names/,
  );
  const names = (view: DataView, table: number) => table + view.getUint16(62, true) * 64;
  await t.rejects(
    sections(damaged((view, table) => view.setBigUint64(names(view, table) + 32, 1n << 33n, true))),
    /the table of section names \(\d+ bytes\) reaches past the end/,
  );
  // A count of 2^32 - 1 sections in section header 0 is refused before memory is allocated for them.
  await t.rejects(
    sections(
      damaged((view, table) => {
        view.setUint16(60, 0, true);
        view.setBigUint64(table + 32, 0xffffffffn, true);
      }),
    ),
    /the section header table .* reaches past the end/,
  );
});
