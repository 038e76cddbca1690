// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Each exception with a reference that it is for, and a near miss that it must not
// cover.

import t from 'tap';
import { familyOfName } from '../../lib/code/sections.js';
import { exceptionRows, knownHostSymbols } from '../../lib/policy/exceptions.js';
import { generations } from '../../lib/policy/generations.js';
import { type KernelFacts, noFacts } from '../../lib/policy/hyp-map.js';
import { type Case, judgementOn, verdictOn } from './judged.js';

const { hypText, nvhe, pkvmModule } = generations;
/** Protected KVM of 7.1: nothing of the host is mapped. */
const protectedLess: KernelFacts = { ...noFacts, mapped: () => nvhe.maps.own };
const direct = [{ kind: 'load', indexed: false, register: 0, offset: 4 }] as const;
const indexed = [{ kind: 'load', indexed: true, register: 0, offset: 4 }] as const;
const MSR_SCTLR_EL2 = 0xd51c1000;

const rows: readonly { readonly what: string; readonly right: Case; readonly wrong: readonly Case[] }[] = [
  {
    what: 'the hyp stub, by the names of its functions',
    right: { access: 'jump', to: '.idmap.text', from: '__hyp_stub_vectors' },
    wrong: [
      { access: 'jump', to: '.idmap.text', from: '__hyp_stub_vectors_of_another' },
      { access: 'jump', to: '.idmap.text', from: '__kvm_nvhe_enter_vhe' },
    ],
  },
  {
    what: 'the hyp stub, by its object',
    right: { access: 'jump', to: '.idmap.text', from: 'anything', object: 'arch/arm64/kernel/hyp-stub.o' },
    wrong: [{ access: 'jump', to: '.idmap.text', from: 'anything', object: 'not-hyp-stub.o' }],
  },
  {
    what: 'identity-mapped code before the MMU is on',
    right: { access: 'load', to: '.data', fromSection: '.hyp.idmap.text', generation: hypText },
    wrong: [
      { access: 'load', to: '.data', generation: hypText },
      {
        access: 'load',
        to: '.data',
        fromSection: '.hyp.idmap.text',
        before: [MSR_SCTLR_EL2],
        generation: hypText,
      },
      { access: 'store', to: '.data', fromSection: '.hyp.idmap.text', generation: hypText },
      { access: 'call', to: '.text', fromSection: '.hyp.idmap.text', generation: hypText },
    ],
  },
  {
    what: 'per-CPU variables up to 5.8, if tpidr_el2 is added',
    right: {
      access: 'address',
      to: '.data..percpu',
      name: 'kvm_host_data',
      generation: hypText,
      uses: indexed,
    },
    wrong: [
      { access: 'address', to: '.data..percpu', name: 'kvm_host_data', generation: hypText, uses: direct },
      { access: 'address', to: '.data..percpu', name: 'something_else', generation: hypText, uses: indexed },
      { access: 'address', to: '.data..percpu', name: 'kvm_host_data', generation: nvhe, uses: indexed },
      { access: 'load', to: '.data..percpu', name: 'kvm_host_data', generation: hypText },
    ],
  },
  {
    what: 'the address of the panic handler, for the ERET to the host',
    right: {
      access: 'address',
      to: '.text.unlikely',
      from: '__kvm_nvhe___hyp_do_panic',
      name: 'nvhe_hyp_panic_handler',
    },
    wrong: [
      {
        access: 'call',
        to: '.text.unlikely',
        from: '__kvm_nvhe___hyp_do_panic',
        name: 'nvhe_hyp_panic_handler',
      },
      { access: 'address', to: '.text.unlikely', from: '__kvm_nvhe_other', name: 'nvhe_hyp_panic_handler' },
      { access: 'address', to: '.text.unlikely', from: '__kvm_nvhe___hyp_do_panic', name: 'panic' },
    ],
  },
  {
    what: 'a literal with the address of the panic handler',
    right: {
      access: 'absolute',
      to: '.text.unlikely',
      from: '__kvm_nvhe___hyp_do_panic',
      name: 'nvhe_hyp_panic_handler',
    },
    wrong: [
      { access: 'absolute', to: '.text.unlikely', from: '__kvm_nvhe_other', name: 'nvhe_hyp_panic_handler' },
      { access: 'absolute', to: '.text.unlikely', from: '__kvm_nvhe___hyp_do_panic', name: 'printk' },
    ],
  },
  ...(['panic', '__hyp_panic_string'] as const).map((name) => ({
    what: `a literal with the address of ${name}, for the ERET to the host`,
    right: {
      access: 'absolute',
      to: name === 'panic' ? '.text.unlikely' : '.rodata',
      from: '__kvm_nvhe___hyp_do_panic',
      name,
    } as const,
    wrong: [
      { access: 'absolute', to: '.rodata', from: '__kvm_nvhe_other', name },
      { access: 'call', to: '.text.unlikely', from: '__kvm_nvhe___hyp_do_panic', name },
    ] as const,
  })),
  {
    what: 'the bounds of the exception table of hyp code, also up to 5.8',
    right: { access: 'address', to: null, name: '__start___kvm_ex_table', generation: hypText },
    wrong: [
      { access: 'store', to: null, name: '__start___kvm_ex_table', generation: hypText },
      { access: 'address', to: null, name: '__start___ex_table', generation: hypText },
      { access: 'address', to: null, name: '__kvm_nvhe___start___kvm_ex_table', generation: pkvmModule },
    ],
  },
  {
    what: 'state of GICv2, which protected KVM refuses',
    right: {
      access: 'load',
      to: '.data..ro_after_init',
      from: '__kvm_nvhe___vgic_v2_perform_cpuif_access',
      name: 'kvm_vgic_global_state',
      kernel: protectedLess,
    },
    wrong: [
      {
        access: 'load',
        to: '.data..ro_after_init',
        from: '__kvm_nvhe___hyp_vgic_save_state',
        name: 'kvm_vgic_global_state',
        kernel: protectedLess,
      },
      {
        access: 'load',
        to: '.bss',
        from: '__kvm_nvhe___vgic_v2_perform_cpuif_access',
        name: 'vgic_v2_cpuif_trap',
        kernel: protectedLess,
      },
    ],
  },
  {
    what: 'the address of the stub’s vectors, once the MMU is off',
    right: {
      access: 'address',
      to: '.idmap.text',
      fromSection: '.hyp.idmap.text',
      before: [MSR_SCTLR_EL2],
      from: '__kvm_nvhe_reset',
      name: '__hyp_stub_vectors',
    },
    wrong: [
      { access: 'address', to: '.idmap.text', from: '__kvm_nvhe_other', name: '__hyp_stub_vectors' },
      { access: 'address', to: '.idmap.text', from: '__kvm_nvhe_reset', name: 'other' },
      { access: 'load', to: '.idmap.text', from: '__kvm_nvhe_reset', name: '__hyp_stub_vectors' },
    ],
  },
  {
    what: 'a hash of kCFI',
    right: { access: 'absolute', to: null, name: '__kcfi_typeid_handler' },
    wrong: [
      { access: 'absolute', to: null, name: 'handler' },
      { access: 'load', to: null, name: '__kcfi_typeid_handler' },
    ],
  },
];

