/*
 * Bytes to and from descriptors, and the few things about paths that the C library lacks.
 */
#include "config.h"

#include "files.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Linux moves at most 2 GiB at a time, and some systems refuse more. */
#define PIECE_MAX ((size_t)1 << 30)

static size_t piece(size_t nbytes)
{
	return nbytes < PIECE_MAX ? nbytes : PIECE_MAX;
}

bool write_all(int descriptor, const void *bytes, size_t nbytes)
{
	for (const char *p = bytes; nbytes > 0;) {
		ssize_t n = write(descriptor, p, piece(nbytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		nbytes -= (size_t)n;
	}
	return true;
}

bool write_all_at(int descriptor, const void *bytes, size_t nbytes, uint64_t offset)
{
	for (const char *p = bytes; nbytes > 0;) {
		ssize_t n = pwrite(descriptor, p, piece(nbytes), (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		offset += (uint64_t)n;
		nbytes -= (size_t)n;
	}
	return true;
}

bool read_all_at(int descriptor, void *bytes, size_t nbytes, uint64_t offset)
{
	for (char *p = bytes; nbytes > 0;) {
		ssize_t n = pread(descriptor, p, piece(nbytes), (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0) {
			memset(p, 0, nbytes);
			return true;
		}
		p += n;
		offset += (uint64_t)n;
		nbytes -= (size_t)n;
	}
	return true;
}

int spool_open(const char *directory)
{
	char *path = join_path(directory, ".flatload-XXXXXX");
	int descriptor = path ? mkstemp(path) : -1;

	if (descriptor >= 0)
		unlink(path);
	free(path);
	return descriptor;
}

bool ends_in(const char *path, const char *ending)
{
	size_t nbytes = strlen(path), ending_nbytes = strlen(ending);

	return nbytes >= ending_nbytes && strcasecmp(path + nbytes - ending_nbytes, ending) == 0;
}

void use_utf8_names(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "en_US.UTF-8");
}

char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

char *join_path(const char *directory, const char *name)
{
	size_t nbytes = strlen(directory), name_nbytes = strlen(name) + 1;
	char *path = malloc(nbytes + 1 + name_nbytes);

	if (!path)
		return NULL;
	memcpy(path, directory, nbytes);
	path[nbytes] = '/';
	memcpy(path + nbytes + 1, name, name_nbytes);
	return path;
}
