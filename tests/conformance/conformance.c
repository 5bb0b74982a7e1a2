/* The model's NAT beside the Linux kernel's: the same packets into both, and what comes out compared field by field.
 *
 * DOC: usage: netns.sh run NAME conformance NETNS_SCRIPT NAME DOCUMENT [SEED [COUNT] | case BED STEP...]. A case passes where both give
 * the same at each step, but for what cannot be the same: a port that the NAT chooses (it must be of the range, and the
 * same one for the whole flow), and what the NAT itself makes (whose identification is its own). Known differences are
 * marked in the cases and must be there; each has a line in the document.
 *
 * A fragment's fate is known when the whole datagram is there: the kernel puts it together first. So what comes out of
 * the pieces of a datagram is compared when the last of them is in. */
#include "base/arena.h"
#include "base/random.h"
#include "cases.h"
#include "compare/frame.h"
#include "net/checksum.h"
#include "net/fragment.h"
#include "script.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define MAX_PIECES 8
#define N_RANDOM 150

struct test {
	struct kernel *kernel;
	const char *document;
	const struct setup *setup;
	struct model_bed *bed;
	struct learned learned;
	uint16_t remote, serial;
	struct timespec began; /* the case */
	unsigned waited_ms;    /* by its own steps */
	char why[1024];        /* of the first difference */
};

/* ---- both systems ---- */

static void add_outputs(struct outputs *all, const struct outputs *some)
{
	for (size_t i = 0; i < some->n && all->n < BED_MAX_OUTPUTS; i++)
		all->items[all->n++] = some->items[i];
}

/* The piece begins 8 bytes before where the one before it ends. */
static void move_back(struct packet *piece)
{
	struct ipv4_header *ip = packet_ip(piece);
	be16 old = ip->flags_fragment;
	ip->flags_fragment = be16_from((uint16_t)(be16_to(old) - 1));
	ip->check = checksum_replace16(ip->check, old, ip->flags_fragment);
}

/* The packet in pieces, in the order that the step wants; a packet that is whole is one piece. */
static size_t cut(struct test *test, const struct script_step *step, struct packet *whole,
		  struct packet *ret[static MAX_PIECES])
{
	struct packet *pieces[MAX_PIECES] = {whole};
	size_t n = 1;
	while (step->mtu && fragment_is_due(pieces[n - 1], step->mtu) && n < MAX_PIECES) {
		pieces[n] = model_bed_packet(test->bed);
		fragment_cut(pieces[n - 1], step->mtu, pieces[n]);
		n++;
	}
	if (step->lap > 0 && step->lap < n)
		move_back(pieces[step->lap]);
	if (step->order[0] == '\0') {
		memcpy(ret, pieces, n * sizeof *pieces);
		return n;
	}
	size_t n_sent = strlen(step->order) < MAX_PIECES ? strlen(step->order) : MAX_PIECES;
	for (size_t i = 0; i < n_sent; i++) { /* each is a packet of its own: one may come twice */
		size_t which = (size_t)(step->order[i] - '0');
		ret[i] = model_bed_packet(test->bed);
		uint64_t id = ret[i]->id;
		*ret[i] = *pieces[which < n ? which : 0];
		ret[i]->id = id;
	}
	return n_sent;
}

static void send_to(struct test *test, enum system system, const struct script_step *step, struct outputs *ret)
{
	struct packet *whole = model_bed_packet(test->bed), *pieces[MAX_PIECES];
	script_build(step, &test->learned, system, test->remote, test->serial, model_bed_arena(test->bed), whole);
	size_t n = cut(test, step, whole, pieces);
	ret->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct outputs *some = malloc(sizeof *some);
		if (system == MODEL)
			model_bed_send(test->bed, step->side, pieces[i], some);
		else
			kernel_send(test->kernel, step->side, pieces[i], some);
		add_outputs(ret, some);
		free(some);
	}
}

/* ---- comparing ---- */

static uint16_t offset_of(const struct output *output)
{
	return (uint16_t)((output->bytes[20] << 8 | output->bytes[21]) & IPV4_OFFSET_MASK);
}

