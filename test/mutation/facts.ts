// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The contents of a file that a finding can depend on: for each section its code, its
// symbols and the targets of its relocations. If these are the same in a mutant, it must
// have the same finding; so a finding that the program lost is told from one that the
// mutation removed. Decoded without lib/.

import { createHash } from 'node:crypto';
import {
  FLAGS,
  type Header,
  headersOf,
  relocationsOf,
  type SymbolEntry,
  symbolsOf,
  TYPES,
  viewOf,
} from './elf-layout.js';

export interface SectionFacts {
  /** Type, flags and size. */
  readonly kind: string;
  readonly bytes: string;
  readonly symbols: string;
  /** How many sections have the name. */
  readonly count: number;
  /** By place (see `placeOf`): type, target, addend. */
  readonly relocations: ReadonlyMap<string, string>;
  /** Names of the sections with targets of relocations. */
  readonly leadsTo: ReadonlySet<string>;
  /** Damage that no linker accepts; null if there is none. */
  readonly broken: string | null;
  readonly word: (offset: number) => number | null;
}

export interface Facts {
  /** What decides how the rest is judged: machine, type, names and flags of all sections, undefined symbols. */
  readonly frame: string;
  readonly sections: ReadonlyMap<string, SectionFacts>;
}

/** The key of an offset in one of the sections with this name. */
const placeOf = (offset: number, ordinal = 0): string => `${ordinal}+${offset}`;

const digest = (value: Uint8Array | string): string => createHash('sha1').update(value).digest('base64');

const isInFile = ({ type, offset, size }: Header, bytes: Uint8Array): boolean =>
  type === TYPES.NOBITS || offset + size <= bytes.length;

/**
 * The relocation tables of a section by their headers; and whether a section with the name of such a table has another
 * type, or belongs to another section by its header.
 */
const tablesOf = (target: Header, headers: readonly Header[]) => {
  const isTable = ({ type }: Header) => type === TYPES.RELA || type === TYPES.REL || type === TYPES.CREL;
  const called = headers.filter(({ name }) =>
    [`.rela${target.name}`, `.crel${target.name}`].includes(name ?? ''),
  );
  return {
    byInfo: headers.filter((one) => isTable(one) && one.info === target.index),
    isDamaged: called.some((one) => !isTable(one) || headers[one.info]?.name !== target.name),
  };
};

/** null if the file has no readable headers or symbols. */
export const factsOf = (bytes: Uint8Array): Facts | null => {
  const headers = headersOf(bytes);
  const symbols = headers && symbolsOf(bytes, headers);
  if (!headers || !symbols) return null;
  const view = viewOf(bytes);
  const nameOf = ({ section }: SymbolEntry): string => headers[section]?.name ?? `(${section})`;
  const told = (symbol: SymbolEntry): string =>
    [symbol.name, symbol.info, nameOf(symbol), symbol.value, symbol.size].join(' ');
  const sections = new Map<string, SectionFacts>();
  for (const header of headers) {
    if ((header.flags & FLAGS.ALLOC) === 0 || header.name === null) continue;
    let broken: string | null = isInFile(header, bytes) ? null : 'outside of the file';
    const known = sections.get(header.name);
    const ordinal = known?.count ?? 0;
    const relocations = new Map(known?.relocations);
    const leadsTo = new Set<string>();
    const { byInfo, isDamaged } = tablesOf(header, headers);
    if (isDamaged) broken = 'relocations by name and by header differ';
    for (const table of byInfo) {
      if (table.type === TYPES.CREL) {
        // Not decoded here: the same bytes with the same symbols mean the same.
        const packed = bytes.subarray(table.offset, table.offset + table.size);
        relocations.set(placeOf(-1, ordinal), `${digest(packed)} ${digest(symbols.map(told).join('\n'))}`);
        for (const one of symbols) leadsTo.add(nameOf(one));
        continue;
      }
      const entries = relocationsOf(bytes, table);
      if (!entries) {
        broken = 'relocations cannot be read';
        continue;
      }
      for (const { offset, type, symbol, addend } of entries) {
        const to = symbols[symbol];
        if (!to || to.name === null || offset >= header.size) broken = 'a relocation leads nowhere';
        if (to) leadsTo.add(nameOf(to));
        const place = placeOf(offset, ordinal);
        relocations.set(place, `${relocations.get(place) ?? ''};${type} ${to ? told(to) : ''} ${addend}`);
      }
    }
    const own = symbols.filter(({ section }) => section === header.index);
    const isRead = header.type !== TYPES.NOBITS && isInFile(header, bytes);
    sections.set(header.name, {
      count: ordinal + 1,
      kind: `${known?.kind ?? ''}${header.type} ${header.flags} ${header.size};`,
      bytes:
        (known?.bytes ?? '') +
        (isRead ? digest(bytes.subarray(header.offset, header.offset + header.size)) : ''),
      symbols: (known?.symbols ?? '') + own.map(told).sort().join('\n'),
      relocations,
      leadsTo: new Set([...(known?.leadsTo ?? []), ...leadsTo]),
      broken: known?.broken ?? broken,
      word: (offset) =>
        isRead && offset + 4 <= header.size ? view.getUint32(header.offset + offset, true) : null,
    });
  }
  const isOutside = ({ section }: SymbolEntry): boolean => section === 0 || section >= headers.length;
  const frame = [
    ...[view.getUint16(16, true), view.getUint16(18, true)],
    ...headers
      .filter(({ flags }) => (flags & FLAGS.ALLOC) !== 0)
      .map(({ name, type, flags }) => `${name} ${type} ${flags}`)
      .sort(),
    ...symbols.filter(isOutside).map(told).sort(),
    // These names decide how hyp code is linked, and which symbols belong to the nVHE link.
    ...symbols
      .filter(({ name }) => name?.startsWith('__kvm_nvhe_'))
      .map(told)
      .sort(),
  ];
  return { frame: digest(frame.join('\n')), sections };
};

