/* DOC: an environment's public VIP, and the addresses that Azure lends. The classic load balancer is no proxy: inbound it keeps the caller's address and rewrites the
 * destination alone, to a front end chosen by a hash of the five-tuple; what a front end answers leaves as the VIP. Outbound calls of workers are source
 * NAT (rule/nat.h) with a block of ports for each. It answers nothing itself; a port without a rule is silence.
 *
 *   out: reply of a balanced port?  -> source becomes VIP:port
 *        else                          -> NAT
 *   in:  a balanced port?             -> destination becomes a front end
 *        else                          -> NAT's mapping and filter */
#include "azure/defaults.h"
#include "azure/snat_ports.h"
#include "azure/world_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static void open_port(struct translator *translator, uint16_t port)
{
	translator->open[port / 8] = (uint8_t)(translator->open[port / 8] | 1u << (port % 8));
	nat_reserve(translator->nat, port);
}

bool vip_port_is_open(const struct translator *translator, uint8_t proto, uint16_t port)
{
	return proto == PROTO_TCP && (translator->open[port / 8] >> (port % 8) & 1) != 0;
}

/* The VIP's ports (L2; "Controlling inbound traffic to an App Service Environment"). An app's ports are everybody's, whatever their number. */
static void open_ports(struct world *world, struct translator *translator)
{
	size_t n;
	const struct vip_ports *groups = default_vip_ports(&n);
	const struct ase_config *ase = &world->model->ases[translator->ase];
	for (size_t i = 0; i < n; i++)
		for (uint32_t port = groups[i].first; (ase->ports & groups[i].group) && port <= groups[i].last; port++)
			open_port(translator, (uint16_t)port);
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++)
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].proto == PROTO_TCP)
				open_port(translator, world->model->apps[a].listen[i].port);
}

int vip_build(struct world *world, uint32_t index, const struct nat_config *config)
{
	struct translator *translator = &world->translators[index];
	struct nat_rules rules = {
		.address = translator->addr,
		.mapping = (enum nat_depends)config->mapping,
		.udp_mapping = config->udp_by_address && config->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT ? NAT_ON_ADDRESS : (enum nat_depends)config->mapping,
		.filtering = (enum nat_depends)config->filtering,
		.allocation = (enum nat_allocates)config->allocation,
		.port_first = config->port_first,
		.port_last = config->port_last,
		.reuse_ports = config->reuse == NAT_REUSE_PER_DESTINATION,
		.hairpin = config->hairpin,
		.translate_icmp = config->translate_icmp,
		.translate_fragments = config->translate_fragments,
		.tcp_idle_ns = config->tcp_idle_ns,
		.tcp_transitory_ns = config->tcp_transitory_ns,
		.tcp_reset_ns = config->tcp_reset_ns,
		.udp_idle_ns = config->udp_idle_ns,
		.udp_stream_ns = config->udp_stream_ns,
		.icmp_idle_ns = config->icmp_idle_ns,
		.seed = random_join(world->seed, world->nodes[translator->node].identity),
	};
	translator->hairpin = config->hairpin;
	int r = nat_new(&rules, &translator->nat);
	if (r < 0 || translator->ase == NONE)
		return r;
	open_ports(world, translator);
	uint32_t max_workers = world->model->ases[translator->ase].max_workers;
	translator->exhausted_by_worker = arena_array(world->arena, max_workers, sizeof *translator->exhausted_by_worker);
	return translator->exhausted_by_worker ? vip_resize(world, translator->ase) : -ENOMEM;
}

int vip_resize(struct world *world, uint32_t ase)
{
	/* While it is being built the present number of workers is the model's. */
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t n = world->workers[ase] ? world->workers[ase] : config->workers;
	struct translator *translator = NULL;
	for (uint32_t i = 0; i < world->n_translators; i++)
		if (world->translators[i].ase == ase)
			translator = &world->translators[i];
	struct nat_blocks blocks = {.n_owners = n > 0 ? n : 1, .n_roots = UINT32_MAX};
	if (config->snat.ports_per_worker == NAT_PORTS_SHARED) {
		blocks.block_ports = 0;
	} else if (config->snat.ports_per_worker == NAT_PORTS_AUTO) {
		blocks.block_ports = azure_snat_ports(n);
		blocks.root_ports = azure_snat_ports(1);
		blocks.n_roots = AZURE_SNAT_FIRST_TIER;
	} else {
		blocks.block_ports = blocks.root_ports = config->snat.ports_per_worker;
	}
	return nat_resize(translator->nat, &blocks, world->now);
}

void vip_instance_gone(struct world *world, const struct station *station)
{
	if (station->kind == STATION_WORKER)
		world_fail(world, nat_end_owner(world->translators[station->translator].nat, station->number, world->now));
}

