/* The layered call, made by hand so that measuring needs no scenario reader: an app on 50 workers calls 24 hosts on the
 * Internet through the VIP's NAT: SYN, SYN/ACK, ACK, a request of 200 bytes, a reply of 5840 in four segments with
 * their ACKs, FINs. */
#ifndef PKTPATH_TESTS_BENCH_LAYERED_H
#define PKTPATH_TESTS_BENCH_LAYERED_H
#include "base/arena.h"
#include "network/world.h"

#define LAYERED_WORKERS 50u
#define LAYERED_MAX_HOSTS 24u /* 50 workers * 1024 ports * 24 hosts: room for 1.2 million mappings at once */

struct layered_config {
	uint32_t n_connections;
	uint32_t n_hosts;      /* at most LAYERED_MAX_HOSTS */
	uint32_t held_percent; /* of the connections stay open after the exchange; the others close */
	uint32_t per_second;   /* connections that start in a second of virtual time */
};

/* Everything that the model points at lives in it. */
struct layered {
	struct arena *arena; /* of the register of its elements */
	struct model model;
	struct region_config region;
	struct prefix space;
	struct vnet_config vnet;
	struct subnet_config subnet;
	be32 addresses[2 + LAYERED_WORKERS];
	struct service_port port;
	struct app_config app;
	struct ase_config ase;
	struct host_config hosts[LAYERED_MAX_HOSTS];
	struct flow_config flows[2 * LAYERED_MAX_HOSTS];
	char names[3 * LAYERED_MAX_HOSTS][16];
	struct instant all_open; /* every connection has started and had its reply by then */
};

/* Of one that is zero, or was made before. 0, -ENOMEM. */
int layered_make(struct layered *layered, const struct layered_config *config);
#endif
