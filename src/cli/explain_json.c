/* An explanation as JSON. Members are those of report.json where they say the same; what does not apply is null, never
 * left out. */
#include "cli/cli.h"
#include <inttypes.h>
#include <stdbool.h>

static void text_member(const char *indent, const char *key, const char *value)
{
	printf("%s\"%s\": ", indent, key);
	print_json_text(stdout, value);
}

static void number_member(const char *indent, const char *key, bool known, int64_t value)
{
	if (known)
		printf("%s\"%s\": %" PRId64, indent, key, value);
	else
		printf("%s\"%s\": null", indent, key);
}

static void place_member(const char *key, const char *file, uint32_t line, const char *made_from)
{
	if (!file) {
		printf("\"%s\": null", key);
		return;
	}
	printf("\"%s\": {\"file\": ", key);
	print_json_text(stdout, file);
	printf(", \"line\": %" PRIu32, line);
	if (made_from)
		print_json_member("source", made_from);
	putchar('}');
}

static void end_point(const char *key, pp_addr addr, uint16_t port, uint8_t protocol)
{
	char text[PP_ADDR_TEXT_BYTES];
	printf("\"%s\": {\"address\": \"%s\", \"port\": ", key, pp_addr_print(addr, text));
	if (protocol == 1)
		fputs("null}", stdout);
	else
		printf("%u}", port);
}

static void tuple_member(const char *key, const pp_tuple *t)
{
	printf("\"%s\": {", key);
	end_point("source", t->src, t->src_port, t->protocol);
	fputs(", ", stdout);
	end_point("destination", t->dst, t->dst_port, t->protocol);
	putchar('}');
}

static void cause_members(const char *indent, const pp_cause *cause)
{
	text_member(indent, "cause", cause->what);
	text_member(", ", "helps", cause->helps);
	fputs(", \"settings\": [", stdout);
	for (size_t i = 0; i < cause->n_settings; i++) {
		fputs(i == 0 ? "" : ", ", stdout);
		print_json_text(stdout, cause->settings[i]);
	}
	putchar(']');
}

static const char *kind_name(pp_step_kind kind)
{
	static const char *const names[] = {"originate", "filter", "route", "translate", "forward", "drop", "deliver"};
	return names[kind];
}

static const char *role_name(pp_packet_role role)
{
	static const char *const names[] = {"opening", "answer", "reset", "error", "lost", "asked", "renamed"};
	return names[role];
}

static const char *protocol_name(uint8_t protocol)
{
	return protocol == 6 ? "tcp" : protocol == 17 ? "udp" : protocol == 1 ? "icmp" : "ip";
}

static void print_step(const pp_explained_step *step)
{
	printf("            {\"time_ns\": %" PRId64, step->time_ns);
	text_member(", ", "at", step->place);
	text_member(", ", "kind", kind_name(step->kind));
	text_member(", ", "what", step->what);
	text_member(", ", "whose", *step->whose ? step->whose : NULL);
	text_member(", ", "detail", step->detail);
	text_member(", ", "reason", step->reason && *step->reason ? step->reason : NULL);
	text_member(", ", "by", step->by);
	text_member(", ", "rule", step->rule);
	fputs(", ", stdout);
	place_member("place", step->file, step->line, step->made_from);
	fputs(", ", stdout);
	place_member("changed", step->event_file, step->event_line, NULL);
	fputs(", ", stdout);
	tuple_member("before", &step->before);
	fputs(", ", stdout);
	tuple_member("after", &step->after);
	cause_members(", ", &step->cause);
	putchar('}');
}

static void print_packet(const pp_explanation *explanation, size_t call, size_t index)
{
	pp_explained_packet packet;
	pp_explained_step step = {0};
	pp_explanation_packet(explanation, call, index, &packet);
	if (packet.n_steps > 0)
		pp_explanation_step(explanation, call, index, packet.n_steps - 1, &step);
	printf("        {\"packet\": %" PRIu64, packet.number);
	text_member(", ", "role", role_name(packet.role));
	number_member(", ", "answers", packet.answers > 0, (int64_t)packet.answers);
	text_member(", ", "what", packet.what);
	text_member(", ", "protocol", protocol_name(step.after.protocol));
	printf(", \"retransmission\": %s", packet.retransmission ? "true" : "false");
	text_member(", ", "end", !packet.ended ? "in_flight" : step.kind == PP_STEP_DROP ? "dropped" : "delivered");
	fputs(", \"steps\": [\n", stdout);
	for (size_t i = 0; i < packet.n_steps; i++) {
		pp_explanation_step(explanation, call, index, i, &step);
		print_step(&step);
		fputs(i + 1 < packet.n_steps ? ",\n" : "\n", stdout);
	}
	fputs("        ]}", stdout);
}

static void print_loss(const pp_explained_call *call)
{
	if (!call->lost_at && !call->cause.what) {
		fputs("      \"loss\": null,\n", stdout);
		return;
	}
	number_member("      \"loss\": {", "packet", call->lost_at, (int64_t)call->lost_packet);
	text_member(", ", "node", call->lost_at);
	text_member(", ", "reason", call->reason);
	text_member(", ", "by", call->by);
	text_member(", ", "rule", call->rule);
	fputs(", ", stdout);
	place_member("place", call->rule_file, call->rule_line, call->rule_made_from);
	text_member(", ", "detail", call->detail);
	text_member(", ", "why", call->why);
	cause_members(", ", &call->cause);
	number_member(", ", "cause_packet", call->cause_packet > 0, (int64_t)call->cause_packet);
	text_member(", ", "cause_call", call->cause_call);
	fputs("},\n", stdout);
}

static void print_call(const pp_explanation *explanation, size_t index)
{
	pp_explained_call call;
	pp_explanation_call(explanation, index, &call);
	text_member("    {", "name", call.name);
	text_member(",\n      ", "from", call.from);
	text_member(",\n      ", "to", call.to);
	text_member(",\n      ", "held", call.held);
	fputs(",\n      ", stdout);
	place_member("place", call.file, call.line, call.made_from);
	printf(",\n      \"connections\": %" PRIu32, call.n_connections);
	text_member(",\n      ", "outcome", call.outcome);
	text_member(",\n      ", "why_not", call.started ? NULL : call.why);
	number_member(",\n      ", "started_ns", call.started, call.at_ns);
	number_member(",\n      ", "ended_ns", call.started && call.ended_ns > 0, call.ended_ns);
	text_member(",\n      ", "caller", call.caller);
	printf(",\n      \"retransmissions\": %" PRIu32 ",\n", call.retransmissions);
	print_loss(&call);
	printf("      \"left_out\": %zu,\n      \"packets\": [\n", call.n_left_out);
	for (size_t i = 0; i < call.n_packets; i++) {
		print_packet(explanation, index, i);
		fputs(i + 1 < call.n_packets ? ",\n" : "\n", stdout);
	}
	fputs("      ]}", stdout);
}

void print_explanation_json(const pp_explanation *explanation, const char *name, const char *file)
{
	size_t n = pp_explanation_n_calls(explanation);
	text_member("{\n  ", "scenario", name);
	text_member(",\n  ", "file", file);
	fputs(",\n  \"calls\": [\n", stdout);
	for (size_t i = 0; i < n; i++) {
		print_call(explanation, i);
		fputs(i + 1 < n ? ",\n" : "\n", stdout);
	}
	fputs("  ]\n}\n", stdout);
}
