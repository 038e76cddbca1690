// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The tree of entries, and attributes that an entry takes from its origin or declaration.
// [DWARF5 2.3, 2.13.2, 3.3.8.1]

import t from 'tap';
import { ROLE_BLOCK, ROLE_FUNCTION, ROLE_VARIABLE } from '../../lib/dwarf/abbreviations.js';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { allEntries, eachSibling, holderOf, nameOf, origins } from '../../lib/dwarf/entries.js';
import { type MadeAttribute, type MadeEntry, openUnits, unitEntry } from './made-units.js';
import { bytesOf, text, u16, u32, u64 } from './synthetic.js';

const named = (name: string): MadeAttribute => [DW_AT.name, DW_FORM.string, text(name)];
const of = (attribute: number, to: string): MadeAttribute => [attribute, DW_FORM.ref4, { to }];
const low: MadeAttribute = [DW_AT.low_pc, DW_FORM.addr, u64(0x1000)];
const place: MadeAttribute = [DW_AT.location, DW_FORM.exprloc, 0];

const subprogram = (label: string, attributes: readonly MadeAttribute[]): MadeEntry => ({
  tag: DW_TAG.subprogram,
  label,
  attributes,
});

t.test('an attribute is taken from the nearest of instance, abstract origin and declaration', async (t) => {
  const { entry } = openUnits([
    unitEntry(
      [],
      [
        subprogram('declared', [named('helper'), [DW_AT.decl_line, DW_FORM.data1, 7]]),
        subprogram('abstract', [of(DW_AT.specification, 'declared'), [DW_AT.decl_line, DW_FORM.data1, 9]]),
        subprogram('instance', [of(DW_AT.abstract_origin, 'abstract'), low]),
      ],
    ),
  ]);
  const instance = entry('instance');
  t.same(
    [...origins(instance)].map(({ offset }) => offset),
    ['instance', 'abstract', 'declared'].map((label) => entry(label).offset),
  );
  t.equal(nameOf(instance), 'helper');
  t.equal(holderOf(instance, DW_AT.decl_line)?.offset, entry('abstract').offset);
  t.equal(holderOf(instance, DW_AT.decl_file), null);
});

t.test('with abstract_origin and specification, the abstract origin is followed', async (t) => {
  const { entry } = openUnits([
    unitEntry(
      [],
      [
        subprogram('a', [named('origin')]),
        subprogram('b', [named('specification')]),
        subprogram('c', [of(DW_AT.specification, 'b'), of(DW_AT.abstract_origin, 'a')]),
      ],
    ),
  ]);
  t.equal(nameOf(entry('c')), 'origin');
});

t.test('a name in another unit is read with the references and string offsets of that unit', async (t) => {
  const strings = [DW_AT.str_offsets_base, DW_FORM.sec_offset] as const;
  const rootsFor = (offset: number) => [
    unitEntry(
      [[...strings, u32(8)]],
      [subprogram('user', [[DW_AT.abstract_origin, DW_FORM.ref_addr, u32(offset)]])],
    ),
    unitEntry(
      [[...strings, u32(20)]],
      [
        subprogram('declared', [[DW_AT.name, DW_FORM.strx1, 0]]),
        subprogram('inline', [of(DW_AT.specification, 'declared')]),
      ],
    ),
  ];
  // Two tables, each a header of eight bytes and one offset. [DWARF5 7.26]
  const head = bytesOf(u32(8), u16(5), u16(0));
  const more = {
    '.debug_str': { bytes: bytesOf(text('wrong'), text('helper')) },
    '.debug_str_offsets': { bytes: bytesOf(head, u32(0), head, u32(6)) },
  };
  const { made } = openUnits(rootsFor(0));
  const { entry } = openUnits(rootsFor(made.offsets.get('inline') ?? 0), { more });
  t.equal(nameOf(entry('user')), 'helper');
});

t.test('eachSibling gives the entries of a role on one level, allEntries those on all levels', async (t) => {
  const { entry } = openUnits([
    unitEntry(
      [],
      [
        { ...subprogram('f', [named('f'), low]), children: [subprogram('nested', [named('nested'), low])] },
        { tag: DW_TAG.variable, label: 'v', attributes: [named('v'), place] },
        {
          tag: DW_TAG.structure_type,
          attributes: [named('s')],
          children: [subprogram('method', [named('method'), low])],
        },
        subprogram('declaration', [named('declaration')]),
        subprogram('g', [named('g'), low]),
      ],
    ),
  ]);
  const root = entry('unit');
  const found: (string | null)[] = [];
  const behind = eachSibling(root.unit, root.next, ROLE_FUNCTION, (one) => {
    found.push(nameOf(one));
    return root.unit.afterSubtree(one.offset);
  });
  t.same(found, ['f', 'g']);
  t.equal(behind, root.unit.extent.end, 'the walk ends behind the null entry, here the end of the unit');
  t.same(
    [...allEntries(root.unit, ROLE_FUNCTION)].map(nameOf),
    ['f', 'nested', 'method', 'g'],
    'at any depth',
  );
  t.same([...allEntries(root.unit, ROLE_FUNCTION | ROLE_VARIABLE)].map(nameOf), [
    'f',
    'nested',
    'v',
    'method',
    'g',
  ]);
  t.same([...allEntries(root.unit, ROLE_BLOCK)], []);
});
