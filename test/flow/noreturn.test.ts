// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { neverReturns } from '../../lib/flow/noreturn.js';

t.test('a name counts where the function is, or where nobody has it', async (t) => {
  t.same(
    [true, false, null].map((isHyp) => neverReturns('panic', isHyp)),
    [false, true, true],
    'of the host',
  );
  t.same(
    [true, false, null].map((isHyp) => neverReturns('hyp_panic', isHyp)),
    [true, false, true],
    'of hyp code',
  );
  t.ok(neverReturns('panic.isra.0', false), 'as the compiler named it');
  t.notOk(neverReturns('printk', false));
});
