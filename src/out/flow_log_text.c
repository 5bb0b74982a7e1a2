/* DOC: flow logs as text. A record is what one network card saw in one minute: in the log of groups a record a group, in
 * that of networks a record. Ids that the scenario does not have (subscriptions, GUIDs) are zeros. */
#include "out/flow_log_text.h"
#include "base/buf.h"
#include "base/units.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_NS INT64_C(60000000000)
#define ZEROS "00000000-0000-0000-0000-000000000000"

/* ---- lines ---- */

static struct logged_line *add_line(struct flow_log *log)
{
	if (log->n_lines == log->capacity_lines) {
		size_t capacity = log->capacity_lines ? log->capacity_lines * 2 : 256;
		struct logged_line *grown = realloc(log->lines, capacity * sizeof *grown);
		if (!grown) {
			log->failed = true;
			return NULL;
		}
		log->lines = grown;
		log->capacity_lines = capacity;
	}
	struct logged_line *line = &log->lines[log->n_lines];
	*line = (struct logged_line){.seq = (uint32_t)log->n_lines++};
	return line;
}

static void put_line(struct flow_log *log, const struct logged_flow *flow, const struct logged_group *group,
		     bool in_network, enum flow_log_state state)
{
	struct logged_line *line = add_line(log);
	bool at_first = state == FLOW_LOG_BEGIN || state == FLOW_LOG_DENIED;
	if (!line)
		return;
	line->at_ns = log->config.start_unix_ns + (at_first ? flow->first.ns : flow->last.ns);
	line->node = flow->node;
	line->tuple = flow->tuple;
	line->state = state;
	line->inbound = flow->inbound;
	line->in_network = in_network;
	if (group)
		line->group = *group;
	for (size_t i = 0; !at_first && i < 2; i++) {
		line->packets[i] = flow->packets[i];
		line->bytes[i] = flow->bytes[i];
	}
}

/* Logs of groups have TCP and UDP alone. What is denied is so by the group that was asked last. */
static void put_lines(struct flow_log *log, const struct logged_flow *flow, enum flow_log_state state)
{
	uint32_t first = state == FLOW_LOG_DENIED && flow->n_groups > 0 ? flow->n_groups - 1 : 0;
	bool in_groups = flow->tuple.proto == PROTO_TCP || flow->tuple.proto == PROTO_UDP;
	for (uint32_t i = first; in_groups && i < flow->n_groups; i++)
		put_line(log, flow, &flow->groups[i], false, state);
	put_line(log, flow, flow->n_groups > 0 ? &flow->groups[flow->n_groups - 1] : NULL, true, state);
}

static void begin(struct flow_log *log, struct logged_flow *flow)
{
	if (!flow->begun)
		put_lines(log, flow, FLOW_LOG_BEGIN);
	flow->begun = true;
}

void flow_log_goes_on(struct flow_log *log, struct logged_flow *flow)
{
	begin(log, flow);
	put_lines(log, flow, FLOW_LOG_GOES_ON);
	for (size_t i = 0; i < 2; i++)
		flow->packets[i] = flow->bytes[i] = 0;
	flow->written = flow->last;
}

void flow_log_ends(struct flow_log *log, struct logged_flow *flow)
{
	if (flow->denied) {
		put_lines(log, flow, FLOW_LOG_DENIED);
		return;
	}
	begin(log, flow);
	put_lines(log, flow, flow->ended || flow->tuple.proto != PROTO_TCP ? FLOW_LOG_END : FLOW_LOG_GOES_ON);
}

/* ---- text ---- */

