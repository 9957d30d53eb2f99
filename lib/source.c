/*
 * Where bytes come from.  Knows nothing of records; each call hands over what there is.
 */
#include "config.h"

#include "error.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

flat_source flat_source_path(const char *path)
{
	if (!path)
		path = "";
	return (flat_source){.name = path, .path = path, .descriptor = -1};
}

flat_source flat_source_descriptor(int descriptor, const char *name)
{
	return (flat_source){.name = name ? name : "<descriptor>", .descriptor = descriptor};
}

flat_source flat_source_memory(const void *bytes, size_t nbytes, const char *name)
{
	return (flat_source){
		.name = name ? name : "<memory>", .descriptor = -1, .bytes = bytes ? bytes : "", .nbytes = nbytes};
}

flat_source flat_source_callback(flat_read_function *read, void *context, const char *name)
{
	return (flat_source){.name = name ? name : "<callback>", .descriptor = -1, .read = read, .context = context};
}

flat_status fl_source_open(struct fl_source *source, const flat_source *from, flat_error *error)
{
	*source = (struct fl_source){.from = *from};
	if (!from->path)
		return FLAT_OK;
	do
		source->from.descriptor = open(from->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (source->from.descriptor < 0 && errno == EINTR);
	if (source->from.descriptor < 0)
		return fl_error_os(error, FLAT_BAD_INPUT, errno, "cannot be opened", from->name);
	source->opened = true;
	return FLAT_OK;
}

void fl_source_close(struct fl_source *source)
{
	if (source->opened)
		close(source->from.descriptor);
	source->opened = false;
}

static ptrdiff_t read_memory(struct fl_source *source, void *buffer, size_t nbytes)
{
	size_t left = source->from.nbytes - source->taken;

	if (nbytes > left)
		nbytes = left;
	memcpy(buffer, (const char *)source->from.bytes + source->taken, nbytes);
	source->taken += nbytes;
	return (ptrdiff_t)nbytes;
}

/* A descriptor that does not block is waited for, as if it did. */
static ptrdiff_t read_descriptor(int descriptor, void *buffer, size_t nbytes)
{
	ptrdiff_t n = read(descriptor, buffer, nbytes);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		struct pollfd ready = {.fd = descriptor, .events = POLLIN};

		if (poll(&ready, 1, -1) >= 0)
			errno = EINTR;
	}
	return n;
}

static ptrdiff_t read_once(struct fl_source *source, void *buffer, size_t nbytes)
{
	if (source->from.read)
		return source->from.read(source->from.context, buffer, nbytes);
	if (source->from.bytes)
		return read_memory(source, buffer, nbytes);
	return read_descriptor(source->from.descriptor, buffer, nbytes);
}

ptrdiff_t fl_source_read(struct fl_source *source, void *buffer, size_t nbytes)
{
	ptrdiff_t n;

	do
		n = read_once(source, buffer, nbytes);
	while (n < 0 && errno == EINTR);
	/* A callback that claims more than there was room for has written it, too: nothing can be trusted any more. */
	if (n < -1 || (n > 0 && (size_t)n > nbytes)) {
		errno = EIO;
		return -1;
	}
	return n;
}
