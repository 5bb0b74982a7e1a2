/* DOC: fragments through a NAT (RFC 4787 R14, RFC 3022 6.3). Only the first of a datagram has ports, so it decides; the
 * others follow it to the same address. They may come before it, and wait then. Memory is bounded: so many datagrams
 * are known at a translator, so many fragments wait, and no longer than 30 s; what finds no room, or whose first never
 * comes, is dropped. */
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
		refuse(world, translator, "its first fragment did not come", &decision);
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

/* Makes room by forgetting the oldest that nobody waits for. NULL where all wait. */
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

enum fragment_way fragments_decide(const struct world *world, const struct translator *translator,
				   const struct fragment_key *key, const struct packet *packet, be32 *ret_addr)
{
	if (!translator->translates_fragments || (translator->udp_fragments_alone && key->proto != PROTO_UDP))
		return FRAGMENT_REFUSED;
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
		refuse(world, translator, "too many fragments wait for their first", decision);
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
