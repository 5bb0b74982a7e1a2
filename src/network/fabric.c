/* DOC: the networks between end points. A packet crosses fabrics (a region's network, the backbone, the Internet) and
 * takes the time of one class of link, the widest on its way:
 *
 *   NIC                                        NIC        subnet or vnet
 *   VIP -- region/R --                         VIP        region        both in one region (L14)
 *   VIP -- region/A -- backbone -- region/B -- service    backbone      both Azure's
 *   VIP -- region/R -- internet --             host       internet
 *   host -- internet --                        host       internet
 *   NIC -- gateway/S --                        machine of a site, or its NAT   gateway
 *   NIC -- region/A -- backbone -- region/B -- NIC        backbone   between peers of two regions
 *   NIC -- region/R --                         service    region     by a service endpoint; its answer the same way
 *
 * Each `--` is an edge with a state of its own, which a timeline may set: then its latency and loss stand for the
 * class's. The class's own state (`link: internet, state: down`) holds at the edge that gives the class its name. */
#include "base/wide.h"
#include "network/drive.h"
#include <errno.h>
#include <stdlib.h>

/* ---- routes through the fabrics ---- */

static void hop(struct fabric_route *route, uint32_t node)
{
	route->hop[route->n++] = node;
}

static enum link_class class_between(uint32_t from_region, uint32_t to_region, bool to_internet)
{
	if (from_region == NONE || to_region == NONE || to_internet)
		return LINK_INTERNET;
	return from_region == to_region ? LINK_REGION : LINK_BACKBONE;
}

struct fabric_route fabric_route(const struct world *world, uint32_t from, uint32_t from_region, uint32_t to,
				 uint32_t to_region, bool to_internet)
{
	struct fabric_route route = {.class = class_between(from_region, to_region, to_internet)};
	hop(&route, from);
	if (from_region != NONE)
		hop(&route, element_of_region(from_region));
	if (route.class == LINK_REGION) {
		route.class_at = 0;
	} else if (route.class == LINK_BACKBONE) {
		route.class_at = route.n - 1;
		hop(&route, element_backbone(world->model));
		hop(&route, element_of_region(to_region));
	} else {
		route.class_at = route.n - 1;
		hop(&route, element_internet(world->model));
		if (to_region != NONE)
			hop(&route, element_of_region(to_region));
	}
	if (to != NONE)
		hop(&route, to);
	return route;
}

/* ---- edges and lines ---- */

struct edge *fabric_edge(struct world *world, uint32_t a, uint32_t b, bool make)
{
	uint32_t low = a < b ? a : b, high = a < b ? b : a;
	for (uint32_t i = 0; i < world->n_edges; i++)
		if (world->edges[i].a == low && world->edges[i].b == high)
			return &world->edges[i];
	if (!make)
		return NULL;
	if (world->n_edges == world->capacity_edges) {
		uint32_t capacity = world->capacity_edges ? world->capacity_edges * 2 : 8;
		struct edge *edges = realloc(world->edges, capacity * sizeof *edges);
		if (!edges)
			return NULL;
		world->edges = edges;
		world->capacity_edges = capacity;
	}
	const char *name = arena_printf(world->arena, "%s--%s", world->nodes[a].name, world->nodes[b].name);
	if (!name)
		return NULL;
	world->edges[world->n_edges] = (struct edge){.a = low, .b = high, .name = name, .up = true};
	return &world->edges[world->n_edges++];
}

static const struct edge *edge_between(const struct world *world, uint32_t a, uint32_t b)
{
	return fabric_edge((struct world *)(uintptr_t)world, a, b, false);
}

/* The line of a link with a rate; lines are few (a scenario sets rates for some classes), so a scan from the newest
 * finds them. */
static struct link_state *line_state(struct world *world, uint32_t from, uint32_t to)
{
	for (uint32_t i = world->n_lines; i-- > 0;)
		if (world->lines[i].from == from && world->lines[i].to == to)
			return &world->lines[i].state;
	if (world->n_lines == world->capacity_lines) {
		uint32_t capacity = world->capacity_lines ? world->capacity_lines * 2 : 8;
		struct line *lines = realloc(world->lines, capacity * sizeof *lines);
		if (!lines) {
			world_fail(world, -ENOMEM);
			return NULL;
		}
		world->lines = lines;
		world->capacity_lines = capacity;
	}
	world->lines[world->n_lines] = (struct line){from, to, {INSTANT_ZERO}};
	return &world->lines[world->n_lines++].state;
}

