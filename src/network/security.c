/* DOC: network security groups at the machines. Inbound the subnet's group is asked first, then the NIC's; outbound the
 * NIC's, then the subnet's; both must allow (azure-docs: network-security-groups-overview). A machine with no group
 * lets everything pass. What was allowed opens a flow record (rule/record.h); later packets of the flow pass by it,
 * whatever the rules have become. A SYN asks the rules each time.
 *
 * What Azure's resolver is asked, and what it answers, is not subject to groups (WS).
 *
 * The tag virtual-network is that of the subnet whose group asks (service-tags-overview): its routes are in it.
 *
 * An ICMP error passes where the flow that it is about has a record. Later fragments have no ports: they pass, and are
 * worth nothing without the first. */
#include "host/udp.h"
#include "model/defaults.h"
#include "network/drive.h"
#include <errno.h>
#include <string.h>

/* ---- making ---- */

static void add_prefix(struct prefix *prefixes, uint32_t *n, struct prefix prefix)
{
	prefixes[(*n)++] = prefix;
}

static void add_space(const struct world *world, uint32_t vnet, struct prefix *prefixes, uint32_t *n)
{
	const struct vnet_config *config = &world->model->vnets[vnet];
	for (size_t i = 0; i < config->n_space; i++)
		add_prefix(prefixes, n, config->space[i]);
}

/* The VNet's space, that of peers to which it has access, and what is behind its gateways, a default route apart. */
static int network_prefixes(struct world *world, uint32_t vnet, struct nsg_prefixes *ret)
{
	const struct model *model = world->model;
	const struct vnet_config *config = &model->vnets[vnet];
	size_t capacity = config->n_space + 1;
	for (size_t i = 0; i < config->n_peers; i++)
		capacity += model->vnets[config->peers[i]].n_space;
	for (size_t i = 0; i < model->n_sites; i++)
		capacity += model->sites[i].n_advertises;
	struct prefix *prefixes = arena_array(world->arena, capacity, sizeof *prefixes);
	if (!prefixes)
		return -ENOMEM;
	uint32_t n = 0;
	add_space(world, vnet, prefixes, &n);
	for (size_t i = 0; i < config->n_peers; i++)
		if (peering_is_open_to_access(world, vnet, config->peers[i]))
			add_space(world, config->peers[i], prefixes, &n);
	for (uint32_t i = 0; i < model->n_sites; i++)
		for (size_t k = 0; site_joins(world, i, vnet) && k < model->sites[i].n_advertises; k++)
			if (model->sites[i].advertises[k].length > 0)
				add_prefix(prefixes, &n, model->sites[i].advertises[k]);
	*ret = (struct nsg_prefixes){prefixes, n};
	return 0;
}

static int services(struct world *world, enum service_kind service, struct nsg_prefixes *ret)
{
	ret->prefixes = model_service_prefixes(world->arena, world->model, service, &ret->n);
	return ret->prefixes ? 0 : -ENOMEM;
}

int security_set_routed(struct world *world, uint32_t subnet, const struct route *routes, size_t n)
{
	struct prefix *prefixes = arena_array(world->arena, n, sizeof *prefixes);
	if (!prefixes)
		return -ENOMEM;
	uint32_t n_prefixes = 0;
	for (size_t i = 0; i < n; i++)
		if (routes[i].source == ROUTE_USER ||
		    (routes[i].source == ROUTE_GATEWAY && routes[i].prefix.length == 0))
			add_prefix(prefixes, &n_prefixes, routes[i].prefix);
	world->tags[subnet].routed = (struct nsg_prefixes){prefixes, n_prefixes};
	return 0;
}

int security_build_tags(struct world *world)
{
	struct nsg_tags tags = {0};
	int r = services(world, SERVICE_STORAGE, &tags.storage);
	if (r == 0)
		r = services(world, SERVICE_SQL, &tags.sql);
	if (r == 0)
		r = services(world, SERVICE_MANAGEMENT, &tags.azure_management);
	for (uint32_t v = 0; r == 0 && v < world->model->n_vnets; v++) {
		r = network_prefixes(world, v, &tags.network);
		uint32_t i = model_first_subnet(world->model, v);
		for (; i < world->model->n_subnets && world->model->subnets[i].vnet == v; i++) {
			tags.routed = world->tags[i].routed;
			world->tags[i] = tags;
		}
	}
	return r;
}

