/*
 * flatload: text files of records into typed arrays, and back.
 *
 * A text file of records (CSV and its relatives) is streamed through one reused buffer straight into arrays
 * that you have allocated: each value is converted once, exactly, and stored once, at its final address.
 *
 *	struct trade { int64_t when; double price; uint32_t size; char venue[4]; };
 *	static struct trade trades[65536];
 *
 *	flat_error error;
 *	flat_format *format = flat_format_parse("when:timestamp[us],price:f64,size:u32,venue:str4", NULL, &error);
 *	flat_reader *reader = format ? flat_reader_open(format, "trades.csv", &error) : NULL;
 *
 *	if (!reader)
 *		return fprintf(stderr, "%s\n", error.message), 1;
 *	flat_bind(reader, "when",  &trades->when,  sizeof *trades);
 *	flat_bind(reader, "price", &trades->price, sizeof *trades);
 *	flat_bind(reader, "size",  &trades->size,  sizeof *trades);
 *	flat_bind(reader, "venue", trades->venue,  sizeof *trades);
 *
 *	size_t n;
 *	while ((n = flat_read(reader, 65536)) > 0)
 *		book(trades, n);
 *	if (flat_reader_failed(reader, &error))
 *		fprintf(stderr, "%s\n", error.message);
 *	flat_reader_close(reader);
 *	flat_format_free(format);
 *
 * The parts, in the order in which this page explains them:
 *
 *	flat_error	what went wrong, and where
 *	flat_dialect	how bytes become fields
 *	flat_field	one field of a record: its name and type
 *	flat_format	a dialect and fields, checked once, never changed again
 *	flat_column	where the values of one field go: your array
 *	flat_source	where the bytes come from
 *	flat_reader	the cursor that fills the bound columns
 *	flat_survey	how many records lie where; flat_measure: which types hold them
 *	flat_load	a whole source at once, by several threads
 *	flat_sink	where the bytes go to
 *	flat_writer	the reader backwards: the same format, from the same columns
 *
 * Everywhere: sizes are in bytes and are called so; records, fields and lines shown to people count from 1; indexes,
 * and byte offsets into the input, count from 0.  Nothing here prints, exits, asks for the locale, or keeps a global
 * that changes; of the environment only FLATLOAD_CPU is looked at, which forces one of the variants of the fast parts
 * (avx512vbmi2, avx512, avx2, sse2, neon, portable, reference; all give the same answers).  A format may be used by any
 * number of threads at once; a reader or a writer by one at a time; different ones are independent of each other.
 * Arithmetic is to round to nearest, as a program that does not call fesetround() has it.
 */
#ifndef FLATLOAD_H
#define FLATLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined __GNUC__
#define FLAT_API __attribute__((visibility("default")))
#else
#define FLAT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------ errors */

typedef enum flat_status {
	FLAT_OK = 0,

	/* The call. */
	FLAT_BAD_ARGUMENT, /* a call that cannot be right: an unknown field, a NULL base, a stride below the width */
	FLAT_BAD_SCHEMA,   /* the fields or the dialect contradict themselves, or the schema's text is not one */
	FLAT_NO_MEMORY,	   /* an allocation failed, or the memory that you gave is too small */

	/* The input as a whole. */
	FLAT_BAD_INPUT,	 /* opening or reading failed; flat_error.os has the errno value */
	FLAT_BAD_HEADER, /* a field of the format is missing from the header, or is there twice */

	/* One record.  The reader stands before it: flat_skip_record() steps over it. */
	FLAT_BAD_QUOTE,	   /* a quote in the wrong place */
	FLAT_OPEN_QUOTE,   /* the input ends inside quotes: it is cut off, or a quote is missing */
	FLAT_BAD_NEWLINE,  /* a carriage return, outside quotes, that no line feed follows */
	FLAT_BAD_SHAPE,	   /* fewer or more fields than the header, or the format, has */
	FLAT_BAD_VALUE,	   /* a text that is not of its field's type */
	FLAT_OUT_OF_RANGE, /* a value that its type cannot hold exactly: an integer, a time, or a string too long */
	FLAT_BAD_NULL,	   /* a null in a column that has no place for one */
	FLAT_ARENA_FULL,   /* a text column's arena is full: bind a larger one and read again, nothing is lost */
	FLAT_TOO_LONG,	   /* a record longer than max_record, or a header with more fields than max_fields */

	/* Writing. */
	FLAT_BAD_OUTPUT,   /* opening, writing or closing failed; flat_error.os has the errno value */
	FLAT_NEEDS_QUOTES, /* a value that only quotes could keep whole, where there are none */
	FLAT_BAD_CELL,	   /* a column that contradicts itself: a length above the width, offsets that run backwards */
} flat_status;

/*
 * What went wrong.  A plain struct in your memory; it owns nothing and needs no clean-up.  Every function that
 * takes one also takes NULL, and leaves status FLAT_OK in it when all went well.
 *
 * 'message' says it all in one line, ready to be shown:
 *
 *	trades.csv:812: record 811, field 2 "price" (byte 30211): "12.5.1" is not an f64: it is not a number of this type
 */
