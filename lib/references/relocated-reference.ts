// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A reference that relocations make. A kernel's hyp code has a thousand, of which a
// clean run asks for little: what takes a look at the code is found when asked for.

import type { Use } from '../code/value-flow.js';
import type { Relocation } from '../elf/relocations.js';
import type { Place, PlacedTarget } from '../link/place.js';
import type { PlacedVeneer } from '../linked/linked-object.js';
import type { Access, Reference, RelocationSite } from './reference.js';

/** What is not the same for most references. */
export interface Details {
  readonly uses?: () => readonly Use[];
  readonly throughGot?: boolean;
  readonly isPrefetch?: boolean;
  readonly isData?: boolean;
  /** The instruction that makes the access, if it is not at the relocation. */
  readonly at?: number;
  readonly isCounted?: boolean;
}

export class RelocatedReference implements Reference {
  readonly at: Place;
  readonly access: Access;
  readonly target: PlacedTarget;
  readonly veneer: PlacedVeneer | null;
  /** Most references have one, where they are: of that, the type is enough. */
  readonly #halves: number | readonly Relocation[];
  readonly #findOwner: (at: Place) => Place;
  readonly #details: Details;
  #owner: Place | undefined;
  #uses: readonly Use[] | undefined;

  /** `halves`: those that count; `ownerOf`: whom code at a place is blamed on. */
  constructor(
    at: Place,
    access: Access,
    target: PlacedTarget,
    halves: readonly Relocation[],
    veneer: PlacedVeneer | null,
    ownerOf: (at: Place) => Place,
    details: Details,
  ) {
    this.at = at;
    this.access = access;
    this.target = target;
    this.veneer = veneer;
    const [first, second] = halves;
    this.#halves = first && !second && first.offset === at.offset ? first.type : halves;
    this.#findOwner = ownerOf;
    this.#details = details;
  }

  get source(): null {
    return null;
  }

  get throughGot(): boolean {
    return this.#details.throughGot === true;
  }

  get isPrefetch(): boolean {
    return this.#details.isPrefetch === true;
  }

  get isData(): boolean {
    return this.#details.isData === true;
  }

  get owner(): Place {
    this.#owner ??= this.#findOwner(this.at);
    return this.#owner;
  }

  uses(): readonly Use[] {
    this.#uses ??= this.#details.uses?.() ?? [];
    return this.#uses;
  }

  get relocations(): readonly RelocationSite[] {
    const section = this.at.section.name;
    if (typeof this.#halves === 'number') return [{ section, offset: this.at.offset, type: this.#halves }];
    return this.#halves.map(({ offset, type }) => ({ section, offset, type }));
  }
}
