/*
 * Finds the arrays in a .npz, a zip archive of one .npy each.  NAME.valid, of bool, says which
 * values of NAME are there.
 *
 * Members lie one after the other and may be compressed, so those that are wanted are taken out to
 * an unlinked file first.
 */
#include "config.h"

#include "arrays.h"
#include "files.h"
#include "npy_parse.h"

#ifdef HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_NBYTES ((size_t)64 << 10)
/* Of one array, without names of fields. */
#define HEADER_MAX ((size_t)1 << 20)

static enum status complain_archive(const struct arrays *arrays, struct archive *archive)
{
	const char *words = archive_error_string(archive);

	return complain(IO_FAILED, "%s: cannot be read: %s", arrays->path, words ? words : "out of memory");
}

static enum status open_archive(const struct arrays *arrays, struct archive **archive)
{
	use_utf8_names();
	*archive = archive_read_new();
	if (!*archive)
		return complain_memory();
	if (archive_read_support_format_zip(*archive) == ARCHIVE_OK &&
	    archive_read_open_filename(*archive, arrays->path, PIECE_NBYTES) == ARCHIVE_OK)
		return DONE;
	return complain_archive(arrays, *archive);
}

/* The next member that is a file, and its number from 1; NULL at the end. */
static enum status next_member(const struct arrays *arrays, struct archive *archive, struct archive_entry **entry,
			       size_t *member)
{
	int result;

	do {
		result = archive_read_next_header(archive, entry);
		++*member;
	} while (result != ARCHIVE_EOF && result >= ARCHIVE_WARN && archive_entry_filetype(*entry) == AE_IFDIR);
	if (result == ARCHIVE_EOF)
		*entry = NULL;
	/* A warning is about a name, of which the bytes are kept. */
	return result >= ARCHIVE_WARN ? DONE : complain_archive(arrays, archive);
}

static const char *member_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	if (!name)
		name = archive_entry_pathname(entry);
	return name ? name : "";
}

/* --------------------------------------------------------------------------------------- header */

static enum status read_exactly(const struct arrays *arrays, struct archive *archive, const char *name, void *bytes,
				size_t nbytes)
{
	la_ssize_t n = archive_read_data(archive, bytes, nbytes);

	if (n < 0)
		return complain_archive(arrays, archive);
	return (size_t)n == nbytes
		       ? DONE
		       : complain(IO_FAILED, "%s: %s: it is cut off, or not a NumPy array", arrays->path, name);
}

static enum status read_header(const struct arrays *arrays, struct archive *archive, const char *name,
			       struct npy_layout *layout, size_t *header_nbytes)
{
	unsigned char start[NPY_START_NBYTES];
	size_t at = 0, nbytes = 0, have;
	char *dict = NULL, *what = NULL;
	enum status status = read_exactly(arrays, archive, name, start, sizeof start);

	if (status != DONE)
		return status;
	if (!npy_find_dict(start, &at, &nbytes) || nbytes > HEADER_MAX)
		return complain(IO_FAILED, "%s: %s: it is not a NumPy array", arrays->path, name);
	/* Of version 1.0 the dict has begun already. */
	have = sizeof start - at;
	*header_nbytes = at + nbytes;
	dict = malloc(nbytes + have);
	what = join_path(arrays->path, name);
	if (!dict || !what) {
		status = complain_memory();
	} else {
		memcpy(dict, start + at, have);
		if (nbytes > have)
			status = read_exactly(arrays, archive, name, dict + have, nbytes - have);
		if (status == DONE)
			status = npy_parse(layout, start, dict, nbytes, what);
	}
	free(dict);
	free(what);
	return status;
}

static enum status add(struct arrays *arrays, const char *name, size_t name_nbytes, const struct npy_layout *layout,
		       size_t member, size_t header_nbytes)
{
	struct array *array;

	if (layout->records || layout->ndims != 1)
		return complain(BAD_COMMAND,
				"%s: %s: it is not one row of values; save it alone with numpy.save, "
				"or leave it out of the archive",
				arrays->path, name);
	array = arrays_add(arrays);
	if (array)
		array->name = strndup(name, name_nbytes);
	if (!array || !array->name)
		return complain_memory();
	array->type = layout->values[0].type;
	array->width = layout->values[0].width;
	array->swapped = layout->values[0].swapped;
	array->values = (struct stretch){
		.stride = layout->element_nbytes, .descriptor = -1, .member = member, .header_nbytes = header_nbytes};
	/* Kept here until all are compared. */
	array->text_nbytes = layout->shape[0];
	return DONE;
}

