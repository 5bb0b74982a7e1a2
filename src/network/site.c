/* DOC: a site, a private network outside Azure: where what its machines send goes, and its NAT to the Internet. The NAT
 * is a router, too.
 *
 *   machine -> machine of the site;  -> the gateway, for the network that it joins;  -> the site's NAT, where it has one
 *
 * Sites have a resolver of their own; it answers as the one of the Internet does. */
#include "network/drive.h"

bool site_has_prefix(const struct site_config *site, be32 addr)
{
	for (size_t i = 0; i < site->n_prefixes; i++)
		if (prefix_contains(site->prefixes[i], addr))
			return true;
	return false;
}

/* ---- a machine sends ---- */

/* A resolver answers to the machine that asked, which may stand in any network or site. */
static void resolver(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = machine_at(world, ask->leg.at);
	if (machine->kind == ELEMENT_SITE_MACHINE)
		decide_pass(ret);
	else
		decide_link(ret, machine->node,
			    world->machines[connection_at(world, ask->packet->connection)->caller].node, LINK_SUBNET);
}

static void way(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = machine_at(world, ask->leg.at);
	const struct site_config *site = &world->model->sites[machine->site];
	be32 dst = packet_ip_const(ask->packet)->dst;
	uint32_t nat = world->model->elements->nat[machine->site];
	uint32_t to = dst.raw == be32_from(PUBLIC_DNS_ADDR).raw ? world->machines[world->public_dns].node
								: address_find(world, machine->realm, dst);
	if (to != NONE) {
		decide_link(ret, machine->node, to, LINK_SUBNET);
	} else if (site_vnet_of(world, machine->site, dst) != NONE) {
		decide_go(ret, PASSAGE_GATEWAY_TO_VNET, world->model->elements->gateway[machine->site], machine->node);
	} else if (site_has_prefix(site, dst) || nat == NONE) {
		struct verdict verdict = {.reason = REASON_NO_ROUTE,
					  .by = world->nodes[machine->node].name,
					  .detail = site_has_prefix(site, dst)
							    ? "no machine of the site has this address"
							    : "the site has no way to this address",
					  .place = site->gateway_place};
		decide_drop(ret, verdict, STEP_SEEN);
	} else {
		decide_go(ret, PASSAGE_SITE_NAT, nat, NONE);
	}
}

const struct stage site_out[] = {
	{"a resolver's answer?", resolver, NULL, NULL},
	{"machine of the site, gateway or NAT", way, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- the site's NAT ---- */

/* What forced tunnelling sends here has a network's address, also where it is for the NAT's own (a hairpin). No packet
 * from the Internet has one. */
static void side(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = translator_at(world, ask->leg.at);
	const struct ipv4_header *ip = packet_ip_const(ask->packet);
	bool from_inside = address_find(world, translator->realm, ip->src) != NONE ||
			   vnet_of_address(world, ip->src) != NONE || !nat_has_address(translator->nat, ip->dst);
	decide_go(ret, from_inside ? PASSAGE_SITE_NAT_OUT : PASSAGE_SITE_NAT_IN, ask->leg.at, NONE);
}

const struct stage site_nat[] = {
	{"from which side?", side, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* The inside address of the router that the NAT is: the first of the site's that is no machine's. */
static be32 router_addr(const struct world *world, const struct translator *translator)
{
	uint32_t addr = be32_to(world->model->sites[translator->owner].prefixes[0].addr) + 1;
	while (address_find(world, translator->realm, be32_from(addr)) != NONE)
		addr++;
	return be32_from(addr);
}

/* RFC 1812 5.3.1: a NAT that routes lowers TTL, and the sender of what ended here gets an error, with the packet as it
 * knows it. */
static void ttl(const struct ask *ask, bool outward, struct decision *ret)
{
	if (packet_outlives(ask->packet, 1)) {
		decide_passed(ret);
		ret->hops = 1;
		return;
	}
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	translate_drop(ask->world, translator, REASON_TTL_EXPIRED, NULL, NULL, ret);
	decide_error(ret, ICMP_TIME_EXCEEDED, 0, 0, outward ? router_addr(ask->world, translator) : translator->addr,
		     (struct leg){outward ? PASSAGE_NAT_INSIDE : PASSAGE_PUBLIC, ask->leg.at, NONE});
}

static void ttl_out(const struct ask *ask, struct decision *ret)
{
	ttl(ask, true, ret);
}

static void may_hairpin(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	const struct tuple tuple = packet_tuple(ask->packet);
	bool is_own = nat_has_address(translator->nat, tuple.dst);
	if (!is_own || translator->hairpin ||
	    (translator->hairpins_forwards && nat_turns_round(translator->nat, &tuple)))
		decide_pass(ret);
	else if (translator->unknown == NAT_UNKNOWN_ANSWER && nat_is_forwarded(translator->nat, &tuple))
		decide_go(ret, PASSAGE_NAT_IN, ask->leg.at,
			  NONE); /* netfilter keeps its source, unless it is to hairpin */
	else if (translator->unknown == NAT_UNKNOWN_ANSWER)
		translate_drop(ask->world, translator, REASON_NO_LISTENER, NULL, "it is for the NAT itself", ret);
	else
		translate_drop(ask->world, translator, REASON_FILTERED, "hairpin", "hairpinning is off", ret);
}

static void hairpin_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	if (decision->verb == VERB_DROP && decision->verdict.reason == REASON_NO_LISTENER)
		translate_answer(world, (struct leg){PASSAGE_NAT_INSIDE, leg->at, NONE}, packet);
}

const struct stage site_nat_out[] = {
	{"TTL", ttl_out, NULL, NULL},
	{"may it turn round here?", may_hairpin, hairpin_commit, NULL},
	{"source NAT", translate_out_decide, translate_out_commit, translate_out_suppose},
	{NULL, NULL, NULL, NULL},
};

static void arrives(const struct ask *ask, struct decision *ret)
{
	(void)ask;
	decide_passed(ret);
}

static void arrives_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	(void)decision;
	path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN | STEP_INBOUND, NULL, NULL);
}

static void ttl_in(const struct ask *ask, struct decision *ret)
{
	ttl(ask, false, ret);
}

const struct stage site_nat_in[] = {
	{"arrival", arrives, arrives_commit, NULL},
	{"TTL", ttl_in, NULL, NULL},
	{"destination NAT", translate_in_decide, translate_in_commit, translate_in_suppose},
	{NULL, NULL, NULL, NULL},
};
