/* Every setting of a scenario as it was in force, defaults filled in: path and value as --set takes them.
 *
 * DOC: a reader of a report must not need to know the defaults of the version that wrote it. */
#include "base/units.h"
#include "facade/facade.h"
#include <inttypes.h>
#include <stdio.h>

struct list {
	struct arena *arena;
	struct report_setting *items;
	size_t n, capacity;
	struct buf value; /* of the next setting */
	bool failed;
};

/* ---- values ---- */

static void grow(struct list *list)
{
	size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
	struct report_setting *items = arena_array(list->arena, capacity, sizeof(*items));
	if (items == NULL) {
		list->failed = true;
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		items[i] = list->items[i];
	list->items = items;
	list->capacity = capacity;
}

/* Adds what stands in `value`. */
__attribute__((format(printf, 2, 3))) static void put(struct list *list, const char *format, ...)
{
	if (list->n == list->capacity)
		grow(list);
	va_list args;
	va_start(args, format);
	const char *path = list->failed ? NULL : arena_vprintf(list->arena, format, args);
	va_end(args);
	const char *value = arena_strdup(list->arena, buf_text(&list->value));
	list->failed = list->failed || path == NULL || value == NULL || buf_failed(&list->value);
	buf_clear(&list->value);
	if (!list->failed)
		list->items[list->n++] = (struct report_setting){path, value};
}

static void text(struct list *list, const char *value)
{
	buf_puts(&list->value, value);
}

static void number(struct list *list, uint64_t value)
{
	buf_printf(&list->value, "%" PRIu64, value);
}

static void truth(struct list *list, bool value)
{
	text(list, value ? "true" : "false");
}

static void duration(struct list *list, int64_t ns)
{
	char printed[UNITS_TEXT_BYTES];
	text(list, units_print_duration(ns, printed));
}

static void size(struct list *list, uint64_t bytes)
{
	char printed[UNITS_TEXT_BYTES];
	text(list, units_print_size(bytes, printed));
}

static void addr(struct list *list, be32 value)
{
	char printed[ADDR_TEXT_BYTES];
	text(list, addr_print(value, printed));
}

/* Parts of 2^32 as a decimal fraction of nine places, rounded, without trailing zeros. */
static void fraction(struct list *list, uint64_t parts)
{
	char digits[16];
	uint64_t billionths = (parts * UINT64_C(1000000000) + (UINT64_C(1) << 31)) >> 32;
	int n = snprintf(digits, sizeof(digits), "%" PRIu64 ".%09" PRIu64, billionths / 1000000000, billionths % 1000000000);
	while (n > 0 && digits[n - 1] == '0')
		digits[--n] = '\0';
	if (n > 0 && digits[n - 1] == '.')
		digits[--n] = '\0';
	text(list, digits);
}

static void listen(struct list *list, const struct service_port *ports, size_t n)
{
	buf_putc(&list->value, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&list->value, "%s%u/%s", i == 0 ? "" : ", ", ports[i].port, proto_name(ports[i].proto));
	buf_putc(&list->value, ']');
}

struct bit_name {
	uint32_t bit;
	const char *name;
};

static void bits(struct list *list, uint32_t set, const struct bit_name *names, size_t n)
{
	const char *separator = "";
	buf_putc(&list->value, '[');
	for (size_t i = 0; i < n; i++) {
		if ((set & names[i].bit) == 0)
			continue;
		buf_printf(&list->value, "%s%s", separator, names[i].name);
		separator = ", ";
	}
	buf_putc(&list->value, ']');
}

/* ---- sections ---- */

static void links(struct list *list, const struct model *model)
{
	char printed[UNITS_TEXT_BYTES];
	for (enum link_class class = 0; class < LINK_CLASS_COUNT; class ++) {
		const struct link_config *link = &model->links[class];
		const char *name = link_class_name(class);
		duration(list, link->latency_ns);
		put(list, "network.links.%s.latency", name);
		duration(list, link->jitter_ns);
		put(list, "network.links.%s.jitter", name);
		fraction(list, link->loss_parts);
		put(list, "network.links.%s.loss", name);
		if (link->rate_bits_per_s != 0) {
			text(list, units_print_rate(link->rate_bits_per_s, printed));
			put(list, "network.links.%s.rate", name);
		}
		if (link->queue_bytes != 0) {
			size(list, link->queue_bytes);
			put(list, "network.links.%s.queue", name);
		}
		text(list, link->up ? "up" : "down");
		put(list, "network.links.%s.state", name);
	}
}

static void vnets(struct list *list, const struct model *model)
{
	char printed[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < model->n_vnets; i++) {
		const struct vnet_config *vnet = &model->vnets[i];
		text(list, model->regions[vnet->region].name);
		put(list, "network.vnets.%s.region", vnet->name);
		for (size_t k = 0; k < vnet->n_space; k++)
			buf_printf(&list->value, "%s%s", k == 0 ? "[" : ", ", prefix_print(vnet->space[k], printed));
		buf_putc(&list->value, ']');
		put(list, "network.vnets.%s.space", vnet->name);
	}
	for (size_t i = 0; i < model->n_subnets; i++) {
		const struct subnet_config *subnet = &model->subnets[i];
		text(list, prefix_print(subnet->cidr, printed));
		put(list, "network.vnets.%s.subnets.%s.cidr", model->vnets[subnet->vnet].name, subnet->name);
	}
}

static void snat(struct list *list, const char *ase, const struct nat_config *nat)
{
	static const char *const dependences[] = {"endpoint-independent", "address-dependent", "address-and-port-dependent"};
	static const char *const allocations[] = {"sequential", "preserve", "random"};
	static const struct {
		const char *key;
		size_t at;
	} timers[] = {
		{"tcp_idle", offsetof(struct nat_config, tcp_idle_ns)},
		{"tcp_transitory", offsetof(struct nat_config, tcp_transitory_ns)},
		{"tcp_reset", offsetof(struct nat_config, tcp_reset_ns)},
		{"udp_idle", offsetof(struct nat_config, udp_idle_ns)},
		{"icmp_idle", offsetof(struct nat_config, icmp_idle_ns)},
	};
	text(list, dependences[nat->mapping]);
	put(list, "network.ases.%s.snat.mapping", ase);
	text(list, dependences[nat->filtering]);
	put(list, "network.ases.%s.snat.filtering", ase);
	text(list, allocations[nat->allocation]);
	put(list, "network.ases.%s.snat.allocation", ase);
	buf_printf(&list->value, "%u-%u", nat->port_first, nat->port_last);
	put(list, "network.ases.%s.snat.port_range", ase);
	if (nat->ports_per_worker == NAT_PORTS_AUTO || nat->ports_per_worker == NAT_PORTS_SHARED)
		text(list, nat->ports_per_worker == NAT_PORTS_AUTO ? "auto" : "shared");
	else
		number(list, nat->ports_per_worker);
	put(list, "network.ases.%s.snat.ports_per_worker", ase);
	text(list, nat->reuse == NAT_REUSE_NEVER ? "never" : "per-destination");
	put(list, "network.ases.%s.snat.reuse", ase);
	truth(list, nat->hairpin);
	put(list, "network.ases.%s.snat.hairpin", ase);
	text(list, nat->translate_icmp ? "translate" : "drop");
	put(list, "network.ases.%s.snat.icmp", ase);
	text(list, nat->translate_fragments ? "translate" : "drop");
	put(list, "network.ases.%s.snat.fragments", ase);
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		duration(list, *(const int64_t *)(const void *)((const char *)nat + timers[i].at));
		put(list, "network.ases.%s.snat.%s", ase, timers[i].key);
	}
	truth(list, nat->reset_on_idle);
	put(list, "network.ases.%s.snat.reset_on_idle", ase);
}

