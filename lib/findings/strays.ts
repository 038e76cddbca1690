// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Findings for parts of the nVHE link that landed in sections of the host: at the
// declaration, with the users as notes; without a symbol, at the user.

import type { ObjectFile } from '../elf/object-file.js';
import { sourceName } from '../link/symbol-names.js';
import type { Claim, Writable } from '../pages/claim.js';
import type { Judgement } from '../policy/judge.js';
import type { Policy } from '../policy/policy.js';
import { pointsAtStray, type Stray, straysOf } from '../policy/stray-sections.js';
import { type Finding, makeFinding } from './finding.js';
import { findingOf } from './from-judgement.js';

const strayClaim = (facts: Extract<Claim, { warning: 'hyp-section' }>['facts']): Claim => ({
  warning: 'hyp-section',
  facts,
});

/** Where variables of an object's hyp code may be that EL2 writes to. */
const writableIn = ({ path, sections }: ObjectFile, { linkOf }: Policy): Writable => {
  const link = linkOf(path);
  const hasData = link?.gathers('.data') ?? sections.some(({ name }) => name === '.hyp.data');
  if (hasData) return 'data';
  return link?.gathers('.bss') === false ? 'per-cpu' : 'bss';
};

const strayFinding = (
  { name, isFunction, place }: Stray,
  users: readonly Judgement[],
  policy: Policy,
): Finding => {
  const section = place.section.name;
  const kind = isFunction ? 'function' : 'variable';
  return makeFinding(
    strayClaim(
      name === null
        ? { kind: 'section', section }
        : { kind, name: sourceName(name), section, writable: writableIn(place.object, policy) },
    ),
    place.object.path,
    { at: place, shows: kind, users },
  );
};

export interface Strays {
  readonly findings: readonly Finding[];
  /** The references of hyp code to such parts, which are no findings of their own. */
  readonly uses: ReadonlySet<Judgement>;
}

export const straysIn = (object: ObjectFile, judgements: readonly Judgement[], policy: Policy): Strays => {
  if (!policy.generation.reportsStrays) return { findings: [], uses: new Set() };
  const uses = judgements.filter(({ reference }) => pointsAtStray(reference, policy));
  return { findings: strayFindings(object, uses, policy), uses: new Set(uses) };
};

/** `uses`: the references of hyp code to such parts. */
export const strayFindings = (
  object: ObjectFile,
  uses: readonly Judgement[],
  policy: Policy,
): readonly Finding[] => {
  const strays = straysOf(object, policy);
  const usersOf = ({ name, place }: Stray): readonly Judgement[] =>
    uses.filter(({ target }) => target.place?.section.index === place.section.index && target.name === name);
  const isNamed = strays.every(({ name }) => name !== null);
  const unnamed = isNamed ? uses.filter(({ target }) => target.name === null) : [];
  return [
    ...strays.map((stray) => strayFinding(stray, usersOf(stray), policy)),
    ...unnamed.map((use) =>
      findingOf(strayClaim({ kind: 'section', section: use.target.section ?? '' }), use),
    ),
  ];
};
