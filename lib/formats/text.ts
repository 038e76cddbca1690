// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The text form, in the manner of gcc 12. The model is what gcc prints for a call of a
// function declared with __attribute__((warning("..."))), which it also finds after
// inlining; test/formats compares with recorded output. Odd in gcc: messages and notes
// have display columns, `inlined from` lines byte columns; the head line is printed
// when the function (or the inlined copy of it) changes; a source line is not repeated
// for the next message at the same place; and the final note about -Werror has no
// colours.

import {
  type Diagnostic,
  type FixIt,
  type InlineFrame,
  isSourcePlace,
  type Note,
  quote,
  type SourcePlace,
  type WarningName,
} from '../diagnostics/diagnostic.js';
import { paint } from './colors.js';
import type { FormatContext, Formatter, Outcome } from './formatter.js';
import { locus, noteLocus, program, sourceLocus } from './locus.js';
import { parseableFixit } from './parseable-fixit.js';
import { printable } from './printable.js';
import { displayColumn, drawSourceLine } from './source-line.js';
import { linked } from './urls.js';

/** Names in a sentence, quoted and coloured as the context asks; everything made printable. */
const sentence = (
  message: string,
  { palette, typographicQuotes, links }: FormatContext,
  leadsTo: WarningName | null = null,
): string => {
  const [open, close] = typographicQuotes ? ['‘', '’'] : ["'", "'"];
  return printable(message).replace(
    /‘([^‘’]*)’/g,
    (_, name: string) => `${open}${paint(palette, 'quote', linked(links, leadsTo, name))}${close}`,
  );
};

/** Inside of a function, which the head line names. */
const isScoped = (diagnostic: Diagnostic | null): diagnostic is Diagnostic & { place: SourcePlace } =>
  diagnostic !== null && diagnostic.place !== null && diagnostic.function !== null;

const isSameFrame = (a: InlineFrame, b: InlineFrame | undefined): boolean =>
  a === b || (a.function === b?.function && a.file === b.file && a.line === b.line && a.column === b.column);

/** Whether the head line names the same for both, or for neither. Two inlined copies of a function are two scopes. */
const isSameScope = (a: Diagnostic | null, b: Diagnostic | null, { plain }: FormatContext): boolean => {
  if (!isScoped(a) || !isScoped(b)) return isScoped(a) === isScoped(b);
  const [chain, other] = plain ? [[], []] : [a.inlinedFrom, b.inlinedFrom];
  return (
    a.function === b.function &&
    chain.length === other.length &&
    (chain.length > 0 || a.place.file === b.place.file) &&
    chain.every((frame, index) => isSameFrame(frame, other[index]))
  );
};

/** `    inlined from ‘handle_trap’ at arch/arm64/kvm/hyp/trap.c:31:6` */
const inlinedFrom = (frame: InlineFrame, context: FormatContext): string => {
  const at =
    frame.file === ''
      ? ''
      : ` at ${paint(context.palette, 'locus', locus(frame.file, frame.line, frame.column))}`;
  return `    inlined from ${sentence(quote(frame.function), context)}${at}`;
};

/**
 * arch/arm64/kvm/hyp/trap.c: In function ‘handle_trap’:
 * In function ‘kvm_vcpu_dabt_isvalid’,
 *     inlined from ‘handle_trap’ at arch/arm64/kvm/hyp/trap.c:31:6:
 * include/kvm/table.h: At top level:
 */
const head = (diagnostic: Diagnostic, previous: Diagnostic | null, context: FormatContext): string => {
  if (
    diagnostic.place === null ||
    diagnostic.severity === 'note' ||
    isSameScope(previous, diagnostic, context)
  )
    return '';
  const file = paint(context.palette, 'locus', `${printable(diagnostic.place.file)}:`);
  if (diagnostic.function === null) return `${file} At top level:\n`;
  const name = `In function ${sentence(quote(diagnostic.function), context)}`;
  if (context.plain || diagnostic.inlinedFrom.length === 0) return `${file} ${name}:\n`;
  return `${[name, ...diagnostic.inlinedFrom.map((frame) => inlinedFrom(frame, context))].join(',\n')}:\n`;
};

type Kind = 'warning' | 'error' | 'note';

