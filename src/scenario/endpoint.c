/* DOC: who calls and who is called. `from` is ASE/APP, ASE/worker-N or a host; `to` is one of HOST, ASE/APP, ASE, IP or
 * a DNS name with :PORT/PROTO, or HOST/icmp. The last slash divides off the protocol. */
#include "scenario/kinds.h"
#include "scenario/load.h"
#include <string.h>

static const char *nearest_end(const struct model *model, struct arena *arena, const struct diag_list *diags,
			       const char *name)
{
	static const char general[] = "name a host, ASE/APP, ASE/worker-N or an address";
	if (!diag_may_search(diags))
		return general;
	const char **names = arena_array(arena, model->n_hosts + model->n_ases + model->n_web_apps + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; names && i < model->n_web_apps; i++)
		names[n++] = model->web_apps[i].name;
	for (size_t i = 0; names && i < model->n_hosts; i++)
		names[n++] = model->hosts[i].name;
	for (size_t i = 0; names && i < model->n_ases; i++)
		names[n++] = model->ases[i].name;
	const char *nearest = names ? name_nearest(name, names, n) : NULL;
	if (!nearest && strchr(name, '.'))
		nearest = nearest_dns_name(model, arena, name);
	return nearest ? arena_printf(arena, "did you mean `%s`?", nearest) : general;
}

static bool find_app(const struct model *model, uint32_t ase, const char *name, uint32_t *ret)
{
	uint32_t first = model->ases[ase].app_first,
		 app = find_by_name(model->apps + first, model->ases[ase].n_apps, name);
	*ret = first + app;
	return app != NONE;
}

static const char *nearest_app(const struct model *model, struct arena *arena, uint32_t ase, const char *name)
{
	const struct ase_config *config = &model->ases[ase];
	const char **names = arena_array(arena, config->n_apps + 1, sizeof *names);
	for (uint32_t i = 0; names && i < config->n_apps; i++)
		names[i] = model->apps[config->app_first + i].name;
	const char *nearest = names ? name_nearest(name, names, config->n_apps) : NULL;
	if (nearest)
		return arena_printf(arena, "did you mean `%s/%s`?", config->name, nearest);
	return config->n_apps
		       ? arena_printf(arena, "there is `%s/%s`", config->name, model->apps[config->app_first].name)
		       : "it has no apps";
}

/* BALANCER/FRONTEND. */
static bool parse_frontend(const struct model *model, struct arena *arena, uint32_t index, const char *name,
			   struct place place, struct diag_list *diags, struct endpoint *ret)
{
	const struct balancer_config *balancer = &model->balancers[index];
	uint32_t found = find_by_name(balancer->frontends, balancer->n_frontends, name);
	*ret = (struct endpoint){.kind = ENDPOINT_FRONTEND,
				 .index = (uint32_t)(balancer->frontends - model->frontends) + found};
	if (found != NONE)
		return true;
	diag_error(diags, place,
		   balancer->n_frontends > 0
			   ? arena_printf(arena, "there is `%s/%s`", balancer->name, balancer->frontends[0].name)
			   : "it has no frontends",
		   "`%s` has no frontend `%s`", balancer->name, name);
	return false;
}

/* APP/instance-N: it calls, and is not called. */
static bool parse_instance(const struct model *model, struct arena *arena, uint32_t index, const char *name,
			   struct place place, struct diag_list *diags, struct endpoint *ret)
{
	const struct web_app_config *app = &model->web_apps[index];
	*ret = (struct endpoint){.kind = ENDPOINT_WEB_APP, .index = index, .worker = NONE};
	if (decode_numbered(name, "instance-", &ret->worker) && ret->worker < app->instances)
		return true;
	diag_error(diags, place,
		   arena_printf(arena, "it has instance-0 to instance-%u; `%s` names it itself", app->instances - 1,
				app->name),
		   "web app `%s` has no `%s`", app->name, name);
	return false;
}

/* ASE/APP, ASE/worker-N, APP/instance-N or BALANCER/FRONTEND. */
static bool parse_inside(const struct model *model, struct arena *arena, const char *text, const char *slash,
			 struct place place, struct diag_list *diags, struct endpoint *ret)
{
	char *ase_name = arena_strndup(arena, text, (size_t)(slash - text));
	uint32_t balancer = ase_name ? find_by_name(model->balancers, model->n_balancers, ase_name) : NONE;
	if (balancer != NONE)
		return parse_frontend(model, arena, balancer, slash + 1, place, diags, ret);
	uint32_t app = ase_name ? find_by_name(model->web_apps, model->n_web_apps, ase_name) : NONE;
	if (app != NONE)
		return parse_instance(model, arena, app, slash + 1, place, diags, ret);
	uint32_t ase = ase_name ? find_by_name(model->ases, model->n_ases, ase_name) : NONE;
	if (ase == NONE) {
		diag_error(diags, place, nearest_end(model, arena, diags, ase_name ? ase_name : ""),
			   "unknown environment `%s`", ase_name ? ase_name : "");
		return false;
	}
	uint32_t number;
	*ret = (struct endpoint){.kind = ENDPOINT_APP};
	if (find_app(model, ase, slash + 1, &ret->index))
		return true;
	if (decode_worker(slash + 1, &number)) {
		*ret = (struct endpoint){.kind = ENDPOINT_WORKER, .index = ase, .worker = number};
		if (number < model->ases[ase].max_workers)
			return true;
		diag_error(diags, place,
			   arena_printf(arena, "it has worker-0 to worker-%u", model->ases[ase].max_workers - 1),
			   "`%s` has no `%s`", ase_name, slash + 1);
		return false;
	}
	diag_error(diags, place, nearest_app(model, arena, ase, slash + 1), "`%s` has no app `%s`", ase_name,
		   slash + 1);
	return false;
}

