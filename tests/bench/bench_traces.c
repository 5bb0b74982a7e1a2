/* What traces cost, beside what the machine itself needs for the same bytes.
 *
 *   bench_traces [CONNECTIONS [DIRECTORY]]     default 30000, which write about 1 GB; DIRECTORY (default /tmp) takes a
 *   folder that is removed
 *
 * DOC: four runs of the same world, then two yardsticks over the same bytes. All times are wall clock, since the writer
 * has a thread and cp is mostly the kernel's work.
 *   off       nothing watches
 *   null      every record is formatted, note and all, into a buffer that nothing reads
 *   files     as `pktpath run` records: FLOW.pcapng and FLOW@POINT.pcap, whole in their places
 *   notes     merged captures alone, with notes and without
 *   cp        cp -r of these files
 *   pcap_dump as many bytes in as many records, by libpcap alone into one file */
#include "layered.h"
#include "measure.h"
#include "out/capture.h"
#include "out/note.h"
#include "out/pcap.h"
#include "out/pcapng.h"
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

#define GOAL_CP 1.3
#define BAR_CP 1.5
#define GOAL_NOTES 1.3
#define BAR_NOTES 1.5
#define HOSTS 4u /* files: 4 flows, each with 50 workers, the VIP and a host */

static struct layered layered;
static char folder[512];

static void shell(const char *program, const char *from, const char *to)
{
	char line[2048];
	(void)snprintf(line, sizeof line, "cd '%s' && %s %s %s", folder, program, from, to);
	if (system(line) != 0)
		must(-1, line);
}

static struct world *new_world(uint32_t n)
{
	struct world *world;
	must(layered_make(&layered, &(struct layered_config){n, HOSTS, 0, 10000}), "layered_make");
	must(world_new(&layered.model, 1, &world), "world_new");
	return world;
}

static double run(struct world *world, struct world_counts *ret)
{
	double start = seconds(CLOCK_MONOTONIC);
	must(world_run(world, INSTANT_NEVER, UINT64_MAX), "world_run");
	double took_s = seconds(CLOCK_MONOTONIC) - start;
	world_counts(world, ret);
	return took_s;
}

static void print_run(const char *name, double took_s, const struct world_counts *counts)
{
	(void)printf("%-9s %10llu packets %8.3f s %7.1f ns/packet\n", name, (unsigned long long)counts->originated,
		     took_s, took_s * 1e9 / (double)counts->originated);
	(void)fflush(stdout);
}

/* ---- into nothing ---- */

struct null_sink {
	const struct world *world;
	struct buf out, note;
	struct note_flows flows;
	uint64_t n_records, n_bytes;
};

static int null_step(void *context, const struct step *step)
{
	struct null_sink *sink = context;
	if (step->flags & STEP_REALM) {
		const char *note = note_step(&sink->note, &sink->flows, step);
		pcapng_packet(&sink->out, step->node, step->at.ns, step->packet, PCAPNG_SNAPLEN, PCAPNG_OUTBOUND, note);
		sink->n_records++;
	}
	if ((step->flags & STEP_SEEN) &&
	    (world_node_is_end_point(sink->world, step->node) || world_node_is_nat(sink->world, step->node))) {
		pcap_packet(&sink->out, step->at.ns, step->packet, PCAP_SNAPLEN);
		sink->n_records++;
	}
	sink->n_bytes += sink->out.size_bytes;
	bool failed = buf_failed(&sink->out);
	buf_clear(&sink->out);
	return failed ? -1 : 0;
}

static double run_null(uint32_t n, struct null_sink *sink, struct world_counts *ret)
{
	const char *names[HOSTS];
	uint32_t counts[HOSTS];
	struct world *world = new_world(n);
	for (uint32_t i = 0; i < HOSTS; i++) {
		names[i] = layered.flows[i].name;
		counts[i] = layered.flows[i].count;
	}
	*sink = (struct null_sink){.world = world, .flows = {names, counts, HOSTS}};
	must(trail_observe(world_trail(world), (struct trail_observer){.wants = UINT32_MAX & ~(1u << STEP_ROUTE),
								       .step = null_step,
								       .context = sink}),
	     "trail_observe");
	double took_s = run(world, ret);
	buf_free(&sink->out);
	buf_free(&sink->note);
	world_free(world);
	return took_s;
}

/* ---- into files ---- */

