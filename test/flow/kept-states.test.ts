// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Few states and many are found by place, and listed in the order they were added.

import t from 'tap';
import { KeptStates } from '../../lib/flow/kept-states.js';
import { nothingKnown, withValue } from '../../lib/flow/state.js';
import { constant } from '../../lib/flow/values.js';

t.test('each place has its own state, and all are listed in the order they were added', async (t) => {
  const states = new KeptStates();
  const places = Array.from({ length: 40 }, (_, index) => 0x1000 + ((index * 28) % 164));
  const stateOf = (place: number) => withValue(nothingKnown, 1, constant(BigInt(place)));
  for (const [index, place] of places.entries()) {
    t.equal(states.at(place), undefined);
    states.add(place, stateOf(place));
    const seen = places.slice(0, index + 1);
    t.same(
      [...states.all()].map((one) => one.place),
      seen,
    );
    t.ok(seen.every((one) => states.at(one)?.state.values[0] !== undefined));
  }
  const first = states.at(0x1000);
  if (first) first.state = nothingKnown;
  t.equal(states.at(0x1000)?.state, nothingKnown, 'a state may be replaced');
  t.same(
    places.slice(1).map((place) => states.at(place)?.state),
    places.slice(1).map(stateOf),
  );
});
