// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Links in terminals as gcc 12 was seen to write them, and URLs in reports.

import t from 'tap';
import { manual } from '../../lib/formats/html/manual.js';
import { json } from '../../lib/formats/json.js';
import { sarif } from '../../lib/formats/sarif.js';
import { text } from '../../lib/formats/text.js';
import { chooseUrlEnd } from '../../lib/formats/urls.js';
import { orderedRules } from '../../lib/pages/registry.js';
import { warningNames } from '../../lib/policy/warnings.js';
import { runMain } from '../support/run-main.js';
import { context, diagnostic, outcome, reportText } from './recordings.js';

t.test(
  'whether links are written and how they end depends on option, terminal and environment',
  async (t) => {
    const TERM = 'xterm-256color';
    for (const [when, isTerminal, environment, end] of [
      ['auto', true, { TERM }, 'bel'],
      ['auto', false, { TERM }, null],
      ['auto', true, {}, null],
      ['auto', true, { TERM: 'dumb' }, null],
      ['auto', true, { TERM: 'linux' }, null],
      ['auto', true, { TERM, NO_COLOR: '1' }, null],
      ['auto', true, { TERM, NO_COLOR: '' }, 'bel'],
      ['auto', true, { TERM, COLORTERM: 'xfce4-terminal' }, null],
      ['auto', true, { TERM, COLORTERM: 'truecolor' }, 'bel'],
      ['auto', true, { TERM, TERM_URLS: 'st' }, 'st'],
      ['auto', true, { TERM, GCC_URLS: 'bel', TERM_URLS: 'st' }, 'bel'],
      ['auto', true, { TERM, GCC_URLS: '' }, null],
      ['auto', true, { TERM, GCC_URLS: 'other' }, 'bel'],
      ['auto', false, { TERM, GCC_URLS: 'st' }, null],
      // As in gcc 12, the variables override the command line.
      ['always', false, { GCC_URLS: 'no' }, null],
      ['always', false, { TERM_URLS: 'no' }, null],
      ['always', false, { NO_COLOR: '1' }, 'bel'],
      ['always', false, { GCC_URLS: 'st' }, 'st'],
      ['never', true, { TERM, GCC_URLS: 'st' }, null],
    ] as const)
      t.equal(
        chooseUrlEnd({ when, isTerminal, environment }),
        end,
        `${when} ${isTerminal} ${JSON.stringify(environment)}`,
      );
  },
);

const page = 'https://kernel.example/hypcheck/warnings.html';
const finding = diagnostic({ warning: 'hyp-call', severity: 'warning' });

t.test('the name of the warning and the hint to --explain are links', async (t) => {
  const print = (end: 'st' | 'bel', changes = {}) =>
    reportText(text, [finding], outcome(), context({ links: { end, page }, explains: true, ...changes }));
  const url = `${page}#hyp-call`;
  t.match(print('bel'), `[\u001b]8;;${url}\u0007-Whyp-call\u001b]8;;\u0007]\n`);
  t.match(print('st'), `[\u001b]8;;${url}\u001b\\-Whyp-call\u001b]8;;\u001b\\]\n`);
  t.match(print('bel'), `'\u001b]8;;${url}\u0007--explain hyp-call\u001b]8;;\u0007' says`);
  t.notMatch(print('bel', { plain: true }), '\u001b', 'not in plain output');
  t.equal(
    print('bel').replace(/\p{Cc}\]8;;\P{Cc}*\p{Cc}/gu, ''),
    print('bel', { links: null }),
    'and nothing else changes',
  );
});

t.test('reports have URLs if one was built in', async (t) => {
  const print = (form: typeof json, documentation: string | null) =>
    JSON.parse(reportText(form, [finding], outcome(), context({ documentation })));
  t.equal(print(json, page)[0].option_url, `${page}#hyp-call`);
  t.notOk('option_url' in print(json, null)[0]);
  const rules = print(sarif, page).runs[0].tool.driver.rules;
  t.same(
    rules.map(({ helpUri }: { helpUri: string }) => helpUri),
    warningNames.map((name) => `${page}#${name}`),
  );
  t.notOk('helpUri' in print(sarif, null).runs[0].tool.driver.rules[0]);
});

t.test('the HTML manual has an anchor for every warning, and all that --explain says', async (t) => {
  const html = manual('1.2.3');
  const words = html
    .replace(/<[^>]*>/g, '')
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name as string] ?? '',
    );
  for (const { name, page: own } of orderedRules) {
    t.equal(html.split(`id="${name}"`).length, 2, name);
    for (const one of [...own.meaning, ...own.fixes, own.suppress, own.kernels])
      t.ok(words.includes(one.replaceAll('`', '')), one);
    t.ok(words.includes(own.example.text.trimEnd()), `${name}: its example`);
  }
  t.notMatch(html, /(src|href)="(?!#)/, 'the manual needs no other file');
});

t.test('-fdiagnostics-urls takes auto, always and never', async (t) => {
  const object = 'test/samples/hyp-text/call-helper.o';
  for (const when of ['auto', 'always', 'never']) {
    const { status } = await runMain(['--whole', `-fdiagnostics-urls=${when}`, object]);
    t.equal(status, 0, when);
  }
  const { status, stderr } = await runMain(['-fdiagnostics-urls=x', object]);
  t.equal(status, 2);
  t.match(stderr, "-fdiagnostics-urls is 'auto', 'always' or 'never', not 'x'");
  const { stderr: printed } = await runMain(['--whole', '-fdiagnostics-urls=always', object]);
  t.notMatch(printed, '\u001b', 'without a built-in URL there are no links');
});
