/* DOC: a NAT begins, mappings begin and end, and what an answer of nat_decide.c does when its packet passes: the mapping
 * is made or touched. What is due ends before any packet of the same instant. */
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
	[NAT_END_FORGOTTEN] = "forgotten",
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
	nat->addresses = malloc(rules->n_addresses * sizeof *nat->addresses);
	nat->ports = calloc(rules->n_addresses, sizeof *nat->ports);
	nat->n_blocks = calloc(rules->n_addresses, sizeof *nat->n_blocks);
	if (!nat->addresses || !nat->ports || !nat->n_blocks) {
		nat_free(nat);
		return -ENOMEM;
	}
	memcpy(nat->addresses, rules->addresses, rules->n_addresses * sizeof *nat->addresses);
	nat->rules.addresses = nat->addresses;
	nat->n_ports = rules->n_addresses;
	if (nat->rules.tcp_opening_ns == 0)
		nat->rules.tcp_opening_ns = nat->rules.tcp_idle_ns;
	nat->is_usual = nat_is_usual(nat);
	nat->ended = no_one_listens;
	nat->expiry = INSTANT_NEVER;
	pool_init(&nat->mappings, sizeof(struct nat_mapping));
	pool_init(&nat->destinations, sizeof(struct nat_destination));
	pool_init(&nat->sessions, sizeof(struct nat_session));
	pool_init(&nat->tracks, sizeof(struct nat_track));
	pool_init(&nat->ways, sizeof(struct nat_ways));
	int r = nat_owners_set(nat, &(struct nat_blocks){.n_owners = 1});
	if (r == 0)
		r = nat_units_begin(nat);
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
	pool_deinit(&nat->tracks);
	pool_deinit(&nat->ways);
	nat_index_deinit(&nat->by_inside);
	nat_index_deinit(&nat->by_outside);
	nat_index_deinit(&nat->by_destination);
	nat_index_deinit(&nat->by_displaced);
	nat_taken_deinit(nat);
	for (size_t i = 0; nat->ports && i < nat->n_ports; i++)
		for (size_t k = 0; k < NAT_N_PROTOS; k++) {
			free(nat->ports[i].of[k].n_mappings);
			free(nat->ports[i].of[k].ever);
		}
	free(nat->ports);
	free(nat->n_blocks);
	free(nat->holes);
	free(nat->addresses);
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		free(nat->rings[i].timers);
	free(nat->heap);
	free(nat->acks);
	free(nat->makers);
	free(nat->by_limit.slots);
	free(nat->expected);
	nat_units_deinit(nat);
	nat_owners_deinit(nat);
	free(nat);
	return NULL;
}

bool nat_follows_tcp(const struct nat *nat)
{
	return nat_tracks(nat, PROTO_TCP);
}

void nat_observe(struct nat *nat, nat_ended *ended, void *context)
{
	nat->ended = ended;
	nat->ended_context = context;
}

/* ---- acknowledgments ---- */

