/*
 * Fuzz target: any bytes, read in two ways, give the same records and errors, and no promise is broken on the way.
 *
 * The first bytes of the data choose format, limits and ways, the rest is the input.
 */
#include "config.h"

#include "../support/drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

/* What each of the first bytes chooses; in this order, so that a corpus stays what it was. */
enum { DIALECT, SCHEMA, NULLS, LIMITS, FIRST_WAY, FIRST_CHUNK, SECOND_WAY, SECOND_CHUNK, NCHOICES };

/* Longer inputs find nothing that shorter ones do not. */
enum { MAX_INPUT = 8192 };

static flat_format *choose_format(const uint8_t *data)
{
	static const char *const schemas[] = {
		"a:i64,b:text",
		("a:bool,b:i8,c:i16,d:i32,e:i64,f:u8,g:u16,h:u32,i:u64,j:f32,k:f64,l:str5,m:text,n:date,"
		 "o:timestamp[s],p:timestamp[ms],q:timestamp[us],r:timestamp[ns]"),
		"a:text",
		"x:f64,name:str20,id:u64",
		"a:str1,b:str3",
		"a:date,b:timestamp[ns]",
		"a:f32,b:bool",
		"c:u8",
	};
	static const int delimiters[] = {0, ';', '\t', ' '}, quotes[] = {0, '\'', FLAT_NONE, '|'};
	static const char *const nulls[] = {"NA", "", "0", "a b"};
	const flat_dialect dialect = {
		.delimiter = delimiters[data[DIALECT] % 4],
		.quote = quotes[data[DIALECT] / 4 % 4],
		.header = data[DIALECT] & 16 ? FLAT_HEADER_ABSENT : FLAT_HEADER_NAMES,
		.trim = data[DIALECT] & 32,
		.nulls = nulls,
		.nnulls = data[NULLS] % 5,
	};

	return flat_format_parse(schemas[data[SCHEMA] % 8], &dialect, NULL);
}

static void choose_way(struct drive *way, const uint8_t *data, uint8_t choice, uint8_t chunk)
{
	static const size_t windows[] = {0, 1, 2, 3, 7, 31, 64, 200};
	static const flat_validity validities[] = {FLAT_VALIDITY_NONE, FLAT_VALIDITY_BITMAP, FLAT_VALIDITY_BYTE,
						   FLAT_VALIDITY_SENTINEL};

	*way = (struct drive){
		.source = chunk ? FROM_CALLBACK : FROM_MEMORY,
		.chunk = chunk,
		.cpu = drive_cpu(choice / 8),
		.mode = (enum drive_mode)(choice / 8 % 4),
		.interrupted = choice & 128,
		.options = {.window = windows[choice % 8],
			    .max_record = data[LIMITS] % 64 ? data[LIMITS] % 64 : MAX_INPUT,
			    .max_fields = data[LIMITS] & 64 ? 32 : 300},
		.table = {.layout = choice & 32 ? LAYOUT_STRUCT : LAYOUT_SEPARATE,
			  .validity = validities[data[NULLS] / 8 % 4],
			  .lengths = data[NULLS] & 64,
			  .arena_nbytes = MAX_INPUT},
	};
	/* A small arena is not full where it starts anew. */
	if (data[LIMITS] & 128 && way->mode != READ_ONE)
		way->table.arena_nbytes = 5;
}

static void stop(const char *why, const struct drive ways[2], const struct outcome outcomes[2])
{
	for (int i = 0; i < 2; i++) {
		struct text description = {.bytes = NULL};

		drive_describe(&ways[i], &description);
		fprintf(stderr, "%s\n%s%s", description.bytes, outcomes[i].records.bytes ? outcomes[i].records.bytes : "",
			outcomes[i].errors.bytes ? outcomes[i].errors.bytes : "");
		text_free(&description);
	}
	fprintf(stderr, "%s\n", why);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	struct outcome outcomes[2] = {{.broken = NULL}, {.broken = NULL}};
	struct drive ways[2];
	flat_format *format;

	if (nbytes < NCHOICES || nbytes > MAX_INPUT)
		return 0;
	format = choose_format(data);
	if (!format)
		return 0;
	choose_way(&ways[0], data, data[FIRST_WAY], data[FIRST_CHUNK]);
	choose_way(&ways[1], data, data[SECOND_WAY], data[SECOND_CHUNK]);
	/* One with a small arena, one without, are not to be compared. */
	if (ways[0].mode == READ_ONE || ways[1].mode == READ_ONE)
		ways[0].table.arena_nbytes = ways[1].table.arena_nbytes = MAX_INPUT;
	for (int i = 0; i < 2; i++) {
		drive(format, (const char *)data + NCHOICES, nbytes - NCHOICES, &ways[i], &outcomes[i]);
		if (outcomes[i].broken)
			stop(outcomes[i].broken, ways, outcomes);
	}
	if (!text_equals(&outcomes[0].records, &outcomes[1].records))
		stop("two ways of reading give different records", ways, outcomes);
	if (!text_equals(&outcomes[0].errors, &outcomes[1].errors))
		stop("two ways of reading give different errors", ways, outcomes);
	outcome_free(&outcomes[0]);
	outcome_free(&outcomes[1]);
	flat_format_free(format);
	return 0;
}
