/* libpktpath: replays a scenario of an Azure network as packets in virtual time, writes what captures would have shown,
 * and judges what is expected.
 *
 *   pp_scenario *scenario;
 *   if (pp_scenario_load("scenario.yaml", NULL, 0, &scenario) != 0) ...  // look at pp_scenario_diagnostic()
 *   pp_run *run;
 *   pp_run_new(scenario, &(pp_run_options){.directory = "captures/x"}, &run);
 *   while ((r = pp_run_step(run, 100000)) == 0)
 *           ;
 *   if (r > 0)
 *           r = pp_run_finish(run);
 *   ... pp_run_summary(), pp_run_expectation(), pp_run_report() ...
 *   pp_run_free(run);
 *   pp_scenario_free(scenario);
 *
 * Rules for all calls. The library has no globals, reads no clock, never prints, never exits; the same scenario gives
 * the same bytes everywhere. An object is used by one thread at a time; different objects do not know of each other.
 * Functions that return int give 0 for success, a negative errno for what is fatal (-ENOMEM, -ENOSPC, ...), and a
 * positive number for what is documented with them. Times are nanoseconds of virtual time since the start of the run
 * (`_ns`); ports are numbers in host byte order. Strings and structs that a call gives out belong
 * to the object that was asked and live as long as it does, where nothing else is said. `free` functions take NULL. */
#ifndef PKTPATH_PKTPATH_H
#define PKTPATH_PKTPATH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PP_API __attribute__((visibility("default")))
#else
#define PP_API
#endif

/* "0.1.0" */
PP_API const char *pp_version(void);

/* ---- addresses ---- */

typedef enum pp_family {
	PP_FAMILY_NONE = 0, /* there is no address */
	PP_FAMILY_IPV4 = 4,
	PP_FAMILY_IPV6 = 6 /* so far the simulator has none */
} pp_family;
typedef struct pp_addr {
	uint8_t family;    /* pp_family */
	uint8_t bytes[16]; /* as on the wire; of IPv4 the first four, the others are 0 */
} pp_addr;
#define PP_ADDR_TEXT_BYTES 46
/* "10.0.1.6"; "" for none. Returns `text`. */
PP_API char *pp_addr_print(pp_addr addr, char text[PP_ADDR_TEXT_BYTES]);
/* 0, or 1 where the text is no address that pp_addr_print() gives: *ret is none then. */
PP_API int pp_addr_parse(const char *text, pp_addr *ret);
PP_API bool pp_addr_equal(pp_addr a, pp_addr b);

/* ---- scenarios ---- */

typedef struct pp_scenario pp_scenario;

/* Replaces one value of the file, as `pktpath run --set PATH=VALUE` does. Copied. */
typedef struct pp_override {
	/* "network.ases.ase-one.workers"; items of lists by number: "expect.0.src"; a variable: "vars.NAME" */
	const char *path;
	const char *value; /* YAML; NULL takes the item away, from a list or a map */
} pp_override;

/* What is wrong, or doubtful, in a scenario. */
typedef struct pp_diagnostic {
	bool error;            /* false: a warning */
	const char *file;      /* NULL: not of a file (an override, for example) */
	uint32_t line;         /* from 1; 0 where there is none */
	uint32_t column;       /* from 1, in characters; 0 where there is none */
	const char *message;   /* one sentence without a full stop */
	const char *hint;      /* the way out; NULL where there is none */
	const char *excerpt;   /* the line, and a caret below it, each with its newline; NULL where there is none */
	const char *made_from; /* by `source`: what the thing there was made from, "network.json:61"; NULL */
} pp_diagnostic;

/* Reads and checks a scenario, filters included. 0: it can be run. 1: it is wrong; *ret then serves for its diagnostics
 * alone. Negative errno: it could not be read, *ret is NULL. `path` is shown in messages and reports as it is given. */
