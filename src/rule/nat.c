/* DOC: the questions that a NAT answers. Outbound: is there a mapping, or can one be made? Inbound: is there a mapping,
 * and may this outsider use it? The answer is a new address, or a reason. Whoever asks rewrites the packet.
 *
 * Outbound, step by step:
 *  1. A protocol that is not translated: icmp-not-translated.
 *  2. The mapping of this inside tuple, unless it is due: then it ends now.
 *  3. None: only a packet that opens something makes one. A TCP segment without SYN belongs to a mapping that is gone:
 *  no-mapping. 4. A free port of the owner's block, or snat-ports-exhausted.
 * Inbound:
 *  1. as above.
 *  2. The mapping of (port, remote end). With a looser filter than the mapping's own dependence, any mapping of the
 *  port. 3. None: filtered where the port is in use towards others, else no-mapping. There: the filter decides. Who
 *  came in by another's
 *     mapping has one of his own from then on. */
#include "net/header.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const end_names[] = {
	[NAT_END_LIVE] = NULL,
	[NAT_END_IDLE] = "idle",
	[NAT_END_CLOSED] = "closed",
	[NAT_END_RESET] = "reset",
	[NAT_END_RECLAIMED] = "reclaimed",
	[NAT_END_GONE] = "instance-gone",
	[NAT_END_READDRESSED] = "address-changed",
};
_Static_assert(sizeof end_names / sizeof *end_names == NAT_END_COUNT, "a name for each end");

const char *nat_end_name(enum nat_end end)
{
	return end_names[end];
}

static void no_one_listens(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks,
			   enum nat_end why, struct instant at)
{
	(void)context;
	(void)mapping;
	(void)acks;
	(void)why;
	(void)at;
}

/* ---- life ---- */

int nat_new(const struct nat_rules *rules, struct nat **ret)
{
	struct nat *nat = calloc(1, sizeof *nat);
	if (!nat)
		return -ENOMEM;
	nat->rules = *rules;
	if (nat->rules.tcp_opening_ns == 0)
		nat->rules.tcp_opening_ns = nat->rules.tcp_idle_ns;
	nat->ended = no_one_listens;
	nat->expiry = INSTANT_NEVER;
	pool_init(&nat->mappings, sizeof(struct nat_mapping));
	pool_init(&nat->destinations, sizeof(struct nat_destination));
	pool_init(&nat->sessions, sizeof(struct nat_session));
	int r = nat_owners_set(nat, &(struct nat_blocks){.n_owners = 1});
	if (r < 0) {
		nat_free(nat);
		return r;
	}
	*ret = nat;
	return 0;
}

struct nat *nat_free(struct nat *nat)
{
	if (!nat)
		return NULL;
	pool_deinit(&nat->mappings);
	pool_deinit(&nat->destinations);
	pool_deinit(&nat->sessions);
	nat_index_deinit(&nat->by_inside);
	nat_index_deinit(&nat->by_outside);
	nat_index_deinit(&nat->by_destination);
	nat_index_deinit(&nat->by_displaced);
	for (size_t i = 0; i < NAT_MAX_ADDRESSES; i++)
		for (size_t k = 0; k < NAT_N_PROTOS; k++) {
			free(nat->ports[i][k].n_mappings);
			free(nat->ports[i][k].ever);
		}
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		free(nat->rings[i].timers);
	free(nat->heap);
	free(nat->acks);
	nat_owners_deinit(nat);
	free(nat);
	return NULL;
}

void nat_observe(struct nat *nat, nat_ended *ended, void *context)
{
	nat->ended = ended;
	nat->ended_context = context;
}

/* ---- acknowledgments ---- */

static int acks_begin(struct nat *nat, uint32_t mapping, uint32_t reference)
{
	if (!nat->rules.keep_acks)
		return 0;
	if (mapping >= nat->n_acks) {
		uint32_t n = nat->n_acks ? nat->n_acks * 2 : 64;
		while (n <= mapping)
			n *= 2;
		struct nat_acks *acks = realloc(nat->acks, n * sizeof *acks);
		if (!acks)
			return -ENOMEM;
		nat->acks = acks;
		nat->n_acks = n;
	}
	nat->acks[mapping] = (struct nat_acks){.reference = reference};
	return 0;
}

static void acks_note(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_question *question)
{
	if (!nat->acks || (question->tcp_flags & TCP_ACK) == 0)
		return;
	struct nat_acks *acks = &nat->acks[mapping];
	*(outbound ? &acks->by_inside : &acks->by_outside) = question->tcp_ack;
	*(outbound ? &acks->inside_acked : &acks->outside_acked) = true;
}

/* ---- mappings begin and end ---- */

