// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The samples of test/samples/inline against truth.txt and two patches, all written by
// hand: what the audit of a normal build reports, what the check of a -fno-inline build
// reports, what both would change, and that nothing is reported after those changes.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { inFolder, run, without } from '../support/tools.js';

const samples = 'test/samples/inline';

interface Row {
  readonly name: string;
  readonly audit: boolean;
  readonly call: string;
  readonly change: string;
  readonly file: string;
  readonly lines: readonly number[];
}

const rows: readonly Row[] = readFileSync(`${samples}/truth.txt`, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name = '', audit, call = '', change = '', file = '', numbers = ''] = line.split(/\s+/);
    return { name, audit: audit === 'yes', call, change, file, lines: numbers.split(',').map(Number) };
  });

const stems: Readonly<Record<string, readonly string[]>> = {
  audit: ['audit.c', 'helpers.h'],
  obstacles: ['obstacles.c', 'swap.h'],
  shapes: ['shapes.c', 'shapes.h'],
};

const common = ['--whole', '--vhe-cap=11'];

interface Printed {
  readonly option: string;
  readonly message: string;
  readonly fixes: readonly string[];
  readonly notes: readonly string[];
}

const printedBy = async (args: readonly string[], directory?: string): Promise<readonly Printed[]> => {
  const { stdout } = await runMain(
    [...common, '-fdiagnostics-format=json', ...args],
    directory === undefined ? {} : { directory },
  );
  const list: unknown = JSON.parse(stdout);
  if (!Array.isArray(list)) throw new Error('the JSON form is an array');
  return list.map((one) => ({
    option: String(one.option),
    message: String(one.message),
    fixes: (one.fixits ?? []).map(
      (fix: { start: { file: string; line: number }; string: string }) =>
        `${basename(fix.start.file)}:${fix.start.line}:${fix.string.trim()}`,
    ),
    notes: one.children.map((child: { message: string }) => child.message),
  }));
};

const functionOf = ({ message }: Printed): string => /function '(\w+)'/.exec(message)?.[1] ?? message;
const calleeOf = ({ message }: Printed): string => /(?:call|jump) to '(\w+)'/.exec(message)?.[1] ?? message;
const sorted = (words: Iterable<string>): readonly string[] => [...new Set(words)].sort();
const fixesOf = ({ file, lines }: Row): readonly string[] =>
  lines.map((line) => `${file}:${line}:__always_inline`);

const obstacles: Readonly<Record<string, RegExp>> = {
  'user-space': /include\/uapi/,
  macro: /made by the macro '(DEFINE_HELPER|hint_of)'/,
  fixed: /make '\w+' hyp code/,
};

for (const [stem, files] of Object.entries(stems)) {
  const truth = rows.filter(({ file }) => files.includes(file));
  for (const compiler of ['gcc', 'clang']) {
    const normal = `${samples}/${stem}${compiler === 'gcc' ? '' : '.clang'}.o`;
    const stressed = `${samples}/${stem}.${compiler === 'gcc' ? '' : 'clang-'}noinline.o`;

    t.test(`${normal}: the audit names the functions of truth.txt, and their changes`, async (t) => {
      const all = await printedBy(['-Whyp-inline-hint', '-Wno-hyp-call', normal]);
      t.same(all.map(functionOf).sort(), sorted(truth.filter(({ audit }) => audit).map(({ name }) => name)));
      for (const one of all) {
        const row = truth.find(({ name }) => name === functionOf(one));
        if (!row) continue;
        const isEdit = row.change === 'edit' || row.change === 'insert';
        t.same(one.fixes, isEdit ? fixesOf(row) : [], row.name);
        const obstacle = obstacles[row.change];
        if (obstacle) t.match(one.notes.join('\n'), obstacle, row.name);
        t.equal(/inline function/.test(one.message), !['insert', 'fixed'].includes(row.change), row.name);
        t.match(
          one.notes.join('\n'),
          /hyp code 'uses_\w+' relies on it|which is inlined into hyp code, calls it/,
          row.name,
        );
      }
    });

    t.test(`${normal}: nothing is reported without -Whyp-inline-hint`, async (t) => {
      const all = await printedBy(['-Wno-hyp-call', normal]);
      t.same(all, []);
    });

    t.test(`${stressed}: the check names the functions of truth.txt, and their changes`, async (t) => {
      const all = await printedBy([stressed]);
      const isCalled = ({ call }: Row): boolean => call === 'yes' || call === compiler;
      t.same(sorted(all.map(calleeOf)), sorted(truth.filter(isCalled).map(({ name }) => name)));
      const isChanged = (row: Row): boolean =>
        row.change === 'edit' && (isCalled(row) || row.call === 'chain');
      t.same(sorted(all.flatMap(({ fixes }) => fixes)), sorted(truth.filter(isChanged).flatMap(fixesOf)));
      for (const one of all) {
        const row = truth.find(({ name }) => name === calleeOf(one));
        const says = one.notes.join('\n').includes(`inline function '${row?.name}' was emitted out of line`);
        t.equal(says, row?.change !== 'insert' && row?.change !== 'fixed', calleeOf(one));
      }
    });
  }
}

