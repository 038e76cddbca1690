// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Calls that map parts of the image, written for the test in the shapes that arm.c
// and setup.c have from 4.16 to 7.1.

import t from 'tap';
import { mappedByCalls } from '../../lib/policy/mapping-calls.js';

const lines = (source: string): readonly string[] =>
  mappedByCalls(source).map((part) =>
    part.kind === 'range'
      ? `${part.start} ${part.end} ${part.mapping}`
      : `${part.kind} ${part.name} ${part.mapping}`,
  );

t.test('calls in arm.c are read, with names inside kvm_ksym_ref()', async (t) => {
  t.same(
    lines(`
    err = create_hyp_mappings(kvm_ksym_ref(__hyp_text_start),
                              kvm_ksym_ref(__hyp_text_end), PAGE_HYP_EXEC);
    /* create_hyp_mappings(__not_this, __nor_that, PAGE_HYP); */
    err = create_hyp_mappings(kvm_ksym_ref(__start_rodata), kvm_ksym_ref( __end_rodata ), PAGE_HYP_RO);
    err = create_hyp_mappings(stack_page, stack_page + PAGE_SIZE, PAGE_HYP);
    err = create_hyp_mappings(cpu_data, cpu_data + 1, PAGE_HYP);
    err = create_hyp_mappings((void *)__bss_start, lm_alias(__bss_stop), PAGE_HYP_RO);`),
    [
      '__hyp_text_start __hyp_text_end code',
      '__start_rodata __end_rodata read-only',
      '__bss_start __bss_stop read-only',
    ],
  );
});

t.test('calls in setup.c are read, with protections in variables, and variables of the host', async (t) => {
  t.same(
    lines(`
    ret = pkvm_create_mappings(__hyp_bss_start, __hyp_bss_end, PAGE_HYP);
    ret = pkvm_create_mappings(virt, virt + size, PAGE_HYP);
    prot = pkvm_mkstate(PAGE_HYP, PKVM_PAGE_OWNED);
    prot = pkvm_mkstate(PAGE_HYP_RO, PKVM_PAGE_SHARED_OWNED);
    ret = pkvm_create_mappings(__hyp_bss_end, __bss_stop, prot);
    ret = pkvm_create_mappings(&kvm_vgic_global_state,
                               &kvm_vgic_global_state + 1, prot);
    ret = pkvm_create_mappings(&one, &another + 1, prot);
    ret = pkvm_create_mappings(__x_start, __x_end, other);
    ret = pkvm_create_mappings(__y_start, __y_end, how(prot));
    prot = PAGE_KERNEL;
    ret = pkvm_create_mappings(__z_start, __z_end, prot);`),
    [
      '__hyp_bss_start __hyp_bss_end writable',
      '__hyp_bss_end __bss_stop read-only',
      'variable kvm_vgic_global_state read-only',
      '__x_start __x_end unknown',
      '__y_start __y_end unknown',
      '__z_start __z_end unknown',
    ],
  );
});

t.test('hyp_create_mappings() is read as well, with names inside hyp_symbol_addr()', async (t) => {
  t.same(
    lines(
      'ret = hyp_create_mappings(hyp_symbol_addr(__hyp_text_start), hyp_symbol_addr(__hyp_text_end), PAGE_HYP_EXEC);',
    ),
    ['__hyp_text_start __hyp_text_end code'],
  );
});

t.test('definitions, declarations and calls that are cut off are not read', async (t) => {
  t.same(
    lines(`
    int create_hyp_mappings(void *from, void *to, enum kvm_pgtable_prot prot)
    {
    }
    int pkvm_create_mappings(void *from, void *to, enum kvm_pgtable_prot prot);
    create_hyp_mappings(__a_start, __a_end);
    my_create_hyp_mappings(__a_start, __a_end, PAGE_HYP);
    create_hyp_mappings(__a_start, __a_end, PAGE_HYP`),
    [],
  );
  t.same(lines('create_hyp_mappings('.repeat(20_000)), []);
});
