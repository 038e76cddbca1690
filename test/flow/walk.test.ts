// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is executed from the entries, across calls and returns. In each row host
// data has the address of `f`; every machine executes `good`, and none `bad`.

import t from 'tap';
import { unheard } from '../../lib/flow/gates.js';
import { without } from '../support/tools.js';
import { fun, walked } from './walked.js';

const skip = without('aarch64-linux-gnu-as');
const ends = fun('good', 'ret') + fun('bad', 'ret');

const rows: readonly { readonly name: string; readonly code: string }[] = [
  {
    name: 'code behind a call that never returns is not executed',
    code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'b .'),
  },
  {
    name: 'a callee returns after a branch that may spin',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'cbz x0, .\nret'),
  },
  {
    name: 'a tail call returns for its caller',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'b h') + fun('h', 'ret'),
  },
  {
    name: 'a function that falls into the next one returns with it',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'nop') + fun('h', 'ret'),
  },
  {
    name: 'a function that falls into one that never returns does not return',
    code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'nop') + fun('h', 'b .'),
  },
  {
    name: 'a callee leaves an address alone that it may overwrite',
    code:
      fun('f', 'adr x2, good\nmov x0, #0\nbl g\nblr x2\nret') + fun('g', 'cbz x1, 1f\nmov x2, #0\n1: ret'),
  },
  {
    name: 'a callee overwrites an address',
    code: fun('f', 'bl good\nadr x2, bad\nbl g\nblr x2\nret') + fun('g', 'adr x2, good\nret'),
  },
  {
    name: 'two functions call each other',
    code: fun('f', 'cbz x0, 1f\nbl g\nbl good\n1: ret') + fun('g', 'bl f\nret'),
  },
  { name: 'panic() of the host never returns', code: `${fun('f', 'bl good\nbl panic\nbl bad')}` },
  {
    name: 'the result of a callee is known to its caller',
    code:
      fun(
        'f',
        'stp x29, x30, [sp, #-16]!\nbl good\nbl g\ncbz x0, 1f\nbl bad\n1: ldp x29, x30, [sp], #16\nret',
      ) + fun('g', 'mov x0, #0\nret'),
  },
  {
    name: 'arguments of two callers are joined',
    code: fun('f', 'mov x0, #0\nbl g\nmov x0, #1\nbl g\nret') + fun('g', 'cbz x0, 1f\nbl good\n1: ret'),
  },
  {
    name: 'the argument of an only caller is known to its callee',
    code: fun('f', 'bl good\nmov x0, #0\nbl g\nret') + fun('g', 'cbz x0, 1f\nbl bad\n1: ret'),
  },
  {
    name: 'ERET returns to the caller if x30 was stored',
    code: fun('f', 'bl g\nbl good\nret') + fun('g', 'str x30, [x0]\neret'),
  },
  {
    name: 'ERET does not return if x30 was not stored',
    code: fun('f', 'bl good\nbl g\nbl bad') + fun('g', 'eret'),
  },
  {
    name: 'the results of two returns are joined',
    code:
      fun('f', 'bl g\ncbz x0, 1f\nbl good\n1: ret') +
      fun('g', 'cbz x1, 1f\nmov x0, #0\nret\n1: mov x0, #1\nret'),
  },
  { name: 'a function branches to its own entry', code: fun('f', 'cbz x0, f\nbl good\nb f') },
];

t.test('every machine executes good(), and none bad()', { skip }, async (t) => {
  for (const { name, code } of rows) {
    const { withoutVhe, at } = await walked(code + ends);
    t.ok(withoutVhe.executed.has(at('good')), `${name}: good`);
    t.notOk(withoutVhe.executed.has(at('bad')), `${name}: bad`);
  }
});

t.test(
  'where a branch is found later into code already walked, the states are joined',
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

t.test('words of hyp code marked as data are executed if control comes to them', { skip }, async (t) => {
  const { withoutVhe, at } = await walked(
    fun('f', 'nop\n.word 0xd503201f\nbl g\nret\n.word 1') + fun('g', 'ret'),
  );
  t.same([...withoutVhe.data], [at('f+4')]);
  t.ok(withoutVhe.executed.has(at('g')));
});

t.test(
  'in a return to an unseen caller, x0 escapes to the host, every register to hyp code',
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
