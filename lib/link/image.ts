// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The objects of one link as one image. An undefined symbol is looked up in the
// other objects, then among the aliases that the kernel's linker script will
// define (`__kvm_nvhe_X = X`), then in objects that were read only to locate host
// symbols (the build directory's vmlinux.o).

import type { ObjectFile } from '../elf/object-file.js';
import type { SymbolTable } from '../elf/symbols.js';
import { STB } from '../elf/vocabulary.js';
import { WantedNames } from '../elf/wanted-names.js';
import type { PlacedTarget } from './place.js';
import { isBeforePrefix, isModuleFile, linkNameOf, NVHE_PREFIX } from './symbol-names.js';

/** Names that the linker script assigns: `__kvm_nvhe_X` -> `X`, `jiffies` -> `jiffies_64`. */
export type Aliases = ReadonlyMap<string, string>;

interface Definition {
  readonly object: ObjectFile;
  /** Where `symbol` counts: those of the object, or only its globals. */
  readonly symbols: SymbolTable;
  readonly symbol: number;
}

/** The linker takes the strongest definition, of equal ones the first: weak loses to common, common to all others. */
const strengthOf = ({ symbols, symbol }: Pick<Definition, 'symbols' | 'symbol'>): number =>
  symbols.binding(symbol) === STB.WEAK ? 0 : symbols.isCommon(symbol) ? 1 : STRONG;

const STRONG = 2;

/** An alias of an alias exists (`__kvm_nvhe_jiffies = jiffies`); a circle would be a damaged script. */
const MOST_HOPS = 8;

export class Image {
  /** The objects to check. */
  readonly objects: readonly ObjectFile[];
  /** Nothing that could be hyp code is missing from the objects. */
  readonly whole: boolean;
  readonly aliases: Aliases;
  readonly #witnesses: () => readonly ObjectFile[];
  #definitions: ReadonlyMap<string, Definition> | undefined;

  /** `witnesses`: objects that tell where host symbols are; asked for only if the objects do not. */
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

  /** Bytes of all files together. */
  get size(): number {
    return this.objects.reduce((sum, { size }) => sum + size, 0);
  }

  /** The target of a relocation: S + A. */
  resolve(object: ObjectFile, symbol: number, addend: number): PlacedTarget {
    const { symbols } = object;
    if (!symbols.isUndefined(symbol))
      return this.#defined(this.#linked({ object, symbols, symbol }), addend, null);
    const name = symbols.name(symbol);
    const linkName = linkNameOf(object.path, name);
    const definitions = this.#lookUp();
    const own = definitions.get(linkName);
    if (own) return this.#defined(own, addend, null);
    const aliasOf = this.#aliasOf(linkName, definitions);
    const host =
      aliasOf === null ? undefined : (definitions.get(aliasOf) ?? this.#ofSameLink(object, aliasOf));
    if (host) return this.#defined(host, addend, name);
    return { kind: 'undefined', name, weak: symbols.binding(symbol) === STB.WEAK, aliasOf };
  }

  /** What the linker script assigns to a name: along the chain, the first that is defined, or the last. */
  #aliasOf(name: string, definitions: ReadonlyMap<string, Definition>): string | null {
    let last = this.aliases.get(name);
    for (let hop = 1; hop < MOST_HOPS && last !== undefined && !definitions.has(last); hop++)
      last = this.aliases.get(last) ?? last;
    return last ?? null;
  }

  /** Whether an object's own definition may lose to one in another object of the link. */
  mayGiveWay({ symbols, path }: ObjectFile, symbol: number): boolean {
    // Modules are linked each by itself.
    if (this.objects.length < 2 || isModuleFile(path)) return false;
    const binding = symbols.binding(symbol);
    return binding === STB.WEAK || (binding !== STB.LOCAL && symbols.isCommon(symbol));
  }

  /** The definition that the linker takes. */
  #linked(own: Definition): Definition {
    if (!this.mayGiveWay(own.object, own.symbol)) return own;
    return this.#lookUp().get(own.object.symbols.name(own.symbol)) ?? own;
  }

  /** Definitions of undefined names, of names that may lose, and of the targets of aliases; one pass when first needed. */
  #lookUp(): ReadonlyMap<string, Definition> {
    if (this.#definitions) return this.#definitions;
    const missing = new Set(this.aliases.values());
    if (this.objects.length > 1) {
      for (const object of this.objects) for (const name of openNames(object)) missing.add(name);
    }
    const definitions = new Map<string, Definition>();
    this.#definitions = definitions;
    const search = (objects: readonly ObjectFile[], names: Iterable<string>) => {
      const wanted = new WantedNames(names);
      for (const object of objects) {
        const symbols = object.globals;
        for (const [name, symbol] of symbols.globalsNamed(wanted)) {
          const found = { object, symbols, symbol };
          const known = definitions.get(name);
          if (!known || strengthOf(found) > strengthOf(known)) definitions.set(name, found);
        }
      }
    };
    search(this.objects, missing);
    // Only for targets of aliases: other names are looked up in the objects of the link alone.
    const lacked = new Set([...this.aliases.values()].filter((name) => !definitions.has(name)));
    if (lacked.size > 0) search(this.#witnesses(), lacked);
    return definitions;
  }

  /** For an object whose names are not prefixed yet: the target of an alias within the nVHE link. */
  #ofSameLink(object: ObjectFile, aliasOf: string): Definition | undefined {
    if (!isBeforePrefix(object.path) || !aliasOf.startsWith(NVHE_PREFIX)) return undefined;
    const name = aliasOf.slice(NVHE_PREFIX.length);
    const { symbols } = object;
    const symbol = symbols.globalsNamed([name]).get(name);
    return symbol === undefined ? undefined : { object, symbols, symbol };
  }

  #defined({ object, symbols, symbol }: Definition, addend: number, alias: string | null): PlacedTarget {
    const section = object.sections[symbols.section(symbol)];
    if (section && section.index !== 0) {
      const place = { object, section, offset: symbols.value(symbol) + addend };
      return { kind: 'place', place, symbol: symbols.isSection(symbol) ? null : symbols.name(symbol), alias };
    }
    const name = symbols.name(symbol);
    return symbols.isCommon(symbol) ? { kind: 'common', name } : { kind: 'absolute', name };
  }
}

/** Names for which an object depends on others: those that it lacks, and those of which its definition may lose. */
function* openNames(object: ObjectFile): Generator<string> {
  const { symbols } = object;
  for (let symbol = 1; symbol < symbols.count; symbol++) {
    if (symbols.binding(symbol) === STB.LOCAL) continue;
    if (symbols.isUndefined(symbol) || strengthOf({ symbols, symbol }) !== STRONG) yield symbols.name(symbol);
  }
}
