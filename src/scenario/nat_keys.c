/* DOC: the keys of a NAT. What is not given is filled in as text from the profile's column (model/defaults.c), in a
 * copy of the section; then all of it is read alike. */
#include "base/time.h"
#include "base/units.h"
#include "model/defaults.h"
#include "model/snat_ports.h"
#include "rule/nat.h"
#include "scenario/decode.h"
#include <errno.h>
#include <string.h>

#define NETFILTER_STREAM_AFTER_NS (2 * NS_PER_S) /* nf_conntrack_proto_udp.c */

static void port_range(struct decoder *d, const struct tree *node, struct nat_rules *nat)
{
	const char *text = decode_text(d, node, SECTION_NAT, "port_range");
	const char *hyphen = text ? strchr(text, '-') : NULL;
	char *first_text = hyphen ? arena_strndup(d->arena, text, (size_t)(hyphen - text)) : NULL;
	uint64_t first, last;
	nat->port_first = 1;
	nat->port_last = UINT16_MAX;
	if (!text)
		return;
	if (first_text && read_number(first_text, 65535, &first) && read_number(hyphen + 1, 65535, &last) &&
	    first >= 1 && first <= last) {
		nat->port_first = (uint16_t)first;
		nat->port_last = (uint16_t)last;
		return;
	}
	diag_error(d->diags, decode_place(node, "port_range"), "such as \"1024-65535\"", "`%s` is not a range of ports",
		   text);
}

static void doubling(struct decoder *d, const struct tree *value, struct nat_rules *nat)
{
	int64_t min = 1, max = 1;
	if (!decode_section(d, value, SECTION_DOUBLING) || !decode_int(d, value, SECTION_DOUBLING, "min", &min) ||
	    !decode_int(d, value, SECTION_DOUBLING, "max", &max))
		return;
	nat->ports_per_worker = NAT_PORTS_DOUBLING;
	nat->ports_min = (uint32_t)min;
	nat->ports_max = (uint32_t)max;
	if (max < min)
		diag_error(d->diags, decode_place(value, "max"), "give `max` at least the value of `min`",
			   "`max` is less than `min`");
}

static void ports_per_worker(struct decoder *d, const struct tree *node, struct nat_rules *nat)
{
	const struct tree *value = tree_get(node, "ports_per_worker");
	const char *text = value->kind == TREE_SCALAR ? value->text : "";
	uint64_t n;
	nat->ports_per_worker = NAT_PORTS_SHARED;
	nat->ports_place = value->place;
	if (value->kind == TREE_MAP) {
		doubling(d, value, nat);
	} else if (strcmp(text, "auto") == 0) {
		nat->ports_per_worker = NAT_PORTS_AUTO;
	} else if (read_number(text, 65535, &n) && n > 0) {
		nat->ports_per_worker = (uint32_t)n;
	} else if (strcmp(text, "shared") != 0) {
		diag_error(d->diags, value->place,
			   "a whole number from 1 to 65535, `auto`, `shared` or {min: 32, max: 1024}",
			   "`%s` is not a value of `ports_per_worker`", decode_shown(value));
	}
}

/* A copy of the section with all keys. NULL where memory is short. */
static struct tree *fill_in(struct decoder *d, const struct tree *node, struct place place, enum nat_profile profile)
{
	struct tree *all = tree_add(d->arena, NULL, TREE_MAP, NULL, place);
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	for (size_t i = 0; all && i < n; i++) {
		const struct tree *given = tree_get(node, defaults[i].key);
		bool is_given = !tree_is_null(given);
		if (!is_given && strcmp(defaults[i].value[profile], NAT_DEFAULT_NONE) == 0)
			continue;
		struct tree *value = tree_add(d->arena, all, is_given ? given->kind : TREE_SCALAR, defaults[i].key,
					      is_given ? given->key_place : place);
		if (!value)
			return NULL;
		value->place = is_given ? given->place : place;
		value->text = is_given ? given->text : defaults[i].value[profile];
		if (is_given && given->kind != TREE_SCALAR)
			tree_become(value, given);
	}
	return all;
}

/* One for all protocols, or {tcp, udp}. */
static void mapping(struct decoder *d, const struct tree *node, struct nat_rules *ret)
{
	const struct tree *value = tree_get(node, "mapping");
	unsigned choice;
	if (value->kind != TREE_MAP) {
		if (decode_enum(d, node, SECTION_NAT, "mapping", &choice))
			ret->mapping = (enum nat_depends)choice;
		return;
	}
	if (!decode_section(d, value, SECTION_MAPPING))
		return;
	if (decode_enum(d, value, SECTION_MAPPING, "tcp", &choice))
		ret->mapping = (enum nat_depends)choice;
	if (decode_enum(d, value, SECTION_MAPPING, "udp", &choice))
		ret->udp_mapping = (enum nat_depends)choice;
	ret->udp_mapping_is_given = true;
}

