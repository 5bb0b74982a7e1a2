/* Reasons by name. */
#include "net/reason.h"
#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	[REASON_NONE] = "",
	[REASON_NSG_DENY] = "nsg-deny",
	[REASON_ROUTE_NONE] = "route-none",
	[REASON_NO_ROUTE] = "no-route",
	[REASON_SAME_SUBNET_AS_ASE] = "same-subnet-as-ase",
	[REASON_SNAT_PORTS_EXHAUSTED] = "snat-ports-exhausted",
	[REASON_NO_MAPPING] = "no-mapping",
	[REASON_FILTERED] = "filtered",
	[REASON_VIP_PORT_CLOSED] = "vip-port-closed",
	[REASON_NO_LISTENER] = "no-listener",
	[REASON_HOST_DOWN] = "host-down",
	[REASON_LINK_DOWN] = "link-down",
	[REASON_LINK_LOSS] = "link-loss",
	[REASON_QUEUE_FULL] = "queue-full",
	[REASON_TTL_EXPIRED] = "ttl-expired",
	[REASON_FRAGMENTATION_NEEDED] = "fragmentation-needed",
	[REASON_BAD_CHECKSUM] = "bad-checksum",
	[REASON_NOT_PEERED] = "not-peered",
	[REASON_ICMP_NOT_TRANSLATED] = "icmp-not-translated",
	[REASON_FRAGMENT_NOT_TRANSLATED] = "fragment-not-translated",
	[REASON_NOT_FORWARDING] = "not-forwarding",
	[REASON_FRAGMENT_OUT_OF_ORDER] = "fragment-out-of-order",
	[REASON_NO_OUTBOUND] = "no-outbound",
	[REASON_LOAD_BALANCER_LOOP] = "load-balancer-loop",
	[REASON_NO_HEALTHY_BACKEND] = "no-healthy-backend",
	[REASON_NO_STATE] = "no-state",
	[REASON_FIREWALL_DENY] = "firewall-deny",
};
_Static_assert(sizeof names / sizeof *names == REASON_COUNT, "a name for each reason");

const char *reason_name(enum reason reason)
{
	return names[reason];
}

bool reason_parse(const char *text, enum reason *ret)
{
	for (size_t i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (strcmp(names[i], text) == 0) {
			*ret = (enum reason)i;
			return true;
		}
	return false;
}

const char *verdict_group(const struct verdict *verdict)
{
	static const char group[] = "nsg/";
	bool decided = verdict->by && strncmp(verdict->by, group, sizeof group - 1) == 0;
	return decided ? verdict->by + sizeof group - 1 : NULL;
}
