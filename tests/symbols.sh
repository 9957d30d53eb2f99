#!/bin/sh
# The shared library exports what lib/libflatload.symbols lists, nothing more and nothing less, and the
# command needs no more than that.
# --list prints what it exports instead ("make update-symbols" keeps that).

library=.libs/libflatload.so

exported() {
	"${NM:-nm}" -D --defined-only "$library" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

if [ "${1-}" = --list ]; then
	exported
	exit
fi

# report NUMBER SENTENCE FINDINGS: fine if there are none.
report() {
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3" | sed 's/^/# /'
	fi
}

echo 1..2

# Lines of the difference that start with '<' are missing in the library, with '>' new in it.
same='the exported symbols are the listed ones (if a change is wanted: make update-symbols)'
if [ -e "$library" ]; then
	# shellcheck disable=SC2154 # automake exports srcdir
	report 1 "$same" "$(exported | diff "$srcdir/lib/libflatload.symbols" - 2>&1)"
else
	echo 'ok 1 # SKIP no shared library was built'
fi

report 2 'the command calls the public interface alone' \
	"$("${NM:-nm}" -A -u tools/*.o | grep ' fl_')"
