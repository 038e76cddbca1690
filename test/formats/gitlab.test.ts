// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { type Diagnostic, quote } from '../../lib/diagnostics/diagnostic.js';
import { fingerprinter } from '../../lib/formats/fingerprints.js';
import { gitlab } from '../../lib/formats/gitlab.js';
import { context, diagnostic, outcome, reportText } from './recordings.js';

const read = (diagnostics: readonly Diagnostic[]) =>
  JSON.parse(
    reportText(gitlab, diagnostics, outcome(), context({ fingerprintOf: fingerprinter(diagnostics) })),
  );

t.test('a finding has the fields that GitLab requires', async (t) => {
  t.same(read([]), []);
  const message = `call to ${quote('bad')}`;
  const place = { file: 'arch/arm64/kvm/x.c', line: 7, column: 3 };
  const [first, second, third] = read([
    diagnostic({ message, place, severity: 'error' }),
    diagnostic({ message, place }),
    diagnostic({ warning: 'hyp-unchecked', message, object: 'vmlinux.o' }),
  ]);
  t.match(first, {
    description: "call to 'bad'",
    check_name: 'hyp-call',
    severity: 'critical',
    location: { path: 'arch/arm64/kvm/x.c', lines: { begin: 7 } },
  });
  t.match(first.fingerprint, /^[0-9a-f]{32}$/);
  t.match(second, { severity: 'major' });
  t.not(second.fingerprint, first.fingerprint, 'GitLab shows only one finding of a fingerprint');
  t.same(third.location, { path: 'vmlinux.o', lines: { begin: 1 } });
});