void fabric_refresh(struct world *world)
{
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		const struct link_properties *p = &world->links[i];
		world->link_plain[i] = p->up && p->loss_parts == 0 && p->jitter_ns == 0 && p->rate_bits_per_s == 0;
		world->link_lane[i] = queue_lane(&world->queue, p->latency_ns);
	}
}

/* ---- who decided ---- */

static struct verdict edge_verdict(const struct world *world, enum reason reason, uint32_t a, uint32_t b)
{
	return (struct verdict){.reason = reason, .by = edge_between(world, a, b)->name};
}

static struct verdict class_verdict(const struct world *world, enum reason reason, enum link_class class)
{
	return (struct verdict){
		.reason = reason, .by = world->link_by[class], .place = world->model->links[class].place};
}

struct verdict fabric_state(const struct world *world, const struct fabric_route *route, uint32_t *ret_at)
{
	for (uint32_t i = 0; i + 1 < route->n; i++) {
		*ret_at = route->hop[i];
		const struct edge *edge = edge_between(world, route->hop[i], route->hop[i + 1]);
		if (edge && !edge->up)
			return edge_verdict(world, REASON_LINK_DOWN, route->hop[i], route->hop[i + 1]);
		if (i == route->class_at && !world->links[route->class].up)
			return class_verdict(world, REASON_LINK_DOWN, route->class);
	}
	return (struct verdict){.by = ""};
}

/* ---- carrying ---- */

static void schedule(struct world *world, uint32_t from, uint32_t to, uint32_t lane, int64_t delay_ns,
		     struct packet *packet)
{
	struct event event = {.at = instant_add(world->now, delay_ns),
			      .key = event_key(to, from),
			      .kind = WHAT_ARRIVAL,
			      .a = packet->connection,
			      .object = packet};
	world->counts.in_flight++;
	int r = lane == QUEUE_HEAP ? queue_push(&world->queue, event)
				   : queue_push_lane(&world->queue, lane, world->now, event);
	if (r < 0) {
		world->counts.in_flight--;
		packets_put(&world->packets, packet);
		world_fail(world, r);
	}
}

static uint64_t identity(const struct world *world, const struct packet *packet, uint32_t from, uint32_t to)
{
	const struct flow_state *flow = &world->flows[packet->flow];
	uint64_t line = random_join(world->nodes[from].identity, world->nodes[to].identity);
	uint64_t which = random_join(flow->identity,
				     (uint64_t)(packet->connection - flow->first_connection) << 32 | packet->serial);
	return random_join(random_join(world->seed, line), which);
}

/* What the edges of a way make of its class of link. */
struct survey {
	struct link_properties properties;
	bool own_latency;
	uint32_t lossy; /* the last link whose own loss counts; NONE */
	uint32_t down;  /* the first that is down, NONE; and who says so */
	struct verdict verdict;
};

static void note_edge(struct survey *survey, const struct edge *edge, uint32_t link)
{
	if (edge->has_latency) {
		survey->properties.latency_ns =
			survey->own_latency ? survey->properties.latency_ns + edge->latency_ns : edge->latency_ns;
		survey->own_latency = true;
	}
	if (edge->has_loss) {
		/* Two lossy edges: what the first lets pass, the second may lose. */
		uint64_t passes =
			survey->lossy != NONE ? (UINT64_C(1) << 32) - survey->properties.loss_parts : UINT64_C(1) << 32;
		survey->properties.loss_parts =
			(UINT64_C(1) << 32) -
			wide_shifted(wide_product(passes, (UINT64_C(1) << 32) - edge->loss_parts), 32);
		survey->lossy = link;
	}
}

static struct survey survey_way(const struct world *world, const struct fabric_route *route)
{
	struct survey survey = {.properties = world->links[route->class], .lossy = NONE, .down = NONE};
	for (uint32_t i = 0; survey.down == NONE && i + 1 < route->n; i++) {
		const struct edge *edge = world->n_edges ? edge_between(world, route->hop[i], route->hop[i + 1]) : NULL;
		if (edge && !edge->up) {
			survey.down = i;
			survey.verdict = edge_verdict(world, REASON_LINK_DOWN, route->hop[i], route->hop[i + 1]);
		} else if (i == route->class_at && !survey.properties.up) {
			survey.down = i;
			survey.verdict = class_verdict(world, REASON_LINK_DOWN, route->class);
		} else if (edge) {
			note_edge(&survey, edge, i);
		}
	}
	return survey;
}

