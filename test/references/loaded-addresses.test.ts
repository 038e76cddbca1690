// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Kernel addresses that hyp code loads from slots of data, and then uses.

import t, { type Test } from 'tap';
import { nameAt } from '../../lib/code/functions.js';
import { referencesOf } from '../support/judged.js';
import { imageOf, open } from '../support/objects.js';
import { assemble } from '../support/tools.js';
import { collect, skip, useTexts } from './collected.js';

const test = (name: string, body: (t: Test) => Promise<void>) => t.test(name, { skip }, body);

const tables = `
  .data
  host: .quad 0
  written: .quad host
  .section .rodata, "a"
  .balign 8
  .type three, %object
  three: .quad 0, host, host + 8
  .size three, . - three
  .type one, %object
  one: .quad host
  .size one, . - one
  .type words, %object
  words: .word host - words, 0
  .size words, . - words
`;

/** For each: place of the load, the target's offset in .data, the slot's variable, number of slots, uses. */
const loaded = async (body: string, loadsKernelAddresses = true): Promise<readonly string[]> => {
  const object = await open(
    assemble(`.section .hyp.text, "ax"\n.type f, %function\nf:\n${body}\n.size f, . - f\n${tables}`),
  );
  const { references } = referencesOf(imageOf([object]), object, loadsKernelAddresses);
  return references.flatMap(({ at, target, source, uses, relocations }) => {
    if (!source) return [];
    t.same(relocations, [], 'slots of the host are not counted');
    const to = target.kind === 'place' ? target.place.offset : target.kind;
    const used = uses().map(({ kind, offset }) => `${kind} ${offset}`);
    return [`${at.offset}: ${to} of ${nameAt(source.slot)} (${source.count}) ${used.join(', ')}`];
  });
};

const form = (symbol: string) => `adrp x1, ${symbol}\nadd x1, x1, :lo12:${symbol}`;

test('a load from a known slot refers to what that slot holds', async (t) => {
  t.same(await loaded(`${form('three')}\nldr x2, [x1, #16]\nbr x2`), ['8: 8 of three (1) branch 12']);
  t.same(await loaded(`${form('three + 24')}\nldr x2, [x1]\nblr x2\nret`), ['8: 0 of one (1) branch 12']);
  t.same(await loaded(`${form('three')}\nsub x3, x1, #8\nldr x2, [x3, #32]\nstr x0, [x2]\nret`), [
    '12: 0 of one (1) store 16',
  ]);
  t.same(await loaded('adrp x1, one\nldr x9, [x1, :lo12:one]\nldr x0, [x9]\nret'), [
    '4: 0 of one (1) load 8',
  ]);
  t.same(await loaded(`${form('three')}\nldr x2, [x1]\nbr x2`), [], 'the slot holds no address');
});

test('a prefetch forms an address, and leaves it in no register', async (t) => {
  // The bits that name the register of a load name the kind of a prefetch: pldl2strm is 3.
  t.same(await loaded('adrp x1, three\nprfm pldl2strm, [x1, :lo12:three]\nldr x2, [x3, #8]\nbr x2'), []);
});

test('a literal of a vector register is none of the general register of its number', async (t) => {
  const uses = async (load: string): Promise<readonly string[]> => {
    const { references } = await collect(`${load}, 1f\nldr x2, [x3, #8]\nbr x2\n.balign 8\n1: .quad data`);
    return references.filter(({ access }) => access === 'absolute').flatMap(useTexts);
  };
  t.not((await uses('ldr x3')).length, 0, 'as a general register');
  t.same(await uses('ldr d3'), []);
  t.same(await uses('ldr q3'), []);
  t.same(await uses('prfm pldl2strm'), []);
});

test('a load from an unknown slot refers to what all slots of the variable hold', async (t) => {
  const all = ['12: 0 of three (2) branch 16'];
  t.same(await loaded(`${form('three')}\nadd x1, x1, x0, lsl #3\nldr x2, [x1]\nbr x2`), all);
  t.same(await loaded(`${form('three')}\nnop\nldr x2, [x1, w0, uxtw #3]\nbr x2`), all);
  t.same(await loaded(`${form('three')}\nnop\nldp x0, x2, [x1]\nbr x2`), all);
  t.same(
    await loaded(`${form('three')}\nmov x19, x1\n1: ldr x2, [x19], #8\nblr x2\ncbnz x0, 1b\nret`),
    ['12: 0 of three (2) branch 16'],
    'a pointer that is incremented',
  );
});

test('a load that cannot give a kernel address is no reference', async (t) => {
  t.same(await loaded(`${form('three')}\nldr w2, [x1, #16]\nbr x2`), [], 'half of an address');
  t.same(
    await loaded(`${form('words')}\nldrsw x2, [x1, x0, lsl #2]\nadd x2, x2, x1\nbr x2`),
    [],
    'a distance',
  );
  t.same(
    await loaded(`${form('written')}\nldr x2, [x1]\nbr x2`),
    [],
    'a slot in .data: that load is reported instead',
  );
  t.same(
    await loaded(`${form('one')}\nldr x2, [x1]\nbr x2`, false),
    [],
    'a kernel whose slots hold hyp addresses',
  );
});

test('a loaded address that is not used as one is no reference', async (t) => {
  for (const use of ['ret', 'cmp x2, x0\nret', 'and x2, x2, #0xffff\nldr x0, [x2]\nret', 'str x2, [x0]\nret'])
    t.same(await loaded(`${form('one')}\nldr x2, [x1]\n${use}`), [], use);
});