static void app(struct list *list, const char *ase, const struct app_config *config)
{
	text(list, config->dns);
	put(list, "network.ases.%s.apps.%s.dns", ase, config->name);
	if (!config->on_all) {
		for (size_t k = 0; k < config->n_on; k++)
			buf_printf(&list->value, "%sworker-%" PRIu32, k == 0 ? "[" : ", ", config->on[k]);
		buf_puts(&list->value, config->n_on == 0 ? "[]" : "]");
		put(list, "network.ases.%s.apps.%s.on", ase, config->name);
	}
	listen(list, config->listen, config->n_listen);
	put(list, "network.ases.%s.apps.%s.listen", ase, config->name);
}

static void ases(struct list *list, const struct model *model)
{
	static const struct bit_name groups[] = {{VIP_PORTS_FTP, "ftp"}, {VIP_PORTS_DEBUG, "debug"}, {VIP_PORTS_MANAGEMENT, "management"}};
	static const struct bit_name needs[] = {{NEED_STORAGE, "storage"}, {NEED_SQL, "sql"}, {NEED_MANAGEMENT, "management"}};
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		const struct subnet_config *subnet = &model->subnets[ase->subnet];
		buf_printf(&list->value, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
		put(list, "network.ases.%s.subnet", ase->name);
		addr(list, ase->vip);
		put(list, "network.ases.%s.vip", ase->name);
		number(list, ase->front_ends);
		put(list, "network.ases.%s.front_ends", ase->name);
		number(list, ase->workers);
		put(list, "network.ases.%s.workers", ase->name);
		bits(list, ase->ports, groups, 3);
		put(list, "network.ases.%s.ports", ase->name);
		bits(list, ase->needs, needs, 3);
		put(list, "network.ases.%s.needs", ase->name);
		snat(list, ase->name, &ase->snat);
		for (uint32_t k = 0; k < ase->n_apps; k++)
			app(list, ase->name, &model->apps[ase->app_first + k]);
	}
}

