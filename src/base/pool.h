/* A pool of equal objects addressed by index, so that growth never invalidates a handle and a handle costs 4 bytes.
 * Objects live in chunks that never move: pointers stay valid until the object is put back. Index 0 is never given
 * out. */
#ifndef PKTPATH_BASE_POOL_H
#define PKTPATH_BASE_POOL_H
#include "base/slab.h"

#define POOL_CHUNK_SHIFT 12u /* objects in a chunk: 4096 */
#define POOL_NONE 0u

struct pool {
	struct slab slab; /* of which chunks are cut */
	uint8_t **chunks;
	uint32_t n_chunks;
	uint32_t capacity_chunks;
	uint32_t object_bytes;
	uint32_t n_used; /* high water mark of indices, index 0 included */
	uint32_t free_head;
	uint32_t n_live;
};

/* object_bytes is rounded up to a multiple of 8. Objects that are as large as a line of the cache lie on lines. */
void pool_init(struct pool *pool, size_t object_bytes);
void pool_deinit(struct pool *pool);
/* An index, or POOL_NONE where memory is short. The object is not zeroed. */
uint32_t pool_get(struct pool *pool);
void pool_put(struct pool *pool, uint32_t index);
static inline void *pool_at(const struct pool *pool, uint32_t index)
{
	return pool->chunks[index >> POOL_CHUNK_SHIFT] +
	       (size_t)(index & ((1u << POOL_CHUNK_SHIFT) - 1u)) * pool->object_bytes;
}
#endif
