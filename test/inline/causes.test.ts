// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Possible causes for a helper that was kept out of line, where the object shows them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { inFolder, run, without } from '../support/tools.js';

const body = (helper: string, more = ''): string => `
__attribute__((noipa)) void other(void);
#define hyp __attribute__((section(".hyp.text"), used))
${helper}
{
	other();
	asm volatile("hint #65");
	return x + 1;
}
hyp __attribute__((noipa)) void other(void) { asm volatile("hint #66"); }
hyp int uses(int x) { int y = helper(x); other(); return y; }
${more}
`;

const cases: readonly (readonly [
  title: string,
  program: string,
  args: readonly string[],
  text: string,
  cause: RegExp,
])[] = [
  [
    'the shadow call stack is on in one of the two',
    'clang-19',
    ['--target=aarch64-linux-gnu', '-ffixed-x18', '-fsanitize=shadow-call-stack'],
    body('static inline __attribute__((no_sanitize("shadow-call-stack"))) int helper(int x)'),
    /possible cause: one of the two functions has the shadow call stack and the other has not/,
  ],
  [
    'return addresses are signed in one of the two',
    'aarch64-linux-gnu-gcc',
    ['-mbranch-protection=none'],
    body('static inline __attribute__((noinline, target("branch-protection=pac-ret"))) int helper(int x)'),
    /possible cause: one of the two functions has return-address signing and the other has not/,
  ],
  [
    'a sanitizer is on in one of the two',
    'aarch64-linux-gnu-gcc',
    ['-fsanitize=kernel-address', '-Dhyp=__attribute__((section(".hyp.text"), used, no_sanitize_address))'],
    `static inline int helper(volatile int *x) { x[1]++; return x[2]; }
hyp int uses(volatile int *x) { return helper(x) + x[3]; }`,
    /possible cause: one of the two functions has KASAN and the other has not/,
  ],
  [
    'its address is taken',
    'aarch64-linux-gnu-gcc',
    ['-fno-inline'],
    body('static inline int helper(int x)', 'int (*const table[])(int) = { helper };'),
    /possible cause: its address is taken/,
  ],
  [
    'its size',
    'aarch64-linux-gnu-gcc',
    ['-fno-inline'],
    body('static inline int helper(int x)').replace('"hint #65"', '".rept 100\\nhint #65\\n.endr"'),
    /possible cause: its size/,
  ],
];

for (const [title, program, args, text, cause] of cases) {
  t.test(`a note gives the cause: ${title}`, { skip: without(program) }, async (t) => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'a.c'), text);
      run(
        program,
        [...args, '-O2', '-g', '-w', '-ffreestanding', '-fno-pic', '-c', 'a.c', '-o', 'a.o'],
        folder,
      );
      const { stderr } = await runMain(['--whole', 'a.o'], { directory: folder });
      t.match(stderr, /inline function 'helper' was emitted out of line; it is declared here/);
      t.match(stderr, cause);
      t.equal(stderr.match(/possible cause/g)?.length, stderr.match(cause)?.length);
    });
  });
}

t.test(
  'of functions that -fipa-icf merged, the one that the source calls is changed',
  { skip: without('aarch64-linux-gnu-gcc') },
  async (t) => {
    await inFolder(async (folder) => {
      const twins = ['first', 'second', 'third'].map(
        (name) => `static inline long ${name}(long x) { asm volatile("hint #65"); return x * 7 + 1; }`,
      );
      writeFileSync(
        join(folder, 'a.c'),
        `${twins.join('\n')}
__attribute__((section(".hyp.text"))) long uses(long x) { return second(x) + third(x + 1); }
long host(long x) { return first(x); }
`,
      );
      const options = '-O2 -g -fno-inline -ffreestanding -c a.c -o a.o'.split(' ');
      run('aarch64-linux-gnu-gcc', options, folder);
      const { stderr } = await runMain(['--whole', '-fdiagnostics-parseable-fixits', 'a.o'], {
        directory: folder,
      });
      t.same(
        [...stderr.matchAll(/function '(\w+)' was emitted/g)].map(([, name]) => name),
        ['second', 'third'],
      );
      t.same(
        [...stderr.matchAll(/fix-it:"a.c":\{(\d)/g)].map(([, line]) => line),
        ['2', '3'],
      );
      t.match(stderr, /the compiler made one function of 'first', 'second' and 'third' \(-fipa-icf\)/);
    });
  },
);

t.test(
  'no cause is given where the object shows none',
  { skip: without('aarch64-linux-gnu-gcc') },
  async (t) => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'a.c'), body('static inline int helper(int x)'));
      run(
        'aarch64-linux-gnu-gcc',
        ['-O2', '-g', '-fno-inline', '-ffreestanding', '-c', 'a.c', '-o', 'a.o'],
        folder,
      );
      const { stderr } = await runMain(['--whole', 'a.o'], { directory: folder });
      t.match(stderr, /was emitted out of line/);
      t.notMatch(stderr, /possible cause/);
    });
  },
);
