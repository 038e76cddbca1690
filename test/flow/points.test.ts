// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which instructions make a reference, and what has to be used for it. That each
// of them counts where it is executed, reach.test.ts says.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { coverAt } from '../../lib/code/functions.js';
import { happens, placedPoints } from '../../lib/flow/points.js';
import { noFacts } from '../../lib/policy/hyp-map.js';
import { policiesFor } from '../../lib/policy/policy.js';
import { judgementsOf } from '../support/judged.js';
import { without } from '../support/tools.js';
import { fun, groundedOn, imageOfCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const more = `.globl host, data, constant\n${fun('host', 'ret')}.data\n.balign 8\ndata: .quad 0\n.quad f\n.section .rodata\n.balign 8\nconstant: .quad 0\n`;

/** `f+4 if used at f+4`: the points of the references to a name. */
const pointsOf = async (body: string, to: string): Promise<readonly string[]> => {
  const image = await imageOfCode(fun('f', body), more);
  const space = new AddressSpace(image);
  const { policy } = policiesFor(image, noFacts);
  const name = (address: number): string => {
    const place = space.placeOf(address);
    const cover = place && coverAt(place);
    return place && cover ? `${cover.name}+${place.offset - cover.start}` : '?';
  };
  return image.objects
    .flatMap((object) => judgementsOf(image, object, policy))
    .filter(({ target }) => target.name === to)
    .flatMap((judgement) => placedPoints(space, judgement))
    .map(({ address, formedAt }) =>
      [name(address), ...formedAt.map((at) => `if used at ${name(at)}`)].join(' '),
    );
};

t.test('a call is made where it stands', { skip }, async (t) => {
  t.same(await pointsOf('nop\nbl host\nret', 'host'), ['f+4']);
  t.same(await pointsOf('bl host\nb host', 'host'), ['f+0', 'f+4']);
});

t.test('an address is made where it is completed, and has to be used', { skip }, async (t) => {
  t.same(await pointsOf('adrp x5, data\nadd x5, x5, :lo12:data\nret', 'data'), ['f+4 if used at f+4']);
  t.same(await pointsOf('adrp x5, data\nldr x1, [x5, :lo12:data]\nret', 'data'), ['f+4'], 'a load uses it');
  t.same(
    await pointsOf('adrp x5, data\nprfm pldl1keep, [x5, :lo12:data]\nret', 'data'),
    ['f+4'],
    'a prefetch',
  );
  t.same(await pointsOf('adrp x5, data\nret', 'data'), [], 'not by ADRP alone');
});

t.test(
  'a literal is read where it is loaded, a slot of data by nobody in particular',
  { skip },
  async (t) => {
    t.same(await pointsOf('nop\nldr x0, 1f\nret\n.balign 8\n1: .quad data', 'data'), ['f+4']);
    t.same(await pointsOf('ret\n.section .hyp.data, "aw"\n.quad data\n.section .hyp.text', 'data'), []);
  },
);

t.test('a rule that only some uses break is broken there', { skip }, async (t) => {
  const formed = 'adrp x5, constant\nadd x5, x5, :lo12:constant\n';
  t.same(await pointsOf(`${formed}ldr x1, [x5]\nstr x1, [x5]\nstr x2, [x5]\nret`, 'constant'), [
    'f+12 if used at f+4',
    'f+16 if used at f+4',
  ]);
});

t.test('a point counts if it is executed and, where that is asked, its address used', { skip }, async (t) => {
  const { ground, at } = await groundedOn(
    fun('f', 'adr x0, f\nadr x1, f\nstr x0, [x2]\nmov x0, #0\nmov x1, #0\nret\nnop'),
    more,
  );
  const walk = ground.newWalk('without-vhe', 'all', ground.efforts.judging);
  walk.enter(at('f'), { kind: 'host-call' });
  walk.run();
  const [place] = [ground.space.placeOf(at('f'))];
  if (!place) throw new Error('f');
  const counts = (executed: string, ...formedAt: readonly string[]) =>
    happens(walk, { place, address: at(executed), formedAt: formedAt.map(at) });
  t.equal(counts('f+8'), true);
  t.equal(counts('f+24'), false, 'not executed');
  t.equal(counts('f+8', 'f'), true, 'stored');
  t.equal(counts('f+8', 'f+4'), false, 'formed, and not used');
  t.equal(counts('f+8', 'f+4', 'f'), true, 'one of two');
  t.equal(counts('f+24', 'f'), false);
});
