/* DOC: what a NAT does by configuration and not by what was sent. `forward`: a port of the outside is a machine's inside;
 * the first packet to it makes a mapping, as one from inside would, so that answers leave from that port. `static`: an
 * outside address is a machine's, one to one, for every protocol and without any mapping (RFC 2663 4.1.1, Basic NAT).
 * `except`, `only`: what goes to these destinations, or to others than these, keeps its source; a mapping that there is
 * goes on, so that answers of a forwarded connection are translated wherever they go. */
#include "net/header.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>

/* ---- forwards ---- */

const struct nat_forward *nat_forward_at(const struct nat *nat, uint8_t proto, uint16_t port)
{
	for (size_t i = 0; i < nat->rules.n_forwards; i++) {
		const struct nat_forward *forward = &nat->rules.forwards[i];
		if (forward->proto == proto && port >= forward->first && port <= forward->last)
			return forward;
	}
	for (size_t i = 0; i < nat->n_expected; i++)
		if (nat->expected[i].proto == proto && nat->expected[i].first == port)
			return &nat->expected[i];
	return NULL;
}

/* The forward that lets this packet in. */
const struct nat_forward *nat_forward_of(const struct nat *nat, const struct tuple *arriving)
{
	const struct nat_forward *forward = nat_forward_at(nat, arriving->proto, be16_to(arriving->dst_port));
	bool admits = forward && (forward->from.raw == ADDR_NONE.raw || forward->from.raw == arriving->src.raw);
	return admits ? forward : NULL;
}

/* ---- what a gateway of an application expects ---- */

static bool is_same(const struct nat_forward *a, const struct nat_forward *b)
{
	return a->proto == b->proto && a->first == b->first && a->to.raw == b->to.raw && a->to_port == b->to_port;
}

int nat_expect(struct nat *nat, const struct nat_forward *forward)
{
	nat_unexpect(nat, forward);
	if (nat->n_expected == nat->capacity_expected) {
		uint32_t capacity = nat->capacity_expected ? nat->capacity_expected * 2 : 16;
		struct nat_forward *expected = realloc(nat->expected, capacity * sizeof *expected);
		if (!expected)
			return -ENOMEM;
		nat->expected = expected;
		nat->capacity_expected = capacity;
	}
	nat->expected[nat->n_expected++] = *forward;
	return 0;
}

void nat_unexpect(struct nat *nat, const struct nat_forward *forward)
{
	for (uint32_t i = 0; i < nat->n_expected; i++)
		if (is_same(&nat->expected[i], forward))
			nat->expected[i--] = nat->expected[--nat->n_expected];
}

bool nat_is_expected(const struct nat *nat, const struct nat_forward *forward)
{
	for (uint32_t i = 0; i < nat->n_expected; i++)
		if (is_same(&nat->expected[i], forward))
			return true;
	return false;
}

static uint16_t port_inside(const struct nat_forward *forward, uint16_t port)
{
	return forward->to_port == 0 ? port : forward->to_port;
}

static bool leads_to(const struct nat_forward *forward, uint16_t port, be32 to, uint16_t to_port)
{
	return forward->from.raw == ADDR_NONE.raw && forward->to.raw == to.raw && port_inside(forward, port) == to_port;
}

uint16_t nat_expectable_port(const struct nat *nat, be32 outside, uint16_t wanted, be32 to, uint16_t to_port,
			     struct instant now)
{
	uint32_t address = nat_address_find(nat, outside), first = nat->rules.port_first, last = nat->rules.port_last;
	uint32_t n = last - first + 1u, start = wanted >= first && wanted <= last ? wanted - first : 0;
	for (uint32_t i = 0; i < n; i++) {
		uint16_t port = (uint16_t)(first + (start + i) % n);
		const struct nat_forward *forward = nat_forward_at(nat, PROTO_TCP, port);
		if (forward ? leads_to(forward, port, to, to_port)
			    : !nat_port_reserved(nat, port) && !nat_port_is_used(nat, address, PROTO_TCP, port, now))
			return port;
	}
	return 0;
}

