// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { neverReturns } from '../../lib/flow/noreturn.js';

t.test('a name means “never returns” in its own half of the kernel, or if it is undefined', async (t) => {
  t.same(
    [true, false, null].map((isHyp) => neverReturns('panic', isHyp)),
    [false, true, true],
    'panic() is the host’s',
  );
  t.same(
    [true, false, null].map((isHyp) => neverReturns('hyp_panic', isHyp)),
    [true, false, true],
    'hyp_panic() is hyp code’s',
  );
  t.ok(neverReturns('panic.isra.0', false), 'with a compiler’s suffix');
  t.notOk(neverReturns('printk', false));
});
