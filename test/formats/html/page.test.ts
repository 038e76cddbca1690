// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The HTML page: what is in it, that it needs no other file, and that no text from the
// input becomes markup.

import { createHash } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import t from 'tap';
import { type Diagnostic, quote } from '../../../lib/diagnostics/diagnostic.js';
import type { Dependence } from '../../../lib/findings/dependency-map.js';
import { fingerprinter } from '../../../lib/formats/fingerprints.js';
import type { FormatContext } from '../../../lib/formats/formatter.js';
import { type PageFacts, page } from '../../../lib/formats/html/page.js';
import { inBrowser, noBrowser } from '../../support/browser.js';
import { pace } from '../../support/pace.js';
import { hostilePage, manyFindings, nothing, writtenPage } from '../../support/pages.js';
import { context, diagnostic } from '../recordings.js';

const print = (
  diagnostics: readonly Diagnostic[],
  facts: Partial<PageFacts> = {},
  changes: Partial<FormatContext> = {},
): string =>
  [
    ...page(
      diagnostics,
      { ...nothing, ...facts },
      context({ fingerprintOf: fingerprinter(diagnostics), ...changes }),
    ),
  ].join('');

const place = { file: 'arch/arm64/kvm/hyp/trap.c', line: 31, column: 9 };
const finding = diagnostic({
  message: `call to ${quote('vcpu_esr')} from hyp code ${quote('handle_trap')}`,
  place,
  function: 'is_valid',
  inlinedFrom: [{ function: 'handle_trap', file: 'arch/arm64/kvm/hyp/trap.c', line: 40, column: 3 }],
  notes: [
    { message: 'leave the work to the host', place: null },
    { message: 'on the side without VHE of has_vhe()', decides: 'not has_vhe(): key+8', place },
    { message: 'in the object', place: { object: 'vmlinux.o', section: '.hyp.text', offset: 0x68 } },
  ],
});

t.test('a finding has its place, sentence, source lines, way and notes', async (t) => {
  const text = print([finding], {}, { sourceLine: (_, line) => `\tline ${line}();` });
  t.match(text, /<h3>arch\/arm64\/kvm\/hyp\/trap\.c<\/h3>/);
  t.match(
    text,
    /<span class="place">31:9<\/span> call to <code>vcpu_esr<\/code> from hyp code <code>handle_trap<\/code>/,
  );
  for (let line = 29; line <= 33; line++) t.match(text, new RegExp(`<i>${line}</i>`), `line ${line}`);
  t.match(text, /<li>leave the work to the host<\/li>/);
  t.match(text, /vmlinux\.o\(\.hyp\.text\+0x68\)/);
  t.notMatch(text, '&lt;U+000A&gt;', 'line ends of the warning’s page are kept');
  const [picture = ''] = /<svg class="way".*?<\/svg>/s.exec(text) ?? [];
  const order = ['not has_vhe(): key+8', 'handle_trap', 'is_valid'];
  t.same(
    [...picture.matchAll(/<title>(.*?)<\/title>/g)].map(([, name]) => name),
    order,
  );
});

