/*
 * Readers of parts of an input, for a load by several threads: they start in its middle, find records ahead of knowing
 * what lies before them, and note texts whose place is not known yet.
 */
#include "config.h"

#include "reader_state.h"

const flat_source *fl_reader_source(const flat_reader *reader)
{
	return &reader->source.from;
}

bool fl_reader_start(const flat_reader *reader, struct fl_start *start)
{
	const struct fl_index *index = &reader->index;

	/* The header's own line break is then a blank line. */
	*start = (struct fl_start){.byte = reader->buffer.offset + index->batch_start, .line = index->batch_line};
	if (!index->nrecords)
		*start = (struct fl_start){.byte = reader->buffer.offset + index->record_start,
					   .line = index->record_line};
	return !index->any_shape;
}

size_t fl_reader_nfields(const flat_reader *reader)
{
	return reader->index.nfields;
}

void fl_reader_go_to(flat_reader *reader, const flat_source *source, const struct fl_start *start, const char *lent,
		     size_t nlent)
{
	const flat_reader before = *reader;

	*reader = (flat_reader){
		.format = before.format,
		.cpu = before.cpu,
		.source = {.from = *source},
		.buffer = {.text = before.buffer.lent ? before.buffer.own : before.buffer.text,
			   .capacity = before.buffer.capacity,
			   .window = before.buffer.window,
			   .offset = start->byte},
		.columns = before.columns,
		.own = before.own,
		.kept = before.kept,
		.positions = before.positions,
		.in_order = before.in_order,
		.lanes = before.lanes,
		.rest = before.rest,
		.nlanes = before.nlanes,
		.nrest = before.nrest,
		.lanes_known = before.lanes_known,
		.widens = before.widens,
		.measuring = before.measuring,
		.nfound = before.nfound,
		.stride = SIZE_MAX,
		.stored = start->record,
	};
	fl_index_open_like(&reader->index, &before.index, before.index.before, before.index.ends, start->line);
	reader->behind = *start;
	if (!nlent)
		return;
	reader->behind.byte = FLAT_NOWHERE;
	fl_buffer_lend(&reader->buffer, lent, nlent);
}

void fl_reader_look_ahead(flat_reader *reader, uint64_t byte, const char *lent, size_t nlent, struct fl_ahead *found)
{
	const flat_source none = {.name = ""};
	const struct fl_start start = {.byte = byte};
	struct fl_index *index = &reader->index;
	bool all;

	fl_reader_go_to(reader, &none, &start, lent, nlent);
	fl_buffer_show_all(&reader->buffer);
	fl_index_scan(index, lent, nlent, false);
	all = index->at == nlent && !index->stopped;
	*found = (struct fl_ahead){.records = index->nrecords,
				   .lines = all ? index->line : index->record_line,
				   .nbytes = all ? nlent : index->record_start,
				   .state = index->state};
}

void fl_reader_go_on(flat_reader *reader, const flat_source *source, const struct fl_start *start)
{
	reader->source.from = *source;
	reader->stored = start->record;
	reader->counted += start->line;
	fl_index_add_lines(&reader->index, start->line);
}

struct fl_start fl_reader_start_behind(const flat_reader *reader)
{
	return reader->behind;
}

static struct fl_column *texts_at(flat_reader *reader, size_t field)
{
	struct fl_column *column = &reader->columns[field];

	return column->base && column->field->type == FLAT_TEXT ? column : NULL;
}

size_t fl_reader_bind_texts(flat_reader *reader, struct fl_texts *texts)
{
	size_t n = 0;

	fl_reader_claim_columns(reader);
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			texts_at(reader, i)->texts = &texts[n++];
	return n;
}

/* Those of the next range may lie behind: the plain loop writes nothing but the texts. */
void fl_reader_note_texts(flat_reader *reader, bool noted)
{
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			texts_at(reader, i)->convert = noted ? reader->cpu->loops->note_text : fl_convert_text;
}

void fl_reader_store_noted(flat_reader *reader, size_t n)
{
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			reader->cpu->loops->store_noted(texts_at(reader, i), n);
}