/* Pieces of one datagram by their place in it. */
static void sort_pieces(struct outputs *outputs)
{
	for (size_t i = 1; i < outputs->n; i++)
		for (size_t k = i; k > 0 && offset_of(&outputs->items[k - 1]) > offset_of(&outputs->items[k]); k--) {
			struct output swapped = outputs->items[k];
			outputs->items[k] = outputs->items[k - 1];
			outputs->items[k - 1] = swapped;
		}
}

static uint16_t port_at(const struct output *output, size_t at)
{
	return (uint16_t)(output->bytes[at] << 8 | output->bytes[at + 1]);
}

static void put_port(struct output *output, size_t at, uint16_t port)
{
	output->bytes[at] = (uint8_t)(port >> 8);
	output->bytes[at + 1] = (uint8_t)port;
}

/* The outside port of a packet that goes out, where it is. */
static size_t outside_port_at(const struct script_step *step)
{
	return strchr("iIrmn", step->proto) ? 38 : 34;
}

static bool fail(struct test *test, const char *what, const char *model, const char *kernel)
{
	(void)snprintf(test->why, sizeof test->why, "%s: the model %s, the kernel %s", what, model, kernel);
	return false;
}

/* The packet has just made its mapping. */
static bool is_made_anew(struct test *test, const struct script_step *step)
{
	struct table *table = calloc(1, sizeof *table);
	bool found = false;
	model_bed_table(test->bed, table);
	for (size_t i = 0; i < table->n; i++) {
		const struct table_entry *item = &table->items[i];
		found |= item->is_new && item->proto == script_protocol(step->proto) &&
			 be32_equal(item->src, bed_host(step->src.host, test->remote)) &&
			 item->src_port == step->src.port &&
			 be32_equal(item->dst, bed_host(step->dst.host, test->remote));
	}
	free(table);
	return found;
}

/* Learns what a new flow got, or checks that it keeps what it has got. */
static bool check_port(struct test *test, const struct script_step *step, const struct output *model,
		       const struct output *kernel)
{
	const uint16_t got[2] = {port_at(model, outside_port_at(step)), port_at(kernel, outside_port_at(step))};
	struct learned_port *port =
		learned_find(&test->learned, script_kind(step->proto), &step->src, &step->dst, true);
	char texts[2][16];
	for (int i = 0; i < 2; i++)
		(void)snprintf(texts[i], sizeof texts[i], "%u", got[i]);
	bool began_anew = step->any && port->outside[MODEL] != 0 && got[KERNEL] != port->outside[KERNEL] &&
			  is_made_anew(test, step); /* its mapping had ended */
	if (port->outside[MODEL] == 0 || began_anew) {
		port->outside[MODEL] = got[MODEL];
		port->outside[KERNEL] = got[KERNEL];
		bool chosen = got[MODEL] != step->src.port && got[KERNEL] != step->src.port;
		if (got[MODEL] != got[KERNEL] && !(step->any && chosen))
			return fail(test, "outside port", texts[MODEL], texts[KERNEL]);
		for (int i = 0; i < 2 && !strchr("im", step->proto); i++)
			if (got[i] < test->setup->port_first || got[i] > test->setup->port_last)
				return fail(test, "a port out of the range", texts[MODEL], texts[KERNEL]);
		return true;
	}
	if (got[MODEL] != port->outside[MODEL] || got[KERNEL] != port->outside[KERNEL])
		return fail(test, "the flow does not keep its outside port", texts[MODEL], texts[KERNEL]);
	return true;
}

/* What the NAT itself makes has an identification of its own. RFC 1812 leaves it the TOS of errors (4.3.2.5) and how
 * much of the packet it quotes beyond the 8 bytes of RFC 792 (4.3.2.3): those are made the same. */
static void level(struct output *output)
{
	put_port(output, 16, 56);
	put_port(output, 18, 0);
	output->bytes[15] = 0;
	output->n_bytes = output->n_bytes > 34 + 8 + 28 ? 34 + 8 + 28 : output->n_bytes;
}

