/* What the programs on top of libpktpath do with scenarios and runs beyond the promise of pktpath.h: names, explanations,
 * pictures, pages, addresses at each hop, NATs classified, mutants, a device in place of a NAT, comparisons. The rules of
 * pktpath.h hold for all calls. */
#ifndef PKTPATH_TOOLS_H
#define PKTPATH_TOOLS_H
#include <pktpath/import.h>
#include <pktpath/pktpath.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The scenario language as a JSON Schema (draft 7): text that the caller frees, NULL where memory is short. */
PP_API char *pp_schema(void);

/* ---- names ---- */

/* A virtual network in which a name is the address of a private endpoint, and the endpoint's name. */
typedef struct pp_named_inside {
	const char *network;
	pp_addr addr;
	const char *by;
} pp_named_inside;

/* What a name resolves to. */
typedef struct pp_resolution {
	const char *dns_name; /* "web.ase-one.p.azurewebsites.cn" */
	const char *what;     /* "app web of ase-one", "VM sql in contoso/data" */
	bool has_public;      /* it resolves outside its virtual network, */
	pp_addr public_addr;  /* to this */
	bool has_private;     /* it resolves differently inside the virtual network or site `inside`, */
	pp_addr private_addr; /* to this */
	const char *inside;
	const char *nearest;             /* where the name is unknown: the nearest that is known, or NULL */
	const pp_named_inside *networks; /* of a platform service: where its name is a private endpoint's address */
	size_t n_networks;
	/* of pp_scenario_resolve_from() alone */
	pp_addr answer;
	const char *by; /* the private endpoint whose address it is; NULL */
} pp_resolution;
/* `name` is a DNS name, a host ("sql"), or ENVIRONMENT/APP. 0, -ENOMEM, -EIO, or 1 where nothing has this name (only
 * `nearest` is set). Only where loading gave 0; strings belong to the scenario. */
PP_API int pp_scenario_resolve(pp_scenario *scenario, const char *name, pp_resolution *ret);
/* What the resolver of a host, a virtual network or a site answers at the start: `answer`, besides all of the above. As
 * there; and 2 where nothing that asks is called `from` (`nearest` is the way out then, a sentence). */
PP_API int pp_scenario_resolve_from(pp_scenario *scenario, const char *name, const char *from, pp_resolution *ret);

/* The value of a setting that is in force, as text, by its path ("network.ases.one.workers"); NULL where there is no
 * such setting. Only where loading gave 0; belongs to the scenario. */
PP_API const char *pp_scenario_setting(pp_scenario *scenario, const char *path);

/* Names that users may say of a scenario, for completion and "did you mean". */
typedef enum pp_name_kind {
	PP_NAME_FLOW,       /* "call-internet" */
	PP_NAME_NAT,        /* as expectations name them, and pp_classify() takes them */
	PP_NAME_RESOLVABLE, /* as pp_scenario_resolve() takes them */
	PP_NAME_CALLER,     /* who can call: "ase-one/web", "ase-one/worker-0", "sql" */
	/* what can be called, and listens at the start: "api:443/tcp", "ase-one/web:80/tcp", "api/icmp" */
	PP_NAME_CALLED,
	PP_NAME_ASKER,   /* whose resolver can be asked: hosts, virtual networks, sites */
	PP_NAME_SETTING, /* paths of all settings, defaults included: "network.ases.ase-one.snat.tcp_idle" */
	PP_NAME_VARIABLE /* of `vars`, known even where the scenario is wrong for want of a value */
} pp_name_kind;
/* Only where loading gave 0, but for variables. 0 or -ENOMEM; the array belongs to the scenario. */
PP_API int pp_scenario_names(const pp_scenario *scenario, pp_name_kind kind, const char *const **ret, size_t *ret_n);

/* Adds a call that the scenario does not make, before its runs: from and to as flows name their ends ("ase-one/web",
 * "api:443/tcp"), everything else as a flow of one connection has it by default. Its flow comes after the scenario's
 * own and changes nothing about them but what they share. 0: *ret_flow is its name. 1: the ends are wrong; the
 * diagnostics that were added say how. -ENOMEM. Only where loading gave 0. */
