/*
 * Chooses the sink: by --to, else by the output's ending.
 */
#include "config.h"

#include "files.h"
#include "sink.h"

#include <string.h>
#include <sys/stat.h>

static const struct sink *const sinks[] = {&sink_npy, &sink_npz, &sink_raw, &sink_csv, &sink_tsv};
#define NSINKS (sizeof sinks / sizeof *sinks)

/* Kinds of later versions, and their endings. */
static const struct {
	const char *kind, *ending;
} later[] = {
	{"hdf5", ".h5"},
	{"hdf5", ".hdf5"},
	{"arrow", ".arrow"},
};
#define NLATER (sizeof later / sizeof *later)

static const struct sink *by_kind(const char *kind)
{
	for (size_t i = 0; i < NSINKS; i++)
		if (strcmp(sinks[i]->kind, kind) == 0)
			return sinks[i];
	for (size_t i = 0; i < NLATER; i++) {
		if (strcmp(later[i].kind, kind) != 0)
			continue;
		complain(BAD_COMMAND,
			 "--to %s: this version of flatload does not have it yet; it has npy, npz, "
			 "raw, csv and tsv",
			 kind);
		return NULL;
	}
	complain(BAD_COMMAND, "--to '%s': it is npy, npz, raw, csv or tsv", kind);
	return NULL;
}

static const struct sink *by_path(const char *path)
{
	struct stat there;

	for (size_t i = 0; i < NSINKS; i++)
		if (sinks[i]->ending && ends_in(path, sinks[i]->ending))
			return sinks[i];
	if (ends_in(path, "/") || (stat(path, &there) == 0 && S_ISDIR(there.st_mode)))
		return &sink_raw;
	for (size_t i = 0; i < NLATER; i++) {
		if (!ends_in(path, later[i].ending))
			continue;
		complain(BAD_COMMAND,
			 "%s: this version of flatload does not write %s yet; it writes npy, npz, "
			 "raw, csv and tsv",
			 path, later[i].kind);
		return NULL;
	}
	complain(BAD_COMMAND, "%s: its ending does not say what to write (a / is raw); say --to npy, npz, raw, csv or tsv", path);
	return NULL;
}

const struct sink *sink_choose(const char *kind, const char *path)
{
	return kind ? by_kind(kind) : by_path(path);
}
