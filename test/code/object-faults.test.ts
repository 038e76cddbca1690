// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Objects from which tools removed what the check needs are reported, and similar objects
// that are complete are not.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { faultsOf } from '../../lib/code/object-faults.js';
import { SHF, SHT, STB } from '../../lib/elf/vocabulary.js';
import { type BuiltSection, type BuiltSymbol, code } from '../support/object-builder.js';
import { build, open } from '../support/objects.js';
import { assemble, inFolder, run, without } from '../support/tools.js';

const RET = 0xd65f03c0;

const hyp = '.section .hyp.text, "ax"\n';
const caller = assemble(`${hyp} .globl f\nf: bl elsewhere\n ret\n`);
const reader = assemble(`${hyp}f: adrp x0, d\n ldr x0, [x0, :lo12:d]\n ret\n .data\nd: .quad 0\n`);
const pool = assemble(`${hyp} .globl f\nf: ldr x0, 1f\n ret\n .balign 8\n1: .quad d\n .data\nd: .quad f\n`);
const leaf = assemble(`${hyp} .globl f\nf: add x0, x0, #1\n1: b 1b\n ret\n`);
const empty = assemble('');

const through = (bytes: Uint8Array, tool: string, ...args: readonly string[]): Buffer =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'a.o'), bytes);
    run(tool, [...args, 'a.o'], folder);
    return readFileSync(join(folder, 'a.o'));
  });

const objcopy = 'aarch64-linux-gnu-objcopy';

t.test(
  'symbols, contents and relocations that tools removed are reported',
  { skip: without(objcopy, 'aarch64-linux-gnu-strip', 'llvm-strip-19') },
  async (t) => {
    const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['strip', through(caller, 'aarch64-linux-gnu-strip'), /no symbols.*stripped/],
      ['strip of a leaf', through(leaf, 'aarch64-linux-gnu-strip'), /no symbols.*stripped/],
      ['strip, LLVM', through(leaf, 'llvm-strip-19', '--strip-all'), /no symbols.*stripped/],
      ['only debug', through(caller, objcopy, '--only-keep-debug'), /not in the file/],
      [
        'relocations of a call',
        through(caller, objcopy, '--remove-relocations=*'),
        /nothing refers to ‘elsewhere’/,
      ],
      [
        'relocations of an ADRP',
        through(reader, objcopy, '--remove-relocations=*'),
        /offset 0x0 .* needs a relocation/,
      ],
      [
        'relocations of a literal',
        through(pool, objcopy, '--remove-relocations=.hyp.text'),
        /literal at offset 0x8/,
      ],
    ];
    for (const [what, bytes, wanted] of cases) t.match(faultsOf(await open(bytes)).join('\n'), wanted, what);
  },
);

t.test('complete objects have no faults, nor has one without unneeded symbols', async (t) => {
  for (const bytes of [caller, reader, pool, leaf, empty]) t.same(faultsOf(await open(bytes)), []);
  const unstripped = through(leaf, 'aarch64-linux-gnu-strip', '--strip-unneeded');
  t.same(faultsOf(await open(unstripped)), [], 'mapping symbols are kept');
});

const faultsWith = async (
  sections: readonly BuiltSection[],
  symbols: readonly BuiltSymbol[] = [],
): Promise<string> => faultsOf(await build({ sections, symbols })).join('\n');

const text: BuiltSection = { name: '.hyp.text', flags: code, items: [{ label: 'f' }, RET] };

t.test('a section of an unknown kind is reported if it concerns hyp code', async (t) => {
  const about = (type: number, info: number, name = '.about'): BuiltSection => ({
    name,
    type,
    flags: 0,
    info,
    items: [0],
  });
  const LLVM_NEXT = 0x60000099;
  t.match(
    await faultsWith([text, about(LLVM_NEXT, 1)]),
    /‘.about’ is about section ‘.hyp.text’ and is of type 0x60000099/,
  );
  t.match(await faultsWith([text, about(SHT.NULL, 0)]), /section 2 is inactive \(SHT_NULL\)/);
  t.match(
    await faultsWith([text, about(SHT.NULL, 0, '.rela.hyp.text')]),
    /is called the relocations of ‘.hyp.text’/,
  );
  t.equal(
    await faultsWith([text, about(LLVM_NEXT, 3), about(1, 0)]),
    '',
    'about a section that is not loaded',
  );
  t.equal(await faultsWith([text, about(SHT.GROUP, 1)]), '', 'sh_info of a group is a symbol');
  t.equal(
    await faultsWith([text, about(1, 0, '.rela.other')]),
    '',
    'named like relocations of a section that does not exist',
  );
  const profile = { name: '.llvm.profile', flags: 0, relocationType: SHT.REL };
  const counted = { word: 0, relocation: { type: 0, to: 'f' } };
  t.equal(await faultsWith([text, { ...profile, items: [counted] }]), '', "clang's profile");
  t.match(
    await faultsWith([text, { ...profile, name: '.data', flags: SHF.ALLOC, items: [counted] }]),
    /without addends \(‘.rel.data’\)/,
  );
});

