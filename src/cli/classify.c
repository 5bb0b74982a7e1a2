/* pktpath classify: what kind of NAT one of the scenario is, in the words of RFC 4787 and RFC 5780. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

/* ---- words ---- */

/* The name that people gave to the pair before RFC 4787. */
static const char *old_name(const pp_nat_class *c, const char *udp_mapping)
{
	if (strcmp(udp_mapping, "endpoint-independent") != 0)
		return "symmetric NAT";
	if (strcmp(c->udp_filtering, "endpoint-independent") == 0)
		return "full cone NAT";
	return strcmp(c->udp_filtering, "address-dependent") == 0 ? "restricted cone NAT" : "port restricted cone NAT";
}

static void line(const char *key, const char *value, const char *more)
{
	printf("  %-12s %s%s%s\n", key, value, more[0] ? "  " : "", more);
}

/* Seconds, with as many places as they have. */
static const char *print_seconds(int64_t ns, char text[64])
{
	int n = snprintf(text, 64, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
	while (text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	return text;
}

static void timer(const char *key, int64_t ns, const char *what)
{
	char text[64], seconds[72];
	(void)snprintf(seconds, sizeof seconds, "%s s", print_seconds(ns, text));
	printf("  %-12s %-10s %s\n", key,
	       ns == 0                ? "-"
	       : ns % 1000000000 != 0 ? seconds
				      : print_duration(ns, text, sizeof text),
	       what);
}

static void print_text(const pp_nat_class *c, const struct paint *paint)
{
	char text[64];
	const char *name = old_name(c, c->udp_mapping), *contended = old_name(c, c->udp_contended);
	printf("%s%s%s: %s", paint->bold, c->nat, paint->off, name);
	if (strcmp(name, contended) != 0)
		printf("; %s under contention", contended);
	putchar('\n');
	line("mapping", c->udp_mapping, strcmp(c->udp_mapping, c->tcp_mapping) == 0 ? "" : "for UDP");
	if (strcmp(c->udp_mapping, c->tcp_mapping) != 0)
		line("", c->tcp_mapping, "for TCP");
	if (strcmp(c->udp_mapping, c->udp_contended) != 0 || strcmp(c->tcp_mapping, c->tcp_contended) != 0) {
		bool is_one = strcmp(c->udp_contended, c->tcp_contended) == 0;
		line("contended", c->udp_contended, is_one ? "" : "for UDP");
		if (!is_one)
			line("", c->tcp_contended, "for TCP");
	}
	line("filtering", c->udp_filtering, strcmp(c->udp_filtering, c->tcp_filtering) == 0 ? "" : "for UDP");
	if (strcmp(c->udp_filtering, c->tcp_filtering) != 0)
		line("", c->tcp_filtering, "for TCP");
	line("hairpinning", c->hairpins ? "yes" : "no", c->hairpin_outside ? "with the outside source" : "");
	line("ports", c->ports, c->parity ? "parity kept" : "");
	line("overloading", c->overloads ? "yes" : "no",
	     c->overloads ? "one port for two hosts, towards different destinations" : "");
	(void)snprintf(text, sizeof text, "%" PRIu32, c->n_addresses);
	line("addresses", text,
	     c->n_addresses < 2 ? ""
	     : c->paired        ? "paired: an inside address keeps one"
				: "arbitrary");
	line("ICMP", c->icmp ? "translated" : "dropped", "");
	timer("UDP", c->udp_idle_ns, "silence, after one packet");
	timer("", c->udp_stream_ns, "silence, once seen both ways");
	timer("TCP", c->tcp_opening_ns, "after a SYN alone");
	timer("", c->tcp_idle_ns, "silence, when open");
	timer("", c->tcp_transitory_ns, "after FIN from both sides");
	timer("", c->tcp_reset_ns, "after a RST");
	timer("ICMP", c->icmp_idle_ns, "silence");
}

static void text_member(const char *key, const char *value, const char *after)
{
	printf("  \"%s\": ", key);
	print_json_text(stdout, value);
	puts(after);
}

static void timer_member(const char *key, int64_t ns, const char *after)
{
	char text[64];
	printf("\"%s\": %s%s", key, print_seconds(ns, text), after);
}

static void print_json(const pp_nat_class *c)
{
	puts("{");
	text_member("nat", c->nat, ",");
	text_member("kind", old_name(c, c->udp_mapping), ",");
	text_member("kind_under_contention", old_name(c, c->udp_contended), ",");
	text_member("udp_mapping", c->udp_mapping, ",");
	text_member("tcp_mapping", c->tcp_mapping, ",");
	text_member("udp_mapping_under_contention", c->udp_contended, ",");
	text_member("tcp_mapping_under_contention", c->tcp_contended, ",");
	text_member("udp_filtering", c->udp_filtering, ",");
	text_member("tcp_filtering", c->tcp_filtering, ",");
	printf("  \"hairpinning\": %s,\n  \"hairpin_outside_source\": %s,\n", c->hairpins ? "true" : "false",
	       c->hairpin_outside ? "true" : "false");
	text_member("ports", c->ports, ",");
	printf("  \"parity\": %s,\n  \"overloading\": %s,\n  \"addresses\": %" PRIu32
	       ",\n  \"paired\": %s,\n  \"icmp\": %s,\n",
	       c->parity ? "true" : "false", c->overloads ? "true" : "false", c->n_addresses,
	       c->paired ? "true" : "false", c->icmp ? "true" : "false");
	fputs("  \"timers_s\": {", stdout);
	timer_member("udp", c->udp_idle_ns, ", ");
	timer_member("udp_both_ways", c->udp_stream_ns, ", ");
	timer_member("tcp_opening", c->tcp_opening_ns, ", ");
	timer_member("tcp", c->tcp_idle_ns, ", ");
	timer_member("tcp_transitory", c->tcp_transitory_ns, ", ");
	timer_member("tcp_reset", c->tcp_reset_ns, ", ");
	timer_member("icmp", c->icmp_idle_ns, "}\n}\n");
}

/* ---- the command ---- */

static int show(const struct command *command, const struct asked *asked)
{
	pp_nat_class class;
	const char *near;
	struct paint paint = paint_for(stdout);
	int r = pp_classify(asked->scenario, asked->name, &class, &near);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s\n", error_text(-r));
		return STATUS_SYSTEM;
	}
	if (r > 0 && near)
		return usage_error(command, "the scenario has no NAT `%s`; there is `%s`", asked->name, near);
	if (r > 0)
		return usage_error(command, "the scenario has no NAT");
	if (asked->json)
		print_json(&class);
	else
		print_text(&class, &paint);
	return STATUS_OK;
}

int command_classify(const struct command *command, int argc, char **argv)
{
	static const struct scenario_command how = {
		.name = "the name of an environment, a site, an appliance or a VNet", .answer = show};
	return ask(command, &how, argc, argv);
}