static int by_record(const void *a, const void *b)
{
	const struct logged_line *x = a, *y = b;
	int64_t p = x->at_ns / MINUTE_NS, q = y->at_ns / MINUTE_NS;
	if (p != q)
		return p < q ? -1 : 1;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	int order = strcmp(x->group.name ? x->group.name : "", y->group.name ? y->group.name : "");
	if (order == 0)
		order = strcmp(x->group.rule ? x->group.rule : "", y->group.rule ? y->group.rule : "");
	if (order != 0)
		return order;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_record(const struct logged_line *a, const struct logged_line *b)
{
	return a->at_ns / MINUTE_NS == b->at_ns / MINUTE_NS && a->node == b->node &&
	       (a->in_network || same_text(a->group.name, b->group.name));
}

/* The address of the card, from its IPv4 address. */
static void put_mac(struct buf *out, const struct flow_log *log, uint32_t node)
{
	buf_printf(out, "000D%08" PRIX32, be32_to(log->config.nodes[node].addr));
}

static void put_tuple(struct buf *out, const struct logged_line *line)
{
	static const char states[] = {'B', 'C', 'E', 'D'};
	_Static_assert(sizeof states == FLOW_LOG_STATE_COUNT, "a letter for each state");
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	const struct tuple *t = &line->tuple;
	bool ports = t->proto != PROTO_ICMP, denied = line->state == FLOW_LOG_DENIED;
	buf_printf(out, "\"%" PRId64 ",%s,%s,%u,%u,",
		   line->in_network ? line->at_ns / 1000000 : line->at_ns / 1000000000, addr_print(t->src, src),
		   addr_print(t->dst, dst), ports ? be16_to(t->src_port) : 0u, ports ? be16_to(t->dst_port) : 0u);
	if (line->in_network)
		buf_printf(out, "%u,%c,%c,NX,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\"", t->proto,
			   line->inbound ? 'I' : 'O', states[line->state], line->packets[0], line->bytes[0],
			   line->packets[1], line->bytes[1]);
	else
		buf_printf(out, "%c,%c,%c,%c,", t->proto == PROTO_TCP ? 'T' : 'U', line->inbound ? 'I' : 'O',
			   denied ? 'D' : 'A', denied ? 'B' : states[line->state]);
	if (line->in_network)
		return;
	if (denied || line->state == FLOW_LOG_BEGIN)
		buf_puts(out, ",,,\"");
	else
		buf_printf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\"", line->packets[0], line->bytes[0],
			   line->packets[1], line->bytes[1]);
}

static void put_rule(struct buf *out, const struct logged_group *group)
{
	if (group->name)
		buf_printf(out, "\"rule\":\"%s_%s\"", group->is_default ? "DefaultRule" : "UserRule", group->rule);
	else
		buf_puts(out, "\"rule\":\"PlatformRule\"");
}

/* Lines of one group, by rule. Returns how many. */
static size_t put_rules(struct buf *out, const struct flow_log *log, const struct logged_line *lines, size_t n)
{
	size_t i = 0;
	while (i < n && same_record(&lines[0], &lines[i]) && same_text(lines[0].group.name, lines[i].group.name)) {
		const struct logged_line *first = &lines[i];
		buf_printf(out, "%s{", i > 0 ? "," : "");
		put_rule(out, &first->group);
		if (!first->in_network) {
			buf_puts(out, ",\"flows\":[{\"mac\":\"");
			put_mac(out, log, first->node);
			buf_puts(out, "\"");
		}
		buf_puts(out, ",\"flowTuples\":[");
		for (size_t k = i;
		     i < n && same_record(&lines[0], &lines[i]) && same_text(first->group.name, lines[i].group.name) &&
		     same_text(first->group.rule, lines[i].group.rule);
		     i++) {
			buf_puts(out, i > k ? "," : "");
			put_tuple(out, &lines[i]);
		}
		buf_puts(out, first->in_network ? "]}" : "]}]}");
	}
	return i;
}

static void put_time(struct buf *out, const struct logged_line *line)
{
	char text[UNITS_TEXT_BYTES];
	int64_t minute = line->at_ns / MINUTE_NS;
	buf_printf(out, "{\"time\":\"%s\"", units_print_wall_time((minute + 1) * MINUTE_NS, text));
}

