/* DOC: fragments through a NAT (RFC 4787 R14, RFC 3022 6.3). Only the first of a datagram has ports, so it decides; the
 * others follow it to the same address. They may come before it, and wait then. Memory is bounded: so many datagrams
 * are known at a translator, so many fragments wait, and no longer than 30 s; what finds no room, or whose first never
 * comes, is dropped.
 *
 * Linux puts a datagram together before it looks at it (kernel_packets): all its fragments wait for the last that is
 * missing, in whatever order, and then go on together. One that brings nothing new is dropped alone, one that overlaps
 * others takes the datagram with it (RFC 5722 3, as Linux applies it to IPv4). */
#include "net/fragment.h"
#include "network/drive.h"
#include <errno.h>
#include <stdlib.h>

#define MAX_DATAGRAMS 256u
#define MAX_WAITING 256u
#define WAIT_NS (30 * NS_PER_S)

struct held_datagram {
	struct fragment_key key;
	bool known; /* its first was translated to addr */
	be32 addr;
	struct instant until;
	struct packet *waiting, **last;
};

struct held_fragments {
	struct held_datagram items[MAX_DATAGRAMS]; /* oldest first */
	uint32_t n, n_waiting;
};

static bool same_key(const struct fragment_key *a, const struct fragment_key *b)
{
	return a->outbound == b->outbound && a->proto == b->proto && a->ip_id.raw == b->ip_id.raw &&
	       a->src.raw == b->src.raw && a->dst.raw == b->dst.raw;
}

static struct held_datagram *find(struct held_fragments *held, const struct fragment_key *key)
{
	for (uint32_t i = 0; i < held->n; i++)
		if (same_key(&held->items[i].key, key))
			return &held->items[i];
	return NULL;
}

static void refuse(const struct world *world, const struct translator *translator, const char *detail,
		   struct decision *ret)
{
	translate_drop(world, translator, REASON_FRAGMENT_NOT_TRANSLATED, translate_rule(translator), detail, ret);
}

static void forget(struct world *world, const struct translator *translator, uint32_t i)
{
	struct held_fragments *held = translator->fragments;
	for (struct packet *packet = held->items[i].waiting, *next; packet; packet = next) {
		next = packet->next;
		held->n_waiting--;
		world->counts.in_flight--;
		struct decision decision;
		refuse(world, translator,
		       translator->kernel_packets ? "the rest of its datagram did not come"
						  : "its first fragment did not come",
		       &decision);
		path_drop(world, translator->node, packet, &decision.verdict, decision.step_flags);
	}
	for (held->n--; i < held->n; i++) {
		held->items[i] = held->items[i + 1];
		if (!held->items[i].waiting)
			held->items[i].last = &held->items[i].waiting;
	}
}

static void expire(struct world *world, const struct translator *translator)
{
	while (translator->fragments->n > 0 && instant_reached(world->now, translator->fragments->items[0].until))
		forget(world, translator, 0);
}

static void arm(struct world *world, uint32_t index)
{
	const struct translator *translator = &world->translators[index];
	struct event event = {.at = instant_add(world->now, WAIT_NS),
			      .key = event_key(translator->node, translator->node),
			      .kind = WHAT_FRAGMENT_TIMER,
			      .a = index};
	world_fail(world, queue_push(&world->queue, event));
}

void fragments_timer(struct world *world, uint32_t index)
{
	expire(world, &world->translators[index]);
}

void fragments_free(struct translator *translator)
{
	free(translator->fragments);
	translator->fragments = NULL;
}

/* Makes room by forgetting the oldest that nothing waits for. NULL where all wait. */
static struct held_datagram *begin(struct world *world, const struct translator *translator,
				   const struct fragment_key *key)
{
	struct held_fragments *held = translator->fragments;
	for (uint32_t i = 0; held->n == MAX_DATAGRAMS && i < held->n; i++)
		if (!held->items[i].waiting)
			forget(world, translator, i);
	if (held->n == MAX_DATAGRAMS)
		return NULL;
	struct held_datagram *made = &held->items[held->n++];
	*made = (struct held_datagram){.key = *key, .until = instant_add(world->now, WAIT_NS)};
	made->last = &made->waiting;
	return made;
}

/* ---- datagrams that are put together ---- */

struct run { /* bytes that came one after the other */
	uint32_t first, end;
};
struct runs {
	struct run items[MAX_WAITING + 1];
	uint32_t n;
	uint32_t bytes, end; /* that are there; of what is known of the datagram */
	bool has_last;
};

/* WAITS: it is new. */
static enum fragment_way add_to_runs(struct runs *runs, struct fragment_span span)
{
	uint32_t end = span.first_byte + span.n_bytes, last_end = 0;
	if (span.n_bytes == 0 ||
	    (span.last ? end < runs->end || (runs->has_last && end != runs->end) : runs->has_last && end > runs->end))
		return FRAGMENT_OVERLAPS; /* it cannot be of one datagram with the others */
	runs->has_last = runs->has_last || span.last;
	runs->end = end > runs->end ? end : runs->end;
	struct run *last = NULL;
	for (uint32_t i = 0; i < runs->n; i++) {
		struct run *run = &runs->items[i];
		if (span.first_byte >= run->first && end <= run->end)
			return FRAGMENT_AGAIN;
		if (span.first_byte < run->end && end > run->first)
			return FRAGMENT_OVERLAPS;
		last = run->end > last_end ? run : last;
		last_end = run->end > last_end ? run->end : last_end;
	}
	runs->bytes += span.n_bytes;
	if (last && span.first_byte == last_end)
		last->end = end;
	else
		runs->items[runs->n++] = (struct run){span.first_byte, end};
	return FRAGMENT_WAITS;
}