PP_API int pp_scenario_add_call(pp_scenario *scenario, const char *from, const char *to, int64_t at_ns,
				const char **ret_flow);

/* ---- explaining ---- */

typedef struct pp_explanation pp_explanation;

typedef struct pp_explain_options {
	/* "call", "burst[3]"; without a number the first connection; NULL: of every flow the first connection */
	const char *flow;
	uint64_t
		/* its number in the flow; 0: the packets that matter, which are the openings, their answers, a
		 * reset, the first loss */
		packet;
} pp_explain_options;

/* Makes the run keep what happens to these packets. Before its first step; the explanation goes before the run does. 0,
 * -ENOMEM, -ENOSPC, -EINVAL (the run has begun), or 1 where there is no such flow or connection: see
 * pp_explanation_problem(). *ret is set in the first and the last case. */
PP_API int pp_explain_new(pp_run *run, const pp_explain_options *options, pp_explanation **ret);
/* After the last step. 0, -ENOMEM, or 1 where the flow never had the packet that was asked for. */
PP_API int pp_explain_finish(pp_explanation *explanation);
PP_API void pp_explanation_free(pp_explanation *explanation);
/* After 1: what is wrong, and the way out; "" and NULL where there is nothing to say. */
PP_API const char *pp_explanation_problem(const pp_explanation *explanation);
PP_API const char *pp_explanation_hint(const pp_explanation *explanation);

typedef struct pp_explained_call { /* a connection */
	const char *name;          /* "burst[3]" */
	uint32_t n_connections;    /* of its flow, */
	/* and their outcomes, where there are several and none was named: "128 delivered, 22 timed_out"; NULL */
	const char *outcomes;
	const char *different; /* the first of them whose outcome is another one than this call's: "burst[128]"; NULL */
	const char *from, *to; /* as the scenario names them: "ase-one/web", "api:443/tcp" */
	const char *held;      /* of late data: the connection on which they are pushed; NULL */
	const char *file;      /* where the flow stands; NULL: it was added */
	uint32_t line;
	bool started; /* false: it was never made, `why` says why; the rest of what follows is then 0 or NULL */
	int64_t at_ns;
	const char *caller;  /* "ase-one/worker-0", */
	pp_tuple tuple;      /* and the call as it left there */
	const char *outcome; /* "delivered", "timed_out", ...; "unfinished" */
	int64_t ended_ns;    /* when it was known; 0 where unfinished */
	uint32_t retransmissions;
	const char *
		lost_at; /* where the first packet was lost or refused; NULL: none was, and what follows is 0 or NULL */
	uint64_t lost_packet;
	const char *reason, *by, *rule, *detail; /* as of a step */
	const char *why;                         /* what the reason means, a sentence; NULL */
	pp_cause cause; /* of the loss that decided, which may be a later one than the first, or another call's */
	uint64_t cause_packet;  /* its number, and of */
	const char *cause_call; /* this call; NULL: of the call itself */
	bool is_route;          /* `rule` is a route, and no rule of another kind */
	const char *rule_file;
	uint32_t rule_line;
	size_t n_packets;                       /* explained */
	size_t n_left_out;                      /* more openings and answers: ask for each by its number */
	const char *made_from, *rule_made_from; /* the flow, and the rule: "network.json:61"; NULL */
} pp_explained_call;
typedef enum pp_packet_role {
	PP_PACKET_OPENING, /* opens the call, or a leg of it */
	PP_PACKET_ANSWER,  /* answers an opening */
	PP_PACKET_RESET,   /* the first that tears it down */
	PP_PACKET_ERROR,   /* the first ICMP error */
	PP_PACKET_LOST,    /* the first that was lost */
	PP_PACKET_ASKED,   /* the one that was asked for */
	PP_PACKET_RENAMED  /* names an end in its payload, which a NAT that reads it has rewritten (`alg`) */
} pp_packet_role;
typedef struct pp_explained_packet {
	uint64_t number;
	pp_packet_role role;
	uint64_t answers; /* ANSWER: the number of the opening; else 0 */
	const char *what; /* "SYN", "DNS query", "ICMP port unreachable" */
	bool retransmission;
	bool ended; /* false: it was on its way when the run ended */
	size_t n_steps;
} pp_explained_packet;
typedef struct pp_explained_step {
	int64_t time_ns;
	pp_step_kind kind;
	const char *place;
	const char *what;   /* "allowed inbound", "source rewritten", "DROPPED: nsg-deny, inbound" */
	const char *whose;  /* "by rule allow-web of nsg/front"; "" where no rule decided */
	const char *detail; /* a sentence; NULL */
	const char *reason; /* "" where the packet goes on */
	const char *by;     /* who decided */
	const char *
		/* NULL where it has no name; of a packet that passes by its flow record, the rule that opened the
		 * flow */
		rule;
	const char *file; /* of the rule, or of what decided; NULL where it is of no file */
	uint32_t line, column;
	const char
		*event_file; /* of the event of the timeline that made the rule what it is then; NULL where none did */
	uint32_t event_line;
	pp_tuple before, after;
	const char *made_from; /* what the rule was made from: "network.json:61"; NULL */
	pp_cause cause;        /* DROP */
} pp_explained_step;
/* After pp_explain_finish() gave 0. */
PP_API size_t pp_explanation_n_calls(const pp_explanation *explanation);
PP_API void pp_explanation_call(const pp_explanation *explanation, size_t call, pp_explained_call *ret);
PP_API void pp_explanation_packet(const pp_explanation *explanation, size_t call, size_t packet,
				  pp_explained_packet *ret);
