// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which generation of KVM the objects come from. Decided by names of sections and
// symbols, not by versions, since distributions backport.

import { sectionsOf } from '../code/object-sections.js';
import { isOfOwnLink } from '../code/sections.js';
import type { ObjectFile } from '../elf/object-file.js';
import { isBeforePrefix, isModuleFile, NVHE_PREFIX } from '../link/symbol-names.js';
import { type Generation, generations } from './generations.js';

export const detectGeneration = (objects: readonly ObjectFile[]): Generation => {
  if (objects.some(hasOwnLink)) return generations.nvhe;
  return objects.some(hasPrefix) ? generations.nvheEarly : generations.hypText;
};

const hasOwnLink = (object: ObjectFile): boolean => sectionsOf(object).hyp.some(isOfOwnLink);

/** Whether hyp code has the names of a link of its own. */
const hasPrefix = (object: ObjectFile): boolean => {
  const { symbols } = object;
  const { hyp } = sectionsOf(object);
  symbols.indexSections(new Set(hyp.map(({ index }) => index)));
  return hyp.some(({ index }) =>
    symbols.inSection(index).some((symbol) => symbols.name(symbol).startsWith(NVHE_PREFIX)),
  );
};

const known = new WeakMap<ObjectFile, boolean>();

/** Whether the hyp code of an object is a module's: judged by a row of its own, whatever kernel it is checked beside. */
export const isModulePart = (object: ObjectFile): boolean => {
  const isPart = known.get(object) ?? hasHypOfModule(object);
  known.set(object, isPart);
  return isPart;
};

const hasHypOfModule = (object: ObjectFile): boolean =>
  definesModuleBound(object) || (isModule(object) && (hasOwnLink(object) || hasPrefix(object)));

/** A .ko, by its name or by what modpost adds to each. */
const isModule = ({ path, sections }: ObjectFile): boolean =>
  isModuleFile(path) || sections.some(({ name }) => name === '.gnu.linkonce.this_module');

/**
 * The section, empty or not, and its bound, which the linker script of modules defines in each kvm_nvhe.o of theirs
 * (arch/arm64/kvm/hyp/nvhe/module.lds.S, Android 16). The kernel's own is given the bound by vmlinux.lds.
 */
const MODULE_SECTION = '.hyp.printk_fmts';
const MODULE_BOUND = '__hyp_printk_fmts_start';

const definesModuleBound = (object: ObjectFile): boolean => {
  const { path, symbols } = object;
  // Of kernels, which have the most symbols, few have the section.
  if (!sectionsOf(object).hyp.some(({ name }) => name === MODULE_SECTION)) return false;
  const names = isBeforePrefix(path) ? [MODULE_BOUND] : [`${NVHE_PREFIX}${MODULE_BOUND}`];
  return [...symbols.globalsNamed(names).values()].some((symbol) => !symbols.isUndefined(symbol));
};
