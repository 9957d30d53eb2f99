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
	"  flatload convert [OPTION]... INPUT... -o OUTPUT    arrays out of flat files, and back\n"
	"  flatload survey  [OPTION]... INPUT...              what is in them: fields, types, records\n"
	"  flatload check   [OPTION]... INPUT...              every record that would not load, and why\n"
	"  flatload show    [OPTION]... INPUT                 the first records, as a table\n"
	"  flatload convert --help, flatload help convert     examples, and all options\n"
	"  flatload --version\n";

static const char convert_examples[] =
	"Examples\n"
	"\n"
	"  flatload convert points.csv -o points.npz\n"
	"      the types are found by reading all of it once before\n"
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
	"                          Not given: flatload survey decides, and what it detects is\n"
	"                          said; a pipe, which can be read only once, needs --spool.\n"
	"                          With a header they are found by name, in any order, and\n"
	"                          others are passed over; without, by position\n"
	"                          types: bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 text\n"
	"                          strN (N bytes) date timestamp[s|ms|us|ns]\n"
	"  -c, --columns A,B,...   only these fields, in this order\n"
	"  -d, --delimiter C       one byte, also as '\\t' or '\\x01'; by default ',', a tab for .tsv\n"
	"  -q, --quote C           one byte, by default '\"'; or none\n"
	"  -H, --no-header         the first record is data\n"
	"      --by-position       there is a header, and its names are of no account\n"
	"      --no-detect         (without --schema) commas and a header, unless said\n"
	"      --narrow            (without --schema) the smallest types that hold all values\n"
	"      --spool             (without --schema) copy a pipe to a temporary file first\n"
	"      --null TEXT         another way to write null; repeatable.  An empty field is\n"
	"                          null anyway, except in a string\n"
	"      --null NAME=TEXT    the same for one field, instead of those without a name\n"
	"      --trim              blanks around a field do not count, outside quotes\n"
	"      --rows N            at most N records\n"
	"      --max-record BYTES  the longest record allowed, by default 16M (1K is 1024)\n"
	"      --buffer BYTES      read and converted at a time, by default 128K\n"
	"  -j, --threads N         at most; by default as many as there are processors.  The result is\n"
	"                          the same.  Pipes, text fields, csv and tsv take one\n"
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

#define DIALECT                                                                               \
	"  -d, --delimiter C       one byte, also as '\\t' or '\\x01'; by default detected\n" \
	"  -q, --quote C           one byte, by default '\"'; or none\n"                      \
	"  -H, --no-header         the first record is data; fields are called c0, c1, ...\n" \
	"      --by-position       there is a header, and its names are of no account\n"      \
	"      --no-detect         commas and a header, unless said; see below\n"
#define NULLS                                                                                       \
	"      --null TEXT         another way to write null; also NAME=TEXT.  An empty field is\n" \
	"                          null anyway, except in a string\n"
#define TRIM "      --trim              blanks around a field do not count, outside quotes\n"
#define LIMITS                                                                                \
	"      --max-record BYTES  the longest record allowed, by default 16M (1K is 1024)\n" \
	"      --buffer BYTES      read at a time, by default 128K\n"
#define PROGRESS "      --progress WHEN     auto (if standard error is a terminal), always or never\n"
#define DETECTION                                                                                    \
	"\n"                                                                                         \
	"What is not given is detected, from the start of the first input, and said on standard\n"   \
	"error.  The delimiter: of , ; tab | the one that gives each of the first 100 records the\n" \
	"same number of fields, at least 2, and of several the one that gives the most; in doubt\n"  \
	"the comma; in a .tsv always the tab.  No header: a field of the first record has the\n"     \
	"type of those below it, which is none of strings, and no field has another type than\n"     \
	"those below it; in doubt there is a header.  A field without a name is called c0, c1,\n"    \
	"... by its place; the second one called x is called x.2.\n"                                 \
	"\n"

