/* Why a packet was lost or refused (scenario.md), and the verdict: what a stage decided, by which rule, at which line.
 * A packet leaves a stage only through a verdict and a verdict that stops a packet has a reason: there is no silent
 * drop. */
#ifndef PKTPATH_NET_REASON_H
#define PKTPATH_NET_REASON_H
#include "base/place.h"
#include <stdbool.h>
#include <stdint.h>

enum reason {
	REASON_NONE,
	REASON_NSG_DENY,
	REASON_ROUTE_NONE,
	REASON_NO_ROUTE,
	REASON_SAME_SUBNET_AS_ASE,
	REASON_SNAT_PORTS_EXHAUSTED,
	REASON_NO_MAPPING,
	REASON_FILTERED,
	REASON_VIP_PORT_CLOSED,
	REASON_NO_LISTENER,
	REASON_HOST_DOWN,
	REASON_LINK_DOWN,
	REASON_LINK_LOSS,
	REASON_QUEUE_FULL,
	REASON_TTL_EXPIRED,
	REASON_FRAGMENTATION_NEEDED,
	REASON_BAD_CHECKSUM,
	REASON_NOT_PEERED,
	REASON_ICMP_NOT_TRANSLATED,
	REASON_FRAGMENT_NOT_TRANSLATED,
	REASON_NOT_FORWARDING,
	REASON_FRAGMENT_OUT_OF_ORDER,
	REASON_NO_OUTBOUND,
	REASON_LOAD_BALANCER_LOOP,
	REASON_NO_HEALTHY_BACKEND,
	REASON_NO_STATE,
	REASON_FIREWALL_DENY,
	REASON_COUNT
};

/* "nsg-deny"; "" for REASON_NONE. */
const char *reason_name(enum reason reason);
bool reason_parse(const char *text, enum reason *ret);

struct verdict {
	enum reason reason; /* REASON_NONE: go on */
	const char
		*by; /* who decided, as expectations name it: "nsg/only-ase-one", "ase-one/vip", "internet"; not NULL */
	const char *rule;   /* name of the rule, NULL where none has a name */
	const char *detail; /* a sentence for people, NULL where the reason says it all */
	struct place place; /* of the rule */
};
/* The name of the group that decided: "only-ase-one" of "nsg/only-ase-one"; NULL where no group did. */
const char *verdict_group(const struct verdict *verdict);
#endif
