/* The model's NAT: a world whose machines are stopped, so that nothing answers, into whose NAT packets are put by
 * hand. */
#include "base/arena.h"
#include "bed.h"
#include "network/drive.h"
#include "scenario/load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model_bed {
	struct arena *arena;
	struct diag_list diags;
	struct model *model;
	struct world *world;
	const struct setup *setup;
	uint32_t translator;
	uint64_t next_id;
	struct outputs *outputs; /* of the packet under way */
	uint64_t ids[BED_MAX_OUTPUTS];
	bool listening;
};

be32 bed_host(char name, uint16_t remote)
{
	uint32_t outside = 203u << 24 | (uint32_t)remote << 8;
	switch (name) {
	case 'a':
	case 'b':
	case 'c':
		return be32_from(0xac100000u + ((uint32_t)remote << 8) + 10 + (uint32_t)(name - 'a'));
	case 'w': /* a worker, the front end */
		return be32_from(0x0a000105u);
	case 'f':
		return be32_from(0x0a000104u);
	case 'N':
		return be32_from(NAT_ADDR);
	default:
		return be32_from(outside + 10 + (uint32_t)(name - 'x'));
	}
}

static uint32_t nat_node(const struct model_bed *bed)
{
	return bed->world->translators[bed->translator].node;
}

static void forget(struct model_bed *bed, uint64_t id)
{
	struct outputs *outputs = bed->outputs;
	for (size_t i = 0; i < outputs->n; i++)
		if (bed->ids[i] == id) {
			outputs->n--;
			memmove(&outputs->items[i], &outputs->items[i + 1],
				(outputs->n - i) * sizeof outputs->items[0]);
			memmove(&bed->ids[i], &bed->ids[i + 1], (outputs->n - i) * sizeof bed->ids[0]);
			return;
		}
}

static void keep(struct model_bed *bed, const struct step *step, bool own)
{
	struct outputs *outputs = bed->outputs;
	if (outputs->n == BED_MAX_OUTPUTS)
		abort();
	bed->ids[outputs->n] = step->packet->id;
	struct output *output = &outputs->items[outputs->n++];
	uint32_t dst = be32_to(packet_ip_const(step->packet)->dst);
	output->side = (dst >> 20 == 0xac1u || dst >> 8 == 0x0a0001u) ? INSIDE : OUTSIDE;
	output->own = own;
	output->n_bytes = packet_frame_bytes(step->packet);
	packet_copy(step->packet, output->bytes);
}

/* What leaves the NAT is what it rewrote last, and what it made itself. A hairpin is rewritten twice, and may be
 * dropped between. */
static int observe(void *context, const struct step *step)
{
	struct model_bed *bed = context;
	if (!bed->listening || step->node != nat_node(bed))
		return 0;
	if (step->kind == STEP_TRANSLATE) {
		bool own = false;
		for (size_t i = 0; i < bed->outputs->n; i++)
			own |= bed->ids[i] == step->packet->id && bed->outputs->items[i].own;
		forget(bed, step->packet->id);
		keep(bed, step, own);
	} else if (step->kind == STEP_FORWARD && (step->flags & STEP_INBOUND) == 0) {
		keep(bed, step, false); /* as it is */
	} else if (step->kind == STEP_ORIGINATE) {
		keep(bed, step, true);
	} else if (step->kind == STEP_DROP) {
		forget(bed, step->packet->id);
	}
	return 0;
}

static void print_keys(FILE *out, const struct setup *setup)
{
	const struct {
		const char *key;
		unsigned value;
	} timers[] = {{"tcp_idle", setup->tcp_idle_s},
		      {"tcp_transitory", setup->tcp_transitory_s},
		      {"tcp_reset", setup->tcp_reset_s},
		      {"udp_idle", setup->udp_idle_s},
		      {"icmp_idle", setup->icmp_idle_s}};
	fputs("{profile: linux, address: 198.51.100.1", out);
	if (setup->firewall)
		fprintf(out, ", port_range: \"%u-%u\", unknown: drop", setup->port_first, setup->port_last);
	fputs(setup->strict ? ", loose: false" : "", out);
	fputs(setup->drops_invalid ? ", invalid: drop" : "", out);
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
		if (timers[i].value)
			fprintf(out, ", %s: %us", timers[i].key, timers[i].value);
	fputs("}", out);
}

