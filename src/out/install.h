/* Puts the files of a staging directory into place, as one step. Used by staging.c alone. */
#ifndef PKTPATH_OUT_INSTALL_H
#define PKTPATH_OUT_INSTALL_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

#define STAGING_PREFIX ".pktpath-" /* no output file may begin with it */

struct installation {
	int directory_fd;
	int staging_fd;
	const char *directory; /* for notes */
	struct buf *notes;     /* a line each: what was kept, what could not be read */
};

/* Moves `names` (sorted) into place, and out of the way what an earlier run wrote besides. On failure all is as it was,
 * and *ret_name is the file at fault. */
int install_files(const struct installation *at, const char *const *names, size_t n, const char **ret_name);
/* Completes the installation of a run that was killed in the midst of it. 1; 0 where none had begun; -errno. */
int install_recover(const struct installation *at);
/* A name without slashes that is no directory and none of ours. */
bool install_name_is_plain(const char *name);
#endif
