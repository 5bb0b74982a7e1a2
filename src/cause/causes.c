/* DOC: the causes of a run. The first observer of each DROP step makes the cause of that packet, so that all observers
 * behind it (the notes of captures, explanations) have it in the same step. Of a connection it keeps the cause that
 * decided: every loss until the outcome is known takes the place of the one before, but one by chance takes none, and a
 * path MTU black hole stays. A loss like the one before is not looked into again.
 *
 * A packet may be another connection's and yet decide: what a server answers to a connection that it believes open, on
 * a port that the NAT has given to the next caller. It is then kept as that caller's, too. */
#include "cause/holders.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAUSES_MAX_CONNECTIONS 20000u /* of a run, for which causes are kept; losses of others have general words */
#define CAUSES_MAX_LOOK 1000u /* connections of a flow among which the one that a packet answers is looked for */

struct kept {
	uint32_t flow, index;
	uint64_t packet; /* the first that was lost in this way */
	uint32_t node;
	enum reason reason;
	const char *by, *rule;
	bool by_chance, black_hole;
	const struct cause *cause;
};

struct causes {
	const struct model *model;
	const struct world *world;
	struct arena *arena;
	struct past *past;
	struct holders *holders;
	struct kept *kept; /* open addressing; cause NULL: a free slot */
	uint32_t mask, n;
	struct cause *general[REASON_COUNT];
	const struct cause **exhausted; /* by element: of the first packet that found no port there; NULL: none did */
	const struct cause **changes;   /* of environments' health; NULL where all is well */
	size_t n_changes, capacity_changes;
	const struct step *step; /* the latest, and what was found of it */
	const struct cause *cause;
	uint64_t like;
};

const struct past *causes_past(const struct causes *causes)
{
	return causes->past;
}

struct holders *causes_holders(struct causes *causes)
{
	return causes->holders;
}

/* ---- connections ---- */

static uint32_t slot_of(const struct causes *causes, uint32_t flow, uint32_t index)
{
	uint32_t i = (flow * 0x9e3779b1u ^ index * 0x85ebca6bu) & causes->mask;
	while (causes->kept[i].cause && (causes->kept[i].flow != flow || causes->kept[i].index != index))
		i = (i + 1) & causes->mask;
	return i;
}

static bool reserve(struct causes *causes)
{
	uint32_t size = causes->kept ? causes->mask + 1 : 0;
	if (causes->n + 1 <= size / 4 * 3)
		return true;
	struct kept *old = causes->kept;
	uint32_t grown = size ? size * 2 : 64;
	causes->kept = calloc(grown, sizeof *causes->kept);
	if (!causes->kept) {
		causes->kept = old;
		return false;
	}
	causes->mask = grown - 1;
	for (uint32_t i = 0; i < size; i++)
		if (old[i].cause)
			causes->kept[slot_of(causes, old[i].flow, old[i].index)] = old[i];
	free(old);
	return true;
}

static struct kept *find(const struct causes *causes, uint32_t flow, uint32_t index)
{
	struct kept *kept = causes->kept ? &causes->kept[slot_of(causes, flow, index)] : NULL;
	return kept && kept->cause ? kept : NULL;
}

/* ---- making ---- */

static const char *kept_text(struct arena *arena, struct buf *text)
{
	const char *copy = buf_failed(text) ? NULL : arena_strdup(arena, buf_text(text));
	buf_free(text);
	return copy;
}

/* The general words of a reason, made once a reason. */
static const struct cause *general(struct causes *causes, const struct step *step)
{
	struct cause **at = &causes->general[step->verdict.reason];
	if (!*at)
		*at = arena_alloc(causes->arena, sizeof **at);
	if (*at)
		**at = (struct cause){.what = cause_of_reason(step->verdict.reason),
				      .helps = cause_help_of_reason(step->verdict.reason),
				      .packet = step->packet->id,
				      .flow = step->flow,
				      .index = step->index_in_flow};
	return *at;
}

