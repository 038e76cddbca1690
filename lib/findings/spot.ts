// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The spot of a place: the source line and the functions around it, and its place
// in the object. Lines are looked up here and nowhere else, so a clean run never
// reads a debug section.

import { coverAt, nameAt } from '../code/functions.js';
import type { InlineFrame, Note, SourcePlace } from '../diagnostics/diagnostic.js';
import { type SourceFrame, SourceLocator } from '../dwarf/source-locator.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Finding } from './finding.js';

/** A line of source and the functions around it. */
export interface Spot {
  readonly place: SourcePlace | null;
  readonly function: string | null;
  readonly inlinedFrom: readonly InlineFrame[];
  readonly problem: string | null;
}

export const nowhere: Spot = { place: null, function: null, inlinedFrom: [], problem: null };

const placeOf = ({ file, line, column }: SourceFrame): SourcePlace | null =>
  line > 0 ? { file, line, column } : null;

/** Where a variable or a function is declared. */
const declarationSpot = (at: Place, shows: 'variable' | 'function', locator: SourceLocator): Spot => {
  const start = { ...at, offset: coverAt(at)?.start ?? at.offset };
  const functionAt = ({ section, offset }: Place) => locator.subprogramAt(section, offset);
  const declaration =
    shows === 'variable'
      ? locator.declarationAt(start.section, start.offset)
      : (functionAt(start)?.declaration ?? functionAt(at)?.declaration ?? null);
  return declaration ? { ...nowhere, place: placeOf(declaration) } : nowhere;
};

const locators = new WeakMap<ObjectFile, SourceLocator>();

/** One per object, so that debug information that was read is kept. */
export const locatorOf = (object: ObjectFile): SourceLocator => {
  const locator = locators.get(object) ?? new SourceLocator(object);
  locators.set(object, locator);
  return locator;
};

export const spotOf = (at: Place, shows: Finding['shows']): Spot => {
  const locator = locatorOf(at.object);
  if (shows !== 'instruction') {
    const spot = declarationSpot(at, shows, locator);
    if (spot.place) return spot;
  }
  const { frames, problem } = locator.framesAt(at.section, at.offset);
  const [first, ...outer] = frames;
  if (!first || first.line === 0) return problem === null ? nowhere : { ...nowhere, problem };
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

export const functionName = (at: Place): string | null => {
  const name = nameAt(at);
  return name === null ? null : sourceName(name);
};

export const objectNote = (at: Place): Note => ({
  message: 'in the object',
  place: { object: at.object.path, section: at.section.name, offset: at.offset },
});
