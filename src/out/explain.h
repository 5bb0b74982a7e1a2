/* Words for an explanation: what a packet is, what was decided on it, and why that ends it. */
#ifndef PKTPATH_OUT_EXPLAIN_H
#define PKTPATH_OUT_EXPLAIN_H
#include "base/buf.h"
#include "net/prefix.h"
#include "sim/trail.h"

#define EXPLAIN_PACKET_BYTES 64

/* A step, with what the trail does not say of it: plain values, found by the owner. */
struct explain_step {
	enum step_kind kind;
	bool is_route;  /* the verdict's rule is a route, and no rule of another kind */
	uint32_t flags; /* enum step_flag */
	struct verdict verdict;
	struct tuple before, after;
	uint8_t ttl_before, ttl; /* as it left the step before this one, and as it leaves this one */
	const char *packet;      /* ORIGINATE: what it is */
	struct verdict
		opened_by;    /* FILTER by a flow record: what opened it; its rule is NULL where that is not known */
	const char *next_hop; /* ROUTE: "the Internet"; NULL where it is not known */
	const char *prefix;   /* of the route: "0.0.0.0/0"; NULL */
};

/* "SYN, ACK", "DNS query", "ICMP time exceeded", "PSH, ACK with 200 bytes". */
char *explain_packet(const struct packet *packet, char text[EXPLAIN_PACKET_BYTES]);
/* What happened, a phrase without a full stop: "dropped: nsg-deny, inbound". Appended. */
void explain_what(struct buf *out, const struct explain_step *step);
/* Whose decision it was: "by rule deny-rest of nsg/only-ase-one"; empty where no rule decided. Appended. */
void explain_whose(struct buf *out, const struct explain_step *step);
#endif
