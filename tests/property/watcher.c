/* An observer that holds a run to what must be true of every run.
 *
 * DOC: at every step
 *   - time does not go back, a translation changes the tuple and nothing else does, a loss has a reason and nothing
 *   else has one,
 *   - the packet's bytes say what the step says, and every checksum in them is right,
 *   - a packet begins once and ends at most once, in order;
 * at a NAT, what answers a translated packet is translated back to the tuple before, as long as the mapping lives; at
 * an end point, an answer comes from where the question went.
 * At the end, sent = delivered + dropped + in flight for each flow, as counted here and as the world counts; and no two
 * mappings of a NAT that lived at the same time had the same outside towards the same destination.
 *
 * The watcher keeps its own books, in plain sets of 64-bit keys, so that it shares no mistake with what it watches. */
#include "watcher.h"
#include "base/random.h"
#include "model/elements.h"
#include "net/fragment.h"
#include "sim/trail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table_slot {
	uint64_t key; /* 0: free */
	struct tuple value;
	be32 outside_addr; /* `restored`: of the mapping, */
	be16 outside_port;
	struct instant ended; /* and when that has ended; NEVER */
};
struct table { /* open addressing; the key is a hash of what it stands for */
	struct table_slot *slots;
	size_t n_slots, n;
};

struct life { /* of one flow's packets */
	uint64_t begun, delivered, dropped;
	uint64_t digest;
};

struct kept_mapping {
	const char *nat;
	struct tuple inside;
	be32 outside_addr;
	uint16_t outside_port;
	struct instant created, ended;
};

struct watcher {
	const struct model *model;
	struct world *world;
	struct life *lives;     /* a flow */
	struct table open;      /* packets that began and have not ended */
	struct table restored;  /* at a NAT, for a reply: what it must become */
	struct table strangers; /* packets that a lax NAT gave to another host than its sender meant */
	struct table asked;     /* at an end point, for an answer: the question it answers */
	struct kept_mapping *mappings;
	size_t n_mappings, mappings_capacity;
	struct instant last;
	uint64_t n_steps, n_translations, n_replies_restored;
	char complaint[512];
};