typedef struct flat_error {
	flat_status status;
	int os; /* errno value behind FLAT_BAD_INPUT and FLAT_BAD_OUTPUT, else 0 */
	/*
	 * From 1, without the header; 0: none.  A bad record has a number as any other has.  Of a write that failed,
	 * FLAT_BAD_OUTPUT, it is the last record that the sink has taken whole.
	 */
	uint64_t record;
	uint64_t line; /* from 1: the line on which 'byte' lies; 0: none */
	uint64_t
		byte; /* from 0: offset in the input of what is wrong: the field, the stray quote, the field too many */
	uint64_t field;	   /* from 1: position in the record (in the format, for a schema); 0: none */
	uint64_t expected; /* of FLAT_BAD_SHAPE: fields that a record has, */
	uint64_t found;	   /* and that this one has; else 0 */
	char name[64];	   /* name of the field, cut to fit */
	char text[64];	   /* the field's text, or the header in which it is missing, made printable, cut to fit */
	char reason[160];  /* why */
	char message[768];
} flat_error;

/* flat_status_name() gives the name of a status, such as "FLAT_BAD_VALUE"; never NULL. */
FLAT_API const char *flat_status_name(flat_status status);

/* ----------------------------------------------------------------------------------------------- dialect */

#define FLAT_NONE (-1) /* as a dialect's quote: there is no quote character */

typedef enum flat_header {
	FLAT_HEADER_NAMES = 0, /* the first record holds names; fields are found by name, in any order */
	FLAT_HEADER_ABSENT,    /* the first record is data; fields are found by position */
	FLAT_HEADER_SKIPPED,   /* the first record is passed over; fields are found by position.  Writers write one */
} flat_header;

typedef enum flat_newline {
	FLAT_LF = 0,
	FLAT_CRLF,
} flat_newline;

/*
 * How bytes become fields.  A plain struct; all zero is RFC 4180 with a header: comma, double quote, quotes in
 * quoted fields doubled.  A reader takes LF and CRLF alike; 'newline' is what a writer writes.
 *
 *	a,"b ""c""",	->  three fields: [a] [b "c"] []	(a trailing delimiter means one more, empty field)
 *
 * A UTF-8 byte order mark at the very start, and blank lines, are no part of any record (so, in a file of one column,
 * an empty value must be written "").  The last record needs no newline.  An empty input has no records; it needs no
 * header.
 *
 * Nulls.  In a field that is not a string, the empty text is null, and so is each spelling in 'nulls', quoted or not.
 * In a string field (str, text) only a spelling in 'nulls' is null, and only without quotes: so "" in 'nulls'
 * tells null (nothing between the delimiters) from the empty string (two quotes).  A spelling holds no quote.
 */
typedef struct flat_dialect {
	int delimiter; /* 1 to 255, not CR or LF; 0: ',' */
	int quote;     /* 1 to 255, not CR or LF, nor what a number or a date can hold; 0: '"'; FLAT_NONE */
	flat_header header;
	flat_newline newline;
	bool trim; /* blanks (space, tab) around a field, outside quotes, do not count */
	const char *const *nulls;
	size_t nnulls;
} flat_dialect;

/* ------------------------------------------------------------------------------------------------ fields */

/*
 * What a text may be, for each type, and what is stored.  The whole text must be the value; blanks are trimmed only if
 * the dialect says so; the locale is never asked.
 *
 * bool		uint8_t 0 or 1		true false t f 1 0, in any case
 * i8 .. i64	intN_t			optional sign, digits.  A number that does not fit is an error.
 * u8 .. u64	uintN_t			the same
 * f32 f64	float, double		1 -2.5 .5 3. 6.02e23 inf infinity nan, in any case; rounded correctly, half to even, f32
 *					straight from the text; beyond the range infinity, as IEEE 754 rounds
 * str<N>	char[N]			N bytes at most, padded with zeros, no terminator when N bytes long.  A text that ends in a
 *					zero byte is an error, unless lengths tell that byte from the padding
 * text		uint64_t		offset in the column's arena of the text's first byte (see flat_column)
 * date		int64_t			2024-12-31: days since 1970-01-01, proleptic Gregorian calendar
 * timestamp	int64_t			2024-12-31T23:59:59.25+01:00: units since 1970-01-01T00:00:00 UTC, without leap seconds.
 *					'T', 't' or one blank; seconds, fraction (behind a point or comma) and offset (Z, z, +01:00,
 *					+0100, +01) are optional; without an offset it is UTC; a date alone is its midnight.  A
 *					fraction finer than the unit is an error, unless zeros; so is second 60.
 *
 * Years beyond 0000 to 9999 have a sign, and up to 18 digits: +12345-01-01, -0044-03-15 (year 0 exists).  INT64_MIN
 * is no day and no instant.
 */
