// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Stripped kernels: what objcopy and strip leave of a sample gives the findings of
// the whole if the file with the symbols is named or found. Without that file it is
// refused, with the reason.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { run, without } from '../support/tools.js';

const objcopy = 'aarch64-linux-gnu-objcopy';
const strip = 'aarch64-linux-gnu-strip';

t.test(
  'a stripped kernel and its debug file give the findings of the whole; alone each is refused',
  { skip: without(objcopy, strip) },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hypcheck-halves-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    cpSync('test/samples/linked/far.gnu', join(folder, 'whole'));
    cpSync('test/samples/linked/erratum.gnu', join(folder, 'other'));
    run(objcopy, ['--only-keep-debug', 'whole', 'kernel.debug'], folder);
    run(strip, ['-o', 'stripped', 'whole'], folder);
    run(objcopy, ['--add-gnu-debuglink=kernel.debug', 'stripped', 'linked'], folder);
    run(objcopy, ['--only-keep-debug', 'other', 'other.debug'], folder);
    const say = async (...words: readonly string[]) => {
      const { stderr, status } = await runMain([...words, '-fdiagnostics-plain-output'], {
        directory: folder,
      });
      return `${status} ${stderr.replace(/^\w+(\.debug)?(?=[(:])/gm, 'F')}`;
    };
    const whole = await say('whole');
    t.match(whole, /hyp-veneer/);
    t.match(whole, /far\.S:42/);
    t.equal(await say('stripped', '--debug-file', 'kernel.debug'), whole);
    t.equal(await say('kernel.debug', '--debug-file', 'stripped'), whole);
    t.equal(await say('linked'), whole, 'found by .gnu_debuglink');
    mkdirSync(join(folder, '.debug'));
    cpSync(join(folder, 'kernel.debug'), join(folder, '.debug/kernel.debug'));
    rmSync(join(folder, 'kernel.debug'));
    t.equal(await say('linked'), whole, 'found in .debug/');

    const refused = async (words: readonly string[], reason: RegExp) => t.match(await say(...words), reason);
    await refused(['stripped'], /^3 F: warning: a linked image without symbols, .*--debug-file/);
    await refused(['.debug/kernel.debug'], /^3 .*a debug file: the contents of its code were taken off/);
    await refused(['stripped', '--debug-file', 'stripped'], /lacks what this file lacks/);
    await refused(
      ['stripped', '--debug-file', 'other.debug'],
      /section '\.\w+' is another one in the debug file/,
    );
    await refused(['stripped', '--debug-file', 'nowhere'], /warning: cannot open: no such file/);
    await refused(['whole', 'other'], /F: warning: not checked: 'whole' is a link of its own/);
  },
);
