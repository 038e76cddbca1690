// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A kernel's build directory: what there is to check in it, and what it says about
// the link (aliases, release, the source tree). Everything is found by the names
// that Kbuild gives; what is missing is not needed.

import { dirname, join } from 'node:path';
import { readConfiguration } from '../c-source/configuration.js';
import { type CapabilityNumbers, numbersOfHeader, unknownNumbers } from '../flow/capability.js';
import { namesThatNeedVhe } from '../flow/vhe-requirement.js';
import { aliasesOfImageVars, aliasesOfLinkerScript } from '../link/aliases.js';
import type { Aliases } from '../link/image.js';
import { isModuleFile, isNvheObject } from '../link/symbol-names.js';
import type { Files } from './files.js';
import { isTooLong } from './guard.js';

const CONFIGURATION = 'include/config/auto.conf';
const LINKER_SCRIPT = 'arch/arm64/kernel/vmlinux.lds';
const MODULES = 'modules.order';
/** UTS_RELEASE has 64 characters at most. */
const LONGEST_RELEASE = 64;
const IMAGE_VARS = 'arch/arm64/kernel/image-vars.h';

/** Where capabilities are numbered: generated from 5.13 on (renamed in 6.7), before that a header of the source. */
const capabilityHeaders = [
  'arch/arm64/include/generated/asm/cpucap-defs.h',
  'arch/arm64/include/generated/asm/cpucaps.h',
];
const CAPABILITY_SOURCE = 'arch/arm64/include/asm/cpucaps.h';
const KVM_HOST = 'arch/arm64/include/asm/kvm_host.h';

/** Macros that compilers define and kernel headers ask for. */
export const definedByCompiler: ReadonlyMap<string, string> = new Map([
  ['__KERNEL__', '1'],
  ['__aarch64__', '1'],
  ['__LP64__', '1'],
  ['__OPTIMIZE__', '1'],
  ['__GNUC__', '12'],
  ['__GNUC_MINOR__', '2'],
  ['__GNUC_PATCHLEVEL__', '0'],
]);
const definedByClang: readonly (readonly [string, string])[] = [
  ['__clang__', '1'],
  ['__clang_major__', '19'],
  ['__clang_minor__', '1'],
  ['__clang_patchlevel__', '0'],
  ['__GNUC__', '4'],
];

const NVHE_OBJECT = 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o';
/** Objects of the separate nVHE link (v5.9 and later), if there is no vmlinux.o. */
const nvheObjects = [NVHE_OBJECT, 'arch/arm64/kernel/hyp-stub.o'];
/** The script of the nVHE link, beside its object (5.10 and later; a module's is called so too). */
const NVHE_SCRIPT = 'hyp.lds';

/** Where the objects with hyp sections are up to v5.9: folders and single objects. */
const hypTextPlaces = [
  'arch/arm64/kvm/hyp/',
  'arch/arm64/kvm/hyp/nvhe/', // v5.9
  'arch/arm64/kvm/hyp-init.o',
  'virt/kvm/arm/hyp/',
  'virt/kvm/arm/aarch32.o',
  'arch/arm64/kernel/hyp-stub.o',
];

export class BuildTree {
  readonly directory: string;
  readonly #files: Files;
  readonly #source: string | null;

  /** `source`: the value of --source; null: the tree that the build directory points at. */
  constructor(files: Files, directory: string, source: string | null) {
    this.#files = files;
    this.directory = directory;
    this.#source = source;
  }

  /**
   * The build directory that a file lies in. If nobody named it, it is trusted as git trusts a repository: if it belongs
   * to the user or to root. In a folder that everybody may write to, anybody could plant one.
   */
  static around(
    files: Files,
    file: string,
    source: string | null,
  ): BuildTree | { readonly foreign: string } | null {
    let directory = dirname(files.absolute(file));
    // No file has such a name, and it may have parents by the ten thousand.
    if (isTooLong(directory)) return null;
    for (;;) {
      if (files.exists(join(directory, CONFIGURATION))) {
        const parts = ['', 'include', 'include/config', CONFIGURATION].map((part) => join(directory, part));
        // Where anybody may write, the rest of it could be anybody's.
        return !files.isForEverybody(directory) && parts.every((part) => files.isOwn(part))
          ? new BuildTree(files, directory, source)
          : { foreign: directory };
      }
      const parent = dirname(directory);
      if (parent === directory) return null;
      directory = parent;
    }
  }

