#!/bin/sh
# Every way to fail has its exit status and a message that says what to do, and leaves no output.
# shellcheck disable=SC1091,SC2154 # automake exports srcdir
. "${srcdir:-.}/tests/command/tap.sh"

printf 'x,name,id\n1.5,a,1\n2.5,b,2\n' >../input
schema=x:f64,name:str20,id:u64

# The command line.
fails 'no subcommand' 2 'no subcommand'
fails 'a subcommand that is not one' 2 "unknown subcommand 'frobnicate'" frobnicate
printf 'x;name;id\n1.5;a;1\n' >../other
printf 'x,name,id,more\n1.5,a,1,7\n' >../more
fails 'a field that only a later input has' 2 '^flatload: ../more: the first input has no field "more", as field 4 here is called; say with' \
	convert ../input ../more -o o.npz
printf 'x,x,id\n1.5,a,1\n' >../twice
fails 'more fields in a later input than in a first one with doubled names' 2 '^flatload: ../more: it has 4 fields, the first input 3' \
	convert ../twice ../more -o o.npz
fails 'another delimiter in a later input' 2 '^../other:1: header "x;name;id", field "x" (byte 0): it is not there' survey ../input ../other
printf 'x,na"me,id\n1.5,a,1\n' >../quote
fails 'a bad quote in a header' 3 '^../quote:1: header, field 2 (byte 4): a quote inside' survey ../quote
printf 'x,na,i"d\n1.5,a,1\n' >../late-quote
fails 'a bad quote late in a header' 3 '^../late-quote:1: header, field 3 (byte 6): a quote inside' survey ../late-quote
fails 'a bad quote in a first record' 3 '^../quote:1: record 1, field 2 (byte 4): a quote inside' survey -H ../quote
fails 'help on a subcommand that is not one' 2 "unknown subcommand 'frobnicate'" help frobnicate
fails 'an option before the subcommand that is not one' 2 "unknown option '--foo'" --foo
printf '\377\376a\000,\000b\000\n\000' >../utf16
fails 'text in UTF-16' 4 'it is UTF-16; iconv' convert ../utf16 -o o.npy
printf '\037\213\010\000abc,def\n' >../gzip
fails 'a compressed file' 4 'it is compressed (gzip); gzip -dc' convert ../gzip -o o.npy
fails 'a compressed file with a schema' 2 'it is compressed (gzip)' convert -s abc:i64 ../gzip -o o.npy
fails 'a compressed file to check with a schema' 2 'it is compressed (gzip)' check -s abc:i64 ../gzip
fails 'a directory as a file' 2 'the slash at its end' convert -s "$schema" ../input --to npy -o o/
fails 'no input' 2 'no input' convert -s "$schema" -o o.npy
fails 'no output' 2 'no output' convert -s "$schema" -
fails 'two outputs' 2 'one output' convert -s "$schema" - -o o.npy -o p.npy
fails 'standard input twice' 2 'once only' convert -s "$schema" - - -o o.npy
fails 'an unknown long option' 2 "unknown option '--frobnicate'" convert --frobnicate
fails 'an unknown short option' 2 "unknown option '-Z'" convert -Z
fails 'an option without its argument' 2 '--schema: it needs an argument' convert -s
fails 'an option with an argument it does not take' 2 '--force: it takes no argument' convert --force=yes
fails 'an option of a later version' 2 '--on-error: this version of flatload does not have it yet' convert --on-error stop
fails 'no threads' 2 "--threads '0': it must be a number of threads" convert -j 0
fails 'threads that are no number' 2 "--threads 'two'" convert --threads=two
fails 'threads to show with' 2 'flatload show does not take it' show -j 2
fails 'a delimiter of two bytes' 2 'must be one byte' convert -d '||'
fails 'a delimiter that is no byte' 2 'must be one byte' convert -d '\xg1'
fails 'runs of blanks as the delimiter' 2 'does not have it yet' convert -d blank
fails 'a quote of two bytes' 2 'one byte, or none' convert -q "''"
fails 'a delimiter equal to the quote' 2 'delimiter' convert -s "$schema" -d '"' - -o o.npy
fails 'a number of rows that is none' 2 'number of records' convert --rows 12x
fails 'a number of rows beyond 64 bits' 2 'number of records' convert --rows 18446744073709551616
fails 'a buffer of no bytes' 2 'from 1 to 1G' convert --buffer 0
fails 'a limit above 1 GiB' 2 'from 1 to 1G' convert --max-record 2G
fails 'stats in an unknown form' 2 '--stats=json' convert --stats=xml
fails 'an output of unknown ending' 2 '--to npy' convert -s "$schema" - -o o.dat
fails 'an output of a kind to come' 2 'does not write hdf5 yet' convert -s "$schema" - -o o.h5
fails 'a kind to come' 2 'does not have it yet' convert -s "$schema" - -o o --to arrow
fails 'an unknown kind' 2 'npy, npz, raw, csv or tsv' convert -s "$schema" - -o o --to xls
fails 'a directory into a stream' 2 'does not go into a stream' convert -s "$schema" - -o - --to raw

