// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a build directory and its source tree say of EL2's map: the linker script
// that the build made says what lies where, the source which parts are mapped.
// Neither has to be there; what was used, and why something was not, is told to
// whoever asks (-v).

import { join } from 'node:path';
import { formatErrorOf } from '../elf/format-error.js';
import type { Place } from '../link/place.js';
import type { LinkedObject } from '../linked/linked-object.js';
import { readLinkerScript } from '../linker-script/linker-script.js';
import { SectionLayout } from '../linker-script/section-layout.js';
import type { KernelFacts, SectionLayout as Layout, NvheLink } from '../policy/hyp-map.js';
import type { Mapped } from '../policy/mapped.js';
import { mappedByCalls } from '../policy/mapping-calls.js';
import { mappedProtected } from '../policy/protected-modes.js';
import type { BuildTree } from './build-tree.js';
import type { Files } from './files.js';
import { Refusal } from './guard.js';

const LINKER_SCRIPT = 'arch/arm64/kernel/vmlinux.lds';
/** Where init_hyp_mode() is: up to 5.7 in virt/. */
const NORMAL_MODE = ['arch/arm64/kvm/arm.c', 'virt/kvm/arm/arm.c'];
/** Where recreate_hyp_mappings() is. */
const PROTECTED_MODE = ['arch/arm64/kvm/hyp/nvhe/setup.c'];

export class KernelSources implements KernelFacts {
  readonly #files: Files;
  readonly #build: BuildTree | null;
  readonly #source: string | null;
  readonly #isProtected: boolean;
  /** A finished kernel, which says itself where everything is. */
  readonly #image: LinkedObject | null;
  #layout: { readonly found: Layout | null } | undefined;
  #mapped: { readonly found: readonly Mapped[] | null } | undefined;
  /** The script of the nVHE link, by the path of the object; null: none is known. */
  readonly #linkScripts = new Map<string, string | null>();
  /** By the path of the script. */
  readonly #links = new Map<string, NvheLink | null>();
  /** A line each on what was used. */
  readonly #said: string[] = [];

  /** `source`: as it was named; else the build's. */
  constructor(
    files: Files,
    build: BuildTree | null,
    source: string | null,
    isProtected: boolean,
    image: LinkedObject | null = null,
  ) {
    this.#image = image;
    this.#files = files;
    this.#build = build;
    this.#source = build?.source() ?? source;
    this.#isProtected = isProtected;
  }

  addressOf(place: Place): number | null {
    return this.#image && place.object === this.#image ? this.#image.distanceOf(place) : null;
  }

  layout(): Layout | null {
    this.#layout ??= { found: this.#readLayout() };
    return this.#layout.found;
  }

  mapped(): readonly Mapped[] | null {
    this.#mapped ??= { found: this.#readMapped() };
    return this.#mapped.found;
  }

  linkOf(path: string): NvheLink | null {
    let script = this.#linkScripts.get(path);
    if (script === undefined) {
      script = this.#build?.nvheScript(path) ?? null;
      this.#linkScripts.set(path, script);
    }
    if (script === null) return null;
    const known = this.#links.get(script);
    if (known !== undefined) return known;
    const found = this.#read(script, nvheLinkOf);
    const what = 'what the nVHE link gathers';
    if (typeof found === 'string') this.#said.push(`${what}: by the sections of the object (${found})`);
    else if (found) this.#said.push(`${what}: by ${script}`);
    const link = typeof found === 'string' ? null : found;
    this.#links.set(script, link);
    return link;
  }

  /** What was used, and where it came from; reads what was not needed yet. */
  origins(): readonly string[] {
    this.layout();
    this.mapped();
    return this.#said;
  }

  #readLayout(): Layout | null {
    const what = 'what lies where';
    if (this.#image) {
      this.#said.push(`${what}: by the addresses of ${this.#image.path}`);
      return this.#image.locations;
    }
    const path = this.#build && join(this.#build.directory, LINKER_SCRIPT);
    const found = path === null ? null : this.#read(path, layoutOf);
    if (typeof found === 'string' || found === null)
      this.#said.push(`${what}: by the table of sections${found === null ? '' : ` (${found})`}`);
    else this.#said.push(`${what}: by ${path}`);
    return typeof found === 'string' ? null : found;
  }

  #readMapped(): readonly Mapped[] | null {
    const what = this.#isProtected ? 'what protected KVM maps' : 'what KVM maps';
    const places = this.#source === null ? [] : this.#isProtected ? PROTECTED_MODE : NORMAL_MODE;
    let why = '';
    for (const place of places) {
      const path = join(this.#source ?? '', place);
      const found = this.#read(path, partsOf);
      if (typeof found === 'string') why = ` (${found})`;
      else if (found) {
        this.#said.push(`${what}: by ${path}`);
        return found;
      }
    }
    const release = this.#build?.release() ?? null;
    const known = this.#isProtected && release !== null ? mappedProtected(release) : null;
    const table = this.#isProtected ? `the table of releases, for ${release}` : 'the table of generations';
    if (known || !this.#isProtected) this.#said.push(`${what}: by ${table}${why}`);
    return known;
  }

  /** What a file tells; null where it is not there, a sentence where it does not tell. */
  #read<T>(path: string, tell: (path: string, text: string) => T | string): T | string | null {
    try {
      return tell(path, this.#files.read(path));
    } catch (error) {
      if (error instanceof Refusal) return error.isMissing ? null : `${path}: ${error.message}`;
      const fault = formatErrorOf(error, path);
      if (fault) return `${path}: ${fault.sentence}`;
      throw error;
    }
  }
}

/** The kernel's script has some 25 kB after the preprocessor. */
const LONGEST_SCRIPT = 4 << 20;

const scriptOf = (path: string, text: string): SectionLayout | string =>
  text.length > LONGEST_SCRIPT
    ? `${path} is longer than a linker script`
    : new SectionLayout(readLinkerScript(path, text));

const layoutOf = (path: string, text: string): SectionLayout | string => {
  const layout = scriptOf(path, text);
  if (typeof layout === 'string') return layout;
  const start = layout.symbol('__hyp_text_start');
  const end = layout.symbol('__hyp_text_end');
  const isThere =
    start !== null && end !== null && layout.placesOf('.hyp.text').some((at) => at > start && at < end);
  return isThere ? layout : `${path} does not put .hyp.text between __hyp_text_start and __hyp_text_end`;
};

const nvheLinkOf = (path: string, text: string): NvheLink | string => {
  const script = scriptOf(path, text);
  if (typeof script === 'string') return script;
  const gathers = (section: string): boolean => script.placesOf(section).length > 0;
  return gathers('.text') ? { gathers } : `${path} does not gather .text`;
};

const partsOf = (path: string, text: string): readonly Mapped[] | string => {
  const parts = mappedByCalls(text);
  const hasCode = parts.some((part) => part.kind === 'range' && part.start === '__hyp_text_start');
  return hasCode ? parts : `${path} maps no __hyp_text_start`;
};
