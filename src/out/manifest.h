/* What an earlier run wrote into a directory, by its report.json. */
#ifndef PKTPATH_OUT_MANIFEST_H
#define PKTPATH_OUT_MANIFEST_H
#include <stdbool.h>
#include <stddef.h>

#define MANIFEST_FILE "report.json"
#define MANIFEST_PAGE "report.html" /* what is made of the report afterwards */

enum manifest_kind {
	MANIFEST_NONE,       /* there is no report.json */
	MANIFEST_OURS,       /* it bears the marker, or has the whole shape of reports of 0.1.0, which had none */
	MANIFEST_FOREIGN,    /* another program's */
	MANIFEST_UNREADABLE, /* damaged, no regular file, or it may not be read */
};

struct manifest {
	enum manifest_kind kind;
	char **names; /* of MANIFEST_OURS: the files of that run, sorted, each once */
	size_t n;
	int error; /* of MANIFEST_UNREADABLE: why it could not be read; 0 where it is damaged */
};

/* Reads `file`, a report.json, in the directory. 0 or -ENOMEM. */
int manifest_read(int directory_fd, const char *file, struct manifest *ret);
void manifest_free(struct manifest *manifest);
/* Whether that run wrote a file of this name. */
bool manifest_has(const struct manifest *manifest, const char *name);
/* Whether report.html in the directory is a page that pktpath made. */
bool manifest_page_is_ours(int directory_fd);
#endif