/* 8 to 15 routers across the Internet, the same number both ways (azure-facts.md, "On the wire"). */
static uint8_t internet_hops(const struct packet *packet)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	return (uint8_t)(8 + (random_mix((uint64_t)(be32_key(ip->src) ^ be32_key(ip->dst))) >> 61));
}

/* It gets as far as hop `last` on its way. The routers of the Internet lower its TTL there, not before. */
static void tell_hops(struct world *world, const struct fabric_route *route, uint32_t last, struct packet *packet)
{
	for (uint32_t i = 1; i <= last; i++) {
		if (route->hop[i] == element_internet(world->model))
			(void)path_lower_ttl(packet, internet_hops(packet));
		path_step(world, route->hop[i], packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
	}
}

static void lose(struct world *world, const struct fabric_route *route, uint32_t link, struct packet *packet,
		 const struct verdict *verdict)
{
	tell_hops(world, route, link, packet);
	path_drop(world, route->hop[link], packet, verdict, 0);
}

/* The whole way, with whatever its edges and its class do. Takes the packet. */
static void carry(struct world *world, const struct fabric_route *route, struct packet *packet)
{
	uint32_t from = route->hop[0], to = route->hop[route->n - 1];
	struct survey survey = survey_way(world, route);
	if (survey.down != NONE) {
		lose(world, route, survey.down, packet, &survey.verdict);
		return;
	}
	struct link_state *state = survey.properties.rate_bits_per_s ? line_state(world, from, to) : NULL;
	struct link_outcome outcome = link_carry(&survey.properties, state, identity(world, packet, from, to),
						 packet_frame_bytes(packet), world->now);
	if (outcome.reason != REASON_NONE) {
		bool by_edge = outcome.reason == REASON_LINK_LOSS && survey.lossy != NONE;
		uint32_t link = by_edge ? survey.lossy : route->class_at;
		struct verdict verdict =
			by_edge ? edge_verdict(world, outcome.reason, route->hop[link], route->hop[link + 1])
				: class_verdict(world, outcome.reason, route->class);
		lose(world, route, link, packet, &verdict);
		return;
	}
	tell_hops(world, route, route->n - 2, packet);
	uint32_t lane = outcome.constant && !survey.own_latency ? world->link_lane[route->class] : QUEUE_HEAP;
	schedule(world, from, to, lane, outcome.delay_ns, packet);
}

/* ---- what a decision says of the links ---- */

static struct fabric_route route_of(const struct world *world, const struct carriage *carriage)
{
	switch (carriage->kind) {
	case CARRIAGE_PRIVATE:
		return (struct fabric_route){.hop = {carriage->from, carriage->to}, .n = 2, .class = carriage->class};
	case CARRIAGE_GATEWAY:
		return (struct fabric_route){.hop = {carriage->from, carriage->gateway, carriage->to},
					     .n = 3,
					     .class = LINK_GATEWAY,
					     .class_at = carriage->tunnel};
	case CARRIAGE_FABRICS:
		break;
	}
	uint32_t to = carriage->to;
	return fabric_route(world, carriage->from, world->nodes[carriage->from].region, to,
			    to == NONE ? NONE : world->nodes[to].region, to == NONE);
}

/* No element has the address: the packet gets as far as the Internet knows a way. */
static void carry_to_nowhere(struct world *world, const struct carriage *carriage, struct packet *packet)
{
	struct fabric_route route = route_of(world, carriage);
	uint32_t at;
	struct verdict verdict = fabric_verdict(world, carriage, &at);
	uint32_t last = 0;
	while (last + 1 < route.n && route.hop[last] != at)
		last++;
	tell_hops(world, &route, last, packet);
	path_drop(world, at, packet, &verdict, 0);
}

void fabric_carry(struct world *world, const struct carriage *carriage, struct packet *packet)
{
	enum link_class class = carriage->class;
	if (__builtin_expect(carriage->to == NONE, 0)) {
		carry_to_nowhere(world, carriage, packet);
		return;
	}
	bool plain = world->link_plain[class] && world->n_edges == 0;
	if (__builtin_expect(
		    plain && (carriage->kind == CARRIAGE_PRIVATE || !trail_wanted(&world->trail, STEP_FORWARD, packet)),
		    1)) {
		if (carriage->internet_hops > 0)
			(void)path_lower_ttl(packet, carriage->internet_hops);
		schedule(world, carriage->from, carriage->to, world->link_lane[class], world->links[class].latency_ns,
			 packet);
		return;
	}
	struct fabric_route route = route_of(world, carriage);
	if (plain) {
		tell_hops(world, &route, route.n - 2, packet);
		schedule(world, carriage->from, carriage->to, world->link_lane[class], world->links[class].latency_ns,
			 packet);
		return;
	}
	carry(world, &route, packet);
}

/* A class or edge that loses everything is a loss that is known beforehand. */
struct verdict fabric_verdict(const struct world *world, const struct carriage *carriage, uint32_t *ret_at)
{
	struct fabric_route route = route_of(world, carriage);
	struct verdict verdict = fabric_state(world, &route, ret_at);
	if (verdict.reason == REASON_NONE && carriage->to == NONE) {
		*ret_at = element_internet(world->model);
		verdict = (struct verdict){
			.reason = REASON_NO_ROUTE, .by = "internet", .detail = "no element has this address"};
	}
	return verdict;
}

void fabric_peering(const struct ask *ask, uint32_t from, uint32_t to, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t from_region = world->nodes[from].region, to_region = world->nodes[to].region;
	struct verdict verdict;
	if (__builtin_expect(world->has_shut_peering, 0) &&
	    peering_refuses(world, element_at(world->model, from)->vnet, element_at(world->model, to)->vnet,
			    packet_ip_const(ask->packet)->src, &verdict)) {
		decide_drop(ret, verdict, 0);
		return;
	}
	decide_link(ret, from, to, from_region == to_region ? LINK_VNET : LINK_BACKBONE);
	if (from_region != to_region)
		ret->carriage.kind = CARRIAGE_FABRICS;
}

void fabric_across(const struct world *world, uint32_t from, uint32_t to, struct decision *ret)
{
	decide_link(ret, from, to, class_between(world->nodes[from].region, world->nodes[to].region, false));
	ret->carriage.kind = CARRIAGE_FABRICS;
}

/* ---- from the public side of an element to the one that has the packet's destination ---- */

/* From one node to another, NONE: to an address that nothing has. */
static enum link_class public_class(const struct world *world, uint32_t from, uint32_t to)
{
	uint32_t to_region = to == NONE ? NONE : world->nodes[to].region;
	return class_between(world->nodes[from].region, to_region, to == NONE);
}

static void public_networks(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t to = address_find(world, NONE, packet_ip_const(ask->packet)->dst);
	if (__builtin_expect(to == NONE, 0))
		to = private_call_find(ask);
	enum link_class class = public_class(world, ask->leg.at, to);
	uint8_t hops = class == LINK_INTERNET ? internet_hops(ask->packet) : 0;
	if (hops > 0 && !packet_outlives(ask->packet, hops)) {
		decide_drop(ret, (struct verdict){.reason = REASON_TTL_EXPIRED, .by = "internet"}, 0);
		ret->drop_at = element_internet(world->model);
		return;
	}
	decide_link(ret, ask->leg.at, to, class);
	ret->carriage.kind = CARRIAGE_FABRICS;
	ret->carriage.internet_hops = hops;
}

/* Over links that do nothing but take their time. */
enum known fabric_known(struct world *world, struct leg *leg, struct packet *packet)
{
	if (world->n_edges > 0 || trail_wanted(&world->trail, STEP_FORWARD, packet))
		return KNOWN_NOT;
	uint32_t to = address_find(world, NONE, packet_ip_const(packet)->dst);
	enum link_class class = public_class(world, leg->at, to);
	uint8_t hops = class == LINK_INTERNET ? internet_hops(packet) : 0;
	if (to == NONE || !world->link_plain[class] || (hops > 0 && !path_lower_ttl(packet, hops)))
		return KNOWN_NOT;
	schedule(world, leg->at, to, world->link_lane[class], world->links[class].latency_ns, packet);
	return KNOWN_END;
}

const struct stage fabric_public[] = {
	{"who has the address?", public_networks, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};
