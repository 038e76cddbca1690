// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a finding claims: a warning, and the facts in its sentence. Plain values,
// which lib/findings takes from a verdict. Names are as the programmer wrote them,
// without __kvm_nvhe_ and compiler suffixes; raw names go into HypFacts.

import type { Access, WarningName } from '../diagnostics/diagnostic.js';
import type { InstrumentationRow } from '../policy/instrumentation.js';

/** One end of a reference in a sentence. */
export interface End {
  /** null if no symbol covers the place (a compiler's local label). */
  readonly name: string | null;
  /** null if no input defines the symbol. */
  readonly section: string | null;
}

/**
 * How hyp code is linked: `shared` with the host (up to v5.8), in a link of its `own`, or that and the target belongs to
 * the host through an `alias` of image-vars.h; or as part of a `module`. The advice differs.
 */
export type HypLink = 'shared' | 'own' | 'alias' | 'module';

export interface Ends {
  readonly from: End;
  readonly to: End;
  /** Absent if it makes no difference. */
  readonly link?: HypLink;
}

/** Where variables of hyp code may be that EL2 writes to: .data too, .bss at most, or only what each CPU has by itself. */
export type Writable = 'data' | 'bss' | 'per-cpu';

export interface FactsByWarning {
  readonly 'hyp-call': Ends & { readonly access: 'call' | 'jump' };
  readonly 'hyp-data': Ends & {
    readonly access: 'load' | 'store' | 'address';
    /** A module's variable, taken for one that has a copy for each CPU. */
    readonly isPerCpu?: boolean;
  };
  readonly 'hyp-write': Ends;
  readonly 'hyp-absolute': Ends & {
    /** What hyp code does with a kernel address; `held`: in a slot that becomes a hyp address at boot. */
    readonly use: 'branch' | 'load' | 'store' | 'held';
  };
  readonly 'hyp-instrumentation': {
    readonly instrumentation: Pick<InstrumentationRow, 'what' | 'option' | 'remedy'>;
  } & (
    | (Ends & { readonly access: Access })
    /** Without a reference: a push to the shadow call stack, an entry in a table of traceable functions. */
    | { readonly access: 'push' | 'entry'; readonly from: End; readonly table: string | null }
  );
  readonly 'hyp-veneer': Ends & {
    readonly access: 'call' | 'jump';
    readonly veneer: End & { readonly kind: 'far' | 'erratum'; readonly isAbsolute: boolean };
  };
  readonly 'hyp-section': {
    readonly section: string;
  } & (
    | { readonly kind: 'variable' | 'function'; readonly name: string; readonly writable: Writable }
    | { readonly kind: 'section' }
  );
  readonly 'hyp-from-host': Ends & { readonly access: 'call' | 'jump' };
  readonly 'hyp-unchecked':
    | { readonly kind: 'sentence'; readonly sentence: string }
    /** The one line per run about what other objects may define; names sorted. */
    | { readonly kind: 'undefined'; readonly names: readonly string[]; readonly link?: HypLink };
  readonly 'hyp-inline-hint': {
    readonly name: string;
    /** Declared inline; otherwise inlined by the compiler's own choice. */
    readonly isHint: boolean;
  };
  readonly 'hyp-vhe-only': Ends & {
    readonly access: Access;
    /** `nobody`: no entry leads there, with or without VHE. */
    readonly executedBy: 'vhe' | 'nobody';
  };
}

export type Claim<W extends WarningName = WarningName> = {
  readonly [Name in W]: { readonly warning: Name; readonly facts: FactsByWarning[Name] };
}[W];
