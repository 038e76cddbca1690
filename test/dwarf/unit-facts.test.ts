// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Frames from entries and line tables: the source line in each function of an inline chain,
// and where it was declared. What is missing there does not cost the rest.

import t from 'tap';
import { DW_AT, DW_FORM, DW_TAG } from '../../lib/dwarf/constants.js';
import { declarationOf, UnitFacts } from '../../lib/dwarf/unit-facts.js';
import type { Unit } from '../../lib/dwarf/units.js';
import { type MadeAttribute, type MadeEntry, openUnits, unitEntry } from './made-units.js';
import { bytesOf, type MadeSection, sized, text, u16, u32, u64, uleb } from './synthetic.js';

const named = (name: string): MadeAttribute => [DW_AT.name, DW_FORM.string, text(name)];
const byte = (attribute: number, value: number): MadeAttribute => [attribute, DW_FORM.data1, value];
const covers: readonly MadeAttribute[] = [
  [DW_AT.low_pc, DW_FORM.addr, u64(0x1000)],
  [DW_AT.high_pc, DW_FORM.data4, u32(0x40)],
];

/** A version 4 table without rows: file 1 is a.c, file 2 is a.h in include. [DWARF4 6.2.4] */
const rest = bytesOf(
  bytesOf(4, 1, 1, 0xfb, 14, 13, [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]),
  bytesOf(text('include'), 0),
  bytesOf(text('a.c'), uleb(0), uleb(0), uleb(0)),
  bytesOf(text('a.h'), uleb(1), uleb(0), uleb(0)),
  0,
);
const lines: Readonly<Record<string, MadeSection>> = {
  '.debug_line': { bytes: sized(u16(4), u32(rest.length), rest) },
};

const root = (children: readonly MadeEntry[], lineTable = 0): MadeEntry =>
  unitEntry(
    [
      named('unit.c'),
      [DW_AT.comp_dir, DW_FORM.string, text('/build')],
      [DW_AT.stmt_list, DW_FORM.sec_offset, u32(lineTable)],
    ],
    children,
  );

const opened = (children: readonly MadeEntry[], lineTable = 0) => {
  const { entry } = openUnits([root(children, lineTable)], { version: 4, more: lines });
  const facts = new UnitFacts(entry('unit').unit);
  const all = new Map([[entry('unit').unit, facts]]);
  const factsOf = (unit: Unit): UnitFacts => all.get(unit) ?? facts;
  return { entry, facts, factsOf };
};

const call = (
  name: string,
  site: readonly MadeAttribute[],
  ...children: readonly MadeEntry[]
): MadeEntry => ({
  tag: DW_TAG.inlined_subroutine,
  label: name,
  attributes: [named(name), ...covers, ...site],
  children,
});

const chained = (site: readonly MadeAttribute[], lineTable = 0) =>
  opened(
    [
      {
        tag: DW_TAG.subprogram,
        label: 'f',
        attributes: [named('f'), ...covers],
        children: [call('a', site, call('b', [byte(DW_AT.call_file, 2), byte(DW_AT.call_line, 30)]))],
      },
    ],
    lineTable,
  );

const row = { file: 2, line: 7, column: 3 };
const at = { section: -1, offset: 4 };
const told = ({ facts }: ReturnType<typeof opened>) =>
  facts
    .frames(facts.chainAt(at), row)
    .map((frame) => `${frame.function} ${frame.file}:${frame.line}:${frame.column}`);

t.test('the innermost frame is at the row, each outer frame at the inlined call', async (t) => {
  const site = [byte(DW_AT.call_file, 1), byte(DW_AT.call_line, 20), byte(DW_AT.call_column, 5)];
  const made = chained(site);
  t.same(told(made), ['b include/a.h:7:3', 'a include/a.h:30:0', 'f a.c:20:5']);
  t.same(
    made.facts.callers(made.facts.chainAt(at)).map(({ line }) => line),
    [30, 20],
    'callers are found without a row',
  );
  t.equal(made.facts.frames([], row)[0]?.function, null);
  t.same(made.facts.frames([], null), []);
});

t.test('a call without a known file is at line 0 of the unit’s file', async (t) => {
  for (const site of [[byte(DW_AT.call_line, 20)], [byte(DW_AT.call_file, 0)], [byte(DW_AT.call_file, 9)]])
    t.equal(told(chained(site)).at(-1), 'f unit.c:0:0');
});

t.test('a damaged line table costs the lines, not the names, every time', async (t) => {
  const made = chained([byte(DW_AT.call_file, 1)], 0x500);
  t.same(told(made), ['b unit.c:0:0', 'a unit.c:0:0', 'f unit.c:0:0']);
  t.same(told(made), ['b unit.c:0:0', 'a unit.c:0:0', 'f unit.c:0:0']);
  t.throws(() => made.facts.lines(), /debug_line/);
});

t.test('a declaration takes the attributes that it lacks from its origin', async (t) => {
  const { entry, factsOf, facts } = opened([
    {
      tag: DW_TAG.subprogram,
      label: 'declared',
      attributes: [
        named('helper'),
        byte(DW_AT.decl_file, 2),
        byte(DW_AT.decl_line, 11),
        byte(DW_AT.decl_column, 14),
      ],
    },
    {
      tag: DW_TAG.subprogram,
      label: 'defined',
      attributes: [[DW_AT.specification, DW_FORM.ref4, { to: 'declared' }], byte(DW_AT.decl_line, 50)],
    },
    { tag: DW_TAG.subprogram, label: 'bare', attributes: [named('bare'), byte(DW_AT.decl_line, 3)] },
  ]);
  t.match(declarationOf(entry('defined'), factsOf), {
    function: 'helper',
    file: 'include/a.h',
    line: 50,
    column: 14,
    directory: '/build',
  });
  t.equal(
    declarationOf(entry('bare'), () => facts),
    null,
    'a line without a file gives no declaration',
  );
});
