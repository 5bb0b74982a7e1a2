/* DOC: wires and ways of a picture that was laid out as a graph: curves as they came. A way has its number at each
 * stop, on the upper edge of a box or beside a hub, as in the plain layout. */
#include "draw/topology_graph.h"
#include <stdio.h>
#include <stdlib.h>

static void put_curve(const struct topology_link *link, const char *classes, struct buf *out)
{
	const struct svg_point *p = link->points;
	buf_printf(out, "<path class=\"%s\" d=\"M%d %d", classes, p[0].x, p[0].y);
	for (size_t i = 1; i + 2 < link->n_points; i += 3)
		buf_printf(out, "C%d %d %d %d %d %d", p[i].x, p[i].y, p[i + 1].x, p[i + 1].y, p[i + 2].x, p[i + 2].y);
	buf_puts(out, "\"/>\n");
}

void topology_routes_wires(const struct topology *topology, const struct topology_graph *graph, struct buf *out)
{
	for (size_t i = 0; i < graph->n_links; i++)
		if (graph->links[i].kind == TOPOLOGY_WIRE)
			put_curve(&graph->links[i], "wire", out);
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (topology_is_hub(&topology->boxes[i]))
			svg_circle(out, topology->boxes[i].kind == TOPOLOGY_INTERNET ? "internet-rail" : "rail",
				   graph->hubs[i].x, graph->hubs[i].y, TOPOLOGY_HUB_RADIUS);
}

/* Along the last bit of the curve, by its larger direction. */
static void put_head(const struct topology_link *link, bool lost, struct buf *out)
{
	struct svg_point tip = link->points[link->n_points - 1], before = link->points[link->n_points - 2];
	int dx = tip.x - before.x, dy = tip.y - before.y;
	bool across = abs(dx) >= abs(dy);
	svg_arrow_head(out, lost ? "way-lost-head" : "way-head", tip, across ? (dx < 0 ? -1 : 1) : 0,
		       across   ? 0
		       : dy < 0 ? -1
				: 1);
}

static void put_badge(const struct topology *topology, const struct topology_graph *graph, uint32_t index,
		      unsigned number, unsigned visits, bool lost, struct buf *out)
{
	const struct topology_box *box = &topology->boxes[index];
	const struct svg_point *hub = &graph->hubs[index];
	if (topology_is_hub(box))
		topology_number(hub->x + (int)visits * 2 * TOPOLOGY_BADGE, hub->y, number, lost, out);
	else
		topology_number_on_box(box, number, visits, lost, out);
}

void topology_routes_ways(const struct topology *topology, const struct topology_graph *graph, struct buf *out)
{
	unsigned number = 1;
	for (size_t i = 0; i < graph->n_links; i++) {
		const struct topology_link *link = &graph->links[i];
		if (link->kind != TOPOLOGY_WAY)
			continue;
		/* Of a lost packet the last piece alone. */
		bool lost = topology->legs[link->leg].lost && !link->goes_on;
		put_curve(link, lost ? "way-lost" : "way", out);
		if (!topology_is_hub(&topology->boxes[link->to]) || !link->goes_on)
			put_head(link, lost, out);
	}
	for (size_t i = 0; i < topology->n_legs; i++) {
		const struct topology_leg *leg = &topology->legs[i];
		for (size_t k = 0; k < leg->n; k++, number++)
			put_badge(topology, graph, leg->stops[k].box, number, topology_visits_before(topology, i, k),
				  leg->lost && k + 1 == leg->n, out);
	}
}
