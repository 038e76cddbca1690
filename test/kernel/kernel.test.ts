// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Real kernels, built from Debian's sources: nothing is reported for clean ones, every
// relocation is accounted for, and each planted bug is found at its line, with nothing
// else reported. Expected values come from the planted markers, from readelf and from
// addr2line. Without the kernel packages the tests are skipped.
//
// HYPCHECK_KERNELS selects the builds: words VERSION:VARIANT:TARGET.

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

/** The builds that CI tests; others on demand. */
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

/** The build directory; null if packages are missing. */
const build = (version: string, variant: string, target: string): string | null => {
  const { status, stdout, stderr } = spawnSync('test/kernel/build-kernel', [version, variant, target], {
    encoding: 'utf8',
  });
  if (status === SKIPPED) return null;
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
};

const clean = { status: 0, stdout: '', stderr: '' };

/** Checks that a finished kernel, and others linked from its vmlinux.o, give its relocations and no findings. */
const sameRelocations = async (t: Test, directory: string, image: string): Promise<void> => {
  const whole = join(directory, 'vmlinux.o');
  const compare = async (path: string, name: string): Promise<void> => {
    const { count, missing, added } = await differencesOf(whole, path);
    t.ok(count > 100, `${name}: ${count} relocations of hyp text`);
    t.same({ missing, added }, { missing: [], added: [] }, 'the image gives the same relocations');
  };
  await compare(image, 'as it was built');
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-relinked-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const other = join(folder, 'vmlinux');
  for (const name of relinked(directory, other)) {
    await compare(other, name);
    t.same(program(['--build', directory, other]), clean, `nothing is reported for ${name}`);
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
      t.same(program([path]), clean, `nothing is reported for ${path}`);
      t.same(
        checkCompleteness(path, []),
        [],
        `every relocation of ${path} that leaves hyp code belongs to exactly one reference`,
      );
    }
    t.same(program(['--build', directory]), clean, 'nothing is reported for the build directory');
    const image = join(directory, 'vmlinux');
    if (existsSync(image)) {
      t.same(program([image]), clean, 'nothing is reported for the finished kernel');
      const whole = join(directory, 'vmlinux.o');
      const without = usersOfBounds(whole);
      t.same(
        referencesOf(image, without),
        referencesOf(whole, without),
        'the finished kernel has the references of vmlinux.o',
      );
      const { objdump, own } = branchesOut(image);
      t.ok(objdump.length > 0);
      t.same(own, objdump, 'branches out of hyp code are those that objdump shows');
      await sameRelocations(t, directory, image);
    }

    const alone = mkdtempSync(join(tmpdir(), 'hypcheck-'));
    const copy = join(alone, 'kvm_nvhe.o');
    copyFileSync(join(directory, NVHE), copy);
    const { status, stderr } = program([copy]);
    t.equal(status, 3, 'kvm_nvhe.o without its build directory is not called clean');
    t.match(
      stderr,
      /^[^\n]*kvm_nvhe\.o: warning: [^\n]* could not be judged[^\n]*\[-Whyp-unchecked\]\nhypcheck: note: .--explain hyp-unchecked. [^\n]*\n$/,
      'one line says so, another how to find out more',
    );
    rmSync(alone, { recursive: true });
  });
}

interface Frame {
  readonly file: string;
  readonly line: number;
}

/** The frames that addr2line -i prints, innermost first. */
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

/** Checks that the objects of a planted bug give exactly the expected findings. */
const checkPlanted = (t: Test, bug: PlantedBug, directory: string) => {
  for (const name of bug.objects ?? ['vmlinux.o']) {
    const object = join(directory, name);
    const source = bug.seesEdits ? ['--source', join(directory, 'edited')] : [];
    const { stdout, stderr } = program([...source, object, '-fdiagnostics-format=json']);
    t.equal(stderr, '', 'nothing is printed to stderr');
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
    t.same([...actual].sort(order), [...expected].sort(order), `${name}: exactly the planted findings`);
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

/** The path from arch/arm64 or include/linux on, without `..`: it does not depend on where the tree is. */
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