/* False where memory ran short in one of the three functions here: what they gave is not all. */
PP_API bool pp_explanation_is_whole(const pp_explanation *explanation);
PP_API void pp_explanation_step(const pp_explanation *explanation, size_t call, size_t packet, size_t step,
				pp_explained_step *ret);

/* ---- pictures ---- */

typedef struct pp_drawing pp_drawing;

typedef enum pp_ports_by { PP_PORTS_BY_WORKER, PP_PORTS_BY_APP, PP_PORTS_BY_DESTINATION } pp_ports_by;
typedef struct pp_draw_options {
	const char *flow; /* "call", "burst[3]"; without a number the first connection; NULL: the network without any */
	bool ladder;      /* the flow's packets, place by place, instead of its way through the network */
	bool mermaid;     /* Mermaid text instead of SVG */
	const char *focus; /* a network, a machine, an environment or a site: what is near it alone; NULL: all */
	uint32_t depth;    /* of the focus: networks within so many peerings */
	/* Without a flow: the ports that NATs have in use over time, a line for each worker, app or destination. */
	bool ports;
	pp_ports_by by;
} pp_draw_options;

/* Makes the run keep what a picture shows. With a flow before its first step; the drawing goes before the run does. 0,
 * -ENOMEM, -ENOSPC, -EINVAL (the run has begun), or 1 where there is no such flow or connection: see
 * pp_drawing_problem(). *ret is set in the first and the last case. */
PP_API int pp_drawing_new(pp_run *run, const pp_draw_options *options, pp_drawing **ret);
/* The picture, with a newline at its end: of a flow after the last step of the run, of the network at any time. The
 * text belongs to the drawing. 0, -ENOMEM, or
 * -EINVAL where the run is not over. */
PP_API int pp_drawing_finish(pp_drawing *drawing, const char **ret_text, size_t *ret_bytes);
/* The picture of the network, or of a way through it, can be laid out by Graphviz. This gives the graph, for the
 * standard input of `dot -Tjson0`; pp_drawing_place() takes what that writes; then pp_drawing_finish(). The library
 * runs nothing itself. As pp_drawing_finish(); -EINVAL also for a ladder and for Mermaid. */
PP_API int pp_drawing_graph(pp_drawing *drawing, const char **ret_text, size_t *ret_bytes);
/* 0, -ENOMEM, -EINVAL (no graph was asked for), or 1: it is no layout of the graph; the library's own stays. */
PP_API int pp_drawing_place(pp_drawing *drawing, const char *layout, size_t bytes);
PP_API void pp_drawing_free(pp_drawing *drawing);
/* After 1: what is wrong, and the way out; "" and NULL where there is nothing to say. */
PP_API const char *pp_drawing_problem(const pp_drawing *drawing);
PP_API const char *pp_drawing_hint(const pp_drawing *drawing);

