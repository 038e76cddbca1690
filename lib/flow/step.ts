// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the processor does at one address, with patching taken into account: a
// static key's site is a branch or a nop whatever stands there; an alternative is
// the old code, the new code or either; an instruction that may fault may
// continue at its fixup.

import { NOP } from '../aarch64/instructions.js';
import { CALLER_SAVED, LINK } from '../aarch64/registers.js';
import type { Alternative } from '../code/alternative-sites.js';
import type { Code } from '../code/code.js';
import type { Instruction } from '../code/instruction.js';
import { movedBy, type PatchTables } from '../code/patch-tables.js';
import type { Setting, Transfer } from './branch.js';
import type { Capabilities } from './capability.js';
import { execute, executeUnread, stateAfter } from './execute.js';
import type { LabelTables } from './label-tables.js';
import type { Surroundings } from './load.js';
import type { RegisterSummaries } from './register-summary.js';
import { type State, weakenState } from './state.js';
import { type Address, type AddressSink, makePlaces, type Value } from './values.js';

export interface Step {
  readonly transfers: readonly Transfer[];
  /** Addresses of the words that were executed; for replacement code, where that stands. null: the instruction's alone. */
  readonly executed: readonly Address[] | null;
}

export class Stepper {
  readonly code: Code;
  readonly tables: PatchTables;
  readonly capabilities: Capabilities;
  readonly summaries: RegisterSummaries;
  readonly #around: Surroundings;
  readonly #writes = new WeakMap<Alternative, number>();

  constructor(
    code: Code,
    tables: PatchTables,
    capabilities: Capabilities,
    summaries: RegisterSummaries,
    labels: LabelTables,
  ) {
    this.code = code;
    this.tables = tables;
    this.capabilities = capabilities;
    this.summaries = summaries;
    this.#around = {
      load: (address, size, at) => this.#load(address, size, at),
      tableEntry: (table, index, size, signed) => code.constantAt(table + index * size, size, signed),
      labelsAround: (table) => labels.targetsAround(table),
    };
  }

  /** The state behind an instruction that is as it stands and does not branch, as most; null for others, of which at() tells. */
  straight(pc: Address, state: State, sink: AddressSink): State | null {
    if (this.tables.changes(pc)) return null;
    const instruction = this.code.instructionAt(pc);
    if (instruction.branch) return null;
    return stateAfter(instruction, { pc, moved: null, via: null }, state, this.#around, sink);
  }

  at(pc: Address, state: State, sink: AddressSink): Step {
    // Most instructions are as they stand.
    if (!this.tables.changes(pc)) {
      const setting = { pc, moved: null, via: null };
      return { transfers: this.#execute(this.code.instructionAt(pc), setting, state, sink), executed: null };
    }
    const transfers: Transfer[] = [];
    const executed: Address[] = [];
    const keys = this.tables.keysAt(pc);
    for (const { target, key, takenWhenOff } of keys) {
      const enabled = this.capabilities.stateOfKey(key);
      const taken = enabled === null ? null : enabled !== takenWhenOff;
      if (taken !== false) transfers.push({ kind: 'go', to: target, state });
      if (taken !== true) transfers.push({ kind: 'go', to: pc + 4, state });
      executed.push(pc);
    }
    const alternatives = this.tables.alternativesAt(pc);
    const isGone = alternatives.some((one) => one.replacement !== null && this.#stateOf(one) === true);
    if (keys.length === 0 && !isGone) {
      const setting = { pc, moved: null, via: null };
      transfers.push(...this.#execute(this.code.instructionAt(pc), setting, state, sink));
      executed.push(pc);
    }
    for (const alternative of alternatives) {
      if (this.#stateOf(alternative) === false) continue;
      if (alternative.replacement === null) {
        const after = executeUnread(this.code.instructionAt(pc), this.#writesOf(alternative), state, sink);
        transfers.push({ kind: 'go', to: pc + 4, state: after });
        continue;
      }
      const at = alternative.replacement + (pc - alternative.original);
      const setting = { pc, moved: movedBy(alternative, alternative.replacement), via: pc };
      transfers.push(...this.#execute(this.code.instructionAt(at), setting, state, sink));
      executed.push(at);
    }
    for (const fixup of this.tables.fixupsAt(pc)) {
      transfers.push({ kind: 'go', to: fixup, state: weakenState(state) });
    }
    return { transfers, executed };
  }

  /**
   * Without VHE a BRK of hyp code, WARN_ON()'s too, goes to EL2's own vectors: hyp_panic. With VHE the host's handler
   * takes it, and may come back. (arch/arm64/kvm/hyp/hyp-entry.S, 4.16 to 5.8)
   */
  #execute(instruction: Instruction, setting: Setting, state: State, sink: AddressSink): readonly Transfer[] {
    const isBreakpoint = instruction.branch?.kind === 'breakpoint';
    if (isBreakpoint && this.capabilities.isApart && this.code.isHyp(setting.pc)) return [];
    return execute(instruction, setting, state, this.#around, sink);
  }

  /**
   * Registers that the instructions written by a callback may change. If the old instructions compute something, the
   * new ones compute it in the same registers (kvm_update_va_mask, kvm_get_kimage_voffset), as the asm statement around
   * them tells the compiler. A nop or a branch tells nothing: it may become a call.
   */
  #writesOf(alternative: Alternative): number {
    const known = this.#writes.get(alternative);
    if (known !== undefined) return known;
    let writes = 0;
    for (let at = alternative.original; at < alternative.original + alternative.length; at += 4) {
      const instruction = this.code.instructionAt(at);
      const isPlaceholder = instruction.branch !== null || instruction.word === NOP;
      writes |= isPlaceholder ? CALLER_SAVED | LINK : instruction.writes;
    }
    this.#writes.set(alternative, writes);
    return writes;
  }

  #stateOf(alternative: Alternative): boolean | null {
    return this.capabilities.stateOf(alternative.capability);
  }

  /** A variable that tells of capabilities, or a literal that holds an address. */
  #load(address: Address, size: number, at: Address): Value {
    const known = this.capabilities.load(address, size);
    if (known !== null || size !== 8 || !this.code.sectionAt(address)) return known;
    const patched = this.code.patchedAt(address);
    if (patched?.kind !== 'absolute') return null;
    return makePlaces([{ target: patched.target, at, via: null, inexact: false }], false);
  }
}
