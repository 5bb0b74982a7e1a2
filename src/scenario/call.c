/* DOC: a call that no file makes, for questions about a scenario. It becomes a node as the file would have it, `{from:
 * A, to: B}`, and is read as a flow is, so that it means the same and has the same defaults. Questions may be shorter
 * than files: an address may say who calls, and who is called may go without protocol or port, which are then those on
 * which it listens first. */
#include "scenario/decode.h"
#include "scenario/load.h"
#include <errno.h>
#include <string.h>

static bool scalar(struct arena *arena, struct tree *map, const char *key, const char *text)
{
	struct tree *node = tree_add(arena, map, TREE_SCALAR, key, PLACE_NONE);
	if (!node)
		return false;
	node->text = text;
	node->quoted = true;
	return true;
}

/* ---- who calls ---- */

static const char *host_at(const struct model *model, be32 addr)
{
	for (size_t i = 0; i < model->n_hosts; i++)
		if (be32_equal(model->hosts[i].addr, addr) || be32_equal(model->hosts[i].public_ip, addr))
			return model->hosts[i].name;
	return NULL;
}

static const char *caller(struct arena *arena, const struct model *model, const char *text)
{
	be32 addr;
	if (!addr_parse(text, &addr) || addr.raw == 0)
		return text;
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		for (uint32_t k = 0; k < ase->max_workers; k++)
			if (be32_equal(ase->addresses[ase->front_ends + k], addr))
				return arena_printf(arena, "%s/worker-%u", ase->name, k);
	}
	const char *host = host_at(model, addr);
	return host ? host : text;
}

/* ---- who is called ---- */

static bool ends_in_protocol(const char *text)
{
	const char *slash = strrchr(text, '/');
	return slash && (strcmp(slash, "/tcp") == 0 || strcmp(slash, "/udp") == 0 || strcmp(slash, "/icmp") == 0);
}

static const struct service_port *listens(const struct model *model, struct arena *arena, const char *text,
					  size_t *ret_n)
{
	uint32_t host = find_by_name(model->hosts, model->n_hosts, text);
	struct endpoint end = {.kind = ENDPOINT_ADDRESS};
	if (host == NONE && find_dns_name(model, arena, text, &end) && end.kind == ENDPOINT_HOST)
		host = end.index;
	if (host != NONE) {
		*ret_n = model->hosts[host].n_listen;
		return model->hosts[host].listen;
	}
	for (size_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		if (strcmp(text, app->path) == 0 || strcasecmp(text, app->dns) == 0) {
			*ret_n = app->n_listen;
			return app->listen;
		}
	}
	*ret_n = 0;
	return NULL;
}

static const char *callee(struct arena *arena, const struct model *model, const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;
	size_t n;
	if (ends_in_protocol(text))
		return text;
	if (colon && !read_number(colon + 1, 65535, &port))
		return text;
	const char *name = colon ? arena_strndup(arena, text, (size_t)(colon - text)) : text;
	if (!name)
		return NULL;
	const struct service_port *listen = listens(model, arena, name, &n);
	if (!colon)
		return n > 0 ? arena_printf(arena, "%s:%u/%s", text, listen[0].port, proto_name(listen[0].proto))
			     : text;
	for (size_t i = 0; i < n; i++)
		if (listen[i].port == port)
			return arena_printf(arena, "%s/%s", text, proto_name(listen[i].proto));
	return arena_printf(arena, "%s/tcp", text);
}

/* ---- both ---- */

int scenario_make_call(struct arena *arena, struct model *model, const char *from, const char *to,
		       struct diag_list *diags, struct flow_config *flow)
{
	struct tree node = {.kind = TREE_MAP};
	struct decoder decoder = {.arena = arena, .diags = diags, .model = model, .file = model->file};
	const char *name = flow->name, *called = callee(arena, model, to), *who = caller(arena, model, from);
	if (!who || !called || !scalar(arena, &node, "from", who) || !scalar(arena, &node, "to", called))
		return -ENOMEM;
	int64_t at_ns = flow->at_ns;
	size_t n_errors = diags->n_errors;
	decode_call_into(&decoder, &node, name, flow);
	flow->at_ns = at_ns;
	if (decoder.error < 0 || diags->failed)
		return decoder.error < 0 ? decoder.error : -ENOMEM;
	return diags->n_errors > n_errors ? 1 : 0;
}