static void limit(struct decoder *d, const struct tree *node, const char *key, uint32_t *ret)
{
	int64_t value = 0;
	if (decode_has(node, key) && decode_int(d, node, SECTION_NAT, key, &value))
		*ret = (uint32_t)value;
}

/* A time of `port_hold`: the file's, else the profile's. */
static bool hold_time(struct decoder *d, const struct tree *given, const char *key, enum nat_profile profile,
		      int64_t *ret_ns)
{
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	if (decode_has(given, key))
		return decode_duration(d, given, SECTION_PORT_HOLD, key, ret_ns);
	for (size_t i = 0; i < n; i++)
		if (strncmp(defaults[i].key, "port_hold.", 10) == 0 && strcmp(defaults[i].key + 10, key) == 0)
			return units_duration(defaults[i].value[profile], ret_ns) == UNITS_OK;
	return false;
}

/* It stands for `tcp_transitory` and `tcp_reset`: what the file says of those wins over the profile's rests alone. */
static void port_hold(struct decoder *d, const struct tree *node, enum nat_profile profile, struct nat_rules *ret)
{
	static const char *const pairs[][2] = {
		{"fin", "tcp_transitory"}, {"rst", "tcp_reset"}, {"half_open", "tcp_syn_sent"}};
	const struct tree *given = tree_get(node, "port_hold");
	struct nat_hold *hold = &ret->hold;
	if (!tree_is_null(given) && !decode_section(d, given, SECTION_PORT_HOLD))
		return;
	hold->has_fin = hold_time(d, given, "fin", profile, &hold->fin_ns);
	hold->has_rst = hold_time(d, given, "rst", profile, &hold->rst_ns);
	hold->has_udp = hold_time(d, given, "udp", profile, &hold->udp_ns);
	hold->has_half_open = hold_time(d, given, "half_open", profile, &hold->half_open_ns);
	bool *const has[] = {&hold->has_fin, &hold->has_rst, &hold->has_half_open};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (!decode_has(node, pairs[i][1]))
			continue;
		if (decode_has(given, pairs[i][0]))
			diag_error(d->diags, tree_get(node, pairs[i][1])->key_place, "leave one of the two out",
				   "`%s` and `port_hold: {%s}` are one time", pairs[i][1], pairs[i][0]);
		*has[i] = false;
	}
	if (hold->has_fin)
		ret->tcp_transitory_ns = hold->fin_ns;
	if (hold->has_rst)
		ret->tcp_reset_ns = hold->rst_ns;
	if (hold->has_half_open)
		ret->tcp_opening_ns = hold->half_open_ns;
}

static void behaviour(struct decoder *d, const struct tree *node, struct nat_rules *ret)
{
	unsigned choice;
	mapping(d, node, ret);
	limit(d, node, "max_per_destination", &ret->limits.per_destination);
	limit(d, node, "max_mappings", &ret->limits.mappings);
	limit(d, node, "max_per_host", &ret->limits.per_host);
	if (decode_enum(d, node, SECTION_NAT, "filtering", &choice))
		ret->filtering = (enum nat_depends)choice;
	if (decode_enum(d, node, SECTION_NAT, "allocation", &choice))
		ret->allocation = (enum nat_allocates)choice;
	if (decode_enum(d, node, SECTION_NAT, "reuse", &choice))
		ret->reuse = (enum nat_reuse)choice;
	if (decode_enum(d, node, SECTION_NAT, "icmp", &choice)) {
		ret->translate_icmp = choice != 1;
		ret->echo_alone = choice == 2;
	}
	if (decode_enum(d, node, SECTION_NAT, "fragments", &choice)) {
		ret->translate_fragments = choice != 1;
		ret->udp_fragments_alone = choice == 2;
	}
	if (decode_enum(d, node, SECTION_NAT, "pooling", &choice))
		ret->pooling = (enum nat_pooling)choice;
	if (decode_enum(d, node, SECTION_NAT, "tcp_state", &choice)) {
		static const enum nat_tcp_state states[] = {NAT_TCP_STATE_STRICT, NAT_TCP_STATE_LOOSE,
							    NAT_TCP_STATE_OFF};
		ret->tcp_state = states[choice];
	}
	if (decode_enum(d, node, SECTION_NAT, "invalid", &choice))
		ret->invalid = choice == 0 ? NAT_INVALID_UNTRANSLATED : NAT_INVALID_DROP;
	(void)decode_bool(d, node, SECTION_NAT, "loose", &ret->loose);
	if (decode_enum(d, node, SECTION_NAT, "unknown", &choice))
		ret->unknown = (enum nat_unknown)choice;
	(void)decode_bool(d, node, SECTION_NAT, "hairpin", &ret->hairpin);
	(void)decode_bool(d, node, SECTION_NAT, "reset_on_idle", &ret->reset_on_idle);
}