typedef enum flat_type {
	FLAT_BOOL = 1,
	FLAT_I8,
	FLAT_I16,
	FLAT_I32,
	FLAT_I64,
	FLAT_U8,
	FLAT_U16,
	FLAT_U32,
	FLAT_U64,
	FLAT_F32,
	FLAT_F64,
	FLAT_STR,
	FLAT_TEXT,
	FLAT_DATE,
	FLAT_TIMESTAMP_S,
	FLAT_TIMESTAMP_MS,
	FLAT_TIMESTAMP_US,
	FLAT_TIMESTAMP_NS,
} flat_type;

/* One field of a record.  A plain struct; it owns nothing.  Zero in all but name and type is the default. */
typedef struct flat_field {
	const char *name; /* unique in its format, not empty */
	flat_type type;
	uint32_t width;		  /* of FLAT_STR: bytes, 1 to 2^24; else 0 */
	const char *const *nulls; /* spellings of null for this field instead of the dialect's; NULL: the dialect's */
	size_t nnulls;
	unsigned fixed; /* of f32, f64, written: FLAT_FIXED(n) for n digits after the point; 0: the shortest digits */
} flat_field;

#define FLAT_FIXED(digits) ((digits) + 1u) /* 0 to 350 */

/* flat_type_name() gives "i64", "str", "timestamp[us]"; never NULL. */
FLAT_API const char *flat_type_name(flat_type type);

/*
 * flat_field_width() gives the bytes that one value takes in a column: 8 for f64 and text, 'width' for str; 0 for no
 * type.
 */
FLAT_API size_t flat_field_width(const flat_field *field);

/* ------------------------------------------------------------------------------------------------ format */

typedef struct flat_format flat_format;

/*
 * flat_format_new() checks a dialect (NULL: the default) and fields, and copies both, with their strings.
 *
 * Returns the format, or NULL: FLAT_BAD_SCHEMA (no fields, two fields of one name, a type that is not one, a
 * delimiter equal to the quote, ...) or FLAT_NO_MEMORY.  Free it with flat_format_free(), after all its readers are
 * closed.  A format never changes: any number of readers and threads may share it.  O(n log n) in the fields.
 */
FLAT_API flat_format *flat_format_new(const flat_dialect *dialect, const flat_field *fields, size_t nfields,
				      flat_error *error);

/*
 * Like flat_format_new(), but takes the fields from a line of text: NAME:TYPE, separated by commas.
 *
 *	x:f64,name:str20,id:u64,"a, b":i32,when:timestamp[us],day:date,ok:bool,note:text
 *
 * f64[.2] is an f64 that is written with two digits after the point: FLAT_FIXED(2).  Blanks and line breaks around
 * names and types do not count.  A name with a comma, colon, quote or blank at an end stands in double quotes, with
 * those inside it doubled.  error->field and error->byte tell where in 'schema' it failed.
 */
FLAT_API flat_format *flat_format_parse(const char *schema, const flat_dialect *dialect, flat_error *error);

/* Takes NULL. */
FLAT_API void flat_format_free(flat_format *format);

FLAT_API size_t flat_format_nfields(const flat_format *format);

/* flat_format_field() gives field 'index', or NULL past the last.  It lives as long as the format. */
FLAT_API const flat_field *flat_format_field(const flat_format *format, size_t index);

/* flat_format_find() gives the index of the field called 'name', or FLAT_NO_FIELD.  O(log n). */
FLAT_API size_t flat_format_find(const flat_format *format, const char *name);
#define FLAT_NO_FIELD SIZE_MAX

FLAT_API const flat_dialect *flat_format_dialect(const flat_format *format);

/* ----------------------------------------------------------------------------------------------- columns */

/*
 * How a column says that an element is null.
 *
 * What the element itself then holds: the sentinel, if there is one; else NaN, INT64_MIN ("not a time", for date and
 * timestamp), the empty string, or 0.
 */
typedef enum flat_validity {
	FLAT_VALIDITY_NONE = 0, /* by its value alone, as above; a null in a bool or integer column is FLAT_BAD_NULL */
	FLAT_VALIDITY_BITMAP, /* 'valid': bit i (least significant first) of byte i / 8 is 1 if element i has a value */
	FLAT_VALIDITY_BYTE,   /* 'valid': one byte an element, 1 if it has a value, else 0; 'valid_stride' apart */
	FLAT_VALIDITY_SENTINEL, /* 'sentinel': the value that stands for null */
} flat_validity;

/*
 * Where the values of one field go: your array.  A plain struct; it owns nothing.  Zero is the default for all but
 * 'base'.  The memory stays yours; keep it until the reader is closed or another column is bound for the field.
 *
 * Element i starts at (char *)base + i * stride, so that columns of their own, members of an array of structs, and
 * the rows of a matrix are all filled in place.  Nothing needs to be aligned.  Only the bytes of elements, their
 * validity and their lengths are written, never the bytes between them, and never those of an element past the last
 * one asked for. (Elements after the last one that flat_read() counted, but asked for, may hold anything.)
 *
 * text: base is an array of one offset more than there are elements.  The text of element i is arena[offset i] up to
 * arena[offset i + 1], without a terminator.  Offsets are stored with the records: before the first one there are
 * none.  Reading from element 0 starts the arena anew; reading from element k goes on at offset k.  What lies in the
 * arena behind the last text may have been overwritten.
 */
