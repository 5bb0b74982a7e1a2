/* A NAT gateway: the way out of subnets to the Internet, in place of machines' own addresses and the lent one
 * (azure: nat-gateway-resource). */
#ifndef PKTPATH_MODEL_NAT_GATEWAY_H
#define PKTPATH_MODEL_NAT_GATEWAY_H
#include "model/kind_item.h"
#include "rule/nat.h"

#define SUBNET_NAT_KEY "nat_gateway" /* the key of a subnet that names one */

enum nat_gateway_sku { NAT_GATEWAY_STANDARD, NAT_GATEWAY_V2 }; /* in the order of `sku`'s values */
struct nat_gateway_config {
	const char *name;
	struct place place;
	uint32_t vnet; /* whose subnets use it; NONE where none does */
	enum nat_gateway_sku sku;
	struct nat_rules nat;
};
register_item register_nat_gateway;
#endif
