#!/bin/sh
# An output appears whole or not at all, and nothing is replaced unless --force says so.
# shellcheck disable=SC1091,SC2154 # automake exports srcdir
# shellcheck disable=SC2012,SC2016,SC2094 # names are our own; "$0" is for the inner shell; the input is the output
. "${srcdir:-.}/tests/command/tap.sh"

awk 'BEGIN { print "x,name,id"; for (i = 0; i < 200000; i++) print i ".5,name" i "," i }' >../input
head -n 1000 ../input >../small
schema=x:f64,name:str20,id:u64

# Overwriting.
for kind in npy npz raw csv; do
	works "a new output, $kind" convert -s "$schema" - --to $kind -o "o.$kind"
	cp -R "o.$kind" "../first.$kind"
	fails "an output that exists, $kind" 4 'it exists; --force' convert -s "$schema" ../small --to $kind -o "o.$kind"
	is "it is as it was, $kind" diff -r "o.$kind" "../first.$kind"
	works "--force replaces it, $kind" convert -s "$schema" ../small --to $kind -f -o "o.$kind"
	is "it is another, $kind" sh -c "! diff -rq o.$kind ../first.$kind >../said"
	works "--force without anything to replace, $kind" convert -s "$schema" - --to $kind -f -o "p.$kind"
	is "the same bytes come out again, $kind" diff -r "p.$kind" "../first.$kind"
done
is 'nothing else is there' sh -c 'test "$(ls -A | tr "\n" " ")" = "o.csv o.npy o.npz o.raw p.csv p.npy p.npz p.raw "'
cp o.npy ../kept.npy
fails 'a bad record does no harm to what is to be replaced' 3 '' convert -s x:f64,name:str20,id:u8 - -f -o o.npy
is 'it is as it was' cmp o.npy ../kept.npy
fails 'a file in the place of a directory' 4 'it is a directory' convert -s "$schema" - --to npy -f -o o.raw
fails 'a directory in the place of a file' 4 'it is a file' convert -s "$schema" - --to raw -f -o o.npy
mkdir dear && touch dear/thesis.txt
fails 'a directory with other files' 4 'holds other files' convert -s "$schema" - --to raw -f -o dear
mkdir firmware && touch firmware/boot.bin
fails 'a directory with .bin files of another make' 4 'holds other files' convert -s "$schema" - --to raw -f -o firmware
mkdir empty
ln -s nowhere link.npy
fails 'a link to nothing' 4 'it exists; --force' convert damaged.csv -o link.npy
rm link.npy
fails 'an empty directory, without --force' 4 'it exists' convert -s "$schema" - -o empty
works 'an empty directory, with --force' convert -s "$schema" - -f -o empty

# Before any input is read, even to find its types.
printf 'x\n1"\n' >damaged.csv
fails 'an output that exists, of a damaged input' 4 'it exists; --force' convert damaged.csv -o o.npy
fails 'an output in no directory, of a damaged input' 4 'cannot be written' convert damaged.csv -o none/o.npy

# The input is the output.
cp ../small in.csv && ln -s in.csv link.npy
fails 'the input as output' 2 'it is an input and the output' convert -s "$schema" in.csv --to npy -f -o in.csv
fails 'the input as output by a link' 2 'it is an input and the output' convert -s "$schema" in.csv -f -o link.npy
cp ../small ../in.npy
report 'standard input as output' "$("$flatload" convert -s "$schema" - -f -o ../in.npy <../in.npy 2>&1 |
	grep -q 'an input and the output' || echo 'no message')"

# Links, permissions, streams.
works 'a file to be linked to' convert -s "$schema" - -o target.npy
ln -s target.npy pointer.npy
works 'through a link' convert -s "$schema" ../small -f -o pointer.npy
is 'the link stays' test -L pointer.npy
is 'what it leads to is replaced' cmp target.npy o.npy
(umask 027 && "$flatload" convert -s "$schema" ../small -o mode.npy && "$flatload" convert -s "$schema" ../small -o mode.raw/)
is 'permissions are those of the umask' sh -c 'ls -ld mode.npy | grep -q "^-rw-r-----" && ls -ld mode.raw | grep -q "^drwxr-x---"'
chmod 600 mode.npy && chmod 700 mode.raw
works 'a private file to be replaced' convert -s "$schema" ../small -f -o mode.npy
works 'a private directory to be replaced' convert -s "$schema" ../small -f -o mode.raw/
is 'what replaces them is as private' sh -c 'ls -ld mode.npy | grep -q "^-rw-------" && ls -ld mode.raw | grep -q "^drwx------"'
works 'standard output' convert -s "$schema" - --to npz -o -
is 'standard output has the same bytes' cmp ../out ../first.npz
works 'a device' convert -s "$schema" - --to npy -o /dev/null
is 'the device is still one' test -c /dev/null
mkfifo pipe && cat pipe >../piped &
sleep 0.2
works 'a named pipe' convert -s "$schema" - --to npy -o pipe
wait
is 'the pipe has the same bytes' cmp ../piped ../first.npy