static bool guard(struct world *world, struct machine *machine)
{
	const struct model *model = world->model;
	machine->nsg[0] = machine->nsg[1] = NONE;
	if (machine->subnet == NONE)
		return false;
	if (element_is_vm(machine->kind))
		machine->nsg[0] = model->hosts[machine->owner].nsg;
	const struct subnet_config *subnet = &model->subnets[machine->subnet];
	if (machine->kind != ELEMENT_PRIVATE_ENDPOINT || (subnet->endpoint_policies & POLICIES_NSG) != 0)
		machine->nsg[1] = subnet->nsg;
	machine->guarded = machine->nsg[0] != NONE || machine->nsg[1] != NONE;
	/* A standard public address is closed without a group: records show what answers the machine's own calls. */
	if (element_is_vm(machine->kind) && model->hosts[machine->owner].public_is_standard)
		machine->guarded = true;
	return machine->guarded;
}

int security_build(struct world *world)
{
	const struct model *model = world->model;
	bool any = false;
	for (uint32_t i = 0; i < world->n_machines; i++)
		any |= guard(world, &world->machines[i]);
	for (uint32_t i = 0; i < model->n_nsgs; i++) {
		const struct nsg_config *config = &model->nsgs[i];
		world->nsgs[i] = config->rules;
		world->nsg_used[i] = arena_array(world->arena, config->n_ids, sizeof **world->nsg_used);
		if (!world->nsg_used[i])
			return -ENOMEM;
	}
	int r = security_build_tags(world);
	return r < 0 || !any ? r : records_new(&world->records);
}

void security_set(struct world *world, uint32_t nsg, const struct nsg_rules *rules)
{
	world->nsgs[nsg] = *rules;
}

/* ---- deciding ---- */

/* The group that is asked first or second in this direction; NONE where there is none. */
static uint32_t group_at(const struct machine *machine, enum nsg_direction direction, uint32_t turn)
{
	return machine->nsg[direction == NSG_OUTBOUND ? turn : 1 - turn];
}

static struct verdict verdict_of(const struct world *world, uint32_t nsg, const struct nsg_rule *rule)
{
	return (struct verdict){.reason = rule->allow ? REASON_NONE : REASON_NSG_DENY,
				.by = world->model->nsgs[nsg].by,
				.rule = rule->name,
				.place = rule->place};
}

static uint32_t flags_of(enum nsg_direction direction)
{
	return direction == NSG_INBOUND ? STEP_INBOUND : 0;
}

/* The flow as the machine sends it. */
static struct tuple local_tuple(enum nsg_direction direction, struct tuple tuple)
{
	return direction == NSG_OUTBOUND ? tuple : tuple_reverse(tuple);
}

