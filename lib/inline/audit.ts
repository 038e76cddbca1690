// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hyp code relies on the compiler to inline. Debug information lists every call
// that was inlined into a hyp section; the declarations tell which of these the
// compiler was free to emit elsewhere. One diagnostic per declaration; its notes say
// which hyp functions need it, how often, and through which helpers. Peculiar: if an
// inlined call left no instruction, compilers drop its debug information; yet it
// becomes a real call once its caller is inlined by force and it is not. So for such
// callers, the calls are looked up in the source.

import { coversOf } from '../code/functions.js';
import { sectionsOf } from '../code/object-sections.js';
import type { Diagnostic, Note, SourcePlace } from '../diagnostics/diagnostic.js';
import { compareDiagnostics, quote } from '../diagnostics/diagnostic.js';
import type { InlinedInstance, SourceFrame, SourceLocator } from '../dwarf/source-locator.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import { sourceName } from '../link/symbol-names.js';
import { wordingOf } from '../pages/registry.js';
import type { WarningName } from '../policy/warnings.js';
import { declarationOf, obstacleOf } from './advice.js';
import { calledFrom, type IsExecuted } from './closure.js';
import type { InlineDeclaration, InlineDeclarations } from './declaration.js';
import { ExecutedWords } from './executed-words.js';

export interface AuditOptions {
  readonly declarations: InlineDeclarations;
  readonly locatorOf: (object: ObjectFile) => Pick<SourceLocator, 'inlinedInstances' | 'hasUnitsIn'>;
  readonly isExecuted: IsExecuted;
  readonly errors: ReadonlySet<WarningName>;
}

/** What one hyp function needs of a helper. */
interface Use {
  readonly by: string;
  readonly place: SourcePlace | null;
  /** The helpers in between, the one that calls it first. */
  readonly chain: readonly string[];
  count: number;
}

interface Reliance {
  readonly declaration: InlineDeclaration;
  readonly object: string;
  readonly uses: Map<string, Use>;
  /** Inlined functions whose source calls it although no use is seen. */
  readonly callers: Set<string>;
}

/** A function that was inlined into hyp code, and an object in which it was. */
interface Inlined {
  readonly declaration: InlineDeclaration;
  readonly object: string;
}

export interface Audit {
  readonly diagnostics: readonly Diagnostic[];
  /** Files that could not be read, each with an object that needs it and the functions declared in it. */
  readonly unreadable: ReadonlyMap<string, { readonly object: string; readonly names: ReadonlySet<string> }>;
  /** Objects for which it is not, or only partly, known what was inlined, and why: sentences. */
  readonly untold: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Compilers leave a .comment. Assembly has nothing inlined, and often no debug information. */
const isMadeOfC = ({ sections }: ObjectFile): boolean => sections.some(({ name }) => name === '.comment');

export const auditInlines = (image: Image, options: AuditOptions): Audit => {
  const reliances = new Map<string, Reliance>();
  const unreadable = new Map<string, { object: string; names: Set<string> }>();
  const untold = new Map<string, ReadonlySet<string>>();
  /** Functions inlined into hyp code, hints or not; and those that are inlined but not executed without VHE. */
  const needed = new Map<string, Inlined>();
  const idle = new Set<string>();
  /** Functions that hyp code calls: hyp-call reports those. */
  const called = new Set<string>();
  for (const object of image.objects) {
    const sections = sectionsOf(object).hypCode;
    if (sections.length === 0) continue;
    const emitted = new Set(
      sections.flatMap((section) => coversOf(object, section).map(({ name }) => sourceName(name))),
    );
    const locator = options.locatorOf(object);
    const problems = new Set<string>();
    untold.set(object.path, problems);
    for (const section of sections) {
      for (const name of calledFrom(image, object, section)) called.add(name);
      let executed: ExecutedWords | undefined;
      for (const instance of locator.inlinedInstances(section, problems)) {
        const { callee, frames } = instance;
        // A part that was split off and inlined again, or recursion: the call around it covers both.
        if (frames[0]?.function === callee.name) continue;
        if (callee.name === null || emitted.has(sourceName(callee.name))) continue;
        const declaration = declarationOf(callee, options.declarations);
        if (!declaration) continue;
        const key = keyOf(options.declarations, declaration);
        const inlined = { declaration, object: object.path };
        executed ??= new ExecutedWords(object, section, options.isExecuted);
        if (!isNeeded(instance, executed)) {
          if (instance.ranges.length > 0) idle.add(key);
          continue;
        }
        needed.set(key, inlined);
        if (declaration.kind === 'always' || declaration.kind === 'hyp') continue;
        if (declaration.kind === 'unreadable') {
          const { file } = declaration.place;
          const known = unreadable.get(file) ?? { object: object.path, names: new Set<string>() };
          known.names.add(declaration.name);
          unreadable.set(file, known);
          continue;
        }
        addUse(relianceIn(reliances, key, inlined).uses, instance);
      }
    }
    const isTold = problems.size > 0 || sections.every((section) => locator.hasUnitsIn(section));
    if (!isTold && isMadeOfC(object)) problems.add('there is no debug information');
  }
  followSource(needed, idle, called, reliances, options.declarations);
  const diagnostics = [...reliances.values()]
    .map((one) => diagnosticOf(one, options.errors))
    .sort(compareDiagnostics);
  return { diagnostics, unreadable, untold };
};

const relianceIn = (all: Map<string, Reliance>, key: string, { declaration, object }: Inlined): Reliance => {
  const known = all.get(key) ?? { declaration, object, uses: new Map(), callers: new Set() };
  all.set(key, known);
  return known;
};

/**
 * Adds the helpers that inlined functions call by their source and that left no trace: their names are not in `traced`.
 * They are looked for in the caller's file, then in the files of everything that was inlined.
 */
const followSource = (
  needed: ReadonlyMap<string, Inlined>,
  idle: ReadonlySet<string>,
  traced: ReadonlySet<string>,
  reliances: Map<string, Reliance>,
  declarations: InlineDeclarations,
): void => {
  const seen = new Set(needed.keys());
  const files = [...new Set([...needed.values()].map(({ declaration }) => declaration.place.file))];
  const queue = [...needed.values()];
  for (let one = queue.shift(); one; one = queue.shift()) {
    const { declaration: caller, object } = one;
    for (const name of declarations.calledBy(caller)) {
      if (traced.has(name)) continue;
      const declaration =
        declarations.named(caller.place.file, name) ??
        only(files.map((file) => declarations.named(file, name)));
      if (!declaration?.isHint) continue;
      const key = keyOf(declarations, declaration);
      if (idle.has(key) || needed.has(key)) continue;
      if (declaration.kind !== 'always' && declaration.kind !== 'hyp')
        relianceIn(reliances, key, { declaration, object }).callers.add(caller.name);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ declaration, object });
    }
  }
};

