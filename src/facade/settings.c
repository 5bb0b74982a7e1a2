/* Every setting of a scenario as it was in force, defaults filled in: path and value as --set takes them.
 *
 * DOC: a reader of a report must not need to know the defaults of the version that wrote it. */
#include "facade/settings.h"
#include "base/units.h"
#include <inttypes.h>
#include <stddef.h>

/* ---- sections ---- */

static void links(struct settings *list, const struct model *model)
{
	char printed[UNITS_TEXT_BYTES];
	for (enum link_class class = 0; class < LINK_CLASS_COUNT; class ++) {
		const struct link_config *link = &model->links[class];
		const char *name = link_class_name(class);
		settings_duration(list, link->latency_ns);
		settings_put(list, "network.links.%s.latency", name);
		settings_duration(list, link->jitter_ns);
		settings_put(list, "network.links.%s.jitter", name);
		settings_fraction(list, link->loss_parts);
		settings_put(list, "network.links.%s.loss", name);
		if (link->rate_bits_per_s != 0) {
			settings_text(list, units_print_rate(link->rate_bits_per_s, printed));
			settings_put(list, "network.links.%s.rate", name);
		}
		if (link->queue_bytes != 0) {
			settings_size(list, link->queue_bytes);
			settings_put(list, "network.links.%s.queue", name);
		}
		settings_text(list, link->up ? "up" : "down");
		settings_put(list, "network.links.%s.state", name);
	}
}

static void peers(struct settings *list, const struct model *model, uint32_t vnet)
{
	const char *separator = "[";
	for (size_t i = 0; i < model->vnets[vnet].n_peers; i++) {
		buf_printf(&list->value, "%s%s", separator, model->vnets[model->vnets[vnet].peers[i]].name);
		separator = ", ";
	}
	if (model->vnets[vnet].n_peers == 0)
		return;
	buf_putc(&list->value, ']');
	settings_put(list, "network.vnets.%s.peers", model->vnets[vnet].name);
}

static void vnets(struct settings *list, const struct model *model)
{
	char printed[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < model->n_vnets; i++) {
		const struct vnet_config *vnet = &model->vnets[i];
		settings_text(list, model->regions[vnet->region].name);
		settings_put(list, "network.vnets.%s.region", vnet->name);
		settings_prefixes(list, vnet->space, vnet->n_space);
		settings_put(list, "network.vnets.%s.space", vnet->name);
		peers(list, model, (uint32_t)i);
	}
	for (size_t i = 0; i < model->n_subnets; i++) {
		const struct subnet_config *subnet = &model->subnets[i];
		settings_text(list, prefix_print(subnet->cidr, printed));
		settings_put(list, "network.vnets.%s.subnets.%s.cidr", model->vnets[subnet->vnet].name, subnet->name);
		if (subnet->nsg != NONE) {
			settings_text(list, model->nsgs[subnet->nsg].name);
			settings_put(list, "network.vnets.%s.subnets.%s.nsg", model->vnets[subnet->vnet].name,
				     subnet->name);
		}
		if (subnet->routes != NONE) {
			settings_text(list, model->route_tables[subnet->routes].name);
			settings_put(list, "network.vnets.%s.subnets.%s.routes", model->vnets[subnet->vnet].name,
				     subnet->name);
		}
	}
}

