// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The documentation is executed: every `$ hypcheck` of the README and every example
// of --explain prints what the text shows; the README has every warning and every
// output format; and make demo shows what it says.

import { readFileSync } from 'node:fs';
import t from 'tap';
import { helpText } from '../lib/cli/help.js';
import { splitWords } from '../lib/cli/response-file.js';
import { formatNames } from '../lib/formats/names.js';
import { orderedRules } from '../lib/pages/registry.js';
import { runMain } from './support/run-main.js';

const readme = readFileSync('README.md', 'utf8');

const examples = [...readme.matchAll(/^```console\n\$ hypcheck (.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
  command: match[1] ?? '',
  output: match[2] ?? '',
}));

t.test('every `$ hypcheck` of the README prints the output shown below it', async (t) => {
  t.ok(examples.length >= 2, 'the README has examples');
  for (const { command, output } of examples) {
    const { stdout, stderr } = await runMain(splitWords(command));
    t.equal(stdout + stderr, output, command);
  }
});

t.test('the program accepts every command line of the README', async (t) => {
  const commands = [...readme.matchAll(/^ {4}hypcheck (.*?)(?: {2,}#.*)?$/gm)].map((match) => match[1] ?? '');
  t.ok(commands.length >= 3, 'the README has command lines');
  for (const command of commands) {
    const { status } = await runMain(splitWords(command.replaceAll('DIR', '.')));
    t.not(status, 2, command);
  }
});

t.test('make demo shows findings, and a build without any', async (t) => {
  const commands = [...readFileSync('test/demo', 'utf8').matchAll(/^show (.*)$/gm)];
  const outputs = await Promise.all(commands.map(([, words = '']) => runMain(splitWords(words))));
  t.match(outputs, [{ stderr: /warning: / }, { stderr: /warning: / }, { status: 0, stderr: '' }]);
  t.equal(outputs.length, 3);
});

t.test('the README shows the file of suppressions that its example uses', (t) => {
  t.ok(readme.includes(readFileSync('test/samples/reviewed.suppressions', 'utf8')));
  t.end();
});

t.test("the README's table has every warning with its summary, in order", (t) => {
  const rows = [...readme.matchAll(/^\| `(hyp-[\w-]+)` \| (.*) \|$/gm)].map((match) => [match[1], match[2]]);
  t.same(
    rows,
    orderedRules.map(({ name, summary }) => [name, summary]),
  );
  t.end();
});

t.test('every output format is in --help and the README', async (t) => {
  for (const name of formatNames) {
    t.match(helpText, new RegExp(`-fdiagnostics-format=FORM .*\\b${name}\\b`));
    if (name !== 'text') t.ok(readme.includes(`-fdiagnostics-format=${name}`), name);
  }
});

t.test('every warning is in the change log', (t) => {
  const log = readFileSync('CHANGELOG.md', 'utf8');
  for (const { name } of orderedRules) t.ok(log.includes(`\`${name}\``), name);
  t.end();
});

for (const { name, page } of orderedRules) {
  t.test(`the example of --explain ${name} is part of its sample's output`, async (t) => {
    const { sample, text } = page.example;
    const whole = /\/(hyp-text|flow|inline)\//.test(sample) ? ['--whole'] : [];
    const capability = sample.includes('/flow/') ? ['--vhe-cap=11'] : [];
    const { stderr } = await runMain([...whole, ...capability, `-W${name}`, sample]);
    t.ok(stderr.includes(text), `${text}\nshould be part of\n${stderr}`);
  });
}