/** trap.c:31:14: warning: call to ‘x’ (section ‘.text’) from hyp code ‘y’ (section ‘.hyp.text’) [-Whyp-call] */
const messageLine = ({ locus, kind, message, warning, leadsTo }: Message, context: FormatContext): string => {
  const { palette, links } = context;
  const option = linked(links, warning, `-W${kind === 'error' ? 'error=' : ''}${warning}`);
  const tag = warning === null ? '' : ` [${paint(palette, kind, option)}]`;
  return `${paint(palette, 'locus', `${locus}:`)} ${paint(palette, kind, `${kind}: `)}${sentence(message, context, leadsTo)}${tag}\n`;
};

/**
 *   284 |         return !!(kvm_vcpu_get_hsr(vcpu) & ESR_ELx_ISV);
 *       |                   ^~~~~~~~~~~~~~~~
 * What a fix-it replaces is underlined, unless the marks are below it already:
 *   247 | static inline u32 kvm_vcpu_get_hsr(const struct kvm_vcpu *vcpu)
 *       |                   ^~~~~~~~~~~~~~~~
 *       |        ------
 *       |        __always_inline
 */
const caretBlock = (
  place: SourcePlace,
  kind: Kind,
  fixits: readonly FixIt[],
  context: FormatContext,
): string => {
  const source = context.showCaret ? context.sourceLine(place.file, place.line) : null;
  if (source === null) return '';
  const { before, marked, after, token, indent, width } = drawSourceLine(source, place.column, place.file);
  const number = String(place.line).padStart(5);
  const margin = ' '.repeat(number.length);
  const isMarked = ({ start, next }: FixIt): boolean =>
    start.column >= place.column && next.column <= place.column + Buffer.byteLength(token);
  const fixes = fixits
    .flatMap((fixit) => [
      ...(isMarked(fixit) ? [] : replacedLine(fixit, source, context)),
      fixLine(fixit, source, context),
    ])
    .map((line) => `${margin} | ${line}\n`)
    .join('');
  if (width === 0) return `${number} | ${before}\n${fixes}`;
  const shown = marked === '' ? '' : paint(context.palette, kind, marked);
  const marks = paint(context.palette, kind, `^${'~'.repeat(width - 1)}`);
  return `${number} | ${before}${shown}${after}\n${margin} | ${' '.repeat(indent)}${marks}\n${fixes}`;
};

/** The underline of what is replaced; none for an insertion. */
const replacedLine = (
  { start, next }: FixIt,
  source: string,
  { palette }: FormatContext,
): readonly string[] => {
  const [from, to] = [displayColumn(source, start.column), displayColumn(source, next.column)];
  return to > from ? [' '.repeat(from - 1) + paint(palette, 'fixit-delete', '-'.repeat(to - from))] : [];
};

/** The new text, below what it replaces. gcc omits white space at the start of an insertion. */
const fixLine = ({ start, text }: FixIt, source: string, { palette }: FormatContext): string => {
  const shown = text.trimStart();
  const column = displayColumn(source, start.column) - 1 + text.length - shown.length;
  return `${' '.repeat(column)}${paint(palette, 'fixit-insert', printable(shown))}`;
};

/** The sentence, its place and its source lines, unless those were shown just before. */
interface Message {
  readonly kind: Kind;
  readonly message: string;
  /** What stands in brackets behind the sentence. */
  readonly warning: WarningName | null;
  /** The warning whose page the name in the sentence leads to. */
  readonly leadsTo: WarningName | null;
  readonly locus: string;
  readonly source: SourcePlace | null;
}

const samePlace = (a: SourcePlace | null, b: SourcePlace | null): boolean =>
  a !== null && b !== null && a.file === b.file && a.line === b.line && a.column === b.column;

/** Log readers do not know `    inlined from`: in plain output it is a note. */
const plainChain = (diagnostic: Diagnostic): readonly Note[] =>
  diagnostic.inlinedFrom.map((frame) => ({
    message: `inlined from ${quote(frame.function)}`,
    place: frame.file === '' ? null : { file: frame.file, line: frame.line, column: frame.column },
  }));

