/* What explanations and pictures tell: for generated networks, a call that the scenario does not make (`explain --from
 * --to`) and the first connections of its flows end, in what `explain` says and in the way that `draw --flow` shows, where
 * and as the driver said beforehand (world_fate(), which health and `addresses` ask): the place, the addresses there,
 * and of a loss its reason, who decided and by which rule.
 *
 * DOC: as in check_one_answer.c a packet is asked about when it is sent; where another packet took a step before it
 * ended, or an event of the timeline happened, the pair is set aside. PKTPATH_PROPERTY_COUNT chooses how many seeds. */
#include "base/arena.h"
#include "maker.h"
#include "network/drive.h"
#include "suite.h"
#include "view/drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_SEEDS 2000u
#define N_TESTS 10u
#define MOST_QUESTIONS 256u

struct question {
	uint32_t flow;
	uint64_t packet, n_steps, n_own_steps; /* n_steps: of all packets, when it was asked */
	struct instant at;
	bool ended, aside;
	struct world_fate fate;
};

struct watch {
	struct pp_run *run;
	struct question questions[MOST_QUESTIONS];
	uint32_t n;
	uint64_t n_steps;
	uint64_t n_explained, n_drawn, n_lost, n_added; /* that were compared */
	uint64_t n_failed;                              /* calls */
	bool plants;                                    /* a difference: the target is stopped after the question */
	char complaint[1024];
};

/* ---- questions ---- */

