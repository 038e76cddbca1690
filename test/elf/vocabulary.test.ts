// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { ISA, ObjectType, SectionHeaderEntryType, SymbolBinding, SymbolType } from 'elfinfo';
import t from 'tap';
import { EM_AARCH64, ET, SHF, SHN, SHT, STB, STT } from '../../lib/elf/vocabulary.js';

t.test("names of the gABI have elfinfo's numbers", async (t) => {
  const { GROUP, CREL: _, RELR: __, ...known } = SHT;
  t.equal(GROUP, SectionHeaderEntryType.Group);
  t.same(known, {
    NULL: SectionHeaderEntryType.Null,
    PROGBITS: SectionHeaderEntryType.ProgBits,
    SYMTAB: SectionHeaderEntryType.SymTab,
    STRTAB: SectionHeaderEntryType.StrTab,
    RELA: SectionHeaderEntryType.Rela,
    NOBITS: SectionHeaderEntryType.NoBits,
    REL: SectionHeaderEntryType.Rel,
    DYNSYM: SectionHeaderEntryType.DynSym,
    SYMTAB_SHNDX: SectionHeaderEntryType.ShNdx,
    NOTE: SectionHeaderEntryType.Note,
    INIT_ARRAY: SectionHeaderEntryType.InitArray,
    FINI_ARRAY: SectionHeaderEntryType.FiniArray,
    PREINIT_ARRAY: SectionHeaderEntryType.PreInitArray,
  });
  t.same(STT, {
    NOTYPE: SymbolType.None,
    OBJECT: SymbolType.Object,
    FUNC: SymbolType.Function,
    SECTION: SymbolType.Section,
    FILE: SymbolType.File,
  });
  t.same(STB, { LOCAL: SymbolBinding.Local, GLOBAL: SymbolBinding.Global, WEAK: SymbolBinding.Weak });
  t.same(ET, { REL: ObjectType.Relocatable, EXEC: ObjectType.Executable, DYN: ObjectType.Shared });
  t.equal(EM_AARCH64, ISA.AARCH64);
});

t.test('names that elfinfo lacks have the numbers of the gABI', async (t) => {
  t.same(SHN, { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, COMMON: 0xfff2, XINDEX: 0xffff });
  // The number that LLVM uses for SHT_CREL until the gABI assigns one.
  t.equal(SHT.CREL, 0x40000014);
  t.equal(SHT.RELR, 19);
  t.same(SHF, { WRITE: 1, ALLOC: 2, EXECINSTR: 4, INFO_LINK: 0x40, COMPRESSED: 0x800 });
});
