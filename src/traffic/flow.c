/* DOC: flows start connections: caller, callee and time. What is said afterwards is conversation.c's (TCP), relay.c's (a
 * front end) or datagram.c's. */
#include "base/fetch.h"
#include "traffic/traffic.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Connections come to life in chunks, so that a flow with a million of them costs memory as it goes. */
static int reach_connection(struct world *world, uint32_t connection)
{
	struct connection **chunk = &world->connection_chunks[connection >> CONNECTION_CHUNK_SHIFT];
	if (*chunk)
		return 0;
	*chunk = slab_take(&world->connection_slab, sizeof **chunk << CONNECTION_CHUNK_SHIFT);
	return *chunk ? 0 : -ENOMEM;
}

/* Where starts are drawn one after the other they are kept: nothing else shows when a connection started. */
static int note_start(struct world *world, struct flow_state *flow, uint32_t index)
{
	int64_t **chunk = &flow->starts_ns[index >> CONNECTION_CHUNK_SHIFT];
	if (!*chunk)
		*chunk = slab_take(&world->connection_slab, sizeof **chunk << CONNECTION_CHUNK_SHIFT);
	if (!*chunk)
		return -ENOMEM;
	(*chunk)[index & ((1u << CONNECTION_CHUNK_SHIFT) - 1)] = world->now.ns;
	return 0;
}

/* ---- making ---- */

static const char *name_of_host(struct world *world, const struct host_config *host)
{
	if (host->dns)
		return host->dns;
	if (host->kind != HOST_VM)
		return host->name;
	return arena_printf(world->arena, "%s.%s.internal.cloudapp.net", host->name,
			    world->model->vnets[world->model->subnets[host->subnet].vnet].name);
}

/* The name that a caller looks up and names in Host and SNI; NULL for an address. */
static const char *server_name(struct world *world, const struct endpoint *to)
{
	switch (to->kind) {
	case ENDPOINT_APP:
		return world->model->apps[to->index].dns;
	case ENDPOINT_HOST:
		return name_of_host(world, &world->model->hosts[to->index]);
	case ENDPOINT_WEB_APP:
		return world->model->web_apps[to->index].dns;
	case ENDPOINT_ASE:
	case ENDPOINT_FRONTEND:
	case ENDPOINT_WORKER:
	case ENDPOINT_ADDRESS:
		break;
	}
	return NULL;
}

static int build_dialogue(struct world *world, struct flow_state *flow, const struct flow_config *config)
{
	char addr[ADDR_TEXT_BYTES];
	struct machine nowhere = {.vnet = NONE, .site = NONE};
	(void)addr_print(resolve_endpoint(world, &config->to, &nowhere), addr);
	struct dialogue_config dialogue = {
		.flow = config->name,
		.server_name = flow->dns_name ? flow->dns_name : addr,
		.port = config->port,
		.send_bytes = config->send_bytes,
		.reply_bytes = config->reply_bytes,
		.rounds = config->rounds,
		.seed = random_join(world->seed, flow->identity),
	};
	flow->dialogue = dialogue_new(world->arena, &dialogue);
	return flow->dialogue ? 0 : -ENOMEM;
}

#define DNS_PORT 53
#define DOCUMENTATION_ADDR UINT32_C(0xc0000201) /* 192.0.2.1 (RFC 5737): the address of names that no element has */

/* What goes to port 53 asks for a name that says whose it is. */
static int build_dns_messages(struct world *world, struct flow_state *flow, const struct flow_config *config)
{
	const char *name = arena_printf(world->arena, "%s.example", config->name);
	be32 addr = be32_from(DOCUMENTATION_ADDR);
	uint16_t id = (uint16_t)flow->identity;
	if (!name)
		return -ENOMEM;
	flow->request = dns_padded_query(world->arena, id, name, config->send_bytes);
	flow->reply = dns_padded_answer(world->arena, id, name, &addr, config->reply_bytes);
	return flow->request && flow->reply ? 0 : -ENOMEM;
}

static int build_messages(struct world *world, struct flow_state *flow, const struct flow_config *config)
{
	if (config->proto == PROTO_UDP && config->port == DNS_PORT && !config->is_held_push)
		return build_dns_messages(world, flow, config);
	flow->request =
		text_payload(world->arena, config->name, config->is_held_push ? "late" : "request", config->send_bytes);
	flow->reply = text_payload(world->arena, config->name, "reply", config->reply_bytes);
	return flow->request && flow->reply ? 0 : -ENOMEM;
}

