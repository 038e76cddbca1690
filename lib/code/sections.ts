// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a section is, by its name: the one table that knows names of sections. A
// whole name goes before beginnings; of beginnings the first that fits decides.
// Names are anchored, since 32-bit ARM has .ARM.exidx.hyp.text. A name that no
// row knows is judged by its flags (code is kernel code) and is never taken for
// mapped.

import type { Section } from '../elf/object-file.js';
import { SHF, SHT } from '../elf/vocabulary.js';

/** Where a section is put, as far as it matters to how EL2 sees it. */
export type Family =
  | 'hyp-text'
  | 'hyp-idmap'
  | 'hyp-rodata'
  | 'hyp-data'
  | 'hyp-percpu'
  | 'hyp-bss'
  | 'hyp-table'
  | 'hyp-formats'
  | 'hyp-unknown'
  | 'kernel-text'
  | 'init'
  | 'rodata'
  | 'bss'
  | 'data'
  | 'percpu'
  | 'ex-table'
  | 'kvm-ex-table'
  | 'alternatives'
  | 'got'
  | 'not-loaded';

/** Tables by which the kernel patches its code, or continues after a fault: an address in them is not a use of it. */
export type PatchTable = 'keys' | 'alternatives' | 'fixups' | 'hyp-fixups';

/** What else is known of a section. */
interface Role {
  readonly patches?: PatchTable;
  /**
   * It lists code without giving anybody its address: unwinding, tracing, what may not be probed. `source`: a line of C
   * names the function, so the compiler must keep it.
   */
  readonly lists?: 'generated' | 'source';
  /** Functions into which the host patches calls when it traces them. */
  readonly traces?: true;
  /** Code, although C flags it as data. */
  readonly isCode?: true;
  /** The host reads it about hyp code: the nVHE link keeps its name on purpose. */
  readonly isLeft?: true;
  /** Only kernels that link hyp code on its own have it (v5.11 and later). */
  readonly isOfOwnLink?: true;
}

/** `null`: its flags decide. */
type Row = readonly [Family | null, Role?];

/** Sections that are looked for among thousands: no row is tried to see that another is none of them. */
const named: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['__jump_table', ['data', { patches: 'keys', isLeft: true }]],
  ['.altinstructions', ['alternatives', { patches: 'alternatives', isLeft: true }]],
  // Replacement code of alternatives up to 5.7; later it is in subsection 1 of the old code's section.
  ['.altinstr_replacement', ['alternatives', { isCode: true }]],
  ['__ex_table', ['ex-table', { patches: 'fixups', isLeft: true }]],
  ['__kvm_ex_table', ['kvm-ex-table', { patches: 'hyp-fixups', isLeft: true }]],
  ['.rodata.text', ['kernel-text']],
]);

const each = (names: readonly string[], family: Family): readonly (readonly [string, Family])[] =>
  names.map((name) => [name, family]);

/**
 * By how a name begins. A beginning stands for whole parts of a name: `.hyp.text` for itself and for `.hyp.text.fn`; with
 * a `*` behind it, for all names that begin so. The first row that fits decides.
 */
