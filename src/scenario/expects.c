/* DOC: the section `expect`: what must come out. Which form an item has follows from its first key of flow, tap, nat,
 * resolve, ase. What could never hold, whatever the run does, is an error here. */
#include "base/text.h"
#include "model/decided_by.h"
#include "model/elements.h"
#include "scenario/decode.h"
#include "scenario/load.h"
#include <errno.h>
#include <string.h>

static bool point_of(struct decoder *d, const struct tree *node, const char *key, uint32_t *ret)
{
	const char *text = decode_text(d, node, SECTION_EXPECT, key);
	return text && parse_point(d, text, decode_place(node, key), ret);
}

static void points_of(struct decoder *d, const struct tree *node, const char *key, uint32_t **ret, size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_some(d, tree_get(node, key), arena_printf(d->arena, "`%s`", key), &n);
	*ret = decode_array(d, n, sizeof **ret);
	for (size_t i = 0; *ret && i < n; i++)
		if (items[i]->kind != TREE_SCALAR)
			diag_error(d->diags, items[i]->place, "points are names", "`%s` is a list of points", key);
		else if (parse_point(d, items[i]->text, items[i]->place, &(*ret)[*ret_n]))
			(*ret_n)++;
}

/* `min` and `max`, or one of them. */
static void bounds_of(struct decoder *d, const struct tree *node, enum section section, struct count_range *ret)
{
	int64_t n;
	*ret = (struct count_range){.given = decode_has(node, "min") || decode_has(node, "max"), .max = UINT64_MAX};
	if (decode_int(d, node, section, "min", &n))
		ret->min = (uint64_t)n;
	if (decode_int(d, node, section, "max", &n))
		ret->max = (uint64_t)n;
	if (ret->min > ret->max)
		diag_error(d->diags, decode_place(node, "min"), "`min` is at most `max`",
			   "no number is at least %llu and at most %llu", (unsigned long long)ret->min,
			   (unsigned long long)ret->max);
}

/* N, or {min, max}; N has the bounds of the key. */
static void count_of(struct decoder *d, const struct tree *value, enum section section, const char *name,
		     struct count_range *ret)
{
	int64_t n;
	const struct key *key = key_find(section, name);
	if (value->kind != TREE_MAP) {
		if (decode_scalar_int(d, value, name, key->min, key->max ? key->max : INT64_MAX, &n))
			*ret = (struct count_range){true, (uint64_t)n, (uint64_t)n};
		return;
	}
	decode_section(d, value, SECTION_COUNT_RANGE);
	bounds_of(d, value, SECTION_COUNT_RANGE, ret);
	if (!ret->given && !value->has_wrong_key)
		diag_error(d->diags, value->place, "{min: 1, max: 10}, or one of the two",
			   "`%s` says neither `min` nor `max`", name);
}

/* ---- a flow ---- */

static void ranges_of(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	size_t n;
	const struct tree *value = tree_get(node, "flow");
	const struct tree **items = decode_some(d, value, "`flow`", &n);
	expect->ranges = decode_array(d, n, sizeof *expect->ranges);
	expect->text = "";
	for (size_t i = 0; expect->ranges && i < n; i++) {
		const char *text = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		if (parse_flow_range(d, text, items[i]->place, &expect->ranges[expect->n_ranges]))
			expect->n_ranges++;
		expect->text = i ? arena_printf(d->arena, "%s, %s", expect->text, text) : text;
	}
}

static void connections_of(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const struct tree *value = tree_get(node, "connections");
	static const enum outcome outcomes[] = {OUTCOME_DELIVERED, OUTCOME_REFUSED, OUTCOME_RESET, OUTCOME_TIMED_OUT,
						OUTCOME_BAD_GATEWAY};
	if (tree_is_null(value) || !decode_section(d, value, SECTION_CONNECTIONS))
		return;
	if (value->n == 0)
		diag_error(d->diags, value->place, "{delivered: 128, timed_out: 22}", "`connections` says nothing");
	expect->connections = decode_array(d, 5, sizeof *expect->connections);
	uint64_t total = 0, named = 0;
	for (size_t i = 0; expect->connections && i < 5; i++) {
		struct outcome_count *count = &expect->connections[expect->n_connections];
		const char *key = outcome_name(outcomes[i]);
		if (!decode_has(value, key))
			continue;
		*count = (struct outcome_count){.outcome = outcomes[i]};
		count_of(d, tree_get(value, key), SECTION_CONNECTIONS, key, &count->count);
		if (!count->count.given)
			continue;
		expect->n_connections++;
		total = total + count->count.min < total ? UINT64_MAX : total + count->count.min;
	}
	for (size_t i = 0; i < expect->n_ranges; i++)
		named += expect->ranges[i].last - expect->ranges[i].first + 1;
	if (total > named && expect->n_ranges > 0)
		diag_error(d->diags, value->place,
			   arena_printf(d->arena, "the item names %llu", (unsigned long long)named),
			   "`connections` adds up to more connections than the item names");
}