PP_API int pp_scenario_load(const char *path, const pp_override *overrides, size_t n_overrides, pp_scenario **ret);
/* The same from memory; `name` stands for the path. The text may be freed afterwards. */
PP_API int pp_scenario_load_text(const char *name, const char *text, size_t text_bytes, const pp_override *overrides,
				 size_t n_overrides, pp_scenario **ret);
/* The scenario of an earlier run, from its report.json, which holds all that it needs. 0; 1 as for pp_scenario_load(),
 * or where the file is no such report; -errno. */
PP_API int pp_scenario_load_report(const char *path, pp_scenario **ret);
/* A file in the house style: its own tokens and comments, other blanks and indentation. It need not load, only be YAML.
 * *ret has the text and what is wrong, and serves for nothing else. 0; 1: no YAML; -errno, and *ret is NULL. */
PP_API int pp_format(const char *path, pp_scenario **ret, const char **ret_text, size_t *ret_bytes);
PP_API int pp_format_text(const char *name, const char *text, size_t text_bytes, pp_scenario **ret,
			  const char **ret_text, size_t *ret_bytes);
/* The scenario as it was loaded, as text that loads equal: every value, files joined, variables replaced. Belongs to
 * the scenario; NULL where memory is short. Only where loading gave 0. */
PP_API const char *pp_scenario_print(const pp_scenario *scenario, size_t *ret_bytes);
/* After its runs. */
PP_API void pp_scenario_free(pp_scenario *scenario);

/* Sorted by place. */
PP_API size_t pp_scenario_n_diagnostics(const pp_scenario *scenario);
PP_API void pp_scenario_diagnostic(const pp_scenario *scenario, size_t index, pp_diagnostic *ret);

/* The files that it was read from, also where it is wrong: the first is the scenario's own, then what it includes. */
PP_API size_t pp_scenario_n_files(const pp_scenario *scenario);
PP_API const char *pp_scenario_file(const pp_scenario *scenario, size_t index);

/* How much there is of what. */
typedef struct pp_scenario_info {
	const char *name; /* of the scenario: output goes to captures/NAME/ */
	const char *file;
	const char *about; /* NULL where there is none */
	uint64_t seed;
	size_t n_environments, n_hosts, n_flows, n_events, n_expectations;
	uint64_t n_connections; /* of all flows together */
	const char *first_flow; /* the one that comes first in the file; NULL where there is none */
	int64_t stop_ns;        /* when the run ends at the latest; negative where nothing is said of it */
	uint64_t capture_bytes; /* about as much as the captures of a run take */
} pp_scenario_info;
/* Only where loading gave 0. */
PP_API void pp_scenario_info_get(const pp_scenario *scenario, pp_scenario_info *ret);

/* A flow: its name, what it calls as the file says it ("api:443/tcp"), and how many connections it has. */
typedef struct pp_flow {
	const char *name, *to;
	uint32_t n_connections;
} pp_flow;
/* `index` is below n_flows: by name, then those that were added. Only where loading gave 0. */
PP_API void pp_scenario_flow(const pp_scenario *scenario, size_t index, pp_flow *ret);

/* ---- runs ---- */

typedef struct pp_run pp_run;

typedef struct pp_run_options {
	const char
		*directory; /* where output goes; made, with its parents, by the first step. NULL: nothing is written */
	bool no_traces;     /* no captures; nat.csv and report.json are written nevertheless */
	bool trail;         /* trail.txt, too */
	bool flow_logs;     /* flow-log-nsg.json and flow-log-vnet.json, as Azure writes them, too */
} pp_run_options;

/* A run that has not begun: no file is touched yet. The scenario (loaded with 0) outlives it. 0, -ENOMEM, -EIO. Options
 * are copied; NULL stands for none. */
PP_API int pp_run_new(const pp_scenario *scenario, const pp_run_options *options, pp_run **ret);
/* Simulates at most `max_events` events. 0: there is more to do. 1: nothing is left to happen; finish now. Negative:
 * the run failed, see pp_run_error(); what an earlier run wrote is as it was. */
