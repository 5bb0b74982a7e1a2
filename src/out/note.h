/* What is said of a packet in its capture, and of a step in the trail: one line of text. */
#ifndef PKTPATH_OUT_NOTE_H
#define PKTPATH_OUT_NOTE_H
#include "base/buf.h"
#include "sim/trail.h"

struct note_flows { /* names of flows; borrowed */
	const char *const *names;
	const uint32_t *counts; /* connections of each flow: where there are several, each has its number in brackets */
	size_t n;
};

/* Space that note_flow() needs, and "call[3]". A number past the names is written as "flow-7". */
size_t note_flow_bytes(const struct note_flows *flows, uint32_t flow);
char *note_flow(char *at, const struct note_flows *flows, uint32_t flow, uint32_t index);

/* The note of a step, in `out` from its beginning, NUL-terminated; NULL where memory is short.
 *   sent, call[3] packet 5
 *   ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024 by snat layered.yaml:12, call[3] packet 5
 *   DROP nsg-deny by nsg/only-ase-one rule deny-rest layered.yaml:25 (a sentence), call[3] packet 5 */
const char *note_step(struct buf *out, const struct note_flows *flows, const struct step *step);

/* What a security group or a route table decided on a packet: a FILTER or ROUTE step. Appended to `out`, without a
 * NUL; false where memory is short.
 *   allowed by nsg/only-ase-one rule allow-ase-one layered.yaml:9
 *   routed by route/direct rule out tunnel.yaml:11 */
bool note_decision(struct buf *out, const struct step *step);
#endif