static void complain(struct watcher *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct watcher *w, const char *format, ...)
{
	va_list args;

	if (w->complaint[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(w->complaint, sizeof(w->complaint), format, args);
	va_end(args);
}

/* ---- the table ---- */
static struct table_slot *table_at(const struct table *t, uint64_t key)
{
	size_t i = (size_t)key & (t->n_slots - 1);

	while (t->slots[i].key != 0 && t->slots[i].key != key)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void table_grow(struct table *t)
{
	struct table bigger = {.n_slots = t->n_slots == 0 ? 64 : t->n_slots * 2, .n = t->n};

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		abort();
	for (size_t i = 0; i < t->n_slots; i++) {
		if (t->slots[i].key != 0)
			*table_at(&bigger, t->slots[i].key) = t->slots[i];
	}
	free(t->slots);
	*t = bigger;
}

static struct table_slot *table_put(struct table *t, uint64_t key, struct tuple value)
{
	if (t->n * 2 >= t->n_slots)
		table_grow(t);
	struct table_slot *slot = table_at(t, key);
	t->n += slot->key == 0;
	*slot = (struct table_slot){.key = key, .value = value, .ended = INSTANT_NEVER};
	return slot;
}

static const struct tuple *table_get(const struct table *t, uint64_t key)
{
	const struct table_slot *slot = t->n_slots == 0 ? NULL : table_at(t, key);

	return slot == NULL || slot->key == 0 ? NULL : &slot->value;
}

static uint64_t tuple_hash(const struct tuple *t)
{
	uint64_t addresses = (uint64_t)t->src.raw << 32 | t->dst.raw;
	uint64_t ports = (uint64_t)t->src_port.raw << 32 | (uint64_t)t->dst_port.raw << 16 | t->proto;

	return random_join(addresses, ports);
}

/* ---- a step ---- */
static const char *describe(const struct watcher *w, const struct step *step, char text[256])
{
	char before[TUPLE_TEXT_BYTES], after[TUPLE_TEXT_BYTES];

	snprintf(text, 256, "t=%lldns %s[%u] packet %llu at %s: %s, %s -> %s %s", (long long)step->at.ns,
		 w->model->flows[step->flow].name, step->index_in_flow, (unsigned long long)step->packet->id,
		 world_node_name(w->world, step->node), step_kind_name(step->kind), tuple_print(&step->before, before),
		 tuple_print(&step->after, after), reason_name(step->verdict.reason));
	return text;
}

static bool is_icmp_error(const struct packet *p)
{
	const struct icmp_header *icmp = packet_l4_const(p);

	return packet_ip_const(p)->proto == PROTO_ICMP && icmp->type != ICMP_ECHO && icmp->type != ICMP_ECHO_REPLY;
}

static void watch_form(struct watcher *w, const struct step *step)
{
	char text[256];
	bool differs = !tuple_equal(&step->before, &step->after);

	if (instant_before(step->at, w->last))
		complain(w, "time went back: %s", describe(w, step, text));
	w->last = step->at;
	if (differs != (step->kind == STEP_TRANSLATE) && !is_icmp_error(step->packet))
		complain(w, "tuples differ just where they should not: %s", describe(w, step, text));
	if ((step->verdict.reason != REASON_NONE) != (step->kind == STEP_DROP))
		complain(w, "a reason just where there should be none: %s", describe(w, step, text));
	if (step->verdict.by == NULL)
		complain(w, "nothing decided: %s", describe(w, step, text));
	struct tuple in_bytes = packet_tuple(step->packet);
	if (!tuple_equal(&in_bytes, &step->after))
		complain(w, "the bytes say something else: %s", describe(w, step, text));
	if (!packet_checksums_valid(step->packet))
		complain(w, "a checksum is wrong: %s", describe(w, step, text));
}

static uint64_t packet_key(const struct step *step)
{
	return random_join(step->flow + UINT64_C(1), step->packet->id) | 1;
}

static void watch_life(struct watcher *w, const struct step *step)
{
	struct life *life = &w->lives[step->flow];
	uint64_t key = packet_key(step);
	const struct tuple *state = table_get(&w->open, key); /* proto 1: on its way; 2: ended */
	char text[256];

	if (step->kind == STEP_ORIGINATE) {
		if (state != NULL)
			complain(w, "began twice: %s", describe(w, step, text));
		life->begun++;
		table_put(&w->open, key, (struct tuple){.proto = 1});
		return;
	}
	if (state == NULL || state->proto != 1)
		complain(w, "moves, but never began or is gone: %s", describe(w, step, text));
	if (step->kind != STEP_DROP && step->kind != STEP_DELIVER)
		return;
	table_put(&w->open, key, (struct tuple){.proto = 2});
	life->dropped += step->kind == STEP_DROP;
	life->delivered += step->kind == STEP_DELIVER;
}

/* A NAT whose filtering is lax lets a stranger in to the host that has the port now: a late reply to an ended mapping is
 * one. */
static bool is_strict(const struct watcher *w, uint32_t node)
{
	const struct element *element = element_at(w->model, node);
	if (element->kind == ELEMENT_LENT)
		return true;
	/* A machine's own public address is no NAT's: it lets every host in, and out. */
	return element->nat && element->nat->filtering == NAT_ON_ADDRESS_AND_PORT;
}

/* Replies, at a NAT: of a packet translated from `before` to `after`, the reply comes in as the reverse of `after` and
 * goes on as the reverse of `before`. The flag of the packet distinguishes questions from replies. A reset that ends its
 * mapping still passes, after the end was reported. A reply that takes another way may go out through a NAT that never saw
 * the question: it is let out, not in. */
static void watch_translation(struct watcher *w, const struct step *step)
{
	bool from_caller = (step->packet->flags & PACKET_FROM_CALLER) != 0;
	struct tuple comes_in = from_caller ? tuple_reverse(step->after) : step->before;
	uint64_t key = random_join(step->node + UINT64_C(1), tuple_hash(&comes_in)) | 1;
	char text[256], expected[TUPLE_TEXT_BYTES];

	if (fragment_span(step->packet).first_byte > 0)
		return; /* it has no ports: it follows its first, which is looked at */
	if (from_caller) {
		struct table_slot *slot = table_put(&w->restored, key, tuple_reverse(step->before));
		slot->outside_addr = comes_in.dst;
		slot->outside_port = comes_in.dst_port;
		return;
	}
	const struct table_slot *slot = w->restored.n_slots == 0 ? NULL : table_at(&w->restored, key);
	bool is_known =
		slot != NULL && slot->key != 0 && (instant_is_never(slot->ended) || slot->ended.ns == step->at.ns);
	bool is_let_out = be32_equal(step->before.dst, step->after.dst) &&
			  be16_equal(step->before.dst_port, step->after.dst_port);
	if (!is_known && !is_let_out && is_strict(w, step->node))
		complain(w, "a reply to nothing was let in: %s", describe(w, step, text));
	else if (is_known && !tuple_equal(&slot->value, &step->after))
		complain(w, "a reply should become %s: %s", tuple_print(&slot->value, expected),
			 describe(w, step, text));
	else if (is_known)
		w->n_replies_restored++;
	else
		table_put(&w->strangers, packet_key(step), step->after);
}

/* A mapping has ended: what it translated is not to be restored any more. */
static void forget_replies(struct watcher *w, const struct world_mapping *mapping)
{
	for (size_t i = 0; i < w->restored.n_slots; i++) {
		struct table_slot *slot = &w->restored.slots[i];
		if (slot->key != 0 && instant_is_never(slot->ended) &&
		    be32_equal(slot->outside_addr, mapping->outside_addr) &&
		    be16_to(slot->outside_port) == mapping->outside_port &&
		    be32_equal(slot->value.dst, mapping->inside.src) &&
		    be16_equal(slot->value.dst_port, mapping->inside.src_port) &&
		    slot->value.proto == mapping->inside.proto)
			slot->ended = mapping->ended;
	}
}

static void watch_end_points(struct watcher *w, const struct step *step)
{
	bool from_caller = (step->packet->flags & PACKET_FROM_CALLER) != 0;
	struct tuple question = from_caller ? step->before : tuple_reverse(step->after);
	uint64_t key = random_join(step->node + UINT64_C(1), tuple_hash(&question)) | 1;
	char text[256];

	if (fragment_span(step->packet).first_byte > 0)
		return; /* it has no ports, and is no answer by itself */
	if (step->kind == STEP_ORIGINATE && from_caller)
		table_put(&w->asked, key, question);
	if (step->kind == STEP_DELIVER && !from_caller && table_get(&w->asked, key) == NULL &&
	    table_get(&w->strangers, packet_key(step)) == NULL)
		complain(w, "an answer to what was never asked from here: %s", describe(w, step, text));
}

static void mix(uint64_t *digest, uint64_t value)
{
	*digest = random_join(*digest, value);
}

static void digest_step(struct watcher *w, const struct step *step)
{
	uint64_t *digest = &w->lives[step->flow].digest;
	uint32_t size_bytes = packet_frame_bytes(step->packet);
	uint8_t frame[65536];

	mix(digest, (uint64_t)step->at.ns);
	mix(digest, (uint64_t)step->kind << 32 | step->flags);
	mix(digest, random_name(world_node_name(w->world, step->node)));
	mix(digest, step->packet->id);
	mix(digest, (uint64_t)step->index_in_flow << 32 | step->verdict.reason);
	mix(digest, random_name(step->verdict.by == NULL ? "" : step->verdict.by));
	mix(digest, random_name(step->verdict.rule == NULL ? "" : step->verdict.rule));
	mix(digest, tuple_hash(&step->before));
	mix(digest, tuple_hash(&step->after));
	if (size_bytes > sizeof frame) {
		complain(w, "a frame of %u bytes", size_bytes);
		return;
	}
	packet_copy(step->packet, frame);
	for (uint32_t i = 0; i < size_bytes; i += 8) {
		uint64_t word = 0;
		memcpy(&word, frame + i, size_bytes - i < 8 ? size_bytes - i : 8);
		mix(digest, word);
	}
}

static int watch_step(void *context, const struct step *step)
{
	struct watcher *w = context;

	w->n_steps++;
	w->n_translations += step->kind == STEP_TRANSLATE;
	/* Packets made by hand may be damaged, and their ends are scripts: they begin and end as all others do. */
	bool is_by_hand = w->model->flows[step->flow].n_packets > 0;
	if (!is_by_hand)
		watch_form(w, step);
	watch_life(w, step);
	if (!is_by_hand && !is_icmp_error(step->packet)) {
		if (step->kind == STEP_TRANSLATE)
			watch_translation(w, step);
		watch_end_points(w, step);
	}
	digest_step(w, step);
	return 0;
}

/* ---- mappings ---- */
static int watch_mapping(void *context, const struct world_mapping *mapping)
{
	struct watcher *w = context;

	forget_replies(w, mapping);
	if (w->n_mappings == w->mappings_capacity) {
		w->mappings_capacity = w->mappings_capacity == 0 ? 64 : 2 * w->mappings_capacity;
		w->mappings = realloc(w->mappings, w->mappings_capacity * sizeof(*w->mappings));
		if (w->mappings == NULL)
			abort();
	}
	w->mappings[w->n_mappings++] = (struct kept_mapping){
		mapping->nat,          mapping->inside,  mapping->outside_addr,
		mapping->outside_port, mapping->created, mapping->ended,
	};
	if (instant_before(mapping->ended, mapping->last_used) || instant_before(mapping->last_used, mapping->created))
		complain(w, "%s: a mapping was used outside its life", mapping->nat);
	if ((mapping->why == NULL) != instant_is_never(mapping->ended))
		complain(w, "%s: a mapping ended without a reason, or the other way round", mapping->nat);
	return 0;
}

static int compare_outsides(const void *a_pointer, const void *b_pointer)
{
	const struct kept_mapping *a = a_pointer, *b = b_pointer;
	int by_nat = strcmp(a->nat, b->nat);

	if (by_nat != 0)
		return by_nat;
	if (a->inside.proto != b->inside.proto)
		return a->inside.proto < b->inside.proto ? -1 : 1;
	if (a->outside_addr.raw != b->outside_addr.raw)
		return a->outside_addr.raw < b->outside_addr.raw ? -1 : 1;
	if (a->outside_port != b->outside_port)
		return a->outside_port < b->outside_port ? -1 : 1;
	if (a->inside.dst.raw != b->inside.dst.raw)
		return a->inside.dst.raw < b->inside.dst.raw ? -1 : 1;
	if (a->inside.dst_port.raw != b->inside.dst_port.raw)
		return a->inside.dst_port.raw < b->inside.dst_port.raw ? -1 : 1;
	if (a->created.ns != b->created.ns)
		return a->created.ns < b->created.ns ? -1 : 1;
	return 0;
}

static bool same_outside(const struct kept_mapping *a, const struct kept_mapping *b)
{
	return strcmp(a->nat, b->nat) == 0 && a->inside.proto == b->inside.proto &&
	       be32_equal(a->outside_addr, b->outside_addr) && a->outside_port == b->outside_port &&
	       be32_equal(a->inside.dst, b->inside.dst) && be16_equal(a->inside.dst_port, b->inside.dst_port);
}

static void watch_one_to_one(struct watcher *w)
{
	if (w->n_mappings > 1)
		qsort(w->mappings, w->n_mappings, sizeof(*w->mappings), compare_outsides);
	for (size_t i = 1; i < w->n_mappings; i++) {
		const struct kept_mapping *a = &w->mappings[i - 1], *b = &w->mappings[i];
		char first[TUPLE_TEXT_BYTES], second[TUPLE_TEXT_BYTES];
		if (same_outside(a, b) && instant_before(b->created, a->ended))
			complain(w, "%s port %u at the same time for %s and %s", a->nat, a->outside_port,
				 tuple_print(&a->inside, first), tuple_print(&b->inside, second));
	}
}

/* ---- the whole ---- */
struct watcher *watcher_new(const struct model *model, struct world *world)
{
	struct watcher *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->model = model;
	w->world = world;
	w->lives = calloc(model->n_flows + 1, sizeof(*w->lives));
	if (w->lives == NULL ||
	    trail_observe(world_trail(world), (struct trail_observer){.wants = (1u << STEP_KIND_COUNT) - 1,
								      .step = watch_step,
								      .context = w}) != 0)
		abort();
	world_observe_nat(world, watch_mapping, w);
	return w;
}

struct watcher *watcher_free(struct watcher *w)
{
	free(w->lives);
	free(w->open.slots);
	free(w->restored.slots);
	free(w->asked.slots);
	free(w->strangers.slots);
	free(w->mappings);
	free(w);
	return NULL;
}

void watcher_finish(struct watcher *w, bool is_over)
{
	struct world_counts all = {0};

	if (world_nat_flush(w->world) != 0)
		complain(w, "the NATs could not be flushed");
	watch_one_to_one(w);
	for (uint32_t f = 0; f < w->model->n_flows; f++) {
		const struct life *life = &w->lives[f];
		struct world_counts counts;
		world_flow_counts(w->world, f, &counts);
		if (counts.originated != life->begun || counts.delivered != life->delivered ||
		    counts.dropped != life->dropped)
			complain(w, "%s: the world counts otherwise than the trail", w->model->flows[f].name);
		if (counts.originated != counts.delivered + counts.dropped + counts.in_flight)
			complain(w, "%s: %llu sent, but %llu delivered, %llu dropped, %llu in flight",
				 w->model->flows[f].name, (unsigned long long)counts.originated,
				 (unsigned long long)counts.delivered, (unsigned long long)counts.dropped,
				 (unsigned long long)counts.in_flight);
		if (is_over && counts.in_flight != 0)
			complain(w, "%s: in flight, yet nothing is left to happen", w->model->flows[f].name);
		all.originated += counts.originated;
	}
	struct world_counts counts;
	world_counts(w->world, &counts);
	if (counts.originated != all.originated || counts.translated != w->n_translations)
		complain(w, "the sums are wrong");
}

const char *watcher_complaint(const struct watcher *w)
{
	return w->complaint[0] == '\0' ? NULL : w->complaint;
}

uint64_t watcher_digest(const struct watcher *w, uint32_t flow)
{
	return w->lives[flow].digest;
}

uint64_t watcher_n_steps(const struct watcher *w)
{
	return w->n_steps;
}

uint64_t watcher_n_translations(const struct watcher *w)
{
	return w->n_translations;
}

uint64_t watcher_n_replies_restored(const struct watcher *w)
{
	return w->n_replies_restored;
}

uint64_t watcher_n_mappings(const struct watcher *w)
{
	return w->n_mappings;
}
