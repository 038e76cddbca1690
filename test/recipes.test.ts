// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The recipes, as far as they can be tried here: their command lines are ones that the
// program takes, their patterns read what it prints, their files are well-formed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseOptions } from '../lib/cli/options.js';
import { runMain } from './support/run-main.js';
import { inFolder, run, without } from './support/tools.js';

const folder = join(import.meta.dirname, '../kbuild/recipes');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

t.test('the list has every page, and README names the list', async (t) => {
  const list = read('README.md');
  for (const page of pages.filter((name) => name !== 'README.md')) t.ok(list.includes(`](${page})`), page);
  t.ok(readFileSync('README.md', 'utf8').includes('(kbuild/recipes/README.md)'));
});

t.test('every command line is one that the program takes', async (t) => {
  let count = 0;
  for (const page of pages) {
    for (const [, line = ''] of read(page).matchAll(/(?<![\w/.'"$-])hypcheck ((?:-|\$)[^`|\n"]*)/g)) {
      const words = line
        .replace(/\s*(2?>|\|\||;).*$/, '')
        .replace(/[,"']+$/, '')
        .replace(/\$\{workspaceFolder\}|\$\(\w+\)|%\{\w+\}|\$\{\w+\}/g, 'x')
        .trim()
        .split(/\s+/);
      const command = parseOptions(words);
      t.equal(command.kind, 'check', `${page}: ${line}: ${JSON.stringify(command)}`);
      count++;
    }
  }
  t.ok(count >= 10, `${count} command lines`);
});

t.test('no recipe lets status 3 pass, which may stand for errors too', async (t) => {
  for (const page of pages) t.notMatch(read(page), /-eq 3|exit_codes:.*3|\|\| true/, page);
});

/** Messages with a place, with a line alone, with an object alone; with the option they are to be read by. */
const printed = async (words: readonly string[]): Promise<readonly string[]> => {
  const { stderr } = await runMain([...words, '-fdiagnostics-plain-output']);
  return stderr.split('\n').filter((line) => /: (warning|error): /.test(line));
};

interface Pattern {
  readonly regexp: string;
  readonly file: number;
  readonly line?: number;
  readonly severity: number;
  readonly message: number;
  readonly code: number;
}

const samples: readonly (readonly string[])[] = [
  ['--whole', 'test/samples/hyp-text/call-helper.o'],
  ['--whole', '-E', 'test/samples/hyp-text/call-helper.o'],
  ['--build', 'test/samples/nvhe/aliases-build'],
  ['test/samples/no-such-file.o'],
];

t.test("GitHub's problem matcher", async (t) => {
  const { problemMatcher } = JSON.parse(read('problem-matcher.json'));
  const patterns: readonly Pattern[] = problemMatcher.map(
    ({ pattern }: { pattern: [Pattern] }) => pattern[0],
  );
  for (const sample of samples) {
    const lines = await printed(sample);
    t.not(lines.length, 0);
    for (const line of lines) {
      const found = patterns.flatMap((pattern) => {
        const match = new RegExp(pattern.regexp).exec(line);
        return match ? [{ pattern, match }] : [];
      });
      t.equal(found.length, 1, line);
      const [{ pattern, match } = { pattern: null, match: null }] = found;
      if (!pattern || !match) continue;
      t.match(match[pattern.code], /^hyp-[a-z-]+$/);
      t.match(match[pattern.severity], /^(warning|error)$/);
      t.ok(line.startsWith(`${match[pattern.file]}:`));
      t.ok(line.includes(match[pattern.message] ?? '?'));
    }
  }
});

t.test("VS Code's", async (t) => {
  const [, block = ''] = /```json\n([\s\S]*?)```/.exec(read('editors.md')) ?? [];
  const { pattern }: { pattern: Pattern } = JSON.parse(block).tasks[0].problemMatcher;
  const { stderr } = await runMain([
    '--whole',
    '-fdiagnostics-plain-output',
    'test/samples/hyp-text/call-helper.o',
  ]);
  const matches = stderr.split('\n').flatMap((line) => new RegExp(pattern.regexp).exec(line) ?? []);
  t.ok(matches.length > 0);
  const lines = stderr.split('\n').filter((line) => /^[^ ]+:\d+/.test(line));
  for (const line of lines) t.match(line, new RegExp(pattern.regexp));
});

t.test("Emacs' pattern for chains reads them", async (t) => {
  const [, pattern = ''] = /\(hypcheck-inlined "(.*?)" 1 2 3/.exec(read('editors.md')) ?? [];
  // Emacs' groups are escaped, JavaScript's are not.
  const regexp = new RegExp(pattern.replaceAll('\\\\(', '(').replaceAll('\\\\)', ')'));
  const { stderr } = await runMain(['--whole', 'test/samples/hyp-text/call-helper.o']);
  const chains = stderr.split('\n').filter((line) => line.includes('inlined from'));
  t.equal(chains.length, 2);
  for (const line of chains)
    t.match(regexp.exec(line)?.slice(1), [/^test\/samples\/.*\.c$/, /^\d+$/, /^\d+$/]);
});

t.test('vim reads the output into its list', { skip: without('vim') }, async (t) => {
  const [, format = ''] = /set errorformat=(.*)/.exec(read('editors.md')) ?? [];
  const { stderr } = await runMain([
    '--whole',
    '-fdiagnostics-plain-output',
    'test/samples/hyp-text/call-helper.o',
  ]);
  inFolder((place) => {
    const script = `set errorformat=${format}\ncexpr ${JSON.stringify(stderr)}\ncall writefile(map(filter(getqflist(), 'v:val.valid'), 'v:val.lnum'), 'lines')\nqa!\n`;
    const file = join(place, 'script.vim');
    run('sh', ['-c', `cat > ${file} <<'X'\n${script}X\nvim -u NONE -es -S ${file} || :`], place);
    t.match(readFileSync(join(place, 'lines'), 'utf8'), /34\n/);
  });
});
