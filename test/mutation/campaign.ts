// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs the whole program on mutants of the samples: see `mutate` beside this file. The
// mutants of a slice share a process; each finished slice is a line of the log, so that
// a long campaign can be stopped and continued.

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LONGEST_MS, type Message, show, work } from './worker.js';

const SLICE = 2000;
const MOST_MEMORY = 256 * 1024 * 1024;

export interface Complaint {
  readonly number: number;
  readonly kinds: string;
  readonly complaint: string;
}

/** The result of one slice, or the sum of several. */
export interface Figures {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly mutants: number;
  readonly milliseconds: number;
  readonly longest: { readonly milliseconds: number; readonly number: number };
  /** The most memory that a process had, and after which mutant; the mutants of a slice share a process. */
  readonly largest: { readonly bytes: number; readonly number: number };
  readonly families: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** Numbers of mutants without any message, though the undamaged file has findings. */
  readonly silenced: readonly number[];
  readonly complaints: readonly Complaint[];
}

const add = (table: Record<string, number>, name: string, count = 1): void => {
  table[name] = (table[name] ?? 0) + count;
};

interface Run {
  readonly messages: readonly Message[];
  /** The mutant at which the process ended early. */
  readonly died: { readonly number: number; readonly why: string } | null;
}

/** Runs mutants `from` to `to` - 1 in one process. */
const runWorker = (seed: number, from: number, to: number): Promise<Run> =>
  new Promise((resolve, reject) => {
    const [program = ''] = process.argv.slice(1);
    const words = [program, '--worker', String(seed), String(from), String(to)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const messages: Message[] = [];
    let [at, why, said] = [from, '', ''];
    const pipe = child.stdio[3];
    if (!pipe || !('setEncoding' in pipe)) throw new Error('no pipe');
    createInterface({ input: pipe }).on('line', (line) => {
      const message: Message = JSON.parse(line);
      if ('at' in message) at = message.at;
      else if ('stopped' in message) why = message.stopped;
      else messages.push(message);
    });
    child.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-1000);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const isDone = status === 0 && messages.length === to - from;
      const died = isDone ? null : { number: at, why: why || `${signal ?? `status ${status}`}: ${said}` };
      resolve({ messages, died });
    });
  });

const slice = async (seed: number, from: number, to: number): Promise<Figures> => {
  const [families, kinds, statuses]: Record<string, number>[] = [{}, {}, {}];
  const complaints: Complaint[] = [];
  const silenced: number[] = [];
  let [milliseconds, mutants] = [0, 0];
  let longest = { milliseconds: 0, number: from };
  let largest = { bytes: 0, number: from };
  for (let next = from; next < to; ) {
    const { messages, died } = await runWorker(seed, next, to);
    let before = 0;
    for (const message of messages) {
      if (!('done' in message)) continue;
      const { done: number, complaint } = message;
      mutants++;
      milliseconds += message.milliseconds;
      if (message.milliseconds > longest.milliseconds)
        longest = { milliseconds: message.milliseconds, number };
      if (message.memory > largest.bytes) largest = { bytes: message.memory, number };
      add(families ?? {}, message.family);
      for (const kind of message.kinds) add(kinds ?? {}, kind);
      add(statuses ?? {}, String(message.status));
      if (message.isSilenced) silenced.push(number);
      const say = (text: string) => complaints.push({ number, kinds: message.kinds.join(), complaint: text });
      if (complaint !== null) say(complaint);
      const isSlow = message.milliseconds > LONGEST_MS;
      const isLarge = message.memory > MOST_MEMORY && message.memory > before;
      before = Math.max(before, message.memory);
      if (!isSlow && !isLarge) continue;
      // Memory may be that of earlier mutants in this process, so the mutant is run again alone.
      const [alone] = (await runWorker(seed, number, number + 1)).messages;
      if (!alone || !('done' in alone)) say('ends the process, alone');
      else if (alone.milliseconds > LONGEST_MS) say(`${Math.round(alone.milliseconds)} ms`);
      else if (alone.memory > MOST_MEMORY) say(`${alone.memory >> 20} MB`);
    }
    if (died) complaints.push({ number: died.number, kinds: '', complaint: `stopped: ${died.why}` });
    next = died ? died.number + 1 : to;
  }
  return {
    ...{ seed, from, to, mutants, milliseconds: Math.round(milliseconds), longest, largest },
    ...{ families: families ?? {}, kinds: kinds ?? {}, statuses: statuses ?? {}, silenced, complaints },
  };
};