/* ---- pages ---- */

/* One HTML page about a run: verdict, failures, source and destination addresses at each hop, pictures, NATs over time,
 * drops. It fetches nothing and runs nothing. */
typedef struct pp_page pp_page;

/* The scenario, loaded with 0, outlives the page. It is run twice. 0, -ENOMEM, -EIO. */
PP_API int pp_page_new(const pp_scenario *scenario, pp_page **ret);
/* A page about a run of the caller's, which takes the place of the first of the two. It outlives the page, and none of
 * its steps was made; whether the caller or pp_page_step() makes them is the same. 0, -ENOMEM, -EINVAL. */
PP_API int pp_page_of_run(pp_run *run, pp_page **ret);
/* As pp_run_step(): 0: there is more to do. 1: finish now. Negative: see pp_run_error() of pp_page_run(). */
PP_API int pp_page_step(pp_page *page, uint64_t max_events);
/* The run that is under way: for telling progress. The first of the two, once it has finished, has results for as long
 * as the page lives: pp_page_result(). */
PP_API const pp_run *pp_page_run(const pp_page *page);
PP_API const pp_run *pp_page_result(const pp_page *page);
/* After a step gave 1. The text belongs to the page. 0, -ENOMEM, -EINVAL (there is more to do). */
PP_API int pp_page_finish(pp_page *page, const char **ret_text, size_t *ret_bytes);
/* Where the scenario came from a report: does its replay show the same? False where another version of the program
 * wrote it. True where it came from a file. */
PP_API int pp_page_is_true(const pp_page *page); /* or -ENOMEM */
PP_API void pp_page_free(pp_page *page);

/* ---- addresses at each hop ---- */

/* Who is seen where, from which address: the opening packet of each connection, and of each leg of it, at each place
 * that it passed. Connections of a flow that were seen at the same places with the same addresses, but for the ports
 * they called from, are listed once. */
typedef struct pp_seen_at {
	const char *flow;        /* its name, */
	const char *connections; /* and those that are listed: "burst[0..127]", "burst[0] and 63 more" */
	uint32_t first, n;       /* the first of them, and how many */
	uint32_t n_connections;  /* of the flow, reported or not */
	const char *place;       /* NULL: they were never made, and what follows is 0 or NULL */
	pp_addr source, destination;
	uint16_t source_port_first, source_port_last; /* lowest and highest */
	uint16_t destination_port;
	uint8_t protocol;
	bool lost; /* it ended here; and why: */
	const char *reason, *by, *rule, *file;
	bool is_route; /* `rule` is a route, and no rule of another kind */
	uint32_t line;
	const char *made_from; /* what the rule was made from: "network.json:61"; NULL */
} pp_seen_at;
/* After pp_run_finish(): by flow in the order of the file, by connection, then in the order of time. Of a flow the
 * first thousand connections. The array belongs to the run. 0, -ENOMEM, -EINVAL (the run has not finished). */
PP_API int pp_run_seen_at(pp_run *run, const pp_seen_at **ret, size_t *ret_n);

/* An address inside and outside, of a machine or an app. */
typedef struct pp_address {
	const char *name; /* "ase-one/web", "ase-one/worker-0", "sql" */
	const char *what; /* "app on worker-0", "worker", "machine in contoso/data" */
	bool has_inside, has_outside;
	pp_addr inside;  /* own address in its network or site; peers there see this */
	pp_addr outside; /* what the rest of the world sees, */
	const char *by;  /* and who makes it so: "ase-one/vip", "contoso/outbound", "home/nat"; NULL: it is its own */
	uint16_t port_first, port_last; /* ports that it may be seen from outside; 0 where it has no block of its own */
	uint32_t n_ports;               /* how many of these are ever given: the VIP's own are not */
} pp_address;
/* As it is now; before the first step, as it is at the start: environments with their apps and instances, then hosts,
 * each by name. 0 or -ENOMEM. The array belongs to the run. */
