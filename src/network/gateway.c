/* DOC: a gateway joins a site, a private network outside Azure, to a network. Addresses stay as they are between the two
 * (L10: the site is inside the topology). A gateway is a router: TTL goes down by one, and over a VPN a packet has 1400
 * bytes of room (azure-docs: vpn-gateway-about-vpn-devices). A larger one that may not be fragmented is dropped, and
 * its sender gets an error (RFC 1191); others are cut.
 *
 *   to the site:    TTL, room, then the machine; or the site's NAT, for what forced tunnelling (L7) sends there; or
 *                   nothing
 *   to the network: TTL, room, then the machine */
#include "net/checksum.h"
#include "network/drive.h"
#include <string.h>

#define VPN_MTU_BYTES 1400u
#define CLAMPED_MSS_BYTES 1350u

static uint32_t site_of(const struct ask *ask)
{
	return ask->world->nodes[ask->leg.at].index;
}

static void drop(const struct ask *ask, enum reason reason, const char *detail, struct decision *ret)
{
	const struct world *world = ask->world;
	struct verdict verdict = {.reason = reason,
				  .by = world->nodes[ask->leg.at].name,
				  .detail = detail,
				  .place = world->model->sites[site_of(ask)].gateway_place};
	decide_drop(ret, verdict, STEP_SEEN);
}

/* ---- what a gateway does to every packet ---- */

/* Where an error to this address goes, which has begun as an error about a packet into the site, or into the network: a
 * node, NONE where no element has the address. */
static uint32_t error_to(const struct ask *ask, bool into_site, be32 dst)
{
	const struct world *world = ask->world;
	uint32_t site = site_of(ask);
	uint32_t to =
		into_site ? site_find(world, site, dst) : address_find(world, realm_of_site(world->model, site), dst);
	return to == NONE && !into_site ? world->model->elements->nat[site] : to;
}

static void tell_sender(const struct ask *ask, bool into_site, uint8_t type, uint8_t code, uint16_t mtu,
			struct decision *ret)
{
	struct leg leg = {into_site ? PASSAGE_GATEWAY_ERROR_TO_VNET : PASSAGE_GATEWAY_ERROR_TO_SITE, ask->leg.at, NONE};
	if (error_to(ask, into_site, packet_ip_const(ask->packet)->src) != NONE)
		decide_error(ret, type, code, mtu, be32_from(GATEWAY_ADDR_BASE + site_of(ask)), leg);
}

static void ttl(const struct ask *ask, bool into_site, struct decision *ret)
{
	if (packet_outlives(ask->packet, 1)) {
		decide_passed(ret);
		ret->hops = 1;
		return;
	}
	drop(ask, REASON_TTL_EXPIRED, NULL, ret);
	tell_sender(ask, into_site, ICMP_TIME_EXCEEDED, 0, 0, ret);
}

static void room(const struct ask *ask, bool into_site, struct decision *ret)
{
	const struct site_config *config = &ask->world->model->sites[site_of(ask)];
	const struct ipv4_header *ip = packet_ip_const(ask->packet);
	if (config->kind != GATEWAY_VPN || be16_to(ip->total_bytes) <= VPN_MTU_BYTES ||
	    (be16_to(ip->flags_fragment) & IPV4_DF) == 0) {
		decide_passed(ret);
		return;
	}
	drop(ask, REASON_FRAGMENTATION_NEEDED, "a VPN's packets have room for 1400 bytes", ret);
	tell_sender(ask, into_site, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, VPN_MTU_BYTES, ret);
}

/* RFC 9293 3.7.1: the MSS that SYNs announce, no larger than what the tunnel takes whole. */
static void clamp_mss(struct packet *packet)
{
	struct tcp_header *tcp = packet_l4(packet);
	if (packet_ip_const(packet)->proto != PROTO_TCP || !(tcp->flags & TCP_SYN) || tcp->data_offset >> 4 < 6)
		return;
	be16 old, clamped = be16_from(CLAMPED_MSS_BYTES);
	memcpy(&old, packet->header + CRAFT_MSS_AT, sizeof old);
	if (be16_to(old) <= CLAMPED_MSS_BYTES)
		return;
	memcpy(packet->header + CRAFT_MSS_AT, &clamped, sizeof clamped);
	tcp->check = checksum_replace16(tcp->check, old, clamped);
}

