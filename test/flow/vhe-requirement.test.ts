// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// With which capabilities KVM does not start without VHE, as kvm_host.h says.

import t from 'tap';
import { namesThatNeedVhe } from '../../lib/flow/vhe-requirement.js';

const options = new Map([['CONFIG_ON', '1']]);

const header = (name: string, body: string): string => `#ifndef __ARM64_KVM_HOST_H__
#define __ARM64_KVM_HOST_H__
static inline int before(void)
{
	return cpus_have_cap(ARM64_BEFORE);
}

static inline bool ${name}(void)
{
	${body}
}
#endif /* __ARM64_KVM_HOST_H__ */
`;

t.test('a capability needs VHE if kvm_arch_requires_vhe() is true whenever it is there', async (t) => {
  const A = 'cpus_have_cap(ARM64_A)';
  const B = 'cpus_have_const_cap(ARM64_B)';
  for (const [body, expected] of [
    // As in 5.4 and 5.6, and in 5.8.
    [
      `/* SVE */\n\tif (system_supports_sve())\n\t\treturn true;\n\tif (${A})\n\t\treturn true;\n\treturn false;`,
      ['ARM64_SVE', 'ARM64_A'],
    ],
    ['if (system_supports_sve())\n\t\treturn true;\n\n\treturn false;', ['ARM64_SVE']],
    [`return ${A} || ${B};`, ['ARM64_A', 'ARM64_B']],
    ['return cpus_have_final_cap( ARM64_A );', ['ARM64_A']],
    ['return cpus_have_const_cap(ARM64_A);', ['ARM64_A']],
    ['return __cpus_have_const_cap(ARM64_A);', ['ARM64_A']],
    [
      `if (unlikely(${A})) { return true; } else if (${B}) return 1; else { return false; }`,
      ['ARM64_A', 'ARM64_B'],
    ],
    [`return ${A} ? true : !!${B};`, ['ARM64_A', 'ARM64_B']],
    [`return (${A} | ${B}) != 0;`, []],
    [`return ${A} == true;`, ['ARM64_A']],
    [`if (!has_vhe() && ${A}) return true; return false;`, ['ARM64_A']],
    [`if (IS_ENABLED(CONFIG_ON) && ${A}) return true; return false;`, ['ARM64_A']],
    [`if (IS_ENABLED(CONFIG_OFF) && ${A}) return true; return false;`, []],
    [`#ifdef CONFIG_ON\n\tif (${A})\n\t\treturn true;\n#endif\n\treturn false;`, ['ARM64_A']],
    // Negated, both together, or of one processor.
    [`return !${A};`, []],
    [`return !(${A} || ${B});`, []],
    [`if (!${A}) return true; return false;`, []],
    [`if (${A}) return false; return true;`, []],
    [`if (${A} && ${B}) return true; return false;`, []],
    [`if (${A}) if (${B}) return true; return false;`, []],
    [`if (${A}) { if (!${B}) return false; return true; } return ${B};`, ['ARM64_B']],
    [`if (${B}) return false; if (${A}) return true; return false;`, []],
    [`if (has_vhe() && ${A}) return true; return false;`, []],
    ['return this_cpu_has_cap(ARM64_A);', []],
    [`return other() && ${A};`, []],
    // Not compiled, or not for certain.
    [`/* if (${A}) return true; */ return false;`, []],
    [`// if (${A}) return true;\n\treturn false;`, []],
    [`#if 0\n\tif (${A})\n\t\treturn true;\n#endif\n\treturn false;`, []],
    [`#ifdef CONFIG_OFF\n\tif (${A})\n\t\treturn true;\n#endif\n\treturn false;`, []],
    [`#ifdef SOMETHING\n\tif (${A})\n\t\treturn true;\n#endif\n\treturn false;`, []],
    [`#ifdef CONFIG_ON\n\treturn false;\n#else\n\treturn ${A};\n#endif`, []],
    // Not understood; but the last, which lacks a return, is.
    [`bool need = ${A}; return need;`, []],
    [`pr_info("VHE\\n"); return ${A};`, []],
    [`if (${A}) goto yes; return false; yes: return true;`, []],
    [`switch (${A}) { case 1: return true; } return false;`, []],
    ['return cpus_have_cap(ARM64_A + 1);', []],
    [`if (${A}) return true;`, ['ARM64_A']],
  ] as const)
    t.same(namesThatNeedVhe(header('kvm_arch_requires_vhe', body), options), expected, body);
});

t.test('a capability behind an option does not count if the configuration is unknown', async (t) => {
  const test = (condition: string) =>
    header('kvm_arch_requires_vhe', `if (${condition} && cpus_have_cap(ARM64_A)) return true; return false;`);
  t.same(namesThatNeedVhe(test('IS_ENABLED(CONFIG_ON)'), null), []);
  t.same(namesThatNeedVhe(test('!IS_ENABLED(CONFIG_ON)'), null), []);
  t.same(namesThatNeedVhe(test('!IS_ENABLED(CONFIG_OFF)'), options), ['ARM64_A']);
});

t.test('kvm_arch_check_sve_has_vhe() of 4.19 makes SVE need VHE', async (t) => {
  const names = (body: string) => namesThatNeedVhe(header('kvm_arch_check_sve_has_vhe', body), options);
  t.same(names('if (system_supports_sve())\n\t\treturn has_vhe();\n\telse\n\t\treturn true;'), ['ARM64_SVE']);
  t.same(names('if (!system_supports_sve())\n\t\treturn has_vhe();\n\treturn true;'), []);
});

t.test('no other function makes a capability need VHE', async (t) => {
  t.same(namesThatNeedVhe(header('kvm_arch_asks', 'return system_supports_sve();'), options), []);
  t.same(namesThatNeedVhe('', options), []);
});
