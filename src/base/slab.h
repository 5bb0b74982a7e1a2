/* Pieces of memory that live until all of them go, cut from ever larger blocks; and advice to the system on large
 * blocks. */
#ifndef PKTPATH_BASE_SLAB_H
#define PKTPATH_BASE_SLAB_H
#include <stddef.h>
#include <stdint.h>

#define SLAB_LINE_BYTES 64u /* a line of the cache: what is as large as one, or two, does not lie across more */

struct slab {
	struct slab_block *blocks;
	uint8_t *next;
	size_t left_bytes;
	size_t total_bytes;
};

/* Not zeroed, aligned to a line; size_bytes is a multiple of that. NULL where memory is short. */
void *slab_take(struct slab *slab, size_t size_bytes);
void slab_deinit(struct slab *slab);

/* For a block that is touched all over the place: asks for pages of two megabytes, where the system has such. Nothing
 * depends on it. */
void slab_advise_large(void *block, size_t size_bytes);
#endif
