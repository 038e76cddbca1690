// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import { NVHE_PREFIX, sourceName, stableSectionName } from '../../lib/link/symbol-names.js';

/** Symbol names that gcc 12, clang 19, LTO and objcopy make, and the names in the source. */
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
  ['foo.__part.1', 'foo'],
  ['foo.constprop.0.isra.0.cold', 'foo'],
  ['foo.llvm.17893012345678901234.cold', 'foo'],
  ['foo.__uniq.123456.llvm.789', 'foo'],
  ['foo.specialized.1.llvm.123.__part.2', 'foo'],
  ['foo.cfi_jt', 'foo'],
  ['OUTLINED_FUNCTION_12', 'OUTLINED_FUNCTION'],
  ['__UNIQUE_ID___addressable_foo123', '__UNIQUE_ID___addressable_foo'],
  ['__UNIQUE_ID_description_123', '__UNIQUE_ID_description'],
  ['__UNIQUE_ID_description_123.isra.0', '__UNIQUE_ID_description'],
  ['foo.llvm.0123456789ABCDEF@1', 'foo'],
  ['foo.0123456789ABCDEF', 'foo.0123456789ABCDEF'],
  // clang -funique-internal-linkage-names mangles functions of C that have a prototype.
  ['_ZL9run_stepsPFiiEi.__uniq.201838599916126973666974837316855687781', 'run_steps'],
  // rustc 1.95; demangled as nm -C does.
  ['_RNvNtCs2OpA4fNwd7R_1r1a5plain', 'r::a::plain'],
  ['_RNvNtC1r1a5plain', 'r::a::plain'],
  ['_RNvNtCs2OpA4fNwd7R_1r1a5plain.llvm.0123456789ABCDEF', 'r::a::plain'],
  ['_RNCNvCs2OpA4fNwd7R_1r4user0B3_', '_RNCNvC1r4user0'],
  ['_RINvNtCs2OpA4fNwd7R_1r1a3genyEB4_', '_RINvNtC1r1a3genyE'],
  ['_RNvXs_NtCs2OpA4fNwd7R_1r1aNtB4_1SNtB4_1T1t', '_RNvXNtC1r1aNt1SNt1T1t'],
  ['_ZN4core9panicking5panic17h0123456789abcdefE', 'core::panicking::panic'],
  ['_ZN4core9panicking5panic17h0123456789abcdefE.llvm.1234', 'core::panicking::panic'],
  [
    '_ZN60_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..Drop$GT$4drop17h0123456789abcdefE',
    '<alloc::vec::Vec<T> as core::ops::Drop>::drop',
  ],
  // No suffix of a compiler, and not mangled.
  ['_ZN', '_ZN'],
  ['_R', '_R'],
  ['_ZL99x', '_ZL99x'],
  ['_RNvC3ab', '_RNvC3ab'],
  ['foo.bar', 'foo.bar'],
  ['foo.is', 'foo.is'],
  ['foo_part.x', 'foo_part.x'],
  ['', ''],
  ['.cold', '.cold'],
  ['x__kvm_nvhe_foo', 'x__kvm_nvhe_foo'],
];

for (const [raw, name] of rows) {
  t.test(`the source name of symbol '${raw}' is '${name}'`, async (t) => {
    t.equal(sourceName(raw), name);
  });
}

/** Section names of gcc, clang and rustc with -ffunction-sections and -fdata-sections, and their stable part. */
const sections: readonly (readonly [string, string])[] = [
  ['.text', '.text'],
  ['.text.foo', '.text.foo'],
  ['.text.foo.llvm.17893012345678901234', '.text.foo'],
  ['.text.foo.__uniq.123456', '.text.foo'],
  ['.text.foo.__uniq.123456.llvm.789', '.text.foo'],
  ['.text.unlikely.foo.isra.0.cold', '.text.unlikely.foo.cold'],
  ['.text.split.foo.__part.3', '.text.split.foo'],
  ['.text._ZN4core9panicking5panic17h0123456789abcdefE', '.text._ZN4core9panicking5panicE'],
  ['.text.unlikely._RNvNtCs2OpA4fNwd7R_1r1a5plain', '.text.unlikely._RNvNtC1r1a5plain'],
  ['.rodata..Lanon.fad58de7366495db4650cfefac2fcd61.12', '.rodata..Lanon'],
  ['.bss.counter.3', '.bss.counter'],
  ['.data..percpu..shared_aligned', '.data..percpu..shared_aligned'],
  ['.text.cold', '.text.cold'],
  ['.rodata.str1.8', '.rodata.str1.8'],
  ['.rodata.foo.str1.8', '.rodata.foo.str1.8'],
  ['.rodata.cst16', '.rodata.cst16'],
  ['.init_array.65535', '.init_array.65535'],
  ['.hyp.text', '.hyp.text'],
  ['', ''],
];

for (const [raw, name] of sections) {
  t.test(`the stable name of section '${raw}' is '${name}'`, async (t) => {
    t.equal(stableSectionName(raw), name);
    t.equal(stableSectionName(name), name);
  });
}

t.test('names are right however many were asked for before', async (t) => {
  const asked = Array.from({ length: 2500 }, (_, index) => (index * 7) % 1300);
  const wrong = asked.filter((number) => {
    const [name, section] = [`f${number}.isra.0`, `.text.f${number}.3`];
    return sourceName(name) !== `f${number}` || stableSectionName(section) !== `.text.f${number}`;
  });
  t.same(wrong, []);
});

t.test('the source name of a source name is itself', async () => {
  const suffix = fc.constantFrom('.isra.0', '.constprop.1', '.part.3', '.cold', '.llvm.12', '.7', '.x', '_y');
  const stem = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/);
  const prefix = fc.constantFrom('', NVHE_PREFIX, '_');
  fc.assert(
    fc.property(prefix, stem, fc.array(suffix, { maxLength: 5 }), (before, name, after) => {
      const once = sourceName(before + name + after.join(''));
      // A name in the source may itself begin with the prefix.
      return once.startsWith(NVHE_PREFIX) || sourceName(once) === once;
    }),
  );
});

t.test('the nVHE prefix and any suffixes of compilers are removed from a name', async () => {
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
