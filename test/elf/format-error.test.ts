// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { FormatError, guard } from '../../lib/elf/format-error.js';

t.test('a message names file, section if there is one, and offset', async (t) => {
  const error = new FormatError('a.o', '.rela.text', 0x40, 'it is torn');
  t.equal(error.message, 'a.o(.rela.text)+0x40: it is torn');
  t.equal(new FormatError('a.o', null, 0, 'it is torn').message, 'a.o+0x0: it is torn');
  t.ok(error instanceof Error);
});

t.test('guard() catches a FormatError, and no other error', async (t) => {
  const error = new FormatError('a.o', null, 0, 'it is torn');
  const failing = (what: Error) => (): string => {
    throw what;
  };
  t.equal(
    guard(
      () => 'whole',
      () => 'other',
    ),
    'whole',
  );
  t.equal(
    guard(failing(error), (fault) => fault.sentence),
    'it is torn',
  );
  t.throws(() => guard(failing(new TypeError('ours')), () => ''), { message: 'ours' });
});
