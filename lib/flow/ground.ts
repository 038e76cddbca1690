// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What everything starts from that follows the code of a link: its code and patch
// tables, where hyp code is entered, and how machines execute it.

import type { AddressSet } from '../code/address-set.js';
import { AddressSpace } from '../code/address-space.js';
import { Code } from '../code/code.js';
import type { CodeRange } from '../code/code-range.js';
import { PatchTables } from '../code/patch-tables.js';
import type { Image } from '../link/image.js';
import type { Bounds } from './bounds.js';
import { Capabilities, type CapabilityNumbers, type Machines } from './capability.js';
import { type Effort, type Efforts, newEfforts } from './effort.js';
import { Guards } from './guards.js';
import { PlainUsers } from './plain-uses.js';
import { RegisterSummaries } from './register-summary.js';
import { findRoots, type Roots } from './roots.js';
import { silentIn } from './silent.js';
import { Stepper } from './step.js';
import type { Address } from './values.js';
import { Walk } from './walk.js';

export class Ground {
  readonly space: AddressSpace;
  readonly code: Code;
  readonly tables: PatchTables;
  readonly roots: Roots;
  readonly efforts: Efforts;
  /** Nothing of the link is missing: see findRoots. */
  readonly isComplete: boolean;
  /** Of machines without VHE; of any machine, if VHE's number is not known. */
  readonly capabilities: Capabilities;
  readonly guards: Guards;
  readonly plainUsers: PlainUsers;
  readonly #summaries: RegisterSummaries;
  #silent: AddressSet | undefined;

  /** `ranges`: hyp code in sections of the host. */
  constructor(image: Image, ranges: readonly CodeRange[], numbers: CapabilityNumbers, isComplete: boolean) {
    this.space = new AddressSpace(image);
    this.code = new Code(this.space, ranges);
    this.tables = new PatchTables(this.space, ranges);
    this.roots = findRoots(this.space, ranges, isComplete, (at) => this.#isOfHyp(at));
    this.efforts = newEfforts(image);
    this.isComplete = isComplete;
    this.capabilities = new Capabilities(
      this.space,
      this.tables,
      numbers,
      numbers.vhe === null ? 'any' : 'without-vhe',
    );
    this.guards = new Guards(this.code, this.tables, this.capabilities);
    this.#summaries = new RegisterSummaries(this.code, this.tables, this.efforts.judging);
    this.plainUsers = new PlainUsers(this.code, this.tables, this.#summaries, this.capabilities);
  }

  /** Instructions of which words and outlines have shown that they do nothing but go on. */
  get silent(): AddressSet {
    this.#silent ??= silentIn(this.code, this.tables);
    return this.#silent;
  }

  /** An entry into hyp code was found. If none was, the entries are probably in objects that we were not given. */
  get isEntered(): boolean {
    const { entries, hostCalls, handedOut } = this.roots;
    return entries.size + hostCalls.length + handedOut.length > 0;
  }

  capabilitiesOf(machines: Machines): Capabilities {
    const { capabilities, space, tables } = this;
    return machines === capabilities.machines
      ? capabilities
      : new Capabilities(space, tables, capabilities.numbers, machines);
  }

  /** Those for some machines. */
  plainUsersOf(capabilities: Capabilities): PlainUsers {
    const { code, tables, plainUsers } = this;
    return capabilities === this.capabilities
      ? plainUsers
      : new PlainUsers(code, tables, this.#summaries, capabilities);
  }

  newWalk(machines: Machines, follows: 'all' | 'none' | Bounds, effort: Effort): Walk {
    const { code, tables, roots } = this;
    const stepper = new Stepper(code, tables, this.capabilitiesOf(machines), this.#summaries, roots.labels);
    return new Walk(stepper, roots.labels, follows, effort);
  }

  /** All that is an entry, if what host code hands out counts as handed out. */
  get openEntries(): ReadonlySet<Address> {
    const { entries, handedOut } = this.roots;
    return new Set([...entries.keys(), ...handedOut.map(({ target }) => target)]);
  }

  /** Where a function of the host may be entered: assembly may do so at a label, behind the test at its start. */
  entriesOf(start: Address): readonly Address[] {
    return [start, ...this.code.labelsIn(start, this.code.extentAt(start).end)];
  }

  /** The starts of the functions that execute some instructions, which may stand in replacement code. */
  functionsAt(places: Iterable<{ readonly at: Address }>): ReadonlySet<Address> {
    const functions = new Set<Address>();
    for (const { at } of places)
      for (const place of this.tables.executionPlaces(at)) functions.add(this.code.extentAt(place).start);
    return functions;
  }

  /** Replacement code may lie outside hyp sections and still replace hyp code: a walk reaches it from there. */
  #isOfHyp(at: Address): boolean {
    const isMoved = (place: Address): boolean => place !== at && this.code.isHyp(place);
    return this.tables.hypPlaces(at).every(isMoved) && this.tables.executionPlaces(at).every(isMoved);
  }
}
