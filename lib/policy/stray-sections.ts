// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What escaped the nVHE link: hyp.lds gathers .text, .rodata, .bss and a few more
// under .hyp.* names; every other section silently keeps its name. An initialised
// writable variable ends up in the host's .data that way, links without an error
// and faults at EL2.

import { coversOf, nameAt } from '../code/functions.js';
import { mappingKind } from '../code/mapping-symbols.js';
import { familyOf, isHypSection, isLeftToHost } from '../code/sections.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT, STT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import { isNvheObject, NVHE_PREFIX } from '../link/symbol-names.js';
import type { Reference } from '../references/reference.js';

export interface Stray {
  /** Raw; null for a section without symbols. */
  readonly name: string | null;
  readonly isFunction: boolean;
  readonly place: Place;
}

const isStraySection = (section: Section): boolean =>
  (section.flags & SHF.ALLOC) !== 0 && section.size > 0 && !isHypSection(section) && !isLeftToHost(section);

/** Everything in a host section that belongs to hyp. */
export const straysOf = (object: ObjectFile): readonly Stray[] =>
  isNvheObject(object.path) ? straySections(object) : strayPrefixed(object);

const straySections = (object: ObjectFile): readonly Stray[] =>
  object.sections.filter(isStraySection).flatMap((section): readonly Stray[] => {
    const covers = coversOf(object, section);
    if (covers.length === 0)
      return [{ name: null, isFunction: false, place: { object, section, offset: 0 } }];
    return covers.map(({ symbol, name, start }) => ({
      name,
      isFunction: object.symbols.type(symbol) === STT.FUNC,
      place: { object, section, offset: start },
    }));
  });

const strayPrefixed = (object: ObjectFile): readonly Stray[] => {
  const { symbols } = object;
  return symbols.withPrefix(NVHE_PREFIX).flatMap((symbol): readonly Stray[] => {
    const section = object.sections[symbols.section(symbol)];
    if (!section || section.index === 0 || !isStraySection(section) || symbols.isSection(symbol)) return [];
    const name = symbols.name(symbol);
    if (mappingKind(name) !== null) return [];
    const isFunction = symbols.type(symbol) === STT.FUNC;
    return [{ name, isFunction, place: { object, section, offset: symbols.value(symbol) } }];
  });
};

/**
 * Whether a reference from nVHE code points at something of its own in a host section: a prefixed symbol, or a place
 * that only a section symbol names. The nVHE link cannot name local symbols of the host.
 */
export const pointsAtStray = (reference: Reference): boolean => {
  const { target } = reference;
  if (target.kind !== 'place' || target.alias !== null) return false;
  const { section, object } = target.place;
  if (isHypSection(section) || isLeftToHost(section) || section.type === SHT.NULL) return false;
  const from = nameAt(reference.owner);
  const ofOwnLink = isNvheObject(object.path) || from?.startsWith(NVHE_PREFIX) === true || from === null;
  if (!ofOwnLink || familyOf(section) === 'not-loaded') return false;
  const name = target.symbol ?? nameAt(target.place);
  return name === null || name.startsWith(NVHE_PREFIX) || isNvheObject(object.path);
};
