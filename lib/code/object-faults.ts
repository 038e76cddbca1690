// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Contradictions within an object, and parts of it that are not read: above all
// relocations that exist and would be overlooked. A section of relocations is
// recognised by its type; if the type is another, by its name and its sh_info.
//
// Whether an object was stripped: with hyp code, it has a symbol table that holds
// more than the null symbol, since AAELF64 asks for a mapping symbol at the start
// of all code. Without one, functions and data cannot be told apart, and the
// relocations are gone too. Code with symbols and without relocations is fine,
// unless it has instructions that an assembler always relocates, or the symbol
// table has undefined names that nothing refers to.

import { branchesToItself, needsRelocation, wideLiteral } from '../aarch64/relocated-instructions.js';
import { relocationTypes } from '../aarch64/relocation-types.js';
import { wordsOf } from '../elf/byte-source.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import { holdsRelocations } from '../elf/relocations.js';
import { ET, SHF, SHT, STB } from '../elf/vocabulary.js';
import { runsOf } from './mapping-symbols.js';
import { sectionsOf } from './object-sections.js';
import { relocationsOf } from './relocations.js';
import { familyOf, isHypCode, isHypSection } from './sections.js';

/** Section types whose sh_info is not a section. [gABI "sh_link and sh_info Interpretation"; GNU symbol versions] */
const countsInInfo: ReadonlySet<number> = new Set([
  SHT.SYMTAB,
  SHT.DYNSYM,
  SHT.GROUP,
  0x6ffffffd,
  0x6ffffffe,
]);

/** Prefixes of the names of relocation sections; the rest is the name of the patched section. */
const prefixes: readonly (readonly [prefix: string, type: number])[] = [
  ['.rela', SHT.RELA],
  ['.crel', SHT.CREL],
  ['.rel', SHT.REL],
];

/** Bytes of a section that are searched at once. */
const PIECE = 1 << 20;

/** Sentences, no full stop. */
export const faultsOf = (object: ObjectFile): readonly string[] => [
  ...headerFaults(object.asWritten),
  ...relocationFaults(object),
  ...symbolFaults(object.asWritten),
  ...codeFaults(object),
];

/** The gABI lets any section header be inactive; of what tools leave, only the first is. */
const headerFaults = ({ sections }: ObjectFile): readonly string[] => {
  const inactive = sections.find(({ index, type }) => index > 0 && type === SHT.NULL);
  return inactive
    ? [`section ${inactive.index} is inactive (SHT_NULL), so what it held or told of others is not known`]
    : [];
};

const relocationFaults = ({ sections }: ObjectFile): readonly string[] => {
  const faults: string[] = [];
  const table = sections.find(({ type }) => type === SHT.SYMTAB)?.index ?? null;
  // A whole kernel has thousands of sections, nearly all of them fine.
  let cached: ReadonlySet<string> | null = null;
  const names = (): ReadonlySet<string> => {
    cached ??= new Set(sections.map(({ name }) => name));
    return cached;
  };
  for (let index = 1; index < sections.length; index++) {
    const section = sections[index] as Section;
    if (section.size === 0) continue;
    const fault = holdsRelocations(section)
      ? faultOfRelocations(sections, section, names, table)
      : faultOfOther(sections, section, names);
    if (fault !== null) faults.push(fault);
  }
  return faults;
};

/** The patched section that a section's name stands for, if it is read as a name of relocations. */
const patchedNames = ({ name }: Section): readonly (readonly [patched: string, type: number])[] => {
  if (!name.startsWith('.rel') && !name.startsWith('.crel')) return [];
  return prefixes.flatMap(([prefix, type]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), type] as const] : [],
  );
};

const faultOfRelocations = (
  sections: readonly Section[],
  section: Section,
  names: () => ReadonlySet<string>,
  symbolTable: number | null,
): string | null => {
  const { info, link, type, name } = section;
  const patched = info === 0 ? undefined : sections[info];
  if (!patched) return `section ‘${name}’ has relocations of section ${info}, which is none`;
  // As all tools name it. Compared without making a name for each section of a kernel.
  const isUsual =
    type === SHT.RELA &&
    name.length === patched.name.length + 5 &&
    name.startsWith('.rela') &&
    name.endsWith(patched.name);
  const contradiction = isUsual ? null : contradictionOf(section, patched, names);
  if (contradiction !== null) return contradiction;
  if (link !== symbolTable)
    return `section ‘${name}’ has relocations by symbols of section ${link}, which is not the symbol table`;
  const isHost = !isHypSection(patched) && (patched.flags & SHF.ALLOC) !== 0;
  return type === SHT.REL && isHost ? `relocations without addends (‘${name}’) cannot be read` : null;
};

