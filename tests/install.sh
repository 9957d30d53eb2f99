#!/bin/sh
# What is installed can be used through pkg-config alone, and is gone after uninstalling.

unset DESTDIR MAKEFLAGS MFLAGS MAKELEVEL
: "${CC:=cc}" "${MAKE:=make}" "${SANITIZER_FLAGS=}"
work=$PWD/install-test.$$
root=$work/root
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work"
number=0

# check SENTENCE COMMAND...: one line of TAP; what the command said goes to the log.
check() {
	sentence=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $number - $sentence"
	else
		echo "not ok $number - $sentence"
		sed 's/^/# /' "$work/log"
	fi
}

install_all() {
	"$MAKE" install DESTDIR="$root"
}

uninstall_all() {
	"$MAKE" uninstall DESTDIR="$root" || return
	left=$(find "$root" ! -type d)
	echo "left: $left"
	[ -z "$left" ]
}

# The one file of that name below the root.
installed() {
	find "$root" -path "*/$1" ! -type d
}

flags() {
	PKG_CONFIG_PATH=$(dirname "$(installed libflatload.pc)") PKG_CONFIG_SYSROOT_DIR=$root \
		PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
		pkg-config "$@" libflatload
}

# run COMMAND...: with the library that was installed.
run() {
	LD_LIBRARY_PATH=$(dirname "$(installed libflatload.la)") "$@"
}

builds_and_runs() {
	cat >"$work/program.c" <<-'END'
		#include <flatload.h>

		int main(void)
		{
			return 0;
		}
	END
	flags --modversion || return
	# shellcheck disable=SC2086,SC2046 # lists of flags
	$CC $SANITIZER_FLAGS -std=c11 -pedantic -Wall -Wextra -Werror $(flags --cflags) \
		-o "$work/program" "$work/program.c" $(flags --libs) &&
	run "$work/program"
}

cxx_takes_the_header() {
	printf '#include <flatload.h>\nint main() { return 0; }\n' >"$work/program.cc" &&
	c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only \
			-I"$(dirname "$(installed flatload.h)")" "$work/program.cc"
}

command_runs() {
	run "$(installed bin/flatload)" --version
}

echo 1..5
check 'make install' install_all
check 'the installed command runs' command_runs
if command -v pkg-config >/dev/null; then
	check 'a strict C11 program builds with the flags of pkg-config and runs' builds_and_runs
else
	number=$((number + 1))
	echo "ok $number # SKIP no pkg-config"
fi
if command -v c++ >/dev/null; then
	check 'the header can be included from C++' cxx_takes_the_header
else
	number=$((number + 1))
	echo "ok $number # SKIP no C++ compiler"
fi
check 'make uninstall leaves no file' uninstall_all
