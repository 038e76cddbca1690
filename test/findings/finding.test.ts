// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { makeFinding, unchecked } from '../../lib/findings/finding.js';
import { build, sectionOf } from '../support/objects.js';

t.test('makeFinding() fills in what is not given', async (t) => {
  const claim = { warning: 'hyp-section', facts: { kind: 'section', section: '.data' } } as const;
  t.same(makeFinding(claim, 'a.o'), {
    claim,
    at: null,
    shows: 'instruction',
    judgement: null,
    reach: null,
    users: [],
    absorbed: [],
    object: 'a.o',
  });
  t.equal(makeFinding(claim, 'a.o', { shows: 'variable' }).shows, 'variable');
});

t.test('unchecked() makes a sentence about an object, or about a place in it', async (t) => {
  t.same(unchecked('a.o', 'it is torn').claim, {
    warning: 'hyp-unchecked',
    facts: { kind: 'sentence', sentence: 'it is torn' },
  });
  const object = await build({ sections: [{ name: '.hyp.text', items: [0] }] });
  const at = { object, section: sectionOf(object, '.hyp.text'), offset: 0 };
  t.equal(unchecked('a.o', 'it is torn', at).at, at);
});
