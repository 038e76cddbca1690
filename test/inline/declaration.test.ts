// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Edits of declarations, and what `inline` means in kernels of several releases. The
// headers here mean what those kernels' headers mean, but are our own text.

import t from 'tap';
import type { FixIt } from '../../lib/diagnostics/diagnostic.js';
import { applyEdits } from '../../lib/diagnostics/edit.js';
import type { InlineDeclarations } from '../../lib/inline/declaration.js';
import { declarationsIn } from './declared.js';

const compiler = `
#define __always_inline inline __attribute__((__always_inline__))
`;

/** As in kernels up to about 5.1: inline is a hint only if two options are on. */
const oldCompiler = `
#ifndef _TYPES_H
#define _TYPES_H
#if !defined(CONFIG_ARCH_SUPPORTS_IT) || \\
    !defined(CONFIG_OPTIMIZE_INLINING) || (__GNUC__ < 4)
#define inline inline __attribute__((always_inline, unused))
#else
/* #define inline inline __attribute__((always_inline)) */
#define inline inline __attribute__((unused))
#endif
#define __always_inline inline __attribute__((always_inline))
#endif
`;

/** One option decides; inline and __inline__ are defined by other macros. */
const middleCompiler = `
#ifdef CONFIG_OPTIMIZE_INLINING
# define __inline_maybe __attribute__((unused))
#else
# define __inline_maybe __attribute__((__always_inline__)) __attribute__((unused))
#endif
#define inline inline __inline_maybe
#define __inline__ inline
`;

const kindOf = (declarations: InlineDeclarations, text: string, name = 'f'): string => {
  const line = text.split('\n').findIndex((each) => each.includes(name)) + 1;
  return declarations.of({ file: 'a.h', line, column: 1, name }).kind;
};

const ages: readonly (readonly [string, string, readonly (readonly [string, string])[], string])[] = [
  ['no option', oldCompiler, [], 'always'],
  ['one of two options', oldCompiler, [['CONFIG_OPTIMIZE_INLINING', '1']], 'always'],
  [
    'both options',
    oldCompiler,
    [
      ['CONFIG_OPTIMIZE_INLINING', '1'],
      ['CONFIG_ARCH_SUPPORTS_IT', '1'],
    ],
    'editable',
  ],
  ['the one option off', middleCompiler, [], 'always'],
  ['the one option on', middleCompiler, [['CONFIG_OPTIMIZE_INLINING', '1']], 'editable'],
  ['a hint in any configuration', compiler, [], 'editable'],
];

for (const [title, header, defined, expected] of ages) {
  t.test(`whether inline is a hint: ${title}`, async (t) => {
    for (const word of ['inline', '__inline__']) {
      if (word === '__inline__' && header !== middleCompiler && expected === 'always') continue;
      const text = `static ${word} int f(void)\n{\n}\n`;
      const files = { 'include/linux/compiler_types.h': header, 'a.h': text };
      t.equal(kindOf(declarationsIn(files, defined), text), expected, word);
    }
  });
}

t.test('macros in a declaration are looked up in the headers that the file includes', async (t) => {
  const text =
    '#include <asm/words.h>\n#include "near.h"\nstatic my_inline int f(void) {}\nstatic near_hyp int g(void) {}\n';
  const declarations = declarationsIn({
    'include/linux/compiler_types.h': compiler,
    'arch/arm64/include/asm/words.h': '#define my_inline __always_inline\n',
    'near.h':
      '#define in_section(name) __attribute__((section(#name)))\n#define near_hyp in_section(.hyp.text)\n',
    'a.h': text,
  });
  t.equal(kindOf(declarations, text), 'always');
  t.equal(declarations.of({ file: 'a.h', line: 4, column: 1, name: 'g' }).kind, 'hyp');
});

const edits: readonly (readonly [title: string, line: string, expected: string | null])[] = [
  ['plain', 'static inline int f(void) {}', 'static __always_inline int f(void) {}'],
  ['inline first', 'inline static int f(void) {}', '__always_inline static int f(void) {}'],
  [
    'attributes with a parenthesis',
    'static __attribute__((aligned(4))) inline int f(void) {}',
    'static __attribute__((aligned(4))) __always_inline int f(void) {}',
  ],
  [
    'an attribute that contains the word inline',
    'static __attribute__((inline_hint)) int f(void) {}',
    'static __always_inline __attribute__((inline_hint)) int f(void) {}',
  ],
  ['without inline', 'static int f(void) {}', 'static __always_inline int f(void) {}'],
  [
    'behind another definition',
    'static inline int g(void) {} static inline int f(void) {}',
    'static inline int g(void) {} static __always_inline int f(void) {}',
  ],
  [
    'behind a macro call without semicolon',
    'EXPORT(g) static inline int f(void) {}',
    'EXPORT(g) static __always_inline int f(void) {}',
  ],
  [
    'a string with a brace',
    'static inline __attribute__((alias("}{;"))) int f(void);',
    'static __always_inline __attribute__((alias("}{;"))) int f(void);',
  ],
  ['neither static nor inline', 'int f(void) {}', null],
];

for (const [title, line, expected] of edits) {
  t.test(`the change: ${title}`, async (t) => {
    const declaration = declarationsIn({ 'a.h': `${line}\n`, 'include/linux/compiler.h': compiler }).of({
      file: 'a.h',
      line: 1,
      column: 1,
      name: 'f',
    });
    if (declaration.kind !== 'editable') {
      t.equal(expected, null, declaration.kind);
      return;
    }
    t.equal(changed(line, declaration.fixes), expected);
  });
}

