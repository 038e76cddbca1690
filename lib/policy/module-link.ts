// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which names the hyp code of a module can use. EL2 maps each module at an address of
// its own (pkvm_load_el2_module). Only calls can leave the module, and only because
// EL2's loader patches them: of the relocations against undefined symbols it handles
// CALL26 alone, and looks the name up in the hyp text of modules that were loaded
// before (module_init_hyp_imported_sym, pkvm_reloc_imported_symbols). The kernel's own
// nVHE code cannot be reached.
// (Android 16)

import { addressTerms, readsTpidrEl2 } from '../aarch64/instructions.js';
import { codeMapOf } from '../code/code-map.js';
import { familyOf } from '../code/sections.js';
import { definitionsOf, type Use } from '../code/value-flow.js';
import type { Reference } from '../references/reference.js';
import { isModulePart } from './detect-generation.js';

/**
 * - own: in the module, or not an address
 * - imported: a call into the hyp text of another module among the inputs
 * - open: a call that another module may provide
 * - lost: nothing resolves it
 */
export type ModuleLink = 'own' | 'imported' | 'open' | 'lost';

export const moduleLinkOf = ({ access, at, target, throughGot }: Reference): ModuleLink => {
  const isPatched = access === 'call' && !throughGot;
  switch (target.kind) {
    case 'absolute':
    case 'common':
      return 'own';
    case 'undefined':
      if (target.weak) return 'own';
      return isPatched ? 'open' : 'lost';
    case 'place': {
      const { object, section } = target.place;
      if (object === at.object) return 'own';
      return isPatched && isModulePart(object) && familyOf(section) === 'hyp-text' ? 'imported' : 'lost';
    }
    default:
      return target satisfies never;
  }
};

/**
 * Uses of an address with this CPU's offset added. A module's variables have no copies per CPU: its linker script puts
 * .data..percpu among other data.
 */
export const perCpuUses = (reference: Reference): readonly Use[] => {
  const { object, section } = reference.at;
  const code = codeMapOf(object, section);
  const isOffset = (offset: number, register: number): boolean =>
    definitionsOf(code, offset, register, (at) => readsTpidrEl2(code.word(at))).length > 0;
  return reference.uses().filter(({ register, offset }) => {
    const terms = addressTerms(code.word(offset));
    return (
      terms?.includes(register) === true && terms.some((one) => one !== register && isOffset(offset, one))
    );
  });
};
