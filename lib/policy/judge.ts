// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The verdict on one reference, with its reason. What decides stands in tables.

import { writesSctlrEl2 } from '../aarch64/instructions.js';
import { codeMapOf } from '../code/code-map.js';
import { coverAt, coversOf, nameAt } from '../code/functions.js';
import { familyOf, isHypSection } from '../code/sections.js';
import { isAddressUse, type Use } from '../code/value-flow.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { PlacedVeneer } from '../linked/linked-object.js';
import type { Access, Reference } from '../references/reference.js';
import { type BrokenRule, reasons, rules } from './access-rules.js';
import { type ExceptionRow, exceptionRows, isOfLinkerScript } from './exceptions.js';
import { type InstrumentationRow, instrumentationOf } from './instrumentation.js';
import type { Mapping } from './mapped.js';
import { moduleLinkOf, perCpuUses } from './module-link.js';
import type { Policy } from './policy.js';
import { type JudgedTarget, mappingOf, targetOf } from './target.js';

type Broken = {
  readonly kind: 'broken';
  readonly reason: string;
  /** The use that breaks the rule, if it is not the reference itself: the first of `uses`. */
  readonly use: Use | null;
  readonly uses: readonly Use[];
  /** A module's variable is taken for one that has a copy for each CPU. */
  readonly isPerCpu?: true;
} & (
  | { readonly warning: BrokenRule; readonly instrumentation: null }
  | { readonly warning: 'hyp-instrumentation'; readonly instrumentation: InstrumentationRow }
);

export type Verdict =
  | { readonly kind: 'fine'; readonly reason: string }
  | Broken
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Judgement {
  readonly reference: Reference;
  readonly target: JudgedTarget;
  readonly verdict: Verdict;
}

export const judge = (reference: Reference, policy: Policy): Judgement => {
  const target = targetOf(reference, policy);
  return { reference, target, verdict: verdictOn(reference, target, policy) };
};

const fine = (reason: string): Verdict => ({ kind: 'fine', reason });

const verdictOn = (reference: Reference, target: JudgedTarget, policy: Policy): Verdict => {
  const verdict =
    (policy.generation.isLoaded ? verdictInModule(reference, target) : null) ??
    verdictByMapping(reference, target, policy);
  // Most references are fine by the mapping; only the others need the exceptions, which ask for names.
  if (verdict.kind === 'fine') return verdict;
  const exception = exceptionRows.find((row) => matches(row, reference, target, policy));
  if (exception) return fine(exception.reason);
  return verdict.kind === 'broken' ? blamed(verdict, target) : verdict;
};

/** What holds for a module alone; null: the mapping decides. */
const verdictInModule = (reference: Reference, target: JudgedTarget): Verdict | null => {
  const link = moduleLinkOf(reference);
  if (link === 'imported') return fine("a call into another module, which EL2's loader resolves");
  if (link === 'own') {
    const uses = reference.access === 'address' ? perCpuUses(reference) : [];
    return uses.length > 0 ? { ...broken('hyp-data', PER_CPU, uses), isPerCpu: true } : null;
  }
  if (link === 'open' && !instrumentationIsCertain(target))
    return { kind: 'unknown', reason: 'another module may export it' };
  return broken(rules.unmapped[reference.access] ?? 'hyp-data', 'it is not part of the module');
};

const PER_CPU = 'a module has no copies of it per CPU';

