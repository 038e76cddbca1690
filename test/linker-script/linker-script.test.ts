// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Linker scripts: statements, places and names, by the manual of GNU ld ("Linker
// Scripts"). test/policy/hyp-map.test.ts compares places with those of real linkers.

import t from 'tap';
import { FormatError } from '../../lib/elf/format-error.js';
import { type LinkerScript, readLinkerScript } from '../../lib/linker-script/linker-script.js';
import { SectionLayout } from '../../lib/linker-script/section-layout.js';
import { samples } from '../policy/linker-scripts.js';

const read = (text: string): LinkerScript => readLinkerScript('test.lds', text);
const layout = (text: string): SectionLayout => new SectionLayout(read(text));

/** The patterns of each input statement; in brackets if it is limited to some files. */
const inputs = (body: string): readonly string[] =>
  read(`SECTIONS { .out : { ${body} } }`).statements.flatMap((statement) =>
    statement.kind === 'input'
      ? [statement.patterns.map(({ section, isLimited }) => (isLimited ? `[${section}]` : section)).join(' ')]
      : [],
  );

t.test('input statements give their patterns of section names, in all forms', async (t) => {
  const rows: readonly (readonly [string, ...(readonly string[])])[] = [
    ['*(.text)', '.text'],
    ['*(.text .text.*)', '.text .text.*'],
    ['*( .a\n\t.b )', '.a .b'],
    ['*(.a, .b)', '.a .b'],
    ['* (.a)', '.a'],
    ['"*"(".a" .b)', '.a .b'],
    ['KEEP(*(.a))', '.a'],
    ['KEEP (*(SORT(___ksymtab+*)))', '___ksymtab+*'],
    [
      '*(SORT_BY_NAME(.a.*) SORT_BY_ALIGNMENT(.b) SORT_NONE(.c) SORT_BY_INIT_PRIORITY(.d.*))',
      '.a.* .b .c .d.*',
    ],
    ['*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.a.* .b)) .c)', '.a.* .b .c'],
    ['*(REVERSE(.a))', '.a'],
    ['SORT(*)(.a)', '.a'],
    ['SORT_BY_NAME(*)(.a .b)', '.a .b'],
    ['file.o(.a)', '[.a]'],
    ['lib/*.o(.a) lib.a:x.o(.b)', '[.a]', '[.b]'],
    ['*file.o', '[*]'],
    ['*(EXCLUDE_FILE(*x.o *y.o) .a .b)', '[.a] .b'],
    ['*(.a EXCLUDE_FILE(*x.o) .b)', '.a [.b]'],
    ['*(EXCLUDE_FILE (*x.o) .a EXCLUDE_FILE (*y.o) .b)', '[.a] [.b]'],
    ['EXCLUDE_FILE(*x.o) *(.a .b)', '[.a] [.b]'],
    ['KEEP(*(EXCLUDE_FILE(*x.o) SORT(.a.*)))', '[.a.*]'],
    ['INPUT_SECTION_FLAGS(SHF_MERGE & SHF_STRINGS) *(.a)', '[.a]'],
    ['*(COMMON)', 'COMMON'],
    ['*(.a)*(.b);*(.c)', '.a', '.b', '.c'],
    ['BYTE(0) SHORT(1) LONG(2); QUAD(3) SQUAD(4) FILL(0x90) ASCIZ("(") *(.a)', '.a'],
    ['CONSTRUCTORS SORT(CONSTRUCTORS) KEEP(CONSTRUCTORS) *(.a)', '.a'],
    [
      '. = ALIGN(8); *(.a) . = . + 4; x = .; PROVIDE(y = .); HIDDEN(z = .); ASSERT(. <= 8, "no ) or }") *(.b)',
      '.a',
      '.b',
    ],
    ['*(.a /*x*/) /* *(.b) */ *(.c)', '.a', '.c'],
    // As in ld, a name may hold / and *, so this is not a comment.
    ['*(.a/*x*/)', '.a/*x*/'],
    ['*(.a/b)', '.a/b'],
  ];
  for (const [body, ...expected] of rows) t.same(inputs(body), expected, body);
});

t.test('output sections are read, with all forms of attributes', async (t) => {
  for (const head of [
    '.a :',
    '.a 0 :',
    '.a 0x10 + 4 :',
    '.a (NOLOAD) :',
    '.a ALIGN(8) (INFO) :',
    '.a : AT(ADDR(.a) - 0)',
    '.a : ALIGN(0x1000) SUBALIGN(8) ONLY_IF_RO',
    '.a BLOCK(4) :',
    '.a:',
    '"a b" :',
  ])
    for (const tail of ['', '>ram', '>ram AT>rom :text =0x9090', ':text :data', '= 0', '=(1 + 2)', ','])
      t.same(inputs(`} ${head} { *(.x) } ${tail} .b : { *(.y)`), ['.x', '.y'], `${head} ${tail}`);
});