const isSame = (a: SectionFacts | undefined, b: SectionFacts | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.kind === b.kind &&
  a.bytes === b.bytes &&
  a.symbols === b.symbols &&
  a.relocations.size === b.relocations.size &&
  [...a.relocations].every(([offset, one]) => b.relocations.get(offset) === one);

/** Names of sections that differ. */
export const changedSections = (before: Facts, after: Facts): ReadonlySet<string> =>
  new Set(
    [...new Set([...before.sections.keys(), ...after.sections.keys()])].filter(
      (name) => !isSame(before.sections.get(name), after.sections.get(name)),
    ),
  );

export interface Known {
  /** Section, and the offset in it. */
  readonly section: string;
  readonly offset: number;
  /** The relocation's type by name, null for none. */
  readonly relocation: string | null;
  readonly access: string;
}

/** Sections that affect what is executed and what is replaced. */
const isTable = (name: string): boolean =>
  /^(\.altinst|__jump_table|__ex_table|__mcount|__patchable|\.(init|alt)\w*_(table|replacement))/.test(name);

/**
 * Whether a mutant must still have a finding of the undamaged file. If `everything`, the verdict may depend on any part
 * of the file (the control flow is followed), so all parts have to be the same. Else it depends on the place itself, if
 * that is one instruction or slot with one relocation, or on the sections that it refers to.
 *   'stands': what the finding depends on is the same
 *   'broken': what the finding depends on cannot be read, which has to be reported
 *   'changed': the mutant means something else
 */
export const fateOf = (
  known: Known,
  before: Facts,
  after: Facts | null,
  everything: boolean,
): 'stands' | 'broken' | 'changed' => {
  if (!after) return 'broken';
  const now = after.sections.get(known.section);
  if (now?.broken) return 'broken';
  if (before.frame !== after.frame) return 'changed';
  const changed = changedSections(before, after);
  if (changed.size === 0) return 'stands';
  if (everything || [...changed].some(isTable)) return 'changed';
  // References to the place, as from patch tables, may change its meaning.
  const isAbout = ([, { leadsTo }]: readonly [string, SectionFacts]) => leadsTo.has(known.section);
  const rests = new Set([known.section, ...[...before.sections].filter(isAbout).map(([name]) => name)]);
  for (const name of rests) for (const next of before.sections.get(name)?.leadsTo ?? []) rests.add(next);
  if (![...rests].some((name) => changed.has(name))) return 'stands';
  // A branch is one instruction; those before and after it do not matter.
  const then = before.sections.get(known.section);
  const isOne = known.access === 'call' && then?.count === 1 && now?.count === 1;
  // A section symbol as the target means whatever lies there.
  const isTargetSame = [...(then?.leadsTo ?? [])].every(
    (name) => before.sections.get(name)?.symbols === after.sections.get(name)?.symbols,
  );
  const isUntouched =
    isOne &&
    isTargetSame &&
    then.kind === now.kind &&
    then.symbols === now.symbols &&
    then.word(known.offset) === now.word(known.offset) &&
    then.relocations.has(placeOf(known.offset)) &&
    then.relocations.get(placeOf(known.offset)) === now.relocations.get(placeOf(known.offset));
  return isUntouched ? 'stands' : 'changed';
};
