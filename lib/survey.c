/*
 * Follows the grammar through a range of bytes from every state in which it can be entered, at once.
 *
 * What the fields hold is left to measures.
 */
#include "config.h"

#include "cpu.h"
#include "dialect.h"
#include "grammar.h"

#include <string.h>

/*
 * A byte order mark counts at the very start of the input only.  So there are three states before those of the grammar:
 * at the start, and behind one and two bytes of a mark.
 */
enum { AT_INPUT = FLAT_STATE_OF_INPUT, BEHIND_EF, BEHIND_BB, OF_GRAMMAR };
_Static_assert(OF_GRAMMAR + FL_NSTATES == FLAT_STATES, "the interface names the number of states");

/* States that are the same by now; they stay so. */
struct lane {
	unsigned state;
	uint64_t records; /* since the lane started */
	uint32_t waiting; /* bit s: from state s no record has ended yet */
};

/* One range, as far as it was followed. */
struct pass {
	unsigned char class_of[256];
	struct fl_bytes bytes;
	fl_tally_function *blocks; /* the fast way; NULL: there is none */
	struct lane lanes[FLAT_STATES];
	unsigned nlanes;
	unsigned lane_of[FLAT_STATES];
	flat_survey survey; /* 'records' are those of the state less those of its lane, modulo 2^64 */
};

static void see_end(struct pass *pass, struct lane *lane, uint64_t behind)
{
	lane->records++;
	for (unsigned s = 0; lane->waiting; s++) {
		if (lane->waiting >> s & 1)
			pass->survey.from[s].first = behind;
		lane->waiting &= ~(UINT32_C(1) << s);
	}
}

/* What a state of the grammar becomes with a byte; gives whether a record ends with it. */
static bool step_grammar(const struct pass *pass, unsigned *state, unsigned char byte)
{
	struct fl_step step = fl_steps[*state - OF_GRAMMAR][pass->class_of[byte]];

	*state = step.next + OF_GRAMMAR;
	return step.action == FL_END_RECORD;
}

static bool step(const struct pass *pass, unsigned *state, unsigned char byte)
{
	static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
	unsigned was = *state;

	if (was >= OF_GRAMMAR)
		return step_grammar(pass, state, byte);
	if (byte == mark[was]) {
		*state = was == BEHIND_BB ? OF_GRAMMAR + FL_AT_RECORD : was + 1;
		return false;
	}
	/* No mark after all: what was taken for one was the start of the first record. */
	*state = OF_GRAMMAR + FL_AT_RECORD;
	for (unsigned i = AT_INPUT; i < was; i++)
		step_grammar(pass, state, mark[i]);
	return step_grammar(pass, state, byte);
}

/* Gives the lines. */
static uint64_t run_bytes(struct pass *pass, struct lane *lane, const unsigned char *bytes, size_t at, size_t end)
{
	unsigned state = lane->state;
	uint64_t lines = 0;

	for (; at < end; at++) {
		lines += bytes[at] == '\n';
		if (step(pass, &state, bytes[at]))
			see_end(pass, lane, at + 1);
	}
	lane->state = state;
	return lines;
}

/* In blocks, as far as they go; moves 'at' there, and gives the lines up to there. */
static uint64_t run_blocks(struct pass *pass, struct lane *lane, const unsigned char *bytes, size_t *at, size_t end)
{
	struct fl_tally tally = {.bytes = pass->bytes,
				 .state = (enum fl_state)(lane->state - OF_GRAMMAR),
				 .at = *at,
				 .first = FLAT_NOWHERE};

	pass->blocks(&tally, (const char *)bytes, end);
	if (tally.records) {
		see_end(pass, lane, tally.first);
		lane->records += tally.records - 1;
	}
	lane->state = OF_GRAMMAR + tally.state;
	*at = tally.at;
	return tally.lines;
}

/* What blocks leave goes byte by byte, for as many bytes as a block has.  Gives the lines. */
static uint64_t run(struct pass *pass, struct lane *lane, const unsigned char *bytes, size_t at, size_t end)
{
	uint64_t lines = 0;

	while (at < end) {
		size_t stop;

		if (pass->blocks && lane->state >= OF_GRAMMAR && end - at >= FL_BLOCK)
			lines += run_blocks(pass, lane, bytes, &at, end);
		stop = end - at < FL_BLOCK ? end : at + FL_BLOCK;
		lines += run_bytes(pass, lane, bytes, at, stop);
		at = stop;
	}
	return lines;
}

