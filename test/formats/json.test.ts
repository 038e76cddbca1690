// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// JSON output against bytes that gcc 12 printed, and the key `hyp`, which gcc does
// not have.

import t from 'tap';
import { type Diagnostic, quote } from '../../lib/diagnostics/diagnostic.js';
import { defaultPalette } from '../../lib/formats/colors.js';
import type { FormatContext } from '../../lib/formats/formatter.js';
import { json } from '../../lib/formats/json.js';
import { at, context, diagnostic, identifierFindings, outcome, recording, reportText } from './recordings.js';

const print = (diagnostics: readonly Diagnostic[], changes: Partial<FormatContext> = {}): string =>
  reportText(json, diagnostics, outcome(), context(changes));

const parse = (diagnostics: readonly Diagnostic[]): unknown => JSON.parse(print(diagnostics));

t.test('JSON output has the bytes that gcc prints', async (t) => {
  t.equal(print(identifierFindings), recording('identifier.json'));
  t.equal(print([]), '[]\n');
});

t.test('colours, quotes and carets do not change JSON output', async (t) => {
  const changes = { palette: defaultPalette, typographicQuotes: true, showCaret: false, plain: true };
  t.equal(print(identifierFindings, changes), print(identifierFindings));
});

t.test('the facts of the reference are in the key hyp', async (t) => {
  const place = at('attribute.c', 18, 'far');
  const finding = diagnostic({
    severity: 'error',
    message: `call to ${quote('far')}`,
    place,
    notes: [
      { message: 'in the object', place: { object: 'vmlinux.o', section: '.hyp.text', offset: 0x68 } },
      { message: `mark ${quote('far')}`, place: null },
    ],
    hyp: {
      object: 'vmlinux.o',
      from: { symbol: '__kvm_nvhe_plain', section: '.hyp.text', offset: 0x68, symbolOffset: 8 },
      to: { symbol: 'far.isra.0', section: null, offset: null, symbolOffset: null },
      relocation: 'CALL26',
      access: 'call',
      reach: 'live',
      inlined: [{ function: 'plain', ...place }],
      callers: [
        { kind: 'call', function: 'trap', place, object: 'vmlinux.o', section: '.hyp.text', offset: 4 },
        { kind: 'address', function: 'v', place: null, object: 'vmlinux.o', section: '.hyp.text', offset: 0 },
      ],
      relocations: [{ section: '.hyp.text', offset: 0x68, type: 'CALL26' }],
    },
  });
  const caret = { 'byte-column': 2, 'display-column': 9, line: 18, file: 'attribute.c', column: 9 };
  const finish = { ...caret, 'byte-column': 4, 'display-column': 11, column: 11 };
  t.same(parse([finding]), [
    {
      kind: 'error',
      locations: [{ finish, caret }],
      'column-origin': 1,
      option: '-Werror=hyp-call',
      'escape-source': false,
      children: [
        {
          kind: 'note',
          'escape-source': false,
          locations: [],
          message: 'in the object: vmlinux.o(.hyp.text+0x68)',
        },
        { kind: 'note', 'escape-source': false, locations: [], message: "mark 'far'" },
      ],
      message: "call to 'far'",
      hyp: {
        object: 'vmlinux.o',
        from: { symbol: '__kvm_nvhe_plain', section: '.hyp.text', offset: 0x68 },
        to: { symbol: 'far.isra.0', section: null, offset: null },
        relocation: 'CALL26',
        access: 'call',
        reach: 'live',
        inlined: [{ function: 'plain', file: 'attribute.c', line: 18, column: 2 }],
        callers: [
          {
            ...{ kind: 'call', function: 'trap', file: 'attribute.c', line: 18, column: 2 },
            ...{ object: 'vmlinux.o', section: '.hyp.text', offset: 4 },
          },
          {
            ...{ kind: 'address', function: 'v', file: null, line: null, column: null },
            ...{ object: 'vmlinux.o', section: '.hyp.text', offset: 0 },
          },
        ],
        relocations: [{ section: '.hyp.text', offset: 0x68, type: 'CALL26' }],
      },
    },
  ]);
});

t.test('a place that is not known is left out, a column is 0', async (t) => {
  const unread = { message: 'm', place: { file: 'gone.c', line: 3, column: 0 } };
  t.match(parse([diagnostic({ message: 'm' }), diagnostic(unread)]), [
    { locations: [], children: [] },
    { locations: [{ caret: { file: 'gone.c', line: 3, column: 0, 'byte-column': 0, 'display-column': 0 } }] },
  ]);
  t.notMatch(print([diagnostic({ message: 'm' })]), /hyp"|fixits|option_url/);
});

t.test('an entry of --references is a note without an option', async (t) => {
  const [fine] = JSON.parse(print([diagnostic({ severity: 'note', warning: null, message: 'm' })]));
  t.match(fine, { kind: 'note', message: 'm' });
  t.notOk('option' in fine);
});

t.test('fix-its have the keys that they have in gcc', async (t) => {
  // gcc 12 for `return odd(a)` behind a tab, where a function `old` is known: start and next as printed there.
  const { file, line, column } = at('identifier.c', 7, 'quux');
  const fixits = [{ file, start: { line, column }, next: { line, column: column + 4 }, text: 'old' }];
  t.match(parse([diagnostic({ message: 'm', fixits })]), [
    {
      fixits: [
        {
          next: { 'byte-column': 13, 'display-column': 20, line: 7, file, column: 20 },
          string: 'old',
          start: { 'byte-column': 9, 'display-column': 16, line: 7, file, column: 16 },
        },
      ],
    },
  ]);
});
