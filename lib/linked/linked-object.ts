// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A linked image (vmlinux) as the object that it was made from: sections under
// the names that they had, symbols and offsets in them, and relocations, read
// back out of instructions, tables and slots. Everything behind it reads objects
// and needs no second case. Debug information is not touched: addresses in it are
// those of the image, and each section keeps its own.
//
// What an image does not tell: which of the sections that the linker merged a
// byte came from. It is said to be in the section of the image.

import { sectionsOf } from '../code/object-sections.js';
import { isHypSection, listsTracedFunctions } from '../code/sections.js';
import { FormatError } from '../elf/format-error.js';
import type { ImagePlaces, ObjectFile, Section } from '../elf/object-file.js';
import type { Relocation } from '../elf/relocations.js';
import { readSymbolParts } from '../elf/symbol-parts.js';
import type { SymbolTable } from '../elf/symbols.js';
import { SHF, SHT } from '../elf/vocabulary.js';
import type { Place } from '../link/place.js';
import { DynamicSlots } from './dynamic-slots.js';
import { type Target, Targets, typeNamed, type Use } from './entries.js';
import { ImageLocations } from './image-locations.js';
import { wordsOfImage } from './image-words.js';
import { type Distance, Layout } from './layout.js';
import { type HostAlias, LinkedSymbols } from './linked-symbols.js';
import { type RecoveredCode, recoverCode } from './recover-code.js';
import { recoverData, recoverHostCode } from './recover-host.js';
import { hypSlotsOf, type RecoveredTable, recoverTables } from './recover-tables.js';
import { RecoveredObject } from './recovered-object.js';
import { RewrittenObject } from './rewritten-object.js';
import type { ImageWords, Veneer } from './stubs.js';

const HYP_RELOC = '.hyp.reloc';

/** What relocations are made of. */
interface Recovery {
  readonly layout: Layout;
  readonly image: ImageWords;
  readonly targets: Targets;
  readonly slots: DynamicSlots;
  /** Hyp code by the index of its section. */
  readonly code: ReadonlyMap<number, RecoveredCode>;
  readonly tables: ReadonlyMap<number, RecoveredTable>;
  /** What `.hyp.reloc` lists. */
  readonly hypSlots: readonly Distance[];
  readonly aliases: readonly HostAlias[];
  readonly locations: ImageLocations;
  /** VHE shares the code, so that host code matters too. */
  readonly isShared: boolean;
  /** Host data that holds an address, and tables about code there, matter: it is hyp's, or hyp's code is the host's too. */
  readonly isAsked: (at: Distance) => boolean;
}

/** A veneer that a branch of hyp code goes through. */
export interface PlacedVeneer extends Pick<Veneer, 'kind' | 'isAbsolute'> {
  readonly place: Place;
  /** As its symbol has it; null where it has none. */
  readonly name: string | null;
}

export class LinkedObject extends RecoveredObject {
  readonly #recovery: Recovery;

  constructor(file: ObjectFile, symbols: SymbolTable, recovery: Recovery) {
    const { code, tables, layout } = recovery;
    const contents = new Map([...tables].map(([index, table]) => [index, table.contents] as const));
    for (const [index, { words }] of code) contents.set(index, new Uint8Array(words.buffer));
    const sections = withTables(layout.sections, tables);
    super(file, { sections, symbols, contents }, (object, section) => recover(object, section, recovery));
    this.#recovery = recovery;
  }