bool nat_forward_out(const struct nat *nat, const struct tuple *inside, uint16_t *ret)
{
	uint16_t port = be16_to(inside->src_port);
	for (size_t i = 0; i < nat->rules.n_forwards; i++) {
		const struct nat_forward *forward = &nat->rules.forwards[i];
		if (forward->proto != inside->proto || forward->to.raw != inside->src.raw)
			continue;
		*ret = forward->to_port == 0 ? port : forward->first;
		if (forward->to_port == 0 ? port >= forward->first && port <= forward->last : port == forward->to_port)
			return true;
	}
	return false;
}

struct tuple nat_forwarded(const struct nat_forward *forward, const struct tuple *arriving)
{
	struct tuple inside = tuple_reverse(*arriving);
	inside.src = forward->to;
	inside.src_port = be16_from(port_inside(forward, be16_to(arriving->dst_port)));
	return inside;
}

bool nat_is_forwarded(const struct nat *nat, const struct tuple *tuple)
{
	return nat_forward_of(nat, tuple);
}

bool nat_turns_round(const struct nat *nat, const struct tuple *tuple)
{
	return nat_is_forwarded(nat, tuple) || nat_is_static(nat, tuple->dst) ||
	       nat_find_inside(nat, tuple) != POOL_NONE;
}

bool nat_forward_admits(const struct nat *nat, const struct nat_mapping *m, const struct tuple *arriving)
{
	const struct nat_forward *forward = nat_forwards(nat) ? nat_forward_of(nat, arriving) : NULL;
	if (!forward)
		return false;
	const struct tuple inside = nat_forwarded(forward, arriving);
	return inside.src.raw == m->inside.src.raw && inside.src_port.raw == m->inside.src_port.raw;
}

/* ---- one to one ---- */

static const struct nat_static *static_of_inside(const struct nat *nat, be32 inside)
{
	for (size_t i = 0; i < nat->rules.n_statics; i++)
		if (nat->rules.statics[i].inside.raw == inside.raw)
			return &nat->rules.statics[i];
	return NULL;
}

static const struct nat_static *static_of_outside(const struct nat *nat, be32 outside)
{
	for (size_t i = 0; i < nat->rules.n_statics; i++)
		if (nat->rules.statics[i].outside.raw == outside.raw)
			return &nat->rules.statics[i];
	return NULL;
}

bool nat_is_static(const struct nat *nat, be32 outside)
{
	return static_of_outside(nat, outside);
}

static bool answer_fixed(const struct nat_fixed *fixed, be32 addr, be16 port, struct nat_answer *ret)
{
	ret->fixed = fixed;
	ret->is_stateless = true;
	ret->addr = addr;
	ret->port = port;
	return true;
}

bool nat_static_out(const struct nat *nat, be32 inside, be16 port, struct nat_answer *ret)
{
	const struct nat_static *found = static_of_inside(nat, inside);
	return found && answer_fixed(&found->fixed, found->outside, port, ret);
}

bool nat_static_in(const struct nat *nat, be32 outside, be16 port, struct nat_answer *ret)
{
	const struct nat_static *found = static_of_outside(nat, outside);
	return found && answer_fixed(&found->fixed, found->inside, port, ret);
}

/* ---- destinations that keep their source ---- */

static bool is_among(const struct prefix *prefixes, size_t n, be32 addr)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_contains(prefixes[i], addr))
			return true;
	return false;
}

bool nat_keeps_source(const struct nat *nat, const struct tuple *tuple, struct instant now)
{
	const struct nat_rules *rules = &nat->rules;
	bool keeps = is_among(rules->except, rules->n_except, tuple->dst) ||
		     (rules->n_only > 0 && !is_among(rules->only, rules->n_only, tuple->dst));
	if (!keeps)
		return false;
	uint32_t mapping = nat_find_inside(nat, tuple);
	return mapping == POOL_NONE || nat_is_due(nat, nat_mapping_at(nat, mapping), now);
}
