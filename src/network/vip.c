/* DOC: an environment's public VIP, and the addresses that Azure lends. The classic load balancer is no proxy: inbound
 * it keeps the caller's address and rewrites the destination alone, to a front end chosen by a hash of the five-tuple;
 * what a front end answers leaves as the VIP. Outbound calls of workers are source NAT (rule/nat.h) with a block of
 * ports for each. It answers nothing itself; a port without a rule is silence.
 *
 * The balancer knows its connections as flows (rule/flows.h), which end after a time of silence, silently.
 *
 *   out: reply of a balanced port?  -> source becomes VIP:port, where there is a flow
 *        else                          -> NAT
 *   in:  a balanced port?             -> a flow, or a SYN: destination becomes a front end
 *        else                          -> NAT's mapping and filter */
#include "model/defaults.h"
#include "model/snat_ports.h"
#include "network/drive.h"
#include <errno.h>

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

/* The VIP's ports (L2; "Controlling inbound traffic to an App Service Environment"). An app's ports are everybody's,
 * whatever their number. */
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

int vip_build(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	uint32_t max_workers = world->model->ases[translator->ase].max_workers;
	if (!translator->nat)
		return -ENOMEM;
	open_ports(world, translator);
	int r = flows_new(&world->model->ases[translator->ase].idle_ns, 1, &translator->flows);
	if (r < 0)
		return r;
	translator->exhausted_by_worker =
		arena_array(world->arena, max_workers, sizeof *translator->exhausted_by_worker);
	return translator->exhausted_by_worker ? vip_resize(world, translator->ase) : -ENOMEM;
}

int vip_resize(struct world *world, uint32_t ase)
{
	/* While it is being built the present number of workers is the model's. */
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t n = world->workers[ase] ? world->workers[ase] : config->workers;
	const struct translator *translator = &world->translators[world->ase_translator[ase]];
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

void vip_instance_gone(struct world *world, const struct machine *machine)
{
	if (machine->kind == ELEMENT_WORKER)
		world_fail(world,
			   nat_end_owner(world->translators[machine->translator].nat, machine->number, world->now));
	if (machine->own_nat != NONE)
		world_fail(world, nat_end_owner(world->translators[machine->own_nat].nat, 0, world->now));
}

/* No element owns the old address from then on: its mappings end, and later packets to it are dropped. Names resolve to
 * the new one. */
int vip_readdress(struct world *world, uint32_t ase, be32 addr)
{
	struct translator *translator = &world->translators[world->ase_translator[ase]];
	int r = nat_readdress(translator->nat, addr,
			      world->now); /* first: mappings are told to have ended at the old address */
	if (r < 0)
		return r;
	address_remove(world, NONE, translator->addr);
	translator->addr = addr;
	translator->readdressed = true;
	flows_clear(translator->flows);
	return address_add(world, NONE, addr, translator->node);
}

/* ---- flows ---- */

/* The flow of a front end's answer, as its caller's packets arrive. */
static struct tuple arriving_of(const struct translator *translator, const struct tuple *answer)
{
	return (struct tuple){answer->dst, translator->addr, answer->dst_port, answer->src_port, answer->proto};
}

/* A call that is not sent, but asked about, has left its flow in the trial. */
static bool is_supposed(const struct ask *ask, const struct tuple *answer)
{
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++)
		if (ask->trial->mappings[i].node == ask->leg.at && tuple_equal(&ask->trial->mappings[i].inside, answer))
			return true;
	return false;
}

/* Silently: neither end gets an error (azure: load-balancer-tcp-idle-timeout). */
static void forgotten(const struct ask *ask, const struct translator *translator, struct decision *ret)
{
	translate_drop(
		ask->world, translator, REASON_NO_MAPPING, "load-balancer",
		translator->readdressed
			? "the connection was made to an address that the environment has no more, or was silent "
			  "for too long"
			: "the load balancer has no such flow, or forgot it: it was silent for the time of `idle`",
		ret);
}

/* ---- packets, outward ---- */

static const struct translator *vip_at(const struct ask *ask)
{
	return translator_at(ask->world, ask->leg.at);
}

static void leave(const struct translator *translator, enum change_kind kind, be16 port, struct decision *ret)
{
	decide_go(ret, PASSAGE_PUBLIC, translator->node, NONE);
	decide_change(ret, kind, translator->addr, port, STEP_SEEN | STEP_REALM, "load-balancer", translator->place);
}

