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

KEY_LIST_OF(gateway);