static const struct cause *make(struct causes *causes, const struct step *step, const struct world_need_loss *need,
				bool again, bool *ret_black_hole)
{
	struct cause *cause = arena_alloc(causes->arena, sizeof *cause);
	struct maker maker = {.causes = causes,
			      .arena = causes->arena,
			      .model = causes->model,
			      .world = causes->world,
			      .step = step,
			      .need = need,
			      .again = again,
			      .at = element_at(causes->model, step->node),
			      .cause = cause};
	if (!cause)
		return NULL;
	cause->packet = step->packet->id;
	cause->flow = step->flow;
	cause->index = step->index_in_flow;
	if (!cause_of_past_mapping(&maker) && !cause_of_silent_flow(&maker) && !cause_of_exhaustion(&maker) &&
	    !cause_of_past_session(&maker) && !cause_of_two_ways(&maker) && !cause_of_ftp_data(&maker))
		cause_of_loss(&maker);
	help_by_endpoint(&maker);
	*ret_black_hole = cause_of_black_hole(&maker);
	cause->what = kept_text(causes->arena, &maker.what);
	cause->helps = kept_text(causes->arena, &maker.helps);
	return cause->what && cause->helps ? cause : NULL;
}

/* ---- health ---- */

static const struct cause *make_of_need(struct causes *causes, const struct world_need_loss *need)
{
	struct packet packet;
	struct step step;
	bool black_hole;
	world_need_step(causes->world, need, &packet, &step);
	return make(causes, &step, need, false, &black_hole);
}

/* Without the space behind the last. */
static const char *kept_sentences(struct arena *arena, struct buf *text)
{
	const char *copy =
		buf_failed(text) ? NULL : arena_printf(arena, "%.*s", (int)text->size_bytes - 1, buf_text(text));
	buf_free(text);
	return copy;
}

static void add_settings(struct cause *all, const struct cause *one)
{
	for (size_t i = 0; i < one->n_settings; i++) {
		size_t k = 0;
		while (k < all->n_settings && strcmp(all->settings[k], one->settings[i]) != 0)
			k++;
		if (k == all->n_settings && k < CAUSE_MAX_SETTINGS)
			all->settings[all->n_settings++] = one->settings[i];
	}
}

/* Is this the first need with this text? Those behind it that have the same are in *ret_same, a bit each. */
static bool is_first_with(const char *const texts[N_NEEDS], size_t i, uint32_t *ret_same)
{
	*ret_same = 0;
	for (size_t k = 0; texts[i] && k < N_NEEDS; k++)
		if (texts[k] && strcmp(texts[k], texts[i]) == 0)
			*ret_same |= 1u << k;
	return *ret_same != 0 && (*ret_same & ((1u << i) - 1)) == 0;
}

/* Calls that are lost by the same stand together, before what it is. */
static void put_needs(const struct causes *causes, const char *const texts[N_NEEDS],
		      const struct world_need_loss losses[N_NEEDS], struct buf *out)
{
	uint32_t same;
	for (size_t i = 0; i < N_NEEDS; i++) {
		if (!is_first_with(texts, i, &same))
			continue;
		for (size_t k = i; k < N_NEEDS; k++)
			if (same & 1u << k)
				put_call_of_need(causes->model, &losses[k], out);
		buf_puts(out, texts[i]);
		buf_putc(out, ' ');
	}
}

/* What helps, with the needs that it helps where not all need the same. */
static void put_helps(const char *const texts[N_NEEDS], uint32_t failing, struct buf *out)
{
	uint32_t same;
	for (size_t i = 0; i < N_NEEDS; i++) {
		if (!is_first_with(texts, i, &same))
			continue;
		if (same != failing)
			put_names_of_needs(same, out);
		buf_puts(out, texts[i]);
		buf_putc(out, ' ');
	}
}

const struct cause *causes_of_health(struct causes *causes, uint32_t failing,
				     const struct world_need_loss losses[N_NEEDS])
{
	const char *whats[N_NEEDS] = {NULL}, *helps[N_NEEDS] = {NULL};
	struct buf what = {0}, help = {0};
	struct cause *all = arena_alloc(causes->arena, sizeof *all);
	if (!all)
		return NULL;
	*all = (struct cause){.flow = NONE};
	for (size_t i = 0; i < N_NEEDS; i++) {
		if (!(failing & 1u << i))
			continue;
		const struct cause *one = make_of_need(causes, &losses[i]);
		if (!one)
			return NULL;
		whats[i] = one->what;
		helps[i] = one->helps;
		add_settings(all, one);
	}
	put_needs(causes, whats, losses, &what);
	put_helps(helps, failing, &help);
	all->what = kept_sentences(causes->arena, &what);
	all->helps = kept_sentences(causes->arena, &help);
	return all->what && all->helps ? all : NULL;
}

