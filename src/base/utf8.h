/* UTF-8 as RFC 3629 has it. */
#ifndef PKTPATH_BASE_UTF8_H
#define PKTPATH_BASE_UTF8_H
#include <stddef.h>

/* Length of the sequence at `p`, of which `left` (at least 1) bytes are there: no overlong forms, no surrogates. 0 where
 * it is none. */
size_t utf8_length(const unsigned char *p, size_t left);
#endif
