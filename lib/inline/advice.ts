// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The advice about a call from hyp code to a function that was declared inline: that
// it was emitted out of line, where it is declared, what else must be inlined with
// it, and the fix-its for all of that.

import type { Cover } from '../code/covers.js';
import { coverAt, coversAt } from '../code/functions.js';
import { isHypSection } from '../code/sections.js';
import { type FixIt, type Note, quote } from '../diagnostics/diagnostic.js';
import type { SourceLocator, Subprogram } from '../dwarf/source-locator.js';
import type { ObjectFile } from '../elf/object-file.js';
import { STB } from '../elf/vocabulary.js';
import type { Advice } from '../findings/diagnose.js';
import type { Image } from '../link/image.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import { quoteSection } from '../pages/phrases.js';
import { instrumentationOf } from '../policy/instrumentation.js';
import { causesOf } from './causes.js';
import { calleesOf, type IsExecuted } from './closure.js';
import type { InlineDeclaration, InlineDeclarations } from './declaration.js';

/** Why a declaration cannot be edited, and what to do instead; null if it can. */
export const obstacleOf = (declaration: InlineDeclaration): string | null => {
  const name = quote(declaration.name);
  switch (declaration.kind) {
    case 'user-space':
      return `${name} belongs to user space too (include/uapi), so its declaration is not changed: give hyp code a helper of its own`;
    case 'macro':
      return `${name} is made by the macro ${quote(declaration.macro)}, which is not edited here: let it say ${quote('__always_inline')}`;
    case 'unreadable':
      return `declare ${name} ${quote('__always_inline')}; its source cannot be read here`;
    case 'recursive':
      return `${name} calls itself, so that it cannot be inlined wholly: make it hyp code`;
    case 'unclear':
      return `declare ${name} ${quote('__always_inline')}; the source does not declare it here, or not in a way that is understood`;
    case 'fixed':
      return `make ${name} hyp code, or declare it ${quote('static __always_inline')}: it is emitted whether or not it is inlined`;
    case 'always':
    case 'hyp':
    case 'editable':
      return null;
    default:
      return declaration satisfies never;
  }
};

/** What debug information tells about the places of an object. */
export type LocatorOf = (object: ObjectFile) => Pick<SourceLocator, 'framesAt' | 'subprogramAt'>;

export class InlineAdvisor {
  readonly #image: Image;
  readonly #declarations: InlineDeclarations;
  readonly #locatorOf: LocatorOf;
  readonly #isExecuted: IsExecuted;
  readonly #known = new Map<string, Advice>();

  constructor(image: Image, declarations: InlineDeclarations, locatorOf: LocatorOf, isExecuted: IsExecuted) {
    this.#image = image;
    this.#isExecuted = isExecuted;
    this.#declarations = declarations;
    this.#locatorOf = locatorOf;
  }

  forCall(target: Place, caller: Place): Advice | null {
    const cover = coverAt(target);
    if (!cover) return null;
    const start = { ...target, offset: cover.start };
    const own = this.#declarationAt(start);
    const twins = twinsAt(start);
    const declaration = (own && twins.length > 1 && this.#twinOf(own, twins, caller)) || own;
    if (declaration?.kind === 'unreadable' && !declaration.isHint && isStatic(target, cover)) {
      const message = `${quote(declaration.name)} is declared here, maybe inline: the source cannot be read (--source)`;
      return { notes: [{ message, place: declaration.place }], fixits: [] };
    }
    if (!declaration?.isHint || declaration.kind === 'hyp') return null;
    const key = `${target.object.path} ${target.section.index} ${cover.start}`;
    const closure = this.#known.get(key) ?? this.#closureOf(start);
    this.#known.set(key, closure);
    const name = quote(declaration.name);
    const obstacle = obstacleOf(declaration);
    const message = `inline function ${name} was emitted out of line; it is declared here`;
    return {
      notes: [
        { message, place: declaration.place },
        ...(twins.length > 1
          ? [{ message: `the compiler made one function of ${listed(twins)} (-fipa-icf)`, place: null }]
          : []),
        ...causesOf(this.#image, start, cover, caller).map(
          (cause): Note => ({ message: cause, place: null }),
        ),
        ...(obstacle === null ? [] : [{ message: obstacle, place: null }]),
        ...closure.notes,
      ],
      fixits: [...fixOf(declaration), ...closure.fixits],
    };
  }

  /**
   * Compilers merge two functions that do the same, and debug information keeps one of them. The source at the call tells
   * which was meant: its declaration, if it is not the one that was kept; else null.
   */
  #twinOf(kept: InlineDeclaration, names: readonly string[], caller: Place): InlineDeclaration | null {
    const [frame] = this.#locatorOf(caller.object).framesAt(caller.section, caller.offset).frames;
    const word = frame ? this.#declarations.wordAt(frame) : null;
    return word !== null && word !== kept.name && names.includes(word)
      ? this.#declarations.named(kept.place.file, word)
      : null;
  }

