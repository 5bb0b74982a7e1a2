/* What a NAT knows of a TCP connection where it follows its state, as netfilter's connection tracking does. */
#ifndef PKTPATH_RULE_NAT_TRACK_H
#define PKTPATH_RULE_NAT_TRACK_H
#include "base/time.h"
#include <stdbool.h>
#include <stdint.h>

enum nat_tcp {
	NAT_TCP_NONE,
	NAT_TCP_SYN_SENT,
	NAT_TCP_SYN_RECV,
	NAT_TCP_ESTABLISHED,
	NAT_TCP_FIN_WAIT,
	NAT_TCP_CLOSE_WAIT,
	NAT_TCP_LAST_ACK,
	NAT_TCP_TIME_WAIT,
	NAT_TCP_CLOSE,
	NAT_TCP_SYN_SENT2, /* both sent a SYN */
	NAT_TCP_COUNT
};
const char *nat_tcp_name(enum nat_tcp state); /* "syn-sent", "established"; NULL for NONE */

#define NAT_NO_SCALE 0xffu
struct nat_segment { /* what its header says */
	uint32_t seq, ack;
	uint32_t data_bytes;
	uint16_t window;
	uint8_t flags;
	uint8_t scale; /* of the window, on a SYN; NAT_NO_SCALE: no such option */
	bool has_options;
	bool sack_permitted;
	bool has_sack;
	uint32_t sack; /* the highest right edge of its blocks */
};

struct nat_track_timers { /* nanoseconds */
	int64_t of[NAT_TCP_COUNT];
	int64_t unacknowledged, retransmitting;
	uint32_t max_retrans; /* the same segment again, so often: then `retransmitting` */
};

struct nat_track {
	struct nat_track_end {
		uint32_t end, max_end, max_window, max_ack;
		uint8_t scale, flags;
	} ends[2]; /* of who opened it, of the other */
	uint32_t last_seq, last_ack, last_end, last_window;
	uint8_t state, last_index, last_scale, last_flags, n_retransmissions;
	bool last_by_other;
	bool replied, assured;
	bool opened_outside; /* by an outsider */
	struct instant due;
};

enum nat_track_verdict {
	NAT_TRACK_ACCEPT,
	NAT_TRACK_IGNORE,  /* passes, and changes no timer */
	NAT_TRACK_INVALID, /* belongs to no state of the connection */
	NAT_TRACK_ANEW,    /* the connection is over, and this begins another */
	NAT_TRACK_END,     /* passes, and ends it at once */
};
struct nat_track_rules {
	const struct nat_track_timers *timers;
	bool liberal; /* windows are not looked at */
	bool loose;   /* what is in the middle of a connection may begin one */
};
/* A segment of a connection that is not known yet: the same verdicts, INVALID where it begins none. */
enum nat_track_verdict nat_track_begin(const struct nat_track_rules *rules, const struct nat_segment *segment,
				       bool by_outside, struct instant now, struct nat_track *ret);
/* One of a known connection, which changes `track`. */
enum nat_track_verdict nat_track_segment(const struct nat_track_rules *rules, const struct nat_segment *segment,
					 bool by_outside, struct instant now, struct nat_track *track);
/* Over, so that its port may be another's: one that begins with later sequence numbers. */
bool nat_track_gives_way(const struct nat_track *track, const struct nat_segment *syn);
#endif
