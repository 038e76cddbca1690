// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What escaped the nVHE link: hyp.lds gathers .text, .rodata, .bss and a few more
// under .hyp.* names; every other section silently keeps its name. An initialised
// writable variable ends up in the host's .data that way, links without an error
// and faults at EL2.
//
// Kernels learned to gather one by one: 5.10 .text and data per CPU, 5.11
// .data..ro_after_init, 5.12 .rodata, 5.13 .bss, 6.18 .data. What the link at hand
// leaves to the host on purpose is judged like the host's.

import { coversOf, nameAt } from '../code/functions.js';
import { mappingKind } from '../code/mapping-symbols.js';
import { familyOf, isHypSection, isLeftToHost } from '../code/sections.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { SHF, SHT, STT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import { isNvheObject, NVHE_PREFIX } from '../link/symbol-names.js';
import type { Reference } from '../references/reference.js';
import type { Policy } from './policy.js';

export interface Stray {
  /** Raw; null for a section without symbols. */
  readonly name: string | null;
  readonly isFunction: boolean;
  readonly place: Place;
}

/** What some kernels gather, and others find where the host's is. */
const gatheredBySome = /^\.(?:rodata|bss|data\.\.ro_after_init)(?:\.|$)/;

/** Whether the link leaves such sections to the host, where EL2 sees them. */
const isSeenInHost = (object: ObjectFile, section: Section, { map, linkOf }: Policy): boolean => {
  const { name } = section;
  if (!gatheredBySome.test(name)) return false;
  const mapping = map.ofSection(name, familyOf(section));
  return mapping !== 'unmapped' && mapping !== 'unknown' && linkOf(object.path)?.gathers(name) !== true;
};

const isStraySection = (object: ObjectFile, section: Section, policy: Policy): boolean =>
  (section.flags & SHF.ALLOC) !== 0 &&
  section.size > 0 &&
  !isHypSection(section) &&
  !isLeftToHost(section) &&
  !isSeenInHost(object, section, policy);

/** Everything in a host section that belongs to hyp. */
export const straysOf = (object: ObjectFile, policy: Policy): readonly Stray[] =>
  isNvheObject(object.path) ? straySections(object, policy) : strayPrefixed(object, policy);

const straySections = (object: ObjectFile, policy: Policy): readonly Stray[] =>
  object.sections.flatMap((section): readonly Stray[] => {
    if (!isStraySection(object, section, policy)) return [];
    const covers = coversOf(object, section);
    if (covers.length === 0)
      return [{ name: null, isFunction: false, place: { object, section, offset: 0 } }];
    return covers.map(({ symbol, name, start }) => ({
      name,
      isFunction: object.symbols.type(symbol) === STT.FUNC,
      place: { object, section, offset: start },
    }));
  });

const strayPrefixed = (object: ObjectFile, policy: Policy): readonly Stray[] => {
  const { symbols } = object;
  return symbols.withPrefix(NVHE_PREFIX).flatMap((symbol): readonly Stray[] => {
    const section = object.sections[symbols.section(symbol)];
    if (!section || section.index === 0 || symbols.isSection(symbol)) return [];
    if (!isStraySection(object, section, policy)) return [];
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
export const pointsAtStray = (reference: Reference, policy: Policy): boolean => {
  const { target } = reference;
  if (target.kind !== 'place' || target.alias !== null) return false;
  const { section, object } = target.place;
  if (isHypSection(section) || isLeftToHost(section) || section.type === SHT.NULL) return false;
  const from = nameAt(reference.owner);
  const ofOwnLink = isNvheObject(object.path) || from?.startsWith(NVHE_PREFIX) === true || from === null;
  if (!ofOwnLink || familyOf(section) === 'not-loaded') return false;
  if (isSeenInHost(object, section, policy)) return false;
  const name = target.symbol ?? nameAt(target.place);
  return name === null || name.startsWith(NVHE_PREFIX) || isNvheObject(object.path);
};