const verdictByMapping = (reference: Reference, target: JudgedTarget, policy: Policy): Verdict => {
  if (reference.isPrefetch) return fine('a prefetch cannot fault');
  // Whatever the address is of, it is a kernel address.
  if (reference.source && reference.target.kind !== 'absolute') return verdictOnKernelAddress(reference);
  // A list of slots, for the host that moves what they hold.
  if (familyOf(reference.at.section) === 'hyp-table') return fine('the host reads it before EL2 runs');
  const mapping = mappingOf(reference, target, policy);
  const detour = reference.veneer && verdictOnVeneer(reference.veneer, mapping, policy);
  if (detour) return detour;
  if (mapping === null) return verdictOnUndefined(reference, target, policy);
  if (mapping === 'unknown') {
    return { kind: 'unknown', reason: `how EL2 maps section '${target.section}' is not known` };
  }
  // Identity-mapped code also branches within its section by physical address.
  const within = reference.at.section === target.place?.section;
  if (within && target.family === 'hyp-idmap' && reference.access !== 'store')
    return fine('identity-mapped code to itself');
  if (reference.access === 'absolute' && !policy.generation.relocatesAbsolute)
    return verdictOnKernelAddress(reference);

  // The slot becomes a hyp address at boot, so its target must be hyp's own.
  if (reference.access === 'absolute' && isHostData(mapping, target)) {
    return broken('hyp-absolute', 'it belongs to the host');
  }
  const access = strongestAccess(reference, mapping);
  const warning = rules[mapping][access.kind];
  if (warning === null) return fine(reasons[mapping]);
  return broken(warning, reasons[mapping], access.uses);
};

/** null: the veneer is hyp code that goes to hyp code, by a distance. */
const verdictOnVeneer = (
  { place, kind, isAbsolute }: PlacedVeneer,
  mapping: Mapping | null,
  { map }: Policy,
): Verdict | null => {
  if (map.ofPlace(place, familyOf(place.section)) !== 'code')
    return broken('hyp-veneer', 'the linker put it outside hyp text');
  if (isAbsolute) return broken('hyp-veneer', 'it branches to a kernel address, which is none at EL2');
  const isRight =
    kind === 'erratum' || (mapping !== null && mapping !== 'unknown' && rules[mapping].call === null);
  return isRight ? null : broken('hyp-veneer', 'it leads out of hyp text');
};

const broken = (warning: BrokenRule, reason: string, uses: readonly Use[] = noUses): Broken => {
  const [use] = uses;
  if (use) return { kind: 'broken', warning, reason, use, uses, instrumentation: null };
  // There are few reasons, and in a large link a hundred thousand references.
  const key = `${warning} ${reason}`;
  const known = usedNowhere.get(key) ?? {
    kind: 'broken',
    warning,
    reason,
    use: null,
    uses,
    instrumentation: null,
  };
  usedNowhere.set(key, known);
  return known;
};

const noUses: readonly Use[] = [];
const usedNowhere = new Map<string, Broken>();

/** The same, with the instrumentation that made the reference. */
const blamed = (verdict: Broken, { name, section }: JudgedTarget): Broken => {
  const instrumentation = instrumentationOf(name === null ? null : sourceName(name), section);
  if (!instrumentation) return verdict;
  const reason = `made by the compiler for ${instrumentation.what}`;
  return { ...verdict, warning: 'hyp-instrumentation', reason, instrumentation };
};

/** Names that stand between sections are neither's. */
const isHostData = (mapping: Mapping, { place, family }: JudgedTarget): boolean =>
  mapping === 'read-only' && family !== null && (place === null || !isHypSection(place.section));

/** A load or store at the address as it is, without a second register. */
const isDirectAccess = ({ kind, indexed }: Use): boolean => (kind === 'load' || kind === 'store') && !indexed;

/**
 * An address that is formed and written through is a write; one of a per-CPU template that is used without a second
 * register is a read of the template. Otherwise forming the address is what is judged.
 */
const strongestAccess = (
  reference: Reference,
  mapping: Mapping,
): { readonly kind: Access; readonly uses: readonly Use[] } => {
  const plain = { kind: reference.access, uses: noUses };
  if (reference.access !== 'address') return plain;
  if (mapping === 'read-only') {
    const uses = reference.uses().filter(({ kind }) => kind === 'store');
    return uses.length > 0 ? { kind: 'store', uses } : plain;
  }
  if (mapping === 'template') {
    const uses = reference.uses().filter(isDirectAccess);
    const [use] = uses;
    return use ? { kind: use.kind === 'store' ? 'store' : 'load', uses } : plain;
  }
  return plain;
};

