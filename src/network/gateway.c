/* DOC: sites, private networks outside Azure, and the gateways that join them to a VNet. Addresses stay as they are
 * between the two (L10: the site is inside the topology). A gateway is a router: TTL goes down by one, and over a VPN a
 * packet has 1400 bytes of room (azure-docs: vpn-gateway-about-vpn-devices). A larger one that may not be fragmented is
 * dropped, and its sender told (RFC 1191); others are cut.
 *
 *   VNet -> site:  gateway, tunnel, then the machine; or the site's NAT and the Internet, for what forced tunnelling
 *   (L7) sends there; or nothing site -> VNet:  tunnel, gateway, then the machine
 *   site -> else:  the site's NAT, where it has one
 *
 * Sites have a resolver of their own; it answers as the one of the Internet does. */
#include "net/checksum.h"
#include "net/fragment.h"
#include "network/world_internal.h"
#include <string.h>

#define VPN_MTU_BYTES 1400u
#define CLAMPED_MSS_BYTES 1350u

static be32 gateway_addr(uint32_t site)
{
	return be32_from(GATEWAY_ADDR_BASE + site);
}

static void drop(struct world *world, uint32_t node, uint32_t site, struct packet *packet, enum reason reason,
		 const char *detail)
{
	struct verdict verdict = {.reason = reason,
				  .by = world->nodes[node].name,
				  .detail = detail,
				  .place = world->model->sites[site].gateway_place};
	path_drop(world, node, packet, &verdict, STEP_SEEN);
}

static uint32_t ip_bytes(const struct packet *packet)
{
	return be16_to(packet_ip_const(packet)->total_bytes);
}

/* ---- what a gateway does to every packet ---- */

/* An error about a packet goes back where the packet came from: into the VNet, to the site, or through the site's NAT
 * to the Internet (RFC 4787 R13). */