PP_API int pp_run_addresses(pp_run *run, const pp_address **ret, size_t *ret_n);

/* ---- NATs classified ---- */

/* What kind of NAT it is, found out by the probes of RFC 5780 through a NAT of its own. */
typedef struct pp_nat_class {
	const char *nat;
	const char *udp_mapping, *tcp_mapping, *udp_filtering,
		*tcp_filtering; /* "endpoint-independent", "address-dependent", "address-and-port-dependent" */
	const char *udp_contended, *tcp_contended; /* the mapping where others use the same ports */
	bool hairpins;                             /* an inside host reaches another by its outside address */
	bool hairpin_outside;                      /* and is seen there with the outside one (RFC 4787 R9) */
	const char *ports;                         /* "preserved", "sequential", "other" */
	bool overloads, parity, paired, icmp;      /* RFC 4787 4.2.1, R4, R2, R12 */
	uint32_t n_addresses;
	uint16_t port_first, port_last; /* outside ports that were seen */
	int64_t udp_idle_ns, udp_stream_ns, icmp_idle_ns, tcp_opening_ns, tcp_idle_ns, tcp_transitory_ns,
		tcp_reset_ns; /* silence after which no packet from outside gets in */
} pp_nat_class;
/* `nat`: as expectations name it (an environment, a site, an appliance, a VNet), or as trails do ("one/vip",
 * "home/nat"). 0; 1 where it has no such NAT, and *ret_nearest is the nearest name or NULL; -ENOMEM. */
PP_API int pp_classify(const pp_scenario *scenario, const char *nat, pp_nat_class *ret, const char **ret_nearest);

/* ---- measures ---- */

/* What a run comes to, as numbers by name, for comparing many runs. */
typedef struct pp_meter pp_meter;
typedef enum pp_measure_kind {
	PP_MEASURE_COUNT,
	PP_MEASURE_SHARE, /* part / whole */
	PP_MEASURE_TIME   /* ns */
} pp_measure_kind;
/* Names: calls, delivered, refused, reset, timed_out, bad_gateway, unfinished, not_started, failed; failed_share and a
 * share of each outcome; latency.p50, .p95, .p99, .max of delivered calls; all of them also of one flow: flow.NAME.calls.
 * ports.peak, .p50, .p95, .p99 (over the time in which flows begin connections), exhausted, exhausted_share, mappings,
 * expired; also of one NAT: nat.NAME.ports.peak. packets, dropped, retransmissions. expectations.passed, .failed;
 * expect.NAME: 1 where it holds. */
typedef struct pp_measure {
	const char *name;
	pp_measure_kind kind;
	bool known; /* false: there is none, such as the latency where no call was delivered */
	int64_t value;
	uint64_t part, whole; /* of a share; `value` is then 0 */
} pp_measure;
/* Before the first step of the run; the meter goes before the run does. 0, -ENOMEM, -EINVAL (the run has begun). */
PP_API int pp_meter_new(pp_run *run, pp_meter **ret);
/* The measures that the run will have, without their values: in place of pp_meter_finish(), at any time. */
PP_API int pp_meter_names(pp_meter *meter, const pp_measure **ret, size_t *ret_n);
/* Once, after pp_run_finish(). The array belongs to the meter. 0, -ENOMEM, -EINVAL (the run has not finished). */
PP_API int pp_meter_finish(pp_meter *meter, const pp_measure **ret, size_t *ret_n);
PP_API void pp_meter_free(pp_meter *meter);

/* ---- the language ---- */

typedef struct pp_key { /* a key of scenarios */
	const char *name;
	const char *type;     /* "a duration" */
	const char *values;   /* "allow|deny"; NULL where it has no fixed ones */
	const char *fallback; /* NULL */
	const char *help;
	bool required;
} pp_key;
/* The keys that may stand in the map at a path: "" for the whole file, "network.ases.one.snat", "expect.0". At most `max`; returns how
 * many. 0 where names stand there, or nothing does. */