t.test('notes on helpers of helpers name the caller, and what cannot be inlined', async (t) => {
  const notesOn = async (object: string, name: string): Promise<readonly string[]> =>
    (await printedBy([`${samples}/${object}`])).find((one) => calleeOf(one) === name)?.notes ?? [];
  const chain = await notesOn('audit.noinline.o', 'outermost');
  t.ok(chain.includes("inline function 'in_the_middle', which 'outermost' calls, is declared here"));
  t.ok(chain.includes("inline function 'innermost', which 'in_the_middle' calls, is declared here"));
  const swaps = await notesOn('obstacles.noinline.o', 'swaps');
  t.match(swaps.join('\n'), /'swap_words' belongs to user space too \(include\/uapi\)/);
  const host = await notesOn('obstacles.noinline.o', 'calls_host');
  t.ok(
    host.includes("'calls_host' itself calls 'host_function' (section '.text'), which is not inline"),
    host.join('\n'),
  );
});

t.test('the audit says which hyp function relies on a helper, how often, through which', async (t) => {
  const all = await printedBy(['-Whyp-inline-hint', `${samples}/audit.o`]);
  const notes = all.find((one) => functionOf(one) === 'innermost')?.notes ?? [];
  t.same(notes, ["hyp code 'uses_chains' relies on it 2 times, through 'in_the_middle' in 'outermost'"]);
  const plain = all.find((one) => functionOf(one) === 'plain')?.notes ?? [];
  t.same(plain, ["hyp code 'uses_chains' relies on it", "hyp code 'uses_styles' relies on it"]);
});

const patchOf = async (args: readonly string[]): Promise<string> => {
  const { stderr } = await runMain([...common, '-fdiagnostics-generate-patch', ...args]);
  return stderr.slice(stderr.indexOf('--- a/'));
};

t.test('the generated patches are those written by hand', async (t) => {
  const hand = (name: string): string => readFileSync(`${samples}/${name}.patch`, 'utf8');
  t.equal(await patchOf(['-Whyp-inline-hint', `${samples}/audit.o`]), hand('audit'));
  t.equal(await patchOf([`${samples}/audit.noinline.o`]), hand('noinline'));
  // Each declaration is changed once, though two objects ask for it.
  t.equal(
    await patchOf([`${samples}/audit.noinline.o`, `${samples}/audit.clang-noinline.o`]),
    hand('noinline'),
  );
});

t.test('a clean check prints no patch, and -q does not suppress one', async (t) => {
  const { stderr } = await runMain([...common, '-fdiagnostics-generate-patch', `${samples}/audit.o`]);
  t.equal(stderr, '');
  const quiet = await patchOf(['-q', `${samples}/audit.noinline.o`]);
  t.equal(quiet, readFileSync(`${samples}/noinline.patch`, 'utf8'));
});

