/* DOC: the section `flows`. Calls are read first, then what is `late` on one of them. */
#include "model/arrivals.h"
#include "model/elements.h"
#include "net/payload.h"
#include "scenario/decode.h"
#include <string.h>

#define FTP_PORT 21
#define MAX_DATAGRAM_BYTES 65507u /* of the 65535 of IP, without its 20 and the 8 of UDP or ICMP */

static void repeats(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	const struct tree *repeat = tree_get(node, "repeat");
	int64_t count;
	flow->count = 1;
	if (tree_is_null(repeat) || !decode_section(d, repeat, SECTION_REPEAT))
		return;
	flow->repeated = true;
	if (decode_int(d, repeat, SECTION_REPEAT, "count", &count))
		flow->count = (uint32_t)count;
	(void)decode_duration(d, repeat, SECTION_REPEAT, "every", &flow->every_ns);
	unsigned arrivals = ARRIVALS_CONSTANT;
	if (decode_enum(d, repeat, SECTION_REPEAT, "arrivals", &arrivals))
		flow->arrivals = (enum flow_arrivals)arrivals;
	flow->holds = decode_hold(d, repeat, SECTION_REPEAT, "hold", &flow->hold_ns, &flow->hold_is_exponential);
	int64_t times = flow->arrivals == ARRIVALS_POISSON ? ARRIVALS_MAX_TIMES : 1;
	if (flow->every_ns > 0 && flow->count - 1 > (INT64_MAX / 4 - flow->at_ns) / times / flow->every_ns) {
		diag_error(d->diags, decode_place(node, "repeat"), "give a smaller `count`, or a shorter `every`",
			   "the last connection would start in more than 70 years");
		flow->every_ns = 0; /* so that nothing else multiplies it */
	}
}

static void check_datagram(struct decoder *d, const struct tree *node, const struct flow_config *flow)
{
	if (flow->proto == PROTO_TCP)
		return;
	const char *keys[] = {"send", "reply"};
	for (size_t i = 0; i < 2; i++)
		if ((i ? flow->reply_bytes : flow->send_bytes) > MAX_DATAGRAM_BYTES)
			diag_error(d->diags, decode_place(node, keys[i]), "at most 65507B by UDP or ICMP",
				   "a datagram cannot be that large");
	if (decode_has(node, "then") && (flow->proto == PROTO_ICMP || flow->then == THEN_RESET))
		diag_error(d->diags, tree_get(node, "then")->key_place,
			   flow->proto == PROTO_ICMP ? "leave it out" : "hold, or leave it out",
			   flow->proto == PROTO_ICMP ? "`then` is for TCP and UDP" : "`then: reset` is for TCP");
	if (flow->proto == PROTO_ICMP && decode_has(node, "reply"))
		diag_warning(d->diags, tree_get(node, "reply")->key_place,
			     "an echo reply repeats what was sent; leave it out", "`reply` changes nothing for ICMP");
}

static void check_hold(struct decoder *d, const struct tree *node, const struct flow_config *flow)
{
	if (!flow->holds)
		return;
	struct place place = decode_place(tree_get(node, "repeat"), "hold");
	if (flow->proto != PROTO_TCP)
		diag_error(d->diags, place, "leave it out", "`hold` is for TCP: a datagram holds nothing open");
	else if (flow->port == FTP_PORT)
		diag_error(d->diags, place, "leave it out", "`hold` is not for FTP");
	else if (flow->then == THEN_HOLD)
		diag_error(d->diags, place, "leave one of them out",
			   "`hold` ends each connection after a time, `then: hold` never does");
}

/* A host without `dns` is looked up by its name in the file; an address and an environment have no name. */
static void check_dns(struct decoder *d, const struct tree *node, const struct flow_config *flow)
{
	if (flow->dns && flow->to.kind != ENDPOINT_APP && flow->to.kind != ENDPOINT_HOST &&
	    flow->to.kind != ENDPOINT_WEB_APP)
		diag_warning(d->diags, decode_place(node, "dns"), "call a host or an app by name",
			     "`%s` has no DNS name to look up, and no query is sent", flow->to_text);
}

