/*
 * Bytes to a path, a descriptor, memory or a callback, all by one call.
 */
#ifndef FL_SINK_H
#define FL_SINK_H

#include "flatload.h"

struct fl_sink {
	flat_sink to;
	uint64_t taken; /* bytes */
	bool opened;	/* to.descriptor is ours to close */
};

flat_status fl_sink_open(struct fl_sink *sink, const flat_sink *to, flat_error *error);

/* Hands over all of the bytes, in as many goes as it takes; sink->taken tells how far a failure let it come. */
flat_status fl_sink_write(struct fl_sink *sink, const char *buffer, size_t nbytes, flat_error *error);

/* Some file systems tell only now that something was not written. */
flat_status fl_sink_close(struct fl_sink *sink, flat_error *error);

#endif