typedef struct flat_column {
	void *base;
	size_t stride; /* 0: packed, flat_field_width() */

	flat_validity validity;
	void *valid;
	size_t valid_stride;  /* of FLAT_VALIDITY_BYTE; 0: packed, 1 */
	const void *sentinel; /* a value of the field's type; N bytes for str<N>; not for text */

	uint32_t *lengths;     /* of str: each string's bytes without the padding; NULL: not wanted */
	size_t lengths_stride; /* 0: packed, 4 */

	char *arena; /* of text */
	size_t arena_nbytes;
} flat_column;

/* ----------------------------------------------------------------------------------------------- sources */

/*
 * flat_read_function() hands over the next bytes: at most 'nbytes' (never 0) of them to 'buffer'.
 *
 * Returns how many, 0 at the end, or -1 with errno set.  Fewer than asked for is normal.  EINTR is tried again.  It
 * is not called again after the end or a failure.
 */
typedef ptrdiff_t flat_read_function(void *context, void *buffer, size_t nbytes);

/* Where bytes come from.  A plain struct; make it with one of the functions below.  It owns nothing. */
typedef struct flat_source {
	const char *name; /* for messages */
	const char *path; /* opened and closed by the reader */
	int descriptor;	  /* read from where it stands; stays yours, and open */
	const void *bytes;
	size_t nbytes;
	flat_read_function *read;
	void *context;
} flat_source;

/* The strings and memory given here stay yours; keep them until the reader is closed.  name may be NULL. */
FLAT_API flat_source flat_source_path(const char *path);
FLAT_API flat_source flat_source_descriptor(int descriptor, const char *name);
FLAT_API flat_source flat_source_memory(const void *bytes, size_t nbytes, const char *name);
FLAT_API flat_source flat_source_callback(flat_read_function *read, void *context, const char *name);

/* ------------------------------------------------------------------------------------------------ reader */

typedef struct flat_reader flat_reader;

/* Limits of a reader.  A plain struct; zero is the default. */
typedef struct flat_reader_options {
	size_t window;	      /* bytes read and converted at a time; 0: 128 KiB, and up to 2 MiB where records are long */
	size_t max_record;    /* the longest record allowed, in bytes without its newline, at most 1 GiB; 0: 16 MiB */
	size_t max_fields;    /* the most fields a record of the input may have; 0: 131072, or the format's if more */
	void *memory;	      /* to live in, aligned to 16; stays yours.  NULL: it allocates once */
	size_t memory_nbytes; /* at least flat_reader_nbytes() */
} flat_reader_options;

/*
 * flat_reader_nbytes() gives the bytes of memory that a reader takes, all of them, for good: it depends on the format
 * and the limits (NULL: the defaults), never on the input.  The reader asks for them in one allocation when it is
 * opened, and never again.  Most of them are address space in reserve for one record of 'max_record' bytes, which
 * costs nothing until used.
 *
 * Returns 0 if the limits are out of range.
 */
FLAT_API size_t flat_reader_nbytes(const flat_format *format, const flat_reader_options *options);

/*
 * flat_reader_open() opens a file and, if the format has a header, reads it and finds the fields in it.
 *
 * Opening waits for the header, or for the first bytes, which may be a byte order mark.
 * Returns the reader, or NULL: FLAT_BAD_INPUT, FLAT_NO_MEMORY, FLAT_BAD_ARGUMENT (a limit, or FLATLOAD_CPU), FLAT_BAD_HEADER, or, if
 * the header is not well-formed, FLAT_BAD_QUOTE, FLAT_OPEN_QUOTE, FLAT_BAD_NEWLINE or FLAT_TOO_LONG. Fields of the
 * file that the format does not name are passed over.  The format must outlive the reader.
 */
FLAT_API flat_reader *flat_reader_open(const flat_format *format, const char *path, flat_error *error);

/* Like flat_reader_open(), but from any source, with limits (NULL: the defaults). */
FLAT_API flat_reader *flat_reader_open_source(const flat_format *format, const flat_source *source,
					      const flat_reader_options *options, flat_error *error);

/* Closes the file that flat_reader_open() opened.  Takes NULL.  Your columns are not touched. */
FLAT_API void flat_reader_close(flat_reader *reader);

/*
 * flat_bind() says where the values of the field called 'name' go: element 0 is at 'base', each next one 'stride' bytes
 * further (0: packed).  Not for text, which needs an arena.
 *
 * Returns FLAT_OK or FLAT_BAD_ARGUMENT, or what the reader failed with before, if there is no going on.  A failure to
 * bind is final: every flat_read() from then on fails with it, so that a row of calls needs but one check.  Fields
 * may be bound anew between reads.  A field that is not bound is never converted.  O(log n).
 */
FLAT_API flat_status flat_bind(flat_reader *reader, const char *name, void *base, size_t stride);

/*
 * Like flat_bind(), but with all a column can have, and by the field's index in the format.  NULL: not bound any more.
 * O(1).
 */
