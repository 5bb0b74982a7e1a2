/* DOC: flow logs. A tuple is a line of a flow's life: it begins, goes on, ends, or was denied; bytes and packets are of
 * the time since the tuple before. Tuples of one flow are joined until it ends. A flow between two cards, or of a card
 * with two groups, is in the logs twice, and counts once. Bytes count headers, which are taken off again: 40 of a TCP
 * packet, 28 of others. */
#include "import/flow_log.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 14 };

bool flow_log_begins(const char *text, size_t text_bytes)
{
	static const char *const marks[] = {"NetworkSecurityGroupFlowEvent", "FlowLogFlowEvent"};
	size_t n = text_bytes < 65536 ? text_bytes : 65536;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (memmem(text, n, marks[i], strlen(marks[i])))
			return true;
	return false;
}

struct tuple_text {
	const char *fields[MAX_FIELDS];
	size_t n;
};

static void split(struct import *import, const char *text, struct tuple_text *ret)
{
	ret->n = 0;
	while (ret->n < MAX_FIELDS) {
		size_t n = strcspn(text, ",");
		ret->fields[ret->n++] = store_text(&import->store, text, n);
		if (!text[n])
			return;
		text += n + 1;
	}
}

static bool number(const char *text, uint64_t most, uint64_t *ret)
{
	char *end;
	*ret = 0;
	if (!*text)
		return true; /* denied flows have none */
	if (*text < '0' || *text > '9')
		return false;
	*ret = strtoull(text, &end, 10);
	return !*end && *ret <= most;
}

static uint8_t protocol_of(const char *text)
{
	if (strcmp(text, "T") == 0 || strcmp(text, "6") == 0)
		return 6;
	if (strcmp(text, "U") == 0 || strcmp(text, "17") == 0)
		return 17;
	return strcmp(text, "1") == 0 ? 1 : 0;
}

struct line { /* a tuple, read */
	struct seen_flow flow;
	char state; /* B, C, E, D; 'B' where the version has none */
	uint64_t up_packets, down_packets;
};

static bool read_numbers(const struct tuple_text *tuple, size_t first, struct line *line)
{
	uint64_t up = 0, down = 0, header = line->flow.protocol == 6 ? 40 : 28;
	if (tuple->n < first + 4)
		return true;
	if (!number(tuple->fields[first], UINT32_MAX, &line->up_packets) ||
	    !number(tuple->fields[first + 1], INT64_MAX, &up) ||
	    !number(tuple->fields[first + 2], UINT32_MAX, &line->down_packets) ||
	    !number(tuple->fields[first + 3], INT64_MAX, &down))
		return false;
	line->flow.up_bytes = up > line->up_packets * header ? up - line->up_packets * header : 0;
	line->flow.down_bytes = down > line->down_packets * header ? down - line->down_packets * header : 0;
	return true;
}

/* Who saw it: a card in one direction, in the log of a group or of a network. */
static char direction_of(char letter, int version)
{
	return (char)(letter == 'I' ? (version >= 4 ? 'i' : 'I') : version >= 4 ? 'o' : 'O');
}

static bool read_line(struct import *import, const char *text, int version, struct line *ret)
{
	struct tuple_text tuple;
	uint64_t time, from, to;
	be32 caller, called;
	split(import, text, &tuple);
	*ret = (struct line){.state = 'B'};
	if (tuple.n < 8 || !number(tuple.fields[0], UINT64_C(253402300800000), &time) ||
	    !addr_parse(tuple.fields[1], &caller) || !addr_parse(tuple.fields[2], &called) ||
	    !number(tuple.fields[3], 65535, &from) || !number(tuple.fields[4], 65535, &to))
		return false;
	ret->flow = (struct seen_flow){.caller = be32_to(caller),
				       .called = be32_to(called),
				       .caller_port = (uint16_t)from,
				       .called_port = (uint16_t)to,
				       .protocol = protocol_of(tuple.fields[5]),
				       .opened = true,
				       .direction = direction_of(*tuple.fields[6], version),
				       .first_ns = (int64_t)time * (version >= 4 ? 1000000 : 1000000000)};
	if (version >= 4) {
		ret->state = *tuple.fields[7];
		return strchr("BCED", ret->state) && ret->state && read_numbers(&tuple, 9, ret);
	}
	bool denied = strcmp(tuple.fields[7], "D") == 0;
	ret->state = denied ? 'D' : tuple.n > 8 && *tuple.fields[8] ? *tuple.fields[8] : 'B';
	return (denied || strcmp(tuple.fields[7], "A") == 0) && read_numbers(&tuple, 9, ret);
}

#define DENIED_NS INT64_C(240000000000)
#define APART_NS INT64_C(5000000000) /* two cards see a packet of one flow at most so far apart */

static bool is_near(int64_t a_ns, int64_t b_ns)
{
	return a_ns - b_ns <= APART_NS && b_ns - a_ns <= APART_NS;
}

/* Whether another card, or the other group of this one, has reported it already. */
static bool is_seen(const struct seen_flow *flow, const struct line *line)
{
	int64_t at_ns = line->flow.first_ns;
	bool begins = line->state == 'B' || line->state == 'D', other = flow->direction != line->flow.direction;
	if (begins)
		return other ? is_near(flow->first_ns, at_ns) : flow->first_ns == at_ns;
	return other ? at_ns <= flow->last_ns + APART_NS : flow->counted_ns == at_ns;
}