/* Some flow's outside port was a choice, so ports are not compared: check_port() looks at them. */
static bool ports_are_chosen(const struct test *test)
{
	for (size_t i = 0; i < test->learned.n; i++)
		if (test->learned.items[i].outside[MODEL] != test->learned.items[i].outside[KERNEL])
			return true;
	return false;
}

/* Links have MAC addresses of their own; a VIP is no hop that shows. */
static bool is_passed_over(const struct test *test, const struct field *field)
{
	return strstr(field->name, "MAC") || (test->setup->environment && strcmp(field->name, "TTL") == 0);
}

/* Checksums are right in both, or wrong in both: a NAT mends nothing; of an error that was levelled, or of the packet in one, no more than a part is there. */
static bool is_right(struct test *test, const struct field *model, const struct field *kernel, bool own)
{
	bool right[2] = {model->number == 0xffff, kernel->number == 0xffff};
	return own || model->inner || right[MODEL] == right[KERNEL] ||
	       fail(test, model->name, right[MODEL] ? "right" : "wrong", right[KERNEL] ? "right" : "wrong");
}

static bool differs(struct test *test, const struct output *model, const struct output *kernel, bool own)
{
	struct field fields[2][FRAME_MAX_FIELDS];
	struct field_change change;
	unsigned ignore = ports_are_chosen(test) ? COMPARE_IGNORE_PORTS : 0;
	size_t n = frame_fields(model->bytes, model->n_bytes, fields[MODEL]);
	size_t n_kernel = frame_fields(kernel->bytes, kernel->n_bytes, fields[KERNEL]);
	for (size_t i = 0; i < n && i < n_kernel; i++) {
		const struct field *a = &fields[MODEL][i], *b = &fields[KERNEL][i];
		if (strcmp(a->name, b->name) != 0)
			return !fail(test, "what is there", a->name, b->name);
		if (is_passed_over(test, a))
			continue;
		if (a->kind == FIELD_CHECKSUM) {
			if (!is_right(test, a, b, own))
				return true;
		} else if (field_differs(a, b, ignore, &change)) {
			return !fail(test, change.name, change.before, change.after);
		}
	}
	return n != n_kernel && !fail(test, "fields that are there", "has others", "has others");
}

/* From the NAT's address: what belongs to nothing leaves as it came. */
static bool is_translated(const struct output *output)
{
	const uint8_t *src = output->bytes + 26;
	return ((uint32_t)src[0] << 24 | (uint32_t)src[1] << 16 | (uint32_t)src[2] << 8 | src[3]) == NAT_ADDR;
}

static bool compare(struct test *test, const struct script_step *step, struct outputs *model, struct outputs *kernel)
{
	char texts[2][32];
	sort_pieces(model);
	sort_pieces(kernel);
	(void)snprintf(texts[MODEL], sizeof texts[MODEL], "%zu", model->n);
	(void)snprintf(texts[KERNEL], sizeof texts[KERNEL], "%zu", kernel->n);
	if (model->n != kernel->n)
		return fail(test, "packets that came out", texts[MODEL], texts[KERNEL]);
	for (size_t i = 0; i < model->n; i++) {
		struct output *a = &model->items[i], *b = &kernel->items[i];
		if (a->side != b->side)
			return fail(test, "where it came out", a->side == INSIDE ? "inside" : "outside",
				    b->side == INSIDE ? "inside" : "outside");
		bool first = step->side == INSIDE && step->src.host != 'f' && a->side == OUTSIDE &&
			     step->proto != 'e' && offset_of(a) == 0 && !a->own && !b->own && is_translated(a) &&
			     is_translated(b);
		if (first && !check_port(test, step, a, b))
			return false;
		bool own = (a->own || b->own) && step->proto != 'e';
		if (own) {
			level(a);
			level(b);
		}
		if (differs(test, a, b, own))
			return false;
	}
	return true;
}

/* ---- a case ---- */

static bool is_documented(const struct test *test, const char *id)
{
	char command[256];
	(void)snprintf(command, sizeof command, "grep -q '`%s`' '%s'", id, test->document);
	return system(command) == 0;
}