FLAT_API flat_status flat_bind_column(flat_reader *reader, size_t field, const flat_column *column);

/*
 * flat_read() stores up to 'max_records' records in the bound columns, from element 0 on.
 *
 * Returns how many were stored.  Fewer than asked for means the end of the input or a failure; flat_reader_failed()
 * tells which.  Records stored before a failure are whole and stay valid; nothing past them counts.  Records are
 * counted, not lines: a quoted field may hold line breaks.  It waits for as many records as it was asked for, and for
 * no byte more.  After a failure in a record the reader stands before that record: reading again tries it again (which
 * helps when a larger arena was bound), flat_skip_record() steps over it.  After FLAT_BAD_INPUT there is no going on.
 * Linear in the bytes read.  Allocates nothing.
 */
FLAT_API size_t flat_read(flat_reader *reader, size_t max_records);

/* Like flat_read(), but from element 'first' on, to go on in larger arrays. */
FLAT_API size_t flat_read_at(flat_reader *reader, size_t first, size_t max_records);

/*
 * Like flat_read_at(), but returns with fewer records, at least one, rather than wait for a source that has no more
 * bytes ready: for pipes and sockets.  0 means the end or a failure.
 */
FLAT_API size_t flat_read_some(flat_reader *reader, size_t first, size_t max_records);

/* flat_reader_failed() tells whether the last read failed, or a bind for good, and if so fills 'error' in. */
FLAT_API bool flat_reader_failed(const flat_reader *reader, flat_error *error);

/*
 * flat_skip_record() steps over the record at which the last read failed, to the end of the line that ends it: the
 * first line break outside quotes, where a quote counts only at the start of a field and, after that, where it closes
 * or doubles.
 *
 * Returns FLAT_OK, or FLAT_BAD_ARGUMENT if no record failed.  The rest of a record that is too long has to be read first,
 * which may take time, or fail: FLAT_BAD_INPUT.
 */
FLAT_API flat_status flat_skip_record(flat_reader *reader);

/*
 * flat_failed_record() gives the bytes of the record at which the last read failed, as they stand in the input: with
 * the line break that ends it, if there is one.  Of a record that is FLAT_TOO_LONG it may
 * be but the start.
 *
 * They lie in the reader's buffer and are valid until the next call with the reader.  Returns NULL, and 0 bytes, if
 * no record failed.  O(1).
 */
FLAT_API const char *flat_failed_record(const flat_reader *reader, size_t *nbytes);

/* What became of the records so far: read = stored + skipped, plus 1 while the reader stands before a bad one. */
typedef struct flat_counts {
	uint64_t records; /* read */
	uint64_t stored;
	uint64_t skipped; /* stepped over */
	uint64_t bytes;	  /* of input taken from the source */
} flat_counts;

FLAT_API flat_counts flat_reader_counts(const flat_reader *reader);

/* ------------------------------------------------------------------------------------------------ survey */

/*
 * What a range of bytes holds: how many records, and where the first one in it starts, for each state in which the
 * range can be entered (inside quotes or not, and so on).  A plain value of fixed size, which can be sent to another
 * process.
 *
 * A range may start and end anywhere, inside a quoted field or a line break too.  Surveys of neighbouring ranges join
 * to the survey of both, in any grouping: so the ranges of a file can be surveyed at once, and sums over the ranges
 * before each tell it the state it is entered in, its first record, and that record's number.
 *
 * Records are counted as a reader counts them, those that are not well-formed and the header included.
 */
#define FLAT_STATES 11
#define FLAT_STATE_OF_INPUT 0 /* in which the first byte of an input is entered */

typedef struct flat_passage {
	uint64_t records;  /* that end in the range, by a line break */
	uint64_t first;	   /* offset behind the first such line break, 'nbytes' at most; or FLAT_NOWHERE */
	uint64_t leads_to; /* the state behind the last byte */
} flat_passage;

typedef struct flat_survey {
	uint64_t nbytes;
	uint64_t lines;			/* line feeds */
	flat_passage from[FLAT_STATES]; /* by the state in which the range is entered */
} flat_survey;

#define FLAT_NOWHERE UINT64_MAX

/* flat_survey_bytes() surveys a range that is in memory.  dialect NULL: the default.  Linear; allocates nothing. */
FLAT_API flat_survey flat_survey_bytes(const flat_dialect *dialect, const void *bytes, size_t nbytes);

/* flat_survey_join() gives the survey of two neighbouring ranges, 'left' the first, from theirs.  Associative. */
FLAT_API flat_survey flat_survey_join(const flat_survey *left, const flat_survey *right);

/* flat_survey_records() gives the records of a whole input: the last one may lack its line break. */
FLAT_API uint64_t flat_survey_records(const flat_survey *survey);

/*
 * What the texts of one field are like, all of them: enough to say which type holds each of them exactly, and how much
 * memory that takes.  A plain value of fixed size; all zero is the measure of no texts.
 *
 * Each text that is no null is of one class, by its look alone.  An integer has no leading zeros and no '+', and fits
 * 64 bits; a float is any other number without them, that its nearest f64 does not turn into 0 or infinity; the rest
 * are true and false, inf and nan, dates, instants, and strings.
 */