/* ---- the timer ---- */

static void arm(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	struct instant due = nat_expiry(translator->nat);
	if (!instant_before(due, translator->armed))
		return;
	translator->armed = due;
	struct event event = {.at = due, .key = event_key(translator->node, translator->node), .kind = WHAT_NAT_TIMER, .a = index};
	world_fail(world, queue_push(&world->queue, event));
}

int vip_timer(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	if (instant_before(world->now, translator->armed))
		return 0; /* an earlier timer took its place and armed again */
	translator->armed = INSTANT_NEVER;
	int r = nat_handle(translator->nat, world->now);
	arm(world, index);
	return r;
}

/* ---- packets ---- */

static struct nat_question question_of(const struct world *world, const struct packet *packet, uint32_t owner)
{
	struct nat_question question = {.tuple = packet_tuple(packet), .owner = owner, .ip_bytes = packet_frame_bytes(packet) - 14,
					.hint = connection_at(world, packet->connection)->mapping};
	if (question.tuple.proto == PROTO_TCP)
		question.tcp_flags = ((const struct tcp_header *)packet_l4_const(packet))->flags;
	return question;
}

static void drop(struct world *world, const struct translator *translator, struct packet *packet, enum reason reason, const char *rule, const char *detail)
{
	struct verdict verdict = {.reason = reason, .by = world->nodes[translator->node].name, .rule = rule, .detail = detail};
	if (translator->ase != NONE)
		verdict.place = world->model->ases[translator->ase].snat.place;
	path_drop(world, translator->node, packet, &verdict, 0);
}

static void count_exhausted(struct world *world, struct translator *translator, const struct station *from, const struct packet *packet)
{
	struct connection *connection = connection_at(world, packet->connection);
	if (connection->flags & CONNECTION_EXHAUSTED)
		return;
	connection->flags |= CONNECTION_EXHAUSTED;
	translator->exhausted++;
	if (from->kind == STATION_WORKER)
		translator->exhausted_by_worker[from->number]++;
}

static void translated(struct world *world, const struct translator *translator, const struct packet *packet, uint32_t flags, const char *rule,
		       const struct tuple *before)
{
	world->flows[connection_at(world, packet->connection)->flow].translated++;
	world->counts.translated++;
	if (!trail_wanted(&world->trail, STEP_TRANSLATE))
		return;
	struct verdict verdict = {.by = world->nodes[translator->node].name, .rule = rule};
	if (translator->ase != NONE)
		verdict.place = world->model->ases[translator->ase].place;
	path_step(world, translator->node, packet, STEP_TRANSLATE, flags, &verdict, before);
}

void vip_outbound(struct world *world, uint32_t index, struct station *from, struct packet *packet)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, from->kind == STATION_WORKER ? from->number : 0);
	uint16_t src_port = be16_to(question.tuple.src_port);
	if (packet_is_fragment(packet)) {
		drop(world, translator, packet, REASON_FRAGMENT_NOT_TRANSLATED, NULL, NULL);
		return;
	}
	if (from->kind == STATION_FRONT_END && vip_port_is_open(translator, question.tuple.proto, src_port)) {
		packet_rewrite_src(packet, translator->addr, question.tuple.src_port);
		translated(world, translator, packet, STEP_SEEN | STEP_REALM, "load-balancer", &question.tuple);
		fabric_public(world, translator->node, translator->region, packet);
		return;
	}
	struct nat_answer answer;
	int r = nat_outbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		world_fail(world, r);
		packets_put(&world->packets, packet);
		return;
	}
	if (answer.reason != REASON_NONE) {
		if (answer.reason == REASON_SNAT_PORTS_EXHAUSTED)
			count_exhausted(world, translator, from, packet);
		drop(world, translator, packet, answer.reason, "snat", NULL);
		return;
	}
	if (answer.created || (question.tcp_flags & (TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		arm(world, index);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_src(packet, answer.addr, answer.port);
	translated(world, translator, packet, STEP_SEEN | STEP_REALM, "snat", &question.tuple);
	fabric_public(world, translator->node, translator->region, packet);
}

/* ---- management ---- */

/* Ports 454 and 455 are Azure's own, unless an app listens there. */
static bool is_for_management(const struct world *world, const struct translator *translator, uint16_t port)
{
	if (port < DEFAULT_MANAGEMENT_FIRST || port > DEFAULT_MANAGEMENT_LAST)
		return false;
	const struct ase_config *ase = &world->model->ases[translator->ase];
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++)
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].port == port && world->model->apps[a].listen[i].proto == PROTO_TCP)
				return false;
	return true;
}