int flow_build(struct world *world)
{
	const struct model *model = world->model;
	world->flows = arena_array(world->arena, model->n_flows, sizeof *world->flows);
	if (!world->flows)
		return -ENOMEM;
	uint64_t n = 0;
	for (uint32_t i = 0; i < model->n_flows; i++) {
		const struct flow_config *config = &model->flows[i];
		struct flow_state *flow = &world->flows[i];
		flow->first_connection = (uint32_t)n;
		flow->identity = random_name(config->name);
		world->sends_differ = world->sends_differ || config->has_df;
		if (config->arrivals == ARRIVALS_POISSON) {
			flow->starts_ns = arena_array(world->arena, (config->count >> CONNECTION_CHUNK_SHIFT) + 1,
						      sizeof *flow->starts_ns);
			if (!flow->starts_ns)
				return -ENOMEM;
		}
		flow->dns_name = config->is_held_push ? NULL : server_name(world, &config->to);
		n += config->is_held_push ? 1 : config->count;
		if (n > UINT32_MAX - 1)
			return -ENOMEM;
		int r = config->n_packets > 0                                 ? crafted_build(world, flow, config)
			: ftp_is_spoken(config)                               ? ftp_build(world, flow, config)
			: config->proto == PROTO_TCP && !config->is_held_push ? build_dialogue(world, flow, config)
									      : build_messages(world, flow, config);
		r = r < 0 ? r : keepalive_build(world, flow, config);
		if (r < 0)
			return r;
	}
	world->n_connections = (uint32_t)n;
	world->connection_chunks = calloc((size_t)(n >> CONNECTION_CHUNK_SHIFT) + 1, sizeof *world->connection_chunks);
	call_timeout_init(world);
	keepalive_plan(world);
	return world->connection_chunks ? 0 : -ENOMEM;
}

/* ---- starting ---- */

static bool runs_app(const struct world *world, uint32_t app, uint32_t worker)
{
	if (world->app_on_all[app])
		return true;
	for (size_t i = 0; i < world->app_n_on[app]; i++)
		if (world->app_on[app][i] == worker)
			return true;
	return false;
}

uint32_t app_worker(const struct world *world, uint32_t app, uint32_t turn)
{
	uint32_t ase = world->model->apps[app].ase, first = machine_number(world, element_worker(world->model, ase, 0)),
		 n = 0;
	if (world->app_on_all[app] && world->n_stopped == 0 && world->workers[ase] > 0)
		return first + turn % world->workers[ase];
	for (uint32_t i = 0; i < world->workers[ase]; i++)
		n += runs_app(world, app, i) && world->machines[first + i].up;
	if (n == 0)
		return NONE;
	turn %= n;
	/* "Its workers take turns, in order": in the order of `on`, or of their numbers. */
	uint32_t n_on = world->app_on_all[app] ? world->workers[ase] : (uint32_t)world->app_n_on[app];
	for (uint32_t i = 0; i < n_on; i++) {
		uint32_t worker = world->app_on_all[app] ? i : world->app_on[app][i];
		if (worker < world->workers[ase] && world->machines[first + worker].up && turn-- == 0)
			return first + worker;
	}
	return NONE;
}

/* Of the instances of a web app that are there, in turn; or the one that the file names. */
static uint32_t calling_instance(const struct world *world, const struct endpoint *from, uint32_t turn)
{
	uint32_t n_instances = world->model->web_apps[from->index].instances, n = 0;
	uint32_t first = world->nodes[web_app_instance(world->model, from->index, 0)].index;
	if (from->worker != NONE)
		return first + from->worker;
	for (uint32_t i = 0; i < n_instances; i++)
		n += world->machines[first + i].up;
	for (uint32_t i = 0, left = n > 0 ? turn % n : 0; n > 0 && i < n_instances; i++)
		if (world->machines[first + i].up && left-- == 0)
			return first + i;
	return NONE;
}

