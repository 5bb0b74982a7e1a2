/* A picture of a network: boxes in boxes, and the way of a call through them. Plain values in, text out; the owner
 * fills the structs. */
#ifndef PKTPATH_DRAW_TOPOLOGY_H
#define PKTPATH_DRAW_TOPOLOGY_H
#include "base/buf.h"
#include "draw/svg.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOPOLOGY_NONE UINT32_MAX

enum topology_kind {
	/* at the top: in three columns, private networks, Azure, the Internet */
	TOPOLOGY_SITE,
	TOPOLOGY_HOME, /* a site that nothing but the Internet joins to the rest: below the Internet */
	TOPOLOGY_REGION,
	TOPOLOGY_BACKBONE,
	TOPOLOGY_INTERNET,
	/* inside */
	TOPOLOGY_VNET,
	TOPOLOGY_SERVICES,
	TOPOLOGY_SUBNET,
	TOPOLOGY_ENVIRONMENT,
	/* what has no inside */
	TOPOLOGY_CHIP,    /* an instance or a host */
	TOPOLOGY_ADDRESS, /* where addresses are rewritten, or networks joined */
	TOPOLOGY_MORE,    /* stands for those that are not drawn: "988 more" */
};

struct topology_box {
	enum topology_kind kind;
	uint32_t parent;          /* stands before it in the array; NONE at the top */
	uint32_t beside;          /* an address of a region: the box whose it is; else NONE */
	uint32_t joins;           /* an address of a site: the VNet that its gateway joins it to; else NONE */
	const char *name, *note;  /* note: NULL where there is none */
	const char *hover;        /* NULL */
	const char *const *lines; /* small print below the name */
	size_t n_lines;
	bool later;              /* it is not there at the start */
	int x, y, width, height; /* of the layout */
};

struct topology_stop {
	uint32_t box;
	const char *place; /* "ase-one/vip" */
	const char *text;  /* for the list below the picture: "10.0.1.6:49152 to 203.0.113.10:443" */
};
struct topology_leg {
	const struct topology_stop *stops;
	size_t n;
	const char *what; /* "SYN, packet 1" */
	bool lost;        /* it ended at the last stop */
};

/* What joins two boxes whether or not a packet passes. */
enum topology_join_kind {
	TOPOLOGY_PEERING,  /* of two virtual networks */
	TOPOLOGY_NEXT_HOP, /* of a subnet's routes: an appliance */
	TOPOLOGY_WAY_OUT,  /* of a region or a NAT to the Internet */
};
struct topology_join {
	enum topology_join_kind kind;
	uint32_t from, to; /* boxes */
};

struct topology {
	const char *title;    /* "outbound-network-addresses" */
	const char *subtitle; /* "call-internet: delivered"; NULL */
	const char *verdict;  /* "lost at sql: nsg-deny, by rule deny-all of nsg/data, rich.yaml:30"; NULL */
	struct topology_box *boxes;
	size_t n_boxes;
	const struct topology_join *joins;
	size_t n_joins;
	const struct topology_leg *legs;
	size_t n_legs;
	int row_width;                      /* of boxes side by side; 0: TOPOLOGY_ROW_WIDTH */
	int width, height;                  /* of the layout */
	const struct topology_graph *graph; /* that has placed it all, topology_graph.h; NULL: it is laid out here */
};

/* ---- the layout, which both pictures share with nothing else ---- */
#define TOPOLOGY_ROW_WIDTH 560
#define TOPOLOGY_NAME_PX 12
#define TOPOLOGY_SMALL_PX 11
#define TOPOLOGY_MARGIN 20
#define TOPOLOGY_LEG_ROOM 32  /* of the list of stops, for each leg */
#define TOPOLOGY_STOP_ROOM 20 /* and for each stop */
#define TOPOLOGY_GUTTER 18    /* free below each row, where ways run */
#define TOPOLOGY_HEAD 34
#define TOPOLOGY_LINE 15
/* Gives each box its place, below `top`. */
void topology_layout(struct topology *topology, int top);
int topology_label_width(const struct topology_box *box);
int topology_head_height(const struct topology_box *box);
void topology_measure(struct topology_box *box); /* of one that has no inside: its width and height */
bool topology_is_leaf(const struct topology_box *box);
/* The lower edge of the row in which a box stands. */
int topology_row_bottom(const struct topology *topology, const struct topology_box *box);
/* Of the box that stands at the top around this one. */
uint32_t topology_root(const struct topology *topology, uint32_t box);

/* topology_way.c: the legs of a call, drawn over the boxes. */
void topology_ways(const struct topology *topology, struct buf *out);
/* The way from one box to another, in gutters and channels; `shift`: pixels apart from others. How many points. */
#define TOPOLOGY_MAX_POINTS 8
size_t topology_route(const struct topology *topology, uint32_t from, uint32_t to, int shift,
		      struct svg_point points[TOPOLOGY_MAX_POINTS]);
/* topology_joins.c: peerings, next hops and ways out, drawn under the chips. */
void topology_joins(const struct topology *topology, struct buf *out);
/* Pixels that the lanes of peerings take left of the regions. */
int topology_lanes_width(const struct topology *topology);

/* Where the network begins, below what stands above it. */
int topology_top(const struct topology *topology, bool embedded);
/* Appends the picture. It is laid out again, but where a graph has placed it. */
void topology_svg(struct topology *topology, bool embedded, struct buf *out);
/* The same as a Mermaid flowchart. */
void topology_mermaid(const struct topology *topology, struct buf *out);

/* ---- topology_number.c: for layouts ---- */
#define TOPOLOGY_BADGE 9 /* radius of a number's disc */
/* The number of a stop, with a cross beside it where the packet was lost there. */
void topology_number(int x, int y, unsigned number, bool lost, struct buf *out);
/* On the upper edge of a box, beside those of earlier `visits`. */
void topology_number_on_box(const struct topology_box *box, unsigned number, unsigned visits, bool lost,
			    struct buf *out);
/* How often a way came to the box of this stop before. */
unsigned topology_visits_before(const struct topology *topology, size_t leg, size_t stop);
#endif