static bool is_management(const struct world *world, be32 addr)
{
	if (default_is_management_address(addr))
		return true;
	uint32_t node = address_find(world, NONE, addr);
	if (node == NONE || world->nodes[node].kind != NODE_STATION)
		return false;
	const struct station *station = &world->stations[world->nodes[node].index];
	return station->kind == STATION_SERVICE && world->model->hosts[station->number].service == SERVICE_MANAGEMENT;
}

/* ---- balancing ---- */

/* What the front end is chosen by: the five-tuple, so that connections are spread. FTP needs the front end of its control connection for its data
 * connections too, and has the source affinity that the load balancer offers for that: source and destination address alone. */
static uint64_t balancing_hash(const struct world *world, const struct translator *translator, const struct tuple *tuple)
{
	uint16_t port = be16_to(tuple->dst_port);
	uint64_t addresses = (uint64_t)be32_to(tuple->src) << 32 | be32_to(tuple->dst);
	uint64_t rest = (uint64_t)be16_to(tuple->src_port) << 32 | (uint64_t)port << 16 | tuple->proto;
	if (port == DEFAULT_FTP_PORT || (port >= DEFAULT_PASSIVE_FIRST && port <= DEFAULT_PASSIVE_LAST))
		rest = 0;
	return random_join(random_join(addresses, rest), world->nodes[translator->node].identity);
}

/* The front end for a packet: the same one for all packets of a connection, whoever else calls. Those whose front end is stopped are spread over the rest. */
static uint32_t choose_front_end(const struct world *world, const struct translator *translator, const struct tuple *tuple)
{
	uint32_t first = world->first_front_end[translator->ase], n = world->model->ases[translator->ase].front_ends;
	uint64_t hash = balancing_hash(world, translator, tuple);
	uint32_t chosen = first + random_below(hash, n);
	for (uint32_t i = 0; i < n && !world->stations[chosen].up; i++)
		chosen = first + (chosen - first + 1 + random_below(random_mix(hash + i), n)) % n;
	for (uint32_t i = 0; i < n && !world->stations[chosen].up; i++)
		chosen = first + (chosen - first + 1) % n;
	return chosen;
}

static const char *why_no_mapping(const struct tuple *tuple, bool ever)
{
	if (ever)
		return "the mapping that this port had towards the sender has ended";
	return be16_to(tuple->dst_port) == 0 ? NULL : "no load balancing rule for this port, and no mapping";
}

void vip_inbound(struct world *world, uint32_t index, struct packet *packet)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, 0);
	const struct tuple before = question.tuple;
	/* A call to the own VIP was seen as it left, and comes back as it was: a capture here has it already. */
	bool hairpins = before.src.raw == translator->addr.raw;
	path_step(world, translator->node, packet, STEP_FORWARD, hairpins ? STEP_INBOUND : STEP_SEEN | STEP_INBOUND, NULL, NULL);
	if (packet_is_fragment(packet)) {
		drop(world, translator, packet, REASON_FRAGMENT_NOT_TRANSLATED, NULL, NULL);
		return;
	}
	if (!translator->hairpin && hairpins) {
		drop(world, translator, packet, REASON_FILTERED, "hairpin", "hairpinning is off");
		return;
	}
	if (vip_port_is_open(translator, before.proto, be16_to(before.dst_port))) {
		if (is_for_management(world, translator, be16_to(before.dst_port)) && !is_management(world, before.src)) {
			drop(world, translator, packet, REASON_VIP_PORT_CLOSED, "management", "the port is open to Azure's management addresses alone");
			return;
		}
		uint32_t front_end = choose_front_end(world, translator, &before);
		packet_rewrite_dst(packet, world->stations[front_end].addr, before.dst_port);
		translated(world, translator, packet, STEP_REALM | STEP_INBOUND, "load-balancer", &before);
		path_deliver(world, front_end, packet);
		return;
	}
	struct nat_answer answer;
	int r = nat_inbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		world_fail(world, r);
		packets_put(&world->packets, packet);
		return;
	}
	if (answer.reason != REASON_NONE) {
		bool ever = nat_port_was_mapped(translator->nat, before.proto, be16_to(before.dst_port));
		enum reason reason = answer.reason == REASON_NO_MAPPING && !ever && translator->ase != NONE ? REASON_VIP_PORT_CLOSED : answer.reason;
		drop(world, translator, packet, reason, NULL, reason == REASON_FILTERED ? NULL : why_no_mapping(&before, ever));
		return;
	}
	if ((question.tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		arm(world, index);
	uint32_t to = address_find(world, translator->vnet, answer.addr);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_dst(packet, answer.addr, answer.port);
	translated(world, translator, packet, STEP_REALM | STEP_INBOUND, "snat", &before);
	path_deliver(world, world->nodes[to].index, packet);
}