# The schema.
fails 'a schema with an unknown type' 2 'schema, field 1 (byte 2)' convert -s x:f65 - -o o.npy
fails 'an empty schema' 2 'schema' convert -s '' - -o o.npy
fails 'a file of schema that is not there' 2 'none.schema: it cannot be opened' convert -s @none.schema - -o o.npy
fails 'a column that is not in the schema' 2 'did you mean "name"' convert -s "$schema" -c x,nme - -o o.npy
fails 'a column like none in the schema' 2 'it has "x", "name", "id"' convert -s "$schema" -c temperature - -o o.npy
fails 'a column asked for twice' 2 'twice' convert -s "$schema" -c x,x - -o o.npy
fails 'no columns' 2 'no field ""' convert -s "$schema" -c '' - -o o.npy
fails 'a list of columns with an open quote' 2 'does not close' convert -s "$schema" -c 'x,"name' - -o o.npy
fails 'a text into npy' 2 'str20' convert -s x:f64,name:text - -o o.npy
fails 'a text into npz' 2 '--to raw' convert -s x:f64,name:text - -o o.npz
fails 'a matrix of two types' 2 '--columns' convert -s "$schema" --matrix - -o o.npy
fails 'a matrix in an npz' 2 'only npy' convert -s x:f64 --matrix - -o o.npz
fails 'a field that the header does not have' 2 '^<stdin>:1: header "x,name,id", field "y" (byte 0): it is not there' convert -s y:f64 - -o o.npy
fails 'what to do about a header' 2 'Try --no-header' convert -s y:f64 - -o o.npy
fails 'records wider than NumPy has' 2 '2147483647' \
	convert -s "$(i=0 && while [ $i -lt 129 ]; do printf '%sa%d:str16777216' "$([ $i = 0 ] || echo ,)" $i && i=$((i + 1)); done)" - -o o.npy

# Records.
printf 'x,name,id\n1.5,a,1\n2.5,b,18446744073709551616\n' >../input
for kind in npy npz raw; do
	fails "a number too great, to $kind" 3 \
		'^<stdin>:3: record 2, field 3 "id" (byte 24): "18446744073709551616" is not a u64: the greatest is 18446744073709551615$' \
		convert -s "$schema" - --to $kind -o o
done
cp ../input bad.csv
fails 'the name of the file' 3 '^bad.csv:3: record 2, field 3 "id" (byte 24)' convert -s "$schema" bad.csv -o o.npy
printf 'x,name,id\n1.5,a,1\n' >good.csv
fails 'records count in each file' 3 '^bad.csv:3: record 2,' convert -s "$schema" good.csv good.csv bad.csv -o o.npy
printf 'n\n1\n\n""\n' >../input
fails 'a null in an npy' 3 'Try --to npz' convert -s n:i8 - -o o.npy
printf 'n,s\n1,toolong\n' >../input
fails 'a string too wide' 3 'use a wider str' convert -s n:i8,s:str3 - -o o.npy
printf 'n,s\n1\n' >../input
fails 'a field too few' 3 '^<stdin>:2: record 1' convert -s n:i8,s:str3 - -o o.npy
printf '1;a\n' >../input
fails 'what to do about another delimiter' 3 'Try --delimiter' convert -H -s n:i8,s:str3 - -o o.npy
printf 'n,s\nNA,a\n' >../input
fails 'what to do about a word' 3 'Try --null TEXT' convert -s n:i8,s:str3 - -o o.npy
printf 'n,s\n 1,a\n' >../input
fails 'what to do about a blank' 3 'Try --trim' convert -s n:i8,s:str3 - -o o.npy
printf 'n,s\n1\t,a\n' >../input
fails 'what to do about a tab behind' 3 'Try --trim' convert -s n:i8,s:str3 - -o o.npy
printf 'n,s\n1,a"b\n' >../input
fails 'a quote in the wrong place' 3 'Try --quote none' convert -s n:i8,s:str3 - -o o.npy
works 'no quotes at all' convert -s n:i8,s:str3 -q none - -o quotes.npy
printf 'n,s\n1,"ab\n2,c\n' >../input
fails 'a quote that never closes' 4 '^<stdin>:2: record 1, field 2' convert -s n:i8,s:str3 - -o o.npz

