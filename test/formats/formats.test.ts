// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which output formats there are, and what holds for each.

import t from 'tap';
import { loadFormat } from '../../lib/formats/formats.js';
import {
  type FormatName,
  formatNames,
  isFormatName,
  isReportName,
  reportNames,
} from '../../lib/formats/names.js';
import { attributeFindings, context, identifierFindings, outcome, reportText } from './recordings.js';

t.test('the names of formats and of reports are known, and no others', async (t) => {
  t.same([...formatNames], ['text', 'json', 'sarif', 'gitlab', 'modpost']);
  t.same([...reportNames], ['json', 'sarif', 'gitlab', 'html']);
  for (const name of formatNames) t.ok(isFormatName(name), name);
  for (const name of ['xml', 'html', '', 'toString', 'Text']) t.notOk(isFormatName(name), name);
  for (const name of ['text', 'modpost', 'toString', '']) t.notOk(isReportName(name), name);
});

t.test('text and modpost output go to stderr, the others to stdout', async (t) => {
  const streams: Readonly<Record<FormatName, string>> = {
    text: 'stderr',
    json: 'stdout',
    sarif: 'stdout',
    gitlab: 'stdout',
    modpost: 'stderr',
  };
  for (const name of formatNames) t.equal((await loadFormat(name)).stream, streams[name], name);
});

t.test('a formatter keeps no state: the same findings give the same bytes', async (t) => {
  const findings = [...attributeFindings(), ...identifierFindings];
  for (const name of formatNames) {
    const formatter = await loadFormat(name);
    const report = (): string => reportText(formatter, findings, outcome('some'), context());
    t.equal(report(), report(), name);
    t.ok(report().endsWith('\n'), `${name} ends its last line`);
  }
});