/* `taps`: NULL for what is recorded by default. */
static double run_files(uint32_t n, const struct capture_tap *taps, size_t n_taps, struct world_counts *ret)
{
	const char *names[HOSTS];
	uint32_t counts[HOSTS];
	struct output *output;
	struct capture *capture;
	char *fault = NULL, directory[600];
	struct world *world = new_world(n);
	uint32_t n_nodes = world_n_nodes(world);
	struct capture_node *nodes = calloc(n_nodes, sizeof *nodes);
	must(nodes ? 0 : -1, "memory");
	for (uint32_t i = 0; i < n_nodes; i++)
		nodes[i] = (struct capture_node){world_node_name(world, i), world_node_description(world, i),
						 world_node_is_end_point(world, i), world_node_is_nat(world, i)};
	for (uint32_t i = 0; i < HOSTS; i++) {
		names[i] = layered.flows[i].name;
		counts[i] = layered.flows[i].count;
	}
	struct capture_config config = {.application = "pktpath",
					.comment = "bench",
					.flow_names = names,
					.flow_counts = counts,
					.n_flows = HOSTS,
					.nodes = nodes,
					.n_nodes = n_nodes,
					.defaults = !taps,
					.taps = taps,
					.n_taps = n_taps};
	(void)snprintf(directory, sizeof directory, "%s/run", folder);
	double start = seconds(CLOCK_MONOTONIC);
	must(output_begin(directory, &output, &fault), "output_begin");
	must(capture_new(&config, output, &capture), "capture_new");
	must(trail_observe(world_trail(world), capture_observer(capture)), "trail_observe");
	(void)run(world, ret);
	must(capture_finish(capture, world_now(world)), "capture_finish");
	must(output_commit(output, &fault), "output_commit");
	double took_s = seconds(CLOCK_MONOTONIC) - start;
	capture_free(capture);
	free(nodes);
	world_free(world);
	return took_s;
}

/* A file for all flows, as FLOW.pcapng are. */
static double run_merged(uint32_t n, bool notes)
{
	const struct capture_tap tap = {
		.file = "merged.pcapng", .at = CAPTURE_REALMS, .snaplen = PCAPNG_SNAPLEN, .notes = notes};
	struct world_counts counts;
	shell("rm -rf", "run", "");
	return run_files(n, &tap, 1, &counts);
}

/* ---- yardsticks ---- */

static double copy_files(void)
{
	double start = seconds(CLOCK_MONOTONIC);
	shell("cp -r", "run", "copy");
	return seconds(CLOCK_MONOTONIC) - start;
}

static double dump(uint64_t n_records, uint64_t n_bytes)
{
	static u_char frame[65536];
	char path[600];
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)(n_bytes / n_records) - 16,
				     .len = (bpf_u_int32)(n_bytes / n_records) - 16};
	(void)snprintf(path, sizeof path, "%s/dump.pcap", folder);
	double start = seconds(CLOCK_MONOTONIC);
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 262144);
	pcap_dumper_t *dumper = dead ? pcap_dump_open(dead, path) : NULL;
	must(dumper ? 0 : -1, "pcap_dump_open");
	for (uint64_t i = 0; i < n_records; i++)
		pcap_dump((u_char *)dumper, &header, frame);
	pcap_dump_close(dumper);
	pcap_close(dead);
	return seconds(CLOCK_MONOTONIC) - start;
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 30000;
	struct world_counts counts;
	struct null_sink sink;
	(void)snprintf(folder, sizeof folder, "%s/pktpath-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	must(mkdtemp(folder) ? 0 : -1, folder);

	struct world *world = new_world(n);
	print_run("off", run(world, &counts), &counts);
	world_free(world);
	print_run("null", run_null(n, &sink, &counts), &counts);
	/* The first of each warms the page cache's supply of memory; each is done three times, in turn, and the best
	 * counts. */
	double files_s = 1e9, cp_s = 1e9;
	for (int i = 0; i < 3; i++) {
		shell("rm -rf", "run", "copy");
		double took_s = run_files(n, NULL, 0, &counts);
		files_s = took_s < files_s ? took_s : files_s;
		took_s = copy_files();
		cp_s = took_s < cp_s ? took_s : cp_s;
	}
	print_run("files", files_s, &counts);
	double dump_s = dump(sink.n_records, sink.n_bytes);
	double mb = (double)sink.n_bytes / 1e6;
	(void)printf("cp        %10.0f MB      %8.3f s %7.0f MB/s\n", mb, cp_s, mb / cp_s);
	(void)printf("pcap_dump %10.0f MB      %8.3f s %7.0f MB/s, %llu records\n", mb, dump_s, mb / dump_s,
		     (unsigned long long)sink.n_records);
	double with_s = 1e9, without_s = 1e9;
	for (int i = 0; i < 5; i++) {
		double took_s = run_merged(n, false);
		without_s = took_s < without_s ? took_s : without_s;
		took_s = run_merged(n, true);
		with_s = took_s < with_s ? took_s : with_s;
	}
	(void)printf("notes     with %.3f s, without %.3f s\n", with_s, without_s);
	shell("rm -rf", "run copy", "dump.pcap");
	must(rmdir(folder), folder);
	print_bar("a run with traces, in times of cp", files_s / cp_s, GOAL_CP, BAR_CP, "x");
	print_bar("merged captures with notes, in times of those without", with_s / without_s, GOAL_NOTES, BAR_NOTES,
		  "x");
	return 0;
}
