// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The hook in a build of the small trees of kernel-tree.ts: when it checks and when it does not, what it
// prints, and what a failure leaves behind. test/kbuild/kernel-hook does the same with real kernels.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { contentsOf, makeKernelTree, type Version, versions } from './kernel-tree.js';

/** By NODE_OPTIONS tap would be loaded into each run of the program. */
const withoutTap = ['-u', 'NODE_OPTIONS'];

const here = dirname(fileURLToPath(import.meta.url));
const kbuild = join(here, '../../kbuild');
const option = 'CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY';
const warning = /warning: call to 'f' \[-Whyp-call\]/;

interface Built {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The arguments of the program, one line per call. */
  readonly calls: readonly string[];
}

/** A tree with the hook for each version, made once and copied for each test. */
const masters = new Map<Version, string>();
t.teardown(() => {
  for (const tree of masters.values()) rmSync(dirname(tree), { recursive: true });
});

function masterOf(version: Version): string {
  const known = masters.get(version);
  if (known !== undefined) return known;
  const tree = makeKernelTree(version);
  masters.set(version, tree);
  const installer = [join(kbuild, 'install-kernel'), '--program', join(here, 'stand-in'), tree];
  const { status, stderr } = spawnSync('sh', installer, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  // The stand-in is a shell script, which starts faster than Node.js, so this `node` runs sh
  mkdirSync(join(dirname(tree), 'bin'));
  writeFileSync(join(dirname(tree), 'bin/node'), '#!/bin/sh\nexec sh "$@"\n', { mode: 0o755 });
  return tree;
}

/** A tree with the hook installed and the option on. */
class Kernel {
  readonly folder: string;
  readonly tree: string;
  readonly bin: string;
  readonly #log: string;

  constructor(test: Test, version: Version) {
    const master = masterOf(version);
    this.bin = join(dirname(master), 'bin');
    this.folder = mkdtempSync(join(tmpdir(), 'hypcheck-hook-'));
    this.tree = join(this.folder, `linux-${version}`);
    this.#log = join(this.folder, 'calls');
    test.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    cpSync(master, this.tree, { recursive: true, preserveTimestamps: true });
    this.configure({});
  }

  configure({ build = this.tree, on = true, warnOnly = true, stress = false }): void {
    const options = [
      ...(on ? ['CONFIG_DEBUG_HYP_SECTION_MISMATCH=y\n'] : []),
      ...(stress ? ['CONFIG_DEBUG_HYP_INLINE_STRESS=y\n'] : []),
      ...(warnOnly ? [`${option}=y\n`] : []),
    ];
    mkdirSync(join(build, 'include/config'), { recursive: true });
    writeFileSync(join(build, 'include/config/auto.conf'), options.join(''));
  }

  /** Writes a file of the tree, after a pause, so that its time stamp differs from the others'. */
  write(path: string, text: string): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15);
    writeFileSync(join(this.tree, path), text);
  }

  /** Makes a file of the tree newer than everything else. */
  touch(path: string): void {
    this.write(path, readFileSync(join(this.tree, path), 'utf8'));
  }

  make(...args: readonly string[]): Built {
    return this.makeWith({}, ...args);
  }

  makeWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Built {
    rmSync(this.#log, { force: true });
    const { MAKEFLAGS: _flags, MFLAGS: _old, HYPCHECK: _program, ...inherited } = process.env;
    const { status, stdout, stderr } = spawnSync(
      'env',
      [...withoutTap, 'make', '-C', this.tree, '--no-print-directory', ...args],
      {
        encoding: 'utf8',
        env: { ...inherited, PATH: `${this.bin}:${inherited.PATH}`, STANDIN_LOG: this.#log, ...environment },
      },
    );
    const calls = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').trimEnd().split('\n') : [];
    return { status, stdout, stderr, calls };
  }

  has(path: string): boolean {
    return existsSync(join(this.tree, path));
  }
}

/** All tests run on the oldest and the newest tree; the others run those where they could differ. */
const thorough: readonly Version[] = ['4.16', '6.12'];

for (const version of versions) {
  t.test(version, async (t) => {
    const inScript = ['4.16', '5.4', '5.6'].includes(version);

    t.test('each input is checked once, and again when it, the program or the options changed', async (t) => {
      const kernel = new Kernel(t, version);
      const first = kernel.make();
      t.equal(first.status, 0, first.stderr);
      t.equal(first.stderr, '');
      t.match(first.stdout, /^ {2}HYPCHK {2}vmlinux\.o$/m);
      t.match(first.stdout, /^ {2}HYPCHK {2}modules\.order$/m);
      t.match(
        first.calls,
        [/ vmlinux\.o$/, /^--build \. --source \. m\.ko$/],
        'vmlinux.o first, then the modules',
      );

      const nothing = kernel.make();
      t.notMatch(nothing.stdout, 'HYPCHK');
      t.strictSame([nothing.calls, nothing.stderr], [[], ''], 'a second make checks nothing');

      kernel.write('vmlinux.txt', 'changed\n');
      t.match(kernel.make().calls, [/ vmlinux\.o$/], 'vmlinux.o changed');
      kernel.write('module.txt', 'changed\n');
      t.match(kernel.make().calls, [/ m\.ko$/], 'a module changed');
      kernel.touch('scripts/hypcheck/hypcheck.cjs');
      t.equal(kernel.make().calls.length, 2, 'the program changed');
      t.match(
        kernel.make('HYPCHECKFLAGS=-Wextra').calls,
        [/-Wextra vmlinux\.o/, /-Wextra/],
        'the options changed',
      );
      kernel.make();
      kernel.write('scripts/hypcheck/suppressions', '# none\n');
      const suppressed = / --suppressions \.\/scripts\/hypcheck\/suppressions vmlinux\.o/;
      t.match(kernel.make().calls, [suppressed, /suppressions/], 'suppressions were added');
      kernel.write('scripts/hypcheck/suppressions', '# some\n');
      t.match(kernel.make().calls, [suppressed, /suppressions/], 'the suppressions changed');
      t.strictSame(kernel.make().calls, []);
    });

    t.test('with WARN_ONLY=n a finding fails the build, and no file is deleted', async (t) => {
      const kernel = new Kernel(t, version);
      kernel.make();
      kernel.configure({ warnOnly: false });
      t.match(
        kernel.make(),
        { status: 0, stderr: '', calls: [/ -E vmlinux\.o/, / -E /] },
        'a clean build does not',
      );

      kernel.write('vmlinux.txt', 'BUG\n');
      for (const time of ['at first', 'and again']) {
        const { status, stderr } = kernel.make();
        t.not(status, 0, time);
        t.match(stderr, /^vmlinux\.o: error: call to 'f'/);
        t.match(
          stderr,
          `hypcheck: error: vmlinux.o has references to what EL2 does not map; set ${option}=y to allow`,
        );
        t.notMatch(stderr, 'Deleting');
        t.equal(readFileSync(join(kernel.tree, 'vmlinux.o'), 'utf8'), 'BUG\n', 'vmlinux.o is kept');
        t.ok(kernel.has('vmlinux'), 'vmlinux is kept');
        t.notOk(kernel.has('.hypcheck-vmlinux.tmp'), 'no stamp is written');
      }

      kernel.configure({ warnOnly: true });
      t.match(kernel.make(), { status: 0, stderr: warning }, 'with WARN_ONLY=y it is a warning');
      kernel.configure({ warnOnly: false });
      kernel.write('vmlinux.txt', 'mended\n');
      t.match(kernel.make(), { status: 0, stderr: '' }, 'without the bug nothing is printed');
      t.strictSame(kernel.make().calls, []);

      kernel.write('module.txt', 'BUG\n');
      t.match(kernel.make(), { status: 2, stderr: /modules\.order has references/ }, 'a finding in a module');
      t.notOk(kernel.has('.hypcheck-modules.tmp'));
      t.ok(kernel.has('m.ko'));
    });

    t.test('make arch/arm64/kvm/ checks the object of hyp code alone', async (t) => {
      const kernel = new Kernel(t, version);
      const object = inScript ? 'arch/arm64/kvm/built-in.o' : 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';
      const alone = kernel.make('arch/arm64/kvm/');
      t.equal(alone.status, 0, alone.stderr);
      t.match(alone.stdout, `  HYPCHK  ${object}\n`);
      t.strictSame(alone.calls, [`--build . --source . --whole ${object}`], 'the program runs once');
      t.strictSame(kernel.make('arch/arm64/kvm/').calls, [], 'no check where nothing was rebuilt');
      kernel.write('kvm.txt', 'BUG\n');
      t.match(kernel.make('arch/arm64/kvm/'), { status: 0, stderr: warning });

      kernel.write('kvm.txt', 'BUG once more\n');
      t.match(
        kernel.make('arch/arm64/kvm/', 'vmlinux').calls,
        [/ vmlinux\.o$/],
        'with vmlinux as another goal, only vmlinux.o is checked',
      );
      kernel.write('kvm.txt', 'BUG again\n');
      t.match(kernel.make('vmlinux', 'arch/arm64/kvm/').calls, [], 'in either order');
      t.strictSame(kernel.make('arch/arm64/mm/').calls, [], 'other directories are not checked');
      const nvhe = kernel.make('arch/arm64/kvm/hyp/nvhe/').calls;
      t.equal(nvhe.length, inScript ? 0 : 1, 'its subdirectories only where one object has all hyp code');

      kernel.configure({ warnOnly: false });
      t.match(kernel.make('arch/arm64/kvm/'), { status: 2, stderr: `${object} has references` });
      t.ok(kernel.has(object));
      t.notOk(kernel.has('.hypcheck-kvm.tmp'));
    });

    t.test('an external module is checked, and its stamps are in its directory', async (t) => {
      const kernel = new Kernel(t, version);
      kernel.make();
      const module = join(kernel.folder, 'module');
      mkdirSync(module);
      writeFileSync(join(module, 'module.txt'), 'BUG\n');
      const first = kernel.make(`M=${module}`);
      t.match(first, { status: 0, stderr: warning }, first.stderr);
      t.match(first.calls, [/m\.ko$/], 'the module alone');
      t.strictSame(kernel.make(`M=${module}`).calls, []);
      t.strictSame(kernel.make().calls, [], "the kernel's own modules keep their stamp");
      kernel.make(`M=${module}`, 'clean');
      t.strictSame(Object.keys(contentsOf(module)), ['module.txt']);
    });

    t.test(
      'the stress build compiles and checks hyp objects again, or says that it is not needed',
      async (t) => {
        const kernel = new Kernel(t, version);
        const source = 'arch/arm64/kvm/hyp/switch.c';
        kernel.write(source, 'HINT\n');
        kernel.configure({ stress: true });
        const first = kernel.make();
        t.equal(first.status, 0, first.stderr);
        if (!inScript) {
          const line = 'HYPCHK  stress build (-fno-inline) [not needed: hyp code is linked separately]';
          t.match(first.stdout, `  HYPCHK  vmlinux.o\n  ${line}\n`);
          t.strictSame([first.stderr, first.calls.length], ['', 2]);
          t.notMatch(kernel.make().stdout, 'HYPCHK', 'printed only once');
          kernel.make('clean');
          t.strictSame(hypcheckFilesIn(kernel.tree), [], 'clean');
          return;
        }
        t.match(first.stdout, '  HYPCHK  vmlinux.o\n  HYPCHK  stress build (-fno-inline)\n');
        t.equal(
          first.stderr,
          ".hypcheck-stress/arch/arm64/kvm/hyp/switch.o: warning: call to 'f' [-Whyp-call]\n",
        );
        t.match(first.calls[1], /^--whole --build \.hypcheck-stress --source \/.* --source \.$/);
        const object = readFileSync(join(kernel.tree, 'arch/arm64/kvm/hyp/switch.o'), 'utf8');
        t.equal(object, 'HINT\n', 'the object that is linked is unchanged');
        t.strictSame(kernel.make().calls, [], 'a second make checks nothing');
        for (const folder of ['-o', "it's", 'a b', '$(touch planted)', 'a\nb']) {
          const { status, stdout } = spawnSync(
            'env',
            [...withoutTap, 'sh', 'scripts/hypcheck/stress-build', '.', folder],
            {
              cwd: kernel.tree,
              encoding: 'utf8',
              env: { ...process.env, HYPCHECK: 'printf %s|', CDPATH: '/' },
            },
          );
          const named = folder.startsWith('-') ? `./${folder}` : folder;
          t.equal(status, 0, folder);
          t.ok(stdout.startsWith(`--whole|--build|${named}|--source|/`), stdout);
          t.ok(kernel.has(`./${folder}/arch/arm64/kvm/hyp/switch.o`), folder);
          rmSync(join(kernel.tree, folder), { recursive: true });
        }
        t.notOk(kernel.has('planted'));

        kernel.write('vmlinux.txt', 'changed\n');
        t.strictSame(
          kernel.make().calls,
          ['--build . --source . vmlinux.o'],
          'not where vmlinux.o changed alone',
        );
        kernel.write(source, 'HINT and more\n');
        t.match(kernel.make().calls, [/^--whole/], 'a hyp object changed');
        kernel.touch('scripts/hypcheck/stress-build');
        t.match(kernel.make().calls, [/^--whole/], 'the script changed');
        kernel.touch('scripts/hypcheck/hypcheck.cjs');
        t.equal(kernel.make().calls.length, 3, 'the program changed');
        t.match(
          kernel.make('HYPCHECKFLAGS=-Wextra').calls,
          [/-Wextra/, /-Wextra$/, /-Wextra/],
          'the options changed',
        );

        kernel.configure({ stress: true, warnOnly: false });
        const refused = kernel.make();
        t.equal(refused.status, 2);
        t.match(refused.stderr, /switch\.o: error: /);
        t.match(
          refused.stderr,
          `hypcheck: error: stress build (-fno-inline) has references to what EL2 does not map; set ${option}=y to allow`,
        );
        t.ok(kernel.has('vmlinux.o') && kernel.has('.hypcheck-vmlinux.tmp'), 'vmlinux.o was checked');
        t.notOk(kernel.has('.hypcheck-stress.tmp'), 'no stamp is written');
        kernel.write(source, 'mended\n');
        t.match(kernel.make(), { status: 0, stderr: '' });

        kernel.write(source, 'ERROR\n');
        t.match(kernel.make(), {
          status: 2,
          stderr:
            /^ERROR\nstress-build: the hyp objects cannot be compiled with -fno-inline\nhypcheck: error: stress build \(-fno-inline\) could not be checked completely; /,
        });
        kernel.write(source, 'mended once more\n');
        kernel.write('vmlinux.txt', 'BUG\n');
        t.strictSame(
          kernel.make('-k').calls,
          ['--build . --source . -E vmlinux.o'],
          'not run if the check of vmlinux.o failed',
        );
        kernel.write('vmlinux.txt', 'clean\n');
        const verbose = kernel.make('V=1');
        t.match(
          verbose.stdout,
          /HYPCHECK='node .*hypcheck\.cjs' sh \.\/scripts\/hypcheck\/stress-build \. \.hypcheck-stress /,
        );
        t.match(verbose.stderr, 'stress-build: compiled with -fno-inline: 1 objects\n');

        kernel.write(source, 'HINT\n');
        kernel.configure({ stress: true });
        t.match(
          kernel.make('-s'),
          { stdout: /^$/, stderr: /^.*switch\.o: warning: .*\n$/ },
          '-s: only the finding is printed',
        );
        kernel.write(source, 'HINT again\n');
        const off = kernel.make('HYPCHECK=false');
        t.strictSame(off.stdout.match(/.*HYPCH.*/g), ['  HYPCHK  vmlinux.o [off: HYPCHECK=false]']);
        kernel.write('vmlinux.txt', 'changed again\n');
        const PATH = pathWithoutNode(kernel.folder);
        t.match(kernel.makeWith({ PATH }), {
          status: 0,
          stderr: /^hypcheck: warning: vmlinux\.o was not checked: node was not found; .*\n$/,
        });

        kernel.make('clean');
        t.strictSame(hypcheckFilesIn(kernel.tree), [], 'clean');
        t.notOk(kernel.has('.hypcheck-stress'), 'the directory is removed');
      },
    );

    if (!thorough.includes(version)) return;

    t.test('a finding is printed once, and the build succeeds', async (t) => {
      const kernel = new Kernel(t, version);
      kernel.write('vmlinux.txt', 'BUG\n');
      kernel.write('module.txt', 'BUG\n');
      const { status, stderr } = kernel.make();
      t.equal(status, 0, 'the build succeeds');
      t.match(stderr, /^vmlinux\.o: warning: .*\nm\.ko: warning: .*\n$/);
      t.strictSame(kernel.make().stderr, '', 'a second make prints nothing');
    });

    t.test('an object that cannot be checked is reported by every make', async (t) => {
      const kernel = new Kernel(t, version);
      kernel.make();
      kernel.write('vmlinux.txt', 'BROKEN\n');
      for (const time of ['is said', 'and said again']) {
        const { status, stderr } = kernel.make();
        t.equal(status, 0, time);
        t.match(stderr, /hyp-unchecked\]\nhypcheck: warning: vmlinux\.o could not be checked completely\n$/);
        t.notOk(kernel.has('.hypcheck-vmlinux.tmp'));
      }
      kernel.configure({ warnOnly: false });
      const { status, stderr } = kernel.make();
      t.not(status, 0);
      t.match(
        stderr,
        `hypcheck: error: vmlinux.o could not be checked completely; set ${option}=y to continue`,
      );
      t.ok(kernel.has('vmlinux.o'));
    });

    t.test('-s, V=1, -k and clean work as in the rest of Kbuild', async (t) => {
      const kernel = new Kernel(t, version);
      const silent = kernel.make('-s');
      t.strictSame([silent.status, silent.stdout, silent.stderr], [0, '', ''], '-s: nothing is printed');
      t.equal(silent.calls.length, 2);
      kernel.write('vmlinux.txt', 'BUG\n');
      t.match(
        kernel.make('-s'),
        { stdout: /^$/, stderr: /^.*warning: .*\n$/ },
        '-s: only the finding is printed',
      );

      kernel.write('vmlinux.txt', 'clean\n');
      const verbose = kernel.make('V=1');
      t.match(verbose.stdout, 'node ./scripts/hypcheck/hypcheck.cjs --build . --source . vmlinux.o;', 'V=1');
      t.notMatch(verbose.stdout, 'HYPCHK');
      t.strictSame(kernel.make().calls, [], 'V=1 causes no new check');

      kernel.configure({ warnOnly: false });
      kernel.write('vmlinux.txt', 'BUG\n');
      kernel.write('module.txt', 'changed\n');
      const onward = kernel.make('-k', '-j2');
      t.match(onward, { status: 2, stderr: 'vmlinux.o has references' });
      t.match(
        onward.calls.join('\n'),
        / m\.ko$/m,
        '-k: modules, which do not need vmlinux, are still checked',
      );

      const clean = kernel.make('clean');
      t.equal(clean.status, 0, clean.stderr);
      t.strictSame(hypcheckFilesIn(kernel.tree), [], 'clean');
    });

    t.test('with O= the build directory gets the stamps, and the source tree is unchanged', async (t) => {
      const kernel = new Kernel(t, version);
      rmSync(join(kernel.tree, 'include'), { recursive: true });
      const before = contentsOf(kernel.tree);
      for (const [name, build] of [
        ['absolute', join(kernel.folder, 'one')],
        ['relative', join(kernel.folder, 'two')],
        ['below the source', join(kernel.tree, 'three')],
      ] as const) {
        kernel.configure({ build });
        const directory = name === 'relative' ? relative(kernel.tree, build) : build;
        const first = kernel.make(`O=${directory}`);
        t.equal(first.status, 0, first.stderr);
        const source = name === 'below the source' ? '..' : kernel.tree;
        t.equal(first.calls[0], `--build . --source ${source} vmlinux.o`, name);
        t.ok(existsSync(join(build, '.hypcheck-vmlinux.tmp')));
        t.strictSame(kernel.make(`O=${directory}`).calls, []);
        if (name === 'below the source') rmSync(build, { recursive: true });
      }
      t.strictSame(contentsOf(kernel.tree), before, 'the source tree is unchanged');
    });

    t.test('HYPCHECK=false skips the check, and one line says so', async (t) => {
      const kernel = new Kernel(t, version);
      const off = kernel.make('HYPCHECK=false');
      t.equal(off.status, 0);
      t.strictSame(off.stdout.match(/.*HYPCH.*/g), ['  HYPCHK  vmlinux.o [off: HYPCHECK=false]'], 'one line');
      t.equal(off.stderr, '');
      t.match(kernel.makeWith({ HYPCHECK: 'false' }), { stdout: /\[off: / }, 'also from the environment');
      t.match(kernel.make('HYPCHECK=false', 'V=1'), { stdout: /^ {2}HYPCHK {2}vmlinux\.o \[off: /m });
      t.match(kernel.make('HYPCHECK=false', '-s'), { stdout: /^$/, stderr: /^$/ });
      t.match(kernel.make('HYPCHECK=false', 'arch/arm64/kvm/'), { stdout: /kvm.*\[off: HYPCHECK=false\]$/m });
      t.match(kernel.make().calls, [/./, /./], 'the next make without it checks everything');

      kernel.configure({ on: false });
      kernel.write('vmlinux.txt', 'BUG\n');
      t.match(
        kernel.make(),
        { status: 0, stdout: /^(?![\s\S]*HYPCHK)/, stderr: /^$/, calls: [] },
        'the option is off',
      );
    });
  });
}

t.test('HYPCHECK= runs another program, whose change repeats the check', async (t) => {
  const kernel = new Kernel(t, '6.1');
  const program = join(kernel.folder, 'mine');
  cpSync(join(here, 'stand-in'), program);
  kernel.make();
  t.equal(kernel.make(`HYPCHECK=node ${program} -v`).calls[0], '-v --build . --source . vmlinux.o');
  t.strictSame(kernel.make(`HYPCHECK=node ${program} -v`).calls, []);
  const now = new Date();
  utimesSync(program, now, now);
  t.equal(kernel.make(`HYPCHECK=node ${program} -v`).calls.length, 2, 'a changed program repeats the check');
});

t.test('the program comes from PATH if the tree has none; if PATH has none, a warning says so', async (t) => {
  const kernel = new Kernel(t, '6.1');
  rmSync(join(kernel.tree, 'scripts/hypcheck/hypcheck.cjs'));
  const missing = kernel.make();
  t.match(missing, {
    status: 0,
    stderr: /^hypcheck: warning: vmlinux\.o was not checked: hypcheck was not found; /,
  });

  const bin = join(kernel.folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(here, 'stand-in'), join(bin, 'hypcheck'));
  t.equal(kernel.makeWith({ PATH: `${bin}:${process.env.PATH}` }).calls.length, 2);
});

t.test('without node the build warns, or fails with WARN_ONLY=n', async (t) => {
  for (const version of ['4.16', '6.12'] as const) {
    const kernel = new Kernel(t, version);
    const PATH = pathWithoutNode(kernel.folder);
    const sentence =
      /^hypcheck: warning: vmlinux\.o was not checked: node was not found; install Node\.js 18 or later, or build with HYPCHECK=false\n$/;
    for (const time of ['is said', 'and said again']) {
      const { status, stderr } = kernel.makeWith({ PATH });
      t.equal(status, 0, stderr);
      t.match(stderr, sentence, time);
    }
    t.match(kernel.makeWith({ PATH }, '-s'), { status: 0, stderr: sentence }, 'also with -s');
    kernel.configure({ warnOnly: false });
    t.match(kernel.makeWith({ PATH }), {
      status: 2,
      stderr: /^hypcheck: error: vmlinux\.o was not checked: node/,
    });
    t.ok(kernel.has('vmlinux.o'), 'the build got as far as vmlinux.o');
    t.match(
      kernel.makeWith({ PATH }, 'HYPCHECK=false'),
      { status: 0, stderr: /^$/ },
      'HYPCHECK=false helps, as the message says',
    );
    t.match(kernel.make(), { status: 0, stderr: /^$/ }, 'with node it is checked and clean');
  }
});

t.test('a program that does not run is told apart from a finding', async (t) => {
  const kernel = new Kernel(t, '6.1');
  kernel.write('scripts/hypcheck/hypcheck.cjs', 'if what no version reads\n');
  t.match(kernel.make(), {
    status: 0,
    stderr: /warning: vmlinux\.o was not checked: 'node .*' does not run/,
  });
  kernel.configure({ warnOnly: false });
  const { status, stderr } = kernel.make();
  t.equal(status, 2);
  t.match(stderr, /error: vmlinux\.o was not checked: 'node .*' does not run; use Node\.js 18 or later/);
  t.notMatch(stderr, 'has references', 'status 1 does not mean a finding here');
});

t.test('the stamp of a clean check does not hide a later one that failed', async (t) => {
  const kernel = new Kernel(t, '6.1');
  kernel.make();
  kernel.write('vmlinux.txt', 'BROKEN\n');
  kernel.make('HYPCHECKFLAGS=-Wextra');
  kernel.make('HYPCHECKFLAGS=-Wextra');
  t.match(kernel.make('HYPCHECKFLAGS=-Wextra').stderr, 'could not be checked');
});

/** The hook's files in a build directory. */
const hypcheckFilesIn = (build: string): readonly string[] =>
  Object.keys(contentsOf(build)).filter((path) => /(^|\/)\.+hypcheck/.test(path));

/** A PATH with links to what make needs, but without node. */
function pathWithoutNode(folder: string): string {
  const bin = join(folder, 'nodeless');
  mkdirSync(bin);
  const needed =
    'sh make cat cp cmp rm mkdir mv echo printf sed grep find xargs true false touch test env dirname';
  for (const name of needed.split(' ')) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    const found = stdout.trim();
    symlinkSync(found.startsWith('/') ? found : `/bin/${name}`, join(bin, name));
  }
  return bin;
}
