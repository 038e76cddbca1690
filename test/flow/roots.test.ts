// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where hyp code is entered from outside.

import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import { nameAt } from '../../lib/code/functions.js';
import { SHF, STB, STT } from '../../lib/elf/vocabulary.js';
import { findRoots } from '../../lib/flow/roots.js';
import { type BuiltSection, code, type Item } from '../support/object-builder.js';
import { build, imageOf, sectionOf } from '../support/objects.js';

const nop = 0xd503201f;
const ret = 0xd65f03c0;
const call = (to: string): Item => ({ word: 0x94000000, relocation: { type: 283, to } });
const address = (to: string): Item => ({ quad: 0n, relocation: { type: 257, to } });
const global = (label: string): Item => ({ label, type: STT.FUNC, binding: STB.GLOBAL });

const hyp: BuiltSection = {
  name: '.hyp.text',
  flags: code,
  items: [global('f'), nop, ret, { end: 'f' }, { label: 'g', type: STT.FUNC }, nop, ret, { end: 'g' }],
};

/** `f address`, `g vector`; `call f` and `f handed out` for what host code does. */
const rootsOf = async (
  plans: readonly (readonly BuiltSection[])[],
  { isComplete = true, isOfHyp = (): boolean => false } = {},
): Promise<readonly string[]> => {
  const objects = await Promise.all(plans.map((sections, index) => build({ sections }, `${index}.o`)));
  const space = new AddressSpace(imageOf(objects));
  const { entries, hostCalls, handedOut } = findRoots(space, [], isComplete, isOfHyp);
  const name = (at: number): string => {
    const place = space.placeOf(at);
    return place ? (nameAt(place) ?? `${place.section.name}+${place.offset}`) : (space.nameOf(at) ?? '?');
  };
  return [
    ...[...entries].map(([at, cause]) => `${name(at)} ${cause.kind}`),
    ...hostCalls.map(({ target }) => `call ${name(target)}`),
    ...handedOut.map(({ target }) => `${name(target)} handed out`),
  ].sort();
};

t.test('addresses in host data are entries; branches and addresses in host code are listed', async (t) => {
  const data = { name: '.data', flags: SHF.ALLOC | SHF.WRITE };
  t.same(await rootsOf([[hyp, { ...data, items: [address('g')] }]]), ['g address']);
  t.same(await rootsOf([[hyp, { name: '.text', flags: code, items: [call('f')] }]]), ['call f']);
  t.same(
    await rootsOf([
      [
        hyp,
        { name: '.text', flags: code, items: [{ word: 0x90000000, relocation: { type: 275, to: 'g' } }] },
      ],
    ]),
    ['g handed out'],
    'an entry only if the host code is executed',
  );
  t.same(
    await rootsOf([[hyp, { name: '.text', flags: code, items: [address('g')] }]]),
    ['g address'],
    'data among host code',
  );
  t.same(await rootsOf([[hyp]]), [], 'nothing refers to hyp code');
});

t.test('addresses in patch tables, trap tables and notes are no entries', async (t) => {
  const quiet = [
    ...[
      '.eh_frame',
      '.discard.addressable',
      '__mcount_loc',
      '__patchable_function_entries',
      '_kprobe_blacklist',
    ],
    ...['__bug_table', '.orc_unwind_ip', '.kcfi_traps'],
    ...['__jump_table', '.altinstructions', '__ex_table', '__kvm_ex_table'],
  ];
  for (const name of quiet) t.same(await rootsOf([[hyp, { name, items: [address('f')] }]]), [], name);
  const loud = ['.data', '.rodata', '__ksymtab', '.init.data', '.altinstr_replacement', 'nobody.knows'];
  for (const name of loud)
    t.same(await rootsOf([[hyp, { name, items: [address('f')] }]]), ['f address'], name);
  t.same(await rootsOf([[hyp, { name: '.debug_info', flags: 0, items: [address('f')] }]]), [], 'not loaded');
});

t.test('a global hyp symbol is an entry if the link is not complete', async (t) => {
  t.same(await rootsOf([[hyp]], { isComplete: false }), ['f global']);
});

t.test('another object’s host code enters hyp code, and hyp code itself does not', async (t) => {
  const host = [{ name: '.text', flags: code, items: [call('f')] }];
  t.same(await rootsOf([[hyp], host]), ['call f']);
  t.same(await rootsOf([[hyp], host], { isOfHyp: () => true }), [], 'replacement code of hyp code');
  t.same(
    await rootsOf([[{ ...hyp, items: [...(hyp.items ?? []), call('g')] }]]),
    [],
    'calls of hyp code are for the walk',
  );
});

t.test('a literal among hyp code that no instruction loads is an entry', async (t) => {
  const literal = [{ label: '$d' }, address('g'), { label: '$x' }];
  const load = 0x58000040; // ldr x0, .+8
  const with_ = (first: number) => [
    { ...hyp, items: [{ label: 'h', type: STT.FUNC }, first, ret, ...literal, ...(hyp.items ?? [])] },
  ];
  t.same(await rootsOf([with_(nop)]), ['g address']);
  t.same(await rootsOf([with_(load)]), []);
});

t.test('each slot of a vector table whose address is taken is an entry', async (t) => {
  const vectors = {
    name: '.hyp.text',
    flags: code,
    items: [{ label: '__kvm_hyp_vector', binding: STB.GLOBAL }, { bytes: new Uint8Array(256) }],
  };
  const data = { name: '.data', items: [address('__kvm_hyp_vector')] };
  t.same(await rootsOf([[vectors, data]]), ['__kvm_hyp_vector address', '__kvm_hyp_vector vector']);
});

t.test('each slot of a range of hyp code in a host section is an entry', async (t) => {
  const object = await build({
    sections: [{ name: '.text', flags: code, items: [{ bytes: new Uint8Array(256) }] }],
  });
  const space = new AddressSpace(imageOf([object]));
  const section = sectionOf(object, '.text');
  const { entries } = findRoots(
    space,
    [{ code: { object, section, offset: 0 }, length: 256 }],
    true,
    () => false,
  );
  t.same(
    [...entries.keys()].map((at) => at - space.startOf(object, section)),
    [0, 128],
  );
});
