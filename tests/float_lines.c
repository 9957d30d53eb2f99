/*
 * Doubles on standard input, as they lie in memory, become lines on standard output, through the writer; with the argument "f32"
 * they are floats.  For python_repr.py.
 */
#include "config.h"

#include "flatload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static union {
		double f64[4096];
		float f32[8192];
	} block;
	bool f32 = argc > 1 && strcmp(argv[1], "f32") == 0;
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_sink sink = flat_sink_descriptor(1, "standard output");
	flat_format *format = flat_format_parse(f32 ? "x:f32" : "x:f64", &dialect, NULL);
	flat_writer *writer = format ? flat_writer_open_sink(format, &sink, NULL, NULL) : NULL;
	size_t width = f32 ? sizeof(float) : sizeof(double), n;
	flat_status status;

	if (!writer || flat_writer_bind(writer, "x", &block, 0) != FLAT_OK)
		return EXIT_FAILURE;
	while ((n = fread(&block, width, sizeof block / width, stdin)) > 0)
		if (flat_write(writer, n) != n)
			return EXIT_FAILURE;
	status = flat_writer_close(writer, NULL);
	flat_format_free(format);
	return status == FLAT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