static void room_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	if (decision->verb != VERB_DROP && world->model->sites[world->nodes[leg->at].index].clamp_mss)
		clamp_mss(packet);
}

/* `tunnel`: which of the two links is the tunnel. */
static void hand_on(const struct ask *ask, uint32_t to, uint32_t tunnel, struct decision *ret)
{
	bool vpn = ask->world->model->sites[site_of(ask)].kind == GATEWAY_VPN;
	ret->verb = VERB_CARRY;
	ret->hops = 0;
	ret->carriage = (struct carriage){.kind = CARRIAGE_GATEWAY,
					  .class = LINK_GATEWAY,
					  .from = ask->leg.from,
					  .to = to,
					  .gateway = ask->leg.at,
					  .tunnel = tunnel,
					  .cut_bytes = vpn ? VPN_MTU_BYTES : 0};
}

/* ---- to the site ---- */

static void ttl_to_site(const struct ask *ask, struct decision *ret)
{
	ttl(ask, true, ret);
}

static void room_to_site(const struct ask *ask, struct decision *ret)
{
	room(ask, true, ret);
}

static void machine_of_site(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct site_config *config = &world->model->sites[site_of(ask)];
	be32 dst = packet_ip_const(ask->packet)->dst;
	uint32_t to = address_find(world, realm_of_site(world->model, site_of(ask)), dst);
	uint32_t nat = world->model->elements->nat[site_of(ask)];
	bool own = site_has_prefix(config, dst);
	if (to == NONE && !own)
		to = nat;
	if (to != NONE) {
		hand_on(ask, to, 1, ret);
		return;
	}
	drop(ask, REASON_NO_ROUTE,
	     own ? "no machine of the site has this address" : "the site has no way to the Internet", ret);
	ret->verdict.place = config->place;
}

const struct stage gateway_to_site[] = {
	{"TTL", ttl_to_site, NULL, NULL},
	{"room", room_to_site, room_commit, NULL},
	{"machine or NAT of the site", machine_of_site, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- to the network ---- */

static void ttl_to_vnet(const struct ask *ask, struct decision *ret)
{
	ttl(ask, false, ret);
}

static void room_to_vnet(const struct ask *ask, struct decision *ret)
{
	room(ask, false, ret);
}

static void machine_of_vnet(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t to = site_find(world, site_of(ask), packet_ip_const(ask->packet)->dst);
	if (to == NONE)
		drop(ask, REASON_NO_ROUTE, "no machine of the network has this address", ret);
	else
		hand_on(ask, to, 0, ret);
}

const struct stage gateway_to_vnet[] = {
	{"TTL", ttl_to_vnet, NULL, NULL},
	{"room", room_to_vnet, room_commit, NULL},
	{"machine of the network", machine_of_vnet, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- its own errors: back into the network, to the site, or through the site's NAT to the Internet (RFC 4787 R13) ---- */

static void error_into_vnet(const struct ask *ask, struct decision *ret)
{
	decide_link(ret, ask->leg.at, error_to(ask, true, packet_ip_const(ask->packet)->dst), LINK_VNET);
}

static void error_into_site(const struct ask *ask, struct decision *ret)
{
	uint32_t to = error_to(ask, false, packet_ip_const(ask->packet)->dst);
	if (element_is_nat_alone(ask->world->nodes[to].kind))
		decide_go(ret, PASSAGE_SITE_NAT, to, NONE);
	else
		decide_link(ret, ask->leg.at, to, LINK_GATEWAY);
}

const struct stage gateway_error_to_vnet[] = {
	{"the sender in the network", error_into_vnet, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};
const struct stage gateway_error_to_site[] = {
	{"the sender at the site", error_into_site, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};