static enum status take_member(struct arrays *arrays, struct archive *archive, struct archive_entry *entry,
			       size_t member)
{
	struct npy_layout layout = {.values = NULL};
	const char *name = member_name(entry);
	size_t nbytes = strlen(name), header_nbytes = 0;
	enum status status;

	if (nbytes <= 4 || strcmp(name + nbytes - 4, ".npy") != 0)
		return complain(IO_FAILED, "%s: %s: it is not an array (NAME.npy)", arrays->path, name);
	status = read_header(arrays, archive, name, &layout, &header_nbytes);
	if (status == DONE)
		status = add(arrays, name, nbytes - 4, &layout, member, header_nbytes);
	npy_layout_free(&layout);
	return status;
}

/* --------------------------------------------------------------------------------------- arrays */

/* Of "x.valid" the index of "x", mostly the one before; else 'nitems'. */
static size_t whose_validity(const struct arrays *arrays, size_t index)
{
	static const char ending[] = ".valid";
	const char *name = arrays->items[index].name;
	size_t nbytes = strlen(name);

	if (arrays->items[index].type != FLAT_BOOL || nbytes < sizeof ending ||
	    strcmp(name + nbytes - strlen(ending), ending) != 0)
		return arrays->nitems;
	nbytes -= strlen(ending);
	for (size_t i = 0; i < arrays->nitems; i++) {
		size_t k = (index + arrays->nitems - 1 - i) % arrays->nitems;
		const char *other = arrays->items[k].name;

		if (other && strncmp(other, name, nbytes) == 0 && !other[nbytes])
			return k;
	}
	return arrays->nitems;
}

/* Arrays of validity become parts of those whose it is. */
static void join_validity(struct arrays *arrays)
{
	size_t n = 0;

	for (size_t i = 0; i < arrays->nitems; i++) {
		size_t whose = whose_validity(arrays, i);

		if (whose == arrays->nitems)
			continue;
		arrays->items[whose].valid = arrays->items[i].values;
		free(arrays->items[i].name);
		arrays->items[i].name = NULL;
	}
	for (size_t i = 0; i < arrays->nitems; i++)
		if (arrays->items[i].name)
			arrays->items[n++] = arrays->items[i];
	arrays->nitems = n;
}

static enum status compare_lengths(struct arrays *arrays)
{
	if (!arrays->nitems)
		return complain(IO_FAILED, "%s: it holds no arrays", arrays->path);
	arrays->nrecords = arrays->items[0].text_nbytes;
	for (size_t i = 0; i < arrays->nitems; i++) {
		const struct array *array = &arrays->items[i];

		if (array->text_nbytes != arrays->nrecords)
			return complain(
				BAD_COMMAND,
				"%s: its arrays have different lengths: %" PRIu64 " in \"%s\", %" PRIu64 " in \"%s\"",
				arrays->path, arrays->nrecords, arrays->items[0].name, array->text_nbytes, array->name);
		if (arrays->nrecords > INT64_MAX / array->values.stride)
			return complain(IO_FAILED, "%s: array \"%s\" is cut off", arrays->path, array->name);
	}
	return DONE;
}

/*
 * A zip archive ends with a record that starts with PK 5 6, has 22 bytes, and a comment of up to 65535 behind it (APPNOTE.TXT
 * 4.3.16).  libarchive makes do without one, and so without whatever else was cut off.
 */
