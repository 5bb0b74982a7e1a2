/* DOC: chunks never move; the table of chunks may. A free slot holds the index of the next free one in its first four
 * bytes; the rest keeps what it held. */
#include "base/pool.h"
#include "base/fetch.h"
#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t object_bytes)
{
	*pool = (struct pool){.object_bytes = (uint32_t)((object_bytes + 7) / 8 * 8), .n_used = 1};
}

void pool_deinit(struct pool *pool)
{
	slab_deinit(&pool->slab);
	free(pool->chunks);
	*pool = (struct pool){.object_bytes = pool->object_bytes, .n_used = 1};
}

static int add_chunk(struct pool *pool)
{
	if (pool->n_chunks == pool->capacity_chunks) {
		uint32_t capacity = pool->capacity_chunks ? pool->capacity_chunks * 2 : 16;
		uint8_t **chunks = realloc(pool->chunks, capacity * sizeof *chunks);
		if (!chunks)
			return -1;
		pool->chunks = chunks;
		pool->capacity_chunks = capacity;
	}
	uint8_t *chunk = slab_take(&pool->slab, (size_t)pool->object_bytes << POOL_CHUNK_SHIFT);
	if (!chunk)
		return -1;
	pool->chunks[pool->n_chunks++] = chunk;
	return 0;
}

/* To the cache: the object that will be given out next, which nothing has touched for long, or ever. Where the next one
 * is stands in it. */
static void fetch_next(const struct pool *pool)
{
	uint32_t next = pool->free_head != POOL_NONE ? pool->free_head : pool->n_used;
	if (next >> POOL_CHUNK_SHIFT >= pool->n_chunks)
		return;
	const uint8_t *object = pool_at(pool, next);
	for (uint32_t at = 0; at < pool->object_bytes; at += SLAB_LINE_BYTES)
		fetch_line(object + at);
}

uint32_t pool_get(struct pool *pool)
{
	uint32_t index = pool->free_head;
	if (index != POOL_NONE) {
		memcpy(&pool->free_head, pool_at(pool, index), sizeof pool->free_head);
	} else {
		if (pool->n_used == UINT32_MAX)
			return POOL_NONE;
		if (pool->n_used >> POOL_CHUNK_SHIFT >= pool->n_chunks && add_chunk(pool) < 0)
			return POOL_NONE;
		index = pool->n_used++;
	}
	pool->n_live++;
	fetch_next(pool);
	return index;
}

void pool_put(struct pool *pool, uint32_t index)
{
	memcpy(pool_at(pool, index), &pool->free_head, sizeof pool->free_head);
	pool->free_head = index;
	pool->n_live--;
}
