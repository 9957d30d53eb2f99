/*
 * A bound column, ready for the loops that fill it.
 *
 * A loop takes one field of a run of records, the slices, and stores the values in consecutive elements.  It is
 * chosen when the column is bound; nothing is decided by type in it.
 */
#ifndef FL_COLUMN_H
#define FL_COLUMN_H

#include "cpu.h"
#include "fault.h"
#include "flatload.h"
#include "words.h"

/* Bytes before a window that can be read, whatever they hold: loops load a text by what ends where it ends. */
#define FL_MARGIN 64

/*
 * Where the texts of one field lie: that of record i from text + before + 1 up to text + end, as the index has it.
 * FL_MARGIN bytes before 'text' can be read.
 */
struct fl_slices {
	const char *text;
	const uint32_t *before, *end;
	ptrdiff_t before_step, end_step; /* elements from one record to the next, or across fields to the next field */
};

/* Multiplied without a sign, which is the same number: compilers then make a sum of it in loops. */
static inline uint32_t fl_slice_before(const struct fl_slices *slices, size_t i)
{
	return slices->before[(ptrdiff_t)(i * (size_t)slices->before_step)];
}

static inline uint32_t fl_slice_behind(const struct fl_slices *slices, size_t i)
{
	return slices->end[(ptrdiff_t)(i * (size_t)slices->end_step)];
}

static inline const char *fl_slice_start(const struct fl_slices *slices, size_t i)
{
	return slices->text + (uint32_t)(fl_slice_before(slices, i) + 1);
}

static inline const char *fl_slice_end(const struct fl_slices *slices, size_t i)
{
	return slices->text + fl_slice_behind(slices, i);
}

struct fl_column;

/* Converts the whole text [p, end) into one element.  Writes nothing on a fault. */
typedef fl_fault fl_parse_function(const struct fl_column *column, const char *p, const char *end, void *element);

/*
 * The texts of a range, of which others load what lies before.  How far the arena is filled then is known when all before
 * have been noted: fl_note_text() adds up the bytes and keeps in the offsets where the texts are, fl_store_noted() copies
 * them.  Or fl_convert_text() does both at once.
 */
struct fl_texts {
	const char *text;	/* from which on notes count */
	uint64_t nbytes;	/* of what was noted and is not stored yet */
	uint64_t first, behind; /* elements of the range; the offset of 'behind' belongs to the next one */
	bool is_last;		/* ... of which there is none */
	uint64_t start;		/* offset of element 'first' */
};

/* A note, in 64 bits: where the text starts, how many bytes it has there, and whether quotes are doubled in it. */
#define FL_NOTE_NBYTES_AT 32
#define FL_NOTE_DOUBLED_AT 63
#define FL_NOTE_MOST 0x7fffffffu

/* Adds what is between the quotes, if there are any, to the texts. */
static inline uint64_t fl_note(struct fl_texts *texts, const char *p, const char *end, size_t nquotes)
{
	uint64_t nbytes = (uint64_t)(end - p), at = (uintptr_t)p - (uintptr_t)texts->text;

	texts->nbytes += nbytes - nquotes / 2;
	return (at & UINT32_MAX) | (nbytes & FL_NOTE_MOST) << FL_NOTE_NBYTES_AT |
	       (uint64_t)(nquotes > 0) << FL_NOTE_DOUBLED_AT;
}

static inline const char *fl_noted_start(const struct fl_texts *texts, uint64_t noted)
{
	return texts->text + (noted & UINT32_MAX);
}

static inline const char *fl_noted_end(const struct fl_texts *texts, uint64_t noted)
{
	return fl_noted_start(texts, noted) + (noted >> FL_NOTE_NBYTES_AT & FL_NOTE_MOST);
}

static inline bool fl_is_doubled(uint64_t noted)
{
	return noted >> FL_NOTE_DOUBLED_AT;
}

/*
 * 64 bytes: with a record of more fields than a window has records, each value needs its column brought into the cache.
 */
