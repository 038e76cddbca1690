// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Modpost output. The pattern is that of default_mismatch_handler() in
// scripts/mod/modpost.c of Linux 6.12, with hypcheck's name for modpost's.

import t from 'tap';
import { type Diagnostic, type HypFacts, quote } from '../../lib/diagnostics/diagnostic.js';
import { modpost } from '../../lib/formats/modpost.js';
import { context, diagnostic, outcome, reportText } from './recordings.js';

const print = (diagnostics: readonly Diagnostic[]): string =>
  reportText(modpost, diagnostics, outcome('all'), context());

const facts: HypFacts = {
  object: 'vmlinux.o',
  from: { symbol: 'handle_trap', section: '.hyp.text', offset: 0x68, symbolOffset: 0x24 },
  to: { symbol: 'kvm_vcpu_get_hsr.isra.0', section: '.text', offset: 0x1c0, symbolOffset: 0 },
  relocation: 'CALL26',
  access: 'call',
  reach: 'live',
  inlined: [],
  callers: [],
  relocations: [],
};

t.test('a reference is printed as a section mismatch', async (t) => {
  t.equal(
    print([diagnostic({ hyp: facts, notes: [{ message: 'in the object', place: null }] })]),
    'WARNING: hypcheck: vmlinux: section mismatch in reference: ' +
      'handle_trap+0x24 (section: .hyp.text) -> kvm_vcpu_get_hsr.isra.0 (section: .text)\n',
  );
});

t.test('without a symbol the offset is printed; the section of an undefined one is UND', async (t) => {
  const from = { symbol: null, section: '.hyp.text', offset: 0x68, symbolOffset: null };
  const to = { symbol: null, section: '.text', offset: 0x1c0, symbolOffset: null };
  const far = { symbol: 'far', section: null, offset: null, symbolOffset: null };
  t.equal(
    print([
      diagnostic({ severity: 'error', hyp: { ...facts, from, to } }),
      diagnostic({ severity: 'error', hyp: { ...facts, to: far } }),
    ]),
    'ERROR: hypcheck: vmlinux: section mismatch in reference: 0x68 (section: .hyp.text) -> 0x1c0 (section: .text)\n' +
      'ERROR: hypcheck: vmlinux: section mismatch in reference: handle_trap+0x24 (section: .hyp.text) -> far (section: UND)\n',
  );
});

t.test('a finding without a reference is a sentence about the object', async (t) => {
  const message = `variable ${quote('x')} is in\nthe way`;
  t.equal(
    print([diagnostic({ object: 'kvm_nvhe.o', message })]),
    "WARNING: hypcheck: kvm_nvhe.o: variable 'x' is in<U+000A>the way\n",
  );
});

t.test('an entry of --references is a NOTE', async (t) => {
  t.equal(
    print([diagnostic({ severity: 'note', warning: null, object: 'tlb.o', message: 'm' })]),
    'NOTE: hypcheck: tlb.o: m\n',
  );
});