t.test('commands outside SECTIONS are passed over, and several SECTIONS are read', async (t) => {
  const text = `OUTPUT_FORMAT("elf64-littleaarch64") OUTPUT_ARCH(aarch64) ENTRY(_text) INPUT(a.o, b.o)
    GROUP ( AS_NEEDED ( x ) ) SEARCH_DIR("/lib") EXTERN(a b) TARGET(b) NOCROSSREFS(.a .b)
    MEMORY { ram (rwx) : ORIGIN = 0, LENGTH = 4K }
    PHDRS { text PT_LOAD FLAGS(5); }
    VERSION { v { global: a; local: *; }; }
    `;
  t.throws(() => read(text), { message: /^test\.lds\+0x/ }, 'the nested braces of VERSION');
  const plain = text.replace(/VERSION.*\n/, '');
  const found = layout(
    `# 1 "vmlinux.lds.S"\n${plain}\nx = 1 << 4;\ny += 1; z |= 2;\nSECTIONS { .a : { s = .; *(.a) e = .; } }\nSECTIONS { .b : { *(.b) } }\nASSERT(s == e, "}")`,
  );
  const [at = -1] = found.placesOf('.a');
  t.ok(at > (found.symbol('s') ?? Infinity) && at < (found.symbol('e') ?? 0));
  t.equal(found.symbol('x'), null, 'a number');
  t.ok((found.placesOf('.b')[0] ?? 0) > at);
});

t.test('names have the place of their assignment, or of the name they are equal to', async (t) => {
  const found = layout(`
    early = late; number = 4; self = self; a1 = a2; a2 = a1; sum = late + 4; address = ADDR(.b); size = SIZEOF(.b);
    SECTIONS {
      one = .;
      .a : { two = . ; *(.a) PROVIDE(three = ABSOLUTE(.)); "four" = .; }
      .b : { *(.b) } late = .;
      c_name : { *(.c) }
      twice = .; .d : { *(.d) } twice = .;
    }
    __kvm_nvhe_two = two;; behind = late;`);
  const order = ['one', 'two', 'three', 'four', 'late'].map((name) => found.symbol(name) ?? Number.NaN);
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.equal(found.symbol('early'), found.symbol('late'));
  t.equal(found.symbol('__kvm_nvhe_two'), found.symbol('two'));
  t.equal(found.symbol('behind'), found.symbol('late'));
  t.equal(found.symbol('address'), found.placesOf('.b')[0]);
  for (const name of ['number', 'self', 'a1', 'sum', 'size', 'nobody'])
    t.equal(found.symbol(name), null, name);
  t.ok((found.symbol('twice') ?? 0) > (found.placesOf('.d')[0] ?? 0), 'the last assignment counts');
  // GNU ld and ld.lld define these names themselves.
  t.equal(found.symbol('__start_c_name'), found.placesOf('.c')[0]);
  t.ok((found.symbol('__stop_c_name') ?? 0) > (found.placesOf('.c')[0] ?? 0));
});

t.test('the first statement that matches takes a section', async (t) => {
  const found = layout(`SECTIONS {
    /DISCARD/ : { *(.gone) *(.gone.*) }
    .a : { *(.x) *(.x.*) *(.y*) }
    .b : { *(.x .x.1 .yes .gone) *(.z) }
    .z : { *(.q) }
  }`);
  const [x, x1, yes] = ['.x', '.x.1', '.yes'].map((name) => found.placesOf(name));
  t.same([x?.length, x1?.length, yes?.length], [1, 1, 1]);
  t.ok((x?.[0] ?? 0) < (x1?.[0] ?? 0) && (x1?.[0] ?? 0) < (yes?.[0] ?? 0));
  t.ok((yes?.[0] ?? 0) < (found.placesOf('.z')[0] ?? 0));
  t.same(found.placesOf('.gone'), [-1], 'discarded sections are before everything');
  t.same(found.placesOf('.gone.1'), [-1]);
  t.same(found.placesOf('.nobody'), []);
  const orphan = layout('SECTIONS { .z : { *(.q) end = .; } next = .; }');
  const [at = -1] = orphan.placesOf('.z');
  t.ok(
    at > (orphan.symbol('end') ?? Infinity) && at < (orphan.symbol('next') ?? 0),
    'an orphan section is put behind the output section of its name',
  );
});

t.test('a text that is not a linker script is refused', async (t) => {
  for (const text of [
    'SECTIONS {',
    'SECTIONS { .a : { *(.a }',
    'SECTIONS { .a : { *(.a) ',
    'SECTIONS { .a { } }',
    'SECTIONS { .a ; }',
    'SECTIONS { x = 1 }',
    'SECTIONS { OVERLAY : { .a { *(.a) } } }',
    'SECTIONS { .a : { KEEP(*(.a) } }',
    'SECTIONS { .a : { INCLUDE more.lds } }',
    'INCLUDE more.lds',
    'SECTIONS { .a : { *(.a) } } INSERT AFTER .b;',
    'ASSERT(1, "x',
    ')',
    'int main(void) { return 0; }',
    '\0\0\0',
  ])
    t.throws(() => read(text), { message: /^test\.lds\+0x/ }, text);
  t.same(read('').statements, []);
});

t.test('a script that is cut or changed is read or refused, in reasonable time', async (t) => {
  const text = samples.at(-1)?.script ?? '';
  const orSaid = (changed: string) => {
    try {
      const found = layout(changed);
      found.placesOf('.hyp.text');
      found.symbol('__hyp_text_start');
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  };
  for (let length = 0; length < text.length; length += 3) orSaid(text.slice(0, length));
  for (let at = 0; at < text.length; at += 7)
    for (const sign of '(){};"*/=.') orSaid(`${text.slice(0, at)}${sign}${text.slice(at + 1)}`);
  const deep = 100_000;
  for (const sign of ['(', 'KEEP(', 'SORT(', '{', '/*', '"', '=', 'a=', '*(', '*(SORT('])
    orSaid(`SECTIONS { .a : { ${sign.repeat(deep)}`);
  t.pass();
});
