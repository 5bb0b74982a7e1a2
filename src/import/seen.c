/* An import of a capture: its stream goes through the reader into the table of flows; at the end they become a scenario. */
#include "import/seen.h"
#include "import/capture_map.h"
#include <errno.h>
#include <stdlib.h>

struct seen {
	struct capture_reader reader;
	struct flow_table table;
	bool fed; /* a stream: else the table is of flow logs */
	bool cut; /* a capture ended within a packet */
};

struct seen *seen_new(void)
{
	struct seen *seen = calloc(1, sizeof *seen);
	if (!seen)
		return NULL;
	flow_table_init(&seen->table);
	capture_reader_init(&seen->reader, flow_table_frame, &seen->table);
	return seen;
}

void seen_free(struct seen *seen)
{
	if (!seen)
		return;
	capture_reader_deinit(&seen->reader);
	flow_table_deinit(&seen->table);
	free(seen);
}

struct flow_table *seen_table(struct seen *seen)
{
	return &seen->table;
}

static const char *name_of(const struct import *import)
{
	return import->n_inputs ? import->inputs[import->n_inputs - 1].name : NULL;
}

static int said(struct import *import, const struct seen *seen, int r)
{
	if (r > 0 && import->diags.n_errors == 0)
		diag_error(&import->diags, (struct place){name_of(import), 0, 0},
			   "pcap and pcapng are read, not compressed", "at byte %llu: %s",
			   (unsigned long long)seen->reader.offset, seen->reader.problem);
	return r < 0 || seen->table.failed ? -ENOMEM : 0;
}

int seen_feed(struct import *import, struct seen *seen, const void *data, size_t bytes)
{
	seen->fed = true;
	return said(import, seen, capture_reader_feed(&seen->reader, data, bytes));
}

static int end_of_capture(struct import *import, struct seen *seen)
{
	int r = seen->fed ? said(import, seen, capture_reader_end(&seen->reader)) : 0;
	seen->cut |= seen->reader.cut;
	return r;
}

int seen_begin(struct import *import, struct seen *seen)
{
	int r = end_of_capture(import, seen);
	capture_reader_deinit(&seen->reader);
	capture_reader_init(&seen->reader, flow_table_frame, &seen->table);
	seen->table.newest_ns = INT64_MIN; /* another file may be of an earlier time */
	return r;
}

int seen_finish(struct import *import, struct seen *seen)
{
	int r = end_of_capture(import, seen);
	if (r < 0 || import->diags.n_errors > 0)
		return r;
	if (seen->table.n == 1) {
		const struct flow_table *t = &seen->table;
		diag_error(
			&import->diags, (struct place){name_of(import), 0, 0},
			t->bad_link ? "Ethernet, raw IP, Linux cooked (SLL, SLL2) and loopback are read"
				    : "look what is in it: tcpdump -r FILE",
			"no call by TCP, UDP or ICMP over IPv4 is in it (%llu packet%s, %llu of them IPv6, %llu of a "
			"link layer that is not known)",
			(unsigned long long)t->n_packets, t->n_packets == 1 ? "" : "s", (unsigned long long)t->ipv6,
			(unsigned long long)t->bad_link);
		return 0;
	}
	if (seen->cut)
		note(import, SEVERITY_MAY, NULL, "the last packet, which is cut off");
	return capture_map(import, &seen->table, import->inside, import->n_inside);
}
