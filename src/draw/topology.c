/* DOC: the picture of a network as SVG: boxes from the outside in, wires between what stands apart, then the ways of a
 * call over all of it, and below the picture its stops as a list, so that no address has to stand on a line. */
#include "draw/topology.h"
#include "draw/svg.h"
#include "draw/topology_graph.h"
#include <stdio.h>
#include <string.h>

#define TITLE_ROOM 46
#define SUBTITLE_ROOM 20
#define STOP_GAP 20 /* between the name of a stop and its addresses */

static const char *class_of(enum topology_kind kind)
{
	switch (kind) {
	case TOPOLOGY_SITE:
	case TOPOLOGY_HOME:
		return "site";
	case TOPOLOGY_REGION:
		return "region";
	case TOPOLOGY_BACKBONE:
		return "backbone";
	case TOPOLOGY_INTERNET:
		return "internet";
	case TOPOLOGY_VNET:
		return "vnet";
	case TOPOLOGY_SERVICES:
		return "services";
	case TOPOLOGY_SUBNET:
		return "subnet";
	case TOPOLOGY_ENVIRONMENT:
		return "environment";
	case TOPOLOGY_CHIP:
		return "chip";
	case TOPOLOGY_ADDRESS:
		return "address";
	case TOPOLOGY_MORE:
		return "more";
	}
	return "";
}

static void small_print(const struct topology_box *box, int x, int y, enum svg_anchor anchor, struct buf *out)
{
	for (size_t i = 0; i < box->n_lines; i++)
		svg_text(out, "small dim", x, y + (int)i * TOPOLOGY_LINE, anchor, box->lines[i]);
}

static void draw_leaf(const struct topology_box *box, struct buf *out)
{
	int middle = box->x + box->width / 2;
	svg_text(out, box->kind == TOPOLOGY_MORE ? "dim" : "strong", middle, box->y + 17, SVG_MIDDLE, box->name);
	if (box->note)
		svg_text(out, "mono dim", middle, box->y + 17 + TOPOLOGY_LINE, SVG_MIDDLE, box->note);
	small_print(box, middle, box->y + 17 + (box->note ? 2 : 1) * TOPOLOGY_LINE, SVG_MIDDLE, out);
}

/* Without rails where a graph has hubs instead. */
static void draw_container(const struct topology_box *box, bool rails, struct buf *out)
{
	int x = box->x + 14 + (box->kind == TOPOLOGY_INTERNET && rails ? 34 : 0);
	svg_text(out, "strong", x, box->y + 18, SVG_START, box->name);
	if (box->note)
		svg_text(out, "mono dim", x + svg_text_width(box->name, SVG_BOLD, TOPOLOGY_NAME_PX) + 12, box->y + 18,
			 SVG_START, box->note);
	small_print(box, x, box->y + 18 + TOPOLOGY_LINE, SVG_START, out);
	if (box->kind == TOPOLOGY_REGION && rails)
		svg_box(out, "rail", box->x + box->width - 12, box->y + 10, 6, box->height - 20, 3);
	if (box->kind == TOPOLOGY_INTERNET && rails)
		svg_box(out, "internet-rail", box->x + 8, box->y + 10, 6, box->height - 20, 3);
}

static void draw_box(const struct topology_box *box, bool placed, struct svg_tips *tips, struct buf *out)
{
	char classes[32];
	int radius = topology_is_leaf(box) ? 6 : 8;
	svg_tip_add(tips, (struct svg_tip){box->hover, box->x, box->y, box->width, box->height, radius});
	(void)snprintf(classes, sizeof classes, "%s%s", class_of(box->kind), box->later ? " later" : "");
	svg_open(out, "box");
	svg_box(out, classes, box->x, box->y, box->width, box->height, radius);
	if (box->kind == TOPOLOGY_BACKBONE && !placed) {
		int x = box->x + 17, y = box->y + box->height / 2; /* ways run right of it */
		buf_printf(out, "<g transform=\"rotate(-90 %d %d)\">\n", x, y);
		svg_text(out, "strong", x, y, SVG_MIDDLE, box->name);
		svg_close(out);
	} else if (topology_is_leaf(box)) {
		draw_leaf(box, out);
	} else {
		draw_container(box, !placed, out);
	}
	svg_close(out);
}

/* From a box to its public address, from there to the region's rail; from a gateway to its network. */
static void draw_wires(const struct topology *topology, struct buf *out)
{
	for (size_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		int y = box->y + box->height / 2;
		if (box->beside != TOPOLOGY_NONE) {
			const struct topology_box *own = &topology->boxes[box->beside],
						  *region = &topology->boxes[box->parent];
			int middle = own->y + own->height / 2,
			    from = y >= own->y && y <= own->y + own->height ? y : middle;
			struct svg_point points[] = {
				{own->x + own->width, from}, {box->x - 12, from}, {box->x - 12, y}, {box->x, y}};
			svg_polyline(out, "wire", points, sizeof points / sizeof *points);
			svg_line(out, "wire", box->x + box->width, y, region->x + region->width - 12, y);
		} else if (box->joins != TOPOLOGY_NONE) {
			const struct topology_box *vnet = &topology->boxes[box->joins],
						  *site = &topology->boxes[box->parent];
			int to = vnet->y + 13, middle = site->x + site->width + 27;
			struct svg_point points[] = {
				{box->x + box->width, y}, {middle, y}, {middle, to}, {vnet->x, to}};
			svg_polyline(out, "wire", points, sizeof points / sizeof *points);
		}
	}
}