static bool is_later_fragment(const struct packet *packet)
{
	return (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0;
}

static bool is_resolvers_answer(enum nsg_direction direction, const struct tuple *tuple)
{
	return direction == NSG_INBOUND && tuple->proto == PROTO_UDP && be16_to(tuple->src_port) == 53 &&
	       be32_equal(tuple->src, be32_from(AZURE_DNS_ADDR));
}

static bool opens_connection(const struct packet *packet, const struct tuple *tuple)
{
	return tuple->proto == PROTO_TCP &&
	       (((const struct tcp_header *)packet_l4_const(packet))->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static bool is_supposed(const struct trial *trial, uint32_t machine, const struct tuple *local)
{
	for (uint32_t i = 0; trial && i < trial->n_records; i++)
		if (trial->records[i].machine == machine && tuple_equal(&trial->records[i].local, local))
			return true;
	return false;
}

/* Does the packet belong to a flow with a record? An ICMP error passes where the flow that it is about has one. */
static bool has_record(const struct ask *ask, const struct machine *machine, enum nsg_direction direction,
		       const struct tuple *tuple, uint32_t *ret_record)
{
	const struct world *world = ask->world;
	uint32_t id = (uint32_t)(machine - world->machines);
	struct tuple inner, local = local_tuple(direction, *tuple);
	*ret_record = RECORD_NONE;
	if (tuple->proto == PROTO_ICMP && icmp_error_inner(ask->packet, &inner)) {
		local = local_tuple(direction == NSG_OUTBOUND ? NSG_INBOUND : NSG_OUTBOUND, inner);
		return record_is_live(world->records, id, &local, world->now) || is_supposed(ask->trial, id, &local);
	}
	if (opens_connection(ask->packet, tuple))
		return false;
	*ret_record = record_find(world->records, id, &local, world->now);
	return *ret_record != RECORD_NONE || is_supposed(ask->trial, id, &local);
}

/* A machine without a group, and a packet that has come by a standard public address: a balancer's or its own. */
bool security_is_closed(const struct ask *ask, const struct machine *machine)
{
	const struct model *model = ask->world->model;
	if (ask->leg.from == NONE || machine->nsg[0] != NONE || machine->nsg[1] != NONE)
		return false;
	if (ask->leg.from == machine->node)
		return model->hosts[machine->owner].public_is_standard;
	const struct element *from = element_at(model, ask->leg.from);
	return from->kind == ELEMENT_FRONTEND && from->vnet == NONE &&
	       model->balancers[model->frontends[from->owner].balancer].sku == SKU_STANDARD;
}

void security_drop_closed(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	const struct world *world = ask->world;
	ret->groups.rule[0] = ret->groups.rule[1] = NULL;
	ret->groups.by_record = false;
	decide_drop(ret,
		    (struct verdict){.reason = REASON_NSG_DENY,
				     .by = world->nodes[machine->node].name,
				     .rule = "no-group",
				     .detail = "a standard public address is closed until a security group allows",
				     .place = world->model->hosts[machine->owner].place},
		    STEP_INBOUND);
}

void security_decide(const struct ask *ask, const struct machine *machine, enum nsg_direction direction,
		     struct decision *ret)
{
	const struct world *world = ask->world;
	const struct tuple tuple = packet_tuple(ask->packet);
	if (is_later_fragment(ask->packet) || is_resolvers_answer(direction, &tuple)) {
		decide_pass(ret);
		return;
	}
	decide_passed(ret);
	ret->groups.rule[0] = ret->groups.rule[1] = NULL;
	ret->groups.by_record = has_record(ask, machine, direction, &tuple, &ret->groups.record);
	if (ret->groups.by_record)
		return;
	if (direction == NSG_INBOUND && security_is_closed(ask, machine)) {
		security_drop_closed(ask, machine, ret);
		return;
	}
	for (uint32_t turn = 0; turn < 2; turn++) {
		uint32_t nsg = group_at(machine, direction, turn);
		if (nsg == NONE)
			continue;
		const struct nsg_rule *rule =
			nsg_judge(&world->nsgs[nsg], &world->tags[machine->subnet], direction, &tuple);
		ret->groups.rule[turn] = rule;
		if (!rule->allow) {
			decide_drop(ret, verdict_of(world, nsg, rule), flags_of(direction));
			return;
		}
	}
}

/* ---- what a decision leaves ---- */

static void tell_record(struct world *world, const struct machine *machine, enum nsg_direction direction,
			const struct packet *packet)
{
	if (!trail_wanted(&world->trail, STEP_FILTER, packet))
		return;
	uint32_t nsg = group_at(machine, direction, 0) != NONE ? group_at(machine, direction, 0)
							       : group_at(machine, direction, 1);
	struct verdict verdict = {.by = nsg == NONE ? world->nodes[machine->node].name : world->model->nsgs[nsg].by,
				  .detail = "by its flow record"};
	path_step(world, machine->node, packet, STEP_FILTER, flags_of(direction), &verdict, NULL);
}

void security_count_use(const struct world *world, const struct machine *machine, enum nsg_direction direction,
			const struct decision *decision)
{
	for (uint32_t turn = 0; turn < 2 && !decision->groups.by_record; turn++) {
		const struct nsg_rule *rule = decision->groups.rule[turn];
		if (rule && rule->id != NSG_PLATFORM_RULE)
			world->nsg_used[group_at(machine, direction, turn)][rule->id]++;
	}
}

static void tell_rules(struct world *world, const struct machine *machine, enum nsg_direction direction,
		       const struct packet *packet, const struct decision *decision)
{
	for (uint32_t turn = 0; turn < 2; turn++) {
		const struct nsg_rule *rule = decision->groups.rule[turn];
		uint32_t nsg = group_at(machine, direction, turn);
		if (!rule)
			continue;
		if (!rule->allow || !trail_wanted(&world->trail, STEP_FILTER, packet))
			continue;
		struct verdict verdict = verdict_of(world, nsg, rule);
		path_step(world, machine->node, packet, STEP_FILTER, flags_of(direction), &verdict, NULL);
	}
}

void security_commit(struct world *world, const struct machine *machine, enum nsg_direction direction,
		     struct packet *packet, struct decision *decision)
{
	if (decision->groups.by_record) {
		if (decision->groups.record != RECORD_NONE)
			record_touch(world->records, decision->groups.record, world->now);
		tell_record(world, machine, direction, packet);
		return;
	}
	security_count_use(world, machine, direction, decision);
	tell_rules(world, machine, direction, packet, decision);
	struct tuple tuple = packet_tuple(packet), inner;
	if (decision->verb == VERB_DROP || (tuple.proto == PROTO_ICMP && icmp_error_inner(packet, &inner)))
		return;
	struct tuple local = local_tuple(direction, tuple);
	world_fail(world, record_open(world->records, (uint32_t)(machine - world->machines), &local, world->now));
}

void security_suppose(const struct ask *ask, const struct machine *machine, enum nsg_direction direction,
		      struct trial *trial)
{
	if (trial->n_records == TRIAL_MAX)
		return;
	trial->records[trial->n_records].machine = (uint32_t)(machine - ask->world->machines);
	trial->records[trial->n_records].local = local_tuple(direction, packet_tuple(ask->packet));
	trial->n_records++;
}
