// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The names that the nVHE link may use of the host: the linker script assigns
// `__kvm_nvhe_X = X`. The build's preprocessed arch/arm64/kernel/vmlinux.lds
// tells exactly; where it has not been made yet (only arch/arm64/kvm/ was
// built), the source's arch/arm64/kernel/image-vars.h tells, evaluated with the
// build's configuration. (v5.9 and later; the macros' names changed in v5.10.)

import type { Aliases } from './image.js';
import { NVHE_PREFIX } from './symbol-names.js';

/** From a preprocessed linker script: every assignment to a prefixed name of one other name. */
export const aliasesOfLinkerScript = (text: string): Aliases =>
  new Map(
    [...text.matchAll(/\b(__kvm_nvhe_\w+)\s*=\s*([A-Za-z_.$][\w.$]*)\s*;/g)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );

/** Reads `CONFIG_X=y` lines of include/config/auto.conf or .config. */
export const readConfiguration = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));

/** defined(CONFIG_X), IS_ENABLED(CONFIG_X) and a bare macro, joined by && and ||; anything else counts as true. */
const isTrue = (condition: string, configuration: ReadonlyMap<string, string>): boolean => {
  const atom = (text: string): boolean => {
    const negated = text.trim().startsWith('!');
    const name = /\b(CONFIG_\w+|LINKER_SCRIPT)\b/.exec(text)?.[1];
    if (name === undefined) return true;
    const value = name === 'LINKER_SCRIPT' || configuration.has(name);
    return negated ? !value : value;
  };
  return condition.split('||').some((either) => either.split('&&').every(atom));
};

/** From image-vars.h: its alias macros under the conditions that hold. */
export const aliasesOfImageVars = (text: string, configuration: ReadonlyMap<string, string>): Aliases => {
  const aliases = new Map<string, string>();
  /** Open conditionals: whether the part that is being read holds, and whether any part so far did. */
  const open: { holds: boolean; taken: boolean }[] = [];
  const begin = (holds: boolean) => open.push({ holds, taken: holds });
  const next = (condition: boolean) => {
    const { taken } = open.pop() ?? { taken: true };
    open.push({ holds: !taken && condition, taken: taken || condition });
  };
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\\\n/g, ' ');
  for (const line of plain.split('\n')) {
    const directive = /^\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)$/.exec(line);
    if (directive) {
      const condition = directive[2] ?? '';
      switch (directive[1]) {
        case 'ifdef':
        case 'if':
          begin(isTrue(condition, configuration));
          break;
        case 'ifndef':
          // The include guard is never defined; a CONFIG_ name may be.
          begin(!condition.includes('CONFIG_') || !isTrue(condition, configuration));
          break;
        case 'elif':
          next(isTrue(condition, configuration));
          break;
        case 'else':
          next(true);
          break;
        default:
          open.pop();
      }
      continue;
    }
    if (open.some(({ holds }) => !holds) || /^\s*#/.test(line)) continue;
    for (const match of line.matchAll(/\bKVM_NVHE_ALIAS\(\s*(\w+)\s*\)/g)) {
      aliases.set(`${NVHE_PREFIX}${match[1]}`, match[1] ?? '');
    }
    for (const match of line.matchAll(/\bKVM_NVHE_ALIAS_HYP\(\s*(\w+)\s*,\s*(\w+)\s*\)/g)) {
      aliases.set(`${NVHE_PREFIX}${match[1]}`, `${NVHE_PREFIX}${match[2]}`);
    }
    for (const match of line.matchAll(/\b(__kvm_nvhe_\w+)\s*=\s*(\w+)\s*;/g)) {
      aliases.set(match[1] ?? '', match[2] ?? '');
    }
  }
  return aliases;
};
