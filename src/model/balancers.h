/* Load balancers, as a scenario says them (azure: load-balancer-overview). Frontends, pools and probes of all balancers
 * stand in one array each in the model, sorted by balancer, then name, so that references are indices; rules stand in
 * the order of the file. */
#ifndef PKTPATH_MODEL_BALANCERS_H
#define PKTPATH_MODEL_BALANCERS_H
#include "base/place.h"
#include "net/addr.h"
#include "rule/nat.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum balancer_sku { SKU_STANDARD, SKU_BASIC };

struct frontend_config {
	const char *name;
	uint32_t balancer;
	be32 addr; /* public, or of `subnet` */
	bool is_internal;
	uint32_t subnet;   /* of an internal frontend */
	bool translates;   /* calls out leave by its address, by the rules of `nat` */
	uint32_t outbound; /* the outbound rule that it is the first frontend of, in the balancer's list; NONE */
	uint32_t nat_of; /* the frontend whose NAT has this address; itself, or the first of its outbound rule; NONE */
	struct nat_rules nat;
	uint32_t *machines; /* hosts whose calls leave here, in the order of their blocks of ports */
	size_t n_machines;
	struct place place;
};

struct pool_config {
	const char *name;
	uint32_t balancer;
	uint32_t *hosts; /* in the order of the file */
	size_t n_hosts;
	struct place place;
};

struct probe_config {
	const char *name;
	uint32_t balancer;
	uint16_t port;
	uint8_t proto; /* TCP */
	int64_t every_ns;
	uint32_t count; /* of misses that take a machine out, and of answers that bring it back */
	struct place place;
};

enum balancer_affinity { AFFINITY_FIVE_TUPLE, AFFINITY_SOURCE_DESTINATION, AFFINITY_SOURCE_DESTINATION_PROTOCOL };

struct balancing_config { /* a balancing rule */
	const char *name;
	uint32_t frontend, pool;
	uint32_t probe; /* NONE: all machines count as healthy */
	bool all_ports; /* of TCP and UDP: an HA-ports rule */
	uint16_t port, to;
	uint8_t proto; /* of `port` */
	int64_t idle_ns;
	bool reset;
	enum balancer_affinity affinity;
	bool floating, outbound_snat;
	struct place place;
};

struct inbound_nat_config { /* one port of a frontend for one port of one machine */
	const char *name;
	uint32_t frontend, host;
	uint16_t port, to;
	uint8_t proto;
	int64_t idle_ns;
	bool reset;
	struct place place;
};

struct outbound_config { /* source NAT of a pool by the addresses of frontends */
	const char *name;
	uint32_t *frontends;
	size_t n_frontends;
	uint32_t pool;
	uint32_t ports_per_machine; /* or NAT_PORTS_AUTO */
	uint8_t proto;              /* 0: TCP and UDP */
	int64_t idle_ns;
	bool reset;
	struct place place;
};

struct balancer_config {
	const char *name;
	enum balancer_sku sku;
	struct frontend_config *frontends; /* in the model's array */
	struct pool_config *pools;
	struct probe_config *probes;
	struct balancing_config *rules;
	struct inbound_nat_config *inbound_nat;
	struct outbound_config *outbound;
	size_t n_frontends, n_pools, n_probes, n_rules, n_inbound_nat, n_outbound;
	uint32_t vnet;   /* of its machines; NONE where it has none */
	uint32_t region; /* that network's; else the first */
	struct place place;
};
#endif