const beginnings: readonly (readonly [string, ...Row])[] = [
  // The hyp side. Source: arch/arm64/kvm/hyp (all versions), hyp.lds (5.10 and later).
  ['.hyp.idmap.text', 'hyp-idmap'],
  ['.hyp.text', 'hyp-text'],
  ['.hyp.rodata', 'hyp-rodata', { isOfOwnLink: true }],
  ['.hyp.data..ro_after_init', 'hyp-rodata', { isOfOwnLink: true }],
  ['.hyp.data..percpu', 'hyp-percpu'],
  ['.hyp.data', 'hyp-data'], // 6.18 and later; Android, and its modules
  ['.hyp.bss', 'hyp-bss', { isOfOwnLink: true }],
  ['.hyp.reloc', 'hyp-table', { isOfOwnLink: true }],
  // Of tracing (7.1, Android 16): in .hyp.rodata; the formats are the host's.
  ...each(['.hyp.event_ids', '.hyp.printk_fmt_offset', '.hyp.patchable_function_entries'], 'hyp-rodata'),
  ['.hyp.printk_fmts', 'hyp-formats'],
  // HYP_SECTION() of asm/hyp_image.h puts .hyp in front of a name that begins without a dot (Android 16).
  ['.hyp__patchable_function_entries', 'hyp-rodata', { lists: 'generated', isOfOwnLink: true }],
  ...each(['.hyp.*', '.hyp__*'], 'hyp-unknown'),
  // Freed after boot.
  ...each(['.head', '.init', '.exit', '.meminit', '.memexit', '.devinit', '.devexit', '.cpuinit'], 'init'),
  ...each(
    ['.cpuexit', '.initcall*', '.exitcall*', '.init_array*', '.fini_array*', '.ctors*', '.dtors*'],
    'init',
  ),
  // Kernel code.
  ...each(['.text', '.sched.text', '.spinlock.text', '.lock.text', '.kprobes.text'], 'kernel-text'),
  ...each(['.cpuidle.text', '.noinstr.text', '.irqentry.text', '.softirqentry.text'], 'kernel-text'),
  ...each(['.exception.text', '.entry.text', '.entry.tramp.text', '.idmap.text'], 'kernel-text'),
  ...each(['.hibernate_exit.text', '.mmuoff.text', '.static_call.text'], 'kernel-text'),
  ...each(['.fixup*', '.ref.text*', '.tramp*'], 'kernel-text'),
  // Between __start_rodata and __end_rodata (include/asm-generic/vmlinux.lds.h, 4.16 to 7.1).
  ...each(['.rodata', '.rodata1', '.data..ro_after_init', '.data.rel.ro', '.pci_fixup*'], 'rodata'),
  ...each(['.builtin_fw*', '.tracedata*', '__init_rodata*', '__param*', '__modver*', '.BTF*'], 'rodata'),
  ...each(['__ksymtab*', '___ksymtab*', '__kcrctab*', '___kcrctab*'], 'rodata'),
  ...each(['__kflagstab*', '___kflagstab*', '__tracepoints_strings', '__tracepoints_ptrs'], 'rodata'),
  ...each(['__stop_sched_class', '__dl_sched_class', '__rt_sched_class', '__fair_sched_class'], 'rodata'),
  ...each(['__ext_sched_class', '__idle_sched_class'], 'rodata'),
  ['.bss..pgtbl', 'data'], // Behind __bss_stop (7.3).
  ['.bss', 'bss'],
  ['.got', 'got'],
  ['.note.*', 'ex-table', { isLeft: true }],
  ...each(['.note', '.notes'], 'ex-table'),
  ...each(['.data..percpu*', '.data.percpu*'], 'percpu'),
  ['__bug_table*', 'data', { lists: 'generated', isLeft: true }],
  ...each(['.data*', '.ref.data*', '.sdata*', '.mmuoff*', '__tracepoints*', '__verbose*'], 'data'),
  ['__patchable_function_entries*', null, { lists: 'generated', traces: true, isLeft: true }],
  ['__mcount_loc*', null, { lists: 'generated', traces: true }],
  ...['.eh_frame*', '.orc*', '.kcfi_traps*'].map((name) => [name, null, { lists: 'generated' }] as const),
  ...['.discard*', '_kprobe_blacklist*'].map((name) => [name, null, { lists: 'source' }] as const),
];

/** A beginning as it is compared. */
interface Beginning {
  readonly text: string;
  /** Anything may follow. */
  readonly isOpen: boolean;
  readonly row: Row;
}

const parsed: readonly Beginning[] = beginnings.map(([beginning, ...row]) => {
  const isOpen = beginning.endsWith('*');
  return { text: isOpen ? beginning.slice(0, -1) : beginning, isOpen, row };
});

const begins = (name: string, { text, isOpen }: Beginning): boolean =>
  name.startsWith(text) && (isOpen || name.length === text.length || name[text.length] === '.');

