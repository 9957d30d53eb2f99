#!/bin/sh
# Whichever allocation fails, the command ends with a status of its own, and what it prints with status 0 is whole.
# shellcheck disable=SC1091,SC2154 # automake exports srcdir
built=$PWD/tests/support/.libs/failing_malloc.so
. "${srcdir:-.}/tests/command/tap.sh"

# Sanitizers allocate in a way of their own, and other C libraries have other names.
if [ -n "${SANITIZER_FLAGS-}" ] || [ "$(env LD_PRELOAD="$built" FAIL_AT=0 echo x 2>&1)" != x ] || [ ! -e "$built" ]; then
	echo '1..0 # SKIP allocations cannot be made to fail here'
	exit 0
fi

printf 'a,b,c\n1,n/a,x\n2,3,y\n3,4,z\n5,6,7\n7,8,9\n' >one.csv
printf 'a,b,c\n7,8,"x\ny"\n' >two.csv

# survives ARGUMENT...
survives() {
	"$flatload" "$@" >../whole 2>/dev/null
	least=$?
	report "$*" "$(
		at=0 met=0 refused=0
		# Until it has come to an end often enough without meeting the failure.
		while [ $((met += 1)) -le 30 ] && [ $((at += 1)) -le 3000 ]; do
			timeout 20 env LD_PRELOAD="$built" FAIL_AT=$at "$flatload" "$@" >../out 2>../err
			status=$?
			[ $status = $least ] || { met=0 && refused=$((refused + 1)); }
			[ $status -le 5 ] || echo "allocation $at: exit status $status"
			[ $status != 0 ] || cmp -s ../out ../whole || echo "allocation $at: the output is not whole"
			[ $status = $least ] || [ -s ../err ] || echo "allocation $at: exit status $status without a word"
		done
		[ $refused -gt 3 ] || echo "allocations were made to fail, and nothing came of it"
	)"
}

survives show one.csv
survives show --json one.csv
survives survey one.csv two.csv
survives survey --json one.csv two.csv
survives check one.csv
survives check -s a:i8,b:i8,c:str1 one.csv
survives convert -s a:i8,b:text,c:str9 one.csv two.csv --to csv -o -
survives convert one.csv two.csv --to csv -o -
survives convert -c a one.csv two.csv --to npy -o -
plan