void nat_end(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	nat->ended(nat->ended_context, m, nat->acks ? &nat->acks[mapping] : NULL, why, at);
	struct nat_owner *owner = &nat->owners[nat_owner(nat, m)];
	nat->n_expired += why == NAT_END_IDLE;
	owner->expired += why == NAT_END_IDLE;
	nat->n_live--;
	owner->mappings--;
	nat_table_remove(nat, mapping);
	nat_port_release(nat, m);
	nat_forget_sessions(nat, m);
	if (--nat_destination_of(nat, m)->n_used == 0)
		nat_destination_drop(nat, m->destination);
	m->armed = INSTANT_NEVER;
	pool_put(&nat->mappings, mapping);
}

/* The mapping that the index names, or none where it is due already: it ends now, though its timer has not run yet. */
static uint32_t still_live(struct nat *nat, uint32_t mapping, struct instant now)
{
	if (mapping == POOL_NONE)
		return POOL_NONE;
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	struct instant due = nat_due(nat, m);
	if (!instant_reached(now, due))
		return mapping;
	nat_end(nat, mapping, nat_end_by_timer(m), due);
	return POOL_NONE;
}

/* `port` 0: any that is free. */
static int create(struct nat *nat, const struct nat_question *question, uint16_t port, struct instant now,
		  uint32_t *ret)
{
	*ret = POOL_NONE;
	uint32_t destination = nat_destination_find(nat, question->owner, &question->tuple, true);
	if (destination == POOL_NONE)
		return -ENOMEM;
	struct nat_destination *d = pool_at(&nat->destinations, destination);
	if (port == 0)
		port = nat_port_choose(nat, question->owner, &question->tuple, d);
	uint32_t mapping = port ? pool_get(&nat->mappings) : POOL_NONE;
	if (mapping == POOL_NONE) {
		if (d->n_used == 0)
			nat_destination_drop(nat, destination);
		return port ? -ENOMEM : 0;
	}
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	*m = (struct nat_mapping){
		.inside = question->tuple,
		.outside_port = port,
		.address = d->address,
		.destination = destination,
		.created = now,
		.last_used = now,
		.armed = INSTANT_NEVER,
	};
	int r = acks_begin(nat, mapping, question->reference);
	if (r == 0)
		r = nat_port_take(nat, m);
	if (r < 0) {
		if (d->n_used == 0)
			nat_destination_drop(nat, destination);
		pool_put(&nat->mappings, mapping);
		return r;
	}
	r = nat_table_add(nat, mapping);
	if (r < 0) {
		nat_port_release(nat, m);
		if (d->n_used == 0)
			nat_destination_drop(nat, destination);
		pool_put(&nat->mappings, mapping);
		return r;
	}
	d->n_used++;
	d->next_port = (uint16_t)(port + 1);
	nat->n_live++;
	nat->n_total++;
	nat->owners[question->owner].mappings++;
	nat->owners[question->owner].mappings_total++;
	*ret = mapping;
	return nat_arm(nat, mapping);
}

/* The same for who opens something: the owner is the instance that was named, or the inside address. */
static int create_for(struct nat *nat, const struct nat_question *question, struct instant now, uint32_t *ret)
{
	if (!nat->by_source)
		return create(nat, question, 0, now, ret);
	struct nat_question owned = *question;
	int r = nat_owner_of_source(nat, question->tuple.src, &owned.owner);
	return r < 0 ? r : create(nat, &owned, 0, now, ret);
}

/* ---- the questions ---- */

static bool is_translated(const struct nat *nat, uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || (proto == PROTO_ICMP && nat->rules.translate_icmp);
}