static bool opens(const struct world *world, const struct step *step)
{
	const struct packet *packet = step->packet;
	const struct node *node = &world->nodes[step->node];
	if (packet_is_fragment(packet) || packet_frame_bytes(packet) > 1300 || !element_is_end_point(node->kind) ||
	    node->kind == ELEMENT_AZURE_DNS || node->kind == ELEMENT_PUBLIC_DNS || world->flows[step->flow].crafted)
		return false;
	uint8_t proto = packet_ip_const(packet)->proto;
	if (proto == PROTO_TCP)
		return (((const struct tcp_header *)packet_l4_const(packet))->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (proto == PROTO_ICMP)
		return ((const struct icmp_header *)packet_l4_const(packet))->type == ICMP_ECHO;
	return (packet->flags & PACKET_FROM_CALLER) != 0;
}

/* An FTP server listens for data for its session alone, which a tuple does not name. */
static bool is_ftp(const struct world *world, const struct step *step)
{
	return (connection_at(world, step->packet->connection)->flags & CONNECTION_FTP) != 0;
}

static void ask(struct watch *watch, const struct step *step)
{
	struct world *world = watch->run->world;
	if (watch->n == MOST_QUESTIONS || step->index_in_flow != 0 || !opens(world, step) || is_ftp(world, step))
		return;
	struct question *question = &watch->questions[watch->n++];
	*question = (struct question){
		.flow = step->flow, .packet = step->packet->id, .n_steps = watch->n_steps, .at = step->at};
	world_fate(world, step->node, &step->after, false, &question->fate);
	const struct node *node = &world->nodes[question->fate.node];
	if (watch->plants && question->fate.verdict.reason == REASON_NONE && element_is_end_point(node->kind))
		world->machines[node->index].up = false;
}

static bool has_event_between(const struct model *model, struct instant from, struct instant to)
{
	for (size_t i = 0; i < model->n_events; i++)
		if (model->events[i].at_ns >= from.ns && model->events[i].at_ns <= to.ns)
			return true;
	return false;
}

static int observe(void *context, const struct step *step)
{
	struct watch *watch = context;
	watch->n_steps++;
	if (step->kind == STEP_ORIGINATE) {
		ask(watch, step);
		return 0;
	}
	for (uint32_t i = 0; i < watch->n; i++) {
		struct question *question = &watch->questions[i];
		if (question->flow != step->flow || question->packet != step->packet->id || question->ended)
			continue;
		question->n_own_steps++;
		question->ended = step->kind == STEP_DROP || step->kind == STEP_DELIVER;
		question->aside = question->ended && (question->n_steps + question->n_own_steps != watch->n_steps ||
						      step->verdict.reason == REASON_LINK_LOSS ||
						      step->verdict.reason == REASON_QUEUE_FULL ||
						      has_event_between(watch->run->model, question->at, step->at));
	}
	return 0;
}

/* ---- answers ---- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void complain(struct watch *watch, const struct question *question, const char *who, const char *place,
		     const char *addresses, const char *reason, const char *by, const char *rule)
{
	const struct world_fate *fate = &question->fate;
	char text[TUPLE_TEXT_BYTES];
	tuple_print(&fate->tuple, text);
	if (watch->complaint[0] == '\0')
		(void)snprintf(watch->complaint, sizeof watch->complaint,
			       "packet %llu of %s: beforehand %s %s by %s rule %s %s; %s says %s %s by %s rule %s %s",
			       (unsigned long long)question->packet, watch->run->model->flows[question->flow].name,
			       reason_name(fate->verdict.reason), world_node_name(watch->run->world, fate->node),
			       fate->verdict.by ? fate->verdict.by : "-", fate->verdict.rule ? fate->verdict.rule : "-",
			       text, who, reason, place, by ? by : "-", rule ? rule : "-", addresses);
}

static bool same_address(pp_addr told, be32 addr)
{
	char a[PP_ADDR_TEXT_BYTES], b[ADDR_TEXT_BYTES];
	return strcmp(pp_addr_print(told, a), addr_print(addr, b)) == 0;
}

static bool same_tuple(const pp_tuple *told, const struct tuple *tuple)
{
	return same_address(told->src, tuple->src) && same_address(told->dst, tuple->dst) &&
	       told->src_port == be16_to(tuple->src_port) && told->dst_port == be16_to(tuple->dst_port);
}

static void compare_explained(struct watch *watch, const pp_explanation *explanation, size_t call,
			      const struct question *question)
{
	const struct world_fate *fate = &question->fate;
	pp_explained_call told;
	pp_explained_packet packet;
	pp_explained_step last;
	char addresses[2 * PP_ADDR_TEXT_BYTES + 16], src[PP_ADDR_TEXT_BYTES], dst[PP_ADDR_TEXT_BYTES];
	pp_explanation_call(explanation, call, &told);
	for (size_t i = 0; i < told.n_packets; i++) {
		pp_explanation_packet(explanation, call, i, &packet);
		if (packet.number != question->packet || packet.n_steps == 0)
			continue;
		pp_explanation_step(explanation, call, i, packet.n_steps - 1, &last);
		bool lost = fate->verdict.reason != REASON_NONE;
		(void)snprintf(addresses, sizeof addresses, "%s:%u > %s:%u", pp_addr_print(last.after.src, src),
			       last.after.src_port, pp_addr_print(last.after.dst, dst), last.after.dst_port);
		watch->n_explained++;
		watch->n_lost += lost;
		watch->n_added += !told.file;
		if (!same_text(last.place, world_node_name(watch->run->world, fate->node)) ||
		    !same_tuple(&last.after, &fate->tuple) ||
		    !same_text(last.reason, lost ? reason_name(fate->verdict.reason) : "") ||
		    (lost && (!same_text(last.by, fate->verdict.by) || !same_text(last.rule, fate->verdict.rule))))
			complain(watch, question, "explain", last.place, addresses, last.reason, last.by, last.rule);
		if (told.lost_packet == question->packet &&
		    (!same_text(told.reason, last.reason) || !same_text(told.lost_at, last.place)))
			complain(watch, question, "the head of explain", told.lost_at, addresses, told.reason, told.by,
				 told.rule);
	}
}

/* The legs of a picture say "SYN, packet 1" and, where it ends there, ", lost". */
static void compare_drawn(struct watch *watch, const struct topology *topology, const struct question *question)
{
	const struct world_fate *fate = &question->fate;
	struct arena *arena = arena_new();
	const char *number = arena_printf(arena, ", packet %llu", (unsigned long long)question->packet);
	const char *addresses = call_addresses(arena, &fate->tuple);
	ck_assert(number && addresses);
	for (size_t i = 0; i < topology->n_legs; i++) {
		const struct topology_leg *leg = &topology->legs[i];
		const char *at = strstr(leg->what, number), *rest = at ? at + strlen(number) : "-";
		if ((*rest != '\0' && *rest != ',') || leg->n == 0)
			continue;
		const struct topology_stop *last = &leg->stops[leg->n - 1];
		bool lost = fate->verdict.reason != REASON_NONE;
		watch->n_drawn++;
		if (leg->lost != lost || (*rest == ',') != lost ||
		    !same_text(last->place, world_node_name(watch->run->world, fate->node)) ||
		    !same_text(last->text, addresses))
			complain(watch, question, "the picture", last->place, last->text,
				 leg->lost ? "lost" : "not lost", NULL, NULL);
	}
	arena_free(arena);
}

/* ---- a network ---- */

/* As `--from` takes it; NULL where the end is none that it can name. */
static const char *name_of_caller(struct arena *arena, const struct model *model, const struct endpoint *end)
{
	if (end->kind == ENDPOINT_HOST)
		return model->hosts[end->index].name;
	if (end->kind == ENDPOINT_APP)
		return arena_printf(arena, "%s/%s", model->ases[model->apps[end->index].ase].name,
				    model->apps[end->index].name);
	return NULL;
}

/* A call from where one flow comes to where another goes, at a time of its own. */
static void add_call(pp_scenario *scenario, struct arena *arena, uint64_t seed)
{
	const struct model *model = scenario->model;
	const char *name;
	if (model->n_flows == 0)
		return;
	const struct flow_config *from = &model->flows[seed % model->n_flows],
				 *to = &model->flows[(seed / 7) % model->n_flows];
	const char *caller = name_of_caller(arena, model, &from->from);
	if (caller && to->to_text && !to->is_held_push)
		(void)pp_scenario_add_call(scenario, caller, to->to_text, from->at_ns + (int64_t)(seed % 977) * 1000003,
					   &name);
}

static void compare_all(struct watch *watch, struct arena *arena, const pp_explanation *explanation,
			const struct kept_packets *kept)
{
	const struct pp_run *run = watch->run;
	for (uint32_t flow = 0; flow < run->model->n_flows; flow++) {
		const struct recorded_call *call = kept_packets_of(kept, flow, 0);
		struct topology topology = {.title = ""};
		struct network network;
		bool *wanted = arena_array(arena, world_n_nodes(run->world), sizeof *wanted);
		call_nodes(call, wanted);
		ck_assert_int_eq(network_draw(&network, arena, run, wanted, NULL), 0);
		ck_assert_int_eq(call_legs(arena, run, &network, call, &topology), 0);
		for (uint32_t i = 0; i < watch->n; i++) {
			const struct question *question = &watch->questions[i];
			if (question->flow != flow || !question->ended || question->aside)
				continue;
			compare_drawn(watch, &topology, question);
			for (size_t k = 0; k < pp_explanation_n_calls(explanation); k++) {
				pp_explained_call told;
				pp_explanation_call(explanation, k, &told);
				if (same_text(told.name, run->model->flows[flow].name))
					compare_explained(watch, explanation, k, question);
			}
		}
	}
}

/* A call that failed has a cause, be a packet lost or not. */
static void look_for_causes(struct watch *watch)
{
	const struct pp_run *run = watch->run;
	for (uint32_t flow = 0; flow < run->model->n_flows; flow++)
		for (uint32_t i = 0; i < run->model->flows[flow].count; i++) {
			struct world_connection c;
			world_connection(run->world, flow, i, &c);
			bool failed = c.started && c.outcome != OUTCOME_NONE && c.outcome != OUTCOME_DELIVERED &&
				      c.outcome != OUTCOME_FORWARDED;
			watch->n_failed += failed;
			if (failed && !facade_cause_of(run, flow, i))
				(void)snprintf(watch->complaint, sizeof watch->complaint, "%s[%u] %s without a cause",
					       run->model->flows[flow].name, i, outcome_name(c.outcome));
		}
}

static void watch_seed(uint64_t seed, struct watch *watch)
{
	const struct maker_wish wish = {.seed = seed};
	struct arena *arena = arena_new();
	const char *text = scenario_make(arena, &wish);
	pp_scenario *scenario;
	pp_explanation *explanation;
	struct kept_packets *kept;
	int r;
	ck_assert_int_eq(pp_scenario_load_text("made-by-chance.yaml", text, strlen(text), NULL, 0, &scenario), 0);
	add_call(scenario, arena, seed);
	ck_assert_int_eq(pp_run_new(scenario, NULL, &watch->run), 0);
	ck_assert_int_eq(pp_explain_new(watch->run, &(pp_explain_options){.flow = NULL}, &explanation), 0);
	ck_assert_int_eq(kept_packets_new(watch->run, &kept), 0);
	for (uint32_t flow = 0; flow < watch->run->model->n_flows; flow++)
		ck_assert_int_eq(kept_packets_add(kept, flow, 0), 0);
	uint32_t all = (1u << STEP_ORIGINATE) | (1u << STEP_TRANSLATE) | (1u << STEP_FORWARD) | (1u << STEP_DROP) |
		       (1u << STEP_DELIVER);
	ck_assert_int_eq(trail_observe(world_trail(watch->run->world),
				       (struct trail_observer){.wants = all, .step = observe, .context = watch}),
			 0);
	watch->n = 0;
	while ((r = pp_run_step(watch->run, 100000)) == 0)
		continue;
	ck_assert_int_eq(r, 1);
	ck_assert_int_eq(pp_explain_finish(explanation), 0);
	ck_assert_int_eq(pp_run_finish(watch->run), 0);
	look_for_causes(watch);
	compare_all(watch, arena, explanation, kept);
	if (watch->complaint[0] != '\0' && !watch->plants)
		fprintf(stderr, "seed %llu: %s\n%s", (unsigned long long)seed, watch->complaint, text);
	kept_packets_free(kept);
	pp_explanation_free(explanation);
	pp_run_free(watch->run);
	pp_scenario_free(scenario);
	arena_free(arena);
}

static uint64_t n_seeds(void)
{
	const char *wanted = getenv("PKTPATH_PROPERTY_COUNT");
	return wanted ? strtoull(wanted, NULL, 10) : N_SEEDS;
}

START_TEST(what_is_told_is_what_was_said_beforehand)
{
	struct watch watch = {0};
	uint64_t n = n_seeds() / N_TESTS;
	for (uint64_t i = 0; i < n && watch.complaint[0] == '\0'; i++)
		watch_seed(1 + (uint64_t)_i * n + i, &watch);
	ck_assert_str_eq(watch.complaint, "");
	ck_assert_uint_gt(watch.n_explained, n);
	ck_assert_uint_gt(watch.n_drawn, n);
	ck_assert_uint_gt(watch.n_lost, n / 10);
	ck_assert_uint_gt(watch.n_added, n / 10);
	ck_assert_uint_gt(watch.n_failed, n / 10);
}
END_TEST

START_TEST(a_planted_difference_is_found)
{
	struct watch watch = {.plants = true};
	for (uint64_t seed = 1; seed <= 20 && watch.complaint[0] == '\0'; seed++)
		watch_seed(seed, &watch);
	ck_assert_str_ne(watch.complaint, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("property/told");
	TCase *tc = tcase_create("told");
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, what_is_told_is_what_was_said_beforehand, 0, N_TESTS);
	tcase_add_test(tc, a_planted_difference_is_found);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
