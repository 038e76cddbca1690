// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A planted bug: edits to a kernel tree, and the exact findings for the resulting objects. Lines are identified
// by a marker, a comment that the edit writes on the line, because line numbers change when Debian updates the
// kernel.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text added after the last line of a file. */
export interface Append {
  readonly file: string;
  readonly append: string;
}

/** The one place where a pattern matches, replaced as String.replace does it ($& is what was there). */
export interface Replace {
  readonly file: string;
  readonly replace: string;
  readonly text: string;
}

/** `file` is relative to the kernel tree. */
export type Edit = Append | Replace;

export type Warning =
  | 'hyp-call'
  | 'hyp-data'
  | 'hyp-write'
  | 'hyp-absolute'
  | 'hyp-instrumentation'
  | 'hyp-section'
  | 'hyp-from-host';

export interface ExpectedFinding {
  readonly warning: Warning;
  /** Relative to the kernel tree, without `..`. */
  readonly file: string;
  /** Occurs in one line of the file, after the edits: that line is the finding's. */
  readonly marker: string;
  /** The name in the source. Null for data without a symbol, which is known only by its section. */
  readonly target: string | null;
  /** The section of the target, or of what it is an alias of. Null if vmlinux.o does not define it. */
  readonly section: string | null;
  /** The function or the variable that holds the reference. Null for hyp-section: a declaration refers to nothing. */
  readonly from: string | null;
  /** Whether `addr2line -i` answers with more than one frame. */
  readonly inlined: boolean;
}

export interface PlantedBug {
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Whether the check gets the edited sources, because the result depends on the text of a source line. */
  readonly seesEdits?: true;
  /** Objects that each must give the expected findings, relative to the build. Default: vmlinux.o. */
  readonly objects?: readonly string[];
  /** Empty for a near miss: nothing may be reported. */
  readonly expected: readonly ExpectedFinding[];
}

export const nvhe = 'arch/arm64/kvm/hyp/nvhe';

/** An edit that makes a host symbol linkable from nVHE code. */
export const alias = (symbol: string): Edit => ({
  file: 'arch/arm64/kernel/image-vars.h',
  replace: '^KVM_NVHE_ALIAS\\(kvm_vgic_global_state\\);',
  text: `$&\nKVM_NVHE_ALIAS(${symbol});`,
});

/** The usual row: one finding, on the line with the comment `planted: ID`, not inlined. */
export const one = (id: string, finding: Omit<ExpectedFinding, 'marker' | 'inlined'>): ExpectedFinding => ({
  ...finding,
  marker: `planted: ${id} `,
  inlined: false,
});

/** The files that a bug edits, each once. */
export function editedFiles(bug: PlantedBug): readonly string[] {
  return [...new Set(bug.edits.map((edit) => edit.file))];
}

/** The text of `file` after the bug's edits. Throws if a pattern does not match exactly once. */
export function applyEdits(bug: PlantedBug, file: string, text: string): string {
  return bug.edits.filter((edit) => edit.file === file).reduce(applyEdit, text);
}

function applyEdit(text: string, edit: Edit): string {
  if ('append' in edit) return `${text}\n${edit.append}`;
  const matches = [...text.matchAll(new RegExp(edit.replace, 'gm'))].length;
  if (matches !== 1) throw new Error(`${edit.file}: /${edit.replace}/ matches ${matches} times, not once`);
  return text.replace(new RegExp(edit.replace, 'm'), edit.text);
}

/** A file as it was compiled. `directory` is the build kept by `plant`. */
export function editedText(directory: string, file: string): string {
  const edited = join(directory, 'edited', file);
  return readFileSync(existsSync(edited) ? edited : join(directory, 'source', file), 'utf8');
}

/** The number, from 1, of the one line of an edited file that holds the marker. Throws if there is not exactly one. */
export function lineOfMarker(editedText: string, marker: string): number {
  const lines = editedText.split('\n').flatMap((line, index) => (line.includes(marker) ? [index + 1] : []));
  const [line] = lines;
  if (line === undefined || lines.length > 1)
    throw new Error(`${marker} is in ${lines.length} lines, not in one`);
  return line;
}
