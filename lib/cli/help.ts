// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// --help: one screen of 80 columns and 24 lines.

import { formatNames, reportNames } from '../formats/names.js';

export const helpText = `usage: hypcheck [options] FILE...        objects, archives, vmlinux.o, vmlinux
       hypcheck [options] --build DIR    a kernel build directory
       hypcheck --explain WARNING | --list-warnings | -h, --help | -V, --version

Checks that arm64 KVM code which runs at EL2 refers only to what EL2 maps.

  --build DIR, --source DIR   the build to check, or that tells of FILEs; source
  --vhe=off|unknown           judge as without VHE (default), or everything
  --vhe-cap=N                 the VHE capability's number, where no build tells
  --whole                     the inputs hold all hyp code of the kernel
  --protected, --debug-file FILE  protected KVM's map; a stripped file's symbols
  -W[no-]NAME, -Wextra, -w    which warnings; see --list-warnings
  -Werror[=NAME], -E          warnings become errors
  -fdiagnostics-format=FORM   ${formatNames.slice(0, -1).join(', ')} or ${formatNames.at(-1)}
  -fdiagnostics-color=WHEN, -fdiagnostics-urls=WHEN, -fdiagnostics-plain-output,
  -fno-diagnostics-show-caret, -fdiagnostics-parseable-fixits,
  -fdiagnostics-generate-patch  as in gcc, with GCC_COLORS, GCC_URLS, NO_COLOR
  --references[=summary]      list what hyp depends on instead, on stdout
  --suppressions FILE, --baseline FILE  reviewed exceptions; known findings
  --write-baseline FILE       what is found now is known from now on
  -o FILE, --report FORM=FILE  the output; beside it ${reportNames.slice(0, -1).join(', ')} or ${reportNames.at(-1)}
  -fmax-errors=N, --stats, -v, -q, @FILE   N messages; figures; more; less; file

Exit status: 0 checked, 1 errors, 2 wrong usage, 3 something was not checked.
`;
