/* DOC: values that have a shape of their own: fractions, blocks of ports, and those of load balancers. */
#include "net/tuple.h"
#include "scenario/values_internal.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What a pool's list is, for settings and mutants. */
static const struct key pool_key = {.name = "pool",
				    .value = {.form = VALUE_REFS},
				    .mutation = MUTATE_FEWER,
				    .type = KEY_REFS,
				    .help = "Machines of a pool."};

void values_pools(struct walk *walk, struct resolved *map, const struct balancer_config *balancer)
{
	for (size_t i = 0; i < balancer->n_pools; i++) {
		struct resolved *list = values_add(walk, map, TREE_LIST, balancer->pools[i].name);
		if (list)
			list->key = &pool_key;
		for (size_t k = 0; list && k < balancer->pools[i].n_hosts; k++)
			values_add_item(walk, list, "%s", walk->model->hosts[balancer->pools[i].hosts[k]].name);
	}
}

void values_ports_each(struct walk *walk, struct resolved *node, uint32_t n)
{
	if (n == NAT_PORTS_AUTO)
		values_set_text(walk, node, "auto");
	else
		values_set_text(walk, node, "%u", n);
}

void values_service(struct walk *walk, struct resolved *node, const struct value *value, const void *object)
{
	uint16_t port;
	uint8_t proto = *((const uint8_t *)object + value->n_at);
	memcpy(&port, (const char *)object + value->at, sizeof port);
	if (proto == 0)
		values_set_text(walk, node, "any");
	else
		values_set_text(walk, node, "%u/%s", port, proto_name(proto));
}

void values_machine_port(struct walk *walk, struct resolved *node, const struct value *value, const void *object)
{
	uint16_t port;
	uint32_t host;
	memcpy(&host, (const char *)object + value->at, sizeof host);
	memcpy(&port, (const char *)object + value->n_at, sizeof port);
	values_set_text(walk, node, "%s:%u", walk->model->hosts[host].name, port);
}

void values_fraction(struct walk *walk, struct resolved *node, uint64_t parts)
{
	char digits[32];
	uint64_t billionths = (parts * UINT64_C(1000000000) + (UINT64_C(1) << 31)) >> 32;
	int n = snprintf(digits, sizeof digits, "%" PRIu64 ".%09" PRIu64, billionths / 1000000000,
			 billionths % 1000000000);
	while (n > 0 && digits[n - 1] == '0')
		digits[--n] = '\0';
	if (n > 0 && digits[n - 1] == '.')
		digits[--n] = '\0';
	values_set_text(walk, node, "%s", digits);
}

void values_block(struct walk *walk, struct resolved *node, uint32_t n_ports)
{
	if (n_ports == NAT_PORTS_AUTO || n_ports == NAT_PORTS_SHARED)
		values_set_text(walk, node, "%s", n_ports == NAT_PORTS_AUTO ? "auto" : "shared");
	else
		values_set_text(walk, node, "%" PRIu32, n_ports);
}