PP_API size_t pp_keys_at(const char *path, pp_key *ret, size_t max);
/* The key that a path ends in; false where it is none. */
PP_API bool pp_key_at(const char *path, pp_key *ret);

/* ---- coverage ---- */

/* What a run exercised of its scenario. */
typedef struct pp_cover pp_cover;
typedef struct pp_cover_line {
	const char *file;
	uint32_t line;
	const char *kind; /* "rule", "route", "firewall rule", "balancing rule", "inbound NAT rule", "outbound rule",
			     "environment", "site NAT", "gateway", "host", "flow", "event", "frontend", "NAT gateway",
			     "firewall", "private endpoint", "web app" */
	const char *name;
	uint64_t
		decided; /* packets that it matched, that came by, that it sent; of an event: whether it changed anything */
	uint64_t passed; /* packets about which it was asked while another rule or route decided */
} pp_cover_line;
typedef struct pp_cover_fact { /* all of them, those that did not occur with 0 */
	const char *kind;      /* "reason", "element", "nat" */
	const char *owner;     /* of "nat": its name; else NULL */
	const char
		*name; /* "nsg-deny"; "front end"; "created", "reused", "expired", "exhausted", "filtered", "hairpin" */
	uint64_t n;
} pp_cover_fact;
/* Before the first step of the run; it goes before the run does. 0, -ENOMEM, -EINVAL (the run has begun). */
PP_API int pp_cover_new(pp_run *run, pp_cover **ret);
/* Once, after pp_run_finish(). 0, -ENOMEM, -EINVAL (the run has not finished). */
PP_API int pp_cover_finish(pp_cover *cover);
PP_API void pp_cover_free(pp_cover *cover);
PP_API size_t pp_cover_n_lines(const pp_cover *cover);
PP_API void pp_cover_line_get(const pp_cover *cover, size_t index, pp_cover_line *ret);
PP_API size_t pp_cover_n_facts(const pp_cover *cover);
PP_API void pp_cover_fact_get(const pp_cover *cover, size_t index, pp_cover_fact *ret);

/* ---- pages of many runs ---- */

/* One HTML page, filled piece by piece; it fetches and runs nothing. Texts are copied. */
typedef struct pp_sheet pp_sheet;
PP_API int pp_sheet_new(const char *title, pp_sheet **ret); /* 0 or -ENOMEM */
PP_API void pp_sheet_free(pp_sheet *sheet);
PP_API void pp_sheet_section(pp_sheet *sheet, const char *title);
PP_API void pp_sheet_text(pp_sheet *sheet, const char *text); /* a paragraph */
PP_API void pp_sheet_verdict(pp_sheet *sheet, bool pass, const char *text);
typedef struct pp_cell {
	const char *text;
	const char *link; /* a file beside the page; NULL */
	bool good, bad;   /* its colour */
} pp_cell;
/* Cells row by row. The head of a column of numbers begins with `>`. */
PP_API void pp_sheet_table(pp_sheet *sheet, const char *const *heads, size_t n_heads, const pp_cell *cells,
			   size_t n_rows);
