/* DOC: a million connections take hundreds of megabytes, of which every packet touches a few lines that are in no
 * cache. Finding the page of such a line may cost as much as the line itself, and the first touch of a page costs the
 * system more than many packets cost us. Both are rare with pages of two megabytes, so blocks are made large enough for
 * them as soon as there is much: a sixteenth of what is there already, which bounds the waste. */
#include "base/slab.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHARE 16
#define LAST_BLOCK_BYTES ((size_t)6 << 20)
#define LARGE_PAGE_BYTES ((size_t)2 << 20)

struct slab_block {
	struct slab_block *before;
	_Alignas(SLAB_LINE_BYTES) uint8_t data[];
};

void slab_advise_large(void *block, size_t size_bytes)
{
	if (size_bytes < LARGE_PAGE_BYTES)
		return;
	/* Whole pages inside the block: advice is for pages. */
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = ((uintptr_t)block + page - 1) / page * page;
	uintptr_t end = ((uintptr_t)block + size_bytes) / page * page;
	(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
}

void *slab_take(struct slab *slab, size_t size_bytes)
{
	if (slab->left_bytes < size_bytes) {
		size_t share =
			slab->total_bytes / SHARE < LAST_BLOCK_BYTES ? slab->total_bytes / SHARE : LAST_BLOCK_BYTES;
		size_t block_bytes = size_bytes > share ? size_bytes : share / size_bytes * size_bytes;
		struct slab_block *block = aligned_alloc(SLAB_LINE_BYTES, sizeof *block + block_bytes);
		if (!block)
			return NULL;
		slab_advise_large(block, sizeof *block + block_bytes);
		block->before = slab->blocks;
		*slab = (struct slab){block, block->data, block_bytes, slab->total_bytes + block_bytes};
	}
	void *piece = slab->next;
	slab->next += size_bytes;
	slab->left_bytes -= size_bytes;
	return piece;
}

void slab_deinit(struct slab *slab)
{
	while (slab->blocks) {
		struct slab_block *block = slab->blocks;
		slab->blocks = block->before;
		free(block);
	}
	*slab = (struct slab){0};
}