static bool run_step(struct test *test, const char *text)
{
	struct script_step step;
	if (!script_parse(text, &step)) {
		(void)snprintf(test->why, sizeof test->why, "this is no step");
		return false;
	}
	if (step.verb == VERB_WAIT) {
		model_bed_wait(test->bed, step.wait_ms);
		kernel_wait(step.wait_ms);
		test->waited_ms += step.wait_ms;
		return true;
	}
	struct outputs *outputs = calloc(2, sizeof *outputs);
	test->serial = (uint16_t)(test->serial + 2);
	send_to(test, MODEL, &step, &outputs[MODEL]);
	send_to(test, KERNEL, &step, &outputs[KERNEL]);
	bool same = compare(test, &step, &outputs[MODEL], &outputs[KERNEL]);
	free(outputs);
	if (step.differs[0] == '\0')
		return same;
	if (same)
		(void)snprintf(test->why, sizeof test->why, "`%s` is no difference any more", step.differs);
	else if (!is_documented(test, step.differs))
		(void)snprintf(test->why, sizeof test->why, "`%s` is not in %s", step.differs, test->document);
	return !same && is_documented(test, step.differs);
}

/* ---- tables ---- */

static bool same_entry(const struct table_entry *a, const struct table_entry *b)
{
	return a->proto == b->proto && be32_equal(a->src, b->src) && be32_equal(a->dst, b->dst) &&
	       a->src_port == b->src_port && a->dst_port == b->dst_port;
}

#define TIMER_TOLERANCE_S 2

/* The kernel's clock goes on between the steps, the model's does not: on a busy machine by seconds. */
static long long lag_s(const struct test *test)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	long long ms = (now.tv_sec - test->began.tv_sec) * 1000LL + (now.tv_nsec - test->began.tv_nsec) / 1000000 -
		       test->waited_ms;
	return ms > 0 ? (ms + 999) / 1000 : 0;
}

/* The kernel's entry has as many seconds left as the model's, less those that went by meanwhile. */
static bool same_time(const struct test *test, const struct table_entry *model, const struct table_entry *kernel)
{
	long long more = (long long)kernel->seconds - (long long)model->seconds;
	return more <= TIMER_TOLERANCE_S && more >= -TIMER_TOLERANCE_S - lag_s(test);
}

/* Each entry of one is in the other, with as many seconds left. */
static bool tables_agree(struct test *test)
{
	struct table *tables = calloc(2, sizeof *tables);
	char texts[2][96];
	bool good = true;
	model_bed_table(test->bed, &tables[MODEL]);
	kernel_table(test->kernel, test->remote, &tables[KERNEL]);
	if (tables[MODEL].n != tables[KERNEL].n) {
		(void)snprintf(texts[MODEL], sizeof texts[MODEL], "has %zu", tables[MODEL].n);
		(void)snprintf(texts[KERNEL], sizeof texts[KERNEL], "has %zu", tables[KERNEL].n);
		good = fail(test, "entries of the table", texts[MODEL], texts[KERNEL]);
	}
	for (size_t i = 0; good && i < tables[MODEL].n; i++) {
		const struct table_entry *a = &tables[MODEL].items[i], *b = NULL, *best = NULL;
		for (size_t k = 0; k < tables[KERNEL].n; k++) {
			b = &tables[KERNEL].items[k];
			if (same_entry(a, b) &&
			    (!best || llabs(b->seconds - a->seconds) < llabs(best->seconds - a->seconds)))
				best = b;
		}
		if (best && same_time(test, a, best))
			continue;
		(void)snprintf(texts[MODEL], sizeof texts[MODEL], "has one of port %u with %lld s", a->src_port,
			       (long long)a->seconds);
		(void)snprintf(texts[KERNEL], sizeof texts[KERNEL], best ? "has %lld s" : "has none",
			       best ? (long long)best->seconds : 0LL);
		good = fail(test, "timers", texts[MODEL], texts[KERNEL]);
	}
	free(tables);
	return good;
}

