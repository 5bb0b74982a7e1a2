/* DOC: a device in place of a NAT. What arrives at the translator is given to the device, and what comes out of the
 * device goes on; the model's NAT is asked the same question, so that there is a prediction to hold the device against.
 * The device may choose ports of its own: what comes back for one of them is asked under the port that the model gave.
 * Fragments are the model's own business: a device may hold them until the last is there. */
#include "net/checksum.h"
#include "network/world_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_BYTES 65600u

struct port_pair { /* of one flow, towards one remote end */
	uint8_t proto;
	be32 remote;
	be16 remote_port, device, model;
};

struct divert {
	struct world_device device;
	struct port_pair *pairs;
	size_t n, capacity;
	uint8_t frame[FRAME_BYTES]; /* that came out */
};

int world_divert(struct world *world, uint32_t node, const struct world_device *device)
{
	for (uint32_t i = 0; i < world->n_translators; i++) {
		struct translator *translator = &world->translators[i];
		if (translator->node != node)
			continue;
		translator->divert = calloc(1, sizeof *translator->divert);
		if (!translator->divert)
			return -ENOMEM;
		translator->divert->device = *device;
		return 0;
	}
	return -EINVAL;
}

void divert_free(struct translator *translator)
{
	if (translator->divert)
		free(translator->divert->pairs);
	free(translator->divert);
}

/* ---- ports ---- */

static struct port_pair *find(const struct divert *divert, uint8_t proto, be32 remote, be16 remote_port, be16 device)
{
	struct port_pair *any = NULL;
	for (size_t i = divert->n; i-- > 0;) {
		struct port_pair *pair = &divert->pairs[i];
		if (pair->proto != proto || !be16_equal(pair->device, device))
			continue;
		if (be32_equal(pair->remote, remote) &&
		    (proto == PROTO_ICMP || be16_equal(pair->remote_port, remote_port)))
			return pair;
		any = pair; /* somebody else tries the port: the model has to say what it thinks of that */
	}
	return any;
}