  /** The paths to check here; may be empty. */
  inputs(): readonly string[] {
    const here = (path: string) => join(this.directory, path);
    const present = (paths: readonly string[]) =>
      paths.filter((path) => this.#files.exists(here(path))).map(here);
    const whole = present(['vmlinux.o']);
    if (whole.length > 0) return whole;
    const nvhe = present(nvheObjects);
    if (nvhe.some((path) => path.endsWith('kvm_nvhe.o'))) return nvhe;
    return hypTextPlaces.flatMap((place) =>
      place.endsWith('/')
        ? this.#files
            .list(here(place))
            .filter((name) => name.endsWith('.o') && !/^(\.|built-in)|\.(hyp\.tmp|nvhe)\.o$/.test(name))
            .map((name) => here(place + name))
        : present([place]),
    );
  }

  /** Modules that were built here, of which few have hyp code. */
  modules(): readonly string[] {
    const order = this.#files.text(join(this.directory, MODULES)) ?? '';
    return order.split(/\s+/).flatMap((entry) => {
      // Up to 5.2 as they are installed; objects from 6.2 on.
      const path = entry.replace(/^kernel\//, '').replace(/\.o$/, '.ko');
      return path.endsWith('.ko') && !isTooLong(path) && this.#files.exists(join(this.directory, path))
        ? [join(this.directory, path)]
        : [];
    });
  }

  /** The script of the link that made an object's hyp code; null: the object is of another tree, or a module without. */
  nvheScript(path: string): string | null {
    const top = this.#files.absolute(this.directory);
    const file = this.#files.absolute(path);
    if (!file.startsWith(top.endsWith('/') ? top : `${top}/`)) return null;
    const beside = (object: string) => join(this.directory, dirname(object), NVHE_SCRIPT);
    if (!isModuleFile(file)) return beside(isNvheObject(file) ? file.slice(top.length) : NVHE_OBJECT);
    // Kbuild lists the parts of a module, from the top of the build.
    const parts = this.#files.text(file.replace(/\.ko(\.gz)?$/, '.mod')) ?? '';
    const part = parts.split(/\s+/).find(isNvheObject);
    return part === undefined ? null : beside(part);
  }

  /** Objects that tell where host symbols are: vmlinux.o, or what was built of KVM. */
  witnesses(): readonly string[] {
    const present = (names: readonly string[]) =>
      names.map((name) => join(this.directory, name)).filter((path) => this.#files.exists(path));
    const whole = present(['vmlinux.o']);
    return whole.length > 0 ? whole : present(['arch/arm64/kvm/built-in.a', 'arch/arm64/kernel/built-in.a']);
  }

  /** The kernel's release, which is printed; null if the file does not hold one. */
  release(): string | null {
    const text = this.#files.text(join(this.directory, 'include/config/kernel.release'))?.trim() ?? '';
    return text.length <= LONGEST_RELEASE && /^\d+\.\d+[\w.+~-]*$/.test(text) ? text : null;
  }

  /** The source tree: named, linked to by the build directory, or the build directory itself. */
  source(): string | null {
    if (this.#source !== null) return this.#source;
    const link = this.#files.linkTarget(join(this.directory, 'source'));
    const source = link === null ? this.directory : join(link.startsWith('/') ? '' : this.directory, link);
    // Otherwise files of a folder that is not a source tree could be shown as sources.
    return this.#files.exists(join(source, 'Kbuild')) ? source : null;
  }

  /** Numbers of CPU capabilities, from the header in which this kernel has them. */
  capabilities(): CapabilityNumbers {
    const source = this.source();
    const paths = [
      ...capabilityHeaders.map((path) => join(this.directory, path)),
      ...(source === null ? [] : [join(source, CAPABILITY_SOURCE)]),
    ];
    for (const path of paths) {
      const text = this.#files.text(path);
      if (text === null) continue;
      const kvmHost = source === null ? null : this.#files.text(join(source, KVM_HOST));
      return numbersOfHeader(text, namesThatNeedVhe(kvmHost ?? '', this.#configuration()));
    }
    return unknownNumbers;
  }

  /** What is defined before the first line of hyp code: by the compiler, the configuration and the command line. */
  macros(): ReadonlyMap<string, string> {
    const command = this.#hypCommand();
    const configuration = this.#configuration() ?? new Map<string, string>();
    const given = [...command.matchAll(/\s-D\s*(\w+)(?:=(\S*))?/g)].map(
      ([, name = '', value = '1']) => [name, value.replace(/^'(.*)'$/, '$1')] as const,
    );
    const isClang = /^\S*clang/.test(command) || configuration.has('CONFIG_CC_IS_CLANG');
    return new Map([...definedByCompiler, ...(isClang ? definedByClang : []), ...configuration, ...given]);
  }

  /** null if it is missing. */
  #configuration(): ReadonlyMap<string, string> | null {
    const text = this.#files.text(join(this.directory, CONFIGURATION));
    return text === null ? null : readConfiguration(text);
  }

  /** The command that compiled a source file of hyp code, which Kbuild keeps beside the object; '' if there is none. */
  #hypCommand(): string {
    for (const folder of hypTextPlaces.filter((place) => place.endsWith('/'))) {
      const path = join(this.directory, folder);
      for (const name of this.#files.list(path)) {
        if (!/^\..*\.o\.cmd$/.test(name)) continue;
        const text = this.#files.text(join(path, name)) ?? '';
        const command = /^(?:saved)?cmd_\S+ := (.*\.c)\s*$/m.exec(text)?.[1];
        if (command !== undefined) return command;
      }
    }
    return '';
  }

  /**
   * Aliases that the link will define: the linker script's, else those of the file that it is made of, which is `from`
   * then. Empty if both are missing.
   */
  aliases(): { readonly aliases: Aliases; readonly from: string | null } {
    const script = this.#files.text(join(this.directory, LINKER_SCRIPT));
    if (script !== null) return { aliases: aliasesOfLinkerScript(script), from: null };
    const source = this.source();
    const from = source === null ? null : join(source, IMAGE_VARS);
    const vars = from === null ? null : this.#files.text(from);
    if (vars === null) return { aliases: new Map(), from: null };
    return { aliases: aliasesOfImageVars(vars, this.#configuration() ?? new Map()), from };
  }
}
