// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Patch tables of every known layout, and of unknown ones.

import t from 'tap';
import { readAlternatives } from '../../lib/code/alternatives.js';
import { sectionsOf } from '../../lib/code/object-sections.js';
import type { PatchTable } from '../../lib/code/sections.js';
import { isUnknown, type PatchRows, readPatchRows, unknownTablesOf } from '../../lib/code/table-layouts.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { cuts, flips } from '../support/damage.js';
import { type BuiltSection, buildObject, code, type Item } from '../support/object-builder.js';
import { build, open, sectionOf } from '../support/objects.js';

const [ABS64, PREL64, PREL32, NONE] = [257, 260, 261, 0];
const nop = 0xd503201f;

const text: BuiltSection = {
  name: '.hyp.text',
  flags: code,
  items: [{ label: 'f' }, nop, { label: 'g' }, nop, { label: 'h' }, nop],
};

const relative = (to: string, type = PREL32): Item => ({ word: 0, relocation: { type, to } });
const absolute = (to: string): Item => ({ quad: 0n, relocation: { type: ABS64, to } });
const distance = (to: string): Item => ({ quad: 0n, relocation: { type: PREL64, to } });
/** A struct alt_instr: two offsets; then cpufeature 1, orig_len 4, alt_len 4. */
const alternative = [relative('f'), relative('g'), 0x04040001] as const;

const tableOf = (name: string, items: readonly Item[]) => build({ sections: [text, { name, items }] });

/** The entries of which every field leads somewhere. */
const listed = <Target>(rows: PatchRows<Target>, table: PatchTable) =>
  Array.from({ length: rows.count }, (_, row) => ({
    offset: rows.offset(row),
    places: (table === 'keys' ? [0, 1, 2] : [0, 1]).map((field) => rows.place(row, field)),
  })).filter(({ places }) => !places.includes(undefined));

/** The offsets of the places in each entry, or the offset at which the layout is unknown. */
const entriesOf = async (name: string, items: readonly Item[]) => {
  const object = await tableOf(name, items);
  const [found] = sectionsOf(object).patchTables;
  if (!found) throw new Error('no patch table');
  const { section, table } = found;
  const read = readPatchRows(
    object,
    section,
    table,
    (symbol, addend) => object.symbols.value(symbol) + addend,
  );
  return isUnknown(read) ? `unknown at ${read.offset}` : listed(read, table).map(({ places }) => places);
};

t.test('every known layout gives its entries', async (t) => {
  const rows: readonly (readonly [string, readonly Item[], readonly (readonly number[])[]])[] = [
    ['__jump_table', [absolute('f'), absolute('g'), absolute('h')], [[0, 4, 8]]],
    ['__jump_table', [relative('f'), relative('g'), distance('h')], [[0, 4, 8]]],
    ['.altinstructions', alternative, [[0, 4]]],
    [
      '.altinstructions',
      [...alternative, ...alternative],
      [
        [0, 4],
        [0, 4],
      ],
    ],
    ['__ex_table', [relative('f'), relative('g')], [[0, 4]]],
    [
      '__ex_table',
      [relative('f'), relative('g'), 5, relative('h'), relative('g'), 5],
      [
        [0, 4],
        [8, 4],
      ],
    ],
    ['__kvm_ex_table', [relative('f'), relative('g')], [[0, 4]]],
  ];
  for (const [name, items, entries] of rows)
    t.same(await entriesOf(name, items), entries, `${name} ${items.length}`);
});

/** The entries whose first place is a symbol: read by that symbol (`some`), and picked out of all (`ofWanted`). */
const about = async (name: string, items: readonly Item[], wanted: string) => {
  const object = await tableOf(name, items);
  const { symbols } = object;
  const [found] = sectionsOf(object).patchTables;
  if (!found) throw new Error('no patch table');
  const marked = new Uint8Array(symbols.count).map((_, symbol) => (symbols.name(symbol) === wanted ? 1 : 0));
  const resolve = (symbol: number) => symbols.name(symbol);
  const read = (of: Uint8Array | null) => {
    const entries = readPatchRows(object, found.section, found.table, resolve, of);
    return isUnknown(entries) ? entries : listed(entries, found.table);
  };
  const [some, all] = [read(marked), read(null)];
  const ofWanted = isUnknown(all) ? all : all.filter(({ places: [patched] }) => patched === wanted);
  return { some, all, ofWanted };
};