static void timers(struct decoder *d, const struct tree *node, struct nat_rules *ret)
{
	(void)decode_duration(d, node, SECTION_NAT, "tcp_idle", &ret->tcp_idle_ns);
	(void)decode_duration(d, node, SECTION_NAT, "tcp_transitory", &ret->tcp_transitory_ns);
	(void)decode_duration(d, node, SECTION_NAT, "tcp_reset", &ret->tcp_reset_ns);
	(void)decode_duration(d, node, SECTION_NAT, "tcp_syn_sent", &ret->tcp_opening_ns);
	(void)decode_duration(d, node, SECTION_NAT, "udp_idle", &ret->udp_idle_ns);
	(void)decode_duration(d, node, SECTION_NAT, "udp_stream", &ret->udp_stream_ns);
	(void)decode_duration(d, node, SECTION_NAT, "icmp_idle", &ret->icmp_idle_ns);
}

/* The times of TCP's states: those that are given; else what `tcp_transitory` and `tcp_reset` say, where they are
 * given; else the profile's. A mapping that nothing answered lives no longer than an open one, unless it is said. */
static void states(struct decoder *d, const struct tree *given, const struct tree *all, struct nat_rules *ret)
{
	static const struct {
		const char *key, *by;
		enum nat_tcp state;
	} keys[] = {
		{"tcp_syn_recv", NULL, NAT_TCP_SYN_RECV},
		{"tcp_fin_wait", "tcp_transitory", NAT_TCP_FIN_WAIT},
		{"tcp_close_wait", "tcp_transitory", NAT_TCP_CLOSE_WAIT},
		{"tcp_last_ack", "tcp_transitory", NAT_TCP_LAST_ACK},
		{"tcp_time_wait", "tcp_transitory", NAT_TCP_TIME_WAIT},
		{"tcp_close", "tcp_reset", NAT_TCP_CLOSE},
	};
	int64_t *of = ret->states.of;
	int64_t retrans = 0;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (keys[i].by && !decode_has(given, keys[i].key) && decode_has(given, keys[i].by))
			of[keys[i].state] = keys[i].state == NAT_TCP_CLOSE ? ret->tcp_reset_ns : ret->tcp_transitory_ns;
		else
			(void)decode_duration(d, all, SECTION_NAT, keys[i].key, &of[keys[i].state]);
	}
	if (!decode_has(given, "tcp_syn_sent") && !ret->hold.has_half_open && ret->tcp_opening_ns > ret->tcp_idle_ns)
		ret->tcp_opening_ns = ret->tcp_idle_ns;
	if (!decode_has(given, "tcp_syn_recv") && of[NAT_TCP_SYN_RECV] > ret->tcp_idle_ns)
		of[NAT_TCP_SYN_RECV] = ret->tcp_idle_ns;
	of[NAT_TCP_SYN_SENT] = of[NAT_TCP_SYN_SENT2] = ret->tcp_opening_ns;
	of[NAT_TCP_ESTABLISHED] = ret->tcp_idle_ns;
	if (decode_has(given, "tcp_time_wait"))
		ret->tcp_transitory_ns = of[NAT_TCP_TIME_WAIT];
	if (decode_has(given, "tcp_close"))
		ret->tcp_reset_ns = of[NAT_TCP_CLOSE];
	(void)decode_duration(d, all, SECTION_NAT, "tcp_unacknowledged", &ret->states.unacknowledged);
	ret->states.retransmitting = ret->states.unacknowledged;
	(void)decode_int(d, all, SECTION_NAT, "tcp_max_retrans", &retrans);
	ret->states.max_retrans = (uint32_t)retrans;
}