/* What a front end answers on a balanced port leaves as the VIP. */
static void balanced_answer(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = vip_at(ask);
	const struct tuple tuple = packet_tuple(ask->packet);
	decide_pass(ret);
	if (machine_at(ask->world, ask->leg.from)->kind != ELEMENT_FRONT_END || packet_is_fragment(ask->packet) ||
	    !vip_port_is_open(translator, tuple.proto, be16_to(tuple.src_port)))
		return;
	const struct tuple arriving = arriving_of(translator, &tuple);
	if (flows_find(translator->flows, &arriving, ask->world->now) || is_supposed(ask, &tuple))
		leave(translator, CHANGE_SRC, tuple.src_port, ret);
	else
		forgotten(ask, translator, ret);
}

static void balanced_answer_commit(struct world *world, const struct leg *leg, struct packet *packet,
				   struct decision *decision)
{
	const struct translator *translator = translator_at(world, leg->at);
	const struct tuple tuple = packet_tuple(packet), arriving = arriving_of(translator, &tuple);
	if (decision->verb == VERB_GO)
		(void)flows_use(translator->flows, &arriving, packet_frame_bytes(packet) - 14, world->now);
}

/* An ICMP error by a front end, about a segment of a balanced connection: it leaves as its segments do. */
static void balanced_error(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = vip_at(ask);
	const struct machine *from = machine_at(ask->world, ask->leg.from);
	struct tuple about;
	decide_pass(ret);
	if (from->kind == ELEMENT_FRONT_END && translator->translates_icmp && translate_is_error(ask->packet) &&
	    translate_error_about(translator, ask->packet, &about) == REASON_NONE && about.dst.raw == from->addr.raw &&
	    vip_port_is_open(translator, about.proto, be16_to(about.dst_port)))
		leave(translator, CHANGE_SRC_OF_ERROR, about.dst_port, ret);
}

const struct stage vip_out[] = {
	{"an answer on a balanced port?", balanced_answer, balanced_answer_commit, NULL},
	{"an error about a balanced connection?", balanced_error, NULL, NULL},
	{"source NAT", translate_out_decide, translate_out_commit, translate_out_suppose},
	{NULL, NULL, NULL, NULL},
};

/* ---- management ---- */

/* Ports 454 and 455 are Azure's own, unless an app listens there. */
static bool is_for_management(const struct world *world, const struct translator *translator, uint16_t port)
{
	if (port < DEFAULT_MANAGEMENT_FIRST || port > DEFAULT_MANAGEMENT_LAST)
		return false;
	const struct ase_config *ase = &world->model->ases[translator->ase];
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++)
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].port == port &&
			    world->model->apps[a].listen[i].proto == PROTO_TCP)
				return false;
	return true;
}

static bool is_management(const struct world *world, be32 addr)
{
	if (default_is_management_address(addr))
		return true;
	uint32_t node = address_find(world, NONE, addr);
	if (node == NONE || !element_is_end_point(world->nodes[node].kind))
		return false;
	const struct machine *machine = &world->machines[world->nodes[node].index];
	return machine->kind == ELEMENT_SERVICE && world->model->hosts[machine->number].service == SERVICE_MANAGEMENT;
}

/* ---- balancing ---- */

/* What the front end is chosen by: the five-tuple, so that connections are spread. FTP needs the front end of its
 * control connection for its data connections too, and has the source affinity that the load balancer offers for that:
 * source and destination address alone. */
static uint64_t balancing_hash(const struct world *world, const struct translator *translator,
			       const struct tuple *tuple)
{
	uint16_t port = be16_to(tuple->dst_port);
	uint64_t addresses = (uint64_t)be32_to(tuple->src) << 32 | be32_to(tuple->dst);
	uint64_t rest = (uint64_t)be16_to(tuple->src_port) << 32 | (uint64_t)port << 16 | tuple->proto;
	if (port == DEFAULT_FTP_PORT || (port >= DEFAULT_PASSIVE_FIRST && port <= DEFAULT_PASSIVE_LAST))
		rest = 0;
	return random_join(random_join(addresses, rest), world->nodes[translator->node].identity);
}

/* The front end for a packet: the same one for all packets of a connection, whoever else calls. Those whose front end
 * is stopped are spread over the rest. */
static uint32_t choose_front_end(const struct world *world, const struct translator *translator,
				 const struct tuple *tuple)
{
	uint32_t first = world->first_front_end[translator->ase], n = world->model->ases[translator->ase].front_ends;
	uint64_t hash = balancing_hash(world, translator, tuple);
	uint32_t chosen = first + random_below(hash, n);
	for (uint32_t i = 0; i < n && !world->machines[chosen].up; i++)
		chosen = first + (chosen - first + 1 + random_below(random_mix(hash + i), n)) % n;
	for (uint32_t i = 0; i < n && !world->machines[chosen].up; i++)
		chosen = first + (chosen - first + 1) % n;
	return chosen;
}

