// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What EL2 maps, by section and access. The table is written from the kernels'
// linker scripts and from what KVM maps (init_hyp_mode and its successors), not
// from the program's own.

import t from 'tap';
import { generations } from '../../lib/policy/generations.js';
import { type KernelFacts, noFacts } from '../../lib/policy/hyp-map.js';
import { mappedProtected } from '../../lib/policy/protected-modes.js';
import type { Access } from '../../lib/references/reference.js';
import { judgementOn, verdictOn } from './judged.js';

const accesses: readonly Access[] = ['call', 'jump', 'load', 'store', 'address', 'absolute'];

/** One letter for each access, in that order: c call, d data, w write, a absolute, . fine, ? unknown. */
const letters: Readonly<Record<string, string>> = {
  fine: '.',
  'hyp-call': 'c',
  'hyp-data': 'd',
  'hyp-write': 'w',
  'hyp-absolute': 'a',
  unknown: '?',
};

const kernelText = [
  ...['.text', '.text.unlikely', '.text.hot', '.text.foo', '.sched.text', '.spinlock.text', '.kprobes.text'],
  ...['.cpuidle.text', '.noinstr.text', '.irqentry.text', '.softirqentry.text', '.exception.text'],
  ...['.entry.text', '.idmap.text', '.fixup'],
];
const freed = [
  '.head.text',
  '.init.text',
  '.exit.text',
  '.meminit.text',
  '.init.data',
  '.init.rodata',
  '.exit.data',
];
const readOnly = [
  '.rodata',
  '.rodata.str1.8',
  '.rodata.cst16',
  '.data..ro_after_init',
  '__param',
  '___ksymtab+x',
];
const bss = ['.bss', '.bss..page_aligned', '.bss.foo'];
const hostData = [
  ...[
    '.data',
    '.data.foo',
    '.data..read_mostly',
    '.data.once',
    '.data..cacheline_aligned',
    '.data..page_aligned',
  ],
  ...['.ref.data', '__bug_table', '.mmuoff.data.read', '.data..percpu', '.data..percpu..read_mostly'],
  ...['.altinstructions', '.altinstr_replacement', '.got', '.unheard_of'],
];

/** Sections, then the letters for the generation with one .hyp.text and for the nVHE link; - where it has none. */
const rows: readonly (readonly [readonly string[], string, string])[] = [
  [['.hyp.text', '.hyp.text.foo'], '...w..', '...w..'],
  [kernelText, 'ccddd.', 'ccddda'],
  [freed, 'ccddd.', 'ccddda'],
  [readOnly, 'cc.w..', 'cc.w.a'],
  [bss, 'cc.w..', 'cc.w.a'],
  [hostData, 'ccddd.', 'ccddda'],
  [['.hyp.rodata', '.hyp.data..ro_after_init'], '------', 'cc.w..'],
  [['.hyp.bss'], '------', 'cc....'],
  [['.hyp.data..percpu'], '------', 'ccdd..'],
  [['.hyp.event_ids', '.hyp.patchable_function_entries'], '------', 'cc.w..'],
  [['.hyp.data'], '------', 'cc....'],
  [['.hyp.printk_fmts'], '------', 'ccdd..'],
  [['__kvm_ex_table'], '...w..', '...w..'],
  [['.hyp.reloc'], '------', 'ccddda'],
];

for (const [sections, hypText, nvhe] of rows) {
  for (const section of sections) {
    t.test(`each access from hyp text to ${section} has its verdict`, async (t) => {
      for (const [generation, expected] of [
        [generations.hypText, hypText],
        [generations.nvhe, nvhe],
      ] as const) {
        if (expected.startsWith('-')) continue;
        let found = '';
        for (const access of accesses) found += letters[await verdictOn({ access, to: section, generation })];
        t.equal(found, expected, generation.id);
      }
    });
  }
}

t.test('a hyp section of unknown name gives the verdict unknown, and is named in the reason', async (t) => {
  t.equal(await verdictOn({ access: 'load', to: '.hyp.something_new' }), 'unknown');
  const { verdict } = await judgementOn({ access: 'load', to: '.hyp.something_new' });
  t.match(verdict.reason, /\.hyp\.something_new/);
});

t.test('identity-mapped code may refer to itself; other code may only form its address', async (t) => {
  const idmap = '.hyp.idmap.text';
  for (const access of ['call', 'jump', 'load', 'address'] as const) {
    t.equal(await verdictOn({ access, to: idmap, fromSection: idmap }), 'fine', access);
  }
  t.equal(await verdictOn({ access: 'call', to: idmap }), 'hyp-call', 'a call by virtual address');
  t.equal(await verdictOn({ access: 'address', to: idmap }), 'fine', 'it is made a physical address');
  t.equal(await verdictOn({ access: 'load', to: idmap }), 'hyp-data');
});