static int acks_begin(struct nat *nat, uint32_t mapping, uint32_t reference)
{
	if (!nat->rules.reset_on_idle)
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

static void acks_note(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_packet *packet)
{
	if (!nat->acks || (packet->tcp_flags & TCP_ACK) == 0)
		return;
	struct nat_acks *acks = &nat->acks[mapping];
	*(outbound ? &acks->by_inside : &acks->by_outside) = packet->tcp_ack;
	*(outbound ? &acks->inside_acked : &acks->outside_acked) = true;
}

/* ---- makers ---- */

static int maker_note(struct nat *nat, uint32_t mapping, uint32_t reference)
{
	if (mapping >= nat->n_makers) {
		uint32_t n = nat->n_makers ? nat->n_makers * 2 : 64;
		while (n <= mapping)
			n *= 2;
		uint32_t *makers = realloc(nat->makers, n * sizeof *makers);
		if (!makers)
			return -ENOMEM;
		if (!nat->makers)
			makers[POOL_NONE] = reference;
		nat->makers = makers;
		nat->n_makers = n;
	}
	nat->makers[mapping] = reference;
	return 0;
}

uint32_t nat_mapping_maker(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat->makers[nat_find_inside(nat, &mapping->inside)];
}

/* ---- mappings begin and end ---- */

void nat_leave(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	nat->ended(nat->ended_context, m, nat->acks ? &nat->acks[mapping] : NULL, why, at);
	struct nat_owner *owner = &nat->owners[nat_owner(nat, m)];
	nat->n_expired += why == NAT_END_IDLE;
	owner->expired += why == NAT_END_IDLE;
	nat->n_live--;
	owner->mappings--;
	nat_port_release(nat, m);
	nat_limits_release(nat, m);
}

void nat_end(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	if (nat_rests(m))
		nat->n_resting--;
	else
		nat_leave(nat, mapping, why, at);
	nat_table_remove(nat, mapping);
	nat_forget_sessions(nat, m);
	if (--nat_destination_of(nat, m)->n_used == 0)
		nat_destination_drop(nat, m->destination);
	m->armed = INSTANT_NEVER;
	pool_put(&nat->mappings, mapping);
}

struct creation {
	const struct nat_packet *packet;
	uint32_t owner, address, destination;
	uint16_t port;
	const struct nat_track *track; /* where TCP is followed */
};

static int fill_in(struct nat *nat, uint32_t mapping, const struct creation *creation, struct instant now)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	*m = (struct nat_mapping){
		.inside = creation->packet->tuple,
		.outside_port = creation->port,
		.address = (uint8_t)creation->address,
		.destination = creation->destination,
		.created = now,
		.last_used = now,
		.armed = INSTANT_NEVER,
	};
	if (nat_tracks(nat, m->inside.proto)) {
		m->sessions = pool_get(&nat->tracks);
		if (m->sessions == POOL_NONE)
			return -ENOMEM;
		*nat_track_of(nat, m) = *creation->track;
	} else if (nat_has_ways(nat, m->inside.proto)) {
		m->sessions = pool_get(&nat->ways);
		if (m->sessions == POOL_NONE)
			return -ENOMEM;
		*nat_ways_of(nat, m) = (struct nat_ways){now, now};
	}
	int r = acks_begin(nat, mapping, creation->packet->reference);
	if (r == 0)
		r = maker_note(nat, mapping, creation->packet->reference);
	if (r == 0)
		r = nat_port_take(nat, m);
	if (r < 0)
		return r;
	r = nat_table_add(nat, mapping);
	if (r == 0) {
		r = nat_limits_take(nat, m);
		if (r < 0)
			nat_table_remove(nat, mapping);
	}
	if (r < 0)
		nat_port_release(nat, m);
	return r;
}

/* A mapping whose port rests gives its inside tuple to the new one. */
static void hide_predecessor(struct nat *nat, const struct tuple *inside)
{
	uint32_t predecessor = nat->n_resting > 0 ? nat_find_inside(nat, inside) : POOL_NONE;
	if (predecessor != POOL_NONE && nat_rests(nat_mapping_at(nat, predecessor)))
		nat_table_hide(nat, predecessor);
}

static int create(struct nat *nat, struct creation *creation, struct instant now, uint32_t *ret)
{
	const struct tuple *inside = &creation->packet->tuple;
	hide_predecessor(nat, inside);
	if (creation->destination == POOL_NONE)
		creation->destination = nat_destination_make(nat, creation->owner, creation->address, inside);
	if (creation->destination == POOL_NONE)
		return -ENOMEM;
	struct nat_destination *d = pool_at(&nat->destinations, creation->destination);
	uint32_t mapping = pool_get(&nat->mappings);
	int r = mapping == POOL_NONE ? -ENOMEM : fill_in(nat, mapping, creation, now);
	if (r < 0) {
		if (d->n_used == 0)
			nat_destination_drop(nat, creation->destination);
		if (mapping != POOL_NONE)
			pool_put(&nat->mappings, mapping);
		return r;
	}
	d->n_used++;
	d->next_port = (uint16_t)(creation->port + 1);
	nat->n_live++;
	nat->n_total++;
	nat->owners[creation->owner].mappings++;
	nat->owners[creation->owner].mappings_total++;
	*ret = mapping;
	return nat_arm(nat, mapping);
}

/* ---- what an answer does ---- */

/* What the new connection takes the place of: its own predecessor, or another that is over and has its port. */
static void make_way(struct nat *nat, const struct nat_packet *packet, const struct nat_answer *answer,
		     struct instant now)
{
	struct nat_outside outside = {nat_address_find(nat, answer->addr), be16_to(answer->port), packet->tuple.proto,
				      packet->tuple.dst, packet->tuple.dst_port};
	uint32_t predecessor = nat_find_inside(nat, &packet->tuple);
	if (predecessor != POOL_NONE && !nat_rests(nat_mapping_at(nat, predecessor)))
		nat_end(nat, predecessor, nat_end_by_timer(nat, nat_mapping_at(nat, predecessor)), now);
	uint32_t other = nat_find_outside(nat, outside);
	if (other != POOL_NONE)
		nat_end(nat, other, nat_end_by_timer(nat, nat_mapping_at(nat, other)), now);
}

