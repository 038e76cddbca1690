// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Assembled hyp code and walks over it, with addresses written as function and
// offset. VHE is capability 11, as in 4.16 to 5.8.

import { AddressSpace } from '../../lib/code/address-space.js';
import { Code } from '../../lib/code/code.js';
import { coverAt } from '../../lib/code/functions.js';
import { PatchTables } from '../../lib/code/patch-tables.js';
import { type Analysis, analyse } from '../../lib/flow/analysis.js';
import { type CapabilityNumbers, unknownNumbers } from '../../lib/flow/capability.js';
import { Ground } from '../../lib/flow/ground.js';
import type { Image } from '../../lib/link/image.js';
import { imageOf, open } from '../support/objects.js';
import { assemble } from '../support/tools.js';

export const VHE = 11;

export const fun = (name: string, body: string): string =>
  `.type ${name}, %function\n${name}:\n${body}\n.size ${name}, . - ${name}\n`;

/** Sets Z if VHE is off: `tst x9, #(1 << 11)` of cpu_hwcaps. */
export const test = 'adrp x9, cpu_hwcaps\nldr x9, [x9, :lo12:cpu_hwcaps]\ntst x9, #0x800\n';

/** A static key of VHE whose branch, a nop as built, leads to `label` while the key is on. */
export const key = (label: string): string =>
  `77: nop\n.pushsection __jump_table, "aw"\n.balign 8\n.long 77b - ., ${label} - .\n.quad cpu_hwcap_keys + 16 * ${VHE} - .\n.popsection`;

/** A capability of which nothing is known. */
export const OTHER = 5;

/** An alternative that replaces `old`. */
export const alternative = (old: string, replacement: string, capability = VHE): string =>
  `77: ${old}\n78:\n.pushsection .altinstructions, "a"\n.word 77b - ., 79f - .\n.hword ${capability}\n.byte 78b - 77b, 78b - 77b\n.popsection
   .pushsection .altinstr_replacement, "a"\n79: ${replacement}\n.popsection`;

/** `hyp`: functions of hyp code; `more`: what else is in the object. */
export const imageOfCode = async (hyp: string, more: string): Promise<Image> =>
  imageOf([await open(assemble(`.arch armv8.3-a\n.section .hyp.text, "ax"\n${hyp}\n.text\n${more}\n`))], {
    whole: true,
  });

interface Names {
  readonly image: Image;
  /** `f+4`. */
  readonly name: (address: number) => string;
  readonly at: (name: string) => number;
}

const namesOf = (space: AddressSpace): Names => ({
  image: space.image,
  name: (address) => nameIn(space, address),
  at: (name) => addressIn(space, name),
});

/** The code without a walk. */
export const readCode = async (hyp: string, more = '') => {
  const space = new AddressSpace(await imageOfCode(hyp, more));
  return { ...namesOf(space), space, code: new Code(space, []), tables: new PatchTables(space) };
};

export type Grounded = Names & { readonly ground: Ground };

/** What walks over hyp code in a complete link start from; by default, host data has the address of `f`. */
export const groundedOn = async (
  hyp: string,
  more = '.data\n.quad f',
  numbers: CapabilityNumbers = { ...unknownNumbers, vhe: VHE },
): Promise<Grounded> => {
  const ground = new Ground(await imageOfCode(hyp, more), [], numbers, true);
  return { ...namesOf(ground.space), ground };
};

export type Walked = Analysis & Grounded;

/** The walks over it. */
export const walked = async (
  hyp: string,
  more?: string,
  { isExact = true, numbers }: { isExact?: boolean; numbers?: CapabilityNumbers } = {},
): Promise<Walked> => {
  const grounded = await groundedOn(hyp, more, numbers);
  return { ...analyse(grounded.ground, isExact), ...grounded };
};

const nameIn = (space: AddressSpace, address: number): string => {
  const place = space.placeOf(address);
  const cover = place && coverAt(place);
  if (!place || !cover) return space.nameOf(address) ?? '?';
  return place.offset === cover.start ? cover.name : `${cover.name}+${place.offset - cover.start}`;
};

const addressIn = (space: AddressSpace, name: string): number => {
  const [, label, offset = '0'] = /^(.+?)(?:\+(\d+))?$/.exec(name) ?? [];
  for (const object of space.image.objects) {
    for (let symbol = 0; symbol < object.symbols.count; symbol++)
      if (object.symbols.name(symbol) === label) return space.targetOf(object, symbol, 0) + Number(offset);
  }
  throw new Error(`there is no '${name}'`);
};