/* What goes with the profile and has no key. */
static void by_profile(enum nat_profile profile, const struct tree *given, struct nat_rules *ret)
{
	bool is_netfilter = default_is_netfilter(profile);
	ret->closing_is_idle = default_closing_is_idle(profile);
	ret->doubts_resets = default_doubts_resets(profile);
	ret->forgets_refused = default_forgets_refused(profile);
	ret->kernel_ports = is_netfilter && !decode_has(given, "allocation") &&
			    ret->reuse == NAT_REUSE_PER_DESTINATION && ret->mapping == NAT_ON_ADDRESS_AND_PORT;
	ret->port_classes = ret->kernel_ports && !decode_has(given, "port_range");
	ret->kernel_packets = is_netfilter;
	ret->udp_stream_after_ns = is_netfilter ? NETFILTER_STREAM_AFTER_NS : 0;
	ret->idle_each_way = default_idle_each_way(profile);
	ret->hairpin_forwards_alone = profile == NAT_PROFILE_DOCKER;
	bool by_address = default_udp_by_address(profile) && ret->mapping == NAT_ON_ADDRESS_AND_PORT;
	if (!ret->udp_mapping_is_given)
		ret->udp_mapping = by_address ? NAT_ON_ADDRESS : ret->mapping;
}

/* An address, or a list. */
static void addresses(struct decoder *d, const struct tree *node, struct nat_rules *ret)
{
	size_t n = 0;
	const struct tree *value = tree_get(node, "address");
	const struct tree **items = tree_is_null(value) ? NULL : decode_some(d, value, "`address`", &n);
	be32 *found = decode_array(d, n ? n : 1, sizeof *found);
	if (n > NAT_MAX_ADDRESSES) {
		diag_error(d->diags, items[NAT_MAX_ADDRESSES]->place, "leave some out",
			   "a NAT has at most %u addresses", NAT_MAX_ADDRESSES);
		n = NAT_MAX_ADDRESSES;
	}
	for (size_t i = 0; found && i < n; i++) {
		if (!decode_scalar_address(d, items[i], &found[ret->n_addresses]))
			continue;
		for (size_t k = 0; k < ret->n_addresses; k++)
			if (found[k].raw == found[ret->n_addresses].raw)
				diag_error(d->diags, items[i]->place, "remove one", "the address is there twice");
		ret->n_addresses++;
	}
	ret->addresses = found;
}

void decode_nat(struct decoder *d, const struct tree *node, struct place place, enum nat_profile usual,
		struct nat_rules *ret)
{
	static const struct tree nothing = {.kind = TREE_MAP};
	/* A NAT gateway has keys of its own. */
	const bool is_gateway = default_has_keys_of_its_own(usual);
	unsigned choice = usual;
	bool is_given = !tree_is_null(node) && (is_gateway || decode_section(d, node, SECTION_NAT));
	if (!is_given)
		node = &nothing;
	if (is_gateway || !decode_enum(d, node, SECTION_NAT, "profile", &choice))
		choice = usual;
	enum nat_profile profile = (enum nat_profile)choice;
	/* Keys that the command line sets alone stand on no line: the NAT's owner does. */
	bool has_line = is_given && node->key && node->key_place.line > 0;
	*ret = (struct nat_rules){.profile = default_profile_name(profile),
				  .place = has_line ? node->key_place : place};
	const struct tree *all = fill_in(d, node, ret->place, profile);
	if (!all) {
		d->error = -ENOMEM;
		return;
	}
	addresses(d, node, ret);
	behaviour(d, all, ret);
	timers(d, all, ret);
	port_range(d, all, ret);
	ports_per_worker(d, all, ret);
	port_hold(d, node, profile, ret);
	states(d, node, all, ret);
	by_profile(profile, node, ret);
	decode_nat_fixed(d, node, usual, profile, ret);
	if (decode_has(node, "udp_idle") && !decode_has(node, "udp_stream"))
		ret->udp_stream_ns = ret->udp_idle_ns;
}

void check_snat(struct decoder *d, const struct ase_config *ase)
{
	const struct nat_rules *nat = &ase->snat;
	uint32_t range = (uint32_t)nat->port_last - nat->port_first + 1, ports = nat->ports_per_worker,
		 workers = ase->max_workers;
	if (ports == NAT_PORTS_SHARED)
		return;
	if (ports == NAT_PORTS_DOUBLING)
		ports = nat->ports_min;
	if (ports == NAT_PORTS_AUTO) {
		ports = AZURE_SNAT_FIRST_PORTS; /* beyond the first tier workers share its blocks */
		workers = workers < AZURE_SNAT_FIRST_TIER ? workers : AZURE_SNAT_FIRST_TIER;
	}
	uint32_t n_addresses = nat->n_addresses ? (uint32_t)nat->n_addresses : 1;
	workers = (workers + n_addresses - 1) / n_addresses; /* on one address */
	if ((uint64_t)ports * workers > range)
		diag_error(d->diags, nat->ports_place, "give fewer `ports_per_worker`, or a wider `port_range`",
			   "%u worker%s with %u ports%s do not fit into %u port%s", workers, workers == 1 ? "" : "s",
			   ports, workers == 1 ? "" : " each", range, range == 1 ? "" : "s");
}