# Arrays, where text is asked for.
printf 'x,name,id\n1.5,a,1\n' >../input
works 'arrays' convert -s "$schema" - -o arrays.npz
works 'raw arrays' convert -s "$schema" - -o arrays/
for subcommand in survey check show; do
	fails "$subcommand of arrays" 2 'arrays.npz: it holds arrays, not text' $subcommand arrays.npz
	fails "$subcommand of raw arrays" 2 'arrays: it holds arrays, not text' $subcommand arrays
done

# Reading and writing, and limits.
fails 'an input that is not there' 4 '^flatload: none.csv: cannot be opened: No such file' convert -s n:i8 none.csv -o o.npy
fails 'an input that is a directory' 4 '^flatload: \.: .*: Is a directory' convert -s n:i8 . -o o.npy
fails 'an output in a directory that is not there' 4 'o.npy: cannot be written: No such file' convert -s n:i8 - -o none/o.npy
printf 'n,s\n1,%0100d\n' 1 >../input
fails 'a record too long' 5 'Try --max-record' convert -s n:i8,s:str100 --max-record 64 - -o o.npy
works 'the same with a higher limit' convert -s n:i8,s:str100 --max-record 1K - -o high.npy

# What works, says nothing or what it was asked for.
printf 'x;name;id\n1.5; a ;1\n;|b;c|;2\n' >../input
works 'a dialect' convert -s "$schema" -d ';' -q '|' --trim - -o dialect.npy
works 'a dialect in escapes' convert -s "$schema" -d '\x3b' -q '\x7C' --trim - -o escapes.npy
is 'escapes mean the same' cmp dialect.npy escapes.npy
printf 'x\tid\n1\t2\n' >tabs.tsv
works 'a tab by default for .tsv' convert -s x:f64,id:u64 tabs.tsv -o tabs.npy
works 'a tab as an escape' convert -s x:f64,id:u64 -d '\t' tabs.tsv -o tabs.npz
printf 'x:f64,\n name : str20,\nid:u64\n' >fields.schema
printf '1,a,2\n3,b,4\n' >../input
works 'a schema in a file' convert -s @fields.schema --no-header - -o file.npy
printf '1,a,2\n3,b,4\nbad\n' >../input
works 'rows after the last one wanted are not read' convert -s "$schema" -H --rows 2 - -o rows.npy
is 'as many rows as wanted' cmp file.npy rows.npy
works 'help' --help
works 'help with convert' convert --help
is 'help starts with examples' sh -c 'sed -n 1p ../out | grep -q ^Examples'
works 'the version' --version
is 'the version is a line' grep -q '^flatload [0-9]' ../out

"$flatload" convert -s "$schema" -H --rows 2 - -o stats.npy --stats=json <../input 2>../err
is 'stats are one JSON object' "${PYTHON:-python3}" -c 'import json, sys
stats = json.load(open("../err"))
assert list(stats) == ["records", "bytes", "seconds", "mb_per_second", "array_bytes", "buffer_bytes", "peak_bytes"], stats
assert stats["records"] == 2 and stats["bytes"] == 16 and stats["array_bytes"] == 72 and stats["peak_bytes"] > 0, stats'
"$flatload" convert -s "$schema" -H --rows 2 - -f -o stats.npy --stats <../input 2>../err
is 'stats for people' grep -q '^records  *2$' ../err

plan