const changed = (text: string, fixes: readonly FixIt[]): string =>
  applyEdits(text.split('\n'), fixes).join('\n');

/** Declarations of several lines, f at `line`; expected is the text after the change, or the kind if none is made. */
const shapes: readonly (readonly [title: string, line: number, text: string, expected: string])[] = [
  [
    'a result that is a pointer to a function',
    1,
    'static inline int (*f(int a))(int) {}',
    'static __always_inline int (*f(int a))(int) {}',
  ],
  ['a name in parentheses', 1, 'static inline int (f)(int a) {}', 'static __always_inline int (f)(int a) {}'],
  [
    'the name in the source is a macro',
    2,
    '#define g f\nstatic inline int g(int a) {}',
    '#define g f\nstatic __always_inline int g(int a) {}',
  ],
  [
    'a macro makes the name, but not the specifiers',
    2,
    '#define NAME(x) x\nstatic inline int NAME(f)(int a) {}',
    '#define NAME(x) x\nstatic __always_inline int NAME(f)(int a) {}',
  ],
  ['a macro makes the whole declaration', 2, '#define M(x) static inline int x(void) {}\nM(f)', 'macro'],
  ['one macro for static and inline', 2, '#define W static inline\nW int f(void) {}', 'macro'],
  ['a macro for static, inline and the type', 2, '#define W(t) static inline t\nW(int) f(void) {}', 'macro'],
  [
    'specifiers in both branches of an #if',
    6,
    '#ifdef A\nstatic inline int\n#else\nstatic inline long\n#endif\nf(void) {}',
    '#ifdef A\nstatic __always_inline int\n#else\nstatic __always_inline long\n#endif\nf(void) {}',
  ],
  [
    'the name in both branches of an #if',
    5,
    'static inline\n#ifdef A\nlong f(long a)\n#else\nint f(int a)\n#endif\n{ }',
    'static __always_inline\n#ifdef A\nlong f(long a)\n#else\nint f(int a)\n#endif\n{ }',
  ],
  [
    'specifiers before an #if are not those of a function behind it',
    4,
    'static inline int g(void) {}\n#ifdef A\n#endif\nint f(void) {}',
    'fixed',
  ],
  [
    'behind text that is no C',
    4,
    "#if 0\nit's { ( open\n#endif\nstatic inline int f(void) {}",
    "#if 0\nit's { ( open\n#endif\nstatic __always_inline int f(void) {}",
  ],
  [
    'behind assembly',
    4,
    '#ifdef __ASSEMBLY__\n.macro m { (\n#else\nstatic inline int f(void) {}\n#endif',
    '#ifdef __ASSEMBLY__\n.macro m { (\n#else\nstatic __always_inline int f(void) {}\n#endif',
  ],
  [
    'between assembly and a comment in a string',
    5,
    '#ifndef __ASSEMBLY__\n#define GLOB "/*"\n#else\n{\nstatic inline int f(void) {} /* */\n#endif',
    '#ifndef __ASSEMBLY__\n#define GLOB "/*"\n#else\n{\nstatic __always_inline int f(void) {} /* */\n#endif',
  ],
  [
    'lines that were inserted since it was compiled',
    1,
    'int x;\n\nstatic inline int f(void) {}',
    'int x;\n\nstatic __always_inline int f(void) {}',
  ],
  ['it calls itself', 1, 'static inline int f(int a) { return a ? f(a - 1) * 2 : 1; }', 'recursive'],
  [
    'it calls a member that has its name',
    1,
    'static inline int f(struct s *a) { return a->f(1) + a->g.f(2); }',
    'static __always_inline int f(struct s *a) { return a->f(1) + a->g.f(2); }',
  ],
  ['the declaration is gone', 1, 'static inline int g(void) {}', 'unclear'],
];

for (const [title, line, text, expected] of shapes) {
  t.test(`the change: ${title}`, async (t) => {
    const declaration = declarationsIn({ 'a.h': `${text}\n`, 'include/linux/compiler.h': compiler }).of({
      file: 'a.h',
      line,
      column: 0,
      name: 'f',
    });
    t.equal(declaration.kind === 'editable' ? changed(text, declaration.fixes) : declaration.kind, expected);
    if (expected !== 'fixed' && expected !== 'unclear') t.ok(declaration.isHint);
  });
}

t.test('headers of user space are not edited, and a missing file is unreadable', async (t) => {
  const declarations = declarationsIn({ 'include/uapi/linux/swab.h': 'static inline int f(void) {}\n' });
  t.equal(
    declarations.of({ file: './include/uapi/linux/swab.h', line: 1, column: 1, name: 'f' }).kind,
    'user-space',
  );
  t.equal(declarations.of({ file: 'gone.h', line: 1, column: 1, name: 'f' }).kind, 'unreadable');
});

t.test('a broken header does not prevent the edit', async (t) => {
  const text = 'static inline int f(void) {}\n';
  for (const broken of [
    '#if (',
    '#if 1\n#if',
    '#else\n#endif\n#endif',
    '#define',
    '#include',
    '/* never ends',
    '#include <a.h>\n#include "a.h"',
  ]) {
    const declarations = declarationsIn({
      'include/linux/compiler.h': broken,
      'include/a.h': broken,
      'a.h': text,
    });
    t.equal(kindOf(declarations, text), 'editable', broken);
  }
});
