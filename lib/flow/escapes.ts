// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What follows from an escape: an address went where the walk cannot follow it.
// Whoever has the address of code may branch to it, with nothing known in the
// registers; whoever has the address of a table among hyp code may branch to
// anything that the table names, by address or by distance.

import { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import { vectorSlots } from '../code/vectors.js';
import { type Distances, DistanceTables, type NumberTable } from './distance-tables.js';
import type { Effort } from './effort.js';
import type { LabelTable, LabelTables } from './label-tables.js';
import type { RootCause } from './procedure.js';
import type { Address, AddressSink, Site } from './values.js';

/** What an escaped address makes an entry. */
export interface Entrances {
  /** The code at an address. */
  readonly enter: (address: Address, cause: RootCause) => void;
  /** Every instruction of the function around an address. */
  readonly flood: (around: Address, cause: RootCause) => void;
}

export class Escapes implements AddressSink {
  /** Instructions that form an address which is used. */
  readonly sites: AddressSet;
  readonly #code: Code;
  readonly #labels: LabelTables;
  readonly #entrances: Entrances;
  readonly #followsHyp: boolean;
  /** Runs of data among hyp code whose pointers have become entries. */
  readonly #opened = new Set<Address>();
  /** Tables whose labels have become entries. */
  readonly #entered = new Set<LabelTable>();
  readonly #distances: DistanceTables;

  constructor(code: Code, labels: LabelTables, entrances: Entrances, effort: Effort, followsHyp: boolean) {
    this.#code = code;
    this.#labels = labels;
    this.#entrances = entrances;
    this.#followsHyp = followsHyp;
    this.sites = new AddressSet(code.space);
    this.#distances = new DistanceTables(code, effort);
  }

  /** An address was read from, or escaped. If it is of data among hyp code, each pointer there may be branched to. */
  readonly used = (site: Site): void => {
    this.sites.add(site.at);
    if (!this.#followsHyp || this.#code.isCode(site.target)) return;
    for (const table of this.#labels.at(site.target, site.inexact)) this.#enterLabels(table);
    for (const entry of this.#distances.read(site)) this.#entrances.enter(entry, causeOf(site));
    if (!this.#code.isHyp(site.target)) return;
    const { start, end } = this.#code.dataAround(site.target);
    if (this.#opened.has(start)) return;
    this.#opened.add(start);
    for (let at = start; at < end; at += 4) {
      const patched = this.#code.patchedAt(at);
      if (patched?.kind === 'absolute') this.#entrances.enter(patched.target, causeOf(site));
    }
  };

  /** Many may use one table of many labels. */
  #enterLabels(table: LabelTable): void {
    if (this.#entered.has(table)) return;
    this.#entered.add(table);
    for (const { at, target } of table.slots) this.#entrances.enter(target, { kind: 'address', at });
  }

  get distances(): Distances {
    return this.#distances;
  }

  /** Control goes to the address plus a number of a table; null: of any that is read. */
  readonly switched = (site: Site, table: NumberTable | null): void => {
    const entries = table ? this.#distances.entriesOf(site, table) : this.#distances.branch(site);
    for (const entry of entries) this.#entrances.enter(entry, causeOf(site));
  };

  readonly lost = (site: Site, as: 'data' | 'target' | 'vectors' = 'data'): void => {
    this.used(site);
    if (!this.#followsHyp || !this.#code.isHyp(site.target)) return;
    if (site.inexact && !this.#isWhole(site, as)) this.#entrances.flood(site.target, causeOf(site));
    if (site.inexact && as === 'target')
      for (const entry of this.#distances.branch(site)) this.#entrances.enter(entry, causeOf(site));
    this.#entrances.enter(site.target, causeOf(site));
    // It is in VBAR_EL2, or may end up there.
    for (const slot of vectorSlots(this.#code.space, site.target, as === 'vectors'))
      this.#entrances.enter(slot, { kind: 'vector' });
  };

  /**
   * The address plus an unknown number still means the whole function. True for kvm_ksym_ref(f), lm_alias(f) and
   * kern_hyp_va(f), which turn another function's address into one of another address space. For a label the number may
   * be the distance to where control goes:
   *
   *     adr  x0, 1b; add  x0, x0, x1; br  x0     // any instruction of the function
   */
  #isWhole({ at, target }: Site, as: 'data' | 'target' | 'vectors'): boolean {
    const whole = as === 'target' ? null : this.#code.wholeAt(target);
    if (!whole) return false;
    return [whole, this.#code.extentAt(target)].every(({ start, end }) => at < start || at >= end);
  }
}

const causeOf = ({ at }: Site): RootCause => ({ kind: 'address', at });