PP_API int pp_run_step(pp_run *run, uint64_t max_events);
/* The same, but no further than this instant, whose events are done: 1 once it is reached, or nothing is left. Such a
 * run is not finished, it is looked at. */
PP_API int pp_run_until(pp_run *run, int64_t time_ns, uint64_t max_events);
/* Judges, and puts all files of the run into place: all of them, or none. Once, after a step gave 1. 0 or negative as
 * for pp_run_step(); -EINVAL before that. */
PP_API int pp_run_finish(pp_run *run);
/* Throws away what was written so far and was not finished. Earlier output stays as it was. Freeing does this, too. */
PP_API void pp_run_abort(pp_run *run);
PP_API void pp_run_free(pp_run *run);
/* What failed, and what it means for the output; "" where nothing did. */
PP_API const char *pp_run_error(const pp_run *run);
/* After pp_run_finish(): what a user ought to know of the output directory, a line each: files in the way that no
 * earlier run wrote, which were renamed, or an old report.json that could not be read. "" where there is nothing. */
PP_API const char *pp_run_notes(const pp_run *run);

/* ---- observing ---- */

typedef enum pp_step_kind {
	PP_STEP_ORIGINATE, /* an end point sends the packet */
	PP_STEP_FILTER,    /* a rule of a security group, or of a firewall, let it pass */
	PP_STEP_ROUTE,     /* a route was chosen */
	PP_STEP_TRANSLATE, /* addresses were rewritten; in every other kind before and after are equal */
	PP_STEP_FORWARD,   /* it passes a point unchanged */
	PP_STEP_DROP,      /* it ends here, for `reason` */
	PP_STEP_DELIVER    /* an end point took it */
} pp_step_kind;
#define PP_STEP_ALL 0x7fu

typedef struct pp_tuple {
	pp_addr src, dst;
	uint16_t src_port, dst_port; /* of ICMP echo both are the identifier */
	uint8_t protocol;            /* 1 ICMP, 6 TCP, 17 UDP */
} pp_tuple;

typedef struct
	/* all that it points at is valid during the call alone, but for names of flows and nodes: those live as long as
	 * the run */
	pp_step {
	int64_t time_ns;
	pp_step_kind kind;
	const char *flow;
	uint32_t index;  /* of the connection in its flow */
	uint64_t packet; /* its number in the flow, the same wherever it appears */
	const char *node;
	const char *reason; /* "nsg-deny"; "" where it goes on */
	const char *by;     /* who decided */
	const char *rule;   /* NULL where it has no name */
	const char *detail; /* a sentence; NULL */
	const char *file;   /* of the rule; NULL where it is of no file */
	uint32_t line;
	pp_tuple before, after;
	uint32_t frame_bytes;
	const void *frame_;    /* for pp_step_frame() */
	const char *made_from; /* what the rule was made from: "network.json:61"; NULL */
} pp_step;
/* Writes the Ethernet frame as it is after the step; `out` has frame_bytes. */
PP_API void pp_step_frame(const pp_step *step, uint8_t *out);
/* Before the first step of the run. `kinds`: bits (1 << kind). A negative return of `step` ends the run with it. 0,
 * -ENOMEM, -ENOSPC (too many), -EINVAL (the run has begun). */
PP_API int pp_run_observe(pp_run *run, uint32_t kinds, int (*step)(void *context, const pp_step *step), void *context);

/* ---- streams ---- */

/* A capture of the run while it goes on, block by block, for who wants to watch it grow: a pipe into Wireshark, a
 * socket. */
typedef struct pp_stream pp_stream;