/* The states of lane b go on in lane a; the last lane takes its place. */
static void merge(struct pass *pass, unsigned a, unsigned b)
{
	unsigned last = pass->nlanes - 1;

	pass->lanes[a].waiting |= pass->lanes[b].waiting;
	for (unsigned s = 0; s < FLAT_STATES; s++)
		if (pass->lane_of[s] == b) {
			pass->survey.from[s].records += pass->lanes[b].records - pass->lanes[a].records;
			pass->lane_of[s] = a;
		}
	for (unsigned s = 0; s < FLAT_STATES; s++)
		if (pass->lane_of[s] == last)
			pass->lane_of[s] = b;
	pass->lanes[b] = pass->lanes[last];
	pass->nlanes--;
}

static void merge_equals(struct pass *pass)
{
	for (unsigned a = 0; a < pass->nlanes; a++)
		for (unsigned b = a + 1; b < pass->nlanes;)
			if (pass->lanes[a].state == pass->lanes[b].state)
				merge(pass, a, b);
			else
				b++;
}

/*
 * Of two lanes, is one inside quotes?  Then that one stands still up to the next quote.  Gives the other; nlanes if not
 * so.
 */
static unsigned awake(const struct pass *pass)
{
	const unsigned quotes = OF_GRAMMAR + FL_IN_QUOTES;

	if (pass->nlanes != 2)
		return pass->nlanes == 1 ? 0 : pass->nlanes;
	return pass->lanes[0].state == quotes ? 1 : pass->lanes[1].state == quotes ? 0 : 2;
}

static void follow(struct pass *pass, const unsigned char *bytes, size_t nbytes, int quote)
{
	for (size_t at = 0; at < nbytes; at++) {
		unsigned lane = awake(pass);

		if (lane < pass->nlanes) {
			const unsigned char *next = NULL;

			if (pass->nlanes > 1 && quote != FLAT_NONE)
				next = memchr(bytes + at, quote, nbytes - at);
			pass->survey.lines +=
				run(pass, &pass->lanes[lane], bytes, at, next ? (size_t)(next - bytes) : nbytes);
			if (!next)
				return;
			at = (size_t)(next - bytes);
		}
		pass->survey.lines += bytes[at] == '\n';
		for (unsigned i = 0; i < pass->nlanes; i++)
			run(pass, &pass->lanes[i], bytes, at, at + 1);
		merge_equals(pass);
	}
}

flat_survey flat_survey_bytes(const flat_dialect *dialect, const void *bytes, size_t nbytes)
{
	flat_dialect complete = fl_dialect_complete(dialect);
	const struct fl_cpu *cpu = fl_cpu_choose(NULL);
	struct pass pass = {.nlanes = FLAT_STATES};

	fl_classify(pass.class_of, &complete);
	pass.bytes = fl_bytes_of(&complete);
	/* Blocks know nothing of blanks.  Without a variant of that name there is still the reference. */
	pass.blocks = complete.trim || !cpu ? NULL : cpu->tally;
	pass.survey.nbytes = nbytes;
	for (unsigned s = 0; s < FLAT_STATES; s++) {
		pass.lanes[s] = (struct lane){.state = s, .waiting = UINT32_C(1) << s};
		pass.lane_of[s] = s;
		pass.survey.from[s].first = FLAT_NOWHERE;
	}
	follow(&pass, bytes, nbytes, complete.quote);
	for (unsigned s = 0; s < FLAT_STATES; s++) {
		pass.survey.from[s].records += pass.lanes[pass.lane_of[s]].records;
		pass.survey.from[s].leads_to = pass.lanes[pass.lane_of[s]].state;
	}
	return pass.survey;
}

flat_survey flat_survey_join(const flat_survey *left, const flat_survey *right)
{
	flat_survey both = {.nbytes = left->nbytes + right->nbytes, .lines = left->lines + right->lines};

	for (unsigned s = 0; s < FLAT_STATES; s++) {
		const flat_passage *a = &left->from[s], *b = &right->from[a->leads_to];

		both.from[s] =
			(flat_passage){.records = a->records + b->records, .first = a->first, .leads_to = b->leads_to};
		if (a->first == FLAT_NOWHERE && b->first != FLAT_NOWHERE)
			both.from[s].first = left->nbytes + b->first;
	}
	return both;
}

uint64_t flat_survey_records(const flat_survey *survey)
{
	const flat_passage *passage = &survey->from[FLAT_STATE_OF_INPUT];

	return passage->records + (passage->leads_to != OF_GRAMMAR + FL_AT_RECORD && passage->leads_to != AT_INPUT);
}