/* Of TCP a SYN alone: what is in the middle of a connection belongs to a mapping, or to one that is gone. */
static bool opens(const struct nat_question *question)
{
	return question->tuple.proto != PROTO_TCP || (question->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* The filter must know whom the inside has sent to. TCP's connections are told apart besides, where one mapping may
 * have several; they begin with a SYN, so that further packets need not look. */
static bool must_note_outsider(const struct nat *nat, const struct nat_question *question)
{
	enum nat_depends depends = nat_mapping_depends(nat, question->tuple.proto);
	return depends < nat->rules.filtering ||
	       (depends < NAT_ON_ADDRESS_AND_PORT && (question->tcp_flags & TCP_SYN) != 0);
}

int nat_outbound(struct nat *nat, const struct nat_question *question, struct instant now, struct nat_answer *ret)
{
	const struct tuple *tuple = &question->tuple;
	*ret = (struct nat_answer){0};
	if (!is_translated(nat, tuple->proto)) {
		ret->reason = REASON_ICMP_NOT_TRANSLATED;
		return 0;
	}
	if (question->unasked) {
		ret->reason = REASON_NO_MAPPING;
		return 0;
	}
	uint32_t mapping = still_live(nat, nat_find_outbound(nat, question), now);
	if (mapping == POOL_NONE) {
		if (!opens(question)) {
			ret->reason = REASON_NO_MAPPING;
			return 0;
		}
		int r = create_for(nat, question, now, &mapping);
		if (r < 0)
			return r;
		if (mapping == POOL_NONE) {
			ret->reason = REASON_SNAT_PORTS_EXHAUSTED;
			return 0;
		}
		ret->created = true;
	}
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	if (must_note_outsider(nat, question)) {
		int r = nat_permit(nat, m, tuple->dst, tuple->dst_port);
		if (r < 0)
			return r;
	}
	ret->addr = nat->rules.addresses[m->address];
	ret->port = be16_from(m->outside_port);
	ret->mapping = mapping;
	acks_note(nat, mapping, true, question);
	return nat_touch(nat, mapping, true, question, now);
}

/* Any mapping of the port, for filters that are looser than the mapping's dependence; the oldest. Rare, and so it may
 * look at all. */
static uint32_t find_any(const struct nat *nat, uint32_t address, uint8_t proto, uint16_t port)
{
	uint32_t best = POOL_NONE;
	const struct nat_index *index = &nat->by_outside;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		uint32_t candidate = index->slots[i].index;
		if (candidate == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, candidate);
		if (m->inside.proto != proto || m->outside_port != port || m->address != address)
			continue;
		if (best == POOL_NONE || instant_before(m->created, nat_mapping_at(nat, best)->created))
			best = candidate;
	}
	return best;
}

/* An outsider has come in by the mapping of another, as the filter allows: what the inside answers has this port too,
 * and so a mapping of its own, unless it has one already (RFC 5382 REQ-2: connections from outside). *mapping becomes
 * that one. */
static int open_from_outside(struct nat *nat, const struct nat_question *question, struct instant now,
			     uint32_t *mapping, bool *ret_created)
{
	const struct nat_mapping *m = nat_mapping_at(nat, *mapping);
	struct nat_question opened = {
		.tuple = tuple_reverse(question->tuple), .owner = nat_owner(nat, m), .reference = question->reference};
	opened.tuple.src = m->inside.src;
	opened.tuple.src_port = m->inside.src_port;
	*ret_created =
		opens(question) && opened.tuple.proto != PROTO_ICMP && nat_find_inside(nat, &opened.tuple) == POOL_NONE;
	if (!*ret_created)
		return 0;
	uint32_t made;
	int r = create(nat, &opened, m->outside_port, now, &made);
	if (r == 0)
		*mapping = made;
	return r;
}

int nat_inbound(struct nat *nat, const struct nat_question *question, struct instant now, struct nat_answer *ret)
{
	const struct tuple *tuple = &question->tuple;
	uint16_t port = be16_to(tuple->dst_port);
	*ret = (struct nat_answer){0};
	if (!is_translated(nat, tuple->proto)) {
		ret->reason = REASON_ICMP_NOT_TRANSLATED;
		return 0;
	}
	if (question->unasked) {
		ret->reason = REASON_NO_MAPPING;
		return 0;
	}
	uint32_t mapping = still_live(nat, nat_find_inbound(nat, question), now);
	bool by_anothers = mapping == POOL_NONE;
	if (by_anothers) {
		uint32_t address = nat_address_find(nat, tuple->dst);
		/* One that is due ends, and leaves the port to the next oldest. */
		while (mapping == POOL_NONE && nat->rules.filtering < nat_mapping_depends(nat, tuple->proto) &&
		       nat_port_in_use(nat, address, tuple->proto, port))
			mapping = still_live(nat, find_any(nat, address, tuple->proto, port), now);
		if (mapping == POOL_NONE) {
			ret->reason =
				nat_port_in_use(nat, address, tuple->proto, port) ? REASON_FILTERED : REASON_NO_MAPPING;
			return 0;
		}
	}
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	if (!nat_permits(nat, m, tuple->src, tuple->src_port)) {
		ret->reason = REASON_FILTERED;
		return 0;
	}
	if (by_anothers) {
		int r = open_from_outside(nat, question, now, &mapping, &ret->created);
		if (r < 0)
			return r;
		m = nat_mapping_at(nat, mapping);
	}
	ret->addr = m->inside.src;
	ret->port = m->inside.src_port;
	ret->mapping = mapping;
	acks_note(nat, mapping, false, question);
	bool refused = nat->rules.forgets_refused && (question->tcp_flags & TCP_RST) != 0 &&
		       (m->state & NAT_SEEN_IN) == 0 && m->sessions == POOL_NONE;
	int r = nat_touch(nat, mapping, false, question, now);
	if (ret->created)
		m->state &= (uint8_t)~NAT_SEEN_IN; /* the inside has not answered */
	if (refused && r == 0)
		nat_end(nat, mapping, NAT_END_RESET, now);
	return r;
}

int nat_error(struct nat *nat, bool outbound, const struct tuple *inner, struct instant now, struct nat_answer *ret)
{
	*ret = (struct nat_answer){0};
	if (!nat->rules.translate_icmp) {
		ret->reason = REASON_ICMP_NOT_TRANSLATED;
		return 0;
	}
	struct tuple sent = tuple_reverse(*inner); /* by the inside, to the packet's sender */
	struct nat_outside outside = {nat_address_find(nat, inner->src), be16_to(inner->src_port), inner->proto,
				      inner->dst, inner->dst_port};
	uint32_t mapping =
		still_live(nat, outbound ? nat_find_inside(nat, &sent) : nat_find_outside(nat, outside), now);
	if (mapping == POOL_NONE) {
		ret->reason = REASON_NO_MAPPING;
		return 0;
	}
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	ret->addr = outbound ? nat_outside_address(nat, m) : m->inside.src;
	ret->port = outbound ? be16_from(m->outside_port) : m->inside.src_port;
	return 0;
}

bool nat_has_port(const struct nat *nat, uint32_t owner, const struct tuple *inside)
{
	return nat_find_inside(nat, inside) != POOL_NONE || nat_port_choose(nat, owner, inside, NULL) != 0;
}

/* ---- the pool of instances ---- */

static int mapping_order(const struct nat_mapping *x, const struct nat_mapping *y)
{
	if (x->created.ns != y->created.ns)
		return x->created.ns < y->created.ns ? -1 : 1;
	int r = memcmp(&x->inside.src, &y->inside.src, sizeof x->inside.src);
	if (r == 0)
		r = memcmp(&x->inside.src_port, &y->inside.src_port, sizeof x->inside.src_port);
	if (r == 0)
		r = memcmp(&x->inside.dst, &y->inside.dst, sizeof x->inside.dst);
	if (r == 0)
		r = memcmp(&x->inside.dst_port, &y->inside.dst_port, sizeof x->inside.dst_port);
	return r != 0 ? r : (int)x->inside.proto - (int)y->inside.proto;
}

static int gathered_compare(const void *a, const void *b, void *context)
{
	const struct nat *nat = context;
	return mapping_order(nat_mapping_at(nat, *(const uint32_t *)a), nat_mapping_at(nat, *(const uint32_t *)b));
}

/* Indices of all live mappings in the order of nat_each(). */
static int gather(const struct nat *nat, uint32_t **ret, size_t *ret_n)
{
	uint32_t *found = malloc((nat->by_inside.n ? nat->by_inside.n : 1) * sizeof *found);
	if (!found)
		return -ENOMEM;
	size_t n = 0;
	for (uint32_t i = 0; nat->by_inside.slots && i <= nat->by_inside.mask; i++)
		if (nat->by_inside.slots[i].index)
			found[n++] = nat->by_inside.slots[i].index;
	qsort_r(found, n, sizeof *found, gathered_compare, (void *)(uintptr_t)nat);
	*ret = found;
	*ret_n = n;
	return 0;
}

uint32_t nat_mapping_owner(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_owner(nat, mapping);
}

int nat_each(const struct nat *nat, void (*each)(void *context, const struct nat_mapping *mapping), void *context)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		each(context, nat_mapping_at(nat, found[i]));
	free(found);
	return 0;
}