/* ---- the list of stops ---- */

/* Where the addresses begin: behind the longest name. */
static int addresses_x(const struct topology *topology)
{
	int x = TOPOLOGY_MARGIN + 230;
	for (size_t i = 0; i < topology->n_legs; i++)
		for (size_t k = 0; k < topology->legs[i].n; k++) {
			int end = TOPOLOGY_MARGIN + 28 + STOP_GAP +
				  svg_text_width(topology->legs[i].stops[k].place, SVG_BOLD, TOPOLOGY_NAME_PX);
			x = end > x ? end : x;
		}
	return x;
}

static void put_stops(const struct topology *topology, int y, struct buf *out)
{
	int x = addresses_x(topology);
	unsigned number = 1;
	for (size_t i = 0; i < topology->n_legs; i++) {
		const struct topology_leg *leg = &topology->legs[i];
		svg_text(out, leg->lost ? "strong bad" : "strong", TOPOLOGY_MARGIN, y + 16, SVG_START, leg->what);
		y += 24;
		for (size_t k = 0; k < leg->n; k++, number++, y += 20) {
			char text[16];
			(void)snprintf(text, sizeof text, "%u", number);
			svg_circle(out, "number", TOPOLOGY_MARGIN + 10, y + 9, 9);
			svg_text(out, "number-text", TOPOLOGY_MARGIN + 10, y + 13, SVG_MIDDLE, text);
			svg_text(out, "strong", TOPOLOGY_MARGIN + 28, y + 13, SVG_START, leg->stops[k].place);
			svg_text(out, "mono", x, y + 13, SVG_START, leg->stops[k].text);
			if (leg->lost && k + 1 == leg->n)
				svg_cross(out, x - 16, y + 9);
		}
		y += 8;
	}
}

static int stops_height(const struct topology *topology)
{
	int height = 0;
	for (size_t i = 0; i < topology->n_legs; i++)
		height += TOPOLOGY_LEG_ROOM + TOPOLOGY_STOP_ROOM * (int)topology->legs[i].n;
	return height;
}

static int stops_width(const struct topology *topology)
{
	int width = 0;
	for (size_t i = 0; i < topology->n_legs; i++) {
		for (size_t k = 0; k < topology->legs[i].n; k++) {
			int w = TOPOLOGY_MARGIN + addresses_x(topology) +
				svg_text_width(topology->legs[i].stops[k].text, SVG_MONO, TOPOLOGY_SMALL_PX);
			width = w > width ? w : width;
		}
	}
	return width;
}

/* ---- all of it ---- */

static int head_width(const struct topology *topology)
{
	int title = svg_text_width(topology->title, SVG_BOLD, 18), width = title;
	const char *const lines[] = {topology->subtitle, topology->verdict};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		int w = lines[i] ? svg_text_width(lines[i], SVG_BOLD, 12) : 0;
		width = w > width ? w : width;
	}
	return width + 2 * TOPOLOGY_MARGIN;
}

static void put_head(const struct topology *topology, struct buf *out)
{
	int y = 32;
	svg_text(out, "big", TOPOLOGY_MARGIN, y, SVG_START, topology->title);
	if (topology->subtitle)
		svg_text(out, "strong", TOPOLOGY_MARGIN, y += SUBTITLE_ROOM, SVG_START, topology->subtitle);
	if (topology->verdict)
		svg_text(out, "strong bad", TOPOLOGY_MARGIN, y + SUBTITLE_ROOM, SVG_START, topology->verdict);
}

int topology_top(const struct topology *topology, bool embedded)
{
	return embedded && !topology->subtitle ? 8
					       : TITLE_ROOM + (topology->subtitle ? SUBTITLE_ROOM : 0) +
							 (topology->verdict ? SUBTITLE_ROOM : 0);
}

void topology_svg(struct topology *topology, bool embedded, struct buf *out)
{
	const struct topology_graph *graph = topology->graph;
	struct svg_tips tips = {0};
	if (!graph)
		topology_layout(topology, topology_top(topology, embedded));
	int width = topology->width, below = topology->height, height = below + stops_height(topology);
	width = head_width(topology) > width ? head_width(topology) : width;
	width = stops_width(topology) > width ? stops_width(topology) : width;
	for (size_t i = 0; i < topology->n_boxes; i++) {
		struct svg_point frame = svg_tip_frame(topology->boxes[i].hover);
		width = frame.x > width ? frame.x : width;
		height = frame.y > height ? frame.y : height;
	}
	svg_begin(out, width, height, topology->title,
		  topology->subtitle ? topology->subtitle
				     : "The network of the scenario: its elements and their addresses.",
		  embedded);
	if (!embedded || topology->subtitle)
		put_head(topology, out);
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (!topology_is_leaf(&topology->boxes[i]))
			draw_box(&topology->boxes[i], graph, &tips, out);
	if (graph)
		topology_routes_wires(topology, graph, out);
	else {
		draw_wires(topology, out);
		topology_joins(topology, out);
	}
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (topology_is_leaf(&topology->boxes[i]))
			draw_box(&topology->boxes[i], graph, &tips, out);
	if (graph)
		topology_routes_ways(topology, graph, out);
	else
		topology_ways(topology, out);
	put_stops(topology, below - 6, out);
	svg_tips_end(&tips, out, width, height);
	svg_end(out);
}