typedef enum pp_line_state { PP_LINE_PLAIN, PP_LINE_USED, PP_LINE_PASSED, PP_LINE_NEVER } pp_line_state;
typedef struct pp_source_line {
	const char *text;
	const char *count; /* in the margin; NULL */
	pp_line_state state;
} pp_source_line;
/* A file, each line in the colour of its state; folded where it is not open. */
PP_API void pp_sheet_source(pp_sheet *sheet, const char *name, bool open, const pp_source_line *lines, size_t n);
#define PP_CHART_UNKNOWN INT64_MIN /* no value. Shares are parts of 10^9 in charts */
typedef struct pp_band {           /* a measure at one value of a setting, over the seeds */
	const char *label;
	int64_t min, p5, p50, p95, max;
} pp_band;
typedef struct pp_bands {
	const char *title, *x_title;
	pp_measure_kind kind;
	const pp_band *items;
	size_t n;
	int64_t mark; /* a line at this value; PP_CHART_UNKNOWN */
} pp_bands;
PP_API void pp_sheet_bands(pp_sheet *sheet, const pp_bands *bands);
typedef struct pp_heat { /* a measure over two settings */
	const char *title, *x_title, *y_title;
	pp_measure_kind kind;
	const char *const *columns, *const *rows;
	size_t n_columns, n_rows;
	const int64_t *values; /* row by row */
} pp_heat;
PP_API void pp_sheet_heat(pp_sheet *sheet, const pp_heat *heat);
/* The same as a picture of its own, SVG: text that the caller frees, NULL where memory is short. */
PP_API char *pp_draw_bands(const pp_bands *bands);
PP_API char *pp_draw_heat(const pp_heat *heat);
/* Once. The text belongs to the sheet. 0 or -ENOMEM. */
PP_API int pp_sheet_finish(pp_sheet *sheet, const char **ret_text, size_t *ret_bytes);
/* "1234", "2.5 %", "12.5 ms"; `text` has at least 32 bytes. Returns it. */
PP_API char *pp_print_measure(int64_t value, pp_measure_kind kind, char *text);

/* ---- mutants ---- */

typedef struct pp_mutants pp_mutants;

/* One change of a scenario that its expectations should notice. */
typedef struct pp_mutant {
	const char *path;      /* "network.ases.one.snat.hairpin", as --set takes it */
	const char *from, *to; /* "true", "false"; `to` is NULL where it is taken away */
	const char *file; /* where the setting, or the nearest thing around it, stands; NULL where it is of no file */
	uint32_t line;
	const pp_override *overrides; /* that make the change */
	size_t n_overrides;
} pp_mutant;

/* Each setting of NATs, security groups, routes and placement in turn, and each event of the timeline, with one or a
 * few other values each; those that stand in no file with their defaults. In the order of the settings. Some will be
 * refused when they are loaded. The scenario (loaded with 0) outlives them. 0 or -ENOMEM. */
PP_API int pp_mutants_new(pp_scenario *scenario, pp_mutants **ret);
PP_API size_t pp_mutants_n(const pp_mutants *mutants);
PP_API void pp_mutants_get(const pp_mutants *mutants, size_t index, pp_mutant *ret);
PP_API void pp_mutants_free(pp_mutants *mutants);

/* ---- a device in place of a NAT ---- */

typedef struct pp_passage { /* valid during the call */
	bool outbound;      /* from the inside to the outside */
	int64_t time_ns;
	const char *flow;
	uint32_t index;       /* of the connection */
	uint64_t packet;      /* its number in the flow */
	const uint8_t *frame; /* Ethernet (its addresses mean nothing to the device), IPv4 */
	size_t frame_bytes;
} pp_passage;
/* Gives the frame to the device. 1: what came out on the other side is in `ret`, of *ret_bytes; 0: nothing came out;
 * negative: the run fails with it. */
typedef int pp_device(void *context, const pp_passage *passage, uint8_t *ret, size_t size_bytes, size_t *ret_bytes);

/* Where the device did not do what the model predicts. */
typedef struct pp_deviation {
	const char *flow;
	uint32_t index;
	uint64_t packet;
	int64_t time_ns;
	bool outbound;
	const char *what;  /* "SYN" */
	const char *field; /* "source port"; "passage" where one let it pass and the other did not */
	const char *predicted, *actual;
	const char *nat;  /* whose place the device takes, */
	const char *file; /* and its keys */
	uint32_t line;
	uint64_t more; /* further packets with such a difference, of this flow */
} pp_deviation;

/* What a NAT of the run would translate goes through the device instead (fragments apart), and expectations judge what
 * the device made of it. `nat`: as expectations name it; NULL where the
 * scenario has one. `ignore`: PP_IGNORE_PORTS. Before the first step. 0; 1 where there is no such NAT, or more than one
 * to choose from: *ret_names lists those there are; -ENOMEM, -EINVAL (the run has begun). */
PP_API int pp_run_use_device(pp_run *run, const char *nat, unsigned ignore, pp_device *device, void *context,
			     const char **ret_names);