bool parse_from(const struct model *model, struct arena *arena, const char *text, struct place place,
		struct diag_list *diags, struct endpoint *ret)
{
	const char *slash = strchr(text, '/');
	if (slash && !parse_inside(model, arena, text, slash, place, diags, ret))
		return false;
	if (slash && ret->kind == ENDPOINT_FRONTEND)
		diag_error(diags, place, "name the machine that calls", "a load balancer does not call");
	if (slash)
		return ret->kind != ENDPOINT_FRONTEND;
	uint32_t host = find_by_name(model->hosts, model->n_hosts, text);
	if (host != NONE) {
		*ret = (struct endpoint){.kind = ENDPOINT_HOST, .index = host};
		return true;
	}
	uint32_t app = find_by_name(model->web_apps, model->n_web_apps, text);
	if (app != NONE) {
		*ret = (struct endpoint){.kind = ENDPOINT_WEB_APP, .index = app, .worker = NONE};
		return true;
	}
	uint32_t ase = find_by_name(model->ases, model->n_ases, text);
	enum network_kind kind = kind_find(model, text, &(size_t){0});
	if (kind != KIND_COUNT)
		diag_error(diags, place, "name the machine that calls", "`%s` is %s: it does not call", text,
			   kind_with_article(kind));
	else if (ase != NONE)
		diag_error(diags, place, arena_printf(arena, "write `%s/APP` or `%s/worker-0`", text, text),
			   "an environment does not call, its apps do");
	else
		diag_error(diags, place, nearest_end(model, arena, diags, text), "unknown host `%s`", text);
	return false;
}

/* An end point of the kinds is called by its address. */
static bool parse_kind(const struct model *model, const char *name, struct endpoint *ret)
{
	struct kind_address address;
	size_t index;
	enum network_kind kind = kind_find(model, name, &index);
	if (kind == KIND_COUNT || !kind_stands_in_subnet(kind) ||
	    !kind_loader(kind)->address(kind_item(model, kind, index), 0, &address))
		return false;
	*ret = (struct endpoint){.kind = ENDPOINT_ADDRESS, .addr = address.addr};
	return true;
}

static bool parse_target(const struct model *model, struct arena *arena, const char *name, struct place place,
			 struct diag_list *diags, struct endpoint *ret)
{
	const char *slash = strchr(name, '/');
	if (slash && !parse_inside(model, arena, name, slash, place, diags, ret))
		return false;
	if (slash && ret->kind == ENDPOINT_WEB_APP)
		diag_error(diags, place, arena_printf(arena, "call `%s`", model->web_apps[ret->index].name),
			   "an instance of a web app is not called, the app is");
	if (slash)
		return ret->kind != ENDPOINT_WEB_APP;
	*ret = (struct endpoint){.kind = ENDPOINT_ADDRESS};
	if (addr_parse(name, &ret->addr))
		return true;
	ret->kind = ENDPOINT_HOST;
	ret->index = find_by_name(model->hosts, model->n_hosts, name);
	if (ret->index != NONE)
		return true;
	ret->kind = ENDPOINT_WEB_APP;
	ret->worker = NONE;
	ret->index = find_by_name(model->web_apps, model->n_web_apps, name);
	if (ret->index != NONE)
		return true;
	ret->worker = 0;
	if (parse_kind(model, name, ret))
		return true;
	ret->kind = ENDPOINT_ASE;
	ret->index = find_by_name(model->ases, model->n_ases, name);
	if (ret->index != NONE || find_dns_name(model, arena, name, ret))
		return true;
	diag_error(diags, place, nearest_end(model, arena, diags, name), "unknown host `%s`", name);
	return false;
}

bool parse_to(const struct model *model, struct arena *arena, const char *text, struct place place,
	      struct diag_list *diags, struct endpoint *ret, uint16_t *ret_port, uint8_t *ret_proto)
{
	const char *slash = strrchr(text, '/');
	const char *proto = slash ? slash + 1 : "";
	const char *way_out = "write HOST:PORT/PROTO, ASE/APP:PORT/PROTO, IP:PORT/PROTO or HOST/icmp";
	bool tcp = strcmp(proto, "tcp") == 0, udp = strcmp(proto, "udp") == 0, icmp = strcmp(proto, "icmp") == 0;
	if (!tcp && !udp && !icmp) {
		diag_error(diags, place, way_out, "`%s` does not say to which port by which protocol", text);
		return false;
	}
	*ret_proto = tcp ? PROTO_TCP : udp ? PROTO_UDP : PROTO_ICMP;
	*ret_port = 0;
	char *name = arena_strndup(arena, text, (size_t)(slash - text));
	if (!name)
		return false;
	char *colon = strrchr(name, ':');
	uint64_t port = 0;
	if (icmp == !!colon) {
		diag_error(diags, place, way_out, "`%s` %s", text,
			   icmp ? "has a port, and ICMP has none" : "has no port");
		return false;
	}
	if (colon) {
		*colon = '\0';
		if (!read_number(colon + 1, 65535, &port) || port == 0) {
			diag_error(diags, place, "1 to 65535", "`%s` is not a port", colon + 1);
			return false;
		}
		*ret_port = (uint16_t)port;
	}
	return parse_target(model, arena, name, place, diags, ret);
}

bool scenario_parse_from(const struct model *model, const char *text, struct diag_list *diags, struct endpoint *ret)
{
	return parse_from(model, diags->arena, text, PLACE_NONE, diags, ret);
}

bool scenario_parse_to(const struct model *model, const char *text, struct diag_list *diags, struct endpoint *ret,
		       uint16_t *ret_port, uint8_t *ret_proto)
{
	return parse_to(model, diags->arena, text, PLACE_NONE, diags, ret, ret_port, ret_proto);
}
