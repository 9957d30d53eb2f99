/*
 * Where bytes go to.  Knows nothing of records.
 */
#include "config.h"

#include "error.h"
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

flat_sink flat_sink_path(const char *path)
{
	if (!path)
		path = "";
	return (flat_sink){.name = path, .path = path, .descriptor = -1};
}

flat_sink flat_sink_descriptor(int descriptor, const char *name)
{
	return (flat_sink){.name = name ? name : "<descriptor>", .descriptor = descriptor};
}

flat_sink flat_sink_memory(void *bytes, size_t nbytes, const char *name)
{
	static char nothing;

	return (flat_sink){.name = name ? name : "<memory>",
			   .descriptor = -1,
			   .bytes = bytes ? bytes : &nothing,
			   .nbytes = bytes ? nbytes : 0};
}

flat_sink flat_sink_callback(flat_write_function *write, void *context, const char *name)
{
	return (flat_sink){.name = name ? name : "<callback>", .descriptor = -1, .write = write, .context = context};
}

flat_status fl_sink_open(struct fl_sink *sink, const flat_sink *to, flat_error *error)
{
	*sink = (struct fl_sink){.to = *to};
	if (!to->path)
		return FLAT_OK;
	do
		sink->to.descriptor = open(to->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	while (sink->to.descriptor < 0 && errno == EINTR);
	if (sink->to.descriptor < 0)
		return fl_error_os(error, FLAT_BAD_OUTPUT, errno, "cannot be made", to->name);
	sink->opened = true;
	return FLAT_OK;
}

static ptrdiff_t write_memory(struct fl_sink *sink, const char *buffer, size_t nbytes)
{
	size_t room = sink->to.nbytes - (size_t)sink->taken;

	if (room == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (nbytes > room)
		nbytes = room;
	memcpy((char *)sink->to.bytes + sink->taken, buffer, nbytes);
	return (ptrdiff_t)nbytes;
}

/* A descriptor that does not block is waited for, as if it did. */
static ptrdiff_t write_descriptor(int descriptor, const char *buffer, size_t nbytes)
{
	ptrdiff_t n = write(descriptor, buffer, nbytes);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		struct pollfd ready = {.fd = descriptor, .events = POLLOUT};

		if (poll(&ready, 1, -1) >= 0)
			errno = EINTR;
	}
	return n;
}

static ptrdiff_t write_once(struct fl_sink *sink, const char *buffer, size_t nbytes)
{
	if (sink->to.write)
		return sink->to.write(sink->to.context, buffer, nbytes);
	if (sink->to.bytes)
		return write_memory(sink, buffer, nbytes);
	return write_descriptor(sink->to.descriptor, buffer, nbytes);
}

flat_status fl_sink_write(struct fl_sink *sink, const char *buffer, size_t nbytes, flat_error *error)
{
	while (nbytes > 0) {
		ptrdiff_t n = write_once(sink, buffer, nbytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (size_t)n > nbytes)
			return fl_error_os(error, FLAT_BAD_OUTPUT, n < 0 ? errno : EIO, "cannot be written",
					   sink->to.name);
		buffer += n;
		nbytes -= (size_t)n;
		sink->taken += (uint64_t)n;
	}
	return FLAT_OK;
}

flat_status fl_sink_close(struct fl_sink *sink, flat_error *error)
{
	bool opened = sink->opened;

	sink->opened = false;
	if (opened && close(sink->to.descriptor) != 0 && errno != EINTR)
		return fl_error_os(error, FLAT_BAD_OUTPUT, errno, "cannot be closed", sink->to.name);
	return FLAT_OK;
}
