#include "config.h"

#include "unquote.h"

void fl_unquote(struct fl_unquoted *unquoted, const struct fl_slices *slices, size_t i, size_t n, int quote)
{
	const struct fl_slices from = *slices;

	unquoted->slices = (struct fl_slices){
		.text = from.text, .before = unquoted->before, .end = unquoted->end, .before_step = 1, .end_step = 1};
	for (size_t k = 0; k < n; k++, i++) {
		const uint32_t before = fl_slice_before(&from, i), end = fl_slice_behind(&from, i);
		const uint32_t start = before + 1, quoted = start < end && (unsigned char)from.text[start] == quote;

		unquoted->before[k] = before + quoted;
		unquoted->end[k] = end - quoted;
	}
}

size_t fl_convert_unquoted(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			   fl_fault *fault)
{
	struct fl_column inside = *column;
	struct fl_unquoted unquoted;

	/* What is between quotes has none around it: """" is a quote, and not nothing in quotes. */
	inside.quote = FLAT_NONE;
	for (size_t i = 0; i < n;) {
		const size_t some = n - i < FL_UNQUOTED_MOST ? n - i : FL_UNQUOTED_MOST;
		size_t done;

		fl_unquote(&unquoted, slices, i, some, column->quote);
		done = column->convert(&inside, &unquoted.slices, first + i, some, fault);
		i += done;
		if (done < some)
			return i;
	}
	return n;
}
