/* DOC: the section `hosts`: VMs, hosts on the Internet, platform services, machines of sites. Which of these a host is
 * follows from its keys. */
#include "scenario/decode.h"
#include <string.h>

static void only_for(struct decoder *d, const struct tree *node, const char *key, const char *kinds)
{
	if (decode_has(node, key))
		diag_error(d->diags, tree_get(node, key)->key_place, "leave it out", "`%s` is for %s", key, kinds);
}

/* What kind of host it is: one of these keys says so. */
static bool decode_kind(struct decoder *d, const struct tree *node, struct host_config *host)
{
	bool internet = false;
	if (!decode_bool(d, node, SECTION_HOST, "internet", &internet) && decode_has(node, "internet"))
		return false;
	bool is_vm = decode_has(node, "subnet"), is_service = decode_has(node, "service"),
	     is_site = decode_has(node, "site");
	if (is_vm + is_service + is_site + internet != 1) {
		diag_error(d->diags, node->key_place,
			   "give one of `subnet: VNET/SUBNET` (a VM), `internet: true`, `site`, or `service` with "
			   "`region`",
			   "host `%s` must stand in exactly one place", host->name);
		return false;
	}
	host->kind = is_vm ? HOST_VM : is_service ? HOST_SERVICE : is_site ? HOST_SITE : HOST_INTERNET;
	return true;
}

/* An address, which is basic, or {address, sku}. */
static void decode_public_ip(struct decoder *d, const struct tree *value, const struct tree *node,
			     struct host_config *host)
{
	unsigned sku = 1;
	if (tree_is_null(value))
		return;
	if (value->kind != TREE_MAP) {
		(void)decode_address(d, node, SECTION_HOST, "public_ip", &host->public_ip);
		return;
	}
	if (!decode_section(d, value, SECTION_PUBLIC_IP))
		return;
	(void)decode_address(d, value, SECTION_PUBLIC_IP, "address", &host->public_ip);
	host->public_is_standard = decode_enum(d, value, SECTION_PUBLIC_IP, "sku", &sku) && sku == 0;
}

static void decode_vm(struct decoder *d, const struct tree *node, struct host_config *host)
{
	const struct tree *nat = tree_get(node, "nat");
	host->subnet = decode_subnet_ref(d, node, SECTION_HOST, "subnet");
	if (host->subnet != NONE)
		host->region = d->model->vnets[d->model->subnets[host->subnet].vnet].region;
	decode_public_ip(d, tree_get(node, "public_ip"), node, host);
	host->nsg = decode_nsg_ref(d, node, SECTION_HOST);
	decode_asgs_of(d, node, host);
	(void)decode_bool(d, node, SECTION_HOST, "forwards", &host->forwards);
	(void)decode_bool(d, node, SECTION_HOST, "stateful", &host->stateful);
	if (tree_is_null(nat))
		return;
	host->has_nat = true;
	decode_nat(d, nat, nat->key_place, NAT_PROFILE_LINUX, &host->nat);
	if (!host->forwards)
		diag_error(d->diags, nat->key_place, "give it `forwards: true`, too",
			   "`nat` is for a host that forwards");
}

static void only_for_vms(struct decoder *d, const struct tree *node)
{
	static const char *const keys[] = {"nsg", "asg", "forwards", "stateful", "nat"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		only_for(d, node, keys[i], "VMs");
}

static void decode_place_of(struct decoder *d, const struct tree *node, struct host_config *host)
{
	static const enum service_kind kinds[] = {SERVICE_SQL, SERVICE_STORAGE, SERVICE_MANAGEMENT};
	unsigned service;
	if (host->kind != HOST_VM)
		only_for_vms(d, node);
	switch (host->kind) {
	case HOST_VM:
		decode_vm(d, node, host);
		only_for(d, node, "region", "platform services; a VM is in its VNet's");
		break;
	case HOST_SERVICE:
		if (decode_enum(d, node, SECTION_HOST, "service", &service))
			host->service = kinds[service];
		host->region = decode_region(d, node, SECTION_HOST);
		only_for(d, node, "public_ip", "VMs; the `ip` of a platform service is public already");
		break;
	case HOST_SITE:
		host->site = decode_site_ref(d, node, SECTION_HOST);
		only_for(d, node, "region", "platform services");
		only_for(d, node, "public_ip", "VMs; a site has the public address of its `nat`");
		break;
	case HOST_INTERNET:
		only_for(d, node, "region", "platform services");
		only_for(d, node, "public_ip", "VMs; the `ip` of a host on the Internet is public already");
		break;
	}
}

static void decode_host(struct decoder *d, const struct tree *node)
{
	struct host_config *host = &d->model->hosts[d->model->n_hosts++];
	*host = (struct host_config){.name = node->key,
				     .kind = HOST_INTERNET,
				     .subnet = NONE,
				     .region = NONE,
				     .site = NONE,
				     .nsg = NONE,
				     .place = node->key_place};
	check_reserved(d, host->name, host->place);
	if (!decode_section(d, node, SECTION_HOST))
		return;

	if (!decode_kind(d, node, host))
		return;
	bool has_ip = decode_has(node, "ip");
	if (has_ip)
		(void)decode_address(d, node, SECTION_HOST, "ip", &host->addr);
	else if (host->kind != HOST_VM)
		diag_error(d->diags, node->key_place, "only VMs get automatic addresses", "host `%s` needs `ip`",
			   host->name);
	decode_place_of(d, node, host);
	host->dns = decode_dns_name(d, node, SECTION_HOST);
	(void)decode_address(d, node, SECTION_HOST, "pasv_address", &host->pasv_address);
	(void)decode_ports(d, tree_get(node, "listen"), &host->listen, &host->n_listen);
}

void decode_hosts(struct decoder *d)
{
	size_t n;
	const struct tree **items = decode_map(d, tree_get(tree_get(d->root, "network"), "hosts"), "hosts", &n);
	d->model->hosts = decode_array(d, n, sizeof *d->model->hosts);
	for (size_t i = 0; d->model->hosts && i < n; i++)
		decode_host(d, items[i]);
}