static bool has_any(const struct tree *node, const char *words)
{
	for (const struct tree *child = node->first; child; child = child->next)
		if (words_hold(words, child->key) && !tree_is_null(child))
			return true;
	return false;
}

static void needs_beside(struct decoder *d, const struct tree *node)
{
	size_t n;
	const struct key *keys = keys_of(SECTION_EXPECT, &n);
	for (size_t i = 0; i < n; i++)
		if (keys[i].beside && decode_has(node, keys[i].name) && !has_any(node, keys[i].beside) &&
		    !node->has_wrong_key)
			diag_error(d->diags, tree_get(node, keys[i].name)->key_place, "say where: `seen_at: POINT`",
				   "`%s` needs `seen_at`", keys[i].name);
}

/* Who decides: a class of link, a single link, or what the register names. */
static bool decides(struct decoder *d, const char *by, const char **hint)
{
	if (decided_by_find(d->model, by) || strstr(by, "--"))
		return true;
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
		if (strcmp(by, link_class_name((enum link_class)i)) == 0)
			return true;
	bool of_group = text_behind(by, "nsg/"), of_table = text_behind(by, "route/");
	const char *nearest = of_group || of_table
				      ? decided_by_nearest(d->model, d->arena, of_group ? BY_GROUP : BY_ROUTE_TABLE, by)
				      : NULL;
	if (nearest)
		*hint = arena_printf(d->arena, "did you mean `%s`?", nearest);
	return false;
}

static void reason_of(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const char *reason = decode_text(d, node, SECTION_EXPECT, "reason");
	expect->has_reason = reason && reason_parse(reason, &expect->reason) && expect->reason != REASON_NONE;
	if (reason && !expect->has_reason) {
		const char *names[REASON_COUNT];
		size_t n = 0;
		for (size_t i = REASON_NONE + 1; i < REASON_COUNT; i++)
			names[n++] = reason_name((enum reason)i);
		const char *hint = did_you_mean(d, reason, names, n);
		diag_error(d->diags, decode_place(node, "reason"),
			   hint ? hint : "no-listener, no-mapping, link-down, ...: see the list in the reference",
			   "unknown reason `%s`", reason);
	}
	expect->by = decode_text(d, node, SECTION_EXPECT, "by");
	const char *decider = "a point, a class of link, A--B, nsg/NAME, route/TABLE, route/gateway, route/system, "
			      "subnet/VNET/SUBNET or peering/VNET/VNET";
	if (expect->by && !decides(d, expect->by, &decider))
		diag_error(d->diags, decode_place(node, "by"), decider, "nothing that decides is called `%s`",
			   expect->by);
	expect->rule = decode_text(d, node, SECTION_EXPECT, "rule");
}

/* N, or the last; the first where nothing is said. */
static uint32_t pass_of(struct decoder *d, const struct tree *node)
{
	const struct tree *value = tree_get(node, "pass");
	int64_t n = 1;
	if (tree_is_null(value))
		return 1;
	if (value->kind == TREE_SCALAR && strcmp(value->text, "last") == 0)
		return PASS_LAST;
	(void)decode_scalar_int(d, value, "pass", 1, UINT16_MAX, &n);
	return (uint32_t)n;
}

/* Of a flow that makes its packets by hand. */
static void packet_of(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const struct flow_config *flow = expect->n_ranges > 0 ? &d->model->flows[expect->ranges[0].flow] : NULL;
	int64_t n = 0;
	if (!decode_has(node, "packet") || !decode_int(d, node, SECTION_EXPECT, "packet", &n) || !flow)
		return;
	struct place place = decode_place(node, "packet");
	if (expect->n_ranges > 1)
		diag_error(d->diags, place, "an item for each flow", "`packet` is one of a single flow");
	else if (flow->n_packets == 0)
		diag_error(d->diags, place, "name a flow with `packets`, or leave it out",
			   "flow `%s` makes no packets by hand", flow->name);
	else if ((uint64_t)n > flow->n_packets)
		diag_error(d->diags, place, arena_printf(d->arena, "they are numbered from 1 to %zu", flow->n_packets),
			   "flow `%s` has no packet %lld", flow->name, (long long)n);
	else
		expect->packet = (uint32_t)n;
	if (decode_has(node, "connections"))
		diag_error(d->diags, tree_get(node, "connections")->key_place, "leave it out",
			   "`connections` does not go with `packet`");
	expect->text = arena_printf(d->arena, "%s packet %lld", expect->text, (long long)n);
}

