/* DOC: shortcuts: what the addresses of a packet alone decide is decided once. Where a machine's packet goes by its subnet's
 * routes and ways out is the same for every packet with these addresses, until the timeline changes the network. The
 * stages say which of their decisions are such (`settled`); a run of them, over one passage or several, is kept by the
 * machine where it begins.
 *
 * A run ends where a stage asks more than the addresses (a NAT's table, a group, a balancer), or at the links. It is what
 * drive() would do stage by stage; who asks without sending (fate.c) asks the stages. */
#include "network/drive.h"
#include <errno.h>

struct shortcut {
	uint32_t era;             /* world.era when it was learnt; 0: a free slot */
	uint32_t at;              /* node of the machine that sends */
	be32 src, dst;            /* of packets there */
	enum verb verb;           /* GO, CARRY; PASS: nothing is settled here */
	bool is_routed;           /* a route was chosen, */
	uint64_t *route_used;     /* counted here; NULL: it is the system's */
	struct leg next;          /* GO */
	struct carriage carriage; /* CARRY */
};

#define A_MACHINE_BITS 2 /* of the number of its slots, by the destination */
#define MOST_SHORTCUTS 16384u
#define MOST_PASSAGES 8 /* in a run */

int shortcuts_build(struct world *world)
{
	uint32_t n = 1u << A_MACHINE_BITS;
	while (n < world->n_nodes << A_MACHINE_BITS && n < MOST_SHORTCUTS)
		n *= 2;
	world->shortcuts = arena_array(world->arena, n, sizeof *world->shortcuts);
	world->shortcut_mask = n - 1;
	world->era = 1;
	return world->shortcuts ? 0 : -ENOMEM;
}

/* True where the passage is settled as a whole; the run then goes on at ask->leg, or has ended. */
static bool settle(struct ask *ask, struct shortcut *run)
{
	for (const struct stage *stage = passage_stages(ask->leg.passage); stage->decide; stage++) {
		struct decision decision = {.verb = VERB_PASS};
		stage->decide(ask, &decision);
		if (!decision.settled || (decision.route && run->is_routed))
			return false;
		if (decision.route && decision.route->table != NONE)
			run->route_used = &ask->world->route_used[decision.route->table][decision.route->id];
		run->is_routed = run->is_routed || decision.route;
		run->verb = decision.verb;
		if (decision.verb == VERB_GO)
			run->next = ask->leg = decision.next;
		else if (decision.verb == VERB_CARRY)
			run->carriage = decision.carriage;
		if (decision.verb != VERB_PASS)
			return decision.verb == VERB_GO || decision.verb == VERB_CARRY;
	}
	return false;
}

static void learn(const struct world *world, const struct leg *leg, const struct packet *packet, struct shortcut *ret)
{
	struct ask ask = {.world = world, .packet = packet, .leg = *leg};
	const struct ipv4_header *ip = packet_ip_const(packet);
	*ret = (struct shortcut){.era = world->era, .at = leg->at, .src = ip->src, .dst = ip->dst, .verb = VERB_PASS};
	for (int i = 0; i < MOST_PASSAGES && (i == 0 || ret->verb == VERB_GO); i++) {
		struct shortcut longer = *ret;
		if (!settle(&ask, &longer))
			return;
		*ret = longer;
	}
}

static const struct shortcut *find(const struct world *world, const struct leg *leg, const struct packet *packet)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	uint32_t slot = leg->at << A_MACHINE_BITS | be32_key(ip->dst) * UINT32_C(0x9e3779b1) >> (32 - A_MACHINE_BITS);
	struct shortcut *shortcut = &world->shortcuts[slot & world->shortcut_mask];
	bool is_it = shortcut->at == leg->at && be32_equal(shortcut->dst, ip->dst) &&
		     be32_equal(shortcut->src, ip->src) && shortcut->era == world->era;
	if (__builtin_expect(!is_it, 0))
		learn(world, leg, packet, shortcut);
	return shortcut;
}

enum known shortcut_take(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	if (packet_ip_const(packet)->proto != PROTO_TCP || packet_is_fragment(packet) ||
	    be16_equal(tcp->dst_port, be16_from(SMTP_PORT)))
		return KNOWN_NOT;
	const struct shortcut *shortcut = find(world, leg, packet);
	if (shortcut->verb == VERB_PASS || (shortcut->is_routed && trail_wanted(&world->trail, STEP_ROUTE, packet)))
		return KNOWN_NOT;
	if (shortcut->route_used)
		++*shortcut->route_used;
	if (shortcut->verb == VERB_CARRY) {
		fabric_carry(world, &shortcut->carriage, packet);
		return KNOWN_END;
	}
	*leg = shortcut->next;
	return KNOWN_ON;
}