t.test('a symbol in no possible section, or without a name, is reported', async (t) => {
  const object = async (change: (symbol: DataView) => void): Promise<string> => {
    const { buildObject } = await import('../support/object-builder.js');
    const bytes = buildObject({
      sections: [text],
      symbols: [{ name: 'g', in: { section: '.hyp.text' }, binding: STB.GLOBAL }],
    });
    const whole = await open(bytes);
    const table = whole.sections.find(({ type }) => type === SHT.SYMTAB);
    const last = (table?.offset ?? 0) + (table?.size ?? 0) - 24;
    change(new DataView(bytes.buffer, last, 24));
    return faultsOf(await open(bytes)).join('\n');
  };
  const inSection = (section: number) => object((symbol) => symbol.setUint16(6, section, true));
  t.equal(await inSection(1), '');
  t.equal(await inSection(0xfff1), '', 'absolute');
  t.equal(await inSection(0xfff2), '', 'common');
  t.match(await inSection(77), /symbol ‘g’ is in section 77 \(0x4d\), which is none/);
  for (const reserved of [0xff00, 0xff1f, 0xff20, 0xff3f, 0xfff0, 0xfff3, 0xfffe])
    t.match(await inSection(reserved), /which is none/, reserved.toString(16));
  const named = (name: number) => object((symbol) => symbol.setUint32(0, name, true));
  t.match(await named(0), /has no name that can be read/);
  t.match(await named(0x10000), /has no name that can be read/);
});

t.test('a patch table without relocations is reported', async (t) => {
  const table: BuiltSection = { name: '__jump_table', items: [0, 0, 0, 0] };
  t.match(
    await faultsWith([text, table]),
    /‘__jump_table’ says what is patched, by relocations, and has none/,
  );
});

t.test('an incomplete or unsorted symbol table and a cut section are reported', async (t) => {
  const { buildObject } = await import('../support/object-builder.js');
  const faultsBy = async (
    change: (header: DataView, symbols: DataView) => void,
    of: string,
  ): Promise<string> => {
    const bytes = buildObject({
      sections: [text],
      symbols: [{ name: 'g', in: { section: '.hyp.text' }, binding: STB.GLOBAL }],
    });
    const whole = await open(bytes);
    const index = whole.named(of)?.index ?? 0;
    const table = whole.sections.find(({ type }) => type === SHT.SYMTAB);
    const headers = Number(new DataView(bytes.buffer).getBigUint64(40, true));
    change(
      new DataView(bytes.buffer, headers + index * 64, 64),
      new DataView(bytes.buffer, table?.offset ?? 0, table?.size ?? 0),
    );
    return faultsOf(await open(bytes)).join('\n');
  };
  const size = (header: DataView, by: number) =>
    header.setBigUint64(32, header.getBigUint64(32, true) + BigInt(by), true);
  t.match(await faultsBy((header) => size(header, -4), '.symtab'), /the symbol table is not whole/);
  t.match(
    await faultsBy((header) => header.setUint32(44, 99, true), '.symtab'),
    /not whole: 99 local symbols/,
  );
  t.match(await faultsBy((header) => header.setUint32(44, 3, true), '.symtab'), /‘g’ is on the wrong side/);
  t.match(
    await faultsBy((_, symbols) => symbols.setUint8(24 + 4, STB.GLOBAL << 4), '.symtab'),
    /‘f’ is on the wrong side/,
  );
  t.match(
    await faultsBy((header) => size(header, 1 << 20), '.hyp.text').catch(String),
    /beyond the end|bytes are needed|past the end|outside/,
  );
});

t.test('an instruction that needs a relocation is reported if it has only R_AARCH64_NONE', async (t) => {
  const word = (value: number, type: number): BuiltSection => ({
    name: '.hyp.text',
    flags: code,
    items: [{ label: 'f' }, { word: value, relocation: { type, to: 'host' } }, RET],
  });
  const [NONE, CALL26, JUMP26, ADR_PREL_PG_HI21] = [0, 283, 282, 275];
  for (const [value, type] of [
    [0x94000000, CALL26],
    [0x14000000, JUMP26],
    [0x90000000, ADR_PREL_PG_HI21],
  ] as const) {
    t.equal(await faultsWith([word(value, type)]), '');
    t.match(await faultsWith([word(value, NONE)]), /offset 0x0 .* needs a relocation and has none/);
  }
  const both: BuiltSection = {
    ...word(0, NONE),
    items: [
      { label: 'f' },
      { word: 0x94000000, relocation: [NONE, CALL26].map((type) => ({ type, to: 'host' })) },
      RET,
    ],
  };
  t.equal(await faultsWith([both]), '', 'one that only keeps a symbol beside the one of the call');
  t.equal(await faultsWith([word(0xd503201f, NONE)]), '', 'a call that recordmcount replaced by a NOP');
});

t.test('a symbol behind the end of its section is reported, one at the end is not', async (t) => {
  const faults = async (section: string, value: number) =>
    faultsOf(
      await build({
        sections: [{ name: section, flags: code, items: [RET, RET] }],
        symbols: [{ name: 'f', in: { section }, value }],
      }),
    );
  t.same(await faults('.hyp.text', 8), []);
  t.match(await faults('.hyp.text', 12), [
    'symbol ‘f’ is at offset 0xc of section ‘.hyp.text’, which ends at 0x8',
  ]);
  t.match(await faults('.hyp.text', 2 ** 43), [/offset 0x80000000000 of/]);
  t.same(await faults('.text', 12), [], 'host code: not reported');
});
