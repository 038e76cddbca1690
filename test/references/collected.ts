// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The references of assembled code as text, a line each.

import { relocationName } from '../../lib/aarch64/relocation-types.js';
import { nameAt } from '../../lib/code/functions.js';
import type { ObjectFile } from '../../lib/elf/object-file.js';
import type { PlacedTarget } from '../../lib/link/place.js';
import type { Reference, RelocationSite, Unjudged } from '../../lib/references/reference.js';
import { referencesOf } from '../support/judged.js';
import { imageOf, open } from '../support/objects.js';
import { assemble, without } from '../support/tools.js';

export const skip = without('aarch64-linux-gnu-as');

const targetText = (target: PlacedTarget): string => {
  if (target.kind !== 'place') return `${target.kind} ${target.name}`;
  const { section, offset } = target.place;
  const name = target.symbol ?? nameAt(target.place);
  return `${name ?? '?'} (${section.name}+${offset})`;
};

const sitesText = (sites: readonly RelocationSite[]): string =>
  sites.map(({ offset, type }) => `${offset} ${relocationName(type)}`).join(', ');

export const useTexts = (reference: Reference): readonly string[] =>
  reference.uses().map(({ kind, indexed, offset }) => `${kind}${indexed ? ' indexed' : ''} ${offset}`);

export interface Line {
  /** Function, offset in the section and access: `f 8 load`. */
  readonly does: string;
  readonly to: string;
  readonly by: string;
}

/** What a reference does and where, to what, and by which relocations. */
export const lineOf = (reference: Reference): Line => {
  const { at, owner, access, target, relocations } = reference;
  const blamed =
    owner.offset === at.offset && owner.section === at.section
      ? ''
      : ` for ${owner.section.name}+${owner.offset}`;
  return {
    does: `${nameAt(owner) ?? '?'} ${at.offset} ${access}${blamed}`,
    to: targetText(target),
    by: sitesText(relocations),
  };
};

export const unjudgedText = ({ at, sentence, relocations }: Unjudged): string =>
  `${at.section.name}+${at.offset}: ${sentence} [${sitesText(relocations)}]`;

export interface Collected {
  readonly object: ObjectFile;
  readonly references: readonly Reference[];
  readonly lines: readonly Line[];
  readonly unjudged: readonly string[];
}

/** All references of the .hyp.* sections of an object, sorted by place. */
export const collectFrom = async (bytes: Uint8Array): Promise<Collected> => {
  const object = await open(bytes);
  const { references, unjudged } = referencesOf(imageOf([object]), object);
  const sorted = references.sort(
    (a, b) => a.at.section.index - b.at.section.index || a.at.offset - b.at.offset,
  );
  return { object, references: sorted, lines: sorted.map(lineOf), unjudged: unjudged.map(unjudgedText) };
};

/** Of a function `f` in .hyp.text with this body, followed by `data` and `other` in .data and by `rest`. */
export const collect = (body: string, rest = ''): Promise<Collected> =>
  collectFrom(
    assemble(`
      .section .hyp.text, "ax"
      .global f
      .type f, %function
      f:
      ${body}
      .size f, . - f
      .data
      .global data, other
      data: .quad 0
      other: .quad 0
      ${rest}
    `),
  );
