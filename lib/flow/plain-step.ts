// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the processor may do at one address, with patching taken into account,
// whatever is in registers; step.ts says it of a state.

import { mayBranch } from '../aarch64/instructions.js';
import type { AddressSet } from '../code/address-set.js';
import type { Code } from '../code/code.js';
import { branchTarget, type Moved } from '../code/instruction.js';
import { movedBy, type PatchTables } from '../code/patch-tables.js';
import type { Capabilities } from './capability.js';
import { mayMoveLink, movesLink } from './moved-link.js';
import { neverReturns } from './noreturn.js';
import type { Address } from './values.js';

/** Is told what an instruction at `pc` may do. */
export interface PlainSink {
  /** A word is executed; of replacement code, where it stands. */
  readonly executes: (at: Address) => void;
  /** Control goes to a place, and from a call comes back. */
  readonly goes: (pc: Address, to: Address) => void;
  /** Through a register. */
  readonly goesAnywhere: (pc: Address) => void;
  /** `at`: the word that forms an address, or loads it. */
  readonly forms: (pc: Address, at: Address, target: Address) => void;
  /** The return address is computed. */
  readonly movesLink: () => void;
}

export class PlainStepper {
  readonly #code: Code;
  readonly #tables: PatchTables;
  readonly #capabilities: Capabilities;
  readonly #silent: AddressSet;
  readonly #sink: PlainSink;
  /** Whether what is called returns: thousands of calls may lead to one function. */
  readonly #final = new Map<Address, boolean>();

  /**
   * `silent`: gets the instructions that do nothing but go on, whoever executes them, so that nobody has to ask of them again.
   */
  constructor(
    code: Code,
    tables: PatchTables,
    capabilities: Capabilities,
    silent: AddressSet,
    sink: PlainSink,
  ) {
    this.#code = code;
    this.#tables = tables;
    this.#capabilities = capabilities;
    this.#silent = silent;
    this.#sink = sink;
  }

  /** Whether control goes on behind an instruction. */
  at(pc: Address): boolean {
    const tables = this.#tables;
    if (!tables.changes(pc)) {
      this.#sink.executes(pc);
      if (mayBranch(this.#code.word(pc))) return this.#execute(pc, pc, null);
      if (!this.#compute(pc, pc)) this.#silent.add(pc);
      return true;
    }
    let goesOn = false;
    const keys = tables.keysAt(pc);
    for (const { target, key, takenWhenOff } of keys) {
      const enabled = this.#capabilities.stateOfKey(key);
      if (enabled === null || enabled !== takenWhenOff) this.#sink.goes(pc, target);
      if (enabled === null || enabled === takenWhenOff) goesOn = true;
    }
    const alternatives = tables.alternativesAt(pc);
    const isGone = alternatives.some(
      ({ replacement, capability }) =>
        replacement !== null && this.#capabilities.stateOf(capability) === true,
    );
    if (!isGone || keys.length > 0) this.#sink.executes(pc);
    if (!isGone && keys.length === 0 && this.#execute(pc, pc, null)) goesOn = true;
    for (const alternative of alternatives) {
      const { original, replacement, capability } = alternative;
      if (this.#capabilities.stateOf(capability) === false) continue;
      // What a callback of the host writes goes on, as far as anybody knows.
      if (replacement === null) goesOn = true;
      else {
        const at = replacement + (pc - original);
        this.#sink.executes(at);
        if (this.#execute(at, pc, movedBy(alternative, replacement))) goesOn = true;
      }
    }
    for (const fixup of tables.fixupsAt(pc)) this.#sink.goes(pc, fixup);
    return goesOn;
  }

  /** The same for the word at a place, executed at `pc`. */
  #execute(at: Address, pc: Address, moved: Moved | null): boolean {
    const code = this.#code;
    const instruction = mayBranch(code.word(at)) ? code.instructionAt(at) : null;
    if (!instruction?.branch) {
      this.#compute(at, pc);
      return true;
    }
    switch (instruction.branch.kind) {
      case 'jump':
        this.#sink.goes(pc, branchTarget(instruction, moved));
        return false;
      case 'conditional':
        this.#sink.goes(pc, branchTarget(instruction, moved));
        return true;
      case 'call': {
        const to = branchTarget(instruction, moved);
        this.#sink.goes(pc, to);
        return !this.#isFinal(to);
      }
      case 'indirect-call':
        return true;
      case 'indirect-jump':
        this.#sink.goesAnywhere(pc);
        return false;
      case 'return':
      case 'exception-return':
      case 'trap':
        return false;
      case 'breakpoint':
        // Stepper says who takes it.
        return !this.#capabilities.isApart || !code.isHyp(pc);
      default:
        return instruction.branch.kind satisfies never;
    }
  }

  /** Its name says that it does not return. */
  #isFinal(address: Address): boolean {
    const known = this.#final.get(address);
    if (known !== undefined) return known;
    const code = this.#code;
    const isHyp = code.isCode(address) ? code.isHyp(address) : null;
    const isFinal = neverReturns(code.nameOf(address) ?? '', isHyp);
    this.#final.set(address, isFinal);
    return isFinal;
  }

  /** A word that is no branch: the addresses that it forms or loads. Whether there is anything to tell of it. */
  #compute(at: Address, pc: Address): boolean {
    const code = this.#code;
    const word = code.word(at);
    const moves = mayMoveLink(word) && movesLink(code.instructionAt(at)) && !this.#isFinal(pc);
    if (moves) this.#sink.movesLink();
    const target = code.formedAt(at);
    if (target !== null) this.#sink.forms(pc, at, target);
    return moves || target !== null;
  }
}
