// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import { NVHE_PREFIX, sourceName } from '../../lib/link/symbol-names.js';

/** Names that gcc 12, clang 19, LTO and objcopy make, and what the programmer wrote. */
const rows: readonly (readonly [string, string])[] = [
  ['foo', 'foo'],
  ['__kvm_nvhe_foo', 'foo'],
  ['__kvm_nvhe___hyp_stub', '__hyp_stub'],
  ['foo.isra.0', 'foo'],
  ['foo.constprop.0', 'foo'],
  ['foo.constprop.0.isra.0', 'foo'],
  ['foo.part.12', 'foo'],
  ['foo.cold', 'foo'],
  ['foo.part.0.cold', 'foo'],
  ['foo.localalias', 'foo'],
  ['foo.lto_priv.0', 'foo'],
  ['foo.llvm.17893012345678901234', 'foo'],
  ['foo.specialized.1', 'foo'],
  ['foo.__uniq.123456', 'foo'],
  ['counter.3', 'counter'],
  ['__kvm_nvhe_handle_exit.isra.0.cold', 'handle_exit'],
  // Not compilers' suffixes.
  ['foo.bar', 'foo.bar'],
  ['foo.is', 'foo.is'],
  ['foo_part.x', 'foo_part.x'],
  ['', ''],
  ['.cold', '.cold'],
  ['x__kvm_nvhe_foo', 'x__kvm_nvhe_foo'],
];

for (const [raw, name] of rows) {
  t.test(`'${raw}' is '${name}'`, async (t) => {
    t.equal(sourceName(raw), name);
  });
}

t.test('taking a name apart twice changes nothing', async () => {
  const suffix = fc.constantFrom('.isra.0', '.constprop.1', '.part.3', '.cold', '.llvm.12', '.7', '.x', '_y');
  const stem = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/);
  const prefix = fc.constantFrom('', NVHE_PREFIX, '_');
  fc.assert(
    fc.property(prefix, stem, fc.array(suffix, { maxLength: 5 }), (before, name, after) => {
      const once = sourceName(before + name + after.join(''));
      // A programmer may write the prefix behind the prefix; the second is his.
      return once.startsWith(NVHE_PREFIX) || sourceName(once) === once;
    }),
  );
});

t.test('compilers’ suffixes never change whose name it is', async () => {
  const suffix = fc.constantFrom('.isra.0', '.constprop.1', '.part.3', '.cold', '.llvm.12', '.7');
  const stem = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/);
  fc.assert(
    fc.property(
      stem.filter((name) => !name.startsWith(NVHE_PREFIX)),
      fc.array(suffix, { maxLength: 5 }),
      (name, after) => sourceName(NVHE_PREFIX + name + after.join('')) === name,
    ),
  );
});