static bool run_case(struct test *test, const struct conformance_case *item)
{
	bool good = true;
	test->setup = &setups[item->bed];
	test->remote = (uint16_t)(test->remote % 4095 + 1);
	test->learned.n = 0;
	test->waited_ms = 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &test->began);
	test->bed = model_bed_new(test->setup, test->remote);
	size_t i = 0;
	for (; good && i < CASE_MAX_STEPS && item->steps[i]; i++)
		good = run_step(test, item->steps[i]);
	good = good && (test->setup->environment || test->setup->tcp_idle_s || tables_agree(test));
	if (!good) {
		printf("    at step %zu: %s\n    %s\n", i, item->steps[i - 1], test->why);
		for (size_t k = 0; k < i; k++)
			printf("      %s\n", item->steps[k]);
	}
	model_bed_free(test->bed);
	return good;
}

static bool run_by_hand(struct test *test)
{
	bool good = true;
	for (int bed = 0; bed < BED_COUNT; bed++) {
		kernel_setup(test->kernel, &setups[bed]);
		for (size_t i = 0; i < n_cases; i++) {
			if ((int)cases[i].bed != bed)
				continue;
			bool passed = run_case(test, &cases[i]);
			printf("%s - %s\n", passed ? "ok" : "not ok", cases[i].name);
			good &= passed;
		}
	}
	return good;
}

static bool run_random(struct test *test, enum bed_kind bed, uint64_t seed, uint64_t n)
{
	bool good = true;
	uint64_t n_steps = 0, n_bad = 0;
	kernel_setup(test->kernel, &setups[bed]);
	for (uint64_t i = 0; i < n; i++) {
		struct random_case item;
		random_case_make(seed + i, bed, &item);
		n_steps += CASE_MAX_STEPS;
		bool passed = run_case(test, &item.item);
		if (!passed)
			printf("not ok - random case %llu\n", (unsigned long long)(seed + i));
		n_bad += !passed;
		good &= passed;
	}
	printf("%s - %s: %llu random cases from seed %llu on, %llu steps, %llu unexplained differences\n",
	       good ? "ok" : "not ok", setups[bed].name, (unsigned long long)n, (unsigned long long)seed,
	       (unsigned long long)n_steps, (unsigned long long)n_bad);
	return good;
}

/* Steps from the command line, to look closer at one difference: `case BED STEP...`. */
static bool run_asked(struct test *test, char **words, int n)
{
	struct conformance_case item = {.name = "asked", .bed = (enum bed_kind)atoi(words[0])};
	for (int i = 1; i < n && i <= CASE_MAX_STEPS; i++)
		item.steps[i - 1] = words[i];
	kernel_setup(test->kernel, &setups[item.bed]);
	bool good = run_case(test, &item);
	puts(good ? "ok - as asked" : "not ok - as asked");
	return good;
}

/* The comparison is with one version's behaviour; another is worth a word, and goes on. */
#define KERNEL_COMPARED "6.18."
static void name_kernel(void)
{
	struct utsname name;
	if (uname(&name) != 0)
		return;
	bool is_known = strncmp(name.release, KERNEL_COMPARED, strlen(KERNEL_COMPARED)) == 0;
	printf("%s beside kernel %s%s\n", is_known ? "#" : "# warning:", name.release,
	       is_known ? "" : "; the model follows " KERNEL_COMPARED "x, so differences may be the kernels'");
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: netns.sh run NAME conformance NETNS_SCRIPT NAME DOCUMENT [SEED [COUNT]]\n", stderr);
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	name_kernel();
	struct test test = {.kernel = kernel_new(argv[1], argv[2]), .document = argv[3], .remote = 1};
	if (!test.kernel) {
		fputs("conformance: netns.sh run makes the namespaces\n", stderr);
		return 2;
	}
	if (argc > 6 && strcmp(argv[4], "case") == 0) {
		bool same = run_asked(&test, argv + 5, argc - 5);
		kernel_free(test.kernel);
		return same ? 0 : 1;
	}
	uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1,
		 n = argc > 5 ? strtoull(argv[5], NULL, 10) : N_RANDOM;
	bool good = argc > 4 || run_by_hand(&test);
	for (int bed = 0; bed <= BED_DROP_STRICT; bed++)
		good = run_random(&test, (enum bed_kind)bed, seed, n) && good;
	kernel_free(test.kernel);
	return good ? 0 : 1;
}