static void hosts(struct list *list, const struct model *model)
{
	static const char *const services[] = {"none", "storage", "sql", "management"};
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		if (host->kind == HOST_VM) {
			const struct subnet_config *subnet = &model->subnets[host->subnet];
			buf_printf(&list->value, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
			put(list, "network.hosts.%s.subnet", host->name);
		} else if (host->kind == HOST_SERVICE) {
			text(list, model->regions[host->region].name);
			put(list, "network.hosts.%s.region", host->name);
			text(list, services[host->service]);
			put(list, "network.hosts.%s.service", host->name);
		} else {
			truth(list, true);
			put(list, "network.hosts.%s.internet", host->name);
		}
		addr(list, host->addr);
		put(list, "network.hosts.%s.ip", host->name);
		if (host->kind == HOST_VM && !be32_equal(host->public_ip, ADDR_NONE)) {
			addr(list, host->public_ip);
			put(list, "network.hosts.%s.public_ip", host->name);
		}
		listen(list, host->listen, host->n_listen);
		put(list, "network.hosts.%s.listen", host->name);
		if (host->dns != NULL) {
			text(list, host->dns);
			put(list, "network.hosts.%s.dns", host->name);
		}
	}
}

static void flow(struct list *list, const struct model *model, const struct flow_config *flow)
{
	static const char *const then[] = {"close", "hold", "reset"};
	const char *name = flow->name;
	if (flow->is_late) {
		buf_printf(&list->value, "%s[%" PRIu32 "]", model->flows[flow->late_flow].name, flow->late_index);
		put(list, "flows.%s.late.on", name);
		duration(list, flow->at_ns);
		put(list, "flows.%s.late.at", name);
		size(list, flow->send_bytes);
		put(list, "flows.%s.late.send", name);
		return;
	}
	text(list, flow->to_text);
	put(list, "flows.%s.to", name);
	duration(list, flow->at_ns);
	put(list, "flows.%s.at", name);
	if (flow->repeated) {
		number(list, flow->count);
		put(list, "flows.%s.repeat.count", name);
		duration(list, flow->every_ns);
		put(list, "flows.%s.repeat.every", name);
	}
	size(list, flow->send_bytes);
	put(list, "flows.%s.send", name);
	size(list, flow->reply_bytes);
	put(list, "flows.%s.reply", name);
	number(list, flow->rounds);
	put(list, "flows.%s.rounds", name);
	duration(list, flow->pause_ns);
	put(list, "flows.%s.pause", name);
	text(list, then[flow->then]);
	put(list, "flows.%s.then", name);
	truth(list, flow->dns);
	put(list, "flows.%s.dns", name);
}

const struct report_setting *settings_list(struct arena *arena, const struct model *model, size_t *ret_n)
{
	struct list list = {.arena = arena};
	char printed[UNITS_TEXT_BYTES];
	number(&list, model->seed);
	put(&list, "seed");
	text(&list, units_print_wall_time(model->start_unix_ns, printed));
	put(&list, "start");
	if (model->has_stop) {
		duration(&list, model->stop_ns);
		put(&list, "stop");
	}
	links(&list, model);
	vnets(&list, model);
	ases(&list, model);
	hosts(&list, model);
	for (size_t i = 0; i < model->n_flows; i++)
		flow(&list, model, &model->flows[i]);
	buf_free(&list.value);
	*ret_n = list.n;
	return list.failed ? NULL : list.items;
}
