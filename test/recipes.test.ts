// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The recipes, as far as they can be tried here: the program accepts their command
// lines, their patterns match what it prints, their JSON is well-formed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseOptions } from '../lib/cli/options.js';
import { runMain } from './support/run-main.js';
import { inFolder, run, without } from './support/tools.js';

const folder = join(import.meta.dirname, '../kbuild/recipes');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

t.test('the list of recipes links to every page, and README.md to the list', async (t) => {
  const list = read('README.md');
  for (const page of pages.filter((name) => name !== 'README.md')) t.ok(list.includes(`](${page})`), page);
  t.ok(readFileSync('README.md', 'utf8').includes('(kbuild/recipes/README.md)'));
});

t.test('the program accepts every command line of the recipes', async (t) => {
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

t.test('no recipe ignores status 3, which may stand for errors, too', async (t) => {
  for (const page of pages) t.notMatch(read(page), /-eq 3|exit_codes:.*3|\|\| true/, page);
});

/** The lines of warnings and errors, as tools are to read them. */
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

/** Messages at a line and column, errors, messages at an object, and one at a missing file. */
const samples: readonly (readonly string[])[] = [
  ['--whole', 'test/samples/hyp-text/call-helper.o'],
  ['--whole', '-E', 'test/samples/hyp-text/call-helper.o'],
  ['--build', 'test/samples/nvhe/aliases-build'],
  ['test/samples/no-such-file.o'],
];

t.test("GitHub's problem matcher reads place, severity and warning of every message", async (t) => {
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

t.test("VS Code's problem matcher reads every message with a line", async (t) => {
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

t.test("Emacs' pattern reads the lines of an inline chain", async (t) => {
  const [, pattern = ''] = /\(hypcheck-inlined "(.*?)" 1 2 3/.exec(read('editors.md')) ?? [];
  // Emacs' groups are escaped, JavaScript's are not.
  const regexp = new RegExp(pattern.replaceAll('\\\\(', '(').replaceAll('\\\\)', ')'));
  const { stderr } = await runMain(['--whole', 'test/samples/hyp-text/call-helper.o']);
  const chains = stderr.split('\n').filter((line) => line.includes('inlined from'));
  t.equal(chains.length, 2);
  for (const line of chains)
    t.match(regexp.exec(line)?.slice(1), [/^test\/samples\/.*\.c$/, /^\d+$/, /^\d+$/]);
});

t.test('vim reads the output into its quickfix list', { skip: without('vim') }, async (t) => {
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
