/* Prints for docs/architecture.md what the driver's loop asks about a packet: the way of an outbound SYN, of its answer,
 * and of an inbound call. `./dev docs` writes it there; tests/docs/docs.sh compares. */
#include "base/arena.h"
#include "network/drive.h"
#include "scenario/load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scenario[] =
	"scenario: 1\n"
	"name: walk\n"
	"network:\n"
	"  vnets: {corp: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard}}}}\n"
	"  nsgs: {guard: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, "
	"dst_ports: 80}]}}\n"
	"  ases: {ase-one: {subnet: corp/ase, vip: 192.23.1.2, workers: 1, front_ends: 1, apps: {web: {}}}}\n"
	"  hosts:\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}\n"
	"    visitor: {internet: true, ip: 203.0.113.20}\n";

static const char *answer_of(const struct world *world, const struct decision *decision, char *text, size_t size)
{
	char addr[ADDR_TEXT_BYTES];
	switch (decision->verb) {
	case VERB_PASS:
		return "does not apply";
	case VERB_PASSED:
		return "passes";
	case VERB_STACK:
		return "the stack takes it";
	case VERB_TAKEN:
		return "it is held";
	case VERB_DROP:
		(void)snprintf(text, size, "drop: %s", reason_name(decision->verdict.reason));
		return text;
	case VERB_CARRY:
		(void)snprintf(text, size, "carry to %s over %s", world->nodes[decision->carriage.to].name,
			       link_class_name(decision->carriage.class));
		return text;
	case VERB_GO:
	case VERB_GO_ALL:
		break;
	}
	int n = 0;
	if (decision->change.kind != CHANGE_NONE)
		n = snprintf(text, size, "%s becomes %s:%u by %s; ",
			     decision->change.kind == CHANGE_SRC ? "source" : "destination",
			     addr_print(decision->change.addr, addr), be16_to(decision->change.port),
			     decision->change.rule);
	(void)snprintf(text + n, size - (size_t)n, "go to %s of %s", passage_name(decision->next.passage),
		       world->nodes[decision->next.at].name);
	return text;
}

static void print(void *context, const struct ask *ask, const struct stage *stage, const struct decision *decision)
{
	char text[256], where[96];
	(void)context;
	(void)snprintf(where, sizeof where, "%s, %s", ask->world->nodes[ask->leg.at].name,
		       passage_name(ask->leg.passage));
	printf("%-44s %-38s %s\n", where, stage->title, answer_of(ask->world, decision, text, sizeof text));
}

static struct leg start_of(const struct world *world, uint32_t machine)
{
	struct packet none = {0};
	return drive_start(world, &world->machines[machine], &none);
}

static void walk(const struct world *world, const char *title, uint32_t machine, const struct tuple *tuple,
		 bool is_answer, struct trial *trial, struct world_fate *ret)
{
	printf("%s\n", title);
	fate_walk(world, start_of(world, machine), tuple, is_answer, trial, print, NULL, ret);
}

int main(void)
{
	struct arena *arena = arena_new();
	struct diag_list diags;
	struct model *model;
	struct world *world;
	struct world_fate fate;
	struct trial trial = {.n_mappings = 0};
	diag_init(&diags, arena);
	if (scenario_load_text(arena, "walk.yaml", scenario, strlen(scenario), NULL, 0, &diags, &model) < 0 || !model ||
	    world_new(model, 1, &world) < 0)
		return EXIT_FAILURE;
	const uint32_t *hosts = model->elements->host;
	uint32_t worker = machine_number(world, element_worker(model, 0, 0)), api = machine_number(world, hosts[0]),
		 visitor = machine_number(world, hosts[1]);
	struct tuple call = {world->machines[worker].addr, world->machines[api].addr, be16_from(49152), be16_from(443),
			     PROTO_TCP};
	printf("```\n");
	walk(world, "a worker calls api: the SYN", worker, &call, false, &trial, &fate);
	struct tuple answer = tuple_reverse(fate.tuple);
	walk(world, "\napi answers: SYN and ACK", api, &answer, true, &trial, &fate);
	struct tuple visit = {world->machines[visitor].addr, be32_from(0xc0170102), be16_from(49152), be16_from(80),
			      PROTO_TCP};
	walk(world, "\na visitor calls the app by HTTP: the SYN", visitor, &visit, false, &trial, &fate);
	answer = tuple_reverse(fate.tuple);
	walk(world, "\nthe front end answers: SYN and ACK", machine_number(world, element_front_end(model, 0, 0)),
	     &answer, true, &trial, &fate);
	printf("```\n");
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
	return EXIT_SUCCESS;
}
