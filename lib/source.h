/*
 * Bytes from a path, a descriptor, memory or a callback, all by one call.
 */
#ifndef FL_SOURCE_H
#define FL_SOURCE_H

#include "flatload.h"

struct fl_source {
	flat_source from;
	size_t taken; /* bytes of memory handed over */
	bool opened;  /* from.descriptor is ours to close */
};

flat_status fl_source_open(struct fl_source *source, const flat_source *from, flat_error *error);
void fl_source_close(struct fl_source *source);

/* Hands over up to nbytes > 0 bytes: how many, 0 at the end, -1 with errno set.  Interruptions are gone through. */
ptrdiff_t fl_source_read(struct fl_source *source, void *buffer, size_t nbytes);

#endif