static enum status look_for_end(const struct arrays *arrays)
{
	static const char mark[] = "PK\5\6";
	enum { END_NBYTES = 22, MOST = END_NBYTES + 65535 };
	int descriptor = open(arrays->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	off_t nbytes = descriptor < 0 ? -1 : lseek(descriptor, 0, SEEK_END);
	char *tail = malloc(MOST);
	bool found = false;
	ssize_t n = -1;

	if (nbytes >= 0 && tail)
		n = pread(descriptor, tail, MOST, nbytes > MOST ? nbytes - MOST : 0);
	for (ssize_t at = n - END_NBYTES; at >= 0 && !found; at--)
		found = memcmp(tail + at, mark, sizeof mark - 1) == 0;
	free(tail);
	if (descriptor >= 0)
		close(descriptor);
	if (n < 0)
		return complain_os(arrays->path, "cannot be read");
	return found ? DONE : complain(IO_FAILED, "%s: it is cut off, or no zip archive", arrays->path);
}

enum status arrays_open_npz(struct arrays *arrays)
{
	struct archive_entry *entry = NULL;
	struct archive *archive = NULL;
	size_t member = 0;
	enum status status = look_for_end(arrays);

	if (status == DONE)
		status = open_archive(arrays, &archive);

	while (status == DONE) {
		status = next_member(arrays, archive, &entry, &member);
		if (status != DONE || !entry)
			break;
		status = take_member(arrays, archive, entry, member);
	}
	if (archive)
		archive_read_free(archive);
	arrays->nmembers = member;
	if (status == DONE)
		status = compare_lengths(arrays);
	if (status == DONE)
		join_validity(arrays);
	return status;
}

/* ---------------------------------------------------------------------------------------- spool */

/* Copies a member behind what is in the spool; it is as long as its header says, to the byte. */
static enum status spool(struct arrays *arrays, struct archive *archive, struct stretch *stretch, uint64_t *at,
			 char *piece)
{
	uint64_t wanted = stretch->header_nbytes + arrays->nrecords * stretch->stride, have = 0;
	la_ssize_t n;

	stretch->start = *at + stretch->header_nbytes;
	while ((n = archive_read_data(archive, piece, PIECE_NBYTES)) > 0) {
		have += (uint64_t)n;
		if (have > wanted)
			break;
		if (!write_all_at(arrays->descriptor, piece, (size_t)n, *at))
			return complain_os(arrays->path, "the temporary file for it cannot be written");
		*at += (uint64_t)n;
	}
	if (n < 0)
		return complain_archive(arrays, archive);
	if (have == wanted)
		return DONE;
	return complain(IO_FAILED, "%s: an array in it is %s", arrays->path,
			have < wanted ? "cut off" : "longer than its header says");
}

static enum status spool_members(struct arrays *arrays, struct archive *archive, struct stretch *const *wanted,
				 char *piece)
{
	struct archive_entry *entry = NULL;
	uint64_t at = 0;
	size_t member = 0;
	enum status status = DONE;

	while (status == DONE) {
		status = next_member(arrays, archive, &entry, &member);
		if (status != DONE || !entry)
			break;
		if (member <= arrays->nmembers && wanted[member])
			status = spool(arrays, archive, wanted[member], &at, piece);
	}
	return status;
}

enum status arrays_spool_npz(struct arrays *arrays, const char *directory)
{
	struct stretch **wanted = calloc(arrays->nmembers + 1, sizeof *wanted);
	char *piece = malloc(PIECE_NBYTES);
	struct archive *archive = NULL;
	enum status status = wanted && piece ? DONE : complain_memory();

	for (size_t i = 0; i < arrays->nwanted && status == DONE; i++) {
		struct array *array = arrays->wanted[i];

		wanted[array->values.member] = &array->values;
		if (array->valid.stride)
			wanted[array->valid.member] = &array->valid;
	}
	if (status == DONE)
		arrays->descriptor = spool_open(directory);
	if (status == DONE && arrays->descriptor < 0)
		status = complain_os(directory, "no temporary file can be made");
	if (status == DONE)
		status = open_archive(arrays, &archive);
	if (status == DONE)
		status = spool_members(arrays, archive, wanted, piece);
	if (archive)
		archive_read_free(archive);
	free(piece);
	free(wanted);
	return status;
}

#else

enum status arrays_open_npz(struct arrays *arrays)
{
	return complain(BAD_COMMAND, "%s: this flatload was built without libarchive, which reads it", arrays->path);
}

enum status arrays_spool_npz(struct arrays *arrays, const char *directory)
{
	(void)arrays;
	(void)directory;
	return DONE;
}

#endif
