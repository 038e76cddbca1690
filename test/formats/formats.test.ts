// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which forms there are, and what holds for every one of them.

import t from 'tap';
import { formats } from '../../lib/formats/formats.js';
import { formatReport } from '../../lib/formats/formatter.js';
import { isFormatName } from '../../lib/formats/names.js';
import { attributeFindings, context, identifierFindings } from './recordings.js';

t.test('text, json and modpost, and no other name', async (t) => {
  t.same(Object.keys(formats), ['text', 'json', 'modpost']);
  for (const name of ['text', 'json', 'modpost']) t.ok(isFormatName(name), name);
  for (const name of ['sarif', 'gitlab', 'html', '', 'toString', 'Text']) t.notOk(isFormatName(name), name);
});

t.test('machine-readable output goes to stdout, what people read to stderr', async (t) => {
  t.same(
    Object.entries(formats).map(([name, { stream }]) => [name, stream]),
    [
      ['text', 'stderr'],
      ['json', 'stdout'],
      ['modpost', 'stderr'],
    ],
  );
});

t.test('a form keeps nothing: the same findings give the same bytes', async (t) => {
  const findings = [...attributeFindings(), ...identifierFindings];
  for (const [name, formatter] of Object.entries(formats)) {
    const report = (): string => formatReport(formatter, findings, { warningsAsErrors: 'some' }, context());
    t.equal(report(), report(), name);
    t.ok(report().endsWith('\n'), `${name} ends its last line`);
  }
});
