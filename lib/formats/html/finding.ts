// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One finding: where, what, the source around it, the way to it, and what else is
// known of it.

import { type Diagnostic, isSourcePlace, type Note } from '../../diagnostics/diagnostic.js';
import type { FormatContext } from '../formatter.js';
import { excerpt, fixes } from './excerpt.js';
import { sentence, text } from './markup.js';
import { wayPicture } from './way-picture.js';

/** How much is shown of each; less of each where there are very many. */
export interface Detail {
  /** Lines before and after. */
  readonly around: number;
  readonly hasPicture: boolean;
  /** Places stand in one line, which a browser lays out faster. */
  readonly isShort: boolean;
}

const placeText = (place: Note['place']): string => {
  if (place === null) return '';
  if (!isSourcePlace(place)) return `${place.object}(${place.section}+0x${place.offset.toString(16)})`;
  const line = place.line > 0 ? `:${place.line}` : '';
  return `${place.file}${line}${line !== '' && place.column > 0 ? `:${place.column}` : ''}`;
};

const note = ({ message, place }: Note): string => {
  const at = placeText(place);
  return `<li>${sentence(message)}${at === '' ? '' : ` <span class="place">${text(at)}</span>`}</li>`;
};

const placesOf = (notes: readonly Note[], isShort: boolean): string => {
  if (notes.length === 0) return '';
  if (!isShort) return `<details><summary>Places</summary>${list('places', notes)}</details>`;
  const words = notes.map(
    ({ message, place }) => `${message.replace(/[\u2018\u2019]/g, '')}: ${placeText(place)}`,
  );
  return `<p class="soft">${text(words.join('; '))}</p>`;
};

const list = (className: string, notes: readonly Note[]): string =>
  notes.length === 0 ? '' : `<ul class="${className}">${notes.map(note).join('')}</ul>`;

const chain = ({ inlinedFrom }: Diagnostic): readonly Note[] =>
  inlinedFrom.map(({ function: name, file, line, column }) => ({
    message: `inlined from ‘${name}’`,
    place: file === '' ? null : { file, line, column },
  }));

export const findingId = (diagnostic: Diagnostic, context: FormatContext): string =>
  `f-${context.fingerprintOf(diagnostic).slice(0, 12)}`;

export const finding = (
  diagnostic: Diagnostic,
  { around, hasPicture, isShort }: Detail,
  context: FormatContext,
): string => {
  const { warning, severity, message, place, object, notes, fixits } = diagnostic;
  const name = warning ?? '';
  const where = place === null ? object : placeText(place).slice(place.file.length + 1);
  const picture = hasPicture ? wayPicture(diagnostic) : '';
  const advice = notes.filter((one) => one.place === null);
  const places = [...chain(diagnostic), ...notes.filter((one) => one.place !== null)];
  return `<article class="finding ${severity}" id="${findingId(diagnostic, context)}" data-warning="${name}" data-file="${text(place?.file ?? object)}">
<h4><span class="place">${text(where)}</span> ${sentence(message)} <a class="tag" href="#${name}">${name}</a></h4>
<div class="facts"><div>${place === null ? '' : excerpt(place, around, context)}${list('advice', advice)}${fixes(fixits, context)}${placesOf(places, isShort)}</div>${picture === '' ? '' : `<figure>${picture}</figure>`}</div>
</article>
`;
};