t.test('an address is judged by its uses', async (t) => {
  const use = (kind: 'load' | 'store' | 'branch' | 'argument', indexed = false) => [
    { kind, indexed, register: 0, offset: 4 },
  ];
  t.equal(await verdictOn({ access: 'address', to: '.bss', uses: use('load') }), 'fine');
  t.equal(await verdictOn({ access: 'address', to: '.bss', uses: use('store') }), 'hyp-write');
  t.equal(await verdictOn({ access: 'address', to: '.rodata', uses: use('store') }), 'hyp-write');
  t.equal(await verdictOn({ access: 'address', to: '.hyp.bss', uses: use('store') }), 'fine');
  const percpu = '.hyp.data..percpu';
  t.equal(
    await verdictOn({ access: 'address', to: percpu, uses: use('load', true) }),
    'fine',
    'with tpidr_el2 added',
  );
  t.equal(
    await verdictOn({ access: 'address', to: percpu, uses: use('load') }),
    'hyp-data',
    'the template by itself',
  );
  t.equal(await verdictOn({ access: 'address', to: percpu, uses: use('store') }), 'hyp-data');
});

t.test('up to 5.8 a kernel address is fine until it is used', async (t) => {
  const generation = generations.hypText;
  const use = (kind: 'load' | 'store' | 'branch' | 'argument') => [
    { kind, indexed: false, register: 0, offset: 4 },
  ];
  const on = (uses: Parameters<typeof verdictOn>[0]['uses']) =>
    verdictOn({ access: 'absolute', to: '.text.unlikely', generation, ...(uses ? { uses } : {}) });
  t.equal(await on([]), 'fine');
  t.equal(await on(use('argument')), 'fine', 'passed on');
  for (const kind of ['load', 'store', 'branch'] as const) t.equal(await on(use(kind)), 'hyp-absolute', kind);
});

t.test('a load from the global offset table is hyp-data, whatever the entry points at', async (t) => {
  for (const to of ['.hyp.text', '.rodata', null]) {
    t.equal(await verdictOn({ access: 'load', to, throughGot: true }), 'hyp-data', String(to));
  }
});

t.test('a prefetch is fine, since it cannot fault', async (t) => {
  t.equal(await verdictOn({ access: 'address', to: '.data', isPrefetch: true }), 'fine');
  t.equal(await verdictOn({ access: 'address', to: '.data' }), 'hyp-data');
});

t.test('an undefined symbol is broken in a whole link, and unknown if others may define it', async (t) => {
  t.equal(await verdictOn({ access: 'call', to: null, whole: true }), 'hyp-call');
  t.equal(await verdictOn({ access: 'call', to: null, whole: false }), 'unknown');
  for (const access of ['load', 'store', 'address'] as const) {
    t.equal(await verdictOn({ access, to: null, whole: true }), 'hyp-data', access);
    t.equal(await verdictOn({ access, to: null, whole: false }), 'unknown', access);
    for (const name of ['__kvm_nvhe___hyp_new_start', '__kvm_nvhe_swapper_pg_dir'])
      t.equal(await verdictOn({ access, to: null, whole: true, name }), 'unknown', 'the script defines it');
  }
  t.equal(await verdictOn({ access: 'absolute', to: null, whole: true }), 'hyp-absolute');
  t.equal(await verdictOn({ access: 'load', to: null, whole: true, isWeak: true }), 'fine');
  t.equal(
    await verdictOn({
      access: 'call',
      to: null,
      whole: false,
      name: '__kvm_nvhe___ubsan_handle_out_of_bounds',
    }),
    'hyp-instrumentation',
  );
  t.equal(
    await verdictOn({ access: 'call', to: null, whole: false, name: '__kvm_nvhe_memset' }),
    'unknown',
    'the nVHE link has one of its own',
  );
  t.equal(
    await verdictOn({ access: 'call', to: null, whole: true, name: '__kvm_nvhe_memset' }),
    'hyp-instrumentation',
  );
});

t.test('an undefined symbol is judged by the table of host symbols, or by its alias', async (t) => {
  const generation = generations.hypText;
  t.equal(
    await verdictOn({ access: 'load', to: null, name: 'kimage_voffset', generation, whole: false }),
    'fine',
  );
  t.equal(
    await verdictOn({ access: 'store', to: null, name: 'kimage_voffset', generation, whole: false }),
    'hyp-write',
  );
  t.equal(await verdictOn({ access: 'call', to: null, name: 'panic', generation, whole: false }), 'hyp-call');
  const nvhe = { name: '__kvm_nvhe_kimage_voffset', whole: false } as const;
  t.equal(await verdictOn({ access: 'load', to: null, ...nvhe }), 'unknown', 'no alias is known');
  t.equal(await verdictOn({ access: 'load', to: null, ...nvhe, aliasOf: 'kimage_voffset' }), 'fine');
});

