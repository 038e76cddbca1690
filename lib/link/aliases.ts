// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names that the linker script assigns: the nVHE link uses names of the host
// through `__kvm_nvhe_X = X`, and some host names are others (`jiffies =
// jiffies_64`). The build's preprocessed arch/arm64/kernel/vmlinux.lds is exact. If
// it is not made yet (only arch/arm64/kvm/ was built), the source's
// arch/arm64/kernel/image-vars.h is evaluated with the build's configuration.
// (v5.9 and later; the macros' names changed in v5.10.)

import { type Compiled, Conditionals, linesOf } from '../c-source/directives.js';
import { evaluate, type Names, not } from '../c-source/expression.js';
import type { Aliases } from './image.js';
import { NVHE_PREFIX } from './symbol-names.js';

type Alias = readonly [name: string, target: string];

/** Assignments of one name to another; not of the current location (`.`). */
const assignmentsIn = (text: string): readonly Alias[] =>
  [...text.matchAll(/(?<![\w.$])([A-Za-z_]\w*)\s*=\s*(\.?[A-Za-z_$][\w.$]*)\s*(?:\)\s*)?;/g)].map(
    ([, name = '', target = '']) => [name, target],
  );

/** From a preprocessed linker script. */
export const aliasesOfLinkerScript = (text: string): Aliases => new Map(assignmentsIn(text));

/** Always defined when a linker script is preprocessed (scripts/Makefile.build). */
const definedInScripts: ReadonlySet<string> = new Set([
  '__ASSEMBLY__',
  '__ASSEMBLER__',
  '__KERNEL__',
  'LINKER_SCRIPT',
]);

/** All options are known; other names that headers define are not. */
const namesWith = (configuration: ReadonlyMap<string, string>): Names => ({
  isDefined: (name) => {
    if (definedInScripts.has(name)) return true;
    return name.startsWith('CONFIG_') ? configuration.has(name) : null;
  },
  textOf: (name) => configuration.get(name) ?? null,
});

/**
 * From image-vars.h: its alias macros under the conditions that hold. If a condition is not known (a name that other
 * headers define, an expression that is not understood), both sides are read: with an alias that may exist, a reference
 * is judged by its target; without it, it could not be judged at all. If one name has two possible aliases, the one to
 * the host wins, since EL2 may not map that.
 */
export const aliasesOfImageVars = (text: string, configuration: ReadonlyMap<string, string>): Aliases => {
  const names = namesWith(configuration);
  const conditionals = new Conditionals((directive, rest): Compiled => {
    if (directive !== 'if') {
      const isDefined = names.isDefined(/^\w*/.exec(rest)?.[0] ?? '');
      return directive === 'ifdef' ? isDefined : not(isDefined);
    }
    const value = evaluate(rest, names);
    return value === null ? null : value !== 0n;
  });
  const read = linesOf(text).filter(
    (line) => !conditionals.take(line) && line.directive === null && conditionals.compiled !== false,
  );
  const script = read
    .map(({ rest }) => rest)
    .join('\n')
    .replace(/\bKVM_NVHE_ALIAS\(\s*(\w+)\s*\)/g, `${NVHE_PREFIX}$1 = $1;`)
    .replace(/\bKVM_NVHE_ALIAS_HYP\(\s*(\w+)\s*,\s*(\w+)\s*\)/g, `${NVHE_PREFIX}$1 = ${NVHE_PREFIX}$2;`);
  const aliases = new Map<string, string>();
  for (const [name, target] of assignmentsIn(script)) {
    if (!name.startsWith(NVHE_PREFIX)) continue;
    if (!aliases.has(name) || !target.startsWith(NVHE_PREFIX)) aliases.set(name, target);
  }
  return aliases;
};