static bool in_block(const struct nat *nat, const struct nat_mapping *m)
{
	uint16_t first;
	uint32_t n;
	nat_block(nat, nat_owner(nat, m), &first, &n);
	return m->outside_port >= first && m->outside_port < first + n;
}

int nat_resize(struct nat *nat, const struct nat_blocks *blocks, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	/* What no longer fits ends while the old blocks still count it. */
	struct nat_blocks before = nat->blocks;
	for (size_t i = 0; i < n; i++) {
		const struct nat_mapping *m = nat_mapping_at(nat, found[i]);
		nat->blocks = *blocks;
		bool gone = blocks->block_ports != 0 && nat_owner(nat, m) >= blocks->n_owners;
		bool stays = !gone && in_block(nat, m);
		nat->blocks = before;
		if (!stays)
			nat_end(nat, found[i], gone ? NAT_END_GONE : NAT_END_RECLAIMED, now);
	}
	free(found);
	return nat_owners_set(nat, blocks);
}

int nat_end_owner(struct nat *nat, uint32_t owner, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (nat_owner(nat, nat_mapping_at(nat, found[i])) == owner)
			nat_end(nat, found[i], NAT_END_GONE, now);
	free(found);
	return 0;
}

int nat_readdress(struct nat *nat, be32 address, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		nat_end(nat, found[i], NAT_END_READDRESSED, now);
	free(found);
	nat_ports_forget(nat);
	nat->rules.addresses[0] = address;
	nat->rules.n_addresses = 1;
	return 0;
}
