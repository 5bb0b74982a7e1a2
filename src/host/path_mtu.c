/* Open addressing with linear probing; a machine and an address have one slot for the whole run. */
#include "host/path_mtu.h"
#include "base/random.h"
#include <errno.h>
#include <stdlib.h>

#define MIN_SLOTS 64u
#define LEAST_BYTES 576u
#define REMEMBERED_NS (600 * NS_PER_S)

struct slot {
	be32 to;
	uint32_t machine;
	uint32_t mtu_bytes; /* 0: an empty slot */
	struct instant ends;
};

struct path_mtus {
	struct slot *slots;
	uint32_t mask, n;
};

int path_mtus_new(struct path_mtus **ret)
{
	struct path_mtus *mtus = malloc(sizeof *mtus);
	if (!mtus)
		return -ENOMEM;
	*mtus = (struct path_mtus){.slots = calloc(MIN_SLOTS, sizeof *mtus->slots), .mask = MIN_SLOTS - 1};
	if (!mtus->slots) {
		free(mtus);
		return -ENOMEM;
	}
	*ret = mtus;
	return 0;
}

struct path_mtus *path_mtus_free(struct path_mtus *mtus)
{
	if (mtus)
		free(mtus->slots);
	free(mtus);
	return NULL;
}

static struct slot *find(const struct path_mtus *mtus, uint32_t machine, be32 to)
{
	uint32_t i = (uint32_t)(random_mix((uint64_t)machine << 32 | be32_key(to)) >> 32) & mtus->mask;
	while (mtus->slots[i].mtu_bytes != 0 &&
	       (mtus->slots[i].machine != machine || !be32_equal(mtus->slots[i].to, to)))
		i = (i + 1) & mtus->mask;
	return &mtus->slots[i];
}

uint32_t path_mtu(const struct path_mtus *mtus, uint32_t machine, be32 to, struct instant now)
{
	const struct slot *slot = mtus ? find(mtus, machine, to) : NULL;
	return slot && slot->mtu_bytes != 0 && instant_before(now, slot->ends) ? slot->mtu_bytes : PATH_MTU_UNKNOWN;
}

static int make_room(struct path_mtus *mtus)
{
	struct path_mtus made = {calloc(2 * ((size_t)mtus->mask + 1), sizeof *made.slots), 2 * mtus->mask + 1, mtus->n};
	if (!made.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i <= mtus->mask; i++)
		if (mtus->slots[i].mtu_bytes != 0)
			*find(&made, mtus->slots[i].machine, mtus->slots[i].to) = mtus->slots[i];
	free(mtus->slots);
	*mtus = made;
	return 0;
}

int path_mtu_learn(struct path_mtus *mtus, uint32_t machine, be32 to, uint32_t mtu_bytes, struct instant now)
{
	int r = mtus->n >= (mtus->mask + 1) / 4 * 3 ? make_room(mtus) : 0;
	if (r < 0)
		return r;
	struct slot *slot = find(mtus, machine, to);
	mtus->n += slot->mtu_bytes == 0;
	*slot = (struct slot){to, machine, mtu_bytes > LEAST_BYTES ? mtu_bytes : LEAST_BYTES,
			      instant_add(now, REMEMBERED_NS)};
	return 0;
}