static void add_counts(struct seen_flow *flow, const struct line *line)
{
	flow->up_bytes += line->flow.up_bytes;
	flow->down_bytes += line->flow.down_bytes;
	flow->up_packets += line->up_packets;
	flow->down_packets += line->down_packets;
	flow->counted_ns = line->flow.first_ns;
	flow->answered = flow->down_packets > 0;
}

static void deny(struct seen_flow *flow)
{
	flow->answered = false;
	flow->refused = true;
}

static void take_line(struct flow_table *table, struct line *line)
{
	struct seen_flow *flow = flow_table_newest(table, &line->flow);
	bool counts = line->state == 'C' || line->state == 'E';
	table->n_packets++;
	if (line->flow.protocol == 0) {
		table->other_protocol++;
		return;
	}
	/* The card of the caller goes on counting retransmissions of what the called end denies. */
	bool is_denied = flow && counts && flow->refused && line->flow.first_ns - flow->first_ns < DENIED_NS;
	if (flow && (is_denied || is_seen(flow, line))) {
		if (line->state == 'D')
			deny(flow);
		return;
	}
	bool goes_on = flow && counts && flow->end == FLOW_OPEN && !flow->refused;
	if (!goes_on) {
		line->flow.answered = line->state != 'D';
		line->flow.refused = line->state == 'D';
		line->flow.rounds = 1;
		line->flow.counted_ns = INT64_MIN;
		line->flow.up_packets = line->up_packets;
		line->flow.down_packets = line->down_packets;
		flow = flow_table_add(table, &line->flow);
	}
	if (!flow)
		return;
	if (goes_on)
		add_counts(flow, line);
	if (line->state == 'E')
		flow->end = FLOW_CLOSED;
	flow->last_ns = line->flow.first_ns;
}

/* ---- all of them, by their times ---- */

struct tuple {
	int64_t ms;
	size_t order;
	struct js *at;
	int version;
};

struct tuples {
	struct tuple *items;
	size_t n, capacity;
};

static void gather(struct import *import, struct tuples *tuples, struct js *list, int version)
{
	each_item(item, list)
	{
		if (!store_step(&import->store))
			return;
		if (tuples->n == tuples->capacity) {
			size_t capacity = tuples->capacity ? tuples->capacity * 2 : 256;
			struct tuple *items = reallocarray(tuples->items, capacity, sizeof *items);
			if (!items) {
				import->store.failed = true;
				return;
			}
			tuples->items = items;
			tuples->capacity = capacity;
		}
		const char *text = js_string(item);
		int64_t time = text ? strtoll(text, NULL, 10) : 0, most = INT64_MAX / 1000;
		time = time > most ? most : time < 0 ? 0 : time;
		tuples->items[tuples->n] = (struct tuple){version >= 4 ? time : time * 1000, tuples->n, item, version};
		tuples->n++;
	}
}

/* Of one instant as they stand. */
static int by_time(const void *a, const void *b)
{
	const struct tuple *x = a, *y = b;
	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void take_tuple(struct import *import, const struct tuple *tuple, struct flow_table *table)
{
	struct line line;
	const char *text = js_string(tuple->at);
	if (text && strchr(text, ':'))
		table->ipv6++;
	else if (text && read_line(import, text, tuple->version, &line))
		take_line(table, &line);
	else
		diag_error(&import->diags, js_place(tuple->at),
			   "time, addresses, ports, protocol, direction, decision or state, and counts",
			   "this is no flow of a log of version %d", tuple->version);
}

/* properties.flows[].flows[].flowTuples of groups; flowRecords.flows[].flowGroups[].flowTuples of networks. */
static void take_record(struct import *import, struct js *record, struct tuples *tuples)
{
	struct js *version = js_get(record, "flowLogVersion") ? js_get(record, "flowLogVersion")
							      : js_at(record, "properties.Version");
	struct js *outer = js_at(record, "flowRecords.flows") ? js_at(record, "flowRecords.flows")
							      : js_at(record, "properties.flows");
	int number_of = version && version->kind == JS_NUMBER ? (int)version->number : 0;
	if (number_of != 1 && number_of != 2 && number_of != 4) {
		diag_error(&import->diags, js_place(version ? version : record),
			   "versions 1 and 2 of groups, 4 of networks are read",
			   "a flow log of a version that is not known");
		return;
	}
	each_item(group, outer)
	{
		struct js *inner = js_get(group, "flowGroups") ? js_get(group, "flowGroups") : js_get(group, "flows");
		each_item(flows, inner) gather(import, tuples, js_get(flows, "flowTuples"), number_of);
	}
}

static void take_input(struct import *import, const struct input *input, struct tuples *tuples)
{
	each_item(document, input->root)
	{
		struct js *records = js_get(document, "records");
		if (records)
			each_item(record, records) take_record(import, record, tuples);
		else
			take_record(import, document, tuples);
	}
}

void flow_logs_read(struct import *import, struct flow_table *table)
{
	struct tuples tuples = {0};
	for (size_t i = 0; i < import->n_inputs; i++)
		take_input(import, &import->inputs[i], &tuples);
	if (tuples.n > 1)
		qsort(tuples.items, tuples.n, sizeof *tuples.items, by_time);
	for (size_t i = 0; i < tuples.n && import->diags.n_errors == 0; i++)
		take_tuple(import, &tuples.items[i], table);
	free(tuples.items);
}
