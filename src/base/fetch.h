/* Asks for a line of the cache before it is needed. Nothing depends on it but time. */
#ifndef PKTPATH_BASE_FETCH_H
#define PKTPATH_BASE_FETCH_H

static inline void fetch_line(const void *at)
{
	__builtin_prefetch(at, 1);
	/* A function that does nothing but prefetch has no effect in gcc's eyes, and calls of it go away. This it takes
	 * for one, and it costs nothing. */
	__asm__ volatile("");
}
#endif