t.test('the page needs no other file: no URL, and one style and one script, allowed by hash', async (t) => {
  const text = print([finding]);
  t.notMatch(text, /\b(?:src|href)="(?!#)/);
  t.notMatch(text, /url\(|@import|https?:|\son\w+=|\sstyle=/);
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  t.match(policy, /^default-src 'none';/);
  t.notMatch(policy, /unsafe/);
  for (const tag of ['style', 'script']) {
    const [, content = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text) ?? [];
    const hash = createHash('sha256').update(content).digest('base64');
    t.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
  }
});

t.test('the summary counts what was found, and says what was not looked for', async (t) => {
  const empty = print([]);
  t.match(empty, /Nothing was found that EL2 does not map; everything could be judged\./);
  t.match(empty, /Not looked for: <code>-Wextra<\/code>/);
  t.match(empty, /of unknown version/);
  const full = print(
    [
      finding,
      diagnostic({ warning: 'hyp-unchecked', message: 'a doubt' }),
      diagnostic({ warning: 'hyp-inline-hint', message: 'a hint' }),
    ],
    {
      hasHelpers: true,
      release: '5.6.0',
      leftOut: [
        diagnostic({
          warning: 'hyp-vhe-only',
          message: 'left aside',
          notes: [{ message: 'behind has_vhe()', decides: 'x', place: null }],
        }),
      ],
    },
    { run: { version: '1.2.3', inputs: ['vmlinux.o'] } },
  );
  t.match(
    full,
    /1 finding in 1 file; 1 thing could not be judged; 1 helper had to be inlined; 1 reference left out/,
  );
  t.match(full, /<title>hypcheck: Linux 5\.6\.0<\/title>/);
  t.match(full, /<li>left aside; behind has_vhe\(\)/);
  t.match(full, /<code>vmlinux\.o<\/code>/);
  t.match(full, />1\.2\.3</);
  t.equal(full.match(/<article /g)?.length, 3);
});

const edge = (from: string, to: string, changes: Partial<Dependence> = {}): Dependence => ({
  from,
  to,
  family: 'bss',
  accesses: ['load'],
  outcome: 'fine',
  ...changes,
});

t.test('the map has both sides, what is wrong first, even if it is cut short', async (t) => {
  const text = print([], {
    dependencies: [
      edge('a', 'x'),
      edge('b', 'x', { outcome: 'unknown' }),
      edge('b', 'f', { family: 'kernel-text', outcome: 'not fine' }),
      edge('c', 'y', { family: null, outcome: 'left out' }),
    ],
  });
  const [map = ''] = /<svg class="map".*?<\/svg>/s.exec(text) ?? [];
  const sides = [...map.matchAll(/<g class="(\w+) ([\w-]+)".*?<title>(.*?)<\/title>/g)].map(
    ([, ...row]) => row,
  );
  t.same(sides, [
    ['from', 'bad', 'b'],
    ['from', 'left-out', 'c'],
    ['from', 'fine', 'a'],
    ['to', 'bad', 'f'],
    ['to', 'unknown', 'x'],
    ['to', 'left-out', 'y'],
  ]);
  t.same(
    [...map.matchAll(/<path class="([\w-]+)"/g)].map(([, name]) => name),
    ['fine', 'left-out', 'unknown', 'bad'],
    'what is wrong is drawn last, over the rest',
  );
  const many = Array.from({ length: 500 }, (_, index) => edge(`f${index}`, `x${index}`));
  const large = print([], { dependencies: [...many, edge('z', 'bad', { outcome: 'not fine' })] });
  t.match(large, /and \d+ more functions/);
  t.match(large, /and \d+ more names/);
  t.match(large, /<g class="to bad".*?<title>bad<\/title>/);
});

t.test('families in the map are in the order of what is wrong in them, then of their names', async (t) => {
  const familiesOf = (dependencies: readonly Dependence[]) => {
    const [, right = ''] = /<svg class="map"(.*?)<\/svg>/s.exec(print([], { dependencies })) ?? [];
    return [...right.matchAll(/<text class="family"[^>]*>(.*?)</g)].map(([, title]) => title).slice(1);
  };
  const edges = [
    edge('a', 'r', { family: 'rodata' }),
    edge('a', 'z', { family: 'bss' }),
    edge('a', 'd', { family: 'data', outcome: 'unknown' }),
    edge('a', 'p', { family: 'percpu' }),
    edge('a', 't', { family: 'kernel-text', outcome: 'unknown' }),
    edge('a', 'i', { family: 'init', outcome: 'not fine' }),
    edge('a', 'u', { family: null, outcome: 'left out' }),
  ];
  const expected = [
    ...['init code and data', 'data', 'kernel code', 'not defined here'],
    ...['zeroed data', 'per-CPU data', 'read-only data'],
  ];
  t.same(familiesOf(edges), expected);
  t.same(familiesOf([...edges].reverse()), expected, 'whatever the order of the references');
});

t.test('no text from the input becomes markup', async (t) => {
  const text = hostilePage();
  const tags = [...text.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, name]) => name?.toLowerCase());
  for (const name of ['img', 'iframe', 'object', 'base', 'link']) t.notOk(tags.includes(name), name);
  t.equal(tags.filter((name) => name === 'script').length, 2, 'one script');
  t.equal(tags.filter((name) => name === 'style').length, 2, 'one style');
  t.notMatch(text, /\p{Bidi_C}|\u2028/u);
});

