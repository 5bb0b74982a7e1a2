/* DOC: the section `hosts`: VMs, hosts on the Internet, platform services. Which of these a host is follows from its keys. */
#include "scenario/decode.h"
#include <string.h>

static void only_for(struct decoder *d, const struct tree *node, const char *key, const char *whom)
{
	if (decode_has(node, key))
		diag_error(d->diags, tree_get(node, key)->key_place, "leave it out", "`%s` is for %s", key, whom);
}

static void decode_host(struct decoder *d, const struct tree *node)
{
	struct host_config *host = &d->model->hosts[d->model->n_hosts++];
	*host = (struct host_config){.name = node->key, .kind = HOST_INTERNET, .subnet = NONE, .region = NONE, .site = NONE, .nsg = NONE, .place = node->key_place};
	check_reserved(d, host->name, host->place);
	if (find_by_name(d->model->ases, d->model->n_ases, host->name) != NONE)
		diag_error(d->diags, node->key_place, "choose another name", "an environment is called `%s` too", host->name);
	if (!decode_section(d, node, SECTION_HOST))
		return;

	bool internet = false;
	unsigned service;
	bool is_vm = decode_has(node, "subnet"), is_service = decode_has(node, "service");
	if (!decode_bool(d, node, SECTION_HOST, "internet", &internet) && decode_has(node, "internet"))
		return;
	if (is_vm + is_service + internet != 1) {
		/* Keys that are not supported yet were reported already; do not pile another message on them. */
		if (is_vm + is_service + internet > 1 || !tree_get(node, "site"))
			diag_error(d->diags, node->key_place,
				   "give one of `subnet: VNET/SUBNET` (a VM), `internet: true`, or `service` with `region`",
				   "where is host `%s`?", host->name);
		return;
	}
	bool has_ip = decode_has(node, "ip");
	if (has_ip)
		(void)decode_address(d, node, SECTION_HOST, "ip", &host->addr);
	else if (!is_vm)
		diag_error(d->diags, node->key_place, "only VMs get automatic addresses", "host `%s` needs `ip`", host->name);
	if (is_vm) {
		host->kind = HOST_VM;
		host->subnet = decode_subnet_ref(d, node, SECTION_HOST);
		if (host->subnet != NONE)
			host->region = d->model->vnets[d->model->subnets[host->subnet].vnet].region;
		(void)decode_address(d, node, SECTION_HOST, "public_ip", &host->public_ip);
		only_for(d, node, "region", "platform services; a VM is in its VNet's");
	} else if (is_service) {
		host->kind = HOST_SERVICE;
		static const enum service_kind kinds[] = {SERVICE_SQL, SERVICE_STORAGE, SERVICE_MANAGEMENT};
		if (decode_enum(d, node, SECTION_HOST, "service", &service))
			host->service = kinds[service];
		host->region = decode_region(d, node, SECTION_HOST);
		only_for(d, node, "public_ip", "VMs; the `ip` of a platform service is public already");
	} else {
		only_for(d, node, "region", "platform services");
		only_for(d, node, "public_ip", "VMs; the `ip` of a host on the Internet is public already");
	}
	host->dns = decode_dns_name(d, node, SECTION_HOST);
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