static const char survey_text[] =
	"Examples\n"
	"\n"
	"  flatload survey points.csv\n"
	"      fields, types, least and greatest values, and a schema to give to convert\n"
	"  flatload survey --json --narrow 2024-*.csv\n"
	"      the smallest types for all records of many files, for programs\n"
	"\n"
	"flatload survey [OPTION]... INPUT...\n"
	"\n"
	"Reads every record once.  The type of a field is bool, i64, u64, f64, date or timestamp\n"
	"if each of its texts is such a value, and is what it says: integers with leading zeros\n"
	"or a plus are strings.  Else it is strN, of N bytes, or text.  What a survey says loads.\n"
	"The least and the greatest leave out inf and nan.\n"
	"\n"
	"  -c, --columns A,B,...   only these fields, in this order\n" DIALECT
	"      --narrow            the smallest types that hold all values: i8, f32, ...\n"
	"      --json              records, lines (line feeds), bytes, array_bytes, fields and\n"
	"                          schema, as an object; of a field name, type, nulls, min, max\n"
	"                          and width, the bytes of its longest text\n" NULLS TRIM LIMITS
	"  -j, --threads N         at most; by default as many as there are processors\n" PROGRESS DETECTION
	"Exit status: 0 done, 2 the command line is wrong, 3 a record is not well-formed (see\n"
	"flatload check), 4 reading failed or the input is cut off, 5 a limit was reached.\n";

static const char check_text[] =
	"Examples\n"
	"\n"
	"  flatload check -s 'x:f64,name:str20,id:u64' points.csv\n"
	"      every record that would not load, and why\n"
	"  flatload check points.csv\n"
	"      every record that is not well-formed: quotes, number of fields\n"
	"\n"
	"flatload check [OPTION]... INPUT...\n"
	"\n"
	"One line a bad record on standard output, to the end; of several bad fields of a record\n"
	"the first.  If there is none, one line says what was checked.\n"
	"\n"
	"  -s, --schema TEXT       the fields, as for convert; without it any value will do\n"
	"  -c, --columns A,B,...   only these fields; the others are never converted\n" DIALECT
	"      --narrow            (without --schema) the schema that is printed has the\n"
	"                          smallest types\n"
	"      --json              an object: errors, each with status, file, line, record,\n"
	"                          byte, field, name, text, reason and message; then records,\n"
	"                          bad, fields and schema\n" NULLS TRIM "      --rows N            at most N records\n"
	"      --max-errors N      give up after N\n" LIMITS PROGRESS DETECTION "With --schema nothing is detected.\n"
	"\n"
	"Exit status: 0 all records load, 1 some would not, 2 the command line or the schema is\n"
	"wrong, 3 the header is not well-formed, 4 reading failed or the input is cut off, 5 a\n"
	"limit was reached.\n";

static const char show_text[] =
	"Examples\n"
	"\n"
	"  flatload show points.csv\n"
	"      the first records, as a table\n"
	"  flatload show --json points.csv\n"
	"      all records, each as a JSON array of texts, one a line\n"
	"\n"
	"flatload show [OPTION]... INPUT\n"
	"\n" DIALECT "      --json              each record as an array of its fields' texts, with as many as\n"
	"                          it has, a header as the first; nothing is detected.  Bytes\n"
	"                          that are not UTF-8 are \\udcXX\n" NULLS TRIM
	"      --rows N            at most N records; by default 10, and all with --json\n" LIMITS DETECTION
	"Exit status: 0 done, 2 the command line is wrong, 3 a record has quotes in the wrong\n"
	"place, 4 reading failed or the input is cut off, 5 a limit was reached.\n";

enum status help_general(void)
{
	fputs(general, stdout);
	return finish_output();
}

enum status help_convert(void)
{
	fputs(convert_examples, stdout);
	fputs(convert_options, stdout);
	return finish_output();
}

enum status help_survey(void)
{
	fputs(survey_text, stdout);
	return finish_output();
}

enum status help_check(void)
{
	fputs(check_text, stdout);
	return finish_output();
}

enum status help_show(void)
{
	fputs(show_text, stdout);
	return finish_output();
}

enum status help_version(void)
{
	puts(PACKAGE_NAME " " PACKAGE_VERSION);
	return finish_output();
}
