// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Text as HTML. Whatever comes from a file passes through `text` or `attribute`
// once: what a browser would take for markup is escaped, what it would obey (control
// characters, bidirectional overrides) is spelt out.

import { printable } from '../printable.js';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For an element's text and for an attribute in double quotes. */
export const text = (words: string): string =>
  printable(words).replace(/[&<>"']/g, (one) => escapes[one] ?? one);

/** Several lines, for an element that keeps their ends. */
export const lines = (words: string): string => words.split('\n').map(text).join('\n');

/** A sentence whose quoted names are code. */
export const sentence = (message: string): string =>
  text(message).replace(/‘([^‘’]*)’/g, (_, name: string) => `<code>${name}</code>`);

/** A name cut in its middle, so that both ends tell it from others. */
export const shortened = (name: string, most: number): string => {
  const characters = [...name];
  if (characters.length <= most) return name;
  const tail = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
};

/** 1 finding, 2 findings */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What it says, for who cannot see it. */
  readonly title: string;
  readonly body: string;
  readonly className: string;
}

export const svg = ({ width, height, title, body, className }: Drawing): string =>
  `<svg class="${className}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${text(title)}">${body}</svg>`;
