/* DOC: the names that users may say of a scenario, by what they are for: "did you mean", and completion in shells. */
#include "base/utf8.h"
#include "facade/facade.h"
#include "pktpath/tools.h"
#include "scenario/values.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct name_list {
	struct arena *arena;
	const char **items; /* NULL: they are only counted */
	size_t n;
	bool failed;
};

static void add(struct name_list *names, const char *name)
{
	if (names->items)
		names->items[names->n] = name;
	names->failed |= !name;
	names->n++;
}

__attribute__((format(printf, 2, 3))) static void add_text(struct name_list *names, const char *format, ...)
{
	const char *text = "";
	if (names->items) {
		va_list args;
		va_start(args, format);
		text = arena_vprintf(names->arena, format, args);
		va_end(args);
	}
	add(names, text);
}

/* ---- each kind ---- */

static void add_flows(struct name_list *names, const struct model *model)
{
	for (size_t i = 0; i < model->n_flows; i++)
		add(names, model->flows[i].name);
}

static void add_nats(struct name_list *names, const struct model *model)
{
	for (uint32_t i = element_next_nat(model, 0); i != NONE; i = element_next_nat(model, i + 1))
		add(names, element_at(model, i)->nat_name);
}

static void add_resolvable(struct name_list *names, const struct model *model)
{
	for (size_t i = 0; i < model->n_apps; i++) {
		add(names, model->apps[i].dns);
		add(names, model->apps[i].path);
	}
	for (size_t i = 0; i < model->n_web_apps; i++) {
		add(names, model->web_apps[i].dns);
		add(names, model->web_apps[i].name);
	}
	for (size_t i = 0; i < model->n_hosts; i++) {
		add(names, model->hosts[i].name);
		if (model->hosts[i].dns)
			add(names, model->hosts[i].dns);
		else if (model->hosts[i].kind == HOST_VM)
			add(names, facade_dns_of_host(names->arena, model, &model->hosts[i]));
	}
}

static void add_callers(struct name_list *names, const struct model *model)
{
	for (size_t i = 0; i < model->n_apps; i++)
		add(names, model->apps[i].path);
	for (size_t i = 0; i < model->n_ases; i++)
		for (uint32_t k = 0; k < model->ases[i].workers; k++)
			add_text(names, "%s/worker-%" PRIu32, model->ases[i].name, k);
	for (uint32_t i = 0; i < model->n_web_apps; i++) {
		add(names, model->web_apps[i].name);
		for (uint32_t k = 0; k < model->web_apps[i].instances; k++)
			add(names, element_at(model, web_app_instance(model, i, k))->name);
	}
	for (size_t i = 0; i < model->n_hosts; i++)
		add(names, model->hosts[i].name);
}

static void add_askers(struct name_list *names, const struct model *model)
{
	for (size_t i = 0; i < model->n_hosts; i++)
		add(names, model->hosts[i].name);
	for (size_t i = 0; i < model->n_vnets; i++)
		add(names, model->vnets[i].name);
	for (size_t i = 0; i < model->n_sites; i++)
		add(names, model->sites[i].name);
}

static void add_ports(struct name_list *names, const char *name, const struct service_port *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_text(names, "%s:%u/%s", name, ports[i].port, ports[i].proto == PROTO_TCP ? "tcp" : "udp");
}

static void add_called(struct name_list *names, const struct model *model)
{
	for (size_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		for (size_t k = 0; k < app->n_listen; k++)
			add_text(names, "%s:%u/%s", app->path, app->listen[k].port,
				 app->listen[k].proto == PROTO_TCP ? "tcp" : "udp");
	}
	for (size_t i = 0; i < model->n_web_apps; i++) {
		const struct web_app_config *app = &model->web_apps[i];
		add_ports(names, app->name, app->listen, app->n_listen);
	}
	const struct service_port *ports = NULL;
	const char *endpoint = NULL;
	size_t n_ports = 0;
	for (size_t i = 0; endpoint_ports(model, i, &endpoint, &ports, &n_ports); i++)
		add_ports(names, endpoint, ports, n_ports);
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		add_ports(names, host->name, host->listen, host->n_listen);
		add_text(names, "%s/icmp", host->name);
	}
	for (uint32_t i = 0; i < model->n_balancers; i++)
		for (size_t k = 0; k < model->balancers[i].n_rules; k++) {
			const struct balancing_config *rule = &model->balancers[i].rules[k];
			if (!rule->all_ports)
				add_text(names, "%s:%u/%s", element_of_frontend(model, rule->frontend)->name,
					 rule->port, rule->proto == PROTO_TCP ? "tcp" : "udp");
		}
}

/* Only their number depends on the list: it is made again where they are wanted. */
static void add_settings(struct name_list *names, const struct model *model)
{
	size_t n;
	const struct scenario_setting *settings = scenario_settings(names->arena, model, &n);
	names->failed |= !settings;
	for (size_t i = 0; settings && i < n; i++)
		add(names, settings[i].path);
}

static void add_variables(struct name_list *names, const struct tree *tree)
{
	const struct tree *vars = tree_get(tree, "vars");
	for (const struct tree *child = vars && vars->kind == TREE_MAP ? vars->first : NULL; child; child = child->next)
		add(names, child->key);
}

static void add_all(struct name_list *names, const struct pp_scenario *scenario, pp_name_kind kind)
{
	const struct model *model = scenario->model;
	switch (kind) {
	case PP_NAME_FLOW:
		add_flows(names, model);
		return;
	case PP_NAME_NAT:
		add_nats(names, model);
		return;
	case PP_NAME_RESOLVABLE:
		add_resolvable(names, model);
		return;
	case PP_NAME_CALLER:
		add_callers(names, model);
		return;
	case PP_NAME_CALLED:
		add_called(names, model);
		return;
	case PP_NAME_ASKER:
		add_askers(names, model);
		return;
	case PP_NAME_SETTING:
		add_settings(names, model);
		return;
	case PP_NAME_VARIABLE:
		add_variables(names, scenario->tree);
		return;
	}
}

int pp_scenario_names(const pp_scenario *scenario, pp_name_kind kind, const char *const **ret, size_t *ret_n)
{
	struct name_list names = {.arena = scenario->arena};
	add_all(&names, scenario, kind);
	names.items = arena_array(names.arena, names.n + 1, sizeof *names.items);
	if (!names.items)
		return -ENOMEM;
	names.n = 0;
	add_all(&names, scenario, kind);
	*ret = names.items;
	*ret_n = names.n;
	return names.failed ? -ENOMEM : 0;
}

size_t pp_safe_character(const char *text, size_t bytes, char safe[PP_SAFE_BYTES])
{
	return utf8_safe(text, bytes, safe);
}

const char *pp_scenario_setting(pp_scenario *scenario, const char *path)
{
	size_t n;
	const struct scenario_setting *settings = scenario_settings(scenario->arena, scenario->model, &n);
	for (size_t i = 0; settings && i < n; i++)
		if (strcmp(settings[i].path, path) == 0)
			return settings[i].value;
	return NULL;
}
