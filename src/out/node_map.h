/* A small map from numbers of nodes to numbers: which interface, which file. It grows with the nodes that a flow meets,
 * not with the world.
 */
#ifndef PKTPATH_OUT_NODE_MAP_H
#define PKTPATH_OUT_NODE_MAP_H
#include <stdbool.h>
#include <stdint.h>

struct node_map {
	struct node_slot *slots; /* open addressing, at most half full */
	uint32_t mask;
	uint32_t n;
};

void node_map_deinit(struct node_map *map);
bool node_map_find(const struct node_map *map, uint32_t node, uint32_t *ret);
/* The node is not there yet. 0 or -ENOMEM. */
int node_map_add(struct node_map *map, uint32_t node, uint32_t value);
#endif
