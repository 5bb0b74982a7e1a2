/* One answer: for every packet that opens something, what the driver says beforehand (world_fate(), which health and
 * `addresses` ask) is what happens to the packet: taken by which machine, with which addresses, or lost where, for which
 * reason, by which element and rule.
 *
 * DOC: an observer asks at the step in which a packet is sent, before the packet moves, and compares at the step in
 * which it ends. Time passes on links: where something else happened to the network in between (a step of another
 * packet, an event of the timeline), the answer was about another state, and the pair is set aside. A loss by chance is
 * no part of an answer. Enough pairs must remain. */
#include "base/arena.h"
#include "maker.h"
#include "network/drive.h"
#include "scenario/load.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_SEEDS 2000u
#define SEEDS_A_TEST 200u

struct question { /* about a packet on its way */
	uint64_t packet;
	uint32_t flow;
	uint64_t n_steps;     /* of all packets, when it was asked */
	uint64_t n_own_steps; /* since */
	struct instant at;
	struct world_fate fate;
};

#define MOST_QUESTIONS 64u
struct watch {
	struct world *world;
	struct question questions[MOST_QUESTIONS];
	uint32_t n;
	uint64_t n_steps; /* of all packets; an event of the timeline counts as one */
	uint64_t n_compared, n_aside, n_lost, n_rewritten;
	bool plants; /* a difference: the target is stopped after the question */
	char complaint[512];
};

