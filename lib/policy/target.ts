// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a reference points at, as policy sees it, and how EL2 sees that.

import { isInRange } from '../code/code-range.js';
import { nameAt } from '../code/functions.js';
import { type Family, familyOf, familyOfName, holdsCode } from '../code/sections.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Reference } from '../references/reference.js';
import { knownHostSymbols } from './exceptions.js';
import type { Mapping } from './mapped.js';
import type { Policy } from './policy.js';

/** The target of a reference, as policy sees it. */
export interface JudgedTarget {
  /** The raw name of the covering symbol, or the relocation's; null for data without a symbol. */
  readonly name: string | null;
  /** The section's name; null if the symbol is undefined and nothing tells. */
  readonly section: string | null;
  readonly family: Family | null;
  readonly place: Place | null;
}

class PlacedJudged implements JudgedTarget {
  readonly #symbol: string | null;
  readonly section: string;
  readonly family: Family;
  readonly place: Place;

  constructor(symbol: string | null, section: string, family: Family, place: Place) {
    this.#symbol = symbol;
    this.section = section;
    this.family = family;
    this.place = place;
  }

  /** Looked up when asked for: a reference that is fine does not need it. */
  get name(): string | null {
    return this.#symbol ?? nameAt(this.place);
  }
}

/** Many references have one target: under a policy it is judged once. */
const judged = new WeakMap<Policy, WeakMap<Place, PlacedJudged>>();

const placedTargetOf = (symbol: string | null, place: Place, policy: Policy): PlacedJudged => {
  let ofPolicy = judged.get(policy);
  if (!ofPolicy) {
    ofPolicy = new WeakMap();
    judged.set(policy, ofPolicy);
  }
  const known = ofPolicy.get(place);
  if (known) return known;
  const isCode = policy.ranges.some((range) => isInRange(range, place));
  const family = isCode ? 'hyp-text' : familyOf(place.section);
  const found = new PlacedJudged(symbol, place.section.name, family, place);
  ofPolicy.set(place, found);
  return found;
};

export const targetOf = ({ target, throughGot }: Reference, policy: Policy): JudgedTarget => {
  switch (target.kind) {
    case 'place': {
      const { symbol, place } = target;
      return throughGot
        ? new PlacedJudged(symbol, '.got', 'got', place)
        : placedTargetOf(symbol, place, policy);
    }
    case 'common':
      return { name: target.name, section: 'COMMON', family: 'bss', place: null };
    case 'absolute':
      return { name: target.name, section: null, family: null, place: null };
    case 'undefined': {
      // By the name in the source: an alias may stand for another name of the same link (memset for __pi_memset).
      const { name } = target;
      const host = target.aliasOf ?? name;
      if (throughGot) return { name, section: '.got', family: 'got', place: null };
      // A name of the nVHE link tells nothing about the host unless the build says that it is an alias.
      const mayKnow = !policy.generation.hasOwnLink || target.aliasOf !== null;
      const known = mayKnow && knownHostSymbols.find(([pattern]) => pattern.test(sourceName(host)));
      const family = known ? familyOfName(known[1]) : null;
      return { name, section: known ? known[1] : null, family, place: null };
    }
    default:
      return target satisfies never;
  }
};

/** null: nothing says where it is. */
export const mappingOf = (reference: Reference, target: JudgedTarget, policy: Policy): Mapping | null => {
  const { map, ranges } = policy;
  const { section, family, place } = target;
  if (family !== null && section !== null) {
    if (!reference.throughGot && place && ranges.some((range) => isInRange(range, place))) return 'code';
    const isThere = place !== null && !reference.throughGot;
    const mapping = isThere ? map.ofPlace(place, family) : map.ofSection(section, family);
    // The name is asked for last: it is looked for among all symbols.
    const mayBeVariable =
      mapping === 'unmapped' && !reference.throughGot && !(place && holdsCode(place.section));
    if (!mayBeVariable || !map.hasVariables || target.name === null) return mapping;
    return map.ofVariable(sourceName(target.name)) ?? mapping;
  }
  const { target: referred } = reference;
  if (referred.kind !== 'undefined') return null;
  const { name, aliasOf } = referred;
  return map.ofSymbol(name) ?? (aliasOf === null ? null : map.ofSymbol(aliasOf));
};
