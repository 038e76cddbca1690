# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Inserts a fragment of text into a file of a kernel tree, or removes all of
# hypcheck's fragments from it; writes the new file to stdout. Used by
# install-kernel.
#
#     KIND=...  ANCHOR=... BODY=...  awk -f edit.awk FRAGMENT FILE     insert
#     KIND=remove                    awk -f edit.awk FILE              remove
#
# Fragments to remove are recognised by their form, not by their exact text, so
# those of another version of hypcheck are removed as well:
#
# - in a Makefile, the "ifdef CONFIG_DEBUG_HYP_SECTION_MISMATCH" blocks, and the
#   lines that export KBUILD_HYPCHECK_GOALS and remove .hypcheck-stress;
# - in a Kconfig file, the entries of our options and the blank lines before;
# - in MAINTAINERS, the entry that begins with HYPCHECK, and the blank line after;
# - in a table of contents, the line that contains only "hypcheck".
#
# Exit status 1: the anchor is missing, or occurs too often.

BEGIN {
	kind = ENVIRON["KIND"]
	anchor = ENVIRON["ANCHOR"]
	body = ENVIRON["BODY"]
	fragments = kind == "remove" ? 0 : 1
}

FNR == 1 { file++ }
file <= fragments { fragment = fragment $0 "\n"; next }
{ line[++n] = $0 }

END {
	if (kind == "remove") {
		remove()
		exit 0
	}
	if (kind == "entry")
		entry()
	else if (kind == "line")
		after_line()
	else if (kind == "rule")
		rules()
	else if (kind == "heading")
		heading()
	# Up to 5.x there are two rules for modules, one of them for M=
	if (found == 0 || found > (anchor == "modules:" ? 2 : 1))
		exit 1
	for (i = 0; i <= n; i++) {
		if (i > 0)
			print line[i]
		if (i in put)
			printf "%s", fragment
	}
}

function put_after(i) { put[i]; found++ }

# After a Kconfig entry: after the last of its indented lines
function entry(    i, last) {
	for (i = 1; i <= n; i++) {
		if (line[i] != "config " anchor)
			continue
		last = i
		while (++i <= n && line[i] ~ /^([ \t]|$)/)
			if (line[i] ~ /[^ \t]/)
				last = i
		put_after(last)
		i--
	}
}

function after_line(    i) {
	for (i = 1; i <= n; i++)
		if (line[i] == anchor)
			put_after(i)
}

# After the recipe of every rule that begins with the anchor and contains the body
function rules(    i, j, last) {
	for (i = 1; i <= n; i++) {
		if (index(line[i], anchor) != 1)
			continue
		last = recipe_end(i)
		for (j = i; j <= last; j++)
			if (index(line[j], body)) {
				put_after(last)
				break
			}
	}
}

# The last line of the recipe of the rule at i, including conditionals in it
function recipe_end(i,    last, depth) {
	while (line[i] ~ /\\$/)
		i++
	last = i
	while (++i <= n) {
		if (line[i] ~ /^\t/)
			while (line[i] ~ /\\$/)
				i++
		else if (line[i] ~ /^(ifeq|ifneq|ifdef|ifndef)[ \t(]/ && line[i + 1] ~ /^\t/)
			depth++
		else if (line[i] ~ /^else/ && depth > 0)
			continue
		else if (line[i] ~ /^endif/ && depth > 0)
			depth--
		else
			break
		if (depth == 0)
			last = i
	}
	return last
}

# Before the first entry of MAINTAINERS whose name matches the anchor
function heading(    i) {
	for (i = 2; i < n; i++)
		if (line[i] ~ anchor && line[i - 1] == "" && line[i + 1] ~ /^[A-Z]:[ \t]/) {
			put_after(i - 1)
			return
		}
}

function remove(    i, blanks, tail) {
	for (i = 1; i <= n; i++) {
		if (line[i] == "ifdef CONFIG_DEBUG_HYP_SECTION_MISMATCH") {
			while (i <= n && line[i] !~ /^endif/)
				i++
		} else if (line[i] ~ /^export KBUILD_HYPCHECK_GOALS|^\t.*rm -rf \.hypcheck-/) {
			continue
		} else if (line[i] ~ /^HYPCHECK/ && line[i + 1] ~ /^[A-Z]:[ \t]/) {
			while (i <= n && line[i] != "")
				i++
		} else if (line[i] ~ /^[ \t]+hypcheck$/) {
			continue
		} else if (line[i] ~ /^config (DEBUG_HYP_SECTION_MISMATCH|HYP_SECTION_MISMATCH_WARN_ONLY|DEBUG_HYP_INLINE_STRESS)$/) {
			tail = ""
			while (i < n && line[i + 1] ~ /^([ \t]|$)/) {
				i++
				tail = line[i] == "" ? tail "\n" : ""
			}
			blanks = substr(blanks, 2) tail
		} else if (line[i] == "") {
			blanks = blanks "\n"
		} else {
			printf "%s%s\n", blanks, line[i]
			blanks = ""
		}
	}
	printf "%s", blanks
}
