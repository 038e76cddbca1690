// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What one run checks: the objects that the command line names or a build directory
// holds, as one image, and what the build says about them.

import { basename } from 'node:path';
import { isHypSection } from '../code/sections.js';
import { FormatError } from '../elf/format-error.js';
import type { ObjectFile } from '../elf/object-file.js';
import { ET } from '../elf/vocabulary.js';
import { type CapabilityNumbers, unknownNumbers } from '../flow/capability.js';
import type { FlowOptions } from '../flow/reach.js';
import { Image } from '../link/image.js';
import { NVHE_PREFIX } from '../link/symbol-names.js';
import { isModulePart } from '../policy/detect-generation.js';
import { BuildTree } from './build-tree.js';
import type { Files } from './files.js';
import { loadInputs } from './inputs.js';
import { KernelSources } from './kernel-sources.js';
import type { Options } from './options.js';

export interface Job {
  readonly image: Image;
  /** null: of the mode that was asked for nothing is known. */
  readonly kernel: KernelSources | null;
  /** The inputs as they were named, or found in the build directory. */
  readonly paths: readonly string[];
  readonly flow: FlowOptions;
  /** The build directory that was named or found, or null. */
  readonly build: BuildTree | null;
  /** A build directory that was found and belongs to somebody else. */
  readonly foreignBuild: string | null;
  /** Inputs that cannot be checked, and why. */
  readonly faults: readonly FormatError[];
}

/** Files that contain all hyp code of a kernel or a module, by the names that Kbuild gives them. */
const WHOLE = /^(vmlinux(\.[oa])?|.*\.ko)(\.gz)?$/;
/** Files in which nothing of the link is missing, host code included. */
const COMPLETE = /^(vmlinux\.[oa]|.*\.ko)(\.gz)?$/;
const MODULE = /\.ko(\.gz)?$/;

export const prepare = async (options: Options, files: Files): Promise<Job> => {
  const faults: FormatError[] = [];
  const fault = (file: string, sentence: string) => faults.push(new FormatError(file, null, 0, sentence));

  const isThere = options.build !== null && files.isDirectory(options.build);
  if (options.build !== null && !isThere) fault(options.build, 'no such directory');
  if (options.source !== null && !files.isDirectory(options.source))
    fault(options.source, 'no such directory (--source)');
  const named =
    options.build !== null && isThere ? new BuildTree(files, options.build, options.source) : null;
  // If files are named, the build directory is only asked about them.
  const isSearched = named !== null && options.files.length === 0;
  const fromBuild = isSearched ? named.inputs() : [];
  if (isSearched && fromBuild.length === 0) {
    fault(named.directory, 'no kernel objects with hyp code are in this build directory');
  }
  const given = [...options.files, ...fromBuild];
  const inputs = await loadInputs(files, given, !isSearched);
  // Few modules have hyp code, and a kernel has thousands.
  const modules = await loadInputs(files, isSearched ? named.modules() : [], false, hasHyp);
  const paths = [...given, ...modules.byPath.keys()];
  for (const one of [...inputs.faults, ...modules.faults]) faults.push(one);
  const [firstPath] = paths;
  const found = firstPath === undefined ? null : BuildTree.around(files, firstPath, options.source);
  const isFound = options.build === null && found !== null;
  const build = isFound && found instanceof BuildTree ? found : named;
  const foreignBuild = isFound && 'foreign' in found ? found.foreign : null;

  for (const object of inputs.objects) {
    if (object.type !== ET.REL)
      fault(object.path, 'a linked image, without relocations; check the vmlinux.o it was made from');
  }
  const objects = [...inputs.objects, ...modules.objects].filter(({ type }) => type === ET.REL);
  if (objects.length > 0 && !objects.some(hasHyp)) {
    // Modules seldom have hyp code; every other input should have some.
    for (const [path, contents] of inputs.byPath) {
      if (MODULE.test(path) || contents.every(({ type }) => type !== ET.REL)) continue;
      // Sections get hyp names, and symbols the prefix, when the object is linked.
      const isUnlinked = /\.nvhe\.o$/.test(path);
      fault(
        path,
        isUnlinked
          ? 'an object of the nVHE code that is not linked yet; check kvm_nvhe.o, which is made of it'
          : 'no hyp section (.hyp.text): there is nothing to check in it',
      );
    }
  }
  const kernel = new KernelSources(files, build, options.source, options.protectedMode);
  // Of a module the mode takes nothing away.
  const isModulesOnly =
    objects.some(isModulePart) && !objects.some((one) => hasHyp(one) && !isModulePart(one));
  const isKnown = !options.protectedMode || isModulesOnly || kernel.mapped() !== null;
  if (!isKnown) {
    const release = build?.release() ?? null;
    fault(
      build?.directory ?? firstPath ?? '',
      `--protected: what protected KVM maps in ${release === null ? 'a kernel of unknown version' : `kernel ${release}`} is not known; name its source tree (--source)`,
    );
  }
  const names = objects.map(({ path }) => basename(path));
  const isWhole = options.whole || isSearched || paths.some((path) => WHOLE.test(basename(path)));
  const witnessPaths = names.includes('vmlinux.o') ? [] : (build?.witnesses() ?? []);
  const witnesses = (await loadInputs(files, witnessPaths, false)).objects;
  const linked = build?.aliases();
  const list = linked?.from ?? null;
  if (list !== null && linked?.aliases.size === 0 && objects.some(asksForAliases))
    fault(list, 'no alias of the nVHE code is in it, although the code uses some (a Git LFS pointer?)');
  const image = new Image(objects, {
    whole: isWhole,
    aliases: linked?.aliases ?? new Map(),
    witnesses: () => witnesses,
  });
  let numbers: CapabilityNumbers | null = null;
  const flow = {
    // Read from half a dozen headers, where somebody asks.
    get numbers(): CapabilityNumbers {
      const read = numbers ?? build?.capabilities() ?? unknownNumbers;
      numbers = numbers ?? { ...read, vhe: options.vheCap ?? read.vhe };
      return numbers;
    },
    isComplete: paths.length > 0 && paths.every((path) => COMPLETE.test(basename(path))),
  };
  return { image, paths, kernel: isKnown ? kernel : null, flow, build, foreignBuild, faults };
};

const hasHyp = (object: ObjectFile): boolean => object.sections.some(isHypSection);

/** Whether it has names of the kernel's nVHE link that the link does not define: all such kernels have. */
const asksForAliases = (object: ObjectFile): boolean =>
  !isModulePart(object) &&
  hasHyp(object) &&
  object.symbols.withPrefix(NVHE_PREFIX).some((symbol) => object.symbols.isUndefined(symbol));