/* The captures of a flow have its name. */
static void check_flow_name(struct decoder *d, const struct flow_config *flow)
{
	if (strcmp(flow->name, "drops") == 0)
		diag_error(d->diags, flow->place, "choose another name",
			   "a run keeps drops.pcapng for the packets that were lost");
}

/* Of a flow whose `from` or `to` is wrong: what refers to the flow then leaves its ends alone. */
static const struct endpoint unknown_end = {.kind = ENDPOINT_ADDRESS};

static bool is_unknown(const struct endpoint *end)
{
	return end->kind == ENDPOINT_ADDRESS && end->addr.raw == 0;
}

/* What the caller's packets have of their own. */
static void decode_sender(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	int64_t n;
	if (decode_has(node, "from_port") && decode_int(d, node, SECTION_FLOW, "from_port", &n))
		flow->from_port = (uint16_t)n;
	if (decode_has(node, "ttl") && decode_int(d, node, SECTION_FLOW, "ttl", &n))
		flow->ttl = (uint8_t)n;
	flow->has_df = decode_has(node, "df") && decode_bool(d, node, SECTION_FLOW, "df", &flow->df);
	if (decode_has(node, "keepalive"))
		(void)decode_duration(d, node, SECTION_FLOW, "keepalive", &flow->keepalive_ns);
	if (decode_has(node, "keepalive") && (flow->proto != PROTO_TCP || decode_has(node, "packets")))
		diag_error(d->diags, tree_get(node, "keepalive")->key_place, "leave it out",
			   "`keepalive` is for calls by TCP");
	if (decode_has(node, "from_port") && flow->proto == PROTO_TCP && decode_has(node, "repeat"))
		diag_error(d->diags, tree_get(node, "from_port")->key_place,
			   "leave one of them out, or make a flow for each port",
			   "`from_port` does not go with `repeat` by TCP: a port has one connection to a destination");
	if (decode_has(node, "from_port") && flow->from.kind == ENDPOINT_APP)
		diag_warning(d->diags, tree_get(node, "from_port")->key_place, "call from a worker or a host",
			     "each worker of the app has a port of this number");
}

static void decode_ftp(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	unsigned mode = FTP_MODE_PASSIVE;
	if (!decode_has(node, "ftp") || !decode_enum(d, node, SECTION_FLOW, "ftp", &mode))
		return;
	flow->ftp = (enum flow_ftp)mode;
	if (!is_unknown(&flow->to) && (flow->proto != PROTO_TCP || flow->port != FTP_PORT))
		diag_error(d->diags, tree_get(node, "ftp")->key_place, "call port 21/tcp, or leave it out",
			   "`ftp` is for calls to port 21/tcp, where FTP is spoken");
}

static void decode_call(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	uint64_t size;
	int64_t rounds = 1;
	unsigned then = 0;
	const char *from = decode_text(d, node, SECTION_FLOW, "from"), *to = decode_text(d, node, SECTION_FLOW, "to");
	if (!decode_has(node, "from"))
		diag_error(d->diags, node->place, "from: ASE/APP, ASE/worker-N or a host", "a flow needs `from`");
	else if (from && !parse_from(d->model, d->arena, from, decode_place(node, "from"), d->diags, &flow->from))
		flow->from = unknown_end;
	if (!decode_has(node, "to"))
		diag_error(d->diags, node->place, "to: HOST:PORT/PROTO, ASE/APP:PORT/PROTO, IP:PORT/PROTO or HOST/icmp",
			   "a flow needs `to`");
	else if (to && !parse_to(d->model, d->arena, to, decode_place(node, "to"), d->diags, &flow->to, &flow->port,
				 &flow->proto))
		to = NULL;
	if (!to)
		flow->to = unknown_end;
	flow->to_text = to ? to : "";
	(void)decode_duration(d, node, SECTION_FLOW, "at", &flow->at_ns);
	decode_sender(d, node, flow);
	if (decode_has(node, "packets")) {
		decode_packets(d, node, flow);
		return;
	}
	repeats(d, node, flow);
	if (decode_size(d, node, SECTION_FLOW, "send", &size))
		flow->send_bytes = (uint32_t)size;
	if (decode_size(d, node, SECTION_FLOW, "reply", &size))
		flow->reply_bytes = (uint32_t)size;
	if (flow->proto == PROTO_ICMP)
		flow->reply_bytes = flow->send_bytes;
	if (decode_int(d, node, SECTION_FLOW, "rounds", &rounds))
		flow->rounds = (uint32_t)rounds;
	(void)decode_duration(d, node, SECTION_FLOW, "pause", &flow->pause_ns);
	if (decode_enum(d, node, SECTION_FLOW, "then", &then))
		flow->then = (enum flow_then)then;
	check_hold(d, node, flow);
	decode_ftp(d, node, flow);
	(void)decode_bool(d, node, SECTION_FLOW, "dns", &flow->dns);
	if (!to)
		return;
	check_datagram(d, node, flow);
	check_dns(d, node, flow);
}

