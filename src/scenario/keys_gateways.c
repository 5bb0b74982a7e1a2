/* DOC: the keys of gateways, see keys.c. */
#include "scenario/keys_internal.h"

static const struct key gateway[] = {
	{.name = "vnet",
	 .value = REF_IN(struct site_config, vnet, vnets),
	 .mutation = MUTATE_NOT,
	 .type = KEY_REF,
	 .required = true,
	 .help = "The VNet that it joins the site to."},
	{.name = "kind",
	 .value = IN_ENUM(struct site_config, kind),
	 .mutation = MUTATE_OTHERS,
	 .type = KEY_ENUM,
	 .required = true,
	 .values = "vpn|express-route",
	 .help = "vpn: packets have room for 1400 bytes."},
	{.name = "advertises",
	 .value = IN_PREFIXES(struct site_config, advertises, n_advertises),
	 .mutation = MUTATE_FEWER,
	 .type = KEY_PREFIXES,
	 .help = "Prefixes that the VNet learns (BGP); 0.0.0.0/0 is forced tunnelling. Default: the site's own."},
	{.name = "clamp_mss",
	 .value = IN_BOOL(struct site_config, clamp_mss),
	 .mutation = MUTATE_FLIP,
	 .type = KEY_BOOL,
	 .fallback = "false",
	 .help = "Whether the gateway lowers the MSS that SYNs announce, to 1350 bytes; without it end points discover "
		 "the path's MTU."},
	SOURCE_KEY,
};
static const struct key nat_gateway[] = {
	{.name = "address",
	 .value = IN_ADDRESSES(struct nat_gateway_config, nat.addresses, nat.n_addresses),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESSES,
	 .required = true,
	 .help = "Its public address, or a list; a call gets one of them by chance."},
	{.name = "tcp_idle",
	 .value = IN_NS(struct nat_gateway_config, nat.tcp_idle_ns),
	 .mutation = MUTATE_TIME,
	 .type = KEY_DURATION,
	 .fallback = "4m",
	 .min = 4LL * 60 * S,
	 .max = 120LL * 60 * S,
	 .help = "TCP mapping without traffic."},
	SOURCE_KEY,
};

KEY_LIST_OF(gateway);
KEY_LIST_OF(nat_gateway);
