// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Hyp code as text whose calls say in their names whether a machine without VHE makes
// them, and what the program says of it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';
import { fun } from './walked.js';

export interface Attack {
  readonly name: string;
  /** The host calls it at `f`; a machine without VHE makes the calls of bad_..., and not those of ok_.... */
  readonly code: string;
  /** What is said besides; null: nothing. */
  readonly said?: RegExp;
}

export const skip = without('aarch64-linux-gnu-as');

/** A function that is executed. */
export const last = (name: string): string => fun(name, `bl bad_${name}\nb .`);

export const attack = async (t: Test, rows: readonly Attack[]): Promise<void> => {
  for (const { name, code, said = null } of rows) {
    const bytes = assemble(
      `.arch armv8.5-a+memtag+sve+pauth\n.section .hyp.text, "ax"\n.globl f\n${code}\n.text\n.type panic, %function\npanic: b .\n.size panic, . - panic\n`,
    );
    const { stderr, status } = await inFolder(async (folder) => {
      const path = join(folder, 'x.o');
      writeFileSync(path, bytes);
      return runMain(['--whole', '--vhe-cap=11', '-fdiagnostics-plain-output', path]);
    });
    const wanted = [...new Set(code.match(/\bbad_\w+/g) ?? [])].sort();
    const found = [...new Set(stderr.match(/(?<=call to ')(bad|ok)_\w+/g) ?? [])].sort();
    t.same(found, wanted, name);
    const doubts = stderr.split('\n').filter((line) => line.includes('[-Whyp-unchecked]'));
    if (said === null || said.source === '^$') t.same([status, doubts], [0, []], `${name}: status`);
    else t.match(doubts[0], said, `${name}: said`);
  }
};