for (const { what, right, wrong } of rows) {
  t.test(`an exception, and near misses: ${what}`, async (t) => {
    t.equal(await verdictOn(right), 'fine');
    for (const [index, one] of wrong.entries()) t.not(await verdictOn(one), 'fine', `near miss ${index + 1}`);
  });
}

t.test('each exception has a reference here that it makes fine', async (t) => {
  const judgements = await Promise.all(rows.map(({ right }) => judgementOn(right)));
  const given = new Set(judgements.map(({ verdict }) => verdict.reason));
  for (const { reason } of exceptionRows) t.ok(given.has(reason), reason);
});

t.test('each row has a reason, kernels, a limit and anchored patterns', async (t) => {
  for (const row of exceptionRows) {
    t.ok(row.reason.length > 15, row.reason);
    t.ok(row.seen.length > 0 && row.seen.every((kernel) => /^\d+\.\d+$/.test(kernel)), row.reason);
    t.ok(row.generations.length > 0);
    t.ok(row.from || row.to || row.beforeMmu, 'something limits it');
    for (const pattern of [row.from, row.to]) if (pattern) t.match(pattern.source, /^\^.*\$?$/, 'anchored');
  }
});

t.test('each known host symbol has an anchored pattern and a section of a known family', async (t) => {
  for (const [pattern, section, seen] of knownHostSymbols) {
    t.ok(familyOfName(section), section);
    t.match(pattern.source, /^\^.*\$$/, 'anchored');
    t.ok(seen.length > 0);
  }
});
