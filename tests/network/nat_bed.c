/* DOC: the bed of nat_bed.h: a world whose machines are stopped, so that nothing answers but the NAT, with packets put
 * into it by hand. What leaves the NAT is what it rewrote last and what it made itself; a hairpin is rewritten twice,
 * and may be dropped between. Outputs wait in a queue until the test asks for them. */
#include "nat_bed.h"
#include "network/drive.h"
#include "scenario/load.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FRAME_BYTES (94u + NAT_TEXT_PAYLOAD_BYTES)
#define IP_AT 14u /* the MAC addresses are not the NAT's business here */
#define MAX_OUTPUTS 1024u
#define MAX_LOG 1024u
struct output {
	uint64_t packet;
	uint32_t n_bytes;
	uint8_t bytes[FRAME_BYTES];
};

static struct arena *arena;
static struct diag_list diags;
static struct world *world;
static uint32_t translator;
static bool is_vip;
static struct machine *appliance; /* whose NAT it is; NULL where it is none's */
static const struct payload *payload;
static uint16_t last_id; /* the identification of what was sent last */
static uint64_t n_sent;
static struct output *outputs;
static size_t n_outputs, n_asked_for;
static enum reason last_drop;
static struct world_mapping *log_lines;
static size_t n_log;

/* ---- watching ---- */

static void forget(uint64_t packet)
{
	for (size_t i = n_asked_for; i < n_outputs; i++)
		if (outputs[i].packet == packet) {
			n_outputs--;
			memmove(&outputs[i], &outputs[i + 1], (n_outputs - i) * sizeof *outputs);
			return;
		}
}

static void keep(const struct packet *packet)
{
	ck_assert_uint_lt(n_outputs, MAX_OUTPUTS);
	struct output *output = &outputs[n_outputs++];
	output->packet = packet->id;
	output->n_bytes = packet_frame_bytes(packet);
	ck_assert_uint_le(output->n_bytes, FRAME_BYTES);
	packet_copy(packet, output->bytes);
}

static int observe(void *context, const struct step *step)
{
	(void)context;
	if (step->node != (appliance ? appliance->node : world->translators[translator].node))
		return 0;
	if (step->kind != STEP_ORIGINATE)
		forget(step->packet->id);
	if (step->kind == STEP_DROP)
		last_drop = step->verdict.reason;
	else
		keep(step->packet);
	return 0;
}

static int note_ended(void *context, const struct world_mapping *mapping)
{
	(void)context;
	ck_assert_uint_lt(n_log, MAX_LOG);
	log_lines[n_log++] = *mapping;
	return 0;
}

/* ---- life ---- */

static void find_translator(bool is_appliances)
{
	const struct elements *elements = world->model->elements;
	uint32_t nat = is_vip ? elements->vip[0] : world->model->n_sites > 0 ? elements->nat[0] : NONE;
	translator = nat == NONE ? NONE : translator_number(world, nat);
	appliance = NULL;
	for (uint32_t i = 0; is_appliances && i < world->n_machines; i++)
		if (world->machines[i].own_nat != NONE)
			appliance = &world->machines[i];
	if (appliance)
		translator = appliance->own_nat;
	ck_assert_uint_lt(translator, world->n_translators);
}