typedef struct flat_measure {
	uint64_t texts;
	uint64_t empty;		  /* of the texts */
	uint64_t nulls_spelled;	  /* by a spelling of the field, without quotes; if that is "", not counted as empty */
	uint64_t nulls_quoted;	  /* the same, in quotes: null, but in a string field */
	uint64_t nbytes;	  /* of all but nulls_spelled, without quotes around and quotes doubled in them */
	uint64_t greatest_nbytes; /* of one of them */
	uint64_t end_in_nul;	  /* texts whose last byte is 0, which a str cannot hold */
	uint64_t bools, integers, floats, words, dates, instants; /* words: inf and nan.  All other texts are strings */
	uint64_t negatives;					  /* of the integers */
	uint64_t inexact_f64, inexact_f32; /* integers and floats that the type would change: for f64 integers alone */
	int64_t least_negative;		   /* of the integers below 0 */
	int64_t greatest_negative;
	uint64_t least_natural; /* of the others */
	uint64_t greatest_natural;
	double least_float;
	double greatest_float;
	int64_t least_date; /* days since 1970 */
	int64_t greatest_date;
	int64_t least_second; /* of the instants, rounded down: seconds since 1970 */
	int64_t greatest_second;
	uint64_t least_fraction; /* nanoseconds behind the least second, and the greatest */
	uint64_t greatest_fraction;
	uint64_t finest; /* unit any of the instants needs: 0 seconds, 1 milliseconds, 2 microseconds, 3 nanoseconds */
} flat_measure;

/*
 * flat_bind_measure() has the texts of a field measured, instead of converted and stored, by the reads that follow:
 * they are added to '*measure', which stays yours.  Whatever the type of the field: text suits, as its name is all
 * that counts.
 *
 * Returns FLAT_OK or FLAT_BAD_ARGUMENT, like flat_bind_column().
 */
FLAT_API flat_status flat_bind_measure(flat_reader *reader, size_t field, flat_measure *measure);

/* flat_measure_join() gives the measure of all texts of two measures.  Associative and commutative. */
FLAT_API flat_measure flat_measure_join(const flat_measure *a, const flat_measure *b);

/*
 * flat_measure_type() gives the type, and for str the width, that holds all measured texts exactly, so that each of
 * them loads: bool, i64, u64, f64, date, timestamp of the coarsest unit that does, else str, or text for what no str
 * can hold.  If 'narrow', the smallest of the integers, or f32, if every value survives.  The empty text is null, but
 * in a string. 'name', 'nulls' and 'nnulls' of the result are for you to fill in.
 */
FLAT_API flat_field flat_measure_type(const flat_measure *measure, bool narrow);

/* flat_measure_nulls() gives how many of the texts are null in a field of type 'type'. */
FLAT_API uint64_t flat_measure_nulls(const flat_measure *measure, flat_type type);

/*
 * flat_lay_out() lays the columns of all fields of a format out in one block of memory, each part aligned to 64
 * bytes: the elements for 'nrecords' records, a bitmap for each bool and integer field that has nulls, an arena for
 * each text.
 *
 * 'measures' has one for each field.  If 'memory' is not NULL, which then is aligned to 64, 'columns', one for each
 * field, are filled in, for flat_bind_column().  Nothing is written to the memory itself.
 * Returns the bytes it takes, 0 if there cannot be as many.
 */
FLAT_API size_t flat_lay_out(const flat_format *format, uint64_t nrecords, const flat_measure *measures, void *memory,
			     flat_column *columns);

/* -------------------------------------------------------------------------------------------------- load */

/*
 * flat_run_function() runs task(context, index) for every index below 'ntasks', on any threads and in any order, and
 * returns when all have returned.  A task waits for others at most while they are running, so that they may also run one
 * after the other.
 */
typedef void flat_task_function(void *context, size_t index);
typedef void flat_run_function(void *runner, flat_task_function *task, void *context, size_t ntasks);

/* Records that a thread has read into its columns. */
typedef struct flat_piece {
	size_t worker;		 /* whose columns, from 0 */
	uint64_t first;		 /* of its records in the load, from 0 */
	size_t n;		 /* they are elements [0, n) */
	uint64_t nbytes;	 /* of the input that lie before what is yet to be read for it: to show how far it is */
	const flat_error *error; /* NULL, unless n is 0 */
} flat_piece;

/*
 * flat_take_function() takes a piece out of the columns, which then are filled anew.  It is called by any of the threads,
 * by several at once, and with the pieces in any order, but for those of one worker.  Pieces behind an error may be taken
 * before it is known: only records before what flat_load() returns count.
 *
 * Where n is 0 a text of record 'first' does not fit even the empty arena: 'error' tells which field it is, and
 * there is to be a larger one in the worker's columns before it returns.
 * Returns false if the load is to end with the record before 'first'.
 */
