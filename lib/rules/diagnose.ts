// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// From findings to diagnostics: the lines of source are looked up here, and only
// here, so a clean run never reads a debug section. Findings of one cause (the
// same place in the source, the same inline chain, the same target) become one.

import { relocationName } from '../aarch64/relocation-types.js';
import {
  type Access,
  compareDiagnostics,
  type Diagnostic,
  type HypFacts,
  type InlineFrame,
  type Note,
  quote,
  type ReferenceEnd,
  type SourcePlace,
} from '../diagnostics/diagnostic.js';
import { type SourceFrame, SourceLocator } from '../dwarf/source-locator.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { PlacedGate, Reach, Reason } from '../flow/reach.js';
import { coverAt, nameAt, type Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { JudgedTarget, Judgement } from '../policy/judge.js';
import type { WarningName } from '../policy/warnings.js';
import type { Reference } from '../references/reference.js';
import type { Found } from './found.js';
import { wordingOf } from './index.js';
import type { InlineAdvisor } from './inline-advice.js';

export interface DiagnoseOptions {
  readonly errors: ReadonlySet<WarningName>;
  /** Knows what was declared inline; null where no source was handed in. */
  readonly inlines: InlineAdvisor | null;
}

/** A line of source and the functions around it. */
interface Spot {
  readonly place: SourcePlace | null;
  readonly function: string | null;
  readonly inlinedFrom: readonly InlineFrame[];
  readonly problem: string | null;
}

const nowhere: Spot = { place: null, function: null, inlinedFrom: [], problem: null };

const placeOf = ({ file, line, column }: SourceFrame): SourcePlace | null =>
  line > 0 ? { file, line, column } : null;

/** Where a variable or a function is declared. */
const declarationSpot = (at: Place, shows: 'variable' | 'function', locator: SourceLocator): Spot => {
  const start = { ...at, offset: coverAt(at)?.start ?? at.offset };
  const declaration =
    shows === 'variable'
      ? locator.declarationAt(start.section, start.offset)
      : (locator.subprogramAt(start.section, start.offset)?.declaration ?? null);
  return declaration ? { ...nowhere, place: placeOf(declaration) } : nowhere;
};

const locators = new WeakMap<ObjectFile, SourceLocator>();

/** One for each object: what it read of the debug information is kept. */
export const locatorOf = (object: ObjectFile): SourceLocator => {
  const locator = locators.get(object) ?? new SourceLocator(object);
  locators.set(object, locator);
  return locator;
};

const spotOf = (at: Place, shows: Found['shows']): Spot => {
  const locator = locatorOf(at.object);
  if (shows !== 'instruction') {
    const spot = declarationSpot(at, shows, locator);
    if (spot.place) return spot;
  }
  const { frames, problem } = locator.framesAt(at.section, at.offset);
  const [first, ...outer] = frames;
  if (!first || first.line === 0) return { ...nowhere, problem };
  return {
    place: placeOf(first),
    function: first.function ?? functionName(at),
    inlinedFrom: outer.map(({ function: name, file, line, column }) => ({
      function: name ?? functionName(at) ?? '?',
      file,
      line,
      column,
    })),
    problem,
  };
};

const functionName = (at: Place): string | null => {
  const name = nameAt(at);
  return name === null ? null : sourceName(name);
};

const objectNote = (at: Place): Note => ({
  message: 'in the object',
  place: { object: at.object.path, section: at.section.name, offset: at.offset },
});

/** A load and a store by one statement are one use. */
const distinct = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map((note) => [JSON.stringify(note), note])).values(),
];

/** How it is reached, or what keeps it out. */
const reachNotes = (reach: Reach | null): readonly Note[] => {
  if (!reach) return [];
  if (reach.kind === 'live') {
    const { path, branch } = reach.way();
    return [
      ...pathNotes(path),
      ...(branch ? [gateNote(branch, 'on the side without VHE of')] : []),
      ...(reach.isInDoubt() ? [doubtNote] : []),
    ];
  }
  const why = reach.why();
  return why.gate ? [gateNote(why.gate, 'behind', why.kind)] : [];
};

const doubtNote: Note = {
  message:
    'this stands behind a capability that may be VHE: its number is not known here; name the build directory with --build, or the number with --vhe-cap',
  place: null,
};

/** The word for machines. What is live and cannot be judged stays unknown. */
const reachWord = (reach: Reach | null, verdict: Judgement['verdict']): HypFacts['reach'] => {
  if (!reach) return 'unknown';
  if (reach.kind === 'left-out') return reach.why().kind;
  return verdict.kind === 'unknown' ? 'unknown' : 'live';
};

