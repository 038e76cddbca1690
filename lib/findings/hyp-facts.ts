// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The machine-readable part of a finding: both ends, the relocations, the inline
// chain, and who executes it.

import { relocationName } from '../aarch64/relocation-types.js';
import { coverAt } from '../code/functions.js';
import type { Caller, HypFacts, InlineFrame, ReferenceEnd } from '../diagnostics/diagnostic.js';
import { ET } from '../elf/vocabulary.js';
import type { Reach } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import type { Judgement } from '../policy/judge.js';
import type { JudgedTarget } from '../policy/target.js';
import type { Reference } from '../references/reference.js';
import type { Spot } from './spot.js';

/** The reach in machine-readable output. What is live and cannot be judged is unknown. */
const reachWord = (reach: Reach | null, verdict: Judgement['verdict']): HypFacts['reach'] => {
  if (!reach) return 'unknown';
  if (reach.kind === 'left-out') return reach.why().kind;
  return verdict.kind === 'unknown' ? 'unknown' : 'live';
};

const ownerEnd = (place: Place): ReferenceEnd => {
  const cover = coverAt(place);
  return {
    symbol: cover?.name ?? null,
    section: place.section.name,
    offset: place.offset,
    symbolOffset: cover ? place.offset - cover.start : null,
  };
};

/** The offset in the symbol is left out: it would take sorting all symbols of the kernel's text for each finding. */
const targetEnd = ({ name, section, place }: JudgedTarget): ReferenceEnd => ({
  symbol: name,
  section,
  offset: place?.offset ?? null,
  symbolOffset: null,
});

const chainOf = ({ inlinedFrom, place, function: name }: Spot): readonly InlineFrame[] =>
  inlinedFrom.length === 0 || place === null ? [] : [{ function: name ?? '?', ...place }, ...inlinedFrom];

/** A linked image has none: what a reference of it is made of was read out of instructions. */
const sitesOf = (references: readonly Reference[]): HypFacts['relocations'] =>
  references
    .filter(({ at }) => at.object.type === ET.REL)
    .flatMap(({ relocations }) =>
      relocations.map(({ section, offset, type }) => ({ section, offset, type: relocationName(type) })),
    );

export const hypFacts = (
  { reference, target, verdict }: Judgement,
  absorbed: readonly Judgement[],
  spot: Spot,
  reach: Reach | null,
  callers: readonly Caller[],
): HypFacts => {
  const relocations = sitesOf([reference, ...absorbed.map((one) => one.reference)]);
  const from = ownerEnd(reference.owner);
  const sameSection = reference.owner.section === reference.at.section;
  return {
    object: reference.at.object.path,
    from: sameSection
      ? { ...from, offset: reference.at.offset, symbolOffset: symbolOffset(reference) }
      : from,
    to: targetEnd(target),
    relocation:
      relocations[0]?.type ?? (reference.source && reference.at.object.type === ET.REL ? 'ABS64' : null),
    access: reference.access,
    reach: reachWord(reach, verdict),
    inlined: chainOf(spot),
    callers,
    relocations,
  };
};

/** Bytes from the start of the blamed function to the place in the object. */
const symbolOffset = ({ at, owner }: Reference): number | null => {
  const cover = coverAt(owner);
  return cover ? at.offset - cover.start : null;
};

/** For a finding about a place: that is what EL2 would refer to. */
export const placeFacts = (at: Place, users: readonly Judgement[]): HypFacts => ({
  object: at.object.path,
  from: null,
  to: ownerEnd(at),
  relocation: null,
  access: null,
  reach: 'unknown',
  inlined: [],
  callers: [],
  relocations: sitesOf(users.map((user) => user.reference)),
});

/** For a finding about what a function does, without a target. */
export const codeFacts = (at: Place): HypFacts => ({
  ...placeFacts(at, []),
  from: ownerEnd(at),
  to: null,
  reach: 'live',
});