typedef bool flat_take_function(void *taker, const flat_piece *piece);

/* A plain struct; zero is the default. */
typedef struct flat_load_options {
	unsigned threads;	    /* at most, the caller's among them; 0: as many as there are processors */
	flat_run_function *run;	    /* on your own threads, that many tasks at most.  NULL: threads made by the call */
	void *runner;		    /* for 'run' */
	flat_reader_options reader; /* limits; its memory is not used */
	size_t range;		    /* bytes that a thread takes at a time; 0: 512 KiB, more where records are long */
	flat_take_function *take;   /* of pieces; NULL: all records go into the same arrays */
	void *taker;		    /* for 'take' */
	size_t batch;		    /* records in a piece, at most */
	uint64_t *nbytes;	    /* becomes the bytes of input that were read; after a failure of no use.  NULL: not wanted */
	uint64_t *nlines;	    /* becomes its line feeds; of no use if not all was read.  NULL: not wanted */
	flat_measure *measures;	    /* fields are measured, not stored; NULL: they are stored */
} flat_load_options;

/*
 * flat_load() reads a whole source into your columns, by several threads, and stores up to 'max_records' records, from
 * element 0 on.
 *
 *	flat_column columns[] = {{.base = x}, {.base = names}, {.base = NULL}};
 *	uint64_t n = flat_load(format, &source, columns, capacity, NULL, &error);
 *
 * 'columns' has one for each field of the format; where base is NULL the field is not bound.  'options' may be NULL.
 * Returns how many records were stored.  Fewer than there are only after a failure, which 'error' tells, or if they
 * are 'max_records': then error->status is FLAT_OK.  Records stored before a failure are whole; elements after them,
 * below 'max_records', may hold anything.  All of it, the error's record, line, byte and message too, is what a reader
 * would have given: the number of threads and ranges does not show.  A source that cannot be read, or becomes shorter
 * meanwhile, is FLAT_BAD_INPUT.
 *
 * What can be split are a path, a descriptor of a file, and memory.  Others are read by the calling thread alone, as is
 * what is smaller than a range.  Where a descriptor stands after the call is not said.  Texts lie in their arena as
 * one reader lays them; meanwhile the offsets, elements like others, hold something else.
 *
 * Or in pieces: with 'take', 'columns' has those of each thread one after the other, 'threads' times as many as the format
 * has fields (0 threads are then one), and each thread fills elements [0, batch) of its own, over and over.  So a file
 * of any size goes through arrays of a fixed one that stay in the cache, to wherever record 'first' of a piece belongs.
 * The offsets of a piece's texts count from its own arena.  Records before a failure
 * are taken before it is told; if 'take' gave false, error->status is FLAT_OK, and as many records are returned as lie
 * before that piece: if several did, before the least 'first', and all pieces before that one were taken.
 *
 * Or measured, with or without 'take': 'measures' has one for each field, and again for each thread, as 'columns' with
 * pieces; flat_measure_join() makes one of them.  A field is measured if its column has a base, to which nothing is
 * written; with 'columns' NULL all are.  After a failure the measures are of no use.
 *
 * The threads are made and joined by the call, and no signal is delivered to them.  Allocates the memory of a reader
 * and of a range for each, and that of one reader more; if there is less memory, or if there are fewer threads than
 * asked for, it makes do with what there is.  Linear in the bytes.
 */
FLAT_API uint64_t flat_load(const flat_format *format, const flat_source *source, const flat_column *columns,
			    uint64_t max_records, const flat_load_options *options, flat_error *error);

/* ------------------------------------------------------------------------------------------------- sinks */

/*
 * flat_write_function() takes the next bytes: at least one of the 'nbytes' (never 0) in 'buffer'.
 *
 * Returns how many, or -1 with errno set.  Fewer than given is normal.  EINTR is tried again.
 */
typedef ptrdiff_t flat_write_function(void *context, const void *buffer, size_t nbytes);

/* Where bytes go to.  A plain struct; make it with one of the functions below.  It owns nothing. */
typedef struct flat_sink {
	const char *name; /* for messages */
	const char *path; /* made, or emptied, and closed by the writer */
	int descriptor;	  /* written to where it stands; stays yours, and open */
	void *bytes;	  /* filled from its start; flat_writer_counts() says how far */
	size_t nbytes;
	flat_write_function *write;
	void *context;
} flat_sink;

/* The strings and memory given here stay yours; keep them until the writer is closed.  name may be NULL. */
FLAT_API flat_sink flat_sink_path(const char *path);
FLAT_API flat_sink flat_sink_descriptor(int descriptor, const char *name);
FLAT_API flat_sink flat_sink_memory(void *bytes, size_t nbytes, const char *name);
FLAT_API flat_sink flat_sink_callback(flat_write_function *write, void *context, const char *name);

/* ------------------------------------------------------------------------------------------------ writer */

