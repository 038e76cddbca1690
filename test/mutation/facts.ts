// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a file says, as far as a finding can rest on it: per section its code, its
// symbols and what its relocations lead to. Two files that say the same about what
// a finding rests on have the same finding; this is how a finding that a mutant
// lost is told from one that the mutation took away. Decoded without lib/.

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
  /** Each by its place, see `placeOf`: type, what it leads to, addend. */
  readonly relocations: ReadonlyMap<string, string>;
  /** Names of sections that relocations lead to. */
  readonly leadsTo: ReadonlySet<string>;
  /** What no linker takes; null where there is nothing of the kind. */
  readonly broken: string | null;
  readonly word: (offset: number) => number | null;
}

export interface Facts {
  /** Machine, type, names and flags of all sections, and what is not defined: what decides how the rest is judged. */
  readonly frame: string;
  readonly sections: ReadonlyMap<string, SectionFacts>;
}

/** An offset in one of the sections of a name. */
const placeOf = (offset: number, ordinal = 0): string => `${ordinal}+${offset}`;

const digest = (value: Uint8Array | string): string => createHash('sha1').update(value).digest('base64');

const isInFile = ({ type, offset, size }: Header, bytes: Uint8Array): boolean =>
  type === TYPES.NOBITS || offset + size <= bytes.length;

/**
 * The tables of relocations of a section by their headers; and whether one that is called so is none by its type, or is
 * another section's by its header.
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

/** null where the file says nothing that holds together: no headers, no symbols. */
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
        // Not taken apart here: the same bytes by the same symbols say the same.
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
    // How the hyp code is made, and where the names of the nVHE link are.
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

/** Sections that tell what is executed and what is replaced. */
const isTable = (name: string): boolean =>
  /^(\.altinst|__jump_table|__ex_table|__mcount|__patchable|\.(init|alt)\w*_(table|replacement))/.test(name);

/**
 * Whether a finding of a file must still be one of its mutant. `everything`: the verdict may rest on any part of the
 * file (who executes what), so all parts have to be the same; else on the place itself, if it is one instruction or slot with one relocation,
 * or on the sections that it leads through.
 *   'stands': what it rests on is the same
 *   'broken': what it rests on cannot be read, and that has to be said
 *   'changed': the mutant says something else
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
  // What leads to the place may say something of it, as tables do.
  const isAbout = ([, { leadsTo }]: readonly [string, SectionFacts]) => leadsTo.has(known.section);
  const rests = new Set([known.section, ...[...before.sections].filter(isAbout).map(([name]) => name)]);
  for (const name of rests) for (const next of before.sections.get(name)?.leadsTo ?? []) rests.add(next);
  if (![...rests].some((name) => changed.has(name))) return 'stands';
  // One instruction: a branch; what follows and precedes it does not matter.
  const then = before.sections.get(known.section);
  const isOne = known.access === 'call' && then?.count === 1 && now?.count === 1;
  // A symbol of its section stands for what lies there.
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