/* Packets are forwarded or dropped, calls are neither. */
static void check_outcome(struct decoder *d, const struct tree *node, const struct expect_config *expect)
{
	bool of_packets = expect->outcome == OUTCOME_FORWARDED || expect->outcome == OUTCOME_DROPPED;
	for (size_t i = 0; expect->has_outcome && i < expect->n_ranges; i++) {
		const struct flow_config *flow = &d->model->flows[expect->ranges[i].flow];
		if (of_packets == (flow->n_packets > 0))
			continue;
		diag_error(d->diags, decode_place(node, "outcome"),
			   of_packets ? "delivered, refused, reset, timed_out or bad_gateway" : "forwarded or dropped",
			   of_packets ? "`%s` calls: its packets are not made by hand"
				      : "`%s` sends packets made by hand, which nothing answers",
			   flow->name);
		return;
	}
}

static void decode_flow(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	unsigned choice;
	ranges_of(d, node, expect);
	if (decode_enum(d, node, SECTION_EXPECT, "outcome", &choice)) {
		static const enum outcome outcomes[] = {OUTCOME_DELIVERED, OUTCOME_REFUSED,     OUTCOME_RESET,
							OUTCOME_TIMED_OUT, OUTCOME_BAD_GATEWAY, OUTCOME_FORWARDED,
							OUTCOME_DROPPED};
		expect->has_outcome = true;
		expect->outcome = outcomes[choice];
	}
	packet_of(d, node, expect);
	check_outcome(d, node, expect);
	expect->has_seen_at = point_of(d, node, "seen_at", &expect->seen_at);
	needs_beside(d, node);
	expect->has_src = decode_address(d, node, SECTION_EXPECT, "src", &expect->src);
	expect->has_dst = decode_address(d, node, SECTION_EXPECT, "dst", &expect->dst);
	if (decode_has(node, "src_port"))
		count_of(d, tree_get(node, "src_port"), SECTION_EXPECT, "src_port", &expect->src_port);
	if (decode_has(node, "dst_port"))
		count_of(d, tree_get(node, "dst_port"), SECTION_EXPECT, "dst_port", &expect->dst_port);
	expect->pass = pass_of(d, node);
	(void)decode_prefixes(d, node, "src_in", &expect->src_in, &expect->n_src_in);
	(void)decode_prefixes(d, node, "src_not_in", &expect->src_not_in, &expect->n_src_not_in);
	(void)decode_prefixes(d, node, "dst_in", &expect->dst_in, &expect->n_dst_in);
	points_of(d, node, "hops", &expect->hops, &expect->n_hops);
	points_of(d, node, "crosses", &expect->crosses, &expect->n_crosses);
	points_of(d, node, "never_crosses", &expect->never_crosses, &expect->n_never_crosses);
	reason_of(d, node, expect);
	connections_of(d, node, expect);
	if (node->n <= 1u + !!tree_get(node, "id"))
		diag_error(d->diags, node->place, "say what must hold: `outcome`, `seen_at`, `crosses`, ...",
			   "the item states nothing about the flow");
}

/* ---- the others ---- */

static void decode_tap(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	expect->text = arena_printf(d->arena, "tap %s", decode_shown(tree_get(node, "tap")));
	(void)point_of(d, node, "tap", &expect->tap);
	expect->filter = decode_text(d, node, SECTION_EXPECT, "filter");
	expect->filter_place = decode_place(node, "filter");
	if (decode_has(node, "packets"))
		count_of(d, tree_get(node, "packets"), SECTION_EXPECT, "packets", &expect->count);
	else
		lacks(d, node, "packets: 0, or {min: 1}", "`tap` needs `packets`");
}

