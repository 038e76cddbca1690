// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The manual page and the completions: they have exactly the options that the parser
// accepts, and the shells can use them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { bash, fish, zsh } from '../../bin/completions.js';
import { documents } from '../../bin/documents.js';
import { optionTable } from '../../bin/option-table.js';
import { gccOptions } from '../../lib/cli/gcc-options.js';
import { helpText } from '../../lib/cli/help.js';
import { longOptions, parseOptions } from '../../lib/cli/options.js';
import { orderedRules } from '../../lib/pages/registry.js';
import { warningNames } from '../../lib/policy/warnings.js';
import { inFolder, run, without } from '../support/tools.js';

const names = optionTable.flatMap((row) => row.names);
const words = names.map((name) => name.replace(/[ =].*$/, ''));

t.test('the option table has every option that the parser accepts, and no others', async (t) => {
  for (const option of [...longOptions.map((name) => `--${name}`), ...gccOptions]) {
    const [word = ''] = option.split('=');
    const isThere =
      words.includes(word) || word === '-W' || /^-W(all|extra)$/.test(word) || names.includes(option);
    t.ok(isThere, option);
  }
  const values: Readonly<Record<string, string>> = {
    DIR: 'dir',
    N: '3',
    NAME: 'hyp-call',
    FORM: 'json',
    WHEN: 'auto',
    FILE: 'file',
    WARNING: 'hyp-call',
    'FORM=FILE': 'json=file',
  };
  for (const name of names.filter((one) => !one.startsWith('@'))) {
    const line = name.replace(/(?<=[ =]|-W|-Wno-)[A-Z]+(=[A-Z]+)?$/, (value) => values[value] ?? value);
    const command = parseOptions([...line.split(' '), 'x.o']);
    t.not(command.kind, 'usage', `${line}: ${JSON.stringify(command)}`);
  }
});

t.test('every option of --help is in the option table', async (t) => {
  for (const [word] of helpText.matchAll(/(?<![\w-])--?[A-Za-z][a-z-]*/g)) {
    t.ok(
      words.some((one) => one === word || (word === '-W' && one.startsWith('-W'))),
      word,
    );
  }
});

const page = documents['hypcheck.1'] ?? '';

t.test('the manual page has every option and the page of every warning', async (t) => {
  const plain = page
    .replaceAll('\\-', '-')
    .replaceAll(/\\f[BIR]/g, '')
    .replaceAll('\\&', '')
    .replaceAll('\\e', '\\');
  for (const name of names) t.ok(plain.includes(name), name);
  for (const { name, page: own } of orderedRules) {
    t.ok(plain.includes(`.SS ${name}\n`), name);
    for (const sentence of [...own.meaning, ...own.fixes, own.suppress])
      t.ok(plain.includes(sentence), sentence);
  }
});

t.test('mandoc reads the manual page without a warning', { skip: without('mandoc') }, async (t) => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'hypcheck.1'), page);
    t.doesNotThrow(() => run('mandoc', ['-T', 'lint', '-W', 'warning', 'hypcheck.1'], folder));
  });
});

t.test('bash completes options, warnings and forms', { skip: without('bash') }, async (t) => {
  const complete = (line: string): readonly string[] =>
    run('bash', [
      '-c',
      `${bash}
COMP_LINE=$1 COMP_POINT=\${#1}
read -ra COMP_WORDS <<<"\${1//=/ = }"
[[ $1 == *[\\ =] ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_hypcheck
printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      line,
    ])
      .split('\n')
      .filter((one) => one !== '');
  t.same(complete('hypcheck --bui'), ['--build']);
  t.same(complete('hypcheck -fdiagnostics-format=sa'), ['sarif']);
  t.same(complete('hypcheck -Wno-hyp-w'), ['-Wno-hyp-write']);
  t.same(complete('hypcheck --explain hyp-abs'), ['hyp-absolute']);
  t.same(complete('hypcheck --report ht'), ['html=']);
  t.same(complete('hypcheck --vhe=u'), ['unknown']);
});

t.test('zsh parses its completion, which has every warning', { skip: without('zsh') }, async (t) => {
  inFolder((folder) => {
    writeFileSync(join(folder, '_hypcheck'), zsh);
    t.doesNotThrow(() => run('zsh', ['-n', '_hypcheck'], folder));
  });
  for (const name of warningNames) t.ok(zsh.includes(name), name);
});

t.test('fish completes options, warnings and forms', { skip: without('fish') }, async (t) => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'hypcheck.fish'), fish);
    const complete = (line: string): readonly string[] =>
      run('fish', ['--no-config', '-c', `source hypcheck.fish; complete -C '${line}'`], folder)
        .split('\n')
        .flatMap((one) => one.split('\t')[0] || []);
    t.ok(complete('hypcheck --bui').includes('--build'));
    t.ok(complete('hypcheck --explain hyp-abs').includes('hyp-absolute'));
    t.ok(complete('hypcheck -fdiagnostics-format=sa').includes('-fdiagnostics-format=sarif'));
  });
});