/** reached from ‘el1_sync’ through ‘fixup_guest_exit’; nothing where the entry point itself refers. */
const pathNotes = (path: readonly Place[]): readonly Note[] => {
  const names = path.map((place) => functionName(place) ?? '?');
  const distinctNames = names.filter((name, index) => name !== names[index - 1]);
  const [entry] = path;
  const [first = '', ...others] = distinctNames;
  const through = others.slice(0, -1).map(quote);
  if (!entry || others.length === 0) return [];
  const list =
    through.length > 4 ? [...through.slice(0, 2), '…', ...through.slice(-1)].join(', ') : through.join(', ');
  const message = `reached from ${quote(first)}${list === '' ? '' : ` through ${list}`}`;
  return [{ message, place: spotOf(entry, 'instruction').place ?? objectNote(entry).place }];
};

/** behind has_vhe(): static key ‘cpu_hwcap_keys+0xb0’, which is off without VHE */
const gateNote = (gate: PlacedGate, relation: string, kind: Reason['kind'] = 'vhe-only'): Note => {
  const spot = spotOf(gate.place, 'instruction');
  const functions = [spot.function, ...spot.inlinedFrom.map((frame) => frame.function)];
  const places: readonly (SourcePlace | null)[] = [spot.place, ...spot.inlinedFrom];
  const test = functions.indexOf('has_vhe');
  const shown = (test >= 0 ? places[test + 1] : places.at(-1)) ?? places.at(-1) ?? null;
  return {
    message: `${relation} ${test >= 0 ? 'has_vhe(): ' : ''}${gateWords[kind](gate)}`,
    place: shown
      ? { file: shown.file, line: shown.line, column: shown.column }
      : objectNote(gate.place).place,
  };
};

const staticKey = (key: string | null): string => `static key ${quote(key ?? '?')}`;

const vheWords: Readonly<Record<PlacedGate['kind'], (key: string | null) => string>> = {
  key: (key) => `${staticKey(key)}, which is off without VHE`,
  alternative: () => 'an alternative of the VHE capability',
  test: () => 'a test of the VHE capability',
  call: () => 'a call that comes back with VHE only',
  other: () => 'what only VHE does here',
};

const settledWords: typeof vheWords = {
  key: (key) => `${staticKey(key)}, which is on before KVM runs`,
  alternative: () => 'an alternative that every machine has taken before KVM runs',
  test: () => 'a test of what is settled before KVM runs',
  call: () => 'a call that never comes back while KVM runs',
  other: () => 'what nothing does while KVM runs',
};

const gateWords: Readonly<Record<Reason['kind'], (gate: PlacedGate) => string>> = {
  'vhe-only': ({ kind, key }) => vheWords[kind](key),
  dead: ({ kind, key }) => settledWords[kind](key),
};

/** The finding as a diagnostic. */
const diagnosticOf = (found: Found, options: DiagnoseOptions): Diagnostic => {
  const { finding, at, judgement, object } = found;
  const { message, advice } = wordingOf(finding);
  const spot = at ? spotOf(at, found.shows) : nowhere;
  const users = distinct(
    found.users.map((user): Note => {
      const name = functionName(user.reference.owner);
      return {
        message: name === null ? 'used here' : `used by ${quote(name)}`,
        place: spotOf(user.reference.owner, 'instruction').place ?? objectNote(user.reference.at).place,
      };
    }),
  );
  const callee = finding.warning === 'hyp-call' ? (judgement?.target.place ?? null) : null;
  const inlines = at && callee ? (options.inlines?.forCall(callee, at) ?? null) : null;
  const notes: readonly Note[] = [
    ...(inlines?.notes ?? []),
    ...users,
    ...reachNotes(found.reach),
    ...(at ? [objectNote(judgement?.reference.at ?? at)] : []),
    ...(spot.problem === null ? [] : [{ message: spot.problem, place: null }]),
    ...advice.map((sentence): Note => ({ message: sentence, place: null })),
  ];
  return {
    warning: finding.warning,
    severity: options.errors.has(finding.warning) ? 'error' : 'warning',
    message,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object,
    notes,
    fixits: inlines?.fixits ?? [],
    hyp: judgement
      ? hypFacts(judgement, found.absorbed, spot, found.reach)
      : at
        ? placeFacts(at, found.users)
        : null,
  };
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

/** The offset in the symbol is not looked up: that would sort all symbols of the kernel's text for each finding. */
const targetEnd = ({ name, section, place }: JudgedTarget): ReferenceEnd => ({
  symbol: name,
  section,
  offset: place?.offset ?? null,
  symbolOffset: null,
});

const chainOf = ({ inlinedFrom, place, function: name }: Spot): readonly InlineFrame[] =>
  inlinedFrom.length === 0 || place === null ? [] : [{ function: name ?? '?', ...place }, ...inlinedFrom];

const sitesOf = (references: readonly Reference[]): HypFacts['relocations'] =>
  references.flatMap(({ relocations }) =>
    relocations.map(({ section, offset, type }) => ({ section, offset, type: relocationName(type) })),
  );

const hypFacts = (
  { reference, target, verdict }: Judgement,
  absorbed: readonly Judgement[],
  spot: Spot,
  reach: Reach | null,
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
    relocation: relocations[0]?.type ?? null,
    access: reference.access,
    reach: reachWord(reach, verdict),
    inlined: chainOf(spot),
    relocations,
  };
};