PP_API const char *pp_run_device_nat(const pp_run *run); /* the NAT's name; NULL where none is */
PP_API size_t pp_run_n_deviations(const pp_run *run);
PP_API void pp_run_deviation(const pp_run *run, size_t index, pp_deviation *ret);

/* ---- comparing ---- */

typedef struct pp_comparison pp_comparison;

/* What a comparison passes over. */
enum {
	PP_IGNORE_PORTS = 1, /* ports of TCP and UDP, identifiers of ICMP: what hosts and NATs choose */
	PP_IGNORE_IDS =
		/* packets' own numbers, IP and DNS identifiers, TCP sequence and acknowledgment numbers: what a seed
		 * chooses */
	2,
	PP_IGNORE_TIME = 4 /* when packets passed, when mappings were made and ended */
};
typedef enum pp_difference_kind {
	PP_DIFFERENCE_OUTCOME, /* what became of a flow's calls */
	PP_DIFFERENCE_CHANGED, /* a field of a packet */
	PP_DIFFERENCE_GONE,    /* packets that the first run alone has at this point */
	PP_DIFFERENCE_NEW,     /* packets that the second alone has */
	PP_DIFFERENCE_MAPPING, /* a line of nat.csv */
	PP_DIFFERENCE_FILE     /* a file that one run alone has, or that cannot be read */
} pp_difference_kind;
typedef struct pp_difference { /* strings belong to the comparison; NULL and 0 where they do not apply */
	pp_difference_kind kind;
	const char *flow;  /* "call[3]"; the flow's name where a capture has no notes */
	const char *point; /* where: a point of the captures; of a mapping, its NAT */
	const char *what;  /* "SYN"; "mapping tcp 10.0.1.6:49152 to 203.0.113.10:443"; of a file, its name */
	const char *field; /* "source port", "TTL", "time", "outcome"; of a mapping its column, or "gone", "new" */
	const char *before, *after;
	const char *
		/* the verdict on the packet, by which rule at which line, from the notes of the captures */
		because;
	uint64_t packet; /* its number in the flow: in the second run, or in the first where it is gone */
	uint64_t
		/* of the same kind: a field that changed in further packets, or of this one at further points; packets
		 * lost at this point; mappings */
		more;
} pp_difference;

/* Compares the output of two runs, directory with directory: flow by flow and point by point each packet with the one
 * that it corresponds to, then the mappings. Scenarios' texts, notes and names of hosts are not compared. `ignore`:
 * PP_IGNORE_* bits. 0: compared. 1: one directory holds no output of a run; or negative errno: both say in *ret_path,
 * which is of the comparison, where. *ret is set in all cases but -ENOMEM. */
PP_API int pp_compare(const char *before, const char *after, unsigned ignore, pp_comparison **ret,
		      const char **ret_path);
/* Outcomes first, then by flow in the order of virtual time. Each kind of change is reported once, by its first packet. */
PP_API size_t pp_comparison_n(const pp_comparison *comparison);
PP_API void pp_comparison_get(const pp_comparison *comparison, size_t index, pp_difference *ret);
PP_API void pp_comparison_free(pp_comparison *comparison);

/* ---- for programs on top ---- */

/* Does a filter compile? 0; -ENOMEM; 1: no, and `problem` says why. */
#define PP_FILTER_PROBLEM_BYTES 256
PP_API int pp_check_filter(const char *filter, char problem[PP_FILTER_PROBLEM_BYTES]);

/* The nearest of `n` candidates, for "did you mean"; NULL where none is near. */
PP_API const char *pp_nearest(const char *name, const char *const *candidates, size_t n);
/* A duration with its unit, as scenarios have it: "240s", "2h4m". 0, or 1 where the text is none. */
PP_API int pp_parse_duration(const char *text, int64_t *ret_ns);

/* ---- safe text ---- */

/* The first character of a text of at least one byte, as a terminal or a document may show it: itself, "\u202e" for a
 * control character or an override of the writing direction, "\xff" for a byte that is no UTF-8. Returns its bytes. */
#define PP_SAFE_BYTES 8
PP_API size_t pp_safe_character(const char *text, size_t bytes, char safe[PP_SAFE_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
