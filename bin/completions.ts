// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Completions for bash, zsh and fish, out of the table of options.

import { formatNames, reportNames } from '../lib/formats/names.js';
import { warningNames } from '../lib/policy/warnings.js';
import { type OptionRow, optionTable } from './option-table.js';

/** `--build DIR` as it is typed: `--build`, and what stands between it and its value. */
interface Spelling {
  readonly word: string;
  /** null: it takes no value. */
  readonly separator: ' ' | '=' | '' | null;
  readonly row: OptionRow;
}

const spelling = (name: string, row: OptionRow): Spelling => {
  const [, word = name, separator = '', value = ''] =
    /^(-{1,2}[a-z-]*?|-W(?:no-|error=|no-error=)?)([ =]?)([A-Z]+(?:=[A-Z]+)?)$/.exec(name) ?? [];
  if (value === '') return { word: name, separator: null, row };
  return { word, separator: separator === ' ' || separator === '=' ? separator : '', row };
};

const spellings: readonly Spelling[] = optionTable.flatMap((row) =>
  row.names.filter((name) => name.startsWith('-')).map((name) => spelling(name, row)),
);

const valuesOf = ({ value }: OptionRow): readonly string[] => {
  if (value === 'warning') return warningNames;
  if (value === 'form') return formatNames;
  if (value === 'report') return reportNames.map((name) => `${name}=`);
  return typeof value === 'object' ? value : [];
};

/** Everything that may be typed as one word. */
const words: readonly string[] = [
  ...new Set([
    ...spellings.flatMap(({ word, separator, row }) => {
      if (separator === null || separator === ' ') return [word];
      const own = valuesOf(row);
      const whole = own.map((value) => `${word}${separator}${value}`);
      return own.length > 0 ? whole : [`${word}${separator}`];
    }),
  ]),
];

const licence = '# SPDX-License-Identifier: GPL-2.0-only OR MIT\n';

/** Options whose value is the next word. */
const spaced = spellings.filter(({ separator }) => separator === ' ');

export const bash = `${licence}# bash completion for hypcheck; made by bin/completions.ts
_hypcheck() {
    local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
    local line=\${COMP_LINE:0:COMP_POINT} word
    word=\${line##* }
    case $word in
    -*=*)
        # readline takes = for the end of a word
        COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))
        COMPREPLY=("\${COMPREPLY[@]#"\${word%%=*}="}")
        return ;;
    esac
    case $prev in
${spaced
  .map(({ word, row }) => {
    const own = valuesOf(row);
    const reply =
      row.value === 'folder'
        ? '$(compgen -d -- "$cur")'
        : own.length > 0
          ? `$(compgen -W '${own.join(' ')}' -- "$cur")`
          : '$(compgen -f -- "$cur")';
    return `    ${word}) COMPREPLY=(${reply}); return ;;`;
  })
  .join('\n')}
    esac
    case $cur in
    -*) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
    esac
}
complete -o filenames -o bashdefault -F _hypcheck hypcheck
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** In zsh's specifications [ ] : mean something. */
const inZsh = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');

const zshValue = (row: OptionRow): string => {
  const own = valuesOf(row);
  if (row.value === 'folder') return ':folder:_files -/';
  if (row.value === 'file') return ':file:_files';
  return own.length > 0 ? `:value:(${own.join(' ')})` : ':value:';
};

export const zsh = `#compdef hypcheck
${licence}# zsh completion for hypcheck; made by bin/completions.ts
_arguments -S \\
${spellings
  .map(({ word, separator, row }) => {
    const text = inZsh(row.text.split('. ')[0] ?? '');
    const mark = separator === null ? '' : separator === ' ' ? '' : '-';
    const repeated = separator === null ? '' : '*';
    return `  ${quoted(`${repeated}${inZsh(word)}${separator === '=' ? '=' : ''}${mark}[${text}]${separator === null ? '' : zshValue(row)}`)} \\`;
  })
  .join('\n')}
  '*:object:_files'
`;

export const fish = `${licence}# fish completion for hypcheck; made by bin/completions.ts
${spellings
  .map(({ word, separator, row }) => {
    const text = quoted(row.text.split('. ')[0] ?? '');
    const own = valuesOf(row);
    if (word.startsWith('--') && separator !== null) {
      const [, name = ''] = /^--(.*)$/.exec(word) ?? [];
      const values =
        row.value === 'folder'
          ? " -a '(__fish_complete_directories)'"
          : own.length > 0
            ? ` -a ${quoted(own.join(' '))}`
            : '';
      return `complete -c hypcheck -l ${name} -r${own.length > 0 ? ' -f' : ''}${values} -d ${text}`;
    }
    if (word.startsWith('--')) return `complete -c hypcheck -l ${word.slice(2)} -d ${text}`;
    const forms =
      separator === null || separator === ' '
        ? [word]
        : own.length > 0
          ? own.map((value) => `${word}${separator}${value}`)
          : [`${word}${separator}`];
    return `complete -c hypcheck -a ${quoted(forms.join(' '))} -n "string match -q -- '-*' (commandline -ct)" -d ${text}`;
  })
  .join('\n')}
`;
