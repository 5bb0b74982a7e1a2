/* Who holds the ports of a NAT, as it was found last. */
#ifndef PKTPATH_CAUSE_HOLDERS_H
#define PKTPATH_CAUSE_HOLDERS_H
#include "cause/maker.h"

#define HOLDERS_MAX 64u

struct holder {
	uint32_t flow, worker; /* worker NONE: the source counts */
	be32 source;
	struct tuple first; /* of its first mapping */
	uint32_t n;
	struct instant since;
};

struct holders {
	uint32_t node, worker;
	struct tuple asked; /* the packet that found no port */
	struct instant found;
	bool by_source; /* machines behind the NAT have blocks of their own */
	struct holder items[HOLDERS_MAX];
	size_t n;
	uint32_t n_mappings;        /* of these and of all others that compete */
	uint32_t n_resting;         /* ports that rest after a connection */
	struct instant rests_until; /* the first of them */
	const char *rest_timer;     /* "port_hold.fin" */
};

struct holders *causes_holders(struct causes *causes);
#endif