struct fl_column {
	char *base; /* the measure, of a field that is measured instead; NULL: not bound */
	size_t stride;
	const flat_column
		*cells; /* all that was bound, with all strides filled in; fl_bare if that is only base and stride */
	const flat_field *field;
	fl_convert_function *convert;
	struct fl_texts *texts; /* NULL: the arena is filled from element 0 on */
	uint32_t width;		/* bytes of an element */
	uint32_t per_second;	/* of a timestamp */
	int16_t quote;		/* of the dialect */
	bool trim;
	bool nulls_first; /* a spelling of null is also a value, so nulls must be looked for before values */
	bool measured;
	bool unquotes; /* the loop may be given texts without the quotes around them: see unquote.h */
};

/* Without validity, lengths or arena. */
extern const flat_column fl_bare;

/* Checks the cells of a field, for reading or writing, and completes them: no stride is 0. */
flat_status fl_column_check(flat_column *complete, const flat_format *format, size_t field, const flat_column *cells,
			    flat_error *error);

/*
 * Checks 'cells' and makes a column of them, that is filled by loops for this CPU.  In 'kept' the column keeps what few
 * have; where it has none, 'kept' is not touched.
 */
flat_status fl_column_bind(struct fl_column *column, flat_column *kept, const flat_format *format, size_t field,
			   const flat_column *cells, const struct fl_cpu *cpu, flat_error *error);

/*
 * Says of elements [first, first + n) that they have values; done before a loop, so that loops only say which are null.
 */
void fl_column_mark_valid(const struct fl_column *column, size_t first, size_t n);

/* Stores null in an element, if the column has a way to. */
fl_fault fl_column_store_null(const struct fl_column *column, size_t element);

/*
 * The same for elements [first + i, first + n) of a column that is not of strings, as long as their texts are empty and
 * the column can hold nulls; gives which is the first that is not.
 */
size_t fl_column_store_empty(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
			     size_t n);

/* Is the text null, by one of the field's spellings, or, but for strings, because it is empty? */
bool fl_is_null(const flat_field *field, const char *p, const char *end);
bool fl_is_spelled_null(const flat_field *field, const char *p, const char *end);

/* Takes blanks off both ends. */
void fl_trim(const char **p, const char **end);

static inline char *fl_element(const struct fl_column *column, size_t element)
{
	return column->base + element * column->stride;
}

/* Of texts: the offset that an element is. */
static inline uint64_t fl_load_offset(const struct fl_column *column, size_t element)
{
	uint64_t offset;

	memcpy(&offset, fl_element(column, element), sizeof offset);
	return offset;
}

static inline void fl_store_offset(const struct fl_column *column, size_t element, uint64_t offset)
{
	memcpy(fl_element(column, element), &offset, sizeof offset);
}

/* Where the text of element 'first' goes. */
static inline uint64_t fl_texts_begin(const struct fl_column *column, size_t first)
{
	const struct fl_texts *texts = column->texts;

	if (texts && texts->first == first)
		return texts->start;
	return first ? fl_load_offset(column, first) : 0;
}

/* Where the text before 'element' ends. */
static inline void fl_texts_end(const struct fl_column *column, size_t element, uint64_t offset)
{
	const struct fl_texts *texts = column->texts;

	if (!texts || element < texts->behind || texts->is_last)
		fl_store_offset(column, element, offset);
}

static inline bool fl_is_quoted(const struct fl_column *column, const char *p, const char *end)
{
	return p < end && (unsigned char)*p == column->quote;
}

/* By type; NULL for strings.  In convert_value.c */
extern fl_parse_function *const fl_parsers[FLAT_TIMESTAMP_NS + 1];

fl_convert_function fl_convert_str, fl_convert_text, fl_note_text; /* convert_string.c */
fl_convert_function fl_convert_str_avx2, fl_convert_text_avx2, fl_note_text_avx2, fl_convert_date_avx2,
	fl_convert_timestamp_avx2;

/*
 * Stores the first 'n' texts of a range that were noted, and the offset behind them, unless it is the next range's; 'first'
 * and 'start' are then those of what follows.
 */
fl_store_function fl_store_noted, fl_store_noted_avx2;

#endif
