// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { readConfiguration } from '../../lib/c-source/configuration.js';

t.test('options of auto.conf have the values that autoconf.h defines', async (t) => {
  const configuration = readConfiguration(
    'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\nCONFIG_D="a b"\nCONFIG_E=0x10\nX=y\n CONFIG_F=y\n',
  );
  t.same(
    [...configuration],
    [
      ['CONFIG_A', '1'],
      ['CONFIG_C_MODULE', '1'],
      ['CONFIG_D', '"a b"'],
      ['CONFIG_E', '0x10'],
    ],
  );
});
