// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Location expressions that are an address and nothing else. [DWARF5 2.5.1.1, 2.6.1]

import t from 'tap';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { nameOf } from '../../lib/dwarf/entries.js';
import { UnitIndex } from '../../lib/dwarf/unit-index.js';
import { findVariable, variableAt } from '../../lib/dwarf/variables.js';
import { type MadeEntry, makeUnits, openUnits, sectionsOf, unitEntry } from './made-units.js';
import { bytesOf, makeSections, type Piece, text, u16, u32, u64, uleb } from './synthetic.js';

const { addr, addrx, GNU_addr_index } = { addr: 0x03, addrx: 0xa1, GNU_addr_index: 0xfb };
const [plus_uconst, stack_value, tls] = [0x23, 0x9f, 0xe0];
const at = (address: number): Piece => bytesOf(addr, u64(address));

const variable = (name: string, location: Piece): MadeEntry => ({
  tag: DW_TAG.variable,
  label: name,
  attributes: [
    [DW_AT.name, DW_FORM.string, text(name)],
    [DW_AT.location, DW_FORM.exprloc, bytesOf(uleb(bytesOf(location).length), location)],
  ],
});

const withSlots = (unitName: string, base: number, children: readonly MadeEntry[]): MadeEntry =>
  unitEntry(
    [
      [DW_AT.name, DW_FORM.string, text(unitName)],
      [DW_AT.addr_base, DW_FORM.sec_offset, u32(base)],
    ],
    children,
  );

/** Two tables of .debug_addr, each with a header of eight bytes. */
const slots = {
  '.debug_addr': {
    bytes: bytesOf(u32(12), u16(5), 8, 0, u64(0x1040), u32(20), u16(5), 8, 0, u64(0x1050), u64(0x1060)),
  },
};

t.test('a variable is found if its location is an address alone, without further operations', async (t) => {
  const { units } = openUnits(
    [
      withSlots('a.c', 8, [
        variable('none', []),
        variable('tls', bytesOf(at(0x1000), tls)),
        variable('inside', bytesOf(at(0x1010), plus_uconst, 8)),
        variable('value', bytesOf(addrx, uleb(0), stack_value)),
        variable('register', 0x53),
        variable('plain', at(0x1000)),
        variable('indexed', bytesOf(addrx, uleb(0))),
        variable('again', at(0x1000)),
      ]),
    ],
    { more: slots },
  );
  const [unit] = units;
  const found = (offset: number) => {
    const entry = unit && variableAt(unit, { section: -1, offset });
    return entry && nameOf(entry);
  };
  t.equal(found(0), 'plain', 'the first of two');
  t.equal(found(0x10), null);
  t.equal(found(0x18), null);
  t.equal(found(0x40), 'indexed');
  t.equal(found(1), null, 'only at its start');
});

t.test('DW_OP_GNU_addr_index of split DWARF 4 is an address, too', async (t) => {
  const root = unitEntry(
    [[DW_AT.GNU_addr_base, DW_FORM.sec_offset, u32(8)]],
    [variable('old', bytesOf(GNU_addr_index, uleb(0)))],
  );
  const { units } = openUnits([root], { version: 4, more: slots });
  const entry = units[0] && variableAt(units[0], { section: -1, offset: 0x40 });
  t.equal(entry && nameOf(entry), 'old');
});

t.test('a slot of .debug_addr belongs to the unit whose table begins last before it', async (t) => {
  // Slots are at 8 (of a.c), 24 and 32 (of b.c).
  const roots = [
    withSlots('a.c', 8, [variable('first', bytesOf(addrx, uleb(0)))]),
    withSlots('b.c', 24, [
      variable('second', bytesOf(addrx, uleb(0))),
      variable('third', bytesOf(addrx, uleb(1))),
    ]),
  ];
  const sections = makeSections(sectionsOf(makeUnits(roots), slots), 2);
  const index = new UnitIndex(sections);
  const section = sections.object.named('.text');
  const found = (offset: number) => {
    const entry = section && findVariable(sections, index, section, { section: -1, offset });
    return entry && `${nameOf(entry)} of ${entry.unit.name}`;
  };
  t.equal(found(0x60), 'third of b.c');
  t.equal(found(0x50), 'second of b.c');
  t.equal(found(0x40), 'first of a.c');
  t.equal(found(0x48), null);
});

t.test('a damaged entry costs what follows in its unit, not other units', async (t) => {
  const roots = [
    unitEntry(
      [],
      [variable('lost', at(0x1000)), { tag: DW_TAG.variable, attributes: [[DW_AT.location, 0x7f, []]] }],
    ),
    unitEntry([], [variable('found', at(0x1000))]),
  ];
  const sections = makeSections(sectionsOf(makeUnits(roots)), 2);
  const section = sections.object.named('.text');
  const entry =
    section && findVariable(sections, new UnitIndex(sections), section, { section: -1, offset: 0 });
  t.equal(entry && nameOf(entry), 'lost', 'an entry before the damage is found');
  const behind = [
    { ...roots[0], children: [...(roots[0]?.children ?? [])].reverse() } as MadeEntry,
    ...roots.slice(1),
  ];
  const reversed = makeSections(sectionsOf(makeUnits(behind)), 2);
  const other =
    section && findVariable(reversed, new UnitIndex(reversed), section, { section: -1, offset: 0 });
  t.equal(other && nameOf(other), 'found');
});
