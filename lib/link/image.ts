// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The objects of one link as one image: an undefined symbol of one object is
// looked up in the others, then among the aliases that the kernel's linker
// script will make (`__kvm_nvhe_X = X`), then in objects that were read only to
// say where host symbols are (the build directory's vmlinux.o).

import type { ObjectFile } from '../elf/object-file.js';
import { STB } from '../elf/vocabulary.js';
import type { PlacedTarget } from './place.js';
import { isBeforePrefix, NVHE_PREFIX } from './symbol-names.js';

/** What the linker script makes of other names: `__kvm_nvhe_X` -> `X`, `jiffies` -> `jiffies_64`. */
export type Aliases = ReadonlyMap<string, string>;

interface Definition {
  readonly object: ObjectFile;
  readonly symbol: number;
}

/** Of several definitions of a name a linker takes the strongest, of equal ones the first: weak ones give way, and to them commons do not. */
const strengthOf = ({ object: { symbols }, symbol }: Definition): number =>
  symbols.binding(symbol) === STB.WEAK ? 0 : symbols.isCommon(symbol) ? 1 : STRONG;

const STRONG = 2;

/** An alias of an alias is met (`__kvm_nvhe_jiffies = jiffies`); a circle of them would be a damaged script. */
const MOST_HOPS = 8;

export class Image {
  /** The objects to check. */
  readonly objects: readonly ObjectFile[];
  /** Nothing that could be hyp code is missing from the objects. */
  readonly whole: boolean;
  readonly aliases: Aliases;
  readonly #witnesses: () => readonly ObjectFile[];
  #definitions: ReadonlyMap<string, Definition> | undefined;

  /** `witnesses` tell where host symbols are; they are asked for only when the objects do not. */
  constructor(
    objects: readonly ObjectFile[],
    options: {
      readonly whole: boolean;
      readonly aliases: Aliases;
      readonly witnesses: () => readonly ObjectFile[];
    },
  ) {
    this.objects = objects;
    this.whole = options.whole;
    this.aliases = options.aliases;
    this.#witnesses = options.witnesses;
  }

  /** What a relocation against a symbol of an object, with an addend, points at: S + A. */
  resolve(object: ObjectFile, symbol: number, addend: number): PlacedTarget {
    const { symbols } = object;
    if (!symbols.isUndefined(symbol)) return this.#defined(this.#linked({ object, symbol }), addend, null);
    const name = symbols.name(symbol);
    const linkName = isBeforePrefix(object.path) ? `${NVHE_PREFIX}${name}` : name;
    const definitions = this.#lookUp();
    const own = definitions.get(linkName);
    if (own) return this.#defined(own, addend, null);
    const aliasOf = this.#aliasOf(linkName, definitions);
    const host =
      aliasOf === null ? undefined : (definitions.get(aliasOf) ?? this.#ofSameLink(object, aliasOf));
    if (host) return this.#defined(host, addend, name);
    return { kind: 'undefined', name, weak: symbols.binding(symbol) === STB.WEAK, aliasOf };
  }

  /** What the linker script puts in a name's place: the first that is defined, or the last of a chain. */
  #aliasOf(name: string, definitions: ReadonlyMap<string, Definition>): string | null {
    let last = this.aliases.get(name);
    for (let hop = 1; hop < MOST_HOPS && last !== undefined && !definitions.has(last); hop++)
      last = this.aliases.get(last) ?? last;
    return last ?? null;
  }

  /** Whether another object of the link may have the definition that counts, though an object has one. */
  mayGiveWay({ symbols }: ObjectFile, symbol: number): boolean {
    if (this.objects.length < 2) return false;
    const binding = symbols.binding(symbol);
    return binding === STB.WEAK || (binding !== STB.LOCAL && symbols.isCommon(symbol));
  }

  /** The definition that the link takes for one that may give way. */
  #linked(own: Definition): Definition {
    if (!this.mayGiveWay(own.object, own.symbol)) return own;
    return this.#lookUp().get(own.object.symbols.name(own.symbol)) ?? own;
  }

  /** Definitions of what some object lacks, or has and may give up, and of what aliases stand for, found in one pass when first needed. */
  #lookUp(): ReadonlyMap<string, Definition> {
    if (this.#definitions) return this.#definitions;
    const missing = new Set(this.aliases.values());
    if (this.objects.length > 1) {
      for (const object of this.objects) for (const name of openNames(object)) missing.add(name);
    }
    const definitions = new Map<string, Definition>();
    this.#definitions = definitions;
    const search = (objects: readonly ObjectFile[], names: Set<string>) => {
      for (const object of objects) {
        for (const [name, symbol] of object.symbols.globalsNamed(names)) {
          const found = { object, symbol };
          const known = definitions.get(name);
          const strength = strengthOf(found);
          if (!known || strength > strengthOf(known)) definitions.set(name, found);
          if (strength === STRONG) names.delete(name);
        }
      }
    };
    search(this.objects, missing);
    // Only of what stands behind an alias: other names are what they are in the objects of the link.
    const lacked = new Set([...this.aliases.values()].filter((name) => !definitions.has(name)));
    if (lacked.size > 0) search(this.#witnesses(), lacked);
    return definitions;
  }

  /** What an alias to a symbol of the nVHE link itself is in an object whose names have no prefix yet. */
  #ofSameLink(object: ObjectFile, aliasOf: string): Definition | undefined {
    if (!isBeforePrefix(object.path) || !aliasOf.startsWith(NVHE_PREFIX)) return undefined;
    const name = aliasOf.slice(NVHE_PREFIX.length);
    const symbol = object.symbols.globalsNamed([name]).get(name);
    return symbol === undefined ? undefined : { object, symbol };
  }

  #defined({ object, symbol }: Definition, addend: number, alias: string | null): PlacedTarget {
    const { symbols } = object;
    const section = object.sections[symbols.section(symbol)];
    if (section && section.index !== 0) {
      const place = { object, section, offset: symbols.value(symbol) + addend };
      return { kind: 'place', place, symbol: symbols.isSection(symbol) ? null : symbols.name(symbol), alias };
    }
    const name = symbols.name(symbol);
    return symbols.isCommon(symbol) ? { kind: 'common', name } : { kind: 'absolute', name };
  }
}

/** What an object leaves to the others: what it lacks, and what it would give up. */
function* openNames(object: ObjectFile): Generator<string> {
  const { symbols } = object;
  for (let symbol = 1; symbol < symbols.count; symbol++) {
    if (symbols.binding(symbol) === STB.LOCAL) continue;
    if (symbols.isUndefined(symbol) || strengthOf({ object, symbol }) !== STRONG) yield symbols.name(symbol);
  }
}