static int create_outbound(struct nat *nat, const struct nat_packet *packet, struct instant now,
			   struct nat_answer *answer, const struct nat_looked *looked)
{
	struct creation creation = {.packet = packet,
				    .owner = packet->owner,
				    .destination = answer->destination,
				    .port = be16_to(answer->port),
				    .track = &looked->track};
	int r = nat->by_source ? nat_owner_of_source(nat, packet->tuple.src, &creation.owner) : 0;
	if (r < 0 || answer->reason != REASON_NONE)
		return r;
	creation.address = nat_address_find(nat, answer->addr);
	if (nat_tracks(nat, packet->tuple.proto)) {
		make_way(nat, packet, answer, now);
		creation.destination = nat_destination_find(nat, creation.owner, creation.address, &packet->tuple);
	}
	if (nat_doubles(nat) && nat_units_take(nat, creation.owner, creation.address, creation.port) < 0)
		return -ENOMEM;
	return create(nat, &creation, now, &answer->mapping);
}

/* What was seen of it counts, whatever became of it. */
static int note_track(struct nat *nat, uint32_t mapping, const struct nat_looked *looked)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	*nat_track_of(nat, m) = looked->track;
	return instant_before(nat_due(nat, m), m->armed) ? nat_arm(nat, mapping) : 0;
}

static int commit_outbound(struct nat *nat, const struct nat_packet *packet, struct instant now,
			   struct nat_answer *answer, const struct nat_looked *looked)
{
	const struct tuple *tuple = &packet->tuple;
	bool tracks = nat_tracks(nat, tuple->proto);
	if (answer->mapping != POOL_NONE && tracks) {
		int r = note_track(nat, answer->mapping, looked);
		if (r < 0)
			return r;
	}
	if (nat_is_refused(answer) || answer->untranslated)
		return 0;
	if (answer->mapping == POOL_NONE) {
		int r = create_outbound(nat, packet, now, answer, looked);
		if (r < 0 || answer->reason != REASON_NONE)
			return r;
	}
	if (!tracks && nat_must_note_outsider(nat, packet)) {
		int r = nat_permit(nat, nat_mapping_at(nat, answer->mapping), tuple->dst, tuple->dst_port);
		if (r < 0)
			return r;
	}
	acks_note(nat, answer->mapping, true, packet);
	int r = nat_touch(nat, answer->mapping, true, packet, now);
	if (r == 0 && tracks && looked->verdict == NAT_TRACK_END && !nat_rests(nat_mapping_at(nat, answer->mapping)))
		nat_end(nat, answer->mapping, NAT_END_RESET, now);
	return r;
}

/* An outsider has come in by a forward: the machine inside has this port towards it from now on. */
static int open_by_forward(struct nat *nat, const struct nat_packet *packet, struct instant now,
			   const struct nat_answer *answer, const struct nat_looked *looked, uint32_t *mapping)
{
	struct nat_packet opened = {.tuple = tuple_reverse(packet->tuple), .reference = packet->reference};
	opened.tuple.src = answer->addr;
	opened.tuple.src_port = answer->port;
	struct creation creation = {.packet = &opened,
				    .address = nat_address_find(nat, packet->tuple.dst),
				    .port = be16_to(packet->tuple.dst_port),
				    .track = &looked->track};
	int r = nat->by_source ? nat_owner_of_source(nat, answer->addr, &creation.owner) : 0;
	uint32_t over = nat_find_inside(nat, &opened.tuple);
	if (r == 0 && over != POOL_NONE)
		nat_end(nat, over, NAT_END_CLOSED, now); /* a connection that was over, and begins again */
	creation.destination = nat_destination_find(nat, creation.owner, creation.address, &opened.tuple);
	return r < 0 ? r : create(nat, &creation, now, mapping);
}

/* An outsider has come in by the mapping of another, as the filter allows: what the inside answers has this port too,
 * and so a mapping of its own (RFC 5382 REQ-2: connections from outside). */
static int open_from_outside(struct nat *nat, const struct nat_packet *packet, struct instant now,
			     const struct nat_looked *looked, uint32_t *mapping)
{
	const struct nat_mapping *m = nat_mapping_at(nat, *mapping);
	struct nat_packet opened = {.tuple = nat_opened_from_outside(m, &packet->tuple),
				    .reference = packet->reference};
	struct creation creation = {.packet = &opened,
				    .owner = nat_owner(nat, m),
				    .address = m->address,
				    .port = m->outside_port,
				    .track = &looked->track};
	if (nat_find_inside(nat, &opened.tuple) == *mapping)
		nat_end(nat, *mapping, NAT_END_CLOSED, now); /* it is over, and begins again */
	creation.destination = nat_destination_find(nat, creation.owner, creation.address, &opened.tuple);
	return create(nat, &creation, now, mapping);
}

