// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// gcc 12's -fdiagnostics-format=json: one array on one line, with gcc's keys and its
// spaces after , and :, plus one key of ours, `hyp` (HypFacts). Three things are odd.
// `column` is the display column, as in the text; `byte-column` is what DWARF said.
// A place without a column has 0 in all three, a diagnostic without a place has no
// locations. `kind` comes first: log readers tell gcc's JSON from others by it.

import {
  type Diagnostic,
  type HypFacts,
  isSourcePlace,
  type ReferenceEnd,
  type SourcePlace,
} from '../diagnostics/diagnostic.js';
import type { FormatContext, Formatter } from './formatter.js';
import { jsonEscape, printable, withPlainQuotes } from './printable.js';
import { displayColumn, drawSourceLine } from './source-line.js';
import { urlOf } from './urls.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** {"line": 3, "file": "a.c"}: JSON with gcc's spacing. Escapes also what JSON does not and a terminal would obey. */
const write = (value: Json): string => {
  if (value === null || typeof value !== 'object') return printable(JSON.stringify(value), jsonEscape);
  if (isList(value)) return `[${value.map(write).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${write(item)}`)
    .join(', ')}}`;
};

// Array.isArray does not narrow a readonly array.
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** A point of the source, with its column counted in gcc's three ways. */
const point = ({ file, line, column }: SourcePlace, context: FormatContext): Json => {
  const source = column > 0 ? context.sourceLine(file, line) : null;
  const display = source === null ? column : displayColumn(source, column);
  return { 'byte-column': column, 'display-column': display, line, file, column: display };
};

/** The caret, and the last character of the token if that is another one. */
const location = (place: SourcePlace, context: FormatContext): Json => {
  const caret = point(place, context);
  const source = place.column > 0 ? context.sourceLine(place.file, place.line) : null;
  const bytes =
    source === null ? 1 : Buffer.byteLength(drawSourceLine(source, place.column, place.file).token);
  return bytes > 1
    ? { finish: point({ ...place, column: place.column + bytes - 1 }, context), caret }
    : { caret };
};

const locations = (place: SourcePlace | null, context: FormatContext): Json =>
  place === null ? [] : [location(place, context)];

const end = (reference: ReferenceEnd | null): Json =>
  reference === null
    ? null
    : { symbol: reference.symbol, section: reference.section, offset: reference.offset };

const hyp = (facts: HypFacts): Json => ({
  object: facts.object,
  from: end(facts.from),
  to: end(facts.to),
  relocation: facts.relocation,
  access: facts.access,
  reach: facts.reach,
  inlined: facts.inlined.map((frame) => ({
    function: frame.function,
    file: frame.file,
    line: frame.line,
    column: frame.column,
  })),
  callers: facts.callers.map(({ kind, function: name, place, object, section, offset }) => ({
    kind,
    function: name,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    object,
    section,
    offset,
  })),
  relocations: facts.relocations.map(({ section, offset, type }) => ({ section, offset, type })),
});

/** A note without a source line gives its place in the object in words. */
const child = ({ message, place }: Diagnostic['notes'][number], context: FormatContext): Json => {
  const words =
    place === null || isSourcePlace(place)
      ? message
      : `${message}: ${place.object}(${place.section}+0x${place.offset.toString(16)})`;
  return {
    kind: 'note',
    'escape-source': false,
    locations: locations(place !== null && isSourcePlace(place) ? place : null, context),
    message: withPlainQuotes(words),
  };
};

/** A finding about a whole file has no place in the source; the file is named all the same. */
const hypOf = ({ hyp: facts, warning, object: file }: Diagnostic): { readonly hyp?: Json } => {
  if (facts !== null) return { hyp: hyp(facts) };
  return warning === 'hyp-unchecked' ? { hyp: { object: file } } : {};
};

const object = (diagnostic: Diagnostic, context: FormatContext): Json => ({
  kind: diagnostic.severity,
  locations: locations(diagnostic.place, context),
  'column-origin': 1,
  ...(diagnostic.warning === null
    ? {}
    : { option: `-W${diagnostic.severity === 'error' ? 'error=' : ''}${diagnostic.warning}` }),
  'escape-source': false,
  children: diagnostic.notes.map((note) => child(note, context)),
  ...(diagnostic.warning === null || context.documentation === null
    ? {}
    : { option_url: urlOf(context.documentation, diagnostic.warning) }),
  ...(diagnostic.fixits.length === 0
    ? {}
    : {
        fixits: diagnostic.fixits.map(({ file, start, next, text }) => ({
          next: point({ file, ...next }, context),
          string: text,
          start: point({ file, ...start }, context),
        })),
      }),
  message: withPlainQuotes(diagnostic.message),
  ...hypOf(diagnostic),
});

export const json: Formatter = {
  stream: 'stdout',
  names: 'given',
  most: null,
  header: () => '[',
  result: (diagnostic, previous, context) =>
    `${previous === null ? '' : ', '}${write(object(diagnostic, context))}`,
  footer: () => ']\n',
};
