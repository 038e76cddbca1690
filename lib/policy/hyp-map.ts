// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How EL2 sees the sections and symbols of one kernel. Which parts it maps is
// read from the source, and what lies in them from the build's linker script,
// where these are at hand; else the tables tell. Nothing is read before a
// verdict needs it.

import type { Family } from '../code/sections.js';
import type { Place } from '../link/place.js';
import { sourceName } from '../link/symbol-names.js';
import type { Generation } from './generations.js';
import { type Located, type Locations, locate, type Mapped, type Mapping, mappingAt } from './mapped.js';

/** What lies where, by a linker script. */
export interface SectionLayout extends Locations {
  /**
   * Where input sections of a name are put: one place, or several where it depends on the file; none where the script
   * does not say.
   */
  placesOf(section: string): readonly number[];
}

/** What the nVHE link of the kernel, or that of a module, gathers into sections of hyp's own: by its script, hyp.lds. */
export interface NvheLink {
  /** Whether it takes input sections of a name. */
  gathers(section: string): boolean;
}

/** What the kernel at hand says of its map. Each is asked at most once. */
export interface KernelFacts {
  /** By the linker script; null: there is none that could be read. */
  layout(): SectionLayout | null;
  /** What is mapped by the names of its ends, in the mode that is judged; null: what the generation's row says. */
  mapped(): readonly Mapped[] | null;
  /** Of the link that made an object or what it contains of hyp code; null: its script is not at hand. */
  linkOf?(path: string): NvheLink | null;
  /** In a finished image, where a place is in the numbers of its layout; null: the place is not of that image. */
  addressOf?(place: Place): number | null;
}

/** Nothing but the tables. */
export const noFacts: KernelFacts = { layout: () => null, mapped: () => null };

/** What a verdict asks of a place in one frame of numbers. */
interface Frame {
  readonly locations: Locations;
  readonly located: readonly Located[];
}

export class HypMap {
  readonly #generation: Generation;
  readonly #facts: KernelFacts;
  readonly #sections = new Map<string, Mapping>();
  #parts: readonly Mapped[] | undefined;
  #usual: Frame | undefined;
  #scripted: (Frame & { readonly layout: SectionLayout }) | null | undefined;
  #variables: ReadonlyMap<string, Mapping> | undefined;
  #ends: ReadonlySet<string> | undefined;

  constructor(generation: Generation, facts: KernelFacts) {
    this.#generation = generation;
    this.#facts = facts;
  }

  /** Whether a linker script tells what lies where. */
  get hasLayout(): boolean {
    return this.#byScript() !== null;
  }

  /** An image is exact; elsewhere the section tells. */
  ofPlace(place: Place, family: Family): Mapping {
    const script = this.#byScript();
    const at = (script && this.#facts.addressOf?.(place)) ?? null;
    return script && at !== null ? mappingAt(script.located, at) : this.ofSection(place.section.name, family);
  }

  ofSection(name: string, family: Family): Mapping {
    const key = `${family} ${name}`;
    let mapping = this.#sections.get(key);
    if (mapping === undefined) {
      mapping = this.#ofSection(name, family);
      this.#sections.set(key, mapping);
    }
    return mapping;
  }

  /** Whether any variable of the host is mapped by itself. */
  get hasVariables(): boolean {
    return this.#variablesOnce().size > 0;
  }

  /** A variable of the host that is mapped by itself; null: it is seen as what lies around it. */
  ofVariable(name: string): Mapping | null {
    return this.#variablesOnce().get(name) ?? null;
  }

  #variablesOnce(): ReadonlyMap<string, Mapping> {
    this.#variables ??= new Map(
      this.parts().flatMap((part) => (part.kind === 'variable' ? [[part.name, part.mapping] as const] : [])),
    );
    return this.#variables;
  }

  /** A symbol that the linker script defines, by where it stands; null: it is none, as far as is known. */
  ofSymbol(name: string): Mapping | null {
    const { locations, located } = this.#byScript() ?? this.#byOrder();
    const plain = sourceName(name);
    const at = locations.symbol(name) ?? locations.symbol(plain);
    if (at === null) return null;
    const mapping = mappingAt(located, at);
    if (mapping !== 'unmapped') return mapping;
    // In an image, what ends there too (a table, the last of hyp text) is not to be told from the end.
    const isEnd = this.#isEnd(plain) || located.some(({ extent }) => extent.end === at);
    return isEnd ? 'number' : mapping;
  }

  /** The parts of the image that EL2 has. */
  parts(): readonly Mapped[] {
    const { besides, own, host } = this.#generation.maps;
    this.#parts ??= [...besides, ...(this.#facts.mapped() ?? [...host, ...own])];
    return this.#parts;
  }

  /** An address of an end may be formed, whether it is mapped in this mode or not. */
  #isEnd(name: string): boolean {
    const { own, host } = this.#generation.maps;
    this.#ends ??= new Set(
      [...this.parts(), ...host, ...own].flatMap((part) =>
        part.kind === 'range' ? [part.start, part.end] : [],
      ),
    );
    return this.#ends.has(name);
  }

  #ofSection(name: string, family: Family): Mapping {
    const script = this.#byScript();
    if (script) {
      const places = script.layout.placesOf(name);
      const [mapping, ...others] = new Set(places.map((place) => mappingAt(script.located, place)));
      if (mapping !== undefined) return others.length > 0 ? 'unknown' : mapping;
      // A linker makes an output section of what the script does not name: outside of hyp's own parts, whose ends stand
      // within others, but it may be inside the host's.
      if (family.startsWith('hyp-')) return isWrittenOrExecuted(family) ? 'unmapped' : 'unknown';
    }
    if (family === 'hyp-unknown') return 'unknown';
    const place = this.#generation.order.family(family);
    return place === null ? 'unmapped' : mappingAt(this.#byOrder().located, place);
  }

  #byOrder(): Frame {
    const { order } = this.#generation;
    this.#usual ??= { locations: order, located: locate(this.parts(), order) };
    return this.#usual;
  }

  #byScript(): (Frame & { readonly layout: SectionLayout }) | null {
    if (this.#scripted === undefined) {
      const layout = this.#facts.layout();
      this.#scripted = layout && { layout, locations: layout, located: locate(this.parts(), layout) };
    }
    return this.#scripted;
  }
}

const isWrittenOrExecuted = (family: Family): boolean =>
  ['hyp-text', 'hyp-idmap', 'hyp-data', 'hyp-percpu', 'hyp-bss'].includes(family);
