// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A kernel's build directory: what there is to check in it, and what it tells
// about the link (aliases, release, where the source is). Everything is found
// by the names Kbuild gives; what is not there is not needed.

import { dirname, join } from 'node:path';
import { aliasesOfImageVars, aliasesOfLinkerScript, readConfiguration } from '../link/aliases.js';
import type { Aliases } from '../link/image.js';
import type { Files } from './files.js';

const CONFIGURATION = 'include/config/auto.conf';
const LINKER_SCRIPT = 'arch/arm64/kernel/vmlinux.lds';
const IMAGE_VARS = 'arch/arm64/kernel/image-vars.h';

/** Objects of the separate nVHE link (v5.9 and later), where vmlinux.o is not there. */
const nvheObjects = ['arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o', 'arch/arm64/kernel/hyp-stub.o'];

/** Where the objects with hyp sections are up to v5.8: folders and single objects. */
const hypTextPlaces = [
  'arch/arm64/kvm/hyp/',
  'arch/arm64/kvm/hyp-init.o',
  'virt/kvm/arm/hyp/',
  'virt/kvm/arm/aarch32.o',
  'arch/arm64/kernel/hyp-stub.o',
];

export class BuildTree {
  readonly directory: string;
  readonly #files: Files;
  readonly #source: string | null;

  /** `source`: as --source names it; else the tree that the build directory points at. */
  constructor(files: Files, directory: string, source: string | null) {
    this.#files = files;
    this.directory = directory;
    this.#source = source;
  }

  /** The build directory that a file lies in, or null. */
  static around(files: Files, file: string, source: string | null): BuildTree | null {
    let directory = dirname(files.absolute(file));
    for (;;) {
      if (files.exists(join(directory, CONFIGURATION))) return new BuildTree(files, directory, source);
      const parent = dirname(directory);
      if (parent === directory) return null;
      directory = parent;
    }
  }

  /** What to check here, or an empty list. */
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
            .filter((name) => name.endsWith('.o') && !name.startsWith('built-in') && !name.startsWith('.'))
            .map((name) => here(place + name))
        : present([place]),
    );
  }

  /** Objects that tell where host symbols are: vmlinux.o, or what was built of KVM. */
  witnesses(): readonly string[] {
    const present = (names: readonly string[]) =>
      names.map((name) => join(this.directory, name)).filter((path) => this.#files.exists(path));
    const whole = present(['vmlinux.o']);
    return whole.length > 0 ? whole : present(['arch/arm64/kvm/built-in.a', 'arch/arm64/kernel/built-in.a']);
  }

  /** The kernel's release, or null. */
  release(): string | null {
    return this.#files.text(join(this.directory, 'include/config/kernel.release'))?.trim() ?? null;
  }

  /** The source tree: named, linked to by the build directory, or the build directory itself. */
  source(): string | null {
    if (this.#source !== null) return this.#source;
    const link = this.#files.linkTarget(join(this.directory, 'source'));
    if (link !== null) return join(link.startsWith('/') ? '' : this.directory, link);
    return this.#files.exists(join(this.directory, 'Kbuild')) ? this.directory : null;
  }

  /** Aliases that the link will make, from the linker script or from its source; none where neither is there. */
  aliases(): Aliases {
    const script = this.#files.text(join(this.directory, LINKER_SCRIPT));
    if (script !== null) return aliasesOfLinkerScript(script);
    const source = this.source();
    const vars = source === null ? null : this.#files.text(join(source, IMAGE_VARS));
    const configuration = this.#files.text(join(this.directory, CONFIGURATION));
    return vars === null ? new Map() : aliasesOfImageVars(vars, readConfiguration(configuration ?? ''));
  }
}
