/* Open addressing with linear probing and Fibonacci hashing; nothing is ever removed. Its order reaches no output. */
#include "out/node_map.h"
#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 8u

struct node_slot {
	uint32_t node_plus_one; /* 0: free */
	uint32_t value;
};

static inline uint32_t slot_of(const struct node_map *map, uint32_t node)
{
	return (uint32_t)((node * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & map->mask;
}

void node_map_deinit(struct node_map *map)
{
	free(map->slots);
	*map = (struct node_map){0};
}

bool node_map_find(const struct node_map *map, uint32_t node, uint32_t *ret)
{
	if (!map->slots)
		return false;
	for (uint32_t i = slot_of(map, node); map->slots[i].node_plus_one != 0; i = (i + 1) & map->mask) {
		if (map->slots[i].node_plus_one == node + 1) {
			*ret = map->slots[i].value;
			return true;
		}
	}
	return false;
}

static void insert(struct node_map *map, struct node_slot slot)
{
	uint32_t i = slot_of(map, slot.node_plus_one - 1);
	while (map->slots[i].node_plus_one != 0)
		i = (i + 1) & map->mask;
	map->slots[i] = slot;
	map->n++;
}

static int grow(struct node_map *map)
{
	uint32_t n = !map->slots ? 0 : map->mask + 1;
	struct node_map wider = {.mask = n == 0 ? FIRST_SLOTS - 1 : 2 * n - 1};
	wider.slots = calloc(wider.mask + 1, sizeof(*wider.slots));
	if (!wider.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		if (map->slots[i].node_plus_one != 0)
			insert(&wider, map->slots[i]);
	}
	free(map->slots);
	*map = wider;
	return 0;
}

int node_map_add(struct node_map *map, uint32_t node, uint32_t value)
{
	if (!map->slots || 2 * map->n > map->mask) {
		int r = grow(map);
		if (r < 0)
			return r;
	}
	insert(map, (struct node_slot){node + 1, value});
	return 0;
}