/* ---- late ---- */

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind == b->kind && a->index == b->index && a->worker == b->worker && a->addr.raw == b->addr.raw;
}

static bool stands_behind(const struct model *model, be32 addr, uint32_t host)
{
	for (uint32_t i = 0; i < model->n_frontends; i++)
		if (be32_equal(model->frontends[i].addr, addr) && balancers_reach(model, i, host))
			return true;
	return false;
}

/* Is `by` this end of the held flow: the same thing, a worker or app where the end is an app or an environment, or the
 * host that has the address? */
static bool is_end(const struct model *model, const struct endpoint *by, const struct endpoint *end)
{
	switch (end->kind) {
	case ENDPOINT_HOST:
	case ENDPOINT_WORKER:
		return same_end(by, end);
	case ENDPOINT_APP:
		return same_end(by, end) || (by->kind == ENDPOINT_WORKER && model->apps[end->index].ase == by->index);
	case ENDPOINT_ASE:
		return (by->kind == ENDPOINT_WORKER && by->index == end->index) ||
		       (by->kind == ENDPOINT_APP && model->apps[by->index].ase == end->index);
	case ENDPOINT_FRONTEND:
		return by->kind == ENDPOINT_HOST && balancers_reach(model, end->index, by->index);
	case ENDPOINT_WEB_APP:
		return by->kind == ENDPOINT_WEB_APP && by->index == end->index &&
		       (by->worker == end->worker || by->worker == NONE || end->worker == NONE);
	case ENDPOINT_ADDRESS:
		if (by->kind == ENDPOINT_WEB_APP)
			return be32_equal(model->web_apps[by->index].addr, end->addr);
		if (by->kind == ENDPOINT_HOST)
			return be32_equal(model->hosts[by->index].addr, end->addr) ||
			       be32_equal(model->hosts[by->index].public_ip, end->addr) ||
			       stands_behind(model, end->addr, by->index);
		return be32_equal(model->ases[by->kind == ENDPOINT_APP ? model->apps[by->index].ase : by->index].vip,
				  end->addr);
	}
	return false;
}

