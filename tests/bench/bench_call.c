/* What a packet and a connection cost with traces off.
 *
 *   bench_call [LARGEST]     runs 10^4, 10^5, ... up to LARGEST (default 1000000) connections
 *
 * DOC: time is processor time of the run from the first event to the last, in which time-outs of TCP and NAT are
 * included; a packet is what an end point sends (it is translated once and carried over one link). The best of some
 * runs counts, because whatever else the machine does only makes a run slower.
 *
 *   steady   10000 connections start in a second, a tenth stays open: what grows with N are the tables, not what is
 *   under way at once crowd    all start within a second: every packet finds its connection cold
 *   open     all stay open; memory is what malloc has given out for the world when all are open, less what it had given
 *   out for the same
 *            world before its first connection */
#include "layered.h"
#include "measure.h"
#include "model/elements.h"
#include <string.h>

#define GOAL_NS 150.0
#define BAR_NS 250.0
#define BAR_GROWTH 1.2
#define BAR_BYTES 512.0

struct result {
	double cpu_s;
	struct world_counts counts;
};

static struct result run_once(const struct layered_config *config)
{
	static struct layered layered;
	struct world *world;
	struct result result;
	must(layered_make(&layered, config), "layered_make");
	must(world_new(&layered.model, 1, &world), "world_new");
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	must(world_run(world, INSTANT_NEVER, UINT64_MAX), "world_run");
	result.cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
	world_counts(world, &result.counts);
	world_free(world);
	if (result.counts.dropped || result.counts.retransmissions ||
	    result.counts.delivered != result.counts.originated) {
		(void)fprintf(stderr, "bench: the run lost packets\n");
		exit(1);
	}
	return result;
}

static double nanoseconds(const struct result *result)
{
	return result->cpu_s * 1e9 / (double)result->counts.originated;
}

static double measure(const char *name, const struct layered_config *config)
{
	uint32_t n_runs = config->n_connections <= 10000 ? 9 : config->n_connections <= 100000 ? 4 : 3;
	struct result best = run_once(config);
	for (uint32_t i = 1; i < n_runs; i++) {
		struct result result = run_once(config);
		if (result.cpu_s < best.cpu_s)
			best = result;
	}
	(void)printf("%-7s %8u connections %10llu packets %10.0f packets/s %7.1f ns/packet %5.2f events/packet\n", name,
		     config->n_connections, (unsigned long long)best.counts.originated,
		     (double)best.counts.originated / best.cpu_s, nanoseconds(&best),
		     (double)best.counts.events / (double)best.counts.originated);
	(void)fflush(stdout);
	return nanoseconds(&best);
}

/* Bytes a connection while all of them are open. */
static double bytes_open(uint32_t n)
{
	static struct layered layered;
	struct world *world;
	struct world_nat_metrics nat;
	must(layered_make(&layered, &(struct layered_config){n, LAYERED_MAX_HOSTS, 100, 10000}), "layered_make");
	must(world_new(&layered.model, 1, &world), "world_new");
	uint64_t before = allocated_bytes();
	must(world_run(world, layered.all_open, UINT64_MAX), "world_run");
	double bytes = (double)(allocated_bytes() - before) / n;
	world_nat_metrics(world, layered.model.elements->vip[0], NONE, &nat);
	(void)printf("open    %8u connections %10llu mappings %9.1f bytes/connection\n", n,
		     (unsigned long long)nat.mappings, bytes);
	if (nat.mappings != n) {
		(void)fprintf(stderr, "bench: not all connections are open\n");
		exit(1);
	}
	world_free(world);
	return bytes;
}

int main(int argc, char **argv)
{
	uint32_t largest = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	double first = 0, last = 0, bytes = 0;
	for (uint32_t n = 10000; n <= largest; n *= 10) {
		last = measure("steady", &(struct layered_config){n, LAYERED_MAX_HOSTS, 10, 10000});
		first = first > 0 ? first : last;
	}
	for (uint32_t n = 10000; n <= largest; n *= 10)
		(void)measure("crowd", &(struct layered_config){n, LAYERED_MAX_HOSTS, 10, n});
	for (uint32_t n = 10000; n <= largest; n *= 10)
		bytes = bytes_open(n);
	print_bar("steady, a packet of the largest run", last, GOAL_NS, BAR_NS, "ns");
	print_bar("steady, growth from the smallest run", last / first, BAR_GROWTH, BAR_GROWTH, "x");
	print_bar("open, a connection of the largest run", bytes, BAR_BYTES, BAR_BYTES, "B");
	/* Memory is the same on every machine, time is not: only memory can fail. It is measured with many: what a
	 * world keeps for its first connections would count for much with few. */
	return largest >= 1000000 && bytes > BAR_BYTES;
}
