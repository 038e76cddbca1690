// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All references are counted; those that are fine are kept only where they are wanted.

import t from 'tap';
import { noFacts } from '../../lib/policy/hyp-map.js';
import { Judgements } from '../../lib/policy/judgements.js';
import { policiesFor } from '../../lib/policy/policy.js';
import { collectReferences } from '../../lib/references/collect.js';
import { imageOf, open } from '../support/objects.js';
import { assemble, without } from '../support/tools.js';

const skip = without('aarch64-linux-gnu-as');

t.test(
  'all references are counted, and fine ones are kept only if they leave hyp and are wanted',
  { skip },
  async (t) => {
    const object = await open(
      assemble(`
      .section .hyp.text, "ax"
      .global f, g
      .type f, %function
      f: bl g
      bl host
      adrp x0, table
      ldr x0, [x0, :lo12:table]
      ret
      .size f, . - f
      .type g, %function
      g: ret
      .size g, . - g
      .section .rodata
      .type table, %object
      table: .quad 0
      .size table, 8
      .text
      .global host
      .type host, %function
      host: ret
      .size host, . - host
    `),
      'vmlinux.o',
    );
    const image = imageOf([object], { whole: true });
    const { policy } = policiesFor(image, noFacts);
    const judged = (wantsLeaving: boolean) => {
      const judgements = new Judgements(policy, wantsLeaving);
      collectReferences(image, object, [], false, judgements.take);
      const { references, leaving, kept } = judgements;
      return { references, leaving, kept: kept.map(({ target }) => target.name) };
    };
    t.same(judged(false), { references: 3, leaving: 2, kept: ['host'] });
    t.same(judged(true), { references: 3, leaving: 2, kept: ['host', 'table'] });
  },
);