/** Those that names with the same first characters may have: thousands of sections are of a few kinds. */
const byFirst = new Map<string, readonly Beginning[]>();
const FIRST = 4;

const beginningsOf = (name: string): readonly Beginning[] => {
  const first = name.slice(0, FIRST);
  const found =
    byFirst.get(first) ?? parsed.filter(({ text }) => text.startsWith(first) || first.startsWith(text));
  byFirst.set(first, found);
  return found;
};

const ofFlags: Row = [null];

const rowOf = (name: string): Row =>
  named.get(name) ?? beginningsOf(name).find((one) => begins(name, one))?.row ?? ofFlags;

export const familyOfName = (name: string): Family | null => rowOf(name)[0];

const known = new WeakMap<Section, Row>();

const knownRow = (section: Section): Row => {
  const row = known.get(section) ?? rowOf(section.name);
  known.set(section, row);
  return row;
};

const roleOf = (section: Section): Role => knownRow(section)[1] ?? {};

export const familyOf = (section: Section): Family => knownRow(section)[0] ?? familyOfFlags(section);

const familyOfFlags = ({ flags, type }: Section): Family => {
  if ((flags & SHF.ALLOC) === 0) return 'not-loaded';
  if ((flags & SHF.EXECINSTR) !== 0) return 'kernel-text';
  return type === SHT.NOBITS ? 'bss' : 'data';
};

/**
 * Sections that belong to hyp: the references in them are judged. gen-hyprel takes each whose name begins with .hyp; C's
 * and the linker scripts' own names go on with a dot or an underscore.
 */
export const isHypSection = ({ name }: Section): boolean =>
  name.startsWith('.hyp') && (name.startsWith('.hyp.') || name.startsWith('.hyp__'));

/** Its contents stay as the linker put them, and hyp code may read them: constants, and code with its literals. */
export const holdsConstants = (section: Section): boolean => {
  const family = familyOf(section);
  return family === 'rodata' || family === 'hyp-rodata' || family === 'hyp-text' || family === 'hyp-idmap';
};

/** Instructions that EL2 executes. */
export const isHypCode = (section: Section): boolean =>
  isHypSection(section) && section.type !== SHT.NOBITS && (section.flags & SHF.EXECINSTR) !== 0;

/** Instructions, whatever the flags say. */
export const holdsCode = (section: Section): boolean =>
  section.type !== SHT.NOBITS && ((section.flags & SHF.EXECINSTR) !== 0 || isReplacementCode(section));

/** Replacement code of alternatives in a section of its own, shared by hyp and host. */
export const isReplacementCode = (section: Section): boolean => named.get(section.name)?.[1]?.isCode === true;

export const patchTableOf = (section: Section): PatchTable | null =>
  named.get(section.name)?.[1]?.patches ?? null;

/** Whether a function's address in this section is an address that somebody has. */
export const givesAddress = (section: Section): boolean => {
  const { patches, lists } = roleOf(section);
  return patches === undefined && lists === undefined;
};

const tracing = parsed.filter(({ row: [, role] }) => role?.traces === true);

/** A table of the host by which functions are traced. Asked of every section, so only two rows are tried. */
export const listsTracedFunctions = ({ name }: Section): boolean => {
  for (let index = 0; index < tracing.length; index++)
    if (begins(name, tracing[index] as Beginning)) return true;
  return false;
};

/** Whether a mention of a function in this section comes from the source, so that the compiler had to emit it. */
export const isOfSource = (section: Section): boolean =>
  givesAddress(section) || roleOf(section).lists === 'source';

/** The host reads it about hyp code, so the nVHE link keeps its name. */
export const isLeftToHost = (section: Section): boolean => roleOf(section).isLeft === true;

/** Only kernels that link hyp code on its own have it (v5.11 and later). */
export const isOfOwnLink = (section: Section): boolean =>
  isHypSection(section) && roleOf(section).isOfOwnLink === true;
