// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// GitLab's code quality report: an array of one object a finding [GitLab docs,
// "Code Quality report format"], for `artifacts: reports: codequality:`. A place is
// needed: without a line of source it is line 1 of the object.

import type { Diagnostic, Severity } from '../diagnostics/diagnostic.js';
import type { Formatter } from './formatter.js';
import { jsonEscape, printable, withPlainQuotes } from './printable.js';

const severities: Readonly<Record<Severity, 'critical' | 'major' | 'info'>> = {
  error: 'critical',
  warning: 'major',
  note: 'info',
};

const issue = ({ message, warning, severity, place, object }: Diagnostic, fingerprint: string) => ({
  description: withPlainQuotes(message),
  check_name: warning ?? 'hyp-reference',
  fingerprint,
  severity: severities[severity],
  location: { path: place?.file ?? object, lines: { begin: Math.max(1, place?.line ?? 1) } },
});

export const gitlab: Formatter = {
  stream: 'stdout',
  names: 'tree',
  most: null,
  header: () => '[',
  result: (diagnostic, previous, context) =>
    `${previous === null ? '' : ','}\n${printable(JSON.stringify(issue(diagnostic, context.fingerprintOf(diagnostic))), jsonEscape)}`,
  footer: () => '\n]\n',
};
