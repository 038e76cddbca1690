// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The program as a function: main with streams that record what is written.

import { main } from '../../lib/cli/main.js';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The files that it wrote, by the name that was given. */
  readonly written: ReadonlyMap<string, string>;
}

export interface World {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether stdout and stderr are terminals. */
  readonly isTerminal?: boolean;
  /** Whether writing a file fails. */
  readonly readOnly?: boolean;
}

export const runMain = async (argv: readonly string[], world: World = {}): Promise<Outcome> => {
  const texts = { stdout: '', stderr: '' };
  const written = new Map<string, string>();
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: world.isTerminal ?? false,
    write: (text: string | Uint8Array) => {
      texts[name] += Buffer.from(text).toString();
    },
  });
  const status = await main(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    environment: world.environment ?? {},
    directory: world.directory ?? process.cwd(),
    clock: () => 0,
    writeFile: (path, text) => {
      if (world.readOnly) throw Object.assign(new Error('read-only'), { code: 'EROFS', errno: -30 });
      written.set(path, Buffer.from(text).toString());
    },
  });
  return { status, ...texts, written };
};