static int remember(struct divert *divert, const struct tuple *tuple, be16 device, be16 model)
{
	struct port_pair *known = find(divert, tuple->proto, tuple->dst, tuple->dst_port, device);
	if (known && be32_equal(known->remote, tuple->dst) && be16_equal(known->remote_port, tuple->dst_port)) {
		known->model = model;
		return 0;
	}
	if (divert->n == divert->capacity) {
		size_t capacity = divert->capacity ? 2 * divert->capacity : 64;
		struct port_pair *grown = realloc(divert->pairs, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		divert->pairs = grown;
		divert->capacity = capacity;
	}
	divert->pairs[divert->n++] = (struct port_pair){tuple->proto, tuple->dst, tuple->dst_port, device, model};
	return 0;
}

static be16 models_port(const struct divert *divert, uint8_t proto, be32 remote, be16 remote_port, be16 device)
{
	const struct port_pair *pair = find(divert, proto, remote, remote_port, device);
	return pair ? pair->model : device;
}

/* ---- the device ---- */

/* A router has lowered TTL before it translates; the device has to do that itself. */
static struct packet as_it_arrived(const struct translator *translator, const struct packet *packet)
{
	struct packet arrived = *packet;
	if (translator->ase == NONE) {
		struct ipv4_header *ip = packet_ip(&arrived);
		ip->ttl++;
		ip->check = (be16){0};
		ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
	}
	return arrived;
}

/* What came out, as a tuple; false where nothing did. */
static bool ask_device(struct world *world, struct translator *translator, bool outbound, const struct packet *packet,
		       const struct packet *predicted, enum reason reason, struct tuple *ret)
{
	struct divert *divert = translator->divert;
	struct packet arrived = as_it_arrived(translator, packet), out = {0};
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
	int r = divert->device.pass(divert->device.context, &passage, divert->frame, FRAME_BYTES, &n);
	if (r < 0)
		world_fail(world, r);
	if (r <= 0 || n < PACKET_L4_AT - PACKET_PAD_BYTES)
		return false;
	out.header_bytes =
		(uint16_t)(n < PACKET_HEADER_BYTES - PACKET_PAD_BYTES ? n : PACKET_HEADER_BYTES - PACKET_PAD_BYTES);
	memcpy(out.header + PACKET_ETHERNET_AT, divert->frame, out.header_bytes);
	*ret = packet_tuple(&out);
	return true;
}

static void nothing_came_out(const struct translator *translator, enum reason predicted, const char *detail,
			     struct verdict *ret)
{
	ret->by = translator->world->nodes[translator->node].name;
	ret->place = translate_place(translator, ret->rule);
	if (predicted != REASON_NONE) { /* as it should be */
		ret->reason = predicted;
		return;
	}
	ret->reason = REASON_FILTERED;
	ret->rule = "device";
	ret->detail = detail;
}

/* ---- errors: the packet inside tells whose they are ---- */

static bool predict_error(struct world *world, const struct translator *translator, bool outbound,
			  struct packet *packet, enum reason *ret)
{
	struct tuple inner;
	struct nat_answer answer = {.reason = REASON_NO_MAPPING};
	if (icmp_error_inner(packet, &inner)) {
		if (!outbound)
			inner.src_port =
				models_port(translator->divert, inner.proto, inner.dst, inner.dst_port, inner.src_port);
		nat_error(translator->nat, outbound, &inner, world->now, &answer);
	}
	*ret = answer.reason;
	if (answer.reason != REASON_NONE)
		return false;
	if (outbound) {
		packet_rewrite_inner_dst(packet, answer.addr, answer.port);
		packet_rewrite_src(packet, answer.addr, answer.port);
	} else {
		packet_rewrite_inner_src(packet, answer.addr, answer.port);
		packet_rewrite_dst(packet, answer.addr, answer.port);
	}
	return true;
}

/* True where the error goes on, as predicted. */
static bool divert_error(struct world *world, struct translator *translator, bool outbound, struct packet *packet,
			 struct verdict *ret)
{
	const struct packet original = *packet;
	struct tuple out;
	enum reason reason;
	bool passes = predict_error(world, translator, outbound, packet, &reason);
	if (ask_device(world, translator, outbound, &original, passes ? packet : NULL, reason, &out) && passes)
		return true;
	*packet = original;
	nothing_came_out(translator, reason, "no error came out of the device", ret);
	return false;
}

/* ---- both ways ---- */

struct packet *divert_out(struct world *world, struct translator *translator, const struct nat_question *question,
			  bool is_error, struct packet *packet)
{
	const struct tuple before = question->tuple;
	struct nat_answer answer = {.reason = REASON_NONE};
	struct verdict verdict = {.reason = REASON_NONE};
	struct tuple out;
	packet->next = NULL;
	if (is_error) {
		if (!divert_error(world, translator, true, packet, &verdict)) {
			translate_drop(world, translator, packet, verdict.reason, verdict.rule, verdict.detail);
			return NULL;
		}
		translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &before);
		return packet;
	}
	world_fail(world, nat_outbound(translator->nat, question, world->now, &answer));
	struct packet predicted = *packet;
	if (answer.reason == REASON_NONE)
		packet_rewrite_src(&predicted, answer.addr, answer.port);
	if (!ask_device(world, translator, true, packet, answer.reason == REASON_NONE ? &predicted : NULL,
			answer.reason, &out)) {
		nothing_came_out(translator, answer.reason, "nothing came out of the device", &verdict);
		translate_drop(world, translator, packet, verdict.reason, verdict.rule, verdict.detail);
		return NULL;
	}
	if (answer.reason == REASON_NONE)
		world_fail(world, remember(translator->divert, &before, out.src_port, answer.port));
	packet_rewrite_src(packet, out.src, out.src_port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &before);
	return packet;
}

enum translate_way divert_in(struct world *world, struct translator *translator, const struct nat_question *question,
			     bool is_error, struct packet *packet, struct verdict *ret)
{
	const struct tuple before = question->tuple;
	struct nat_question models = *question;
	struct nat_answer answer = {.reason = REASON_NONE};
	struct tuple out;
	packet->next = NULL;
	if (is_error) {
		if (!divert_error(world, translator, false, packet, ret))
			return TRANSLATE_UNKNOWN;
	} else {
		models.tuple.dst_port =
			models_port(translator->divert, before.proto, before.src, before.src_port, before.dst_port);
		if (before.proto == PROTO_ICMP)
			models.tuple.src_port = models.tuple.dst_port;
		world_fail(world, nat_inbound(translator->nat, &models, world->now, &answer));
		struct packet predicted = *packet;
		if (answer.reason == REASON_NONE)
			packet_rewrite_dst(&predicted, answer.addr, answer.port);
		if (!ask_device(world, translator, false, packet, answer.reason == REASON_NONE ? &predicted : NULL,
				answer.reason, &out)) {
			nothing_came_out(translator, answer.reason, "nothing came out of the device", ret);
			return TRANSLATE_UNKNOWN;
		}
		packet_rewrite_dst(packet, out.dst, out.dst_port);
	}
	translate_tell(world, translator, packet, STEP_REALM | STEP_INBOUND, translate_rule(translator), &before);
	return TRANSLATE_DONE;
}