# Failing writes.
broken() { # broken SENTENCE MESSAGE SCRIPT: exit status 4, and nothing left; the script is given the command as $0
	ls -A >../before
	sh -c "$3" "$flatload" >../said 2>../err
	status=$?
	ls -A >../after
	report "$1" "$(
		[ $status = 4 ] || echo "exit status $status"
		grep -q "$2" ../err || { echo "no message like: $2" && cat ../err; }
		diff ../before ../after
	)"
}
broken 'standard output closed' 'standard output: cannot be written' \
	"\"\$0\" convert -s $schema ../input --to npy -o - >&-"
broken 'help to a closed standard output' 'standard output: cannot be written' '"$0" convert --help >&-'
broken 'standard input closed' '<stdin>' "\"\$0\" convert -s $schema - -o q.npy <&-"
if [ -w /dev/full ]; then
	broken 'standard output full' 'No space left' "\"\$0\" convert -s $schema ../input --to npz -o - >/dev/full"
else
	skip 'standard output full' 'no /dev/full'
fi
broken 'a reader that goes away' 'Broken pipe' \
	"{ { \"\$0\" convert -s $schema ../input --to npy -o -; echo \$? >../status; } | head -c 10 >../said; }; exit \$(cat ../status)"
seq 1 100000 | sed 's/$/,x/' >../numbers
{ "$flatload" show --json ../numbers 2>../err; } | head -n 1 >../said
is 'a reader of what is shown that goes away is not complained about' test ! -s ../err
for kind in npy npz raw csv; do
	broken "a file that grows too large, $kind" 'File too large' \
		"ulimit -f 1000; \"\$0\" convert -s $schema ../input --to $kind -o q"
done
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=1m none small 2>../said; then
	for kind in npy npz raw csv; do
		broken "a full disk, $kind" 'No space left' "\"\$0\" convert -s $schema ../input --to $kind -o small/q"
		is "nothing is left on it, $kind" test -z "$(ls -A small)"
	done
	umount small
else
	for kind in npy npz raw csv; do
		skip "a full disk, $kind" 'it takes root to mount one'
		skip "nothing is left on it, $kind" 'it takes root to mount one'
	done
fi
mkdir readonly && chmod 555 readonly
if touch readonly/x 2>../said; then
	rm -f readonly/x
	skip 'a read-only directory' 'root may write to it'
else
	broken 'a read-only directory' 'Permission denied' "\"\$0\" convert -s $schema ../input -o readonly/q.npy"
fi

# Signals: the command waits for more input when they come.
for kind in npy npz raw csv; do
	for signal in INT TERM HUP QUIT ALRM USR1 USR2 XCPU VTALRM PROF; do
		ls -A >../before
		mkfifo ../slow
		# Shells without job control have the background ignore INT and QUIT; Python gives them back.
		"${PYTHON:-python3}" -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$flatload" convert -s "$schema" ../slow --to $kind -o q 2>../err &
		child=$!
		exec 9>../slow
		cat ../input >&9
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			ls -A | cmp -s - ../before || break
			sleep 0.1
		done
		ls -A | cmp -s - ../before && seen=no || seen=yes
		kill -s $signal $child
		wait $child
		status=$?
		exec 9>&-
		rm ../slow
		ls -A >../after
		report "nothing is left after SIG$signal, $kind" "$(
			[ "$seen" = yes ] || echo 'it never began'
			[ $status -gt 128 ] || echo "exit status $status"
			diff ../before ../after
		)"
	done
done

# Several at once: one of them wins, and what it wrote is whole.
for kind in npy npz raw csv; do
	for i in 1 2 3 4; do
		{
			"$flatload" convert -s "$schema" ../input --to $kind -o "race.$kind" 2>../err.$i
			echo $? >../status.$i
		} &
	done
	wait
	report "of four at once one wins, $kind" "$(
		[ "$(sort ../status.[1-4] | tr '\n' ' ')" = '0 4 4 4 ' ] || sort ../status.[1-4] ../err.[1-4]
		diff -r "race.$kind" "../first.$kind"
	)"
done
is 'no temporary file is left' sh -c '! ls -A | grep flatload'

plan
