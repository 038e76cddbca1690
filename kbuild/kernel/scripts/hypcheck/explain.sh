#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Prints one sentence that says why a check by hypcheck did not succeed, and fails
# the build only if CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY is n.
#
#     explain.sh STATUS WARN_ONLY WHAT COMMAND...
#
# STATUS is the exit status of COMMAND: 1 means that there were errors, 3 that
# something could not be checked. A node that is too old for the program also exits
# with 1, so COMMAND is run again with --version to tell the two apart.

status=$1 warn_only=$2 what=$3
shift 3

if [ "$warn_only" = y ]; then
	kind=warning
else
	kind=error
fi
option=CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY
off='or build with HYPCHECK=false'

if ! command -v "$1" > /dev/null; then
	# Only once per build: without a stamp, this was already printed for vmlinux.o
	case $warn_only$what in
	ymodules.order | ystress*)
		if [ -e vmlinux.o ] && [ ! -e .hypcheck-vmlinux.tmp ]; then
			exit 0
		fi
		;;
	esac
	case $1 in
	node)	hint='install Node.js 18 or later' ;;
	*)	hint='install it, set HYPCHECK= to another program' ;;
	esac
	why="was not checked: $1 was not found; $hint, $off"
elif [ "$status" -eq 127 ] || ! "$@" --version > /dev/null 2>&1; then
	why="was not checked: '$*' does not run; "
	why="${why}use Node.js 18 or later, $off"
elif [ "$status" -eq 1 ] && [ "$warn_only" != y ]; then
	why="has references to what EL2 does not map; set $option=y to allow them"
elif [ "$status" -eq 3 ] && [ "$warn_only" = y ]; then
	why='could not be checked completely'
elif [ "$status" -eq 3 ]; then
	why="could not be checked completely; set $option=y to continue anyway"
else
	why="was not checked: '$*' ended with status $status"
fi

echo "hypcheck: $kind: $what $why" >&2
[ "$warn_only" = y ]