static uint32_t calling_machine(const struct world *world, const struct endpoint *from, uint32_t turn)
{
	uint32_t machine = NONE;
	switch (from->kind) {
	case ENDPOINT_APP:
		return app_worker(world, from->index, turn);
	case ENDPOINT_WORKER:
		machine = machine_number(world, element_worker(world->model, from->index, from->worker));
		break;
	case ENDPOINT_HOST:
		machine = machine_number(world, world->model->elements->host[from->index]);
		break;
	case ENDPOINT_WEB_APP:
		machine = calling_instance(world, from, turn);
		break;
	case ENDPOINT_ASE:
	case ENDPOINT_FRONTEND:
	case ENDPOINT_ADDRESS:
		return NONE;
	}
	return machine != NONE && world->machines[machine].exists && world->machines[machine].up ? machine : NONE;
}

static void start_connection(struct world *world, uint32_t flow_index, uint32_t index)
{
	const struct flow_config *config = &world->model->flows[flow_index];
	uint32_t id = world->flows[flow_index].first_connection + index;
	struct connection *connection = connection_at(world, id);
	connection->caller = calling_machine(world, &config->from, index);
	if (connection->caller == NONE)
		return; /* there is no host to call; the flow never started, and expectations say so */
	connection->to_port = config->port;
	connection->to_addr = resolve_endpoint(world, &config->to, &world->machines[connection->caller]);
	if (world->flows[flow_index].crafted)
		crafted_start(world, id);
	else if (config->dns && world->flows[flow_index].dns_name)
		dns_start(world, id);
	else
		connection_call(world, id);
}

/* A call touches more that is in no cache than any packet: its slots in the tables of connections and mappings. Where
 * the next one goes is known when the one before it is made, for ports count up. */
void flow_fetch_start(const struct world *world)
{
	const struct event *event = queue_ahead_in_heap(&world->queue);
	if (!event || event->kind != WHAT_FLOW_START)
		return;
	uint32_t flow_index = event->a;
	const struct flow_config *config = &world->model->flows[flow_index];
	uint32_t index = world->flows[flow_index].next_start, id = world->flows[flow_index].first_connection + index;
	if (config->has_no_dialogue || config->proto != PROTO_TCP)
		return;
	if (world->connection_chunks[id >> CONNECTION_CHUNK_SHIFT])
		fetch_line(connection_at(world, id));
	uint32_t caller = calling_machine(world, &config->from, index);
	if (caller != NONE)
		machine_fetch_call(world, caller, resolve_endpoint(world, &config->to, &world->machines[caller]),
				   config->port);
}

int flow_start(struct world *world, uint32_t flow_index)
{
	const struct flow_config *config = &world->model->flows[flow_index];
	struct flow_state *flow = &world->flows[flow_index];
	uint32_t index = flow->next_start++;
	int r = reach_connection(world, flow->first_connection + index);
	if (r < 0)
		return r;
	if (flow->starts_ns) {
		r = note_start(world, flow, index);
		if (r < 0)
			return r;
	}
	*connection_at(world, flow->first_connection + index) =
		(struct connection){.flow = flow_index, .caller = NONE, .loss = NONE};
	if (config->is_held_push)
		held_push_start(world, flow_index);
	else
		start_connection(world, flow_index, index);
	if (config->is_held_push || flow->next_start >= config->count)
		return 0;
	int64_t gap_ns = arrivals_gap_ns(config, world->seed, index);
	struct event event = {.at = instant_add(world->now, gap_ns),
			      .key = event_key(UINT32_MAX, flow_index),
			      .kind = WHAT_FLOW_START,
			      .a = flow_index};
	return queue_push(&world->queue, event);
}

void connection_call(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	connection->phase = PHASE_RUNNING;
	if (flow_of(world, connection)->proto != PROTO_TCP) {
		datagram_start(world, id);
		return;
	}
	if (world->flows[connection->flow].ftp && !ftp_start(world, id))
		return;
	if (machine_call(world, connection->caller, id, ROLE_CALLER, connection->to_addr, connection->to_port,
			 TCP_MAX_RETRANSMISSIONS))
		call_timeout_begin(world, connection->flow);
	else
		connection_over(world, id, OUTCOME_TIMED_OUT);
}

void connection_over(struct world *world, uint32_t id, enum outcome outcome)
{
	struct connection *connection = connection_at(world, id);
	if (connection->phase == PHASE_OVER)
		return;
	connection->phase = PHASE_OVER;
	connection->outcome = (uint8_t)outcome;
	connection->ended = world->now;
}
