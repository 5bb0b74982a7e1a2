/* DOC: a device in place of a NAT. What arrives at the translator is given to the device, and what comes out of the
 * device goes on; the model's NAT decides about the same packet, so that there is a prediction to hold the device against.
 * The device may choose ports of its own: what comes back for one of them is asked under the port that the model gave.
 * Fragments are the model's own business: a device may hold them until the last is there. */
#include "net/checksum.h"
#include "network/drive.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_BYTES 65600u

struct port_pair { /* of one flow, towards one remote end */
	uint8_t proto;
	be32 remote;
	be16 remote_port, outer, model;
};

struct device {
	struct world_device outside_world;
	struct port_pair *pairs;
	size_t n, capacity;
	uint8_t frame[FRAME_BYTES]; /* that came out */
};

int world_use_device(struct world *world, uint32_t node, const struct world_device *device)
{
	for (uint32_t i = 0; i < world->n_translators; i++) {
		struct translator *translator = &world->translators[i];
		if (translator->node != node)
			continue;
		translator->device = calloc(1, sizeof *translator->device);
		if (!translator->device)
			return -ENOMEM;
		translator->device->outside_world = *device;
		return 0;
	}
	return -EINVAL;
}

void device_free(struct translator *translator)
{
	if (translator->device)
		free(translator->device->pairs);
	free(translator->device);
}

/* ---- ports ---- */

static struct port_pair *find(const struct device *device, uint8_t proto, be32 remote, be16 remote_port, be16 outer)
{
	struct port_pair *any = NULL;
	for (size_t i = device->n; i-- > 0;) {
		struct port_pair *pair = &device->pairs[i];
		if (pair->proto != proto || !be16_equal(pair->outer, outer))
			continue;
		if (be32_equal(pair->remote, remote) &&
		    (proto == PROTO_ICMP || be16_equal(pair->remote_port, remote_port)))
			return pair;
		any = pair; /* another sender tries the port: the model has to say what it thinks of that */
	}
	return any;
}

static int remember(struct device *device, const struct tuple *tuple, be16 outer, be16 model)
{
	struct port_pair *known = find(device, tuple->proto, tuple->dst, tuple->dst_port, outer);
	if (known && be32_equal(known->remote, tuple->dst) && be16_equal(known->remote_port, tuple->dst_port)) {
		known->model = model;
		return 0;
	}
	if (device->n == device->capacity) {
		size_t capacity = device->capacity ? 2 * device->capacity : 64;
		struct port_pair *grown = realloc(device->pairs, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		device->pairs = grown;
		device->capacity = capacity;
	}
	device->pairs[device->n++] = (struct port_pair){tuple->proto, tuple->dst, tuple->dst_port, outer, model};
	return 0;
}

be16 device_models_port(const struct translator *translator, uint8_t proto, be32 remote, be16 remote_port, be16 outer)
{
	const struct port_pair *pair = find(translator->device, proto, remote, remote_port, outer);
	return pair ? pair->model : outer;
}

/* ---- the device ---- */

/* A router has lowered TTL before it translates; the device has to do that itself. */
/* `hops`: by which TTL falls with the decision, not yet. */
static struct packet as_it_arrived(const struct translator *translator, uint8_t hops, const struct packet *packet)
{
	struct packet arrived = *packet;
	if (translator->kind != ELEMENT_VIP && hops == 0) {
		struct ipv4_header *ip = packet_ip(&arrived);
		ip->ttl++;
		ip->check = (be16){0};
		ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
	}
	return arrived;
}

/* What came out, as a tuple; false where nothing did. */
static bool ask_device(struct world *world, struct translator *translator, bool outbound, uint8_t hops,
		       const struct packet *packet, const struct packet *predicted, enum reason reason,
		       struct tuple *ret)
{
	struct device *device = translator->device;
	struct packet arrived = as_it_arrived(translator, hops, packet), out = {0};
	size_t n = 0;
	struct world_passage passage = {
		.outbound = outbound,
		.node = translator->node,
		.at = world->now,
		.flow = packet->flow,
		.index_in_flow = packet->connection - world->flows[packet->flow].first_connection,
		.arrived = &arrived,
		.predicted = predicted,
		.reason = reason,
	};
	int r = device->outside_world.pass(device->outside_world.context, &passage, device->frame, FRAME_BYTES, &n);
	if (r < 0)
		world_fail(world, r);
	if (r <= 0 || n < PACKET_L4_AT - PACKET_PAD_BYTES)
		return false;
	out.header_bytes =
		(uint16_t)(n < PACKET_HEADER_BYTES - PACKET_PAD_BYTES ? n : PACKET_HEADER_BYTES - PACKET_PAD_BYTES);
	memcpy(out.header + PACKET_ETHERNET_AT, device->frame, out.header_bytes);
	*ret = packet_tuple(&out);
	return true;
}

static void nothing_came_out(const struct translator *translator, struct decision *decision)
{
	struct verdict verdict = {
		.by = translator->world->nodes[translator->node].name,
		.place = translate_place(translator, NULL),
		.reason = REASON_FILTERED,
		.rule = "device",
		.detail = decision->nat.reading == READING_ERROR ? "no error came out of the device"
								 : "nothing came out of the device",
	};
	if (decision->verb == VERB_DROP) /* as predicted */
		return;
	decide_drop(decision, verdict, translator->kind == ELEMENT_APPLIANCE ? STEP_SEEN | STEP_INBOUND : 0);
}

void device_commit(struct world *world, struct translator *translator, bool outbound, struct packet *packet,
		   struct decision *decision)
{
	const struct tuple before = packet_tuple(packet);
	bool passes = decision->verb == VERB_GO;
	struct packet predicted = *packet;
	struct tuple out;
	if (decision->nat.reading == READING_USUAL)
		world_fail(world,
			   nat_commit(translator->nat, &decision->nat.packet, &decision->nat.answer, world->now));
	if (passes) {
		struct decision change = *decision;
		change.hops = 0;
		drive_apply(&change, &predicted);
	}
	if (!ask_device(world, translator, outbound, decision->hops, packet, passes ? &predicted : NULL,
			decision->nat.answer.reason, &out)) {
		nothing_came_out(translator, decision);
		return;
	}
	if (decision->nat.reading ==
	    READING_ERROR) /* the packet inside shows whose it is: it goes as predicted, or not at all */
		return;
	if (outbound && passes)
		world_fail(world, remember(translator->device, &before, out.src_port, decision->nat.answer.port));
	if (passes) {
		decision->change.addr = outbound ? out.src : out.dst;
		decision->change.port = outbound ? out.src_port : out.dst_port;
		return;
	}
	/* The model would have dropped it. The device's word counts. */
	translate_go(world, translator, outbound, &out, decision);
}
