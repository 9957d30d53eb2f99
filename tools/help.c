/*
 * What --help and --version print.  Examples come first: most people need no more.
 */
#include "config.h"

#include "commands.h"

#include <stdio.h>

static const char general[] =
	"flatload: text files of records into typed arrays\n"
	"\n"
	"  flatload convert --schema 'x:f64,name:str20,id:u64' points.csv -o points.npz\n"
	"\n"
	"  flatload convert [OPTION]... INPUT... -o OUTPUT    arrays out of flat files\n"
	"  flatload convert --help                            examples, and all options\n"
	"  flatload --version\n";

static const char convert_examples[] =
	"Examples\n"
	"\n"
	"  flatload convert -s 'x:f64,name:str20,id:u64' points.csv -o points.npz\n"
	"      one NumPy array a field: numpy.load('points.npz')['x']\n"
	"  flatload convert -s @points.schema -c x,id points.csv -o points.npy\n"
	"      only two fields, as one array of records; the schema stands in a file\n"
	"  zcat log.gz | flatload convert -s 'when:timestamp[us],level:i8' -H - -o log.npz\n"
	"      standard input; the first line is data\n"
	"  flatload convert -s 'a:f32,b:f32' -d ';' --null NA table.txt --matrix -o table.npy\n"
	"      a 2-D array; semicolons; NA is null\n"
	"  flatload convert -s 'id:i64,note:text' notes.tsv -o notes/\n"
	"      a directory of plain binary files, and schema.json\n"
	"  flatload convert -s 'x:f64[.2],id:u64' points.csv -c id,x --out-delimiter ';' -o b.csv\n"
	"      text again, in another dialect; x with two digits after the point\n"
	"  flatload convert points.npz -o points.csv\n"
	"      the way back, from arrays to text\n"
	"\n"
	"flatload convert [OPTION]... INPUT... -o OUTPUT\n"
	"\n"
	"- is standard input or output.  Several inputs are one long input of the same format,\n"
	"each with a header.  The output appears whole or not at all.\n"
	"\n";

static const char convert_options[] =
	"What comes in\n"
	"  INPUT                   text; or arrays: a .npy, a .npz, or a directory with schema.json,\n"
	"                          with fields named as in the file; if it has no names, as the\n"
	"                          file, and the columns of a 2-D array c0, c1, ...  In a .npz\n"
	"                          NAME.valid, of bool, says which of NAME are not null.  NaT is\n"
	"                          null; nan is, if --null nan says so\n"
	"  -s, --schema TEXT       the fields: NAME:TYPE,...  or @FILE, a file with that.\n"
	"                          With a header they are found by name, in any order, and\n"
	"                          others are passed over; without, by position\n"
	"                          types: bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 text\n"
	"                          strN (N bytes) date timestamp[s|ms|us|ns]\n"
	"  -c, --columns A,B,...   only these fields, in this order\n"
	"  -d, --delimiter C       one byte, also as '\\t' or '\\x01'; by default ',', a tab for .tsv\n"
	"  -q, --quote C           one byte, by default '\"'; or none\n"
	"  -H, --no-header         the first record is data\n"
	"      --null TEXT         another way to write null; repeatable.  An empty field is\n"
	"                          null anyway, except in a string\n"
	"      --null NAME=TEXT    the same for one field, instead of those without a name\n"
	"      --trim              blanks around a field do not count, outside quotes\n"
	"      --rows N            at most N records\n"
	"      --max-record BYTES  the longest record allowed, by default 16M (1K is 1024)\n"
	"      --buffer BYTES      read and converted at a time, by default 128K\n"
	"\n"
	"What comes out\n"
	"  -o, --output PATH       .npy, .npz, .csv, .tsv, or a directory (ending in /) for raw\n"
	"      --to KIND           npy: one array; of one field, or of records with named fields\n"
	"                          npz: an array a field; NAME.valid says which integers and\n"
	"                          bools are null\n"
	"                          raw: a directory of NAME.bin, little-endian, and schema.json\n"
	"                          csv, tsv: text again\n"
	"      --matrix            (npy) fields of one type as a 2-D array\n"
	"      --out-delimiter C   (csv, tsv) one byte, by default ',', a tab for tsv\n"
	"      --out-quote C       (csv, tsv) one byte, by default '\"'; or none\n"
	"      --out-quoting WHEN  (csv, tsv) needed, always (all but nulls) or never, which makes\n"
	"                          a value that needs quotes an error\n"
	"      --out-null TEXT     (csv, tsv) how null is written: by default as the first --null\n"
	"                          says, else as nothing.  '' tells a null string from an empty\n"
	"                          one, which then is \"\"\n"
	"      --out-no-header     (csv, tsv) no names\n"
	"      --crlf              (csv, tsv) lines end as on Windows\n"
	"  -f, --force             replace an output that exists\n"
	"      --stats[=json]      records, time and memory, on standard error\n"
	"      --progress WHEN     auto (if standard error is a terminal), always or never\n"
	"\n"
	"Exit status: 0 all records are loaded, 2 the command line or the schema is wrong,\n"
	"3 a bad record stopped it, 4 reading or writing failed or the input is cut off,\n"
	"5 a limit was reached.  Only after 0 is there an output.\n";

/* Standard output may be closed, or full. */
static enum status finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return DONE;
	return complain_os("standard output", "cannot be written");
}

enum status help_general(void)
{
	fputs(general, stdout);
	return finish();
}

enum status help_convert(void)
{
	fputs(convert_examples, stdout);
	fputs(convert_options, stdout);
	return finish();
}

enum status help_version(void)
{
	puts(PACKAGE_NAME " " PACKAGE_VERSION);
	return finish();
}