/* A machine's name, where machines have ports of their own. */
static bool machine_of(struct decoder *d, const struct tree *value, const struct element *nat,
		       struct expect_config *expect)
{
	const char *name = value->kind == TREE_SCALAR ? value->text : "";
	uint32_t element = element_find(d->model, name);
	if (!nat->nat || nat->nat->ports_per_worker == NAT_PORTS_SHARED) {
		diag_error(d->diags, value->key_place, "leave it out", "`%s` is no environment, it has no workers",
			   expect->nat_name);
		return false;
	}
	if (element == NONE || !element_is_end_point(element_at(d->model, element)->kind)) {
		diag_error(d->diags, value->place, "name a machine whose calls pass it",
			   "`%s` is no machine with ports of `%s`", decode_shown(value), expect->nat_name);
		return false;
	}
	expect->worker_element = element;
	return true;
}

static void worker_of(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const struct tree *value = tree_get(node, "worker");
	int64_t number;
	expect->worker_element = NONE;
	if (tree_is_null(value))
		return;
	const struct element *nat = expect->nat == NONE ? NULL : element_at(d->model, expect->nat);
	const struct ase_config *ase = nat && nat->kind == ELEMENT_VIP ? &d->model->ases[nat->owner] : NULL;
	if (nat && !ase) {
		expect->has_worker = machine_of(d, value, nat, expect);
		return;
	}
	expect->has_worker = true;
	if (value->kind == TREE_SCALAR && decode_worker(value->text, &expect->worker))
		;
	else if (decode_scalar_int(d, value, "worker", 0, UINT32_MAX - 1, &number))
		expect->worker = (uint32_t)number;
	else
		return;
	if (ase && expect->worker >= ase->max_workers)
		diag_error(d->diags, value->place,
			   arena_printf(d->arena, "it has worker-0 to worker-%u", ase->max_workers - 1),
			   "`%s` has no worker-%u", ase->name, expect->worker);
}

void unknown_nat(struct decoder *d, struct place place, const char *name)
{
	const struct model *model = d->model;
	if (find_by_name(model->sites, model->n_sites, name) != NONE ||
	    find_by_name(model->hosts, model->n_hosts, name) != NONE) {
		diag_error(d->diags, place, "give it `nat`", "`%s` has no NAT", name);
		return;
	}
	if (find_by_name(model->vnets, model->n_vnets, name) != NONE) {
		diag_error(d->diags, place, "a machine without `public_ip` would",
			   "no machine of VNet `%s` needs an address that Azure lends", name);
		return;
	}
	size_t n;
	const char **names = element_nat_names(model, d->arena, &n);
	if (!names)
		d->error = -ENOMEM;
	else
		unknown_name(d, place, "NAT", name, names, n, sizeof *names);
}

static void decode_nat_item(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	unsigned choice = 0;
	const char *name = decode_text(d, node, SECTION_EXPECT, "nat");
	expect->nat_name = name ? name : "";
	expect->nat = name ? element_find_nat(d->model, name) : NONE;
	if (name && expect->nat == NONE)
		unknown_nat(d, decode_place(node, "nat"), name);
	if (!decode_has(node, "metric"))
		lacks(d, node, "ports_in_use, mappings, expired or exhausted", "`nat` needs `metric`");
	if (decode_enum(d, node, SECTION_EXPECT, "metric", &choice))
		expect->metric = (enum nat_metric)choice;
	const struct tree *metric = tree_get(node, "metric");
	expect->text = arena_printf(d->arena, "nat %s %s", name ? name : "",
				    metric && metric->kind == TREE_SCALAR ? metric->text : "");
	worker_of(d, node, expect);
	expect->has_at = decode_duration(d, node, SECTION_EXPECT, "at", &expect->at_ns);
	bounds_of(d, node, SECTION_EXPECT, &expect->count);
	if (decode_has(node, "value") && expect->count.given)
		diag_error(d->diags, tree_get(node, "value")->key_place, "either `value`, or `min` and `max`",
			   "`value` does not go with `min` and `max`");
	else if (decode_has(node, "value"))
		count_of(d, tree_get(node, "value"), SECTION_EXPECT, "value", &expect->count);
	else if (!expect->count.given)
		lacks(d, node, "value: N, or {min: 1, max: 10}", "`nat` needs `value`");
}

/* `from`: a host, or another machine of a network or site; or one of these as a whole. */
static void decode_asker(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const char *hint;
	expect->from_vnet = expect->from_site = NONE;
	expect->from = decode_text(d, node, SECTION_EXPECT, "from");
	if (expect->from &&
	    !scenario_find_asker(d->model, d->arena, expect->from, &expect->from_vnet, &expect->from_site, &hint))
		diag_error(d->diags, decode_place(node, "from"), hint, "no host, VNet or site has the name `%s`",
			   expect->from);
}

