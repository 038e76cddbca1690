// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs other programs: their output, or an error that says how they failed.

import { spawn } from 'node:child_process';

/** In milliseconds, for programs that hang; a machine may be slow. */
const TIMEOUT = 1_200_000;

export const execute = (
  command: readonly string[],
  input: Uint8Array | string = '',
): Promise<{ readonly stdout: string }> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { timeout: TIMEOUT });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
    // A program that fails early does not read all of its input; its status says so.
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve({ stdout: Buffer.concat(chunks.stdout).toString() });
      else {
        const said = Buffer.concat(chunks.stderr).toString().slice(0, 2000);
        reject(new Error(`${command.join(' ')}: ${signal ?? `status ${status}`}\n${said}`));
      }
    });
    child.stdin.end(input);
  });

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** One after the other, until one fails. */
export const executeAll = (all: readonly (readonly string[])[]): Promise<unknown> =>
  execute(['sh', '-c', all.map((command) => command.map(quoted).join(' ')).join(' && ')]);