static int note_change(void *context, const struct world_health_change *change)
{
	struct causes *causes = context;
	if (causes->n_changes == causes->capacity_changes) {
		size_t capacity = causes->capacity_changes ? causes->capacity_changes * 2 : 16;
		const struct cause **grown = realloc(causes->changes, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		causes->changes = grown;
		causes->capacity_changes = capacity;
	}
	const struct cause *cause = change->failing ? causes_of_health(causes, change->failing, change->losses) : NULL;
	if (change->failing && !cause)
		return -ENOMEM;
	causes->changes[causes->n_changes++] = cause;
	return 0;
}

/* What was found before anything looked is as it was: nothing has run yet. */
static int watch_health(struct causes *causes, struct world *world)
{
	size_t n;
	const struct world_health_change *changes = world_health_changes(world, &n);
	int r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = note_change(causes, &changes[i]);
	world_observe_health(world, note_change, causes);
	return r;
}

const struct cause *causes_of_change(const struct causes *causes, size_t change)
{
	return change < causes->n_changes ? causes->changes[change] : NULL;
}

/* ---- keeping ---- */

static bool is_chance(enum reason reason)
{
	return reason == REASON_LINK_LOSS || reason == REASON_QUEUE_FULL || reason == REASON_BAD_CHECKSUM ||
	       reason == REASON_FRAGMENT_OUT_OF_ORDER;
}

static bool is_like(const struct kept *kept, const struct step *step)
{
	return kept->node == step->node && kept->reason == step->verdict.reason && kept->by == step->verdict.by &&
	       kept->rule == step->verdict.rule;
}

/* What was too large comes again as it was: its sender has not learned what fits. */
static bool is_retransmitted_whole(const struct kept *kept, const struct step *step)
{
	return kept->reason == REASON_FRAGMENTATION_NEEDED && !kept->black_hole &&
	       (step->packet->flags & PACKET_RETRANSMISSION) != 0;
}

static bool is_over(const struct causes *causes, uint32_t flow, uint32_t index)
{
	struct world_connection c;
	world_connection(causes->world, flow, index, &c);
	return c.started && c.outcome != OUTCOME_NONE;
}

static int keep(struct causes *causes, uint32_t flow, uint32_t index, const struct kept *new)
{
	struct kept *old = find(causes, flow, index);
	if (old && (old->black_hole || (new->by_chance && !old->by_chance) || is_over(causes, flow, index)))
		return 0;
	if (!old && causes->n == CAUSES_MAX_CONNECTIONS)
		return 0;
	if (!old && !reserve(causes))
		return -ENOMEM;
	causes->n += !old;
	struct kept *at = &causes->kept[slot_of(causes, flow, index)];
	*at = *new;
	at->flow = flow;
	at->index = index;
	return 0;
}

/* The connection, if it is another, of whose mapping at a NAT the packet would have made use. */
static bool is_for_mapping(const struct causes *causes, const struct step *step, struct world_mapping *ret)
{
	const struct model *model = causes->model;
	for (uint32_t nat = element_next_nat(model, 0); nat != NONE; nat = element_next_nat(model, nat + 1))
		if (world_mapping_of_arriving(causes->world, nat, &step->after, ret))
			return ret->flow != step->flow || ret->index_in_flow != step->index_in_flow;
	return false;
}

static bool is_bare_ack(const struct packet *packet)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_TCP && packet->payload_bytes == 0 &&
	       (tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

/* Does the packet go to the end point from which this connection is called, from the one that it calls? */
static bool is_answered_by(const struct causes *causes, uint32_t flow, uint32_t index, const struct tuple *tuple)
{
	struct world_connection c;
	world_connection(causes->world, flow, index, &c);
	return c.started && c.outcome == OUTCOME_NONE && be32_equal(c.from_addr, tuple->dst) &&
	       c.from_port == be16_to(tuple->dst_port) && be32_equal(c.to_addr, tuple->src) &&
	       c.to_port == be16_to(tuple->src_port);
}

/* An acknowledgment of one connection, lost, that was the answer to the SYN of another: a server that believes the old
 * connection open challenges the SYN of the new one (RFC 5961 4). */
static int keep_of_challenged(struct causes *causes, const struct step *step, const struct kept *kept)
{
	int r = 0;
	for (uint32_t flow = 0; r == 0 && flow < causes->model->n_flows; flow++)
		for (uint32_t i = 0; r == 0 && i < causes->model->flows[flow].count && i < CAUSES_MAX_LOOK; i++)
			if ((flow != step->flow || i != step->index_in_flow) &&
			    is_answered_by(causes, flow, i, &step->after))
				r = keep(causes, flow, i, kept);
	return r;
}

static int keep_of_others(struct causes *causes, const struct step *step, const struct kept *kept)
{
	struct world_mapping mapping;
	if ((step->packet->flags & PACKET_FROM_CALLER) != 0)
		return 0;
	if (is_for_mapping(causes, step, &mapping))
		return keep(causes, mapping.flow, mapping.index_in_flow, kept);
	return is_bare_ack(step->packet) ? keep_of_challenged(causes, step, kept) : 0;
}

/* False where memory is short. */
static bool keep_exhausted(struct causes *causes, const struct step *step, const struct cause *cause)
{
	if (step->verdict.reason != REASON_SNAT_PORTS_EXHAUSTED)
		return true;
	if (!causes->exhausted)
		causes->exhausted = arena_array(causes->arena, causes->model->elements->n, sizeof *causes->exhausted);
	if (causes->exhausted && !causes->exhausted[step->node])
		causes->exhausted[step->node] = cause;
	return causes->exhausted;
}

static int observe(void *context, const struct step *step)
{
	struct causes *causes = context;
	const struct kept *before = find(causes, step->flow, step->index_in_flow);
	causes->step = step;
	causes->like = before && is_like(before, step) ? before->packet : 0;
	bool again = causes->like > 0 && is_retransmitted_whole(before, step);
	if (causes->like > 0 && !again) {
		causes->cause = before->cause;
		return 0;
	}
	struct kept kept = {.packet = step->packet->id,
			    .node = step->node,
			    .reason = step->verdict.reason,
			    .by = step->verdict.by,
			    .rule = step->verdict.rule,
			    .by_chance = is_chance(step->verdict.reason)};
	causes->like = 0;
	if (!before && causes->n == CAUSES_MAX_CONNECTIONS) {
		causes->cause = general(causes, step);
		return causes->cause ? 0 : -ENOMEM;
	}
	kept.cause = make(causes, step, NULL, again, &kept.black_hole);
	causes->cause = kept.cause;
	if (!kept.cause || !keep_exhausted(causes, step, kept.cause))
		return -ENOMEM;
	int r = keep(causes, step->flow, step->index_in_flow, &kept);
	return r < 0 ? r : keep_of_others(causes, step, &kept);
}

/* ---- failures without a loss ---- */

static struct maker maker_of_end(struct causes *causes, const struct step *step, struct cause *cause)
{
	*cause = (struct cause){.flow = step->flow, .index = step->index_in_flow};
	return (struct maker){.causes = causes,
			      .arena = causes->arena,
			      .model = causes->model,
			      .world = causes->world,
			      .step = step,
			      .at = element_at(causes->model, step->node),
			      .cause = cause};
}

static int keep_end(struct causes *causes, struct maker *maker, struct cause *cause)
{
	cause->what = kept_text(causes->arena, &maker->what);
	cause->helps = kept_text(causes->arena, &maker->helps);
	return cause->what && cause->helps ? 0 : -ENOMEM;
}

/* What would be pushed on the connection later is not sent. */
static int keep_of_pushes(struct causes *causes, const struct kept *kept, uint32_t held, uint32_t index)
{
	int r = 0;
	for (uint32_t flow = 0; r == 0 && flow < causes->model->n_flows; flow++) {
		const struct flow_config *config = &causes->model->flows[flow];
		if (config->is_held_push && config->held_flow == held && config->held_index == index)
			r = keep(causes, flow, 0, kept);
	}
	return r;
}

static int note_reset(void *context, const struct world_reset *reset)
{
	struct causes *causes = context;
	const struct step step = {.at = world_now(causes->world),
				  .node = reset->node,
				  .flow = reset->flow,
				  .index_in_flow = reset->index_in_flow};
	struct cause *cause = arena_alloc(causes->arena, sizeof *cause);
	if (!cause)
		return -ENOMEM;
	struct maker maker = maker_of_end(causes, &step, cause);
	tell_reset(&maker, reset);
	int r = keep_end(causes, &maker, cause);
	const struct kept kept = {.node = reset->node, .cause = cause};
	if (r == 0)
		r = keep(causes, reset->flow, reset->index_in_flow, &kept);
	return r < 0 ? r : keep_of_pushes(causes, &kept, reset->flow, reset->index_in_flow);
}

/* Of a connection that failed, and of which nothing is known yet. */
static int look_at_end(struct causes *causes, uint32_t flow, uint32_t index, const struct world_connection *connection)
{
	const struct step step = {.at = connection->ended_at,
				  .node = connection->from ? element_find(causes->model, connection->from) : NONE,
				  .flow = flow,
				  .index_in_flow = index};
	if (step.node == NONE)
		return 0;
	struct cause *cause = arena_alloc(causes->arena, sizeof *cause);
	if (!cause)
		return -ENOMEM;
	struct maker maker = maker_of_end(causes, &step, cause);
	bool known = tell_end(&maker, connection);
	int r = keep_end(causes, &maker, cause);
	const struct kept kept = {.node = step.node, .cause = cause};
	return r < 0 || !known ? r : keep(causes, flow, index, &kept);
}

int causes_finish(struct causes *causes)
{
	int r = 0;
	for (uint32_t flow = 0; r == 0 && flow < causes->model->n_flows; flow++)
		for (uint32_t i = 0; r == 0 && i < causes->model->flows[flow].count; i++) {
			struct world_connection c;
			world_connection(causes->world, flow, i, &c);
			bool failed = c.started && !c.loss &&
				      (c.outcome == OUTCOME_RESET || c.outcome == OUTCOME_TIMED_OUT ||
				       c.outcome == OUTCOME_REFUSED);
			if (failed && !find(causes, flow, i) && causes->n < CAUSES_MAX_CONNECTIONS)
				r = look_at_end(causes, flow, i, &c);
		}
	return r;
}

/* ---- life ---- */

int causes_new(struct arena *arena, const struct model *model, struct world *world, struct causes **ret)
{
	struct causes *causes = calloc(1, sizeof *causes);
	if (!causes)
		return -ENOMEM;
	*causes = (struct causes){.model = model, .world = world, .arena = arena};
	causes->past = past_new();
	causes->holders = calloc(1, sizeof *causes->holders);
	int r = causes->past && causes->holders ? 0 : -ENOMEM;
	if (r == 0) {
		causes->holders->node = NONE;
		r = trail_observe(
			world_trail(world),
			(struct trail_observer){.wants = 1u << STEP_DROP, .step = observe, .context = causes});
	}
	world_observe_resets(world, note_reset, causes);
	if (r == 0)
		r = watch_health(causes, world);
	if (r < 0)
		return causes_free(causes), r;
	*ret = causes;
	return 0;
}

struct causes *causes_free(struct causes *causes)
{
	if (!causes)
		return NULL;
	past_free(causes->past);
	free(causes->holders);
	free(causes->kept);
	free(causes->changes);
	free(causes);
	return NULL;
}

int causes_mapping(struct causes *causes, const struct world_mapping *mapping)
{
	return past_add(causes->past, mapping);
}

const struct cause *causes_of_step(const struct causes *causes, const struct step *step, uint64_t *ret_like)
{
	*ret_like = causes->like;
	return causes->step == step ? causes->cause : NULL;
}

const struct cause *causes_of_connection(const struct causes *causes, uint32_t flow, uint32_t index)
{
	const struct kept *kept = find(causes, flow, index);
	return kept ? kept->cause : NULL;
}

const struct cause *causes_of_exhaustion(const struct causes *causes, uint32_t node)
{
	return causes->exhausted && node < causes->model->elements->n ? causes->exhausted[node] : NULL;
}