static void decode_resolve(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	expect->name = decode_text(d, node, SECTION_EXPECT, "resolve");
	expect->text = arena_printf(d->arena, "resolve %s", expect->name ? expect->name : "");
	if (!decode_has(node, "to"))
		lacks(d, node, "to: IP", "`resolve` needs `to`");
	(void)decode_address(d, node, SECTION_EXPECT, "to", &expect->to);
	decode_asker(d, node, expect);
	struct endpoint thing;
	if (!expect->name || find_dns_name(d->model, d->arena, expect->name, &thing))
		return;
	const char *nearest = nearest_dns_name(d->model, d->arena, expect->name);
	diag_error(d->diags, decode_place(node, "resolve"),
		   nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest)
			   : "apps have names, and hosts with `dns`",
		   "nothing has the DNS name `%s`", expect->name);
}

/* What `because: all` stands for: every need of the environment. */
static uint32_t all_needs(struct decoder *d, const struct tree *node, const struct expect_config *expect)
{
	const struct tree *value = tree_get(node, "because");
	if (expect->health_ase == NONE || tree_is_null(value) || value->kind != TREE_SCALAR ||
	    strcmp(value->text, "all") != 0)
		return 0;
	const struct ase_config *ase = &d->model->ases[expect->health_ase];
	if (ase->needs == 0)
		diag_error(d->diags, value->place, "leave it out, or give the environment `needs`",
			   "environment `%s` needs no service, so its health cannot degrade", ase->name);
	return ase->needs;
}

static void decode_health(struct decoder *d, const struct tree *node, struct expect_config *expect)
{
	const struct model *model = d->model;
	unsigned choice;
	const char *name = decode_text(d, node, SECTION_EXPECT, "ase");
	expect->health_ase = name ? find_by_name(model->ases, model->n_ases, name) : NONE;
	if (name && expect->health_ase == NONE)
		unknown_name(d, decode_place(node, "ase"), "environment", name, model->ases, model->n_ases,
			     sizeof *model->ases);
	expect->text = arena_printf(d->arena, "health of %s", name ? name : "");
	if (!decode_has(node, "health"))
		lacks(d, node, "health: ok, or degraded", "`ase` needs `health`");
	if (decode_enum(d, node, SECTION_EXPECT, "health", &choice))
		expect->healthy = choice == 0;
	if (decode_has(node, "because") && tree_get(node, "because")->kind == TREE_LIST &&
	    tree_get(node, "because")->n == 0)
		diag_error(d->diags, decode_place(node, "because"), "name at least one, or leave it out",
			   "`because` is an empty list");
	expect->because = decode_needs(d, node, "because", all_needs(d, node, expect));
	if (expect->because && expect->healthy)
		diag_error(d->diags, decode_place(node, "because"), "`because` goes with `health: degraded`",
			   "`because` does not go with `health: ok`");
}

void decode_expects(struct decoder *d)
{
	static void (*const decoders[])(struct decoder *, const struct tree *, struct expect_config *) = {
		decode_flow, decode_tap, decode_nat_item, decode_resolve, decode_health};
	struct model *model = d->model;
	size_t n, n_forms;
	const struct form *forms = forms_of(SECTION_EXPECT, &n_forms); /* in the order of enum expect_kind */
	const struct tree **items = decode_list(d, tree_get(d->root, "expect"), "`expect`", false, &n);
	model->expects = decode_array(d, n, sizeof *model->expects);
	for (size_t i = 0; model->expects && i < n; i++) {
		if (!decode_section(d, items[i], SECTION_EXPECT))
			continue;
		size_t form = 0;
		while (form < n_forms && !tree_get(items[i], forms[form].key))
			form++;
		if (form == n_forms) {
			if (!items[i]->has_wrong_key)
				diag_error(d->diags, items[i]->place, "begin with flow, tap, nat, resolve or ase",
					   "the item states no expectation");
			continue;
		}
		struct expect_config *expect = &model->expects[model->n_expects++];
		*expect = (struct expect_config){.kind = (enum expect_kind)form,
						 .nat = NONE,
						 .health_ase = NONE,
						 .place = tree_get(items[i], forms[form].key)->key_place};
		expect->id = decode_text(d, items[i], SECTION_EXPECT, "id");
		only_of_form(d, items[i], SECTION_EXPECT, &forms[form], "write an item for each claim");
		decoders[form](d, items[i], expect);
	}
}