t.test('what the compiler adds is hyp-instrumentation', async (t) => {
  for (const name of ['__sanitizer_cov_trace_pc', '__asan_load8_noabort', '_mcount', '__stack_chk_fail']) {
    t.equal(await verdictOn({ access: 'call', to: '.text', name }), 'hyp-instrumentation', name);
  }
  t.equal(await verdictOn({ access: 'load', to: '.data', name: '__stack_chk_guard' }), 'hyp-instrumentation');
  t.equal(
    await verdictOn({ access: 'call', to: '.hyp.text', name: 'memcpy' }),
    'fine',
    'a copy of hyp’s own',
  );
  t.equal(await verdictOn({ access: 'call', to: '.text', name: 'memcpy_fromio' }), 'hyp-call');
});

/** What protected KVM maps in a release. */
const protectedIn = (release: string): KernelFacts => {
  const mapped = mappedProtected(release);
  if (!mapped) throw new Error(`no table has '${release}'`);
  return { ...noFacts, mapped: () => mapped };
};

t.test('what protected KVM maps depends on the release, and is not guessed', async (t) => {
  const less = ['6.12.117-1~deb12u1', '6.12.23-android16-5', '6.14.0', '6.18.2', '7.1.5'];
  const all = ['5.10.198', '5.17.0', '6.1.192-2'];
  for (const to of ['.rodata', '.bss', '.data..ro_after_init', '__param']) {
    for (const release of less) {
      const kernel = protectedIn(release);
      t.equal(await verdictOn({ access: 'load', to, kernel }), 'hyp-data', `${release} ${to}`);
    }
    for (const release of all) {
      const kernel = protectedIn(release);
      t.equal(await verdictOn({ access: 'load', to, kernel }), 'fine', `${release} ${to}`);
    }
  }
  const name = '__kvm_nvhe_kvm_vgic_global_state';
  for (const [release, expected] of [
    ['6.1.192-2', 'fine'],
    ['6.12.117-1~deb12u1', 'fine'],
    ['6.12.23-android16-5', 'hyp-data'],
    ['6.14.0', 'hyp-data'],
    ['7.1.5', 'hyp-data'],
  ] as const) {
    const kernel = protectedIn(release);
    const to = '.data..ro_after_init';
    t.equal(await verdictOn({ access: 'load', to, name, kernel }), expected, `${name} in ${release}`);
  }
  for (const release of [...less, ...all]) {
    for (const to of ['.hyp.rodata', '.hyp.bss'])
      t.equal(
        await verdictOn({ access: 'load', to, kernel: protectedIn(release) }),
        'fine',
        `${release} ${to}`,
      );
  }
  for (const release of ['5.4.55', '5.9.0', '6.2.0', '6.6.1', '6.13.0', '4.16.0-rc3', '', 'next-20260101']) {
    t.equal(mappedProtected(release), null, `no table has '${release}'`);
  }
});

t.test('bounds of sections are judged by what is between them: of hyp, of the host, unknown', async (t) => {
  const on = (name: string, access: Access, more: Partial<Parameters<typeof verdictOn>[0]> = {}) =>
    verdictOn({ access, to: null, name: `__kvm_nvhe_${name}`, ...more });
  for (const name of ['__hyp_text_start', '__hyp_text_end', '__hyp_rodata_end', '__bss_stop', '__end_rodata'])
    t.equal(await on(name, 'address'), 'fine', name);
  for (const name of [
    '__start___kvm_ex_table',
    '__hyp_event_ids_start',
    '__hyp_patchable_function_entries_start',
  ])
    for (const access of ['address', 'load', 'absolute'] as const)
      t.equal(await on(name, access), 'fine', `${access} ${name}`);
  t.equal(await on('__hyp_event_ids_start', 'store'), 'hyp-write');
  t.equal(await on('__hyp_printk_fmts_start', 'address'), 'fine', 'formats are counted');
  t.equal(await on('__hyp_printk_fmts_start', 'load'), 'hyp-data', 'and not read');
  t.equal(await on('__hyp_something_start', 'load'), 'unknown');
  const kernel = protectedIn('7.1.5');
  t.equal(await on('__start_rodata', 'address', { kernel }), 'fine', 'a mere address');
  t.equal(await on('__start_rodata', 'load', { kernel }), 'hyp-data', 'nothing is mapped there');
  // 5.8.18 walks the exception table in the generation with one .hyp.text.
  const name = '__start___kvm_ex_table';
  for (const access of ['address', 'load'] as const)
    t.equal(await verdictOn({ access, to: null, name, generation: generations.hypText }), 'fine', access);
});