void settings_nat(struct settings *list, const char *path, const struct nat_rules *nat)
{
	static const char *const dependences[] = {"endpoint-independent", "address-dependent",
						  "address-and-port-dependent"};
	static const char *const allocations[] = {"sequential", "preserve", "random"};
	static const struct {
		const char *key;
		size_t at;
	} timers[] = {
		{"tcp_idle", offsetof(struct nat_rules, tcp_idle_ns)},
		{"tcp_transitory", offsetof(struct nat_rules, tcp_transitory_ns)},
		{"tcp_reset", offsetof(struct nat_rules, tcp_reset_ns)},
		{"udp_idle", offsetof(struct nat_rules, udp_idle_ns)},
		{"icmp_idle", offsetof(struct nat_rules, icmp_idle_ns)},
	};
	list->failed = list->failed || !path;
	if (!path)
		return;
	for (size_t i = 0; i < nat->n_addresses; i++) {
		buf_puts(&list->value, i == 0 ? "[" : ", ");
		settings_addr(list, nat->addresses[i]);
	}
	if (nat->n_addresses > 0) {
		buf_putc(&list->value, ']');
		settings_put(list, "%s.address", path);
	}
	settings_text(list, dependences[nat->mapping]);
	settings_put(list, "%s.mapping", path);
	settings_text(list, dependences[nat->filtering]);
	settings_put(list, "%s.filtering", path);
	settings_text(list, allocations[nat->allocation]);
	settings_put(list, "%s.allocation", path);
	buf_printf(&list->value, "%u-%u", nat->port_first, nat->port_last);
	settings_put(list, "%s.port_range", path);
	if (nat->ports_per_worker == NAT_PORTS_AUTO || nat->ports_per_worker == NAT_PORTS_SHARED)
		settings_text(list, nat->ports_per_worker == NAT_PORTS_AUTO ? "auto" : "shared");
	else
		settings_number(list, nat->ports_per_worker);
	settings_put(list, "%s.ports_per_worker", path);
	settings_text(list, nat->reuse == NAT_REUSE_NEVER ? "never" : "per-destination");
	settings_put(list, "%s.reuse", path);
	settings_truth(list, nat->hairpin);
	settings_put(list, "%s.hairpin", path);
	settings_text(list, nat->translate_icmp ? "translate" : "drop");
	settings_put(list, "%s.icmp", path);
	settings_text(list, nat->translate_fragments ? "translate" : "drop");
	settings_put(list, "%s.fragments", path);
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		settings_duration(list, *(const int64_t *)(const void *)((const char *)nat + timers[i].at));
		settings_put(list, "%s.%s", path, timers[i].key);
	}
	settings_truth(list, nat->reset_on_idle);
	settings_put(list, "%s.reset_on_idle", path);
}

static void app(struct settings *list, const char *ase, const struct app_config *config)
{
	settings_text(list, config->dns);
	settings_put(list, "network.ases.%s.apps.%s.dns", ase, config->name);
	if (!config->on_all) {
		for (size_t k = 0; k < config->n_on; k++)
			buf_printf(&list->value, "%sworker-%" PRIu32, k == 0 ? "[" : ", ", config->on[k]);
		buf_puts(&list->value, config->n_on == 0 ? "[]" : "]");
		settings_put(list, "network.ases.%s.apps.%s.on", ase, config->name);
	}
	settings_listen(list, config->listen, config->n_listen);
	settings_put(list, "network.ases.%s.apps.%s.listen", ase, config->name);
}

static void ases(struct settings *list, const struct model *model)
{
	static const struct bit_name groups[] = {
		{VIP_PORTS_FTP, "ftp"}, {VIP_PORTS_DEBUG, "debug"}, {VIP_PORTS_MANAGEMENT, "management"}};
	static const struct bit_name needs[] = {
		{NEED_STORAGE, "storage"}, {NEED_SQL, "sql"}, {NEED_MANAGEMENT, "management"}};
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		const struct subnet_config *subnet = &model->subnets[ase->subnet];
		buf_printf(&list->value, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
		settings_put(list, "network.ases.%s.subnet", ase->name);
		settings_addr(list, ase->vip);
		settings_put(list, "network.ases.%s.vip", ase->name);
		settings_number(list, ase->front_ends);
		settings_put(list, "network.ases.%s.front_ends", ase->name);
		settings_number(list, ase->workers);
		settings_put(list, "network.ases.%s.workers", ase->name);
		settings_bits(list, ase->ports, groups, 3);
		settings_put(list, "network.ases.%s.ports", ase->name);
		settings_bits(list, ase->needs, needs, 3);
		settings_put(list, "network.ases.%s.needs", ase->name);
		settings_nat(list, arena_printf(list->arena, "network.ases.%s.snat", ase->name), &ase->snat);
		for (uint32_t k = 0; k < ase->n_apps; k++)
			app(list, ase->name, &model->apps[ase->app_first + k]);
	}
}

