/* A place in a scenario file: what every rule, verdict and diagnostic can be traced back to. */
#ifndef PKTPATH_BASE_PLACE_H
#define PKTPATH_BASE_PLACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct place {
	const char
		*file; /* NULL: not from a file (a platform default, the command line); lives as long as the scenario */
	uint32_t line; /* from 1; 0 where there is none */
	uint32_t column; /* from 1, in characters; 0 where there is none */
};

/* The text of a file that places lie in. */
struct source {
	const char *file; /* as places name it */
	const char *text;
	size_t text_bytes;
};

#define PLACE_NONE ((struct place){0})

/* What a reader sees of it: captures and causes do not depend on the directory from which a scenario was run. */
static inline const char *place_file_name(struct place place)
{
	const char *slash = strrchr(place.file, '/');
	return slash ? slash + 1 : place.file;
}

static inline bool place_equal(struct place a, struct place b)
{
	bool same_file = a.file == b.file || (a.file && b.file && strcmp(a.file, b.file) == 0);
	return same_file && a.line == b.line && a.column == b.column;
}
#endif
