// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Real kernels, built from Debian's sources: silence on clean ones, every
// relocation accounted for, and planted bugs found at their line, one by one,
// nothing else reported. What is expected comes from the planted markers, from
// readelf and from addr2line. Where the kernel packages are not installed, the
// tests say that they skip.
//
// HYPCHECK_KERNELS chooses the builds: words VERSION:VARIANT:TARGET.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import t, { type Test } from 'tap';
import { sourceName } from '../../lib/link/symbol-names.js';
import { checkCompleteness } from '../completeness.js';
import { branchesOut, referencesOf, usersOfBounds } from './image.js';
import { nearMisses } from './near-misses.js';
import { editedText, lineOfMarker, type PlantedBug } from './planted-bug.js';
import { plantedBugs } from './planted-bugs.js';
import { plantedConstructs } from './planted-constructs.js';
import { differencesOf, relinked } from './relocations.js';

/** What CI builds; the rest on demand. */
const DEFAULT = '6.1:gcc-jumplabel:vmlinux 6.1:clang-jumplabel:arch/arm64/kvm/';
const SKIPPED = 77;
const NVHE = 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';

const program = (arguments_: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('dist/hypcheck', arguments_, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
};

/** The build directory, or null where it cannot be had. */
const build = (version: string, variant: string, target: string): string | null => {
  const { status, stdout, stderr } = spawnSync('test/kernel/build-kernel', [version, variant, target], {
    encoding: 'utf8',
  });
  if (status === SKIPPED) return null;
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
};

const clean = { status: 0, stdout: '', stderr: '' };

/** A finished kernel and others linked of the same vmlinux.o have its relocations, and are as silent. */
const sameRelocations = async (t: Test, directory: string, image: string): Promise<void> => {
  const whole = join(directory, 'vmlinux.o');
  const compare = async (path: string, name: string): Promise<void> => {
    const { count, missing, added } = await differencesOf(whole, path);
    t.ok(count > 100, `${name}: ${count} relocations of hyp text`);
    t.same({ missing, added }, { missing: [], added: [] }, 'all are found in the image, and no others');
  };
  await compare(image, 'as it was built');
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-relinked-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const other = join(folder, 'vmlinux');
  for (const name of relinked(directory, other)) {
    await compare(other, name);
    t.same(program(['--build', directory, other]), clean, `silence: ${name}`);
  }
};

for (const word of (process.env.HYPCHECK_KERNELS ?? DEFAULT).split(/\s+/)) {
  const [version = '', variant = '', target = ''] = word.split(':');
  t.test(`${version} ${variant} ${target}`, async (t) => {
    const directory = build(version, variant, target);
    if (directory === null) {
      t.pass('a kernel', { skip: 'the kernel packages or the compiler are not installed' });
      return;
    }
    const objects = ['vmlinux.o', NVHE]
      .map((name) => join(directory, name))
      .filter((path) => existsSync(path));
    for (const path of objects) {
      t.same(program([path]), clean, `silence on ${path}`);
      t.same(
        checkCompleteness(path, []),
        [],
        `every relocation of ${path} that leaves hyp is one reference's`,
      );
    }
    t.same(program(['--build', directory]), clean, 'silence on the build directory');
    const image = join(directory, 'vmlinux');
    if (existsSync(image)) {
      t.same(program([image]), clean, 'silence on the finished kernel');
      const whole = join(directory, 'vmlinux.o');
      const without = usersOfBounds(whole);
      t.same(referencesOf(image, without), referencesOf(whole, without), 'which refers to the same');
      const { objdump, own } = branchesOut(image);
      t.ok(objdump.length > 0);
      t.same(own, objdump, 'and branches out of hyp code where objdump says');
      await sameRelocations(t, directory, image);
    }

    const alone = mkdtempSync(join(tmpdir(), 'hypcheck-'));
    const copy = join(alone, 'kvm_nvhe.o');
    copyFileSync(join(directory, NVHE), copy);
    const { status, stderr } = program([copy]);
    t.equal(status, 3, 'a lone object is not called clean');
    t.match(
      stderr,
      /^[^\n]*kvm_nvhe\.o: warning: [^\n]* could not be judged[^\n]*\[-Whyp-unchecked\]\nhypcheck: note: .--explain hyp-unchecked. [^\n]*\n$/,
      'and says so in one line, and what that means in another',
    );
    rmSync(alone, { recursive: true });
  });
}

interface Frame {
  readonly file: string;
  readonly line: number;
}

/** addr2line -i: innermost first. */
const framesOf = (object: string, section: string, offset: number): readonly Frame[] =>
  execFileSync(
    'aarch64-linux-gnu-addr2line',
    ['-i', '-e', object, '-j', section, `0x${offset.toString(16)}`],
    {
      encoding: 'utf8',
    },
  )
    .trim()
    .split('\n')
    .map((text) => {
      const [, file = '', line = '0'] = /^(.*):(\d+|\?)/.exec(text) ?? [];
      return { file: normalize(file), line: Number(line) };
    });

/** One planted bug, one set of objects. */
const checkPlanted = (t: Test, bug: PlantedBug, directory: string) => {
  for (const name of bug.objects ?? ['vmlinux.o']) {
    const object = join(directory, name);
    const source = bug.seesEdits ? ['--source', join(directory, 'edited')] : [];
    const { stdout, stderr } = program([...source, object, '-fdiagnostics-format=json']);
    t.equal(stderr, '', 'nothing beside the report');
    const found: readonly Finding[] = JSON.parse(stdout);
    const actual = found.map((one) => ({
      warning: one.option.replace('-W', ''),
      place: `${tail(one.locations[0]?.caret.file ?? '')}:${one.locations[0]?.caret.line}`,
      target: one.hyp.to?.symbol ? sourceName(one.hyp.to.symbol) : null,
      from: one.hyp.from?.symbol ? sourceName(one.hyp.from.symbol) : null,
      inlined: one.hyp.inlined.length > 0,
    }));
    const expected = bug.expected.map(({ warning, file, marker, target, from, inlined }) => ({
      warning,
      place: `${tail(file)}:${lineOfMarker(editedText(directory, file), marker)}`,
      target,
      from,
      inlined,
    }));
    const order = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    t.same([...actual].sort(order), [...expected].sort(order), `${name}: what was planted, and nothing else`);
    for (const { hyp } of found) {
      if (hyp.inlined.length === 0 || !hyp.from) continue;
      t.same(
        hyp.inlined.map(({ file, line }) => ({ file: normalize(file), line })),
        framesOf(object, hyp.from.section, hyp.from.offset),
        "the inline chain is addr2line -i's",
      );
    }
  }
};

interface Finding {
  readonly option: string;
  readonly locations: readonly { readonly caret: Frame }[];
  readonly hyp: {
    readonly from: {
      readonly symbol: string | null;
      readonly section: string;
      readonly offset: number;
    } | null;
    readonly to: { readonly symbol: string | null } | null;
    readonly inlined: readonly Frame[];
  };
}

/** The path from arch/arm64 or include/linux on, .. taken out: what stays the same wherever the tree lies. */
const tail = (path: string): string => normalize(path).replace(/^.*?(?=arch\/arm64\/|include\/linux\/)/, '');

const chosen = process.env.HYPCHECK_PLANTED?.split(/\s+/);
for (const bug of [...plantedBugs, ...plantedConstructs, ...nearMisses]) {
  if (chosen && !chosen.includes(bug.id)) continue;
  t.test(`planted: ${bug.what}`, async (t) => {
    const { status, stdout, stderr } = spawnSync('test/kernel/plant', [bug.id], { encoding: 'utf8' });
    if (status === SKIPPED)
      t.pass('a kernel', { skip: 'the kernel packages or the compiler are not installed' });
    else if (status !== 0) throw new Error(stderr);
    else checkPlanted(t, bug, stdout.trim().split('\n').at(-1) ?? '');
  });
}
