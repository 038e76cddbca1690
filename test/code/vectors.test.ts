// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { vectorSlots } from '../../lib/code/vectors.js';
import { STT } from '../../lib/elf/vocabulary.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const bytes = (length: number): Item => ({ bytes: new Uint8Array(length) });

/** The slots of the vector table at an offset of a section, as offsets. */
const slotsAt = async (items: readonly Item[], offset: number, name = '.hyp.text') => {
  const object = await build({ sections: [{ name, flags: code, items }] });
  const space = new AddressSpace(imageOf([object]));
  const start = space.startOf(object, sectionOf(object, name));
  return [...vectorSlots(space, start + offset)].map((address) => address - start);
};

const sixteen = Array.from({ length: 16 }, (_, index) => index * 128);

t.test('a vector table, known by name or by its alignment, has sixteen slots', async (t) => {
  t.same(await slotsAt([{ label: '__kvm_hyp_vector' }, bytes(2048)], 0), sixteen);
  t.same(await slotsAt([{ label: '__kvm_nvhe___kvm_hyp_init' }, bytes(2048)], 0), sixteen);
  t.same(await slotsAt([{ label: 'label' }, bytes(2048)], 0), sixteen);
  t.same(
    await slotsAt([{ label: '__kvm_hyp_vector' }, bytes(256)], 0),
    [0, 128],
    'no more than the section has',
  );
});

t.test('a set of vector tables has slots up to its end symbol', async (t) => {
  const items = [{ label: '__bp_harden_hyp_vecs' }, bytes(4096), { label: '__bp_harden_hyp_vecs_end' }, 0];
  t.equal((await slotsAt(items, 0)).length, 32);
});

t.test('what is not a vector table has no slots', async (t) => {
  const sized = [{ label: 'f', type: STT.FUNC }, bytes(2048), { end: 'f' }];
  t.same(await slotsAt(sized, 0), [], 'a function');
  t.same(await slotsAt([bytes(128), { label: 'label' }, bytes(2048)], 128), [], 'not aligned');
  t.same(await slotsAt([bytes(2048)], 0), [], 'without a symbol');
  t.same(await slotsAt([{ label: '__kvm_hyp_vector' }, bytes(2048)], 4), []);
  t.same(await slotsAt([{ label: '__kvm_hyp_vector' }, bytes(2048)], 0, '.text'), [], 'not hyp code');
});