/** Once in a run; programs that read plain output have no use for it. */
const explanation = (
  { warning }: Diagnostic,
  previous: Diagnostic | null,
  { explains }: FormatContext,
): readonly Note[] =>
  explains && previous === null && warning !== null
    ? [
        {
          message: `${quote(`--explain ${warning}`)} says what this means and when to suppress it`,
          place: null,
        },
      ]
    : [];

const stepsOf = (diagnostic: Diagnostic | null): string =>
  JSON.stringify(diagnostic?.notes.filter(({ isStep }) => isStep) ?? []);

/** The way to a function, and what to do, are told for the first of the findings in it; programs read each alone. */
const isTold = (note: Note, diagnostic: Diagnostic, previous: Diagnostic | null, plain: boolean): boolean => {
  if (!previous?.hyp || previous.hyp.from?.symbol !== diagnostic.hyp?.from?.symbol) return false;
  if (note.isStep) return stepsOf(diagnostic) === stepsOf(previous);
  const isNamed = typeof diagnostic.hyp?.from?.symbol === 'string';
  return (
    note.isAdvice === true &&
    isNamed &&
    !plain &&
    previous.notes.some(({ message }) => message === note.message)
  );
};

const messagesOf = (
  diagnostic: Diagnostic,
  previous: Diagnostic | null,
  context: FormatContext,
): readonly Message[] => {
  const { place, severity, warning } = diagnostic;
  const told = diagnostic.notes.filter((note) => !isTold(note, diagnostic, previous, context.plain));
  const explained = context.plain ? [] : explanation(diagnostic, previous, context);
  const notes = [...(context.plain ? plainChain(diagnostic) : []), ...told, ...explained];
  return [
    {
      kind: severity,
      message: diagnostic.message,
      warning,
      leadsTo: null,
      locus: place === null ? printable(diagnostic.object) : sourceLocus(place, context),
      source: place,
    },
    ...notes.map(
      (note): Message => ({
        kind: 'note',
        message: note.message,
        warning: null,
        leadsTo: explained.includes(note) ? warning : null,
        locus: noteLocus(note.place, context),
        // Of the way the places are enough, as in `inlined from`.
        source: note.place !== null && isSourcePlace(note.place) && !note.isStep ? note.place : null,
      }),
    ),
  ];
};

/** The place whose source was shown last, if the next diagnostic continues in the same scope. */
const lastShown = (diagnostic: Diagnostic, previous: Diagnostic | null, context: FormatContext) =>
  previous !== null && isSameScope(previous, diagnostic, context)
    ? (messagesOf(previous, null, context).findLast(({ source }) => source !== null)?.source ?? null)
    : null;

/** Plain output, decided once: it overrides whatever else was asked for. */
const settle = (context: FormatContext): FormatContext =>
  context.plain
    ? { ...context, palette: null, links: null, typographicQuotes: false, showCaret: false }
    : context;

const result = (diagnostic: Diagnostic, previous: Diagnostic | null, asked: FormatContext): string => {
  const context = settle(asked);
  let shown = lastShown(diagnostic, previous, context);
  let text = head(diagnostic, previous, context);
  let open = diagnostic.fixits;
  for (const message of messagesOf(diagnostic, previous, context)) {
    const { kind, source } = message;
    text += messageLine(message, context);
    if (source === null) continue;
    // As in gcc, a fix-it on another line than the function's name is not drawn.
    const own = open.filter(({ file, start }) => file === source.file && start.line === source.line);
    if (!samePlace(source, shown)) {
      text += caretBlock(source, kind, own, context);
      shown = source;
    }
    if (context.parseableFixits) text += own.map(parseableFixit).join('');
    open = open.filter((fixit) => !own.includes(fixit));
  }
  return context.parseableFixits ? text + open.map(parseableFixit).join('') : text;
};

/** hypcheck: some warnings being treated as errors; in plain output a note, as log readers know no other line of this kind */
const footer = ({ warningsAsErrors }: Outcome, { plain }: FormatContext): string =>
  warningsAsErrors === 'none'
    ? ''
    : `${program}: ${plain ? 'note: ' : ''}${warningsAsErrors} warnings being treated as errors\n`;

export const text: Formatter = {
  stream: 'stderr',
  names: 'given',
  most: null,
  header: () => '',
  result,
  footer,
};
