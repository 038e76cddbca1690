// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From verdicts to findings: the warning, its facts, and the instruction that is
// shown.

import { nameAt } from '../code/functions.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Reach } from '../flow/reach.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import { isNvheObject, NVHE_PREFIX, sourceName } from '../link/symbol-names.js';
import type { Claim, End, Ends, HypLink } from '../pages/claim.js';
import { isModulePart } from '../policy/detect-generation.js';
import { type Judgement, judge, type Verdict } from '../policy/judge.js';
import type { Policy } from '../policy/policy.js';
import { collectHostBranches } from '../references/host-branches.js';
import { OUTSIDE } from '../references/patches.js';
import { type Finding, makeFinding, unchecked } from './finding.js';

const plain = (name: string | null): string | null => (name === null ? null : sourceName(name));

const ownerEnd = ({ owner }: Judgement['reference']): End => ({
  name: plain(nameAt(owner)),
  section: owner.section.name,
});

const linkOf = ({ owner, at, target }: Judgement['reference']): HypLink => {
  if (isModulePart(at.object)) return 'module';
  const isAlias =
    (target.kind === 'place' && target.alias !== null) ||
    (target.kind === 'undefined' && target.aliasOf !== null);
  if (isAlias) return 'alias';
  const isOwn = isNvheObject(at.object.path) || nameAt(owner)?.startsWith(NVHE_PREFIX) === true;
  return isOwn ? 'own' : 'shared';
};

const endsOf = ({ reference, target: { name, section } }: Judgement): Ends => ({
  from: ownerEnd(reference),
  to: { name: plain(name), section },
  link: linkOf(reference),
});

export const findingOf = (
  claim: Claim,
  judgement: Judgement,
  at: Place = judgement.reference.owner,
  reach: Reach | null = null,
): Finding =>
  makeFinding(claim, judgement.reference.at.object.path, {
    at,
    shows: judgement.reference.isData ? 'variable' : 'instruction',
    judgement,
    reach,
  });

/**
 * The reference's place; if another instruction of the same reference is executed instead, that one. For an address from
 * data it is the use: loading it is fine.
 */
const shownAt = ({ reference, verdict }: Judgement, reach: Reach | null): Place => {
  const { owner, at, relocations, source } = reference;
  const live = reach?.kind === 'live' ? reach.at : null;
  if (source && verdict.kind === 'broken' && verdict.use)
    return { ...at, offset: (verdict.uses.find((use) => use.offset === live?.offset) ?? verdict.use).offset };
  const isPart =
    live && live.section === at.section && relocations.some(({ offset }) => offset === live.offset);
  return isPart && owner.section === at.section && owner.offset === at.offset ? live : owner;
};

/** The finding for a broken verdict whose reference is executed; otherwise null. */
export const brokenFinding = (judgement: Judgement, reach: Reach | null): Finding | null => {
  const { verdict } = judgement;
  if (verdict.kind !== 'broken' || reach?.kind === 'left-out') return null;
  return findingOf(claimOf(judgement, verdict), judgement, shownAt(judgement, reach), reach);
};

const claimOf = (judgement: Judgement, verdict: Extract<Verdict, { readonly kind: 'broken' }>): Claim => {
  const { access } = judgement.reference;
  const ends = endsOf(judgement);
  const kind = verdict.use?.kind;
  switch (verdict.warning) {
    case 'hyp-instrumentation': {
      const { warning, instrumentation } = verdict;
      return { warning, facts: { ...ends, access, instrumentation } };
    }
    case 'hyp-call':
      return { warning: 'hyp-call', facts: { ...ends, access: access === 'jump' ? 'jump' : 'call' } };
    case 'hyp-veneer': {
      const { veneer } = judgement.reference;
      const section = veneer?.place.section.name ?? null;
      const { name = null, kind = 'far', isAbsolute = false } = veneer ?? {};
      const by = access === 'jump' ? 'jump' : 'call';
      return {
        warning: 'hyp-veneer',
        facts: { ...ends, access: by, veneer: { name, section, kind, isAbsolute } },
      };
    }
    case 'hyp-write':
      return { warning: 'hyp-write', facts: ends };
    case 'hyp-absolute': {
      const isUsed = kind === 'branch' || kind === 'load' || kind === 'store';
      return { warning: 'hyp-absolute', facts: { ...ends, use: isUsed ? kind : 'held' } };
    }
    case 'hyp-data': {
      const by = kind ?? access;
      return {
        warning: 'hyp-data',
        facts: {
          ...ends,
          access: by === 'load' || by === 'store' ? by : 'address',
          ...(verdict.isPerCpu ? { isPerCpu: true } : {}),
        },
      };
    }
    default:
      return verdict satisfies never;
  }
};

/** The finding for a reference that was left out, broken or unknown; otherwise null. */
export const leftOutFinding = (judgement: Judgement, reach: Reach | null): Finding | null => {
  if (reach?.kind !== 'left-out') return null;
  const { access } = judgement.reference;
  const executedBy = reach.why().kind === 'vhe-only' ? 'vhe' : 'nobody';
  const claim: Claim = { warning: 'hyp-vhe-only', facts: { ...endsOf(judgement), access, executedBy } };
  return findingOf(claim, judgement, judgement.reference.owner, reach);
};

/** A branch from host code into the nVHE link's code. */
export const fromHostFinding = (judgement: Judgement): Finding => {
  const { at } = judgement.reference;
  if (at.offset >= at.section.size) return unchecked(at.object.path, OUTSIDE, at);
  const access = judgement.reference.access === 'jump' ? 'jump' : 'call';
  return findingOf({ warning: 'hyp-from-host', facts: { ...endsOf(judgement), access } }, judgement);
};

export const fromHostFindings = (image: Image, object: ObjectFile, policy: Policy): readonly Finding[] => {
  const branches = policy.generation.hostMayBranchIn ? [] : collectHostBranches(image, object);
  return branches.map((reference) => fromHostFinding(judge(reference, policy)));
};

/** One finding for all references that other objects could explain, and one for those that other modules could. */
export const undefinedFindings = (unknown: readonly Judgement[]): readonly Finding[] => {
  const isOfModule = ({ reference }: Judgement): boolean => isModulePart(reference.at.object);
  return [unknown.filter((one) => !isOfModule(one)), unknown.filter(isOfModule)].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const names = [...new Set(all.map(({ target }) => plain(target.name) ?? target.section ?? '?'))].sort();
    const claim: Claim = {
      warning: 'hyp-unchecked',
      facts: { kind: 'undefined', names, link: linkOf(first.reference) },
    };
    return [makeFinding(claim, first.reference.at.object.path, { absorbed: all })];
  });
};