static void decode_late(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	struct model *model = d->model;
	const struct tree *late = tree_get(node, "late");
	uint64_t size;
	struct flow_range range;
	struct endpoint by;
	static const char *const others[] = {"from",      "to",    "at",   "repeat", "send",    "reply",
					     "rounds",    "pause", "then", "dns",    "packets", "from_port",
					     "keepalive", "df",    "ttl",  "ftp"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (decode_has(node, others[i]))
			diag_error(d->diags, tree_get(node, others[i])->key_place,
				   "a late flow has `late: {on, by, at, send}` alone", "`%s` does not go with `late`",
				   others[i]);
	if (!decode_section(d, late, SECTION_LATE))
		return;
	(void)decode_duration(d, late, SECTION_LATE, "at", &flow->at_ns);
	if (decode_size(d, late, SECTION_LATE, "send", &size))
		flow->send_bytes = (uint32_t)size;
	const char *on = decode_text(d, late, SECTION_LATE, "on"), *by_text = decode_text(d, late, SECTION_LATE, "by");
	if (!on || !by_text || !parse_flow_range(d, on, decode_place(late, "on"), &range))
		return;
	const struct flow_config *held = &model->flows[range.flow];
	if (range.first != range.last)
		diag_error(d->diags, decode_place(late, "on"), arena_printf(d->arena, "such as `%s[0]`", held->name),
			   "`late` is on one connection");
	if (held->is_held_push || held->proto == PROTO_ICMP || held->then != THEN_HOLD) {
		diag_error(d->diags, decode_place(late, "on"),
			   held->is_held_push ? "name the flow that opened it"
					      : arena_printf(d->arena, "give `%s`, a flow by TCP or UDP, `then: hold`",
							     held->name),
			   "flow `%s` holds no connection open", held->name);
		return;
	}
	if (decode_has(late, "at") && flow->at_ns < arrivals_start_ns(held, d->model->seed, range.first))
		diag_error(d->diags, decode_place(late, "at"),
			   arena_printf(d->arena, "`%s[%u]` starts later", held->name, range.first),
			   "no connection is open at that time");
	flow->held_flow = range.flow;
	flow->held_index = range.first;
	if (!parse_from(model, d->arena, by_text, decode_place(late, "by"), d->diags, &by))
		return;
	if (is_unknown(&held->from) || is_unknown(&held->to))
		return;
	flow->push_by_caller = is_end(model, &by, &held->from);
	if (!flow->push_by_caller && !is_end(model, &by, &held->to))
		diag_error(d->diags, decode_place(late, "by"), "name one of the two ends as the flow names them",
			   "`%s` is no end of flow `%s`", by_text, held->name);
}

bool parse_flow_range(struct decoder *d, const char *text, struct place place, struct flow_range *ret)
{
	const struct model *model = d->model;
	const char *bracket = strchr(text, '[');
	char *name = arena_strndup(d->arena, text, bracket ? (size_t)(bracket - text) : strlen(text));
	if (!name)
		return false;
	ret->flow = find_by_name(model->flows, model->n_flows, name);
	if (ret->flow == NONE) {
		unknown_name(d, place, "flow", name, model->flows, model->n_flows, sizeof *model->flows);
		return false;
	}
	uint32_t count = model->flows[ret->flow].count;
	ret->first = 0;
	ret->last = count - 1;
	if (!bracket)
		return true;
	size_t length = strlen(bracket);
	char *inner =
		length >= 3 && bracket[length - 1] == ']' ? arena_strndup(d->arena, bracket + 1, length - 2) : NULL;
	char *dots = inner ? strstr(inner, "..") : NULL;
	uint64_t first = 0, last = 0;
	if (dots)
		*dots = '\0';
	if (!inner || !read_number(inner, UINT32_MAX, &first) || (dots && !read_number(dots + 2, UINT32_MAX, &last))) {
		diag_error(d->diags, place, "write NAME, NAME[3] or NAME[0..9]", "`%s` names no connection", text);
		return false;
	}
	if (!dots)
		last = first;
	if (first > last || last >= count) {
		diag_error(d->diags, place,
			   arena_printf(d->arena, "`%s` has %u connection%s, [0] to [%u]", name, count,
					count == 1 ? "" : "s", count - 1),
			   "`%s` names no connection of the flow", text);
		return false;
	}
	ret->first = (uint32_t)first;
	ret->last = (uint32_t)last;
	return true;
}

static struct flow_config empty_flow(const char *name, struct place place)
{
	return (struct flow_config){.name = name,
				    .to_text = "",
				    .count = 1,
				    .rounds = 1,
				    .from = unknown_end,
				    .to = unknown_end,
				    .proto = PROTO_TCP,
				    .place = place};
}

void decode_call_into(struct decoder *d, const struct tree *node, const char *name, struct flow_config *flow)
{
	*flow = empty_flow(name, PLACE_NONE);
	decode_call(d, node, flow);
}

void decode_flows(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_own_map(d, tree_get(d->root, "flows"), "flows", &n);
	model->flows = decode_array(d, n, sizeof *model->flows);
	for (size_t i = 0; model->flows && i < n; i++) {
		struct flow_config *flow = &model->flows[model->n_flows++];
		*flow = empty_flow(items[i]->key, items[i]->key_place);
		check_flow_name(d, flow);
		if (!decode_section(d, items[i], SECTION_FLOW))
			continue;
		flow->is_held_push = decode_has(items[i], "late");
		flow->has_no_dialogue = flow->is_held_push || decode_has(items[i], "packets");
		if (!flow->is_held_push)
			decode_call(d, items[i], flow);
	}
	for (size_t i = 0; model->flows && i < n; i++)
		if (model->flows[i].is_held_push)
			decode_late(d, items[i], &model->flows[i]);
}