/** What the name of relocations says against their section header, or null. */
const contradictionOf = (
  section: Section,
  patched: Section,
  names: () => ReadonlySet<string>,
): string | null => {
  const { name, type } = section;
  const called = patchedNames(section);
  if (called.length === 0 || called.some(([of, kind]) => of === patched.name && kind === type)) return null;
  const other = called.find(([of]) => names().has(of));
  const isOfOther = other !== undefined && other[0] === patched.name;
  return isOfOther
    ? `section ‘${name}’ has relocations of another kind (type 0x${type.toString(16)}) than its name says`
    : `section ‘${name}’ has relocations of section ‘${patched.name}’, which its name contradicts`;
};

const faultOfOther = (
  sections: readonly Section[],
  section: Section,
  names: () => ReadonlySet<string>,
): string | null => {
  const { name, type, info } = section;
  const called = name.startsWith('.') ? patchedNames(section).find(([of]) => names().has(of)) : undefined;
  if (called)
    return `section ‘${name}’ is called the relocations of ‘${called[0]}’ and is of type 0x${type.toString(16)}, which is not read`;
  const named = countsInInfo.has(type) || info === 0 ? undefined : sections[info];
  const matters = named !== undefined && ((named.flags & SHF.ALLOC) !== 0 || isHypSection(named));
  return matters
    ? `section ‘${name}’ is about section ‘${named.name}’ and is of type 0x${type.toString(16)}, which is not known`
    : null;
};

const symbolFaults = (object: ObjectFile): readonly string[] => {
  const faults: string[] = [];
  const { symbols, sections } = object;
  const [table, second] = sections.filter(({ type }) => type === SHT.SYMTAB);
  if (second) faults.push('there is more than one symbol table');
  if (table && (symbols.count * table.entrySize !== object.sizeOf(table) || table.info > symbols.count))
    faults.push(
      `the symbol table is not whole: ${table.info} local symbols in front, ${symbols.count} in all in ${table.size} bytes`,
    );
  if (symbols.hasLongNames)
    faults.push('the symbol table has a name of thousands of characters, which is cut');
  const bad = symbols.firstBad(sections.length, table?.info ?? 0);
  if (bad) {
    const shown = symbols.name(bad.symbol);
    const which = shown === '' ? `symbol ${bad.symbol}` : `symbol ‘${shown}’`;
    faults.push(
      {
        section: `${which} is in section ${bad.value} (0x${bad.value.toString(16)}), which is none`,
        extended: `the section of ${which} is in a table (SHT_SYMTAB_SHNDX) that is not there`,
        name: `${which} has no name that can be read`,
        binding: `${which} is on the wrong side of the local symbols, which are the first ${bad.value}`,
      }[bad.field],
    );
  }
  return faults;
};

/** A symbol behind the end of its section: where it should be, function or data, something else is seen. */
const farSymbol = ({ symbols, type }: ObjectFile, section: Section): string | null => {
  if (type !== ET.REL) return null;
  const far = symbols.inSection(section.index).find((symbol) => symbols.value(symbol) > section.size);
  return far === undefined
    ? null
    : `symbol ‘${symbols.name(far)}’ is at offset 0x${symbols.value(far).toString(16)} of section ‘${section.name}’, which ends at 0x${section.size.toString(16)}`;
};