/** From the start of the function that is blamed to the place in the object. */
const symbolOffset = ({ at, owner }: Reference): number | null => {
  const cover = coverAt(owner);
  return cover ? at.offset - cover.start : null;
};

/** A finding about a place: it is what EL2 would refer to. */
const placeFacts = (at: Place, users: readonly Judgement[]): HypFacts => ({
  object: at.object.path,
  from: null,
  to: ownerEnd(at),
  relocation: null,
  access: null,
  reach: 'unknown',
  inlined: [],
  relocations: sitesOf(users.map((user) => user.reference)),
});

/** Findings with the same key have one cause: one place in the source, one target. */
const causeOf = ({ place, function: name, inlinedFrom, hyp }: Diagnostic): string | null =>
  place === null || !hyp ? null : JSON.stringify([place, name, inlinedFrom, hyp.to?.symbol, hyp.to?.section]);

/** Of findings with one cause the first of these is told; of one warning, the strongest access. */
const precedence: readonly WarningName[] = [
  'hyp-instrumentation',
  'hyp-section',
  'hyp-write',
  'hyp-absolute',
  'hyp-data',
  'hyp-call',
  'hyp-from-host',
  'hyp-unchecked',
  'hyp-inline-hint',
  'hyp-vhe-only',
];
const strength: readonly Access[] = ['store', 'load', 'address', 'absolute', 'call', 'jump'];

const rank = ({ warning, hyp }: Diagnostic): number =>
  (warning === null ? 0 : precedence.indexOf(warning) * 10) +
  (hyp?.access ? strength.indexOf(hyp.access) : 0);

/** Sorted, one a cause. */
export const diagnose = (all: readonly Found[], options: DiagnoseOptions): readonly Diagnostic[] => {
  const byCause = new Map<string, Diagnostic>();
  for (const [index, found] of all.entries()) {
    const diagnostic = diagnosticOf(found, options);
    const cause = causeOf(diagnostic) ?? String(index);
    const known = byCause.get(cause);
    byCause.set(cause, known ? merge(known, diagnostic) : diagnostic);
  }
  return [...byCause.values()].sort(compareDiagnostics);
};

/** The one that ranks first, with the relocations of both. */
const merge = (a: Diagnostic, b: Diagnostic): Diagnostic => {
  const [first, second] = rank(b) < rank(a) ? [b, a] : [a, b];
  if (!first.hyp || !second.hyp) return first;
  return {
    ...first,
    hyp: { ...first.hyp, relocations: [...first.hyp.relocations, ...second.hyp.relocations] },
  };
};

const reachWords = {
  live: 'live',
  'vhe-only': 'only VHE executes it',
  dead: 'nothing executes it',
} as const;

const accessVerbs = {
  call: 'calls',
  jump: 'jumps to',
  load: 'reads',
  store: 'writes',
  address: 'forms the address of',
  absolute: 'holds the kernel address of',
} as const;

/** One line of --references: hyp code ‘f’ (section ‘.hyp.text’) reads ‘x’ (section ‘.bss’): EL2 maps it read-only */
export const describeReference = (judgement: Judgement, reach: Reach | null): Diagnostic => {
  const { reference, target, verdict } = judgement;
  const spot = spotOf(reference.owner, 'instruction');
  const from = functionName(reference.owner);
  const name = target.name === null ? 'something without a symbol' : quote(sourceName(target.name));
  const section = target.section === null ? '' : ` (section ${quote(target.section)})`;
  const outcome = { fine: '', broken: 'not fine: ', unknown: 'unknown: ' }[verdict.kind];
  return {
    warning: null,
    severity: 'note',
    message: `hyp code${from === null ? '' : ` ${quote(from)}`} (section ${quote(reference.owner.section.name)}) ${accessVerbs[reference.access]} ${name}${section}: ${outcome}${verdict.reason}${reach ? `; ${reachWords[reach.kind === 'live' ? 'live' : reach.why().kind]}` : ''}`,
    place: spot.place,
    function: spot.function,
    inlinedFrom: spot.inlinedFrom,
    object: reference.at.object.path,
    notes: [objectNote(reference.at)],
    fixits: [],
    hyp: hypFacts(judgement, [], spot, reach),
  };
};
