/* The pool of packets, a chunk at a time. */
#include "sim/packets.h"
#include <stdlib.h>

#define CHUNK_PACKETS 256

struct packets_chunk {
	struct packets_chunk *next;
	struct packet packets[CHUNK_PACKETS];
};

void packets_init(struct packets *packets)
{
	*packets = (struct packets){0};
}

void packets_deinit(struct packets *packets)
{
	while (packets->chunks) {
		struct packets_chunk *chunk = packets->chunks;
		packets->chunks = chunk->next;
		free(chunk);
	}
	packets_init(packets);
}

static bool packets_grow(struct packets *packets)
{
	struct packets_chunk *chunk = malloc(sizeof *chunk);
	if (!chunk)
		return false;
	chunk->next = packets->chunks;
	packets->chunks = chunk;
	for (size_t i = CHUNK_PACKETS; i-- > 0;) {
		chunk->packets[i].next = packets->free;
		packets->free = &chunk->packets[i];
	}
	return true;
}

struct packet *packets_get(struct packets *packets)
{
	if (!packets->free && !packets_grow(packets))
		return NULL;
	struct packet *packet = packets->free;
	packets->free = packet->next;
	packets->n_live++;
	return packet;
}