const only = <T>(list: readonly (T | null)[]): T | null => {
  const found = list.filter((one) => one !== null);
  return found.length === 1 ? (found[0] ?? null) : null;
};

const keyOf = (declarations: InlineDeclarations, { name, place }: InlineDeclaration): string =>
  declarations.keyOf({ ...place, name });

/**
 * Whether a machine without VHE executes an inlined call. Compilers merge instructions that VHE and the rest have in
 * common and attribute them to VHE's call; where the call is entered, and how small it is, tells such cases.
 */
const isNeeded = ({ ranges, entry }: InlinedInstance, executed: ExecutedWords): boolean => {
  const counts = ranges.map((range) => executed.count(range));
  const sum = (of: 'words' | 'executed') => counts.reduce((total, count) => total + count[of], 0);
  if (sum('executed') === 0) return false;
  if (entry === null || executed.count({ start: entry, end: entry + 4 }).executed > 0) return true;
  return sum('executed') * 2 >= sum('words');
};

const addUse = (uses: Map<string, Use>, { frames }: InlinedInstance): void => {
  const function_ = frames.at(-1);
  const by = sourceName(function_?.function ?? '?');
  const chain = frames.slice(0, -1).map((frame) => sourceName(frame.function ?? '?'));
  const key = JSON.stringify([function_?.file, by, chain]);
  const known = uses.get(key) ?? { by, place: placeOf(function_), chain, count: 0 };
  known.count++;
  uses.set(key, known);
};

const placeOf = (frame: SourceFrame | undefined): SourcePlace | null =>
  frame && frame.line > 0 ? { file: frame.file, line: frame.line, column: frame.column } : null;

/** `‘handle_trap’ relies on it 3 times, through ‘vcpu_is_valid’ and ‘vcpu_register’` */
const useNote = ({ by, place, chain, count }: Use): Note => {
  const times = count === 1 ? '' : ` ${count} times`;
  const through = chain.length === 0 ? '' : `, through ${chain.map(quote).join(' in ')}`;
  return { message: `hyp code ${quote(by)} relies on it${times}${through}`, place };
};

const compareUses = (a: Use, b: Use): number => {
  const [x, y] = [a, b].map(({ by, chain, place }) => JSON.stringify([by, chain.length, place?.line, chain]));
  return (x ?? '') < (y ?? '') ? -1 : 1;
};

const diagnosticOf = (
  { declaration, object, uses, callers }: Reliance,
  errors: ReadonlySet<WarningName>,
): Diagnostic => {
  const { name, isHint, place } = declaration;
  const { message } = wordingOf({ warning: 'hyp-inline-hint', facts: { name, isHint } });
  const obstacle = obstacleOf(declaration);
  return {
    warning: 'hyp-inline-hint',
    severity: errors.has('hyp-inline-hint') ? 'error' : 'warning',
    message,
    place,
    function: null,
    inlinedFrom: [],
    object,
    notes: [
      ...(obstacle === null ? [] : [{ message: obstacle, place: null }]),
      ...[...uses.values()].sort(compareUses).map(useNote),
      ...[...callers].sort().map((caller) => ({
        message: `${quote(caller)}, which is inlined into hyp code, calls it`,
        place: null,
      })),
    ],
    fixits: declaration.kind === 'editable' ? declaration.fixes : [],
    hyp: {
      object,
      from: null,
      to: { symbol: name, section: null, offset: null, symbolOffset: null },
      relocation: null,
      access: null,
      reach: 'live',
      inlined: [],
      callers: [],
      relocations: [],
    },
  };
};
