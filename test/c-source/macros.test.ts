// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Macros of headers, and of the headers that those include.

import t from 'tap';
import { Macros } from '../../lib/c-source/macros.js';

const macrosOf = (
  files: Readonly<Record<string, string>>,
  ...defined: readonly (readonly [string, string])[]
): { readonly macros: Macros; readonly asked: readonly string[] } => {
  const asked: string[] = [];
  const text = (file: string): string | null => {
    asked.push(file);
    return files[file] ?? null;
  };
  return { macros: new Macros({ text, treeName: (file) => file }, { defined: new Map(defined) }), asked };
};

const types = 'include/linux/compiler_types.h';

t.test('macros are defined, undefined, and defined under a condition', async (t) => {
  const { macros } = macrosOf(
    {
      [types]: `
#define A 1
#define B(x) x
# define C a \\
	b
#define D
#undef D
#if defined(A) && !defined(D) && CONFIG_N > 3
#define E
#elif 1
#define F
#endif
#ifdef __NOT_THERE
#define G
#endif
/*
#define H
*/
#if B(1)
#define I
#endif
#if A ? 1 :
#define J
#endif
#if __has_attribute(x) && !__has_feature(y)
#define K
#endif
`,
    },
    ['CONFIG_N', '4'],
  );
  const found = [...'ABCDEFGHIJK'].filter((name) => macros.isDefined(name));
  t.same(found, ['A', 'B', 'C', 'E', 'K'], 'a condition that is not understood does not hold');
  t.equal(macros.expand('C x'), 'C a b x'.replace('a b', 'a \tb'));
});

t.test('expand() adds the text of each macro, once', async (t) => {
  const { macros } = macrosOf({
    [types]:
      '#define inline inline __maybe\n#define __maybe __attribute__((unused))\n#define __always inline __always\n',
  });
  t.equal(macros.expand('static inline u64'), 'static inline inline __maybe __attribute__((unused)) u64');
  t.match(macros.expand('__always'), /^__always inline inline __maybe /);
  t.equal(macros.expand('nothing of it'), 'nothing of it');
});

t.test('headers are found in the directories of the kernel, and read once', async (t) => {
  const { macros, asked } = macrosOf({
    [types]:
      '#include <linux/a.h>\n#include "beside.h"\n#include <absent.h>\n#include MACRO\n#if 0\n#include <linux/not.h>\n#endif\n',
    'include/linux/beside.h': '#define BESIDE\n#include <asm/b.h>\n',
    'include/linux/a.h': '#define A\n#include <linux/a.h>\n#include <linux/compiler_types.h>\n',
    'arch/arm64/include/asm/b.h': '#define B\n',
    'include/linux/not.h': '#define NOT\n',
    'kernel/file.c': '#include <linux/not.h>\n',
  });
  t.same(
    ['BESIDE', 'A', 'B', 'NOT'].filter((name) => macros.isDefined(name)),
    ['BESIDE', 'A', 'B'],
  );
  t.notOk(asked.includes('include/linux/not.h'));
  macros.enter('kernel/file.c');
  t.ok(macros.isDefined('NOT'));
  const count = asked.length;
  macros.enter('kernel/file.c');
  t.equal(asked.length, count);
});

t.test('headers are read to a limited depth', async (t) => {
  const files: Record<string, string> = { [types]: '#include <linux/h0.h>\n' };
  for (let n = 0; n < 300; n++)
    files[`include/linux/h${n}.h`] = `#define H${n}\n#include <linux/h${n + 1}.h>\n`;
  const { macros } = macrosOf(files);
  t.ok(macros.isDefined('H50'));
  t.notOk(macros.isDefined('H299'), 'deeper than any kernel’s');
});