/** A kernel address may be handed to the host, or turned into a physical one. Accessing it at EL2 is wrong. */
const verdictOnKernelAddress = (reference: Reference): Verdict => {
  const uses = reference.uses().filter(isAddressUse);
  if (uses.length === 0) return fine('a kernel address for the host');
  return broken('hyp-absolute', 'a kernel address is no address at EL2', uses);
};

const verdictOnUndefined = (reference: Reference, target: JudgedTarget, policy: Policy): Verdict => {
  const { access } = reference;
  if (reference.target.kind === 'absolute') return fine('an absolute number, not an address');
  if (reference.target.kind === 'undefined' && reference.target.weak) return fine('weak and not defined');
  const isCall = access === 'call' || access === 'jump';
  if (isCall && policy.whole) return broken('hyp-call', 'not defined in hyp code');
  if (instrumentationIsCertain(target)) return broken('hyp-call', 'not defined in hyp code');
  if (policy.whole && access === 'absolute' && !policy.generation.relocatesAbsolute)
    return verdictOnKernelAddress(reference);
  if (policy.whole && !isOfLinkerScript(sourceName(target.name ?? ''))) {
    const warning = access === 'absolute' ? 'hyp-absolute' : 'hyp-data';
    return broken(warning, 'not defined in hyp code');
  }
  return { kind: 'unknown', reason: 'not defined in any input' };
};

/** Functions of an instrumentation are never hyp code, whatever other objects there are; library calls may be. */
const instrumentationIsCertain = ({ name }: JudgedTarget): boolean =>
  name !== null && instrumentationOf(sourceName(name))?.neverHyp === true;

const matches = (
  row: ExceptionRow,
  reference: Reference,
  target: JudgedTarget,
  { generation }: Policy,
): boolean => {
  if (!row.generations.includes(generation) || !row.access.includes(reference.access)) return false;
  if (row.to && (target.name === null || !row.to.test(sourceName(target.name)))) return false;
  if (row.from) {
    const from = nameAt(reference.owner);
    const inStub = row.stub === true && /(^|[/(])kernel\/hyp-stub\.o\)?$/.test(reference.at.object.path);
    // The stub is not part of the nVHE link: its names have no prefix and are compared as they are.
    const name = from === null ? null : row.stub ? from : sourceName(from);
    if (!inStub && (name === null || !row.from.test(name))) return false;
  }
  if (row.beforeMmu && !isBeforeMmu(reference.owner)) return false;
  return !(row.notByItself && reference.uses().some(isDirectAccess));
};

/**
 * Identity-mapped code in a function that has not written SCTLR_EL2 before this place. Local labels split assembly
 * functions, so the search goes back over unsized labels that execution can fall into.
 */
const isBeforeMmu = (place: Place): boolean => {
  if (familyOf(place.section) !== 'hyp-idmap') return false;
  const code = codeMapOf(place.object, place.section);
  const starts = new Set(coversOf(place.object, place.section).map(({ start }) => start));
  for (let at = place.offset; at >= 0; at -= 4) {
    if (writesSctlrEl2(code.word(at))) return false;
    if (starts.has(at) && !code.predecessors(at).includes(at - 4)) return true;
  }
  return coverAt(place) !== null;
};

/**
 * Whether a reference leaves hyp, so that --references lists it. A linker script's alias names something of the host,
 * even if that stands in .hyp.text (the hyp stub's vectors).
 */
export const leavesHyp = ({ reference, target }: Judgement): boolean =>
  target.place === null ||
  reference.throughGot ||
  (reference.target.kind === 'place' && reference.target.alias !== null) ||
  !isHypSection(target.place.section);
