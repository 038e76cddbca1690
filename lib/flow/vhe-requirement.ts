// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The capabilities with which KVM does not start on a machine without VHE, so that its
// hyp code never sees them there. asm/kvm_host.h says so in a C function, which is
// evaluated for each capability: with this one on, whatever the others are, does KVM
// refuse to start?

import { evaluate, type Names } from '../c-source/expression.js';
import { answerOf, predicateIn } from '../c-source/predicate.js';

interface Refusal {
  readonly name: string;
  /** What it returns if KVM does not start. */
  readonly answer: boolean;
}

/** kvm_arch_check_sve_has_vhe(): 4.19 to 5.1, for SVE; kvm_arch_requires_vhe(): 5.2 to 5.8, for errata too. */
const refusals: readonly Refusal[] = [
  { name: 'kvm_arch_requires_vhe', answer: true },
  { name: 'kvm_arch_check_sve_has_vhe', answer: false },
];

/** Tests of a capability of the whole system; this_cpu_has_cap() asks about one CPU. */
const TEST = /\b(?:__)?cpus_have(?:_const|_final)?_cap\s*\(\s*(ARM64_\w+)\s*\)/g;
/** asm/cpufeature.h: true if the option is on (without it the capability is never found) and so is the capability. */
const SVE_TEST = /\bsystem_supports_sve\s*\(\s*\)/g;
const VHE_TEST = /\b(?:has_vhe|is_kernel_in_hyp_mode)\s*\(\s*\)/g;
const HINT = /\b(?:un)?likely\s*(?=\()/g;

/**
 * `configuration`: CONFIG_X to its value; null if it is not known. If the function is not understood there are no names,
 * and the code of all capabilities counts as executed.
 */
export const namesThatNeedVhe = (
  kvmHost: string,
  configuration: ReadonlyMap<string, string> | null,
): readonly string[] => {
  const names: Names = {
    isDefined: (name) =>
      configuration !== null && name.startsWith('CONFIG_')
        ? configuration.has(name)
        : (defined.get(name) ?? null),
    textOf: (name) => constants.get(name) ?? configuration?.get(name) ?? null,
  };
  return refusals.flatMap(({ name, answer }) => {
    const body = predicateIn(kvmHost, name, names);
    if (body === null) return [];
    const asked = body.replace(HINT, '').replace(VHE_TEST, '0').replace(SVE_TEST, 'cpus_have_cap(ARM64_SVE)');
    const tested = new Set([...asked.matchAll(TEST)].map(([, capability = '']) => capability));
    return [...tested].filter((capability) => {
      const holds = (expression: string): boolean | null => {
        const with1 = expression.replace(TEST, (test, one) => (one === capability ? '1' : test));
        const value = evaluate(with1, names);
        return value === null ? null : value !== 0n;
      };
      return answerOf(asked, holds) === answer;
    });
  });
};

const constants: ReadonlyMap<string, string> = new Map([
  ['true', '1'],
  ['false', '0'],
]);
/** Names other than options that every C file of the kernel defines, or does not. */
const defined: ReadonlyMap<string, boolean> = new Map([
  ['__KERNEL__', true],
  ['__ASSEMBLY__', false],
  ['__ASSEMBLER__', false],
]);