/* Where it stands. */
static void host_place(struct settings *list, const struct model *model, const struct host_config *host)
{
	static const char *const services[] = {"none", "storage", "sql", "management"};
	const struct subnet_config *subnet;
	switch (host->kind) {
	case HOST_VM:
		subnet = &model->subnets[host->subnet];
		buf_printf(&list->value, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
		settings_put(list, "network.hosts.%s.subnet", host->name);
		break;
	case HOST_INTERNET:
		settings_truth(list, true);
		settings_put(list, "network.hosts.%s.internet", host->name);
		break;
	case HOST_SERVICE:
		settings_text(list, model->regions[host->region].name);
		settings_put(list, "network.hosts.%s.region", host->name);
		settings_text(list, services[host->service]);
		settings_put(list, "network.hosts.%s.service", host->name);
		break;
	case HOST_SITE:
		settings_text(list, model->sites[host->site].name);
		settings_put(list, "network.hosts.%s.site", host->name);
		break;
	}
	settings_addr(list, host->addr);
	settings_put(list, "network.hosts.%s.ip", host->name);
}

static void host(struct settings *list, const struct model *model, const struct host_config *host)
{
	host_place(list, model, host);
	if (host->kind == HOST_VM && !be32_equal(host->public_ip, ADDR_NONE)) {
		settings_addr(list, host->public_ip);
		settings_put(list, "network.hosts.%s.public_ip", host->name);
	}
	if (host->nsg != NONE) {
		settings_text(list, model->nsgs[host->nsg].name);
		settings_put(list, "network.hosts.%s.nsg", host->name);
	}
	if (host->forwards) {
		settings_truth(list, true);
		settings_put(list, "network.hosts.%s.forwards", host->name);
	}
	if (host->has_nat)
		settings_nat(list, arena_printf(list->arena, "network.hosts.%s.nat", host->name), &host->nat);
	settings_listen(list, host->listen, host->n_listen);
	settings_put(list, "network.hosts.%s.listen", host->name);
	if (host->dns != NULL) {
		settings_text(list, host->dns);
		settings_put(list, "network.hosts.%s.dns", host->name);
	}
}

static void flow(struct settings *list, const struct model *model, const struct flow_config *flow)
{
	static const char *const then[] = {"close", "hold", "reset"};
	static const char *const arrivals[] = {"constant", "poisson", "burst"};
	const char *name = flow->name;
	if (flow->is_late) {
		buf_printf(&list->value, "%s[%" PRIu32 "]", model->flows[flow->late_flow].name, flow->late_index);
		settings_put(list, "flows.%s.late.on", name);
		settings_duration(list, flow->at_ns);
		settings_put(list, "flows.%s.late.at", name);
		settings_size(list, flow->send_bytes);
		settings_put(list, "flows.%s.late.send", name);
		return;
	}
	settings_text(list, flow->to_text);
	settings_put(list, "flows.%s.to", name);
	settings_duration(list, flow->at_ns);
	settings_put(list, "flows.%s.at", name);
	if (flow->repeated) {
		settings_number(list, flow->count);
		settings_put(list, "flows.%s.repeat.count", name);
		settings_duration(list, flow->every_ns);
		settings_put(list, "flows.%s.repeat.every", name);
		settings_text(list, arrivals[flow->arrivals]);
		settings_put(list, "flows.%s.repeat.arrivals", name);
		if (flow->holds) {
			char hold[UNITS_TEXT_BYTES];
			buf_printf(&list->value, flow->hold_is_exponential ? "exponential(%s)" : "%s",
				   units_print_duration(flow->hold_ns, hold));
			settings_put(list, "flows.%s.repeat.hold", name);
		}
	}
	settings_size(list, flow->send_bytes);
	settings_put(list, "flows.%s.send", name);
	settings_size(list, flow->reply_bytes);
	settings_put(list, "flows.%s.reply", name);
	settings_number(list, flow->rounds);
	settings_put(list, "flows.%s.rounds", name);
	settings_duration(list, flow->pause_ns);
	settings_put(list, "flows.%s.pause", name);
	settings_text(list, then[flow->then]);
	settings_put(list, "flows.%s.then", name);
	settings_truth(list, flow->dns);
	settings_put(list, "flows.%s.dns", name);
}

const struct report_setting *settings_list(struct arena *arena, const struct model *model, size_t *ret_n)
{
	struct settings list = {.arena = arena};
	char printed[UNITS_TEXT_BYTES];
	settings_number(&list, model->seed);
	settings_put(&list, "seed");
	settings_text(&list, units_print_wall_time(model->start_unix_ns, printed));
	settings_put(&list, "start");
	if (model->has_stop) {
		settings_duration(&list, model->stop_ns);
		settings_put(&list, "stop");
	}
	links(&list, model);
	vnets(&list, model);
	ases(&list, model);
	settings_rules(&list, model);
	for (size_t i = 0; i < model->n_hosts; i++)
		host(&list, model, &model->hosts[i]);
	for (size_t i = 0; i < model->n_flows; i++)
		flow(&list, model, &model->flows[i]);
	buf_free(&list.value);
	*ret_n = list.n;
	return list.failed ? NULL : list.items;
}
