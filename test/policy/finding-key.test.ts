// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import { asWord, type FindingKey, fromWord, keyText, parseKey } from '../../lib/policy/finding-key.js';

const key: FindingKey = { warning: 'hyp-call', from: 'handle_trap', to: 'kvm_get_hsr', access: 'call' };

t.test('a key is four words', async (t) => {
  t.equal(keyText(key), 'hyp-call handle_trap kvm_get_hsr call');
  t.equal(keyText({ ...key, access: null }), 'hyp-call handle_trap kvm_get_hsr -');
  t.same(parseKey('  hyp-call\thandle_trap   kvm_get_hsr call\r'), key);
});

t.test('a name of any characters is one word, and is read back as it was', async (t) => {
  t.equal(asWord('<u8 as Into>::into'), '<u8\\u{20}as\\u{20}Into>::into');
  t.equal(fromWord('plain_name'), 'plain_name');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (from, to) => {
      const odd = { ...key, from, to };
      const text = keyText(odd);
      t.notMatch(text, /[^\S ]|\p{Cc}|\p{Bidi_C}/u);
      t.strictSame(parseKey(text), odd);
    }),
  );
});

t.test('a malformed line is no key', async (t) => {
  for (const line of [
    '',
    'hyp-call',
    'hyp-call a',
    'hyp-call a b',
    'hyp-call a b sideways',
    'hyp-call a b call more',
    'hyp-cal a b call',
    '<<<<<<< ours',
    '=======',
  ]) {
    t.equal(parseKey(line), null, line);
  }
  t.equal(fromWord('\\u{110000}\\u{zz}\\u'), '\\u{110000}\\u{zz}\\u', 'not a code point');
});