  /** `__kvm_nvhe_X` -> `X`, as the linker script made them; where it makes `X` another name of `Y`, -> `Y`. */
  get aliases(): ReadonlyMap<string, string> {
    return new Map(this.#recovery.aliases.map(({ name, host, of }) => [name, of ?? host]));
  }

  override get places(): ImagePlaces {
    const { layout } = this.#recovery;
    return {
      startOf: (section) => layout.startOf(section),
      spotNear: (at) => {
        const spot = layout.spotNear(at);
        const section = spot && this.sections[spot.section.index];
        return section ? { section, offset: spot.offset } : null;
      },
    };
  }

  /** Where names and sections of the image are. */
  get locations(): ImageLocations {
    return this.#recovery.locations;
  }

  /** The address of a place of it. A symbol that ends a section (`__per_cpu_end`) is of that one, not of the next. */
  distanceOf({ section, offset }: Place): Distance {
    return this.#recovery.layout.startOf(section) + Math.min(offset, Math.max(0, section.size - 1));
  }

  /** The veneer between a branch and its target, or null. */
  veneerAt(section: Section, offset: number): PlacedVeneer | null {
    const { code, layout, image } = this.#recovery;
    const veneer = code.get(section.index)?.veneers.get(offset);
    const spot = veneer && layout.spotOf(veneer.at);
    if (!veneer || !spot) return null;
    const own = this.sections[spot.section.index] ?? spot.section;
    return {
      place: { object: this, section: own, offset: spot.offset },
      name: image.names(veneer.at)[0] ?? null,
      kind: veneer.kind,
      isAbsolute: veneer.isAbsolute,
    };
  }
}

/** The sections, of which tables have only the entries that matter. */
const withTables = (
  sections: readonly Section[],
  tables: ReadonlyMap<number, RecoveredTable>,
): readonly Section[] =>
  sections.map((section) => {
    const size = tables.get(section.index)?.contents.length;
    return { ...section, size: size ?? section.size };
  });

/** The relocations of a section. */
const recover = (
  object: ObjectFile,
  section: Section,
  { layout, image, targets, slots, code, tables, hypSlots, isShared, isAsked }: Recovery,
): readonly Relocation[] => {
  const known = code.get(section.index) ?? tables.get(section.index);
  if (known) return known.entries;
  const targetOf = (at: Distance): Target => targets.of(at);
  const ofHyp = (at: Distance): Target => targets.ofHyp(at);
  if (section.name === HYP_RELOC) {
    return hypSlotsOf(object, section, layout).map((slot, index) => ({
      offset: index * 4,
      type: typeNamed('PREL32'),
      ...ofHyp(slot),
    }));
  }
  const start = layout.startOf(section);
  const end = start + section.size;
  const { address, pageOffset } = image;
  if (isHypSection(section) && hypSlots.length > 0) {
    const listed = hypSlots.filter((slot) => slot >= start && slot < end);
    return recoverData(object, section, { layout, targetOf: ofHyp, listed, address, isWanted: () => true });
  }
  if ((section.flags & SHF.EXECINSTR) !== 0)
    return recoverHostCode(object, section, { layout, targetOf, wantsAddresses: isShared, pageOffset });
  if (!isShared && !isHypSection(section) && !listsTracedFunctions(section)) return [];
  const listed = slots.areListed ? slots.within(start, end) : null;
  const isWanted = isHypSection(section) ? () => true : isAsked;
  return recoverData(object, section, { layout, targetOf, listed, address, isWanted });
};

const hypSlotsIn = (object: ObjectFile, layout: Layout): readonly Distance[] =>
  object.sections
    .filter(({ name, type }) => name === HYP_RELOC && type === SHT.PROGBITS)
    .flatMap((section) => hypSlotsOf(object, section, layout));

/** Whether an address lies in one of the sections of a kind. */
const within = (layout: Layout, isOfKind: (section: Section) => boolean): ((at: Distance) => boolean) => {
  const ranges = layout.sections
    .filter((section) => section.size > 0 && section.address !== 0n && isOfKind(section))
    .map((section) => [layout.startOf(section), layout.startOf(section) + section.size] as const);
  const lowest = Math.min(...ranges.map(([start]) => start));
  const highest = Math.max(...ranges.map(([, end]) => end));
  return (at) => at >= lowest && at < highest && ranges.some(([start, end]) => at >= start && at < end);
};

/** An image as an object. Throws FormatError where it cannot be one: it has no symbols. */
export const linkedObject = (file: ObjectFile): LinkedObject => {
  const parts = readSymbolParts(file, false);
  if (!parts || parts.words.length === 0)
    throw new FormatError(file.path, null, 0, 'a linked image without symbols');
  const given = file.symbols;
  const layout = new Layout(file.sections, given, parts.table.index);
  const symbols = new LinkedSymbols(parts, given, layout);
  const targets = new Targets(layout, symbols);
  const isShared = !symbols.hasOwnLink;
  const isHyp = within(layout, isHypSection);
  const isTraced = within(layout, listsTracedFunctions);
  const isAsked = (at: Distance): boolean => isShared || isHyp(at);
  const slots = new DynamicSlots(
    file,
    layout,
    (slot, value) => isAsked(slot) || (isTraced(slot) && (value === null || isHyp(value))),
  );
  // Sections of its own: what is known of a section is remembered by it, and the code is to change.
  const sections = layout.sections.map((section) => ({ ...section }));
  const unnamed = { sections, symbols: symbols.table([]), contents: new Map<number, Uint8Array>() };
  const image = wordsOfImage(new RewrittenObject(file, unnamed), layout, slots);
  const tables = recoverTables(file, layout, {
    layout,
    address: image.address,
    targetOf: (at) => targets.of(at),
    isWanted: isAsked,
  });
  const plain = new RecoveredObject(
    file,
    {
      ...unnamed,
      sections: withTables(sections, tables),
      contents: new Map([...tables].map(([index, table]) => [index, table.contents])),
    },
    (_, section) => tables.get(section.index)?.entries ?? [],
  );
  const hyp = sectionsOf(plain).hypCode;
  plain.symbols.indexSections(new Set(hyp.map(({ index }) => index)));
  const hypSlots = hypSlotsIn(plain, layout);
  const aliased = new Set(symbols.aliases.map(({ start }) => start));
  const code = new Map(
    hyp.map((section) => {
      const start = layout.startOf(section);
      const own = hypSlots.filter((slot) => slot >= start && slot < start + section.size);
      const around = {
        layout,
        image,
        targetOf: (at: Distance, use: Use) => targets.ofHyp(at, use),
        isAlias: (at: Distance) => aliased.has(at),
        slots: own,
      };
      return [section.index, recoverCode(plain, section, around)] as const;
    }),
  );
  const runs = [...code.values()].flatMap((one) => one.runs);
  return new LinkedObject(file, symbols.table(runs), {
    layout,
    image,
    targets,
    slots,
    code,
    tables,
    hypSlots,
    aliases: symbols.aliases,
    locations: new ImageLocations(given, layout, parts.table.info),
    isShared,
    isAsked,
  });
};