static enum fragment_way decide_whole(const struct held_datagram *datagram, const struct packet *packet,
				      struct packet *ret_whole)
{
	struct runs runs = {.n = 0};
	const struct packet *first = fragment_span(packet).first_byte == 0 ? packet : NULL;
	for (const struct packet *each = datagram ? datagram->waiting : NULL; each; each = each->next) {
		(void)add_to_runs(&runs, fragment_span(each));
		first = fragment_span(each).first_byte == 0 ? each : first;
	}
	enum fragment_way way = add_to_runs(&runs, fragment_span(packet));
	if (way != FRAGMENT_WAITS || !first || !runs.has_last || runs.bytes < runs.end)
		return way;
	*ret_whole = *first;
	fragment_join(ret_whole, runs.end);
	return FRAGMENT_COMPLETES;
}

static struct packet *sorted(struct packet *list)
{
	struct packet *ret = NULL;
	for (struct packet *next; list; list = next) {
		struct packet **at = &ret;
		next = list->next;
		while (*at && fragment_span(*at).first_byte < fragment_span(list).first_byte)
			at = &(*at)->next;
		list->next = *at;
		*at = list;
	}
	return ret;
}

/* The fragments that wait, and nothing remains of the datagram. */
static struct packet *take(struct world *world, const struct translator *translator, const struct fragment_key *key)
{
	struct held_datagram *datagram = find(translator->fragments, key);
	if (!datagram)
		return NULL;
	struct packet *waited = datagram->waiting;
	for (const struct packet *each = waited; each; each = each->next) {
		translator->fragments->n_waiting--;
		world->counts.in_flight--;
	}
	datagram->waiting = NULL;
	datagram->last = &datagram->waiting;
	forget(world, translator, (uint32_t)(datagram - translator->fragments->items));
	return waited;
}

struct packet *fragments_take_all(struct world *world, uint32_t index, const struct fragment_key *key,
				  struct packet *packet)
{
	packet->next = take(world, &world->translators[index], key);
	return sorted(packet);
}

void fragments_drop_others(struct world *world, uint32_t index, const struct fragment_key *key,
			   const struct decision *decision)
{
	const struct translator *translator = &world->translators[index];
	for (struct packet *each = take(world, translator, key), *next; each; each = next) {
		next = each->next;
		path_drop(world, translator->node, each, &decision->verdict, decision->step_flags);
	}
}

enum fragment_way fragments_decide(const struct world *world, const struct translator *translator,
				   const struct fragment_key *key, const struct packet *packet, be32 *ret_addr,
				   struct packet *ret_whole)
{
	if (!translator->translates_fragments || (translator->udp_fragments_alone && key->proto != PROTO_UDP))
		return FRAGMENT_REFUSED;
	if (translator->kernel_packets) {
		const struct held_datagram *known = translator->fragments ? find(translator->fragments, key) : NULL;
		bool is_live = known && !instant_reached(world->now, known->until);
		return decide_whole(is_live ? known : NULL, packet, ret_whole);
	}
	if (fragment_span(packet).first_byte == 0)
		return FRAGMENT_IS_FIRST;
	const struct held_datagram *datagram = translator->fragments ? find(translator->fragments, key) : NULL;
	if (!datagram || !datagram->known || instant_reached(world->now, datagram->until))
		return FRAGMENT_WAITS;
	*ret_addr = datagram->addr;
	return FRAGMENT_ON;
}

bool fragments_begin(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	if (!translator->fragments)
		translator->fragments = calloc(1, sizeof *translator->fragments);
	if (translator->fragments)
		expire(world, translator);
	return !!translator->fragments;
}

void fragments_hold(struct world *world, uint32_t index, const struct fragment_key *key, struct packet *packet,
		    struct decision *decision)
{
	const struct translator *translator = &world->translators[index];
	struct held_fragments *held = translator->fragments;
	struct held_datagram *datagram = find(held, key);
	if (!datagram && held->n_waiting < MAX_WAITING) {
		datagram = begin(world, translator, key);
		if (datagram)
			arm(world, index);
	}
	if (!datagram || held->n_waiting == MAX_WAITING) {
		refuse(world, translator, "too many fragments wait for their first fragment", decision);
		return;
	}
	packet->next = NULL;
	*datagram->last = packet;
	datagram->last = &packet->next;
	held->n_waiting++;
	world->counts.in_flight++;
}

struct packet *fragments_release(struct world *world, uint32_t index, const struct fragment_key *first, be32 addr)
{
	struct translator *translator = &world->translators[index];
	struct held_fragments *held = translator->fragments;
	struct held_datagram *datagram = find(held, first);
	if (!datagram)
		datagram = begin(world, translator, first);
	if (!datagram)
		return NULL;
	datagram->known = true;
	datagram->addr = addr;
	struct packet *waited = datagram->waiting;
	datagram->waiting = NULL;
	datagram->last = &datagram->waiting;
	for (struct packet *packet = waited; packet; packet = packet->next) {
		held->n_waiting--;
		world->counts.in_flight--;
	}
	return waited;
}
