/* A network's picture as a graph that another program lays out: written in the DOT language of Graphviz, its layout
 * read back from what `dot -Tjson0` says. Nothing is run here. Names of a scenario are not in the graph: it has sizes,
 * and numbers of boxes. */
#ifndef PKTPATH_DRAW_TOPOLOGY_GRAPH_H
#define PKTPATH_DRAW_TOPOLOGY_GRAPH_H
#include "draw/svg.h"
#include "draw/topology.h"

enum topology_link_kind {
	TOPOLOGY_WIRE,
	TOPOLOGY_ORDER, /* is not drawn: it puts what it joins in an order */
	TOPOLOGY_WAY,   /* a piece of a call's way */
};
struct topology_link {
	enum topology_link_kind kind;
	uint32_t from, to; /* boxes */
	uint32_t leg;      /* of a way */
	bool goes_on;      /* of a way: the next piece begins where it ends */
	/* As it was laid out: a curve of Bezier pieces, three points each behind the first. */
	struct svg_point *points;
	size_t n_points;
};
struct topology_graph {
	struct topology_link *links;
	size_t n_links, capacity;
	struct svg_point
		*hubs; /* by box: where the middle of a region or the Internet stands, as a thing that ways pass */
	bool failed;
	bool placed; /* it was laid out */
};

/* Regions, the Internet and the backbone are places that ways pass: they have a node of their own. */
bool topology_is_hub(const struct topology_box *box);
#define TOPOLOGY_HUB_RADIUS 9

/* Finds what is joined to what, and appends the graph. 0 or -ENOMEM. */
int topology_graph(struct topology *topology, struct topology_graph *graph, struct buf *out);
void topology_graph_free(struct topology_graph *graph);
/* json_dot.c: reads a layout and gives each box and each link its place, below `top`. 0, -ENOMEM, or 1: it is no layout
 * of this graph, and nothing has a place. */
int topology_graph_place(struct topology *topology, struct topology_graph *graph, const char *json, size_t bytes,
			 int top);
/* topology_routes.c: wires and ways as they were laid out. */
void topology_routes_wires(const struct topology *topology, const struct topology_graph *graph, struct buf *out);
void topology_routes_ways(const struct topology *topology, const struct topology_graph *graph, struct buf *out);
#endif
