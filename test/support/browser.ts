// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A page in headless Chromium, asked over its pipe for what a reader would see
// [Chrome DevTools Protocol]. Where Chromium is not installed, its tests skip.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const program = names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

/** For a test's `skip` option. */
export const noBrowser: string | false = program === undefined && 'SKIPPED: chromium not installed';

export interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly scripts: boolean;
}

export interface Page {
  /** The value of an expression in the page. */
  readonly ask: <T>(expression: string) => Promise<T>;
  readonly press: (key: string) => Promise<void>;
  /** A PNG in base64. */
  readonly picture: () => Promise<string>;
  /** Entries of the browser's log, such as violations of the content policy, and exceptions. */
  readonly complaints: readonly string[];
  /** Milliseconds until it was loaded. */
  readonly loaded: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: { readonly [key: string]: unknown };
  readonly error?: { readonly message: string };
}

/** Opens a file, lets `work` look at it, and closes it. */
export const inBrowser = async <T>(
  file: string,
  { width, scheme, scripts }: View,
  work: (page: Page) => Promise<T>,
): Promise<T> => {
  const profile = mkdtempSync(join(tmpdir(), 'hypcheck-browser-'));
  const words = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
  const child = spawn(program ?? '', [...words, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const output = child.stdio[3] as Writable;
  const input = child.stdio[4] as Readable;
  const complaints: string[] = [];
  const answers = new Map<number, (message: Message) => void>();
  const events = new Map<string, () => void>();
  let rest = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message: Message = JSON.parse(part);
      if (message.id !== undefined) answers.get(message.id)?.(message);
      else if (message.method === 'Log.entryAdded' || message.method === 'Runtime.exceptionThrown')
        complaints.push(JSON.stringify(message.params));
      else events.get(message.method ?? '')?.();
    }
  });
  let last = 0;
  let sessionId: string | undefined;
  const send = (method: string, params: object = {}): Promise<{ readonly [key: string]: unknown }> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      answers.set(id, ({ result, error }) =>
        error ? reject(new Error(error.message)) : resolve(result ?? {}),
      );
      output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  try {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const attached = await send('Target.attachToTarget', { targetId, flatten: true });
    sessionId = String(attached.sessionId);
    for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`);
    await send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await send('Emulation.setScriptExecutionDisabled', { value: !scripts });
    const start = performance.now();
    const whole = new Promise<void>((resolve) => events.set('Page.loadEventFired', resolve));
    await send('Page.navigate', { url: `file://${file}` });
    await whole;
    const loaded = performance.now() - start;
    const ask = async <V>(expression: string): Promise<V> => {
      const { result } = await send('Runtime.evaluate', { expression, returnByValue: true });
      return (result as { readonly value: V }).value;
    };
    return await work({
      ask,
      press: async (key) => {
        const code = { Tab: 9, Space: 32 }[key] ?? 0;
        for (const type of ['rawKeyDown', 'keyUp'])
          await send('Input.dispatchKeyEvent', {
            type,
            key: key === 'Space' ? ' ' : key,
            code: key,
            windowsVirtualKeyCode: code,
          });
      },
      picture: async () => String((await send('Page.captureScreenshot')).data),
      complaints,
      loaded,
    });
  } finally {
    // Asked to close: if it were killed, processes of it would go on writing into the profile.
    const impatient = setTimeout(() => child.kill('SIGKILL'), 5000);
    output.write(`${JSON.stringify({ id: ++last, method: 'Browser.close' })}\0`);
    await ended;
    clearTimeout(impatient);
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
};
