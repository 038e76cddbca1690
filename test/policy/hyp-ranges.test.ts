// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { generations } from '../../lib/policy/generations.js';
import { hypRangesOf } from '../../lib/policy/hyp-ranges.js';
import { code } from '../support/object-builder.js';
import { build } from '../support/objects.js';

t.test('hyp code in a host section is found between its two symbols', async (t) => {
  const vectors = (...labels: readonly (readonly [string, number])[]) =>
    build({
      sections: [{ name: '.text', flags: code, items: [0, 0, 0, 0, 0, 0] }],
      symbols: labels.map(([name, value]) => ({ name, in: { section: '.text' }, value })),
    });
  const ranges = async (...labels: readonly (readonly [string, number])[]) =>
    hypRangesOf([await vectors(...labels)], generations.hypText).map(({ code: place, length }) => [
      place.offset,
      length,
    ]);
  const [start, end] = ['__bp_harden_hyp_vecs_start', '__bp_harden_hyp_vecs_end'];
  t.same(await ranges([start, 4], [end, 20]), [[4, 16]]);
  t.same(await ranges([start, 4]), []);
  t.same(await ranges([start, 20], [end, 4]), [], 'the wrong way round');
  t.same(
    hypRangesOf([await vectors([start, 4], [end, 20])], generations.nvhe),
    [],
    'and only where the generation has them',
  );
});
