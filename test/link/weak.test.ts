// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Definitions of one name in several objects, in every order. Expected is the definition
// that `ld -r` of the same objects takes.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AddressSpace } from '../../lib/code/address-space.js';
import type { ObjectFile } from '../../lib/elf/object-file.js';
import { imageOf, open, symbolOf } from '../support/objects.js';
import { assemble, inFolder, run, without } from '../support/tools.js';

const use = '\n.text\n bl f\n';

/** Each definition has a section of its own, whose name shows which one the link took. */
const forms: Readonly<Record<string, string>> = {
  weak: `.section .weak, "ax"\n .weak f\nf: ret${use}`,
  weaker: `.section .weaker, "ax"\n .weak f\nf: ret${use}`,
  strong: `.section .strong, "ax"\n .globl f\nf: ret${use}`,
  common: `.comm f, 8, 8${use}`,
  user: use,
  'weak user': `.weak f${use}`,
};

const orders = Object.keys(forms).flatMap((a) =>
  Object.keys(forms).flatMap((b) =>
    a === b ? [] : [[a, b], ...Object.keys(forms).flatMap((c) => (c === a || c === b ? [] : [[a, b, c]]))],
  ),
);

const targetIn = (objects: readonly ObjectFile[], from: ObjectFile): string => {
  const target = imageOf(objects, { whole: true }).resolve(from, symbolOf(from, 'f'), 0);
  return target.kind === 'place' ? target.place.section.name : target.kind;
};

t.test(
  'of several definitions the one that ld takes counts',
  { skip: without('aarch64-linux-gnu-ld') },
  async (t) => {
    const made = new Map(Object.entries(forms).map(([name, text]) => [name, assemble(text)]));
    for (const order of orders) {
      const bytes = order.map((name) => made.get(name) ?? Buffer.alloc(0));
      const linked = inFolder((folder) => {
        for (const [index, one] of bytes.entries()) writeFileSync(join(folder, `${index}.o`), one);
        run('aarch64-linux-gnu-ld', ['-r', '-o', 'all.o', ...bytes.map((_, index) => `${index}.o`)], folder);
        return readFileSync(join(folder, 'all.o'));
      });
      const whole = await open(linked);
      const wanted = targetIn([whole], whole);
      const objects = await Promise.all(bytes.map((one, index) => open(one, `${index}.o`)));
      for (const object of objects) t.equal(targetIn(objects, object), wanted, order.join(', '));
    }
  },
);

t.test('an alias of an alias is followed into witnesses, other names are not', async (t) => {
  const hyp = await open(
    assemble('.text\n adrp x0, __kvm_nvhe_ticks\n adrp x1, ticks\n adrp x2, other\n'),
    'a.o',
  );
  const host = await open(
    assemble('.data\n .globl ticks_64, other\nticks_64: .quad 0\nother: .quad 0\n'),
    'host.o',
  );
  const aliases = new Map([
    ['__kvm_nvhe_ticks', 'ticks'],
    ['ticks', 'ticks_64'],
    ['round', 'about'],
    ['about', 'round'],
  ]);
  const image = imageOf([hyp], { whole: true, aliases, witnesses: [host] });
  const resolved = (name: string) => {
    const target = image.resolve(hyp, symbolOf(hyp, name), 0);
    return target.kind === 'place' ? target.symbol : target.kind;
  };
  t.equal(resolved('__kvm_nvhe_ticks'), 'ticks_64');
  t.equal(resolved('ticks'), 'ticks_64');
  t.equal(resolved('other'), 'undefined', 'not the target of an alias');
});

t.test('a branch to a weak definition of its own object goes to the strong one', async (t) => {
  const user = await open(assemble(forms.weak ?? ''), 'weak.o');
  const strong = await open(assemble(forms.strong ?? ''), 'strong.o');
  const space = new AddressSpace(imageOf([user, strong], { whole: true }));
  const place = space.placeOf(space.targetOf(user, symbolOf(user, 'f'), 0));
  t.equal(place?.section.name, '.strong');
});
