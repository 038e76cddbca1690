// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compares what is found in a finished kernel with the vmlinux.o that it was linked
// from, and with objdump for every branch out of hyp code. Linker symbols that share an
// address cannot be distinguished in an image, so they are left out.

import { execFileSync, spawnSync } from 'node:child_process';
import { sourceName } from '../../lib/link/symbol-names.js';

interface Listed {
  readonly hyp?: {
    readonly from: {
      readonly symbol: string | null;
      readonly section: string;
      readonly offset: number;
    } | null;
    readonly to: { readonly symbol: string | null } | null;
    readonly access: string | null;
  };
}

const BOUND = /^__(hyp_\w+|per_cpu|start|stop|end|bss)_/;

const listed = (path: string): readonly Listed[] => {
  const { stdout } = spawnSync(
    'dist/hypcheck',
    ['--vhe=unknown', '--references', '-fdiagnostics-format=json', path],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return JSON.parse(stdout);
};

/** Functions that form the address of a linker script's symbol. */
export const usersOfBounds = (path: string): ReadonlySet<string> =>
  new Set(
    listed(path).flatMap(({ hyp }) =>
      BOUND.test(sourceName(hyp?.to?.symbol ?? '?')) ? [sourceName(hyp?.from?.symbol ?? '?')] : [],
    ),
  );

/** Who refers to what, and how; sorted. Addresses formed by the functions in `without` are left out. */
export const referencesOf = (path: string, without: ReadonlySet<string>): readonly string[] => {
  const shown = listed(path).flatMap(({ hyp }) => {
    const from = sourceName(hyp?.from?.symbol ?? '?');
    const isTold = hyp?.from && !(hyp.access === 'address' && without.has(from));
    return isTold ? [`${from} ${hyp.access} ${sourceName(hyp.to?.symbol ?? '?')}`] : [];
  });
  return [...new Set(shown)].sort();
};

/** Addresses of direct branches that leave hyp text: by objdump, and by hypcheck's references. */
export const branchesOut = (
  path: string,
): { readonly objdump: readonly string[]; readonly own: readonly string[] } => {
  const nm = execFileSync('aarch64-linux-gnu-nm', [path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const at = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^([0-9a-f]+) \\w ${name}$`, 'm').exec(nm)?.[1]}`);
  const start = { '.hyp.idmap.text': at('__hyp_idmap_text_start'), '.hyp.text': at('__hyp_text_start') };
  const end = at('__hyp_text_end');
  const first = start['.hyp.idmap.text'];
  const text = execFileSync(
    'aarch64-linux-gnu-objdump',
    [
      '-d',
      '--no-show-raw-insn',
      `--start-address=0x${first.toString(16)}`,
      `--stop-address=0x${end.toString(16)}`,
      path,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const branch = /^\s*([0-9a-f]+):\t(?:b|bl|b\.\w+|cbn?z|tbn?z)\s.*?([0-9a-f]{16}) </gm;
  const objdump = [...text.matchAll(branch)].flatMap(([, from = '', to = '']) => {
    const target = BigInt(`0x${to}`);
    return target < first || target >= end ? [from] : [];
  });
  const own = listed(path).flatMap(({ hyp }) => {
    const base = hyp?.from && start[hyp.from.section as keyof typeof start];
    const isBranch = hyp?.access === 'call' || hyp?.access === 'jump';
    return base && isBranch ? [(base + BigInt(hyp.from?.offset ?? 0)).toString(16)] : [];
  });
  return { objdump: [...new Set(objdump)].sort(), own: [...new Set(own)].sort() };
};