static void open_bed(const char *text, bool is_appliances)
{
	struct model *model;
	static const uint8_t pattern[] = "packets in, packets out. ";
	diag_init(&diags, arena);
	ck_assert_int_eq(scenario_load_text(arena, "bed.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
	ck_assert_msg(model, "%s\n%s", diags.n ? diags.items[0].message : "", text);
	ck_assert_int_eq(world_new(model, 1, &world), 0);
	ck_assert_int_eq(trail_observe(world_trail(world),
				       (struct trail_observer){.wants = 1u << STEP_TRANSLATE | 1u << STEP_DROP |
									1u << STEP_ORIGINATE,
							       .step = observe}),
			 0);
	find_translator(is_appliances);
	log_lines = arena_array(arena, MAX_LOG, sizeof *log_lines);
	n_log = 0;
	world_observe_nat(world, note_ended, NULL);
	payload = payload_new(arena, NULL, 0, pattern, sizeof pattern - 1,
			      NAT_TEXT_PAYLOAD_BYTES / (sizeof pattern - 1) + 1, NULL, 0);
	outputs = malloc(MAX_OUTPUTS * sizeof *outputs);
	ck_assert_ptr_nonnull(outputs);
	waits_ms(1);
	n_outputs = n_asked_for = 0;
	last_drop = REASON_NONE;
}

/* A packet belongs to a connection: that of `idle` is made far from the NAT. */
#define OUTSIDE_HOSTS                                                                                                  \
	"    x: {internet: true, ip: 203.0.113.10, listen: [9/udp]}\n"                                                 \
	"    y: {internet: true, ip: 203.0.113.11, listen: [9/udp]}\n"                                                 \
	"    z: {internet: true, ip: 203.0.113.12, listen: [9/udp]}\n"                                                 \
	"flows: {idle: {from: z, to: \"y:9/udp\"}}\n"                                                                  \
	"timeline:\n  - {at: 0s, stop: x}\n  - {at: 0s, stop: y}\n  - {at: 0s, stop: z}\n"

void open_site(const char *keys)
{
	is_vip = false;
	arena = arena_new();
	const char *address =
		strstr(keys, "address: ") == keys || strstr(keys, " address: ") ? "" : "address: 198.51.100.1, ";
	open_bed(arena_printf(arena,
			      "scenario: 1\nnetwork:\n"
			      "  sites: {lan: {prefixes: [172.16.0.0/12], nat: {%s%s}}}\n"
			      "  hosts:\n"
			      "    a: {site: lan, ip: 172.16.0.10}\n    b: {site: lan, ip: 172.16.0.11}\n    c: {site: "
			      "lan, ip: "
			      "172.16.0.12}\n" OUTSIDE_HOSTS
			      "  - {at: 0s, stop: a}\n  - {at: 0s, stop: b}\n  - {at: 0s, stop: c}\n",
			      address, keys),
		 false);
}

void open_forced(const char *keys)
{
	is_vip = false;
	arena = arena_new();
	open_bed(arena_printf(arena,
			      "scenario: 1\nnetwork:\n"
			      "  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.2.0/24}}}}\n"
			      "  sites: {lan: {prefixes: [172.16.0.0/12], gateway: {vnet: v, kind: vpn, advertises: "
			      "[0.0.0.0/0]},\n"
			      "                nat: {address: 198.51.100.1, %s}}}\n"
			      "  hosts:\n"
			      "    g: {subnet: v/s, ip: 10.0.2.4}\n" OUTSIDE_HOSTS "  - {at: 0s, stop: g}\n",
			      keys),
		 false);
}

void open_appliance(const char *keys)
{
	is_vip = false;
	arena = arena_new();
	open_bed(arena_printf(arena,
			      "scenario: 1\nnetwork:\n"
			      "  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.2.0/24, routes: t}, d: "
			      "{cidr: 10.0.3.0/24}}}}\n"
			      "  route_tables: {t: {routes: {all: {prefix: 0.0.0.0/0, next_hop: i}}}}\n"
			      "  hosts:\n"
			      "    g: {subnet: v/s, ip: 10.0.2.4}\n"
			      "    i: {subnet: v/d, ip: 10.0.3.4, forwards: true, nat: {%s}}\n" OUTSIDE_HOSTS
			      "  - {at: 0s, stop: g}\n",
			      keys),
		 true);
}

void open_vip(const char *keys)
{
	is_vip = true;
	arena = arena_new();
	open_bed(arena_printf(arena,
			      "scenario: 1\nnetwork:\n"
			      "  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/26}}}}\n"
			      "  ases: {e: {subnet: v/s, vip: 198.51.100.1, front_ends: 1, workers: 2, ports: [], "
			      "apps: {p: {listen: "
			      "[443/tcp]}}, snat: {%s}}}\n"
			      "  hosts:\n" OUTSIDE_HOSTS "  - {at: 0s, stop: e/worker-0}\n  - {at: 0s, stop: "
			      "e/worker-1}\n  - {at: 0s, stop: e/front-end-0}\n",
			      keys),
		 false);
}

void close_bed(void)
{
	free(outputs);
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
}

/* ---- in ---- */

static const struct machine *worker_of(be32 addr)
{
	for (uint32_t i = 0; i < world->n_machines; i++)
		if (world->machines[i].addr.raw == addr.raw)
			return &world->machines[i];
	ck_abort_msg("no element of the environment has this address");
	return NULL;
}

static void put(const char *text)
{
	struct packet *packet = packets_get(&world->packets);
	struct packet_text open = {.ttl = 64, .id = ++last_id};
	ck_assert_ptr_nonnull(packet);
	nat_text_packet(text, &open, payload, packet);
	last_id = be16_to(packet_ip_const(packet)->id);
	packet->id = 1000000 + n_sent++;
	packet->flags |= PACKET_CRAFTED;
	world->counts.originated++;
	world->flows[0].originated++;
	last_drop = REASON_NONE;
	uint32_t nat = world->translators[translator].node;
	struct leg leg = drive_arrival(world, nat);
	if (appliance)
		leg = (struct leg){PASSAGE_NIC_IN, appliance->node, NONE};
	else if (is_vip && nat_text_is_inside(text))
		leg = (struct leg){PASSAGE_VIP_OUT, nat, worker_of(packet_ip_const(packet)->src)->node};
	drive(world, leg, packet);
	drive_outgoing(world);
	ck_assert_int_ge(world->error, 0);
}

void waits_ms(int64_t ms)
{
	struct instant until = instant_add(world->now, ms * 1000000);
	ck_assert_int_ge(world_run(world, until, UINT64_MAX), 0);
	world->now = until;
	ck_assert_int_ge(nat_handle(world->translators[translator].nat, until), 0);
}

void waits_s(int64_t s)
{
	waits_ms(s * 1000);
}

void bed_sends(const struct place_in_test *at, const char *format, ...)
{
	char text[512];
	va_list args;
	bed_nothing_comes(at);
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put(text);
}

/* ---- out ---- */

static const char *hex(const uint8_t *bytes, size_t n)
{
	char *text = arena_alloc(arena, 3 * n + 1), *at = text;
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%02x%s", bytes[i], i == 19 || i == 27 ? "  " : "");
	return text;
}

static const char *in_words(const struct output *output)
{
	struct packet packet = {.header_bytes = PACKET_HEADER_BYTES - PACKET_PAD_BYTES};
	size_t n = output->n_bytes < packet.header_bytes ? output->n_bytes : packet.header_bytes;
	char text[TUPLE_TEXT_BYTES];
	memcpy(packet.header + PACKET_ETHERNET_AT, output->bytes, n);
	struct tuple tuple = packet_tuple(&packet);
	return arena_printf(arena, "%s, TTL %u, %u bytes", tuple_print(&tuple, text), packet_ip(&packet)->ttl,
			    output->n_bytes);
}

static void compare(const struct place_in_test *at, const char *text)
{
	ck_assert_msg(n_asked_for < n_outputs, "%s:%d: `%s` should come, and nothing does (%s)", at->file, at->line,
		      text, reason_name(last_drop));
	const struct output *output = &outputs[n_asked_for++];
	struct packet packet;
	struct packet_text open = {.ttl = is_vip ? 64 : 63, .id = last_id};
	nat_text_packet(text, &open, payload, &packet);
	uint32_t n = packet_frame_bytes(&packet);
	uint8_t *bytes = arena_alloc(arena, n);
	packet_copy(&packet, bytes);
	size_t differs = IP_AT;
	while (differs < n && differs < output->n_bytes && bytes[differs] == output->bytes[differs])
		differs++;
	size_t shown = n < 94 ? n - IP_AT : 80, came = output->n_bytes < 94 ? output->n_bytes - IP_AT : 80;
	ck_assert_msg(differs == n && n == output->n_bytes,
		      "%s:%d: `%s` should come; it is %s, and differs in byte %zu behind the MAC addresses\n  %s\n  %s",
		      at->file, at->line, text, in_words(output), differs - IP_AT, hex(bytes + IP_AT, shown),
		      hex(output->bytes + IP_AT, came));
}

void bed_comes(const struct place_in_test *at, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	compare(at, text);
}

void bed_nothing_comes(const struct place_in_test *at)
{
	if (n_asked_for < n_outputs)
		ck_abort_msg("%s:%d: nothing expects %s", at->file, at->line, in_words(&outputs[n_asked_for]));
	if (n_outputs > 0 && n_asked_for == n_outputs) { /* what came last can still be asked about */
		memmove(&outputs[0], &outputs[n_outputs - 1], sizeof *outputs);
		n_outputs = n_asked_for = 1;
	}
}

void bed_dropped(const struct place_in_test *at, enum reason reason)
{
	bed_nothing_comes(at);
	ck_assert_msg(last_drop == reason, "%s:%d: dropped for `%s`, not `%s`", at->file, at->line,
		      reason_name(last_drop), reason_name(reason));
}

void bed_passes(const struct place_in_test *at, const char *sent, const char *expected)
{
	bed_sends(at, "%s", sent);
	bed_comes(at, "%s", expected);
	bed_nothing_comes(at);
}

uint8_t output_byte(size_t i)
{
	ck_assert_uint_gt(n_outputs, 0);
	const struct output *output = &outputs[n_outputs - 1];
	ck_assert_uint_lt(i, output->n_bytes);
	return output->bytes[i];
}

uint16_t outside_port(void)
{
	return (uint16_t)(output_byte(34) << 8 | output_byte(35));
}

uint64_t mappings(void)
{
	struct nat_metrics metrics;
	nat_metrics(world->translators[translator].nat, UINT32_MAX, &metrics);
	return metrics.mappings;
}

enum reason drop_reason(void)
{
	return last_drop;
}

uint64_t exhausted(void)
{
	return world->translators[translator].exhausted;
}

const struct world_mapping *logged(size_t i)
{
	return i < n_log ? &log_lines[i] : NULL;
}