  /** What the function calls, directly or not: all of it must be inlined with it. */
  #closureOf(start: Place): Advice {
    const notes: Note[] = [];
    const fixits: FixIt[] = [];
    const seen = new Set<string>([keyOf(start)]);
    const queue: Place[] = [start];
    for (let caller = queue.shift(); caller; caller = queue.shift()) {
      const by = quote(sourceName(coverAt(caller)?.name ?? '?'));
      for (const { name, place } of calleesOf(this.#image, caller, this.#isExecuted)) {
        const plain = quote(sourceName(name));
        if (instrumentationOf(sourceName(name)) || (place && isHypSection(place.section))) continue;
        if (place && seen.has(keyOf(place))) continue;
        if (place) seen.add(keyOf(place));
        const declaration = place && this.#declarationAt(place);
        if (!place || !declaration?.isHint) {
          const section = place ? ` (section ${quoteSection(place.section.name)})` : '';
          notes.push({ message: `${by} itself calls ${plain}${section}, which is not inline`, place: null });
          continue;
        }
        if (declaration.kind === 'hyp') continue;
        const obstacle = obstacleOf(declaration);
        notes.push(
          {
            message: `inline function ${plain}, which ${by} calls, is declared here`,
            place: declaration.place,
          },
          ...(obstacle === null ? [] : [{ message: obstacle, place: null }]),
        );
        fixits.push(...fixOf(declaration));
        queue.push(place);
      }
    }
    return { notes, fixits };
  }

  #declarationAt({ object, section, offset }: Place): InlineDeclaration | null {
    const subprogram = this.#locatorOf(object).subprogramAt(section, offset);
    return subprogram && declarationOf(subprogram, this.#declarations);
  }
}

/** The names of the functions that begin at a place. */
const twinsAt = (place: Place): readonly string[] => {
  const names = coversAt(place)
    .filter(({ sized }) => sized)
    .map(({ name }) => sourceName(name));
  return [...new Set(names)].sort();
};

const listed = (names: readonly string[]): string =>
  `${names.slice(0, -1).map(quote).join(', ')} and ${quote(names.at(-1) ?? '')}`;

const isStatic = ({ object }: Place, { symbol }: Cover): boolean =>
  object.symbols.binding(symbol) === STB.LOCAL;

const keyOf = ({ object, section, offset }: Place): string => `${object.path} ${section.index} ${offset}`;

const fixOf = (declaration: InlineDeclaration): readonly FixIt[] =>
  declaration.kind === 'editable' ? declaration.fixes : [];

/** What the source says about a function, together with DW_AT_inline, which knows declarations in other files. */
export const declarationOf = (
  { name, inline, declaration }: Subprogram,
  declarations: InlineDeclarations,
): InlineDeclaration | null => {
  if (name === null || !declaration || declaration.line === 0) return null;
  const { file, line, column } = declaration;
  const read = declarations.of({ name: sourceName(name), file, line, column });
  const isDeclared = inline !== null && inline >= 2; // DW_INL_declared_not_inlined, DW_INL_declared_inlined
  return { ...read, isHint: read.isHint || isDeclared };
};
