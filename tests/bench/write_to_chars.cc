/*
 * Like write.c, but by std::to_chars, the fastest of the standard library of C++, into a buffer of
 * 256 KiB.  Built by peers.py, if there is a compiler of C++.
 *
 *   write_to_chars SET NRECORDS FILE
 */
#include "write_data.h"

#include <charconv>
#include <vector>

static char *put(char *p, char type, const char *at)
{
	double d;
	int64_t n;

	if (type == 's') {
		size_t nbytes = strnlen(at, STRING_NBYTES);

		memcpy(p, at, nbytes);
		return p + nbytes;
	}
	memcpy(&d, at, sizeof d);
	memcpy(&n, at, sizeof n);
	return type == 'i' ? std::to_chars(p, p + 32, n).ptr : std::to_chars(p, p + 32, d).ptr;
}

int main(int argc, char **argv)
{
	static char buffer[(1 << 18) + 4096];
	std::vector<char *> values;

	if (argc != 4)
		return 2;
	const char *columns = write_set_columns(argv[1]);
	size_t ncolumns = strlen(columns), nrecords = strtoul(argv[2], nullptr, 10);

	for (size_t i = 0; i < ncolumns; i++)
		values.push_back(write_column(columns[i], nrecords, i));
	double started = wall_now();
	FILE *out = fopen(argv[3], "wb");

	if (!out)
		return perror(argv[3]), 1;
	setvbuf(out, nullptr, _IONBF, 0);
	char *p = buffer;

	for (size_t i = 0; i < ncolumns; i++)
		p += snprintf(p, 8, "c%zu%c", i, i + 1 < ncolumns ? ',' : '\n');
	for (size_t k = 0; k < nrecords; k++) {
		for (size_t i = 0; i < ncolumns; i++) {
			p = put(p, columns[i], values[i] + k * write_width(columns[i]));
			*p++ = i + 1 < ncolumns ? ',' : '\n';
		}
		if (p - buffer < 1 << 18)
			continue;
		fwrite(buffer, 1, (size_t)(p - buffer), out);
		p = buffer;
	}
	fwrite(buffer, 1, (size_t)(p - buffer), out);
	return write_report(out, started, nrecords);
}