typedef struct pp_stream_options {
	const char *flow; /* "call": all its connections; "burst[3]": that one; NULL: every flow */
	/* "realms": each packet once as it was sent, and once after each rewrite; "all": at all points; "drops": those
	 * that were lost, on interfaces of the points that dropped them; a point: "ase-one/vip". NULL: realms */
	const char *at;
	const char *filter; /* as in pcap-filter(7); NULL: every packet */
	/* Takes whole pcapng blocks, due at this instant; valid during the call. A negative return ends the run with
	 * it. It may take its time. */
	int (*write)(void *context, int64_t time_ns, const void *data, size_t bytes);
	void *context;
} pp_stream_options;

/* Before the first step of the run; hands over the head of the capture. The stream goes before the run does. 0,
 * -ENOMEM, -ENOSPC, -EINVAL (the run has begun), what `write` returned, or 1 where there is no such flow or point, or
 * the filter is wrong: see pp_stream_problem(). *ret is set in the first and the last case. */
PP_API int pp_stream_new(pp_run *run, const pp_stream_options *options, pp_stream **ret);
/* After the last step, also where the run failed or was left: hands over the capture's statistics. Once. 0, -ENOMEM, or
 * what `write` returned. */
PP_API int pp_stream_finish(pp_stream *stream);
PP_API void pp_stream_free(pp_stream *stream);
/* After 1: what is wrong, and the way out; "" and NULL where there is nothing to say. */
PP_API const char *pp_stream_problem(const pp_stream *stream);
PP_API const char *pp_stream_hint(const pp_stream *stream);
/* The points of the run's network, where packets can be seen: "ase-one/vip", "public address of ase-one, 192.23.1.2".
 * At any time. */
typedef struct pp_point {
	const char *name, *what;
} pp_point;
PP_API size_t pp_run_n_points(const pp_run *run);
PP_API void pp_run_point(const pp_run *run, size_t index, pp_point *ret);

/* ---- results ---- */

typedef struct pp_summary { /* valid at any time */
	const char *name;
	const char *directory; /* NULL where nothing is written */
	int64_t now_ns;        /* virtual time reached */
	int64_t horizon_ns;    /* when the last thing that the scenario names begins; for telling progress */
	uint64_t events, packets, delivered, dropped, in_flight;
	uint64_t mappings;     /* made by all NATs */
	size_t passed, failed; /* after pp_run_finish() */
} pp_summary;
PP_API void pp_run_summary(const pp_run *run, pp_summary *ret);

/* Why a packet was lost, behind the reason that expectations name: "The mapping ... ended at 240 s: ...". */
typedef struct pp_cause {
	const char *what;            /* sentences; NULL where nothing was lost, and the rest is NULL and 0 then */
	const char *helps;           /* what to do about it */
	const char *const *settings; /* the keys of the scenario that change it, as --set takes them */
	size_t n_settings;
} pp_cause;
typedef struct pp_expectation {
	bool pass;
	const char *name; /* its id, or what it names */
	const char *file; /* where it stands */
	uint32_t line, column;
	const char *expected;  /* "seen at api with source 192.23.1.2" */
	const char *actual;    /* "api saw 192.23.1.2:1024" */
	const char *because;   /* the step that made it so; NULL */
	const char *where;     /* who called, with address; NULL */
	const char *rule_file; /* of the rule behind it; NULL */
	uint32_t rule_line, rule_column;
	const char *flow;    /* of the packet to open; NULL where there is none */
	uint64_t packet;     /* frame.packet_id in Wireshark */
	const char *capture; /* file of the run that shows it, without the directory; NULL where none does */
	const char *call;    /* of what failed: the connection that is reported, "burst[3]"; NULL where there is none */
	/* What the expectation, and the rule behind it, were made from: "network.json:61"; NULL. */
	const char *made_from, *rule_made_from;
	pp_cause cause; /* of the loss that decided the fate of that connection */
} pp_expectation;
/* After pp_run_finish(): the expectations in the order of the file, then one that failed for each timeline event that
 * changed nothing. */