const codeFaults = (object: ObjectFile): readonly string[] => {
  const faults: string[] = [];
  for (const section of sectionsOf(object).hyp) {
    if (section.type !== SHT.NOBITS && section.offset + section.size > object.size)
      faults.push(`section ‘${section.name}’ reaches beyond the end of the file`);
    if (isMissing(section))
      faults.push(`section ‘${section.name}’ is not in the file (SHT_NOBITS): its contents were removed`);
    const far = farSymbol(object, section);
    if (far !== null) faults.push(far);
  }
  const hyp = sectionsOf(object).hypCode.find(({ size }) => size > 0);
  if (hyp && object.symbols.count <= 1) {
    faults.push(
      `there are no symbols, so what the code of section ‘${hyp.name}’ refers to is not known: it was stripped`,
    );
    return faults;
  }
  const isPatched = (section: Section): boolean => object.relocationSections(section).length > 0;
  if (hyp && !object.sections.some((section) => isLoaded(section) && isPatched(section))) {
    const lacked = firstLacked(object);
    if (lacked !== null) {
      faults.push(`nothing refers to ‘${lacked}’, which is not defined here: the relocations were removed`);
      return faults;
    }
  }
  for (const { section } of sectionsOf(object).patchTables) {
    if (!isPatched(section))
      faults.push(`section ‘${section.name}’ says what is patched, by relocations, and has none`);
  }
  for (const section of sectionsOf(object).code) {
    if (!isLoaded(section) || (!isHypCode(section) && isPatched(section))) continue;
    const literal = isHypCode(section) && !isPatched(section) ? firstEmptyLiteral(object, section) : null;
    if (literal !== null)
      faults.push(
        `the literal at offset 0x${literal.toString(16)} of section ‘${section.name}’ is empty and has no relocation`,
      );
    const offset = firstUnrelocated(object, section);
    if (offset !== null)
      faults.push(
        `the instruction at offset 0x${offset.toString(16)} of section ‘${section.name}’ needs a relocation and has none`,
      );
  }
  return faults;
};

const isLoaded = ({ flags, type }: Section): boolean => (flags & SHF.ALLOC) !== 0 && type !== SHT.NOBITS;

/** Of a hyp section: code or constants without bytes in the file, as --only-keep-debug leaves them. */
const isMissing = (section: Section): boolean =>
  section.type === SHT.NOBITS &&
  section.size > 0 &&
  ((section.flags & SHF.EXECINSTR) !== 0 || familyOf(section) === 'hyp-rodata');

/** The first undefined name that is not weak, or null. */
const firstLacked = ({ symbols }: ObjectFile): string | null => {
  for (let symbol = 1; symbol < symbols.count; symbol++) {
    if (symbols.isUndefined(symbol) && symbols.binding(symbol) === STB.GLOBAL) return symbols.name(symbol);
  }
  return null;
};

/** A load of a literal that is 0, in code without relocations: a compiler would get 0 in another way. */
const firstEmptyLiteral = (object: ObjectFile, section: Section): number | null => {
  const words = wordsOf(object.contents(section));
  const runs = runsOf(object, section);
  for (let index = 0; index < words.length; index++) {
    const distance = wideLiteral(words[index] ?? 0);
    const literal = index * 4 + (distance ?? 0);
    const isCode = distance === null || !runs.isCode(index * 4) || runs.isCode(literal);
    if (!isCode && words[literal / 4] === 0 && words[literal / 4 + 1] === 0) return literal;
  }
  return null;
};

const firstUnrelocated = (object: ObjectFile, section: Section): number | null => {
  const size = object.sizeOf(section);
  const relocations = relocationsOf(object, section);
  for (let start = 0; start < size; start += PIECE) {
    const words = wordsOf(object.read(section, start, Math.min(PIECE, size - start)));
    const table = relocations.slice(start, start + words.length * 4);
    let next = table.lowerBound(start);
    for (let index = 0; index < words.length; index++) {
      const word = words[index] ?? 0;
      if (!needsRelocation(word) && !branchesToItself(word)) continue;
      const offset = start + index * 4;
      while (next < table.count && table.offset(next) < offset) next++;
      // A loop of one instruction is right, unless a relocation was there and is none any more (R_AARCH64_NONE).
      let isRelocated = !needsRelocation(word);
      for (let at = next; at < table.count && table.offset(at) === offset; at++) {
        isRelocated = relocationTypes.get(table.type(at))?.kind !== 'none';
        if (isRelocated) break;
      }
      // Only here, since all symbols are looked through for the section's.
      if (!isRelocated && runsOf(object, section).isCode(offset)) return offset;
    }
  }
  return null;
};
