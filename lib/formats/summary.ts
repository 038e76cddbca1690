// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The form of --references=summary: one line per dependency, with fields separated by
// tabs and never padded, so that a longer name changes no other line.

import type { Dependency } from '../findings/summarize-references.js';
import { printable } from './printable.js';

/** `.bss`, `kvm_arm_vmid_bits`, `load`, `2 users`, `fine`; `-` if there is no name. */
const line = ({ section, symbol, access, users, outcome }: Dependency): string =>
  [section ?? '-', symbol ?? '-', access, `${users} ${users === 1 ? 'user' : 'users'}`, outcome]
    .map((field) => printable(field))
    .join('\t');

export const summaryText = (dependencies: readonly Dependency[]): string =>
  dependencies.map((one) => `${line(one)}\n`).join('');
