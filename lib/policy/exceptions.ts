// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// References that break a rule of the mapping table and are right nevertheless:
// one row each, with the reason and the kernels in which it was seen. Rows match
// symbols and kinds of access, never offsets, so that the same source compiled by
// another compiler is judged alike.

import type { Access } from '../references/reference.js';
import { type Generation, generations } from './generations.js';

export interface ExceptionRow {
  readonly generations: readonly Generation[];
  /** Raw or source name of the function that makes the reference; absent: any. */
  readonly from?: RegExp;
  /** `from` names the hyp stub: the raw name is compared, and the stub's object counts too. */
  readonly stub?: true;
  /** Source name of the target; absent: any. */
  readonly to?: RegExp;
  readonly access: readonly Access[];
  /** Only in identity-mapped code that has not written SCTLR_EL2 yet. */
  readonly beforeMmu?: true;
  /** Only if the address is not used by itself: tpidr_el2 (or another register) is added first. */
  readonly notByItself?: true;
  readonly reason: string;
  readonly seen: readonly string[];
}

const any: readonly Access[] = ['call', 'jump', 'load', 'store', 'address', 'absolute'];
const all = Object.values(generations);
/** Links of their own that become part of the kernel: names of its linker script are theirs to use. */
const withOwnLink = all.filter(({ hasOwnLink, isLoaded }) => hasOwnLink && !isLoaded);

/** arch/arm64/kernel/hyp-stub.S: in .hyp.text, but not prefixed, and not KVM's. */
const HYP_STUB =
  /^(__hyp_stub_vectors|elx_sync|__finalise_el2|enter_vhe|mutate_to_vhe|__hyp_(re)?set_vectors)$/;

export const exceptionRows: readonly ExceptionRow[] = [
  {
    generations: all,
    from: HYP_STUB,
    stub: true,
    access: any,
    reason: 'the hyp stub runs with the MMU off, before KVM',
    seen: ['5.4', '5.6', '6.1', '6.12'],
  },
  {
    generations: all,
    access: ['load', 'address'],
    beforeMmu: true,
    reason: 'identity-mapped code before the EL2 MMU is on: addresses are physical',
    seen: ['4.16', '5.4', '6.12'],
  },
  {
    generations: all,
    from: /^reset$/,
    to: /^__hyp_stub_vectors$/,
    access: ['address'],
    reason: 'a physical address: the EL2 MMU was just switched off',
    seen: ['4.16', '5.4', '6.1', '6.12'],
  },
  {
    generations: withOwnLink,
    from: /^__hyp_do_panic$/,
    to: /^nvhe_hyp_panic_handler$/,
    // In a literal up to 5.17.
    access: ['address', 'absolute'],
    reason: 'turned into a kernel address for the ERET to the host',
    seen: ['5.17', '6.1', '6.12', '7.1'],
  },
  {
    generations: withOwnLink,
    from: /^__hyp_do_panic$/,
    to: /^(panic|__hyp_panic_string)$/,
    access: ['absolute'],
    reason: 'turned back into a kernel address for the ERET to the host',
    seen: ['5.10'],
  },
  {
    generations: [generations.nvhe],
    from: /^__vgic_v2_perform_cpuif_access$/,
    to: /^kvm_vgic_global_state$/,
    access: ['load', 'address'],
    reason: 'not executed where EL2 does not map it: protected KVM refuses GICv2 (vgic_v2_probe)',
    seen: ['6.12', '6.14', '6.18', '6.19', '7.0', '7.1'],
  },
  {
    generations: all,
    to: /^__kcfi_typeid_/,
    access: ['absolute'],
    reason: 'a hash that kCFI compares, not an address',
    seen: ['6.12'],
  },
];

/** Where host symbols are, for links that do not contain them: name, section, kernels in which it was seen. */
export const knownHostSymbols: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/^(cpu_hwcaps|cpu_hwcap_keys|arm64_const_caps_ready|__icache_flags)$/, '.bss', ['4.16', '5.4', '6.1']],
  [
    /^(kimage_voffset|memstart_addr|physvirt_offset|kvm_vgic_global_state)$/,
    '.data..ro_after_init',
    ['4.16', '5.4', '6.1', '6.12'],
  ],
  [/^(kvm_arm_vmid_bits|kvm_arm_hyp_percpu_base)$/, '.bss', ['6.1']],
  [/^(kvm_protected_mode_initialized|vgic_v[23]_cpuif_trap|kvm_arm_pmu_available)$/, '.bss', ['6.1', '6.12']],
  [/^(gic_pmr_sync|gic_nonsecure_priorities)$/, '.bss', ['6.1']],
  [/^(kvm_host_cpu_state|kvm_host_data)$/, '.data..percpu', ['4.16', '5.4']],
  [/^arm64_ssbd_callback_required$/, '.data..percpu..read_mostly', ['5.4']],
  [/^idmap_t0sz$/, '.data', ['4.16', '5.4']],
  [/^(panic|nvhe_hyp_panic_handler)$/, '.text.unlikely', ['4.16', '5.4', '6.1']],
  [/^vectors$/, '.entry.text', ['4.16', '5.4']],
  [/^trace_hardirqs_(on|off)$/, '.text', ['5.4']],
];

const linkerScriptNames =
  /^_\w*_(start|end|begin|stop)$|^__(start|stop)_|^_[se]?(text|data|sinittext|einittext)$|^_end$|^__bss_st(art|op)$|^\w+_pg_(dir|end)$/;

/**
 * Bounds of sections, by the names that the kernel's linker script gives them: it defines them behind vmlinux.o, hyp's
 * own among them, so that a link which lacks them does not say whose they are; and what has no name.
 */
export const isOfLinkerScript = (name: string): boolean => name === '' || linkerScriptNames.test(name);
