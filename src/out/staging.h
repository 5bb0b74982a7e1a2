/* The directory of a run's output and the staging directory in it. Used by the writer alone. */
#ifndef PKTPATH_OUT_STAGING_H
#define PKTPATH_OUT_STAGING_H
#include "out/install.h"

struct staging {
	char *directory; /* as given */
	/* the directory whose path has this length, and all below it, were made by us; SIZE_MAX where all was there */
	size_t made_at;
	int directory_fd; /* locked as long as the run lives */
	char *path;       /* of the staging directory */
	int fd;           /* of the staging directory, locked as long as the run lives */
	struct buf notes; /* a line each: what a user ought to know of the directory */
};

/* Makes the directory, its parents and a staging directory in it; completes or removes what runs that were killed have
 * left. Negative errno, -EBUSY where another run writes there; *ret_path (malloc'd) names what could not be made. */
int staging_begin(struct staging *staging, const char *directory, char **ret_path);
/* Moves `names` (sorted) from the staging directory into place, and out of the way what an earlier run wrote besides.
 * On failure all is as it was, and *ret_name is the one at fault. */
int staging_install(struct staging *staging, const char *const *names, size_t n, const char **ret_name);
/* Removes the staging directory; with `made` also the directories that staging_begin() made, where they are empty.
 * Frees. */
void staging_end(struct staging *staging, bool made);
#endif
