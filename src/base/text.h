/* Small questions about texts. */
#ifndef PKTPATH_BASE_TEXT_H
#define PKTPATH_BASE_TEXT_H
#include <stddef.h>
#include <string.h>

/* The rest of a text behind a prefix; NULL where it begins differently. */
static inline const char *text_behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}
#endif