static bool is_first_reset(const struct nat *nat, const struct nat_packet *packet, const struct nat_mapping *m)
{
	return nat->rules.forgets_refused && (packet->tcp_flags & TCP_RST) != 0 && (m->state & NAT_SEEN_IN) == 0 &&
	       nat_sessions(nat, m) == POOL_NONE;
}

static int commit_inbound(struct nat *nat, const struct nat_packet *packet, struct instant now,
			  struct nat_answer *answer, const struct nat_looked *looked)
{
	bool tracks = nat_tracks(nat, packet->tuple.proto);
	if (tracks && answer->mapping != POOL_NONE && !answer->created) {
		int r = note_track(nat, answer->mapping, looked);
		if (r < 0)
			return r;
		if (looked->verdict == NAT_TRACK_ANEW)
			nat_end(nat, answer->mapping, NAT_END_CLOSED, now);
	}
	if (answer->reason != REASON_NONE)
		return 0;
	if (answer->created) {
		int r = answer->fixed ? open_by_forward(nat, packet, now, answer, looked, &answer->mapping)
				      : open_from_outside(nat, packet, now, looked, &answer->mapping);
		if (r < 0)
			return r;
	}
	struct nat_mapping *m = nat_mapping_at(nat, answer->mapping);
	acks_note(nat, answer->mapping, false, packet);
	bool refused = tracks ? looked->verdict == NAT_TRACK_END : is_first_reset(nat, packet, m);
	int r = nat_touch(nat, answer->mapping, false, packet, now);
	if (answer->created)
		m->state &= (uint8_t)~NAT_SEEN_IN; /* the inside has not answered */
	if (refused && r == 0 && !nat_rests(m))
		nat_end(nat, answer->mapping, NAT_END_RESET, now);
	return r;
}

int nat_commit(struct nat *nat, const struct nat_packet *packet, struct nat_answer *answer, struct instant now)
{
	struct nat_looked looked;
	bool inbound = answer->inbound, is_due = instant_reached(now, nat->expiry);
	if (answer->is_stateless)
		return 0;
	int r = is_due ? nat_handle(nat, now) : 0; /* what is due ends first; the answer may have named it */
	if (r < 0)
		return r;
	if (is_due || nat_tracks(nat, packet->tuple.proto))
		inbound ? nat_look_inbound(nat, packet, now, answer, &looked)
			: nat_look_outbound(nat, packet, now, answer, &looked);
	return inbound ? commit_inbound(nat, packet, now, answer, &looked)
		       : commit_outbound(nat, packet, now, answer, &looked);
}

/* The usual segment of a mapping that the packet names: nothing is to be looked for. 0 or -ENOMEM. */
static int use_known(struct nat *nat, const struct nat_mapping *known, const struct nat_packet *packet, bool inbound,
		     struct instant now)
{
	if (nat_known_changes(known, inbound, packet->tcp_flags))
		return nat_touch(nat, packet->hint, !inbound, packet, now);
	nat_known_use(nat, packet->hint, packet->ip_bytes, now);
	return 0;
}

int nat_outbound(struct nat *nat, const struct nat_packet *packet, struct instant now, struct nat_answer *ret)
{
	const struct nat_mapping *known = nat_known_out(nat, packet->hint, &packet->tuple, now);
	if (known) {
		*ret = (struct nat_answer){.addr = nat_outside_address(nat, known),
					   .port = be16_from(known->outside_port),
					   .mapping = packet->hint};
		return use_known(nat, known, packet, false, now);
	}
	struct nat_looked looked;
	int r = instant_reached(now, nat->expiry) ? nat_handle(nat, now) : 0;
	nat_look_outbound(nat, packet, now, ret, &looked);
	return r < 0 || ret->is_stateless ? r : commit_outbound(nat, packet, now, ret, &looked);
}

/* A reset may end a mapping at once. */
int nat_inbound(struct nat *nat, const struct nat_packet *packet, struct instant now, struct nat_answer *ret)
{
	const struct nat_mapping *known =
		(packet->tcp_flags & TCP_RST) == 0 ? nat_known_in(nat, packet->hint, &packet->tuple, now) : NULL;
	if (known) {
		*ret = (struct nat_answer){.inbound = true,
					   .addr = known->inside.src,
					   .port = known->inside.src_port,
					   .mapping = packet->hint};
		return use_known(nat, known, packet, true, now);
	}
	struct nat_looked looked;
	int r = instant_reached(now, nat->expiry) ? nat_handle(nat, now) : 0;
	nat_look_inbound(nat, packet, now, ret, &looked);
	return r < 0 || ret->is_stateless ? r : commit_inbound(nat, packet, now, ret, &looked);
}