t.test('a browser finds no markup in the same names', { skip: noBrowser }, async (t) => {
  const file = writtenPage(t, hostilePage());
  await inBrowser(file, { width: 1000, scheme: 'light', scripts: true }, async ({ ask, complaints }) => {
    t.equal(await ask('window.injected === undefined'), true);
    t.equal(await ask("document.querySelectorAll('img, iframe, base, [onerror], [onclick]').length"), 0);
    t.equal(await ask("document.querySelectorAll('script').length"), 1);
    t.same(complaints, []);
  });
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    t.test(
      `the page fits, filters and takes keys: ${scheme}, ${width} pixels`,
      { skip: noBrowser },
      async (t) => {
        const file = writtenPage(
          t,
          print(manyFindings(12), {
            dependencies: [edge('a', 'x'), edge('b', 'y', { outcome: 'not fine' })],
          }),
        );
        await inBrowser(
          file,
          { width, scheme, scripts: true },
          async ({ ask, picture, press, complaints }) => {
            t.same(complaints, []);
            const out =
              "[...document.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest('pre, .wide')).map((one) => one.outerHTML.slice(0, 80))";
            t.same(await ask(out), [], 'nothing is wider than the window');
            const paper = await ask<string>('getComputedStyle(document.body).backgroundColor');
            const [red = 0] = paper.match(/\d+/g)?.map(Number) ?? [];
            t.ok(scheme === 'dark' ? red < 60 : red > 200, paper);
            t.ok((await picture()).length > 10_000, 'the picture is not blank');

            const shown =
              "[...document.querySelectorAll('#list article')].filter((one) => one.offsetHeight > 0).length";
            t.equal(await ask(shown), 12);
            const focus = "document.querySelector('input').focus()";
            await ask(focus);
            await press('Space');
            t.equal(await ask(shown), 6, 'a filter works by keyboard');
            t.match(await ask("document.querySelector('#shown').textContent"), '6 of 12 shown');
            await press('Space');
            await ask("document.querySelector('.map g[data-from]').focus()");
            t.ok(
              await ask("document.querySelector('.map').classList.contains('picked')"),
              'the map follows the focus',
            );
            await press('Tab');
            t.ok(await ask("document.activeElement.closest('.map') !== null"), 'Tab moves on within the map');
          },
        );
      },
    );
  }
}

t.test('without scripts all findings are shown, and no filters', { skip: noBrowser }, async (t) => {
  const file = writtenPage(t, print(manyFindings(12)));
  await inBrowser(file, { width: 800, scheme: 'light', scripts: false }, async ({ ask }) => {
    t.equal(
      await ask(
        "[...document.querySelectorAll('#list article')].filter((one) => one.offsetHeight > 0).length",
      ),
      12,
    );
    t.equal(
      await ask("document.querySelector('form').offsetHeight"),
      0,
      'filters, which need scripts, are hidden',
    );
  });
});

t.test('a page of 10,000 findings opens within four seconds', { skip: noBrowser }, async (t) => {
  const file = writtenPage(t, print(manyFindings(10_000)));
  await inBrowser(file, { width: 1280, scheme: 'light', scripts: true }, async ({ ask, loaded }) => {
    t.comment(`${Math.round(loaded)} ms`);
    t.equal(await ask("document.querySelectorAll('#list article').length"), 10_000);
    // A browser measures elapsed time, which grows with the load of the machine.
    const [waiting = 0] = loadavg();
    const share = Math.max(1, waiting / cpus().length);
    t.ok(loaded < 2000 * 2 * pace * share, `${Math.round(loaded)} ms`);
  });
});
