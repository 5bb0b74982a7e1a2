/* Flows as captures and flow logs show them: callers and the called, when, how often they exchanged what, and how it ended. */
#ifndef PKTPATH_IMPORT_FLOWS_H
#define PKTPATH_IMPORT_FLOWS_H
#include "import/capture_reader.h"
#include "net/addr.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOWS_MAX 50000u /* more make no scenario that can be read */

enum flow_end { FLOW_OPEN, FLOW_CLOSED, FLOW_RESET };

struct seen_flow {
	uint32_t caller, called;           /* host byte order */
	uint16_t caller_port, called_port; /* of ICMP: the identifier, 0 */
	uint8_t protocol;
	bool opened;   /* its SYN was seen: the caller is certain */
	bool answered; /* the called end sent something */
	bool refused;  /* by a reset that answers the SYN */
	bool turn_up;  /* the caller sent data last */
	enum flow_end end;
	int64_t first_ns, last_ns;
	int64_t up_ns, down_ns; /* of the last data of each */
	int64_t pause_ns;       /* sum of gaps between an answer and the next request */
	uint64_t up_bytes, down_bytes;
	uint32_t rounds, pauses;
	uint32_t next_seq[2]; /* of the caller, of the called: data below was seen */
	bool has_seq[2];
	uint32_t interface[2]; /* that saw the first packet of each, from 1 on */
	uint8_t fins;          /* bits of both directions */
	/* Of flow logs: which card saw it (I or O, small in logs of networks), when packets were counted last, and how many came back. */
	char direction;
	int64_t counted_ns;
	uint64_t up_packets, down_packets;
	uint32_t next; /* of the same hash; 0: none */
};

struct flow_table {
	struct seen_flow *flows; /* from 1 on */
	size_t n, capacity;
	uint32_t *slots;
	size_t n_slots;
	bool failed;
	/* What could not be used, by reason. */
	uint64_t n_packets, not_ip, ipv6, other_protocol, fragments, not_unicast, cut_short, too_many, icmp_other,
		bad_link, earlier, elsewhere;
	int64_t newest_ns; /* of the frames so far; INT64_MIN */
};

void flow_table_init(struct flow_table *table);
void flow_table_deinit(struct flow_table *table);
/* The newest flow of the same ends, by the same caller; NULL. */
struct seen_flow *flow_table_newest(struct flow_table *table, const struct seen_flow *like);
/* A frame of a capture; context is the table. */
void flow_table_frame(void *table, const struct captured_frame *frame);
/* The flow of these ends, made where there is none; NULL where there are too many, or memory is short. */
struct seen_flow *flow_table_add(struct flow_table *table, const struct seen_flow *flow);
#endif