PP_API size_t pp_run_n_expectations(const pp_run *run);
PP_API void pp_run_expectation(const pp_run *run, size_t index, pp_expectation *ret);
/* What became of a flow, whatever was expected of it. */
typedef struct pp_outcome {
	const char *flow;
	bool delivered;     /* all its connections were */
	const char *actual; /* "timed_out, first loss nsg-deny by nsg/x", "40 delivered, 2 refused" */
	const char *where;  /* who called first, with address; NULL where no call was made */
	pp_cause cause;     /* of the first connection that was not delivered */
} pp_outcome;
/* After pp_run_finish(): in the order of the file, as many as the scenario has flows (pp_scenario_info). */
PP_API void pp_run_outcome(const pp_run *run, size_t index, pp_outcome *ret);
/* A live mapping of a NAT, or one that has ended and whose port rests. */
typedef struct pp_mapping {
	const char *nat;   /* "ase-one/vip", "home/nat", "firewall" */
	const char *rule;  /* of it, as explanations name it: "snat", "nat" */
	const char *owner; /* the worker whose it is, "ase-one/worker-0"; NULL where it is none's */
	pp_tuple inside;   /* as the inside host sends it */
	pp_addr outside;
	uint16_t outside_port; /* of ICMP the identifier */
	int64_t created_ns;    /* -1: not known any more, of a UDP port that rests */
	int64_t last_used_ns;  /* of a port that rests: since when */
	int64_t ends_ns;       /* if nothing more passes; -1: with another one, of what is expected */
	/* "resting"; "expected", a data connection that the NAT lets in; of TCP "opening", "open", "closing", "reset"; of UDP
	 * "one-way", "both-ways"; of ICMP "query" */
	const char *state;
	uint64_t packets, bytes;
	const char *file; /* of the NAT's keys; NULL for the address that Azure lends */
	uint32_t line;
	const char *flow;  /* the connection whose packet made it: "burst[3]"; NULL of an inbound flow of a balancer */
	const char *app;   /* that called: "ase-one/web"; NULL where no app did */
	const char *timer; /* the key of the timer under which it stands: "tcp_idle"; NULL where it has none */
} pp_mapping;
/* As they are now: by NAT, then in the order in which they were made. 0 or -ENOMEM. The array belongs to the run. */
PP_API int pp_run_mappings(pp_run *run, const pp_mapping **ret, size_t *ret_n);

/* What an environment could not reach, or could again: found at the start of the run, and whenever the timeline changed
 * it. */
typedef struct pp_health {
	const char *environment;
	int64_t time_ns;                         /* since when; until the next of this environment */
	bool ok;                                 /* nothing is missing; what follows is NULL or 0 then */
	const char *need;                        /* "sql": one of these for each need that is missing */
	const char *node;                        /* where a packet would have ended */
	pp_tuple tuple;                          /* as it would have been there */
	const char *reason, *by, *rule, *detail; /* as of a step */
	const char *file;
	uint32_t line, column;
	const char *made_from; /* "network.json:61"; NULL */
	pp_cause cause;        /* of all that is missing since then, as a failed expectation has it */
} pp_health;
/* In the order of time, then of environments, then storage, sql, management, probe. Grows while the run goes on. */
PP_API size_t pp_run_n_health(const pp_run *run);
PP_API void pp_run_health(const pp_run *run, size_t index, pp_health *ret);
/* After pp_run_finish(): rules, routes and hosts of the scenario that nothing used, as warnings. */
PP_API size_t pp_run_n_warnings(const pp_run *run);
PP_API void pp_run_warning(const pp_run *run, size_t index, pp_diagnostic *ret);
/* After pp_run_finish(): names of the files of the run, without the directory, sorted. */
PP_API size_t pp_run_n_files(const pp_run *run);
PP_API const char *pp_run_file(const pp_run *run, size_t index);
/* After pp_run_finish(): the content of report.json; the text belongs to the run. Written or not, it is the same. */
PP_API const char *pp_run_report(const pp_run *run, size_t *ret_bytes);

#ifdef __cplusplus
}
#endif
#endif
