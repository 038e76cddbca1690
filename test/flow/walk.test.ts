// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is executed from the entries: control across functions and back. Each row
// is hyp code whose `f` the host has the address of; `bad` is executed by nobody,
// `good` by every machine.

import t from 'tap';
import { unheard } from '../../lib/flow/gates.js';
import { without } from '../support/tools.js';
import { fun, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');
const ends = fun('good', 'ret') + fun('bad', 'ret');

const rows: readonly { readonly name: string; readonly code: string }[] = [
  {
    name: 'behind a call of what does not return',
    code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'b .'),
  },
  {
    name: 'behind a call of what returns later than it is asked',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'cbz x0, .\nret'),
  },
  {
    name: 'a tail call returns for its caller',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'b h') + fun('h', 'ret'),
  },
  {
    name: 'so does falling into the next function',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'nop') + fun('h', 'ret'),
  },
  {
    name: 'but not where that does not return',
    code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'nop') + fun('h', 'b .'),
  },
  {
    name: 'two that call each other',
    code: fun('f', 'cbz x0, 1f\nbl g\nbl good\n1: ret') + fun('g', 'bl f\nret'),
  },
  { name: 'a name that never returns, of the host’s', code: `${fun('f', 'bl good\nbl panic\nbl bad')}` },
  {
    name: 'what a callee gives back is known',
    code:
      fun(
        'f',
        'stp x29, x30, [sp, #-16]!\nbl good\nbl g\ncbz x0, 1f\nbl bad\n1: ldp x29, x30, [sp], #16\nret',
      ) + fun('g', 'mov x0, #0\nret'),
  },
  {
    name: 'of two callers each has what both give',
    code: fun('f', 'mov x0, #0\nbl g\nmov x0, #1\nbl g\nret') + fun('g', 'cbz x0, 1f\nbl good\n1: ret'),
  },
  {
    name: 'what one caller alone gives stays',
    code: fun('f', 'bl good\nmov x0, #0\nbl g\nret') + fun('g', 'cbz x0, 1f\nbl bad\n1: ret'),
  },
  {
    name: 'ERET comes back where the link was saved',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'str x30, [x0]\neret'),
  },
  { name: 'and nowhere else', code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'eret') },
  {
    name: 'of two returns the caller gets both',
    code:
      fun('f', 'bl g\ncbz x0, 1f\nbl good\n1: ret') +
      fun('g', 'cbz x1, 1f\nmov x0, #0\nret\n1: mov x0, #1\nret'),
  },
  { name: 'a branch to its own entry', code: fun('f', 'cbz x0, f\nbl good\nb f') },
];

t.test('what is executed', { skip }, async (t) => {
  for (const { name, code } of rows) {
    const { withoutVhe, at } = await walked(code + ends);
    t.ok(withoutVhe.executed.has(at('good')), `${name}: good`);
    t.notOk(withoutVhe.executed.has(at('bad')), `${name}: bad`);
  }
});

t.test(
  'a place that control is found to come to later is joined with what ran over it before',
  { skip },
  async (t) => {
    // The first stretch runs over f+8 with x1 = 0; the BR at the end comes there with x1 = 1.
    const { withoutVhe, at, name } = await walked(
      fun('f', 'mov x1, #0\ncbz x0, 1f\ncbz x1, 2f\nnop\n2: ret\n1: mov x1, #1\nadr x2, f + 8\nbr x2'),
    );
    const procedure = withoutVhe.procedureOf(`${at('f')}`);
    const next = procedure
      ? [...withoutVhe.visits(procedure, unheard)]
          .filter(({ pc }) => pc === at('f+8'))
          .flatMap(({ transfers }) => transfers.map((one) => ('to' in one ? name(one.to ?? 0) : one.kind)))
      : [];
    t.same(next.sort(), ['f+12', 'f+16']);
  },
);

t.test(
  'words that are marked as data are executed where control comes to them, in hyp code',
  { skip },
  async (t) => {
    const { withoutVhe, at } = await walked(
      fun('f', 'nop\n.word 0xd503201f\nbl g\nret\n.word 1') + fun('g', 'ret'),
    );
    t.same([...withoutVhe.data], [at('f+4')]);
    t.ok(withoutVhe.executed.has(at('g')));
  },
);

t.test(
  'a result that an unseen caller gets escapes: all of it from hyp code’s, one from the host’s',
  { skip },
  async (t) => {
    const hyp = fun('f', 'adr x1, g\nmov x0, #0\nret') + fun('g', 'ret');
    const host = await walked(hyp);
    t.notOk(host.withoutVhe.executed.has(at(host, 'g')), 'the host takes x0 alone');
    const own = await walked(`${hyp}${fun('e', 'adr x9, f\nstr x9, [x0]\nret')}`, '.data\n.quad e');
    t.ok(own.withoutVhe.executed.has(at(own, 'g')), 'a hyp caller may take x1');
  },
);

t.test(
  'control goes from a vector into the next one, and of many in a row each is followed once',
  { skip },
  async (t) => {
    // As HARDEN_EL2_VECTORS leaves 64: a callback of the host may write other instructions over the branch.
    const slot =
      '.rept 27\nnop\n.endr\n7: b __kvm_hyp_vector\n.rept 4\nnop\n.endr\n8:\n.pushsection .altinstructions, "a"\n.word 7b - ., callback - .\n.hword 96\n.byte 8b - 7b, 0\n.popsection\n';
    const sets = `.balign 2048\n.global __bp_harden_hyp_vecs\n__bp_harden_hyp_vecs:\n.rept 512\n${slot}.endr\n.global __bp_harden_hyp_vecs_end\n__bp_harden_hyp_vecs_end:\nb good\n`;
    const { withoutVhe, at } = await walked(
      `${sets}${fun('__kvm_hyp_vector', 'eret')}${ends}`,
      'callback: ret\n.data\n.quad __bp_harden_hyp_vecs',
    );
    t.ok(withoutVhe.executed.has(at('good')));
    t.notOk(withoutVhe.executed.has(at('bad')));
  },
);

const at = (of: { readonly at: (name: string) => number }, name: string): number => of.at(name);
