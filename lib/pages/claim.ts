// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a finding claims: a warning, and the facts that its sentence is made of.
// Plain values, filled by lib/findings from a verdict. Names are as the programmer
// wrote them, without __kvm_nvhe_ and compilers' suffixes; the raw ones go into
// HypFacts.

import type { Access, WarningName } from '../diagnostics/diagnostic.js';
import type { InstrumentationRow } from '../policy/instrumentation.js';

/** One end of a reference in a sentence. */
export interface End {
  /** null where no symbol covers the place (a compiler's local label). */
  readonly name: string | null;
  /** null where no input defines the symbol. */
  readonly section: string | null;
}

/**
 * What links hyp code at hand: `shared` with the host (up to v5.8), a link of its `own`, or that and the target is the host's
 * by an `alias` of image-vars.h. What to do differs.
 */
export type HypLink = 'shared' | 'own' | 'alias';

export interface Ends {
  readonly from: End;
  readonly to: End;
  /** Absent where it makes no difference. */
  readonly link?: HypLink;
}

export interface FactsByWarning {
  readonly 'hyp-call': Ends & { readonly access: 'call' | 'jump' };
  readonly 'hyp-data': Ends & { readonly access: 'load' | 'store' | 'address' };
  readonly 'hyp-write': Ends;
  readonly 'hyp-absolute': Ends & {
    /** What hyp code does with a kernel address; `held`: a slot that is made a hyp address at boot. */
    readonly use: 'branch' | 'load' | 'store' | 'held';
  };
  readonly 'hyp-instrumentation': Ends & {
    readonly access: Access;
    readonly instrumentation: Pick<InstrumentationRow, 'what' | 'option' | 'remedy'>;
  };
  readonly 'hyp-section': { readonly section: string } & (
    | { readonly kind: 'variable' | 'function'; readonly name: string }
    | { readonly kind: 'section' }
  );
  readonly 'hyp-from-host': Ends & { readonly access: 'call' | 'jump' };
  readonly 'hyp-unchecked':
    | { readonly kind: 'sentence'; readonly sentence: string }
    /** The one line of a run about what other objects may define; sorted names. */
    | { readonly kind: 'undefined'; readonly names: readonly string[] };
  readonly 'hyp-inline-hint': {
    readonly name: string;
    /** Declared inline; else inlined by the compiler's choice alone. */
    readonly isHint: boolean;
  };
  readonly 'hyp-vhe-only': Ends & {
    readonly access: Access;
    /** Nobody: no entry point leads there, with or without VHE. */
    readonly executedBy: 'vhe' | 'nobody';
  };
}

export type Claim<W extends WarningName = WarningName> = {
  readonly [Name in W]: { readonly warning: Name; readonly facts: FactsByWarning[Name] };
}[W];
