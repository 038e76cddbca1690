// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { Agenda } from '../../lib/flow/agenda.js';

const takeAll = (agenda: Agenda): readonly number[] => {
  const taken: number[] = [];
  for (let next = agenda.take(); next !== undefined; next = agenda.take()) taken.push(next);
  return taken;
};

t.test('addresses are taken lowest first, each once, in whatever order they were added', async (t) => {
  let seed = 7;
  for (let length = 0; length < 40; length++) {
    const agenda = new Agenda();
    const added = Array.from({ length }, () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return (seed % 50) * 4;
    });
    for (const address of added) agenda.add(address);
    t.same(
      takeAll(agenda),
      [...new Set(added)].sort((a, b) => a - b),
      added.join(' '),
    );
  }
});

t.test('an address that was taken can be added again', async (t) => {
  const agenda = new Agenda();
  agenda.add(8);
  agenda.add(4);
  t.equal(agenda.take(), 4);
  agenda.add(4);
  agenda.add(12);
  t.same(takeAll(agenda), [4, 8, 12]);
  t.equal(agenda.take(), undefined);
});