const sumOf = (tables: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const table of tables) for (const [name, count] of Object.entries(table)) add(sum, name, count);
  return sum;
};

const tableText = (table: Readonly<Record<string, number>>): string =>
  Object.entries(table)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `  ${String(count).padStart(9)} ${name}\n`)
    .join('');

const summaryOf = (slices: readonly Figures[]): string => {
  const total = (of: (figures: Figures) => number) => slices.reduce((sum, one) => sum + of(one), 0);
  const most = <T>(of: (figures: Figures) => T, by: (value: T) => number): T | undefined =>
    slices.map(of).reduce<T | undefined>((a, b) => (a === undefined || by(b) > by(a) ? b : a), undefined);
  const longest = most(
    (one) => one.longest,
    (one) => one.milliseconds,
  );
  const largest = most(
    (one) => one.largest,
    (one) => one.bytes,
  );
  const complaints = slices.flatMap((one) => one.complaints);
  return [
    `${total(({ mutants }) => mutants)} mutants, ${Math.round(total(({ milliseconds }) => milliseconds) / 1000)} s of processor time\n`,
    `longest: ${Math.round(longest?.milliseconds ?? 0)} ms (${longest?.number}); largest process: ${(largest?.bytes ?? 0) >> 20} MB (${largest?.number})\n`,
    `by what was hit:\n${tableText(sumOf(slices.map((one) => one.families)))}`,
    `hits by kind:\n${tableText(sumOf(slices.map((one) => one.kinds)))}`,
    `exit statuses:\n${tableText(sumOf(slices.map((one) => one.statuses)))}`,
    `silenced, all of them by what the mutation says: ${slices.flatMap(({ silenced }) => silenced).length}\n`,
    `complaints: ${complaints.length}\n`,
    ...complaints
      .slice(0, 50)
      .map(({ number, kinds, complaint }) => `  ${number} (${kinds}): ${complaint}\n`),
  ].join('');
};

const readLog = (path: string | null): readonly Figures[] =>
  path === null || !existsSync(path)
    ? []
    : readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));

const main = async (words: readonly string[]): Promise<number> => {
  const root = process.env.HYPCHECK_ROOT ?? '.';
  if (words[0] === '--worker') {
    const [seed = 1, from = 0, to = 0] = words.slice(1).map(Number);
    await work(root, seed, from, to);
    return 0;
  }
  const value = (name: string): string | null => words[words.indexOf(name) + 1 || words.length] ?? null;
  const seed = Number(value('--seed') ?? 1);
  const one = value('--show');
  if (one !== null) {
    await show(root, seed, Number(one), mkdtempSync(join(tmpdir(), 'hypcheck-mutant-')));
    return 0;
  }
  const count = Number(value('--count') ?? 20_000);
  const from = Number(value('--from') ?? 0);
  const log = value('--log');
  const slices = readLog(log).filter(
    (figures) => figures.seed === seed && figures.from >= from && figures.to <= from + count,
  );
  const done = new Set(slices.map((figures) => figures.from));
  const all = [...slices];
  for (let at = from; at < from + count; at += SLICE) {
    if (done.has(at)) continue;
    const figures = await slice(seed, at, Math.min(at + SLICE, from + count));
    all.push(figures);
    if (log !== null) appendFileSync(log, `${JSON.stringify(figures)}\n`);
  }
  process.stdout.write(summaryOf(all));
  return all.some(({ complaints }) => complaints.length > 0) ? 1 : 0;
};

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 2;
  },
);
