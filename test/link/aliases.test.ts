// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The texts are this test's own, in the manner of the kernel's files.

import t from 'tap';
import { aliasesOfImageVars, aliasesOfLinkerScript, readConfiguration } from '../../lib/link/aliases.js';

t.test('a preprocessed linker script', async (t) => {
  const aliases = aliasesOfLinkerScript(`
    OUTPUT_ARCH(aarch64)
    __kvm_nvhe_alpha = alpha;
    __kvm_nvhe_beta = beta; __kvm_nvhe_gamma = gamma ;
    __kvm_nvhe___memcpy = __kvm_nvhe_memcpy;
    delta = epsilon;
    __kvm_nvhe_sum = alpha + 4;
    __kvm_nvhe_dotted = a.b$c;
    PROVIDE(__kvm_nvhe_zeta = zeta);
    SECTIONS { . = 0x1000; __kvm_nvhe_in_section = inside; }
  `);
  t.same(
    [...aliases],
    [
      ['__kvm_nvhe_alpha', 'alpha'],
      ['__kvm_nvhe_beta', 'beta'],
      ['__kvm_nvhe_gamma', 'gamma'],
      ['__kvm_nvhe___memcpy', '__kvm_nvhe_memcpy'],
      ['__kvm_nvhe_dotted', 'a.b$c'],
      ['__kvm_nvhe_in_section', 'inside'],
    ],
  );
  t.equal(aliasesOfLinkerScript('').size, 0);
});

t.test('the configuration', async (t) => {
  const configuration = readConfiguration(
    'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\nCONFIG_D="a b"\nX=y\n CONFIG_E=y\n',
  );
  t.same(
    [...configuration],
    [
      ['CONFIG_A', 'y'],
      ['CONFIG_C', 'm'],
      ['CONFIG_D', '"a b"'],
    ],
  );
});

const vars = `/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LINKER_SCRIPT
#error This file should only be included in vmlinux.lds.S
#endif
#ifdef CONFIG_EFI
efi_thing = thing;
#endif
#ifdef CONFIG_KVM
/* KVM_NVHE_ALIAS(in_a_comment); */
KVM_NVHE_ALIAS(always);
#ifdef CONFIG_ONE
KVM_NVHE_ALIAS(one);
#else
KVM_NVHE_ALIAS(not_one);
#endif
#if defined(CONFIG_ONE) && defined(CONFIG_TWO)
KVM_NVHE_ALIAS(one_and_two);
#elif defined(CONFIG_TWO)
KVM_NVHE_ALIAS(only_two);
#endif
#if IS_ENABLED(CONFIG_ONE) || IS_ENABLED(CONFIG_TWO)
KVM_NVHE_ALIAS(one_or_two);
#endif
#ifndef CONFIG_ONE
KVM_NVHE_ALIAS(without_one);
#endif
#if !defined(CONFIG_TWO)
KVM_NVHE_ALIAS(without_two);
#endif
KVM_NVHE_ALIAS_HYP(__memset, __pi_memset);
#define SOMETHING KVM_NVHE_ALIAS(in_a_definition)
__kvm_nvhe_plain = plain_host;
#endif
#ifdef CONFIG_ABSENT
#ifdef CONFIG_KVM
KVM_NVHE_ALIAS(nested_in_absent);
#endif
#endif
`;

const namesWith = (...set: readonly string[]): readonly string[] =>
  [...aliasesOfImageVars(vars, new Map(set.map((name) => [name, 'y'])))].map(([name]) =>
    name.replace('__kvm_nvhe_', ''),
  );

t.test('image-vars.h under its conditions', async (t) => {
  t.same(namesWith(), []);
  t.same(namesWith('CONFIG_KVM'), ['always', 'not_one', 'without_one', 'without_two', '__memset', 'plain']);
  t.same(namesWith('CONFIG_KVM', 'CONFIG_ONE'), [
    'always',
    'one',
    'one_or_two',
    'without_two',
    '__memset',
    'plain',
  ]);
  t.same(namesWith('CONFIG_KVM', 'CONFIG_TWO'), [
    ...['always', 'not_one', 'only_two', 'one_or_two', 'without_one', '__memset', 'plain'],
  ]);
  t.same(namesWith('CONFIG_KVM', 'CONFIG_ONE', 'CONFIG_TWO'), [
    ...['always', 'one', 'one_and_two', 'one_or_two', '__memset', 'plain'],
  ]);
});

t.test('what the aliases stand for', async (t) => {
  const aliases = aliasesOfImageVars(vars, new Map([['CONFIG_KVM', 'y']]));
  t.equal(aliases.get('__kvm_nvhe_always'), 'always');
  t.equal(aliases.get('__kvm_nvhe___memset'), '__kvm_nvhe___pi_memset', 'an alias within the nVHE link');
  t.equal(aliases.get('__kvm_nvhe_plain'), 'plain_host');
});

t.test('of several #elif only the first that holds counts', async (t) => {
  const text = `
#if defined(CONFIG_A)
KVM_NVHE_ALIAS(a);
#elif defined(CONFIG_B)
KVM_NVHE_ALIAS(b);
#elif defined(CONFIG_C)
KVM_NVHE_ALIAS(c);
#else
KVM_NVHE_ALIAS(none);
#endif`;
  const chosen = (...set: readonly string[]) => [
    ...aliasesOfImageVars(text, new Map(set.map((name) => [name, 'y']))).values(),
  ];
  t.same(chosen('CONFIG_A', 'CONFIG_C'), ['a']);
  t.same(chosen('CONFIG_B'), ['b']);
  t.same(chosen('CONFIG_C'), ['c']);
  t.same(chosen(), ['none']);
});
