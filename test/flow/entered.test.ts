// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How functions are entered: what is noted of an address counts for its function.

import t from 'tap';
import { EnteredFunctions, UNSEEN } from '../../lib/flow/entered.js';
import { without } from '../support/tools.js';
import { fun, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

t.test('an address stands for its function', { skip }, async (t) => {
  const { code, at } = await readCode(fun('f', 'nop\nret') + fun('g', 'ret') + fun('h', 'ret'));
  const entered = new EnteredFunctions(code);
  entered.addCaller(at('f+4'), at('g'));
  entered.addNamer(at('f'), at('h'));
  t.same(entered.of(at('f')), {
    at: new Set([at('f'), at('f+4')]),
    callers: new Set([at('g')]),
    namers: new Set([at('h')]),
    isRoot: false,
    isFlooded: false,
  });
  entered.addRoot(at('f'));
  t.equal(entered.of(at('f')).isRoot, true, 'noted after it was asked for');
  t.match(
    entered.of(at('g')),
    { isRoot: true, isFlooded: true },
    'if nothing is noted, anything may enter it',
  );
});

t.test('what may enter a function at any instruction also names it', { skip }, async (t) => {
  const { code, at } = await readCode(fun('f', 'nop\nret') + fun('g', 'ret'));
  const entered = new EnteredFunctions(code);
  entered.addFlooder(at('f+4'), at('f'));
  t.match(
    entered.of(at('f')),
    { at: new Set(), isFlooded: false, isRoot: false },
    'not what it does to itself',
  );
  entered.addFlooder(at('f+4'), at('g'));
  t.match(entered.of(at('f')), { isFlooded: true, namers: new Set([at('f'), at('g')]) });
});

t.test('who is not seen is nobody to ask', { skip }, async (t) => {
  const { code, at } = await readCode(fun('f', 'nop\nret') + fun('g', 'ret'));
  const entered = new EnteredFunctions(code);
  entered.addNamer(at('f'), UNSEEN);
  t.match(entered.of(at('f')), { at: new Set([at('f')]), namers: new Set(), isRoot: true, isFlooded: false });
  entered.addFlooder(at('f+4'), UNSEEN);
  t.match(entered.of(at('f')), { namers: new Set(), isRoot: true, isFlooded: true });
});