static size_t put_of_group(struct buf *out, const struct flow_log *log, const struct logged_line *lines, size_t n)
{
	put_time(out, lines);
	buf_puts(out, ",\"systemId\":\"" ZEROS "\",\"macAddress\":\"");
	put_mac(out, log, lines->node);
	buf_printf(out,
		   "\",\"category\":\"NetworkSecurityGroupFlowEvent\",\"resourceId\":\"/SUBSCRIPTIONS/" ZEROS
		   "/RESOURCEGROUPS/%s/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/%s\",\"operationName\":"
		   "\"NetworkSecurityGroupFlowEvents\",\"properties\":{\"Version\":2,\"flows\":[",
		   log->config.scenario, lines->group.name);
	size_t used = put_rules(out, log, lines, n);
	buf_puts(out, "]}}");
	return used;
}

static size_t put_of_network(struct buf *out, const struct flow_log *log, const struct logged_line *lines, size_t n)
{
	size_t i = 0;
	put_time(out, lines);
	buf_puts(out, ",\"flowLogVersion\":4,\"flowLogGUID\":\"" ZEROS "\",\"macAddress\":\"");
	put_mac(out, log, lines->node);
	buf_printf(out,
		   "\",\"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"/SUBSCRIPTIONS/" ZEROS
		   "/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/PKTPATH/FLOWLOGS/%s\","
		   "\"targetResourceID\":\"/subscriptions/" ZEROS
		   "/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/%s\",\"operationName\":"
		   "\"FlowLogFlowEvent\",\"flowRecords\":{\"flows\":[",
		   log->config.scenario, log->config.scenario, log->config.nodes[lines->node].vnet);
	while (i < n && same_record(&lines[0], &lines[i])) {
		buf_printf(out, "%s{\"aclID\":\"%s\",\"flowGroups\":[", i > 0 ? "," : "",
			   lines[i].group.name ? ZEROS : "unspecified");
		i += put_rules(out, log, &lines[i], n - i);
		buf_puts(out, "]}");
	}
	buf_puts(out, "]}}");
	return i;
}

static int write_file(const struct flow_log *log, struct output *output, const char *name, bool networks)
{
	struct output_file *file;
	struct buf text = {0};
	const char *comma = "\n";
	int r = output_open(output, name, &file);
	buf_puts(&text, "{\"records\":[");
	for (size_t i = 0; r == 0 && i < log->n_lines;) {
		if (log->lines[i].in_network != networks) {
			i++;
			continue;
		}
		size_t n = log->n_lines - i;
		buf_puts(&text, comma);
		i += networks ? put_of_network(&text, log, &log->lines[i], n)
			      : put_of_group(&text, log, &log->lines[i], n);
		comma = ",\n";
		if (text.size_bytes < 1u << 16)
			continue;
		r = buf_failed(&text) ? -ENOMEM : output_write(file, text.data, text.size_bytes);
		buf_clear(&text);
	}
	buf_puts(&text, "\n]}\n");
	if (r == 0)
		r = buf_failed(&text) ? -ENOMEM : output_write(file, text.data, text.size_bytes);
	buf_free(&text);
	return r;
}

/* Lines of networks behind those of groups. */
static int by_file(const void *a, const void *b)
{
	const struct logged_line *x = a, *y = b;
	return x->in_network != y->in_network ? (x->in_network ? 1 : -1) : by_record(a, b);
}

int flow_log_finish(struct flow_log *log, struct output *output)
{
	for (size_t i = 0; i < log->n; i++)
		flow_log_ends(log, &log->flows[i]);
	if (log->failed)
		return -ENOMEM;
	if (log->n_lines > 0)
		qsort(log->lines, log->n_lines, sizeof *log->lines, by_file);
	int r = write_file(log, output, FLOW_LOG_GROUPS_FILE, false);
	return r < 0 ? r : write_file(log, output, FLOW_LOG_NETWORKS_FILE, true);
}
