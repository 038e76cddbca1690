// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The registry, the pages of --explain and the table of --list-warnings. The examples
// are run by test/docs.test.ts; here their lines are compared with the samples' sources.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { explain, listWarnings } from '../../lib/pages/explain.js';
import { orderedRules } from '../../lib/pages/registry.js';

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

t.test('two warnings are off by default', async (t) => {
  const off = orderedRules.filter((rule) => rule.default === 'off').map(({ name }) => name);
  t.same(off, ['hyp-inline-hint', 'hyp-vhe-only']);
});

t.test('--list-warnings has one line of at most 80 columns for each warning', async (t) => {
  const lines = listWarnings(orderedRules).trimEnd().split('\n');
  t.equal(lines.length, orderedRules.length);
  t.equal(lines[0], 'hyp-call             on   control leaves hyp text for code that EL2 does not map');
  for (const line of lines) t.ok(line.length <= 80, line);
});

for (const rule of orderedRules) {
  const { name, page } = rule;
  const { sample, text } = page.example;

  t.test(`${name}: the page is wrapped, the example is not`, async (t) => {
    const printed = explain(rule);
    t.ok(printed.startsWith(`${name}: ${rule.summary} (${rule.default} by default)\n`));
    const example = text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`);
    t.ok(printed.includes(`\n${example.join('\n')}\n`), 'holds the example as it is');
    const [, ...lines] = printed.split('\n');
    for (const line of lines) {
      // The lines of the example and the path of the sample are not wrapped.
      if (!example.includes(line) && !line.startsWith('For example')) t.ok(line.length <= 80, line);
      t.notMatch(line, /\s$/, 'no line ends in white space');
    }
    t.same(
      printed.match(/^[A-Z].*$/gm)?.map((title) => title.replace(/, in .*/, '')),
      ['What it means', 'For example', 'How to fix it', 'When to suppress it', 'Kernels'],
    );
  });

  t.test(`${name}: the example shows lines that the sample has`, async (t) => {
    t.ok(existsSync(inRepository(sample)), sample);
    t.match(text, new RegExp(`: warning: .* \\[-W${name}\\]\n`));
    t.notMatch(text, /[‘’]/);
    const places = [...text.matchAll(/^(\S+?\.[chS]):(\d+)(?::\d+)?: .*\n +(\d+) \| (.*)$/gm)];
    t.equal(places.length, text.match(/^ *\d+ \| /gm)?.length ?? 0);
    for (const [, file = '', line, shownLine, shown] of places) {
      t.equal(line, shownLine);
      const source = readFileSync(inRepository(file), 'utf8').split('\n')[Number(line) - 1] ?? '';
      t.equal(shown?.replace(/\s+/g, ' '), source.replace(/\s+/g, ' '), `${file}:${line}`);
    }
  });
}
