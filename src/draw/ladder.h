/* A picture of a call's packets: a lane for each place, time downwards, an arrow for each packet, with its addresses on
 * both sides of each rewrite, and a cross where it ended. Plain values in, text out; the owner fills the structs. */
#ifndef PKTPATH_DRAW_LADDER_H
#define PKTPATH_DRAW_LADDER_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ladder_lane_kind { LADDER_END_POINT, LADDER_NAT, LADDER_FABRIC };
struct ladder_lane {
	const char *name;
	enum ladder_lane_kind kind;
};

struct ladder_stop {
	uint32_t lane;
	/* as the packet leaves there, "10.0.1.6:49152 to 203.0.113.10:443"; of the last stop, as it came */
	const char *addresses;
	bool rewritten; /* there */
};

struct ladder_row {
	int64_t time_ns;
	const char *time;  /* "12.000450 s" */
	const char *what;  /* "SYN" */
	const char *hover; /* all that is known of the packet, its first line a heading; NULL */
	const struct ladder_stop *stops;
	size_t n_stops;
	const char *loss;    /* why it ended at the last stop; NULL: it did not */
	bool again;          /* a retransmission */
	bool under_way;      /* it was still going when the run ended */
	const char *skipped; /* what is not drawn before this row: "940 packets, all delivered"; NULL: nothing */
};

struct ladder {
	const char *title;
	const char *subtitle;
	const char *verdict; /* NULL */
	const struct ladder_lane *lanes;
	size_t n_lanes;
	const struct ladder_row *rows;
	size_t n_rows;
	const char *skipped; /* behind the last row; NULL */
};

/* Appends the picture. 0 or -ENOMEM. */
int ladder_svg(const struct ladder *ladder, bool embedded, struct buf *out);
/* The same as a Mermaid sequence diagram. */
void ladder_mermaid(const struct ladder *ladder, struct buf *out);
#endif