static char *scenario(const struct setup *setup, uint16_t remote)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	unsigned a = remote >> 8, b = remote & 0xff;
	fputs("scenario: 1\nnetwork:\n", out);
	if (setup->environment) {
		fputs("  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/26}}}}\n"
		      "  ases: {e: {subnet: v/s, vip: 198.51.100.1, front_ends: 1, workers: 1, ports: [], apps: {p: "
		      "{listen: [443/tcp]}}, "
		      "snat: ",
		      out);
		print_keys(out, setup);
		fputs("}}\n  hosts:\n", out);
	} else {
		fputs("  sites: {lan: {prefixes: [172.16.0.0/12], nat: ", out);
		print_keys(out, setup);
		fputs("}}\n  hosts:\n", out);
		for (unsigned i = 0; i < 3; i++)
			fprintf(out, "    %c: {site: lan, ip: 172.%u.%u.%u}\n", "abc"[i], 16 + a, b, 10 + i);
	}
	for (unsigned i = 0; i < 3; i++)
		fprintf(out, "    %c: {internet: true, ip: 203.%u.%u.%u, listen: [9/udp]}\n", "xyz"[i], a, b, 10 + i);
	/* A packet belongs to a connection: this one is made far from the NAT. */
	fputs("flows: {idle: {from: z, to: \"y:9/udp\"}}\ntimeline:\n", out);
	fputs("  - {at: 0s, stop: x}\n  - {at: 0s, stop: y}\n  - {at: 0s, stop: z}\n", out);
	fputs(setup->environment ? "  - {at: 0s, stop: e/worker-0}\n  - {at: 0s, stop: e/front-end-0}\n"
				 : "  - {at: 0s, stop: a}\n  - {at: 0s, stop: b}\n  - {at: 0s, stop: c}\n",
	      out);
	(void)fclose(out);
	return text;
}

struct model_bed *model_bed_new(const struct setup *setup, uint16_t remote)
{
	struct model_bed *bed = calloc(1, sizeof *bed);
	char *text = scenario(setup, remote);
	bed->setup = setup;
	bed->arena = arena_new();
	diag_init(&bed->diags, bed->arena);
	if (scenario_load_text(bed->arena, "conformance.yaml", text, strlen(text), NULL, 0, &bed->diags, &bed->model) !=
		    0 ||
	    !bed->model) {
		fprintf(stderr, "%s\n%s\n", bed->diags.n ? bed->diags.items[0].message : "short memory", text);
		abort();
	}
	free(text);
	if (world_new(bed->model, 1, &bed->world) != 0 ||
	    trail_observe(world_trail(bed->world),
			  (struct trail_observer){.wants = 1u << STEP_TRANSLATE | 1u << STEP_FORWARD | 1u << STEP_DROP |
							   1u << STEP_ORIGINATE,
						  .step = observe,
						  .context = bed}) != 0)
		abort();
	const struct elements *elements = bed->model->elements;
	bed->translator = translator_number(bed->world, setup->environment ? elements->vip[0] : elements->nat[0]);
	model_bed_wait(bed, 1);
	return bed;
}

void model_bed_free(struct model_bed *bed)
{
	world_free(bed->world);
	diag_deinit(&bed->diags);
	arena_free(bed->arena);
	free(bed);
}

struct arena *model_bed_arena(struct model_bed *bed)
{
	return bed->arena;
}

struct packet *model_bed_packet(struct model_bed *bed)
{
	struct packet *packet = packets_get(&bed->world->packets);
	memset(packet, 0, sizeof *packet);
	packet->id = 1000000 + bed->next_id++;
	packet->flags = PACKET_CRAFTED; /* it may be damaged */
	return packet;
}

void model_bed_send(struct model_bed *bed, enum side side, struct packet *packet, struct outputs *ret)
{
	struct world *world = bed->world;
	ret->n = 0;
	bed->outputs = ret;
	bed->listening = true;
	world->counts.originated++;
	world->flows[0].originated++;
	uint32_t nat = world->translators[bed->translator].node;
	struct leg leg = drive_arrival(world, nat);
	if (bed->setup->environment && side != OUTSIDE) {
		bool front_end = packet_ip_const(packet)->src.raw == bed_host('f', 0).raw;
		leg = (struct leg){PASSAGE_VIP_OUT, nat,
				   front_end ? element_front_end(world->model, 0, 0)
					     : element_worker(world->model, 0, 0)};
	}
	drive(world, leg, packet);
	drive_outgoing(world);
	bed->listening = false;
	if (world->error < 0)
		abort();
}

void model_bed_wait(struct model_bed *bed, unsigned ms)
{
	struct instant until = instant_add(bed->world->now, (int64_t)ms * 1000000);
	if (world_run(bed->world, until, UINT64_MAX) < 0)
		abort();
	bed->world->now = until;
}

struct listing {
	const struct model_bed *bed;
	const struct nat *nat;
	struct table *table;
};

static void list_mapping(void *context, const struct nat_mapping *mapping)
{
	const struct listing *listing = context;
	int64_t left_ns = instant_since(nat_mapping_ends(listing->nat, mapping), listing->bed->world->now);
	if (mapping->inside.src.raw == be32_from(NAT_ADDR).raw || listing->table->n == BED_MAX_ENTRIES)
		return; /* of the router itself */
	listing->table->items[listing->table->n++] =
		(struct table_entry){nat_is_query(mapping->inside.proto) ? PROTO_ICMP : mapping->inside.proto,
				     mapping->inside.src,
				     mapping->inside.dst,
				     be16_to(mapping->inside.src_port),
				     be16_to(mapping->inside.dst_port),
				     left_ns / 1000000000,
				     mapping->packets == 1};
}

void model_bed_table(struct model_bed *bed, struct table *ret)
{
	struct nat *nat = bed->world->translators[bed->translator].nat;
	struct listing listing = {bed, nat, ret};
	ret->n = 0;
	if (nat_handle(nat, bed->world->now) < 0 || nat_each(nat, list_mapping, &listing) < 0)
		abort();
}
