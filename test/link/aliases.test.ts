// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Aliases in linker scripts and image-vars.h. The texts are our own, in the manner of the kernel's.

import t from 'tap';
import { readConfiguration } from '../../lib/c-source/configuration.js';
import { aliasesOfImageVars, aliasesOfLinkerScript } from '../../lib/link/aliases.js';

t.test('aliases are read from assignments of names in a linker script', async (t) => {
  const aliases = aliasesOfLinkerScript(`
    OUTPUT_ARCH(aarch64)
    __kvm_nvhe_alpha = alpha;
    __kvm_nvhe_beta = beta; __kvm_nvhe_gamma = gamma ;
    __kvm_nvhe___memcpy = __kvm_nvhe_memcpy;
    delta = epsilon; . = ALIGN(8); _start = .; size = delta - alpha;
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
      ['delta', 'epsilon'],
      ['__kvm_nvhe_dotted', 'a.b$c'],
      ['__kvm_nvhe_zeta', 'zeta'],
      ['__kvm_nvhe_in_section', 'inside'],
    ],
  );
  t.equal(aliasesOfLinkerScript('').size, 0);
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

t.test('aliases of image-vars.h are those that the configuration compiles', async (t) => {
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

t.test('an alias stands for a host symbol or for one of the nVHE link', async (t) => {
  const aliases = aliasesOfImageVars(vars, new Map([['CONFIG_KVM', 'y']]));
  t.equal(aliases.get('__kvm_nvhe_always'), 'always');
  t.equal(aliases.get('__kvm_nvhe___memset'), '__kvm_nvhe___pi_memset', 'an alias within the nVHE link');
  t.equal(aliases.get('__kvm_nvhe_plain'), 'plain_host');
});

t.test('of several #elif only the first that holds is compiled', async (t) => {
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

/** The targets of the aliases in a text, given lines of auto.conf. */
const targetsOf = (text: string, ...options: readonly string[]): readonly string[] => [
  ...aliasesOfImageVars(text, readConfiguration(options.join('\n'))).values(),
];

/** Which sides of `#if condition` are read. */
const sidesOf = (condition: string, ...options: readonly string[]): string =>
  targetsOf(`#if ${condition}\nKVM_NVHE_ALIAS(yes);\n#else\nKVM_NVHE_ALIAS(no);\n#endif\n`, ...options).join(
    ' or ',
  );

t.test('conditions can compare numbers', async (t) => {
  const condition = 'CONFIG_PGTABLE_LEVELS > 3';
  t.equal(sidesOf(condition, 'CONFIG_PGTABLE_LEVELS=2'), 'no');
  t.equal(sidesOf(condition, 'CONFIG_PGTABLE_LEVELS=3'), 'no');
  t.equal(sidesOf(condition, 'CONFIG_PGTABLE_LEVELS=4'), 'yes');
  t.equal(sidesOf(condition), 'no', 'an undefined name is 0');
  t.equal(
    sidesOf('CONFIG_ARM64_VA_BITS == 48 || CONFIG_ARM64_VA_BITS == 0x34', 'CONFIG_ARM64_VA_BITS=52'),
    'yes',
  );
});

t.test('conditions can have parentheses and !', async (t) => {
  for (const x of [0, 1])
    for (const y of [0, 1])
      for (const z of [0, 1]) {
        const options = [x && 'CONFIG_X=y', y && 'CONFIG_Y=y', z && 'CONFIG_Z=y'].filter((one) => one !== 0);
        const expected = x === 1 && y === 0 && z === 0 ? 'yes' : 'no';
        const condition = 'defined(CONFIG_X) && !(defined(CONFIG_Y) || defined(CONFIG_Z))';
        t.equal(sidesOf(condition, ...options), expected, options.join());
        t.equal(
          sidesOf(
            condition.replace(/[()]/g, (sign) => ` ${sign} `),
            ...options,
          ),
          expected,
        );
      }
});

t.test('conditions distinguish options that are built in, a module, or off', async (t) => {
  for (const [condition, ...expected] of [
    ['IS_ENABLED(CONFIG_X)', 'yes', 'yes', 'no'],
    ['IS_BUILTIN(CONFIG_X)', 'yes', 'no', 'no'],
    ['IS_MODULE(CONFIG_X)', 'no', 'yes', 'no'],
    ['defined(CONFIG_X)', 'yes', 'no', 'no'],
    ['defined CONFIG_X', 'yes', 'no', 'no'],
    ['!IS_ENABLED(CONFIG_X)', 'no', 'no', 'yes'],
    ['CONFIG_X', 'yes', 'no', 'no'],
  ] as const) {
    const found = ['CONFIG_X=y', 'CONFIG_X=m', '# CONFIG_X is not set'].map((line) =>
      sidesOf(condition, line),
    );
    t.same(found, expected, condition);
  }
});

t.test('conditionals can be nested', async (t) => {
  const text = `
#ifdef CONFIG_A
#if CONFIG_N == 1
KVM_NVHE_ALIAS(a1);
#elif CONFIG_N == 2
KVM_NVHE_ALIAS(a2);
#else
#ifndef CONFIG_B
KVM_NVHE_ALIAS(a_without_b);
#else
KVM_NVHE_ALIAS(a_with_b);
#endif
#endif
#else
KVM_NVHE_ALIAS(without_a);
#if CONFIG_N == 1
#else
KVM_NVHE_ALIAS(without_a_and_1);
#endif
#endif
KVM_NVHE_ALIAS(last);
`;
  t.same(targetsOf(text, 'CONFIG_A=y', 'CONFIG_N=1'), ['a1', 'last']);
  t.same(targetsOf(text, 'CONFIG_A=y', 'CONFIG_N=2'), ['a2', 'last']);
  t.same(targetsOf(text, 'CONFIG_A=y', 'CONFIG_N=3'), ['a_without_b', 'last']);
  t.same(targetsOf(text, 'CONFIG_A=y', 'CONFIG_B=y'), ['a_with_b', 'last']);
  t.same(targetsOf(text, 'CONFIG_N=1'), ['without_a', 'last']);
  t.same(targetsOf(text), ['without_a', 'without_a_and_1', 'last']);
});

t.test('comments and continued lines are understood', async (t) => {
  const text = `
#if defined(CONFIG_A) /* of two
   lines */ && \\
    !defined(CONFIG_B) // and no more: && 0
KVM_NVHE_ALIAS(a); // KVM_NVHE_ALIAS(b);
/* #endif
KVM_NVHE_ALIAS(c); */
  #  else /* no "string */
KVM_NVHE_ALIAS(\\
  d);
KVM_NVHE_ALIAS_HYP(e, /* for */
  f);
# endif /* CONFIG_A */
`;
  for (const each of [text, text.replaceAll('\n', '\r\n')]) {
    t.same(targetsOf(each, 'CONFIG_A=y'), ['a']);
    t.same(targetsOf(each, 'CONFIG_A=y', 'CONFIG_B=y'), ['d', '__kvm_nvhe_f']);
  }
});

t.test('where a condition is unknown, both branches are read', async (t) => {
  for (const condition of [
    'VA_BITS > 48',
    'defined(SOMETHING)',
    'CONFIG_A ? SOME_MACRO(1) : 0',
    'SOME_MACRO(CONFIG_A, 3)',
    'CONFIG_A +',
    '(CONFIG_A',
    'CONFIG_A)',
    '1 / CONFIG_B',
    '',
    '@',
  ]) {
    t.equal(sidesOf(condition, 'CONFIG_A=y'), 'yes or no', condition);
  }
  t.equal(sidesOf('defined(CONFIG_B) && SOME_MACRO(3)'), 'no', 'unless the unknown part does not matter');
  t.equal(sidesOf('defined(CONFIG_A) || VA_BITS > 48', 'CONFIG_A=y'), 'yes');
  const chain = `
#ifdef SOMETHING
KVM_NVHE_ALIAS(a);
#elif defined(CONFIG_B)
KVM_NVHE_ALIAS(b);
#elif defined(CONFIG_A)
KVM_NVHE_ALIAS(c);
#else
KVM_NVHE_ALIAS(d);
#endif`;
  t.same(targetsOf(chain, 'CONFIG_A=y'), ['a', 'c'], 'other conditions of the chain still count');
});

t.test('of two possible targets the host’s is kept', async (t) => {
  const own = 'KVM_NVHE_ALIAS_HYP(memcpy, __pi_memcpy);';
  const host = 'KVM_NVHE_ALIAS(memcpy);';
  t.same(targetsOf(`#ifdef SOMETHING\n${own}\n#else\n${host}\n#endif`), ['memcpy']);
  t.same(targetsOf(`#ifdef SOMETHING\n${host}\n#else\n${own}\n#endif`), ['memcpy']);
});

t.test('deeply nested or long conditions end in reasonable time', async (t) => {
  const many = 10_000;
  const deep = `${'('.repeat(many)}1${')'.repeat(many)}`;
  for (const condition of [
    deep,
    '('.repeat(many),
    '!'.repeat(many),
    'IS_ENABLED('.repeat(many),
    `defined${'('.repeat(many)}`,
  ])
    t.equal(sidesOf(condition), 'yes or no', condition.slice(0, 20));
  t.equal(sidesOf(`${'CONFIG_A && '.repeat(many)}1`, 'CONFIG_A=y'), 'yes');
  t.same(targetsOf('#if CONFIG_A\n'.repeat(many), 'CONFIG_A=y'), []);
  const doubling = Array.from({ length: 60 }, (_, n) => `CONFIG_${n}=CONFIG_${n + 1} + CONFIG_${n + 1}`);
  t.equal(sidesOf('CONFIG_0 == 0', ...doubling), 'yes', 'a name is evaluated once');
  t.equal(sidesOf('CONFIG_A', 'CONFIG_A=CONFIG_A'), 'no', 'a name that stands for itself');
  t.same(targetsOf('/*'.repeat(100_000)), []);
});
