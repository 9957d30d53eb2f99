#!/bin/sh
# The manuals and the completion say what the command does: they have its options, the examples run, and the program of
# libflatload(3) is that of README.md, which another check compiles.
# shellcheck disable=SC1091,SC2154 # automake exports srcdir
source=$(CDPATH='' cd -- "${srcdir:-.}" && pwd)
. "$source/tests/command/tap.sh"

page=$source/doc/flatload.1
completion=$source/completions/flatload

# Manual pages as a reader sees them, line by line; but for fonts, which are left out.
plain() {
	sed 's/\\f[BIPR]//g; s/\\-/-/g; s/\\(aq/'\''/g; s/\\&//g; s/\\e/\\/g' "$@"
}

# The long options that --help has lines for.
options_of() {
	"$flatload" "$1" --help | sed -n 's/^ \{2,6\}\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
}

words_of_options() {
	grep -oe '--[a-z][a-z-]*' | sort -u
}

# missing FILE: lines of standard input that are no lines of the file.
missing() {
	sort | comm -23 - "$1"
}

version=$("$flatload" --version | sed 1q)
report 'the manual is that of this version' "$(
	for name in flatload.1 libflatload.3; do
		sed -n 's/^\.TH .*"flatload \([^"]*\)".*/\1/p' "$source/doc/$name" >../found
		case $version in
		*" $(cat ../found)"*) ;;
		*) echo "$name is that of $(cat ../found), not of $version" ;;
		esac
	done
)"

for subcommand in convert survey check show; do
	options_of $subcommand >../options
	report "the options of $subcommand are in the manual, each with an explanation" "$(
		[ -s ../options ] || echo 'no options were found in --help'
		plain "$page" | sed -n '/^\.SH OPTIONS/,/^\.SH SCHEMA/p' | grep -A1 '^\.TP' | words_of_options >../explained
		missing ../explained <../options
	)"
	[ $subcommand = convert ] || report "the manual says no more of $subcommand than --help, and no less" "$(
		plain "$page" | sed -n "/^\\.SS flatload $subcommand\$/,\$p" | sed -n '1p; 2,${ /^\.S[SH]/q; p; }' |
			sed -n '/^It takes$/,$p' | words_of_options | diff ../options -
	)"
done
report 'convert takes all options of the manual, but those it says' "$(
	printf '%s\n' --help --json --max-errors >../others
	options_of convert | sort - ../others | diff - ../explained
)"

if command -v bash >/dev/null; then
	# shellcheck disable=SC2016 # for the inner shell
	complete='. "$1" && shift && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _flatload && printf "%s\n" "${COMPREPLY[@]}"'
	for subcommand in convert survey check show; do
		report "the options of $subcommand are completed, and no others" "$(
			(options_of $subcommand && echo --help) | sort >../options
			bash -c "$complete" bash "$completion" flatload $subcommand -- | sort | diff ../options -
		)"
	done
	: >some.csv
	report 'subcommands, words and paths are completed' "$(
		{
			bash -c "$complete" bash "$completion" flatload su
			bash -c "$complete" bash "$completion" flatload convert --to np
			bash -c "$complete" bash "$completion" flatload convert --to = r
			bash -c "$complete" bash "$completion" flatload show som
			bash -c "$complete" bash "$completion" flatload convert -s @som
			bash -c "$complete" bash "$completion" flatload convert -o som
		} >../completed 2>&1
		printf '%s\n' survey npy npz raw some.csv @some.csv some.csv | diff - ../completed
	)"
	rm some.csv
else
	skip 'the options are completed' 'no bash'
fi

# What the examples read lies beside what they write.
cp "$data"/*.csv "$data"/*.txt .
mkdir ../bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$flatload" >../bin/flatload
chmod +x ../bin/flatload
PATH=$here/bin:$PATH
plain "$page" | sed -n '/^\.SH EXAMPLES/,/^\.SH LIMITATIONS/{ /^    /s/^    //p; }' >../examples
report 'there are examples' "$([ "$(grep -c flatload ../examples)" -ge 10 ] || cat ../examples)"
while IFS= read -r example; do
	report "it works: $(printf '%s\n' "$example" | tr '#\134' '  ')" "$(
		sh -c "$example" </dev/null >../said 2>&1 || { echo "exit status $?" && cat ../said; }
	)"
done <../examples

report 'the manual says which statuses there are' "$(
	for status in 0 1 2 3 4 5; do
		plain "$page" | sed -n '/^\.SH EXIT STATUS/,/^\.SH ENV/p' | grep -qx "\\.B $status" || echo "not $status"
	done
)"

report 'the program of libflatload(3) is that of README.md' "$(
	# shellcheck disable=SC2016 # a fence of Markdown
	sed -n '/^```c$/,/^```$/{ /^```/!p; }' "$source/README.md" >../program
	plain "$source/doc/libflatload.3" | sed -n '/^\.SH EXAMPLE/,$p' | sed -n '/^\.EX/,/^\.EE/{ /^\.E[XE]/!p; }' |
		diff ../program -
)"

# Of a name with underscores a unit test, with hyphens a case, with a slash a file, is what it means.
report 'the tests that doc/maintaining.md names for the promises are there' "$(
	sed -n '/^| promise | test/,/^$/p' "$source/doc/maintaining.md" >../promises
	[ "$(grep -c '^| [1-9] ' ../promises)" = 9 ] || echo 'there are not nine promises'
	# shellcheck disable=SC2016 # a mark of Markdown
	for name in $(grep -o '`[^`]*`' ../promises | tr -d '`') $(grep -o 'tests/[a-z_/]*\.[a-z]*' ../promises); do
		case $name in
		*/*) [ -e "$source/$name" ] ;;
		*_*) grep -qw "cmocka_unit_test($name" "$source"/tests/unit/*.c ;;
		*) [ -d "$source/tests/cases/$name" ] ;;
		esac || echo "not there: $name"
	done
)"

if command -v groff >/dev/null; then
	report 'the manuals are formatted without a warning' "$(
		for name in flatload.1 libflatload.3; do
			groff -man -Tutf8 -ww -z "$source/doc/$name" 2>&1
		done
	)"
else
	skip 'the manuals are formatted without a warning' 'no groff'
fi
plan