/* The one that has the flow, while it runs. */
static uint32_t front_end_of(const struct world *world, const struct translator *translator, const struct tuple *tuple)
{
	const struct balanced_flow *flow = flows_find(translator->flows, tuple, world->now);
	return flow && world->machines[flow->backend].up ? flow->backend : choose_front_end(world, translator, tuple);
}

/* ---- packets, inward ---- */

/* A call to the own VIP was seen as it left, and comes back as it was: a capture here has it already. */
static bool hairpins(const struct translator *translator, const struct packet *packet)
{
	be32 src = packet_ip_const(packet)->src;
	return src.raw == translator->addr.raw || nat_has_address(translator->nat, src);
}

static void arrives(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = vip_at(ask);
	if (!translator->hairpin && hairpins(translator, ask->packet))
		translate_drop(ask->world, translator, REASON_FILTERED, "hairpin", "hairpinning is off", ret);
	else
		decide_passed(ret);
}

static void arrives_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	(void)decision;
	if (trail_wanted(&world->trail, STEP_FORWARD, packet))
		path_step(world, leg->at, packet, STEP_FORWARD,
			  hairpins(translator_at(world, leg->at), packet) ? STEP_INBOUND : STEP_SEEN | STEP_INBOUND,
			  NULL, NULL);
}

static void enter(const struct ask *ask, enum change_kind kind, uint32_t front_end, be16 port, struct decision *ret)
{
	const struct machine *machine = &ask->world->machines[front_end];
	decide_go(ret, PASSAGE_NIC_IN, machine->node, NONE);
	decide_change(ret, kind, machine->addr, port, STEP_REALM | STEP_INBOUND, "load-balancer", vip_at(ask)->place);
}

/* About an answer of a balanced port: it is for the front end that has the connection. */
static void balanced_error_in(const struct ask *ask, const struct translator *translator, struct decision *ret)
{
	struct tuple about;
	if (!translator->translates_icmp || !translate_is_error(ask->packet) ||
	    translate_error_about(translator, ask->packet, &about) != REASON_NONE ||
	    about.src.raw != translator->addr.raw ||
	    !vip_port_is_open(translator, about.proto, be16_to(about.src_port)))
		return;
	const struct tuple call = tuple_reverse(about);
	enter(ask, CHANGE_DST_OF_ERROR, front_end_of(ask->world, translator, &call), about.src_port, ret);
}

static bool opens_connection(const struct packet *packet)
{
	return (((const struct tcp_header *)packet_l4_const(packet))->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static void balanced_call(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = vip_at(ask);
	const struct tuple tuple = packet_tuple(ask->packet);
	uint16_t port = be16_to(tuple.dst_port);
	decide_pass(ret);
	if (tuple.proto == PROTO_ICMP)
		balanced_error_in(ask, translator, ret);
	else if (tuple.dst.raw != translator->addr.raw || !vip_port_is_open(translator, tuple.proto, port))
		return;
	else if (is_for_management(world, translator, port) && !is_management(world, tuple.src))
		translate_drop(world, translator, REASON_VIP_PORT_CLOSED, "management",
			       "the port is open to Azure's management addresses alone", ret);
	else if (!opens_connection(ask->packet) && !flows_find(translator->flows, &tuple, world->now))
		forgotten(ask, translator, ret);
	else
		enter(ask, CHANGE_DST, front_end_of(world, translator, &tuple), tuple.dst_port, ret);
}

static void balanced_call_commit(struct world *world, const struct leg *leg, struct packet *packet,
				 struct decision *decision)
{
	const struct translator *translator = translator_at(world, leg->at);
	if (decision->verb != VERB_GO || decision->change.kind != CHANGE_DST)
		return;
	const struct tuple arriving = packet_tuple(packet);
	world_fail(world, flows_open(translator->flows, &arriving, 0, world->nodes[decision->next.at].index,
				     packet_frame_bytes(packet) - 14, world->now));
}

static void balanced_call_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb != VERB_GO || decision->change.kind != CHANGE_DST || trial->n_mappings == TRIAL_MAX)
		return;
	const struct tuple arriving = packet_tuple(ask->packet);
	struct tuple inside = tuple_reverse(arriving), outside = inside;
	inside.src = decision->change.addr;
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = inside;
	trial->mappings[trial->n_mappings++].outside = outside;
}

const struct stage vip_in[] = {
	{"may it turn round here?", arrives, arrives_commit, NULL},
	{"a balanced connection?", balanced_call, balanced_call_commit, balanced_call_suppose},
	{"destination NAT", translate_in_decide, translate_in_commit, NULL},
	{NULL, NULL, NULL, NULL},
};
