/* What Azure, and the other NATs of the language, take where a scenario says nothing. Each number stands here once, as
 * a user would write it, with its source. */
#ifndef PKTPATH_MODEL_DEFAULTS_H
#define PKTPATH_MODEL_DEFAULTS_H
#include "model/model.h"

/* ---- links ---- */
const char *default_latency(enum link_class class); /* "450us" */

/* ---- NAT ---- */
enum nat_profile {
	NAT_PROFILE_AZURE,
	NAT_PROFILE_LINUX,
	NAT_PROFILE_HOME,
	NAT_PROFILE_AZURE_NAT_GATEWAY,
	NAT_PROFILE_AZURE_FIREWALL,
	NAT_PROFILE_AWS_NAT_GATEWAY,
	NAT_PROFILE_GCP_CLOUD_NAT,
	NAT_PROFILE_DOCKER,
	NAT_PROFILE_CILIUM,
	NAT_PROFILE_PF,
	NAT_PROFILE_VPP,
	NAT_PROFILE_CGNAT,
	NAT_PROFILE_COUNT
}; /* in the order of `profile`'s values */

#define NAT_DEFAULT_NONE "none" /* the value of a key that a profile leaves out */
struct nat_default {
	const char *key; /* of `snat`; of a key below it, `port_hold.fin` */
	const char *value[NAT_PROFILE_COUNT];
	const char *source;
};
const struct nat_default *default_nat(size_t *ret_n);
const char *default_profile_name(enum nat_profile profile); /* "azure-nat-gateway" */
/* Linux's own NAT, whatever sets it up. */
bool default_is_netfilter(enum nat_profile profile);
/* Whether a reset that answers a first SYN ends the mapping at once. */
bool default_forgets_refused(enum nat_profile profile);
/* Whether what passes after FIN from both sides, or a reset, makes a mapping live on. */
bool default_closing_is_idle(enum nat_profile profile);
bool default_doubts_resets(enum nat_profile profile);
/* Whether UDP shares a port by destination address alone. */
bool default_udp_by_address(enum nat_profile profile);

/* A NAT that a cloud runs: it has no keys of a machine's. */
bool default_is_cloud(enum nat_profile profile);
bool default_idle_each_way(enum nat_profile profile); /* UDP: each direction refreshes its own time */
bool default_has_keys_of_its_own(enum nat_profile profile);

/* ---- ports ---- */
struct vip_ports {
	enum vip_port_group group;
	uint16_t first, last;
};
const struct vip_ports *default_vip_ports(bool is_v3, size_t *ret_n); /* TCP ports of a VIP besides its apps' */
#define DEFAULT_MANAGEMENT_FIRST 454u
#define DEFAULT_MANAGEMENT_LAST 455u
#define DEFAULT_FTP_PORT 21u
#define DEFAULT_FTP_DATA_PORT 20u    /* from which a server opens data connections in active mode */
#define DEFAULT_PASSIVE_FIRST 10001u /* FTP's data connections */
#define DEFAULT_PASSIVE_LAST 10020u
const uint32_t *default_management_addresses(size_t *ret_n); /* host byte order */
bool default_is_management_address(
	be32 addr); /* who may use the management ports, besides a scenario's own services of management */
#define DEFAULT_HTTP_PORT 80u
#define DEFAULT_HTTPS_PORT 443u

/* ---- names ---- */
#define DEFAULT_V3_DOMAIN "appserviceenvironment.net" /* environment/networking */
#define DEFAULT_WEB_APP_DOMAIN "azurewebsites.net"    /* APP.azurewebsites.net */
#define DEFAULT_APP_DOMAIN "p.azurewebsites.cn"       /* APP.ASE.p.azurewebsites.cn */
#define DEFAULT_VM_DOMAIN "internal.cloudapp.net"     /* HOST.VNET.internal.cloudapp.net */

/* ---- subnets (virtual-networks-faq: network, gateway, two for DNS, broadcast; /29 is the smallest) ---- */
#define SUBNET_KEPT_FIRST 4u
#define SUBNET_KEPT_LAST 1u
#define SUBNET_LONGEST_PREFIX 29u

/* Prefixes that no VNet may have (virtual-networks-faq). */
const char *const *default_forbidden_space(size_t *ret_n);
#endif
