// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Suggests the word that was meant, for typing errors.

/** How many characters must be changed, added, removed or swapped [optimal string alignment]. */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
};

/** A longer word is not a typing error, and comparing it would take long. */
const LONGEST = 60;

/** `; did you mean '--whole'?`, or '' if no word is near. */
export const didYouMean = (word: string, words: readonly string[]): string => {
  if (word.length > LONGEST) return '';
  const found = words
    .map((one) => ({ one, changes: distance(word, one) }))
    .sort((a, b) => a.changes - b.changes)[0];
  const most = Math.max(1, Math.floor(word.length / 4));
  return found && found.changes <= most ? `; did you mean '${found.one}'?` : '';
};
