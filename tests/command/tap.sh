# What the shell checks of the command share.  They work in a directory of their own, removed at the end.
# shellcheck shell=sh disable=SC2034 # 'schema' and 'data' are for those who read this in

flatload=${FLATLOAD:-./flatload}
case $flatload in
/*) ;;
*) flatload=$PWD/$flatload ;;
esac
data=$(CDPATH='' cd -- "${srcdir:-.}/tests/data" && pwd)
here=$(mktemp -d "${TMPDIR:-/tmp}/flatload-check-XXXXXX") || exit 99
trap 'cd / && rm -rf "$here"' EXIT
trap 'exit 99' HUP INT TERM
cd "$here" || exit 99
mkdir work && cd work || exit 99
LC_ALL=C
export LC_ALL
number=0

if "$flatload" convert -s a:i8 - --to npz -o - </dev/null 2>&1 | grep -q 'without libarchive'; then
	echo '1..0 # SKIP built without libarchive: there is no npz'
	exit 0
fi

# report SENTENCE FINDINGS: fine if there are none.
report() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

plan() {
	echo "1..$number"
}

# fails SENTENCE STATUS MESSAGE ARGUMENT...: the command with these arguments exits with STATUS, prints MESSAGE (a pattern of
# grep) on standard error and nothing else on standard output, and leaves no file behind.  Standard input is ../input.
fails() {
	sentence=$1 status=$2 message=$3
	shift 3
	ls -A >../before
	"$flatload" "$@" <../input >../out 2>../err
	found=$?
	ls -A >../after
	report "$sentence" "$(
		[ "$found" = "$status" ] || echo "exit status $found, not $status"
		grep -q -e "$message" ../err || { echo "no message like: $message" && cat ../err; }
		[ -s ../out ] && echo 'standard output is not empty'
		diff ../before ../after
	)"
}

# works SENTENCE ARGUMENT...: in silence.
works() {
	sentence=$1
	shift
	"$flatload" "$@" <../input >../out 2>../err
	found=$?
	report "$sentence" "$(
		[ "$found" = 0 ] || echo "exit status $found"
		cat ../err
	)"
}

# is SENTENCE COMMAND...: it succeeds.
is() {
	sentence=$1
	shift
	report "$sentence" "$("$@" >../said 2>&1 || { echo "failed: $*" && cat ../said; })"
}