t.test('the entries for given symbols are those picked out of the whole table', async (t) => {
  const tables: readonly (readonly [string, readonly Item[], number])[] = [
    ['.altinstructions', [...alternative, relative('g'), relative('f'), 0x04040001, ...alternative], 2],
    ['__ex_table', [relative('h'), relative('f'), relative('f'), relative('g')], 1],
    ['__ex_table', [relative('h'), relative('f'), 5, relative('f'), relative('g'), 5], 1],
    [
      '__jump_table',
      [relative('g'), relative('f'), distance('f'), relative('f'), relative('g'), distance('h')],
      1,
    ],
    [
      '__jump_table',
      [absolute('f'), absolute('g'), absolute('h'), absolute('h'), absolute('f'), absolute('f')],
      1,
    ],
    ['__ex_table', [relative('g'), relative('h')], 0],
  ];
  for (const [name, items, count] of tables) {
    const { some, ofWanted } = await about(name, items, 'f');
    t.same(some, ofWanted, `${name} ${items.length}`);
    t.equal(isUnknown(some) ? -1 : some.length, count);
  }
  // A table that is not as linkers write it is read whole, whatever symbols are asked for.
  for (const items of [
    [0, 0, 0, ...alternative, relative('g'), relative('f'), 0x04040001],
    [...alternative, 0, ...alternative, 0],
    [relative('g'), relative('h'), relative('f'), relative('f'), 0x04040001, 0],
  ]) {
    const { some, all } = await about('.altinstructions', items, 'f');
    t.same(some, all);
  }
});

t.test('an entry without relocations, or with R_AARCH64_NONE, is left out', async (t) => {
  t.same(await entriesOf('.altinstructions', [0, 0, 0, ...alternative]), [[0, 4]]);
  t.same(await entriesOf('.altinstructions', [relative('f', NONE), relative('g', NONE), 0, ...alternative]), [
    [0, 4],
  ]);
});

/** Layouts that no kernel has yet, with the offset at which they differ from the known ones. */
const strange: readonly (readonly [string, string, readonly Item[], number])[] = [
  ['alternatives of 16 bytes', '.altinstructions', [...alternative, 0, ...alternative, 0], 12],
  [
    'three alternatives of 16 bytes, 48 = 4 * 12',
    '.altinstructions',
    [1, 2, 3].flatMap(() => [...alternative, 0]),
    12,
  ],
  ['a table that is cut off', '.altinstructions', [...alternative, 0], 12],
  ['absolute places', '.altinstructions', [absolute('f'), absolute('g'), 0, 0], 0],
  ['a third place', '.altinstructions', [relative('f'), relative('g'), relative('h')], 0],
  ['fixups of hyp code with a type', '__kvm_ex_table', [relative('f'), relative('g'), 5], 8],
  ['keys of 12 bytes', '__jump_table', [relative('f'), relative('g'), relative('h')], 0],
];

t.test('a table of another layout is unknown, from the offset where it differs', async (t) => {
  for (const [what, name, items, offset] of strange) {
    if (what === 'a third place') continue;
    t.equal(await entriesOf(name, items), `unknown at ${offset}`, what);
  }
});

t.test('unknownTablesOf() finds unknown layouts by the number of relocations alone', async (t) => {
  for (const [what, name, items] of strange) {
    if (name !== '.altinstructions') continue;
    const unknown = unknownTablesOf(await tableOf(name, items), 'alternatives');
    const isKnown = what === 'a third place';
    t.equal(unknown.length, isKnown ? 0 : 1, what);
  }
  const near: readonly (readonly Item[])[] = [
    alternative,
    [...alternative, ...alternative, ...alternative, ...alternative],
    // Fewer relocations than fields: one entry was for discarded code.
    [0, 0, 0, ...alternative],
    [],
  ];
  for (const items of near)
    t.same(unknownTablesOf(await tableOf('.altinstructions', items), 'alternatives'), []);
  t.same(unknownTablesOf(await tableOf('.altinstructions.new', [...alternative, 0]), 'alternatives'), []);
});

t.test('an alternative has a capability and a replacement, or is a callback', async (t) => {
  const rows: readonly (readonly [number, number | null, boolean])[] = [
    [0x04040001, 1, true],
    [0x0004001b, null, false], // alt_len 0: a callback up to 5.16
    [0x0004801b, 0x1b, false], // ARM64_CB_BIT
    [0x0404801b, 0x1b, false],
  ];
  for (const [rest, capability, isCode] of rows) {
    const object = await tableOf('.altinstructions', [relative('f'), relative('g'), rest]);
    const found = readAlternatives(object, sectionOf(object, '.altinstructions'), (symbol) =>
      object.symbols.name(symbol),
    );
    t.same(found, [{ original: 'f', length: 4, capability, replacement: isCode ? 'g' : null }]);
  }
});

t.test('damaged tables give entries, an unknown layout or a FormatError', async (t) => {
  const bytes = buildObject({
    sections: [
      text,
      { name: '.altinstructions', items: alternative },
      { name: '__jump_table', items: [relative('f'), relative('g'), distance('h')] },
      { name: '__ex_table', items: [relative('f'), relative('g')] },
    ],
  });
  for (const form of [...cuts(bytes), ...flips(bytes, 1, [0xff, 0x01])]) {
    try {
      const object = await open(form.bytes);
      unknownTablesOf(object, 'alternatives');
      for (const { section, table } of sectionsOf(object).patchTables) {
        const read = readPatchRows(object, section, table, (symbol) => symbol);
        // The smallest entry, of __ex_table, has 8 bytes.
        if (!isUnknown(read)) t.ok(listed(read, table).length * 8 <= section.size, form.what);
        if (table === 'alternatives') readAlternatives(object, section, (symbol) => symbol);
      }
    } catch (error) {
      if (!(error instanceof FormatError)) t.fail(`${form.what}: ${error}`);
    }
  }
});