static bool opens(const struct packet *packet)
{
	const struct tuple tuple = packet_tuple(packet);
	if (packet_is_fragment(packet) || packet_frame_bytes(packet) > 1300)
		return false;
	if (tuple.proto == PROTO_TCP)
		return (((const struct tcp_header *)packet_l4_const(packet))->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (tuple.proto == PROTO_ICMP)
		return ((const struct icmp_header *)packet_l4_const(packet))->type == ICMP_ECHO;
	return (packet->flags & PACKET_FROM_CALLER) != 0;
}

static void plant(struct watch *watch, const struct world_fate *fate)
{
	const struct node *node = &watch->world->nodes[fate->node];
	if (fate->verdict.reason == REASON_NONE && element_is_end_point(node->kind))
		watch->world->machines[node->index].up = false;
}

/* An FTP server listens for data for its session alone, which a tuple does not name. */
static bool is_ftp_data(const struct watch *watch, const struct step *step)
{
	const struct connection *connection = connection_at(watch->world, step->packet->connection);
	return (connection->flags & CONNECTION_FTP) != 0 && be16_to(step->after.dst_port) != connection->to_port;
}

static void ask(struct watch *watch, const struct step *step)
{
	const struct node *node = &watch->world->nodes[step->node];
	if (watch->n == MOST_QUESTIONS || !element_is_end_point(node->kind) || !opens(step->packet) ||
	    is_ftp_data(watch, step) || watch->world->flows[step->flow].crafted ||
	    watch->world->machines[node->index].kind == ELEMENT_AZURE_DNS ||
	    watch->world->machines[node->index].kind == ELEMENT_PUBLIC_DNS)
		return;
	struct question *question = &watch->questions[watch->n++];
	*question = (struct question){
		.packet = step->packet->id, .flow = step->flow, .n_steps = watch->n_steps, .at = step->at};
	world_fate(watch->world, step->node, &step->after, false, &question->fate);
	if (watch->plants)
		plant(watch, &question->fate);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_by_chance(enum reason reason)
{
	return reason == REASON_LINK_LOSS || reason == REASON_QUEUE_FULL;
}

static void complain(struct watch *watch, const struct question *question, const struct step *step)
{
	const struct world *world = watch->world;
	char said[TUPLE_TEXT_BYTES], came[TUPLE_TEXT_BYTES];
	tuple_print(&question->fate.tuple, said);
	tuple_print(&step->after, came);
	(void)snprintf(
		watch->complaint, sizeof watch->complaint,
		"packet %llu of flow %u at %lld ns: beforehand %s %s by %s rule %s %s; then %s %s by %s rule %s %s",
		(unsigned long long)question->packet, question->flow, (long long)question->at.ns,
		reason_name(question->fate.verdict.reason), world->nodes[question->fate.node].name,
		question->fate.verdict.by ? question->fate.verdict.by : "-",
		question->fate.verdict.rule ? question->fate.verdict.rule : "-", said,
		reason_name(step->verdict.reason), world->nodes[step->node].name, step->verdict.by,
		step->verdict.rule ? step->verdict.rule : "-", came);
}

static void compare(struct watch *watch, const struct question *question, const struct step *step)
{
	const struct world_fate *fate = &question->fate;
	if (question->n_steps + question->n_own_steps != watch->n_steps || is_by_chance(step->verdict.reason)) {
		watch->n_aside++;
		return;
	}
	watch->n_compared++;
	watch->n_lost += fate->verdict.reason != REASON_NONE;
	watch->n_rewritten += fate->seen_by != NONE;
	bool lost = step->kind == STEP_DROP;
	bool same = fate->node == step->node && tuple_equal(&fate->tuple, &step->after) &&
		    fate->verdict.reason == (lost ? step->verdict.reason : REASON_NONE) &&
		    (!lost || (same_text(fate->verdict.by, step->verdict.by) &&
			       same_text(fate->verdict.rule, step->verdict.rule)));
	if (!same && watch->complaint[0] == '\0')
		complain(watch, question, step);
}

static int observe(void *context, const struct step *step)
{
	struct watch *watch = context;
	watch->n_steps++;
	if (step->kind == STEP_ORIGINATE) {
		ask(watch, step);
		return 0;
	}
	bool ends = step->kind == STEP_DROP || step->kind == STEP_DELIVER;
	for (uint32_t i = 0; i < watch->n; i++) {
		struct question *question = &watch->questions[i];
		if (question->flow != step->flow || question->packet != step->packet->id)
			continue;
		question->n_own_steps++;
		if (ends) {
			compare(watch, question, step);
			*question = watch->questions[--watch->n];
		}
		return 0;
	}
	return 0;
}

/* ---- worlds ---- */

struct run {
	struct arena *arena;
	struct diag_list diags;
	struct model *model;
	const char *text;
};

static void load(struct run *run, uint64_t seed)
{
	const struct maker_wish wish = {.seed = seed};
	*run = (struct run){.arena = arena_new()};
	run->text = scenario_make(run->arena, &wish);
	diag_init(&run->diags, run->arena);
	ck_assert_int_eq(scenario_load_text(run->arena, "made-by-chance.yaml", run->text, strlen(run->text), NULL, 0,
					    &run->diags, &run->model),
			 0);
	for (size_t i = 0; i < run->diags.n && !run->model; i++)
		fprintf(stderr, "seed %llu: %u: %s\n", (unsigned long long)seed, run->diags.items[i].place.line,
			run->diags.items[i].message);
	ck_assert_ptr_nonnull(run->model);
}

static void watch_seed(uint64_t seed, struct watch *watch)
{
	struct run run;
	load(&run, seed);
	ck_assert_int_eq(world_new(run.model, run.model->seed, &watch->world), 0);
	watch->n = 0;
	uint32_t all = (1u << STEP_ORIGINATE) | (1u << STEP_TRANSLATE) | (1u << STEP_FORWARD) | (1u << STEP_DROP) |
		       (1u << STEP_DELIVER);
	ck_assert_int_eq(trail_observe(world_trail(watch->world),
				       (struct trail_observer){.wants = all, .step = observe, .context = watch}),
			 0);
	/* An event of the timeline changes the network, too: what is on its way then, or arrives at that instant, is
	 * set aside. */
	size_t next = 0;
	int status = 0;
	while (status == 0) {
		struct instant until = next < run.model->n_events ? (struct instant){run.model->events[next].at_ns - 1}
								  : (struct instant){24 * 3600 * NS_PER_S};
		status = world_run(watch->world, until, UINT64_MAX);
		watch->n_steps++;
		if (next++ >= run.model->n_events)
			break;
	}
	if (watch->complaint[0] != '\0')
		fprintf(stderr, "seed %llu: %s\n%s", (unsigned long long)seed, watch->complaint, run.text);
	world_free(watch->world);
	diag_deinit(&run.diags);
	arena_free(run.arena);
}

START_TEST(what_is_said_beforehand_is_what_happens)
{
	struct watch watch = {0};
	for (uint64_t i = 0; i < SEEDS_A_TEST && watch.complaint[0] == '\0'; i++)
		watch_seed(1 + (uint64_t)_i * SEEDS_A_TEST + i, &watch);
	ck_assert_str_eq(watch.complaint, "");
	ck_assert_uint_gt(watch.n_compared, 1000);
	ck_assert_uint_gt(watch.n_compared, watch.n_aside / 4);
	ck_assert_uint_gt(watch.n_lost, 100);
	ck_assert_uint_gt(watch.n_rewritten, 100);
}
END_TEST

START_TEST(a_planted_difference_is_found)
{
	struct watch watch = {.plants = true};
	watch_seed(1, &watch);
	ck_assert_str_ne(watch.complaint, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("property/one_answer");
	TCase *tc = tcase_create("one_answer");
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, what_is_said_beforehand_is_what_happens, 0, N_SEEDS / SEEDS_A_TEST);
	tcase_add_test(tc, a_planted_difference_is_found);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
