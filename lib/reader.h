/*
 * What loading with several threads needs of a reader beside the public interface: readers that start in the middle of
 * an input.
 */
#ifndef FL_READER_H
#define FL_READER_H

#include "flatload.h"

struct fl_texts;

/* What lies before some byte of the input, at which a record starts or blank lines in front of one. */
struct fl_start {
	uint64_t byte, line, record;
};

/* Of a reader just opened: the source with its descriptor open, which stays the reader's. */
const flat_source *fl_reader_source(const flat_reader *reader);

/* Of a reader just opened: where the records behind the header start.  False if there is none behind it. */
bool fl_reader_start(const flat_reader *reader, struct fl_start *start);

/* Of a reader just opened: how many fields each record has. */
size_t fl_reader_nfields(const flat_reader *reader);

/*
 * Gives a reader like 'first', whose fields are found and bound, that has no source yet.  They share all that is known of
 * fields, until others are bound to it: 'first' stays as it is as long.
 *
 * It lives in 'memory' of flat_reader_nbytes() with the options of 'first', and needs no closing.
 */
flat_reader *fl_reader_like(const flat_reader *first, const flat_reader_options *options, void *memory);

/*
 * Has such a reader read the bytes from 'start' on, whatever it did before; what is bound stays so.  Its errors count from
 * the start of the input.
 *
 * The first 'nlent' bytes are those at 'lent', which are used where they are, see fl_buffer_lend(); all others come from
 * 'source', a callback.
 */
void fl_reader_go_to(flat_reader *reader, const flat_source *source, const struct fl_start *start, const char *lent,
		     size_t nlent);

/* What was found in bytes before it was known where in the input they are. */
struct fl_ahead {
	uint64_t records, lines; /* that ended in them */
	size_t nbytes;		 /* of them; what lies behind starts with a record if it is not all */
	unsigned state;		 /* of the grammar, behind all */
};

/*
 * Has such a reader find the records that end in lent bytes, the first of which starts a record, and which come from 'byte' on:
 * as many as its index has room for, up to one that is not well-formed.  fl_reader_go_on() is to follow, or fl_reader_go_to().
 */
void fl_reader_look_ahead(flat_reader *reader, uint64_t byte, const char *lent, size_t nlent, struct fl_ahead *found);

/* Like fl_reader_go_to() the bytes that were looked at, of which it now is known what lies before; what was found is kept. */
void fl_reader_go_on(flat_reader *reader, const flat_source *source, const struct fl_start *start);

/* Gives each bound column of texts, by index, its range; how many there are. */
size_t fl_reader_bind_texts(flat_reader *reader, struct fl_texts *texts);

/* Whether texts of ranges are noted by the reads that follow, or converted. */
void fl_reader_note_texts(flat_reader *reader, bool noted);

/* fl_store_noted() for each of them. */
void fl_reader_store_noted(flat_reader *reader, size_t n);

/*
 * Where the records start that were not all in what was lent; FLAT_NOWHERE if no more was read.
 */
struct fl_start fl_reader_start_behind(const flat_reader *reader);

/* Bytes of the input up to the end of the last record stored: behind a flat_read() that gave all it was asked for. */
uint64_t fl_reader_nbytes_stored(const flat_reader *reader);

/* Line feeds of what was taken from the source. */
uint64_t fl_reader_nlines(flat_reader *reader);

/* Like flat_read(), but stores nothing: it goes past records, which have to be well-formed. */
size_t fl_reader_pass(flat_reader *reader, size_t nrecords);

#endif