/*
 * The reader backwards: records of the same format, from the same columns, so that what is written reads back to the
 * same elements, bit for bit.
 *
 * f32 f64	the fewest digits that read back to the same bits, of those the nearest to the value: 0.1 1 -0 1e-05 1.5e+300, with
 *		an exponent below 1e-4 and from 1e16 on; inf -inf nan -nan (a NaN keeps its sign, not its payload).
 *		With FLAT_FIXED(n) exactly n digits after the point, correctly rounded (and so perhaps to another value)
 * integers	digits, and a '-'
 * bool		true (for all but 0) false
 * date		2024-12-31
 * timestamp	2024-12-31T23:59:59.25Z, the fraction as long as needed; years beyond 0000 to 9999 with a sign
 * null		the field's first spelling of null, else nothing.  A null string that no spelling tells from an empty one is
 *		FLAT_BAD_NULL, and so is a value that would read back as null.  With FLAT_VALIDITY_NONE only INT64_MIN, in a
 *		date or timestamp, is null
 *
 * A field is quoted where it has to be: if it holds the delimiter, a quote or a line break; if it is a string spelled
 * like a null, or has blanks that would be trimmed; if it is empty and the only field; if it starts the output like a
 * byte order mark.
 */
typedef enum flat_quoting {
	FLAT_QUOTE_NEEDED = 0,
	FLAT_QUOTE_ALWAYS, /* everything but nulls */
	FLAT_QUOTE_NEVER,  /* a value that needs quotes is FLAT_NEEDS_QUOTES; with FLAT_NONE it always is */
} flat_quoting;

typedef struct flat_writer flat_writer;

/* A plain struct; zero is the default. */
typedef struct flat_writer_options {
	flat_quoting quoting;
	size_t buffer;	      /* bytes, 4 KiB (which fewer become) to 1 GiB; 0: 256 KiB */
	void *memory;	      /* to live in, aligned to 16; stays yours.  NULL: it allocates once */
	size_t memory_nbytes; /* at least flat_writer_nbytes() */
} flat_writer_options;

/* Like flat_reader_nbytes(), for a writer. */
FLAT_API size_t flat_writer_nbytes(const flat_format *format, const flat_writer_options *options);

/*
 * flat_writer_open() makes or empties a file; the header, if the format has one, is the first thing to be written to
 * it.
 *
 * Returns the writer, or NULL: FLAT_BAD_OUTPUT, FLAT_NO_MEMORY, FLAT_BAD_ARGUMENT (a limit, or FLATLOAD_CPU), FLAT_NEEDS_QUOTES (a
 * name).  The format must outlive the writer.
 */
FLAT_API flat_writer *flat_writer_open(const flat_format *format, const char *path, flat_error *error);

/* Like flat_writer_open(), but to any sink, with options (NULL: the defaults). */
FLAT_API flat_writer *flat_writer_open_sink(const flat_format *format, const flat_sink *sink,
					    const flat_writer_options *options, flat_error *error);

/*
 * Like flat_bind() and flat_bind_column(): where the values of a field come from.  Every field has to be bound before
 * the first write.  Nothing of a column is ever written to.
 */
FLAT_API flat_status flat_writer_bind(flat_writer *writer, const char *name, const void *base, size_t stride);
FLAT_API flat_status flat_writer_bind_column(flat_writer *writer, size_t field, const flat_column *column);

/*
 * flat_write() writes elements [0, nrecords) of the bound columns as records.
 *
 * Returns how many it took; fewer than given means a failure, which flat_writer_failed() tells.  After a failure in a
 * value no byte of its record is written, and writing can go on with another; after FLAT_BAD_OUTPUT it cannot.
 * Records are kept in the buffer until it is full: flat_writer_counts() says how many have left it.  Linear in the
 * bytes written.  Allocates nothing.  A closed pipe raises SIGPIPE, unless the program has seen to that, in which case
 * it is FLAT_BAD_OUTPUT as any other failure.
 */
FLAT_API size_t flat_write(flat_writer *writer, size_t nrecords);

/* Like flat_write(), but elements [first, first + nrecords). */
FLAT_API size_t flat_write_at(flat_writer *writer, size_t first, size_t nrecords);

/* Hands what is in the buffer to the sink.  Returns FLAT_OK or the failure. */
FLAT_API flat_status flat_writer_flush(flat_writer *writer);

/* flat_writer_failed() tells whether the last write failed, or a bind for good, and if so fills 'error' in. */
FLAT_API bool flat_writer_failed(const flat_writer *writer, flat_error *error);

typedef struct flat_written {
	uint64_t taken;	  /* records that flat_write() took */
	uint64_t records; /* of those, the ones that the sink has taken whole */
	uint64_t bytes;	  /* that the sink has taken, the header's with them */
} flat_written;

FLAT_API flat_written flat_writer_counts(const flat_writer *writer);

/*
 * flat_writer_close() hands over what is left, and closes the file that flat_writer_open() opened.
 *
 * Returns FLAT_OK, or the first failure that made the writer useless, be it this late; that flat_write() did not take a
 * record is no such failure.  Takes NULL.
 */
FLAT_API flat_status flat_writer_close(flat_writer *writer, flat_error *error);

#ifdef __cplusplus
}
#endif

#endif