static void tell_sender(struct world *world, uint32_t site, bool into_site, uint8_t type, uint8_t code, uint16_t mtu,
			const struct packet *about)
{
	const struct site_config *config = &world->model->sites[site];
	uint32_t realm = into_site ? config->vnet : realm_of_site(world, site);
	uint32_t to = address_find(world, realm, packet_ip_const(about)->src);
	bool through_nat = to == NONE && !into_site && world->site_translator[site] != NONE;
	if (to == NONE && !through_nat)
		return;
	struct packet *error = path_error(world, world->gateway_node[site], gateway_addr(site), type, code, mtu, about);
	if (error && through_nat)
		site_nat_arrive(world, world->site_translator[site], error);
	else if (error)
		fabric_private(world, world->gateway_node[site], to, into_site ? LINK_VNET : LINK_GATEWAY, error);
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

/* False where the packet ended here. */
static bool takes(struct world *world, uint32_t site, bool into_site, struct packet *packet)
{
	const struct site_config *config = &world->model->sites[site];
	uint32_t node = world->gateway_node[site];
	if (!path_lower_ttl(packet, 1)) {
		tell_sender(world, site, into_site, ICMP_TIME_EXCEEDED, 0, 0, packet);
		drop(world, node, site, packet, REASON_TTL_EXPIRED, NULL);
		return false;
	}
	bool may_not_fragment = (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_DF) != 0;
	if (config->kind == GATEWAY_VPN && ip_bytes(packet) > VPN_MTU_BYTES && may_not_fragment) {
		tell_sender(world, site, into_site, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, VPN_MTU_BYTES, packet);
		drop(world, node, site, packet, REASON_FRAGMENTATION_NEEDED,
		     "a VPN's packets have room for 1400 bytes");
		return false;
	}
	if (config->clamp_mss)
		clamp_mss(packet);
	return true;
}

static void hand_on(struct world *world, uint32_t from_node, uint32_t site, uint32_t to, uint32_t tunnel,
		    struct packet *packet)
{
	uint32_t gateway = world->gateway_node[site];
	while (world->model->sites[site].kind == GATEWAY_VPN && fragment_is_due(packet, VPN_MTU_BYTES)) {
		struct packet *rest = path_cut(world, gateway, VPN_MTU_BYTES, packet);
		if (!rest) {
			packets_put(&world->packets, packet);
			return;
		}
		fabric_gateway(world, from_node, gateway, to, tunnel, packet);
		packet = rest;
	}
	fabric_gateway(world, from_node, gateway, to, tunnel, packet);
}

/* ---- from the VNet ---- */

static bool in_prefixes(const struct site_config *site, be32 addr)
{
	for (size_t i = 0; i < site->n_prefixes; i++)
		if (prefix_contains(site->prefixes[i], addr))
			return true;
	return false;
}

struct verdict site_decide(const struct world *world, uint32_t site, be32 dst, uint32_t *ret_to)
{
	const struct site_config *config = &world->model->sites[site];
	struct verdict verdict = {.by = world->nodes[world->gateway_node[site]].name, .place = config->place};
	*ret_to = address_find(world, realm_of_site(world, site), dst);
	if (*ret_to != NONE)
		return verdict;
	if (!in_prefixes(config, dst) && world->site_translator[site] != NONE) {
		*ret_to = world->translators[world->site_translator[site]].node;
		return verdict;
	}
	verdict.reason = REASON_NO_ROUTE;
	verdict.detail = in_prefixes(config, dst) ? "nobody at the site has this address"
						  : "the site has no way to the Internet";
	return verdict;
}

void gateway_out(struct world *world, uint32_t from_node, uint32_t site, struct packet *packet)
{
	uint32_t gateway = world->gateway_node[site], to;
	if (!takes(world, site, true, packet))
		return;
	struct verdict verdict = site_decide(world, site, packet_ip_const(packet)->dst, &to);
	if (verdict.reason == REASON_NONE)
		hand_on(world, from_node, site, to, 1, packet);
	else
		path_drop(world, gateway, packet, &verdict, STEP_SEEN);
}

/* ---- from the site ---- */

void gateway_in(struct world *world, uint32_t from_node, uint32_t site, struct packet *packet)
{
	uint32_t gateway = world->gateway_node[site];
	if (!takes(world, site, false, packet))
		return;
	uint32_t to = address_find(world, world->model->sites[site].vnet, packet_ip_const(packet)->dst);
	if (to == NONE)
		drop(world, gateway, site, packet, REASON_NO_ROUTE, "nobody in the VNet has this address");
	else
		hand_on(world, from_node, site, to, 0, packet);
}

void site_leave(struct world *world, struct station *station, struct packet *packet)
{
	const struct site_config *site = &world->model->sites[station->site];
	be32 dst = packet_ip_const(packet)->dst;
	uint32_t to = address_find(world, station->realm, dst);
	if (dst.raw == be32_from(PUBLIC_DNS_ADDR).raw)
		to = world->stations[world->public_dns].node;
	if (to != NONE)
		fabric_private(world, station->node, to, LINK_SUBNET, packet);
	else if (site->has_gateway && vnet_holds(world, site->vnet, dst))
		gateway_in(world, station->node, station->site, packet);
	else if (in_prefixes(site, dst) || world->site_translator[station->site] == NONE)
		drop(world, station->node, station->site, packet, REASON_NO_ROUTE,
		     in_prefixes(site, dst) ? "nobody at the site has this address"
					    : "the site has no way to this address");
	else
		site_nat_arrive(world, world->site_translator[station->site], packet);
}

/* ---- the site's NAT ---- */

/* The inside address of the router that the NAT is: the first of the site's that is no machine's. */
static be32 router_addr(const struct world *world, const struct translator *translator)
{
	uint32_t addr = be32_to(world->model->sites[translator->site].prefixes[0].addr) + 1;
	while (address_find(world, translator->realm, be32_from(addr)) != NONE)
		addr++;
	return be32_from(addr);
}

/* RFC 1812 5.3.1: a NAT that routes lowers TTL, and tells the sender of what ended here, with the packet as the sender
 * knows it. */
static bool routes_on(struct world *world, const struct translator *translator, bool outbound, struct packet *packet)
{
	if (path_lower_ttl(packet, 1))
		return true;
	be32 from = outbound ? router_addr(world, translator) : translator->addr;
	struct packet *error = path_error(world, translator->node, from, ICMP_TIME_EXCEEDED, 0, 0, packet);
	translate_drop(world, translator, packet, REASON_TTL_EXPIRED, NULL, NULL);
	if (error && outbound)
		translate_inside(world, translator, error);
	else if (error)
		translate_outside(world, translator, error);
	return false;
}

static void nat_out(struct world *world, uint32_t index, struct packet *packet)
{
	const struct translator *translator = &world->translators[index];
	if (!routes_on(world, translator, true, packet))
		return;
	bool hairpins = nat_has_address(translator->nat, packet_ip_const(packet)->dst);
	if (hairpins && !translator->hairpin) {
		translate_drop(world, translator, packet, REASON_FILTERED, "hairpin", "hairpinning is off");
		return;
	}
	packet = translate_out(world, index, NULL, packet);
	for (struct packet *next; packet; packet = next) {
		next = packet->next;
		if (hairpins)
			translate_in_and_on(world, index, packet);
		else
			translate_outside(world, translator, packet);
	}
}

void site_nat_arrive(struct world *world, uint32_t index, struct packet *packet)
{
	const struct translator *translator = &world->translators[index];
	const struct tuple tuple = packet_tuple(packet);
	/* What forced tunnelling sends here has a VNet's address, also where it is for the NAT's own (a hairpin). From
	 * the Internet nobody comes with one. */
	bool from_inside = address_find(world, translator->realm, tuple.src) != NONE ||
			   vnet_of_address(world, tuple.src) != NONE || !nat_has_address(translator->nat, tuple.dst);
	if (from_inside) {
		nat_out(world, index, packet);
		return;
	}
	path_step(world, translator->node, packet, STEP_FORWARD, STEP_SEEN | STEP_INBOUND, NULL, NULL);
	if (routes_on(world, translator, false, packet))
		translate_in_and_on(world, index, packet);
}
