// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hyp code of a module makes of a name. EL2 maps each module at an address
// of its own (pkvm_load_el2_module), so that only calls reach what is not in the
// module, and these only because EL2's loader patches them: of all relocations
// against undefined symbols it takes CALL26 alone, and looks the name up in the
// hyp text of modules that were loaded before (module_init_hyp_imported_sym,
// pkvm_reloc_imported_symbols). The kernel's own nVHE code is out of reach.
// (Android 16)

import { addressTerms, readsTpidrEl2 } from '../aarch64/instructions.js';
import { codeMapOf } from '../code/code-map.js';
import { familyOf } from '../code/sections.js';
import { definitionsOf, type Use } from '../code/value-flow.js';
import type { Reference } from '../references/reference.js';
import { isModulePart } from './detect-generation.js';

/**
 * - own: in the module, or no address at all
 * - imported: a call into the hyp text of another module that is here
 * - open: a call that another module may be there for
 * - lost: nobody makes it good
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
 * Uses of an address with this CPU's offset added. The variables of a module have no copies per CPU: its linker script puts
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
