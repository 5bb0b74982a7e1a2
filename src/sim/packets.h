/* The pool of packets: no allocation a packet once the pool is warm. */
#ifndef PKTPATH_SIM_PACKETS_H
#define PKTPATH_SIM_PACKETS_H
#include "net/packet.h"

struct packets {
	struct packet *free; /* last in, first out: the warmest first */
	struct packets_chunk *chunks;
	uint64_t n_live;
};

void packets_init(struct packets *packets);
void packets_deinit(struct packets *packets); /* frees all packets, live ones too */
/* NULL where memory is short. The content is undefined. */
struct packet *packets_get(struct packets *packets);
static inline void packets_put(struct packets *packets, struct packet *packet)
{
	packet->next = packets->free;
	packets->free = packet;
	packets->n_live--;
}
#endif