t.test('source that cannot be read is reported, and makes the status 3', async (t) => {
  const object = join(process.cwd(), samples, 'audit.o');
  const { status, stderr } = await runMain([...common, '-Whyp-inline-hint', object], { directory: '/' });
  t.equal(status, 3);
  t.match(stderr, /helpers\.h’ cannot be read|helpers\.h' cannot be read/);
  t.notMatch(stderr, /-Whyp-inline-hint\]/);
});

t.test('a source tree that is reached through a link gives the same patch', async (t) => {
  await inFolder(async (folder) => {
    cpSync(samples, join(folder, samples), { recursive: true });
    symlinkSync(folder, join(folder, 'link'));
    const { stderr } = await runMain(
      [...common, '-fdiagnostics-generate-patch', '--source', 'link', `${samples}/audit.noinline.o`],
      { directory: folder },
    );
    t.equal(stderr.slice(stderr.indexOf('--- a/')), readFileSync(`${samples}/noinline.patch`, 'utf8'));
  });
});

t.test(
  'missing debug information is reported, and makes the status 3',
  { skip: without('aarch64-linux-gnu-objcopy') },
  async (t) => {
    const bare = join(process.cwd(), samples, 'audit.o');
    await inFolder(async (folder) => {
      run('aarch64-linux-gnu-objcopy', ['--strip-debug', bare, 'bare.o'], folder);
      const { status, stderr } = await runMain([...common, '-Whyp-inline-hint', 'bare.o'], {
        directory: folder,
      });
      t.equal(status, 3);
      t.match(
        stderr,
        /^bare\.o: warning: it is not known what was inlined into hyp code: there is no debug information/m,
      );
    });
  },
);

t.test('a static function whose declaration cannot be read may have been declared inline', async (t) => {
  const object = join(process.cwd(), samples, 'audit.noinline.o');
  const { stderr } = await runMain([...common, object], { directory: '/' });
  t.match(
    stderr,
    /helpers\.h:11:19: note: 'plain' is declared here, maybe inline: the source cannot be read/,
  );
});

const compilers: readonly (readonly [string, string, readonly string[]])[] = [
  ['gcc', 'aarch64-linux-gnu-gcc', ['-Wno-old-style-declaration']],
  ['clang', 'clang-19', ['--target=aarch64-linux-gnu']],
];

for (const [name, program, more] of compilers) {
  t.test(
    `${name}: after the patches, applied by git, a -fno-inline build is clean`,
    {
      skip: without(program, 'git'),
    },
    async (t) => {
      await inFolder(async (folder) => {
        cpSync(samples, join(folder, samples), { recursive: true });
        mkdirSync(join(folder, 'test/samples/include'), { recursive: true });
        cpSync('test/samples/include', join(folder, 'test/samples/include'), { recursive: true });
        const check = async (): Promise<readonly Printed[]> => {
          const options = '-std=gnu11 -O2 -g -gdwarf-5 -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only';
          run(
            program,
            [...more, ...options.split(' '), '-fno-inline', '-c', `${samples}/audit.c`, '-o', 'now.o'],
            folder,
          );
          return printedBy(['now.o'], folder);
        };
        const apply = (patch: string): void => {
          writeFileSync(join(folder, 'change.patch'), patch);
          run('git', ['apply', 'change.patch'], folder);
        };
        t.ok((await check()).length > 20, 'before');
        apply(await patchOf(['-Whyp-inline-hint', `${samples}/audit.o`]));
        const left = await check();
        // The audit cannot see a helper that left no instruction; with -fno-inline gcc emits it.
        t.same(sorted(left.map(calleeOf)), name === 'gcc' ? ['constant'] : []);
        if (left.length > 0) {
          const { stderr } = await runMain([...common, '-fdiagnostics-generate-patch', 'now.o'], {
            directory: folder,
          });
          apply(stderr.slice(stderr.indexOf('--- a/')));
        }
        t.same(await check(), [], 'after');
      });
    },
  );
}
