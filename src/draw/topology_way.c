/* DOC: the way of a call over the picture. Its stops are boxes; between two of them the way runs in gutters and
 * channels, which topology_layout.c keeps free: out of a box, along to the channel, up or down, along to the next box,
 * in. Azure's regions and the Internet are no boxes on the way but rails that it crosses. From a private network to the
 * Internet it runs below Azure's regions, since it does not pass them. Where several legs share a piece, each keeps a
 * few pixels apart, a later one nearer to the boxes, so that they do not cross. */
#include "draw/svg.h"
#include "draw/topology.h"
#include <stdio.h>
#include <string.h>

#define MAX_POINTS TOPOLOGY_MAX_POINTS
#define SHIFT 5 /* between legs */

/* From left to right; a channel lies before each but the first. */
enum zone { ZONE_SITE, ZONE_INSIDE, ZONE_ADDRESS, ZONE_RAIL, ZONE_BACKBONE, ZONE_OUTSIDE_RAIL, ZONE_OUTSIDE };

struct stop { /* of a way */
	const struct topology_box *box, *root;
	enum zone zone;
	int bottom; /* of the row in which the box stands */
	int y;      /* at which a rail is crossed by this leg; else unused */
};

static enum zone zone_of(const struct topology_box *box, const struct topology_box *root)
{
	switch (root->kind) {
	case TOPOLOGY_SITE:
		return ZONE_SITE;
	case TOPOLOGY_REGION:
		return box == root ? ZONE_RAIL : box->beside != TOPOLOGY_NONE ? ZONE_ADDRESS : ZONE_INSIDE;
	case TOPOLOGY_BACKBONE:
		return ZONE_BACKBONE;
	case TOPOLOGY_INTERNET:
		return box == root ? ZONE_OUTSIDE_RAIL : ZONE_OUTSIDE;
	case TOPOLOGY_HOME:
	case TOPOLOGY_VNET:
	case TOPOLOGY_SERVICES:
	case TOPOLOGY_SUBNET:
	case TOPOLOGY_ENVIRONMENT:
	case TOPOLOGY_CHIP:
	case TOPOLOGY_ADDRESS:
	case TOPOLOGY_MORE:
		break;
	}
	return ZONE_OUTSIDE;
}

static bool is_rail(const struct stop *stop)
{
	return stop->zone == ZONE_RAIL || stop->zone == ZONE_BACKBONE || stop->zone == ZONE_OUTSIDE_RAIL;
}

static int rail_x(const struct stop *stop)
{
	const struct topology_box *box = stop->box;
	switch (stop->zone) {
	case ZONE_RAIL:
		return box->x + box->width - 9;
	case ZONE_OUTSIDE_RAIL:
		return box->x + 11;
	case ZONE_BACKBONE:
		return box->x + box->width - 10;
	case ZONE_SITE:
	case ZONE_INSIDE:
	case ZONE_ADDRESS:
	case ZONE_OUTSIDE:
		break;
	}
	return box->x;
}

/* Within the rail. */
static int rail_y(const struct stop *stop, int y)
{
	int top = stop->box->y + 22, bottom = stop->box->y + stop->box->height - 22;
	return y < top ? top : y > bottom ? bottom : y;
}

static bool enters_sideways(const struct stop *stop)
{
	bool of_site = stop->root->kind == TOPOLOGY_SITE || stop->root->kind == TOPOLOGY_HOME;
	return stop->zone == ZONE_ADDRESS || (of_site && stop->box->kind == TOPOLOGY_ADDRESS);
}

static struct svg_point middle_of(const struct topology_box *box, int shift)
{
	return (struct svg_point){box->x + box->width / 2 + shift, box->y + box->height / 2 + shift};
}

/* Where a way leaves a stop, or comes to it: the height at which it runs beside it. */
static int level(const struct stop *stop, int shift)
{
	if (is_rail(stop))
		return stop->y;
	if (enters_sideways(stop))
		return middle_of(stop->box, shift).y;
	return stop->bottom + TOPOLOGY_GUTTER / 2 - shift;
}

/* Below all of Azure, and above the list of stops. */
static int below_azure(const struct topology *topology)
{
	int bottom = 0;
	for (size_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->kind == TOPOLOGY_REGION && box->y + box->height > bottom)
			bottom = box->y + box->height;
	}
	return bottom + TOPOLOGY_MARGIN / 2;
}

/* Azure stands between the two. */
static bool goes_around_azure(const struct stop *from, const struct stop *to)
{
	return (from->zone == ZONE_SITE && to->zone == ZONE_OUTSIDE_RAIL) ||
	       (from->zone == ZONE_OUTSIDE_RAIL && to->zone == ZONE_SITE);
}

/* The right edge of the network around a box in a region. */
static int border(const struct topology *topology, const struct topology_box *box)
{
	while (box->parent != TOPOLOGY_NONE && topology->boxes[box->parent].kind != TOPOLOGY_REGION)
		box = &topology->boxes[box->parent];
	return box->x + box->width;
}

/* The channel through which a way goes up or down between two stops. */
static int channel(const struct topology *topology, const struct stop *from, const struct stop *to, int shift)
{
	const struct stop *left = from->zone <= to->zone ? from : to, *right = from->zone <= to->zone ? to : from;
	if (left->zone == ZONE_OUTSIDE_RAIL && right->root->kind == TOPOLOGY_HOME)
		return right->root->x - 20 + shift;
	if (is_rail(from) &&
	    from->zone > to->zone) /* along the rail, or where that is too short, beside what stands below it */
		return level(to, shift) <= from->root->y + from->root->height ? rail_x(from) + shift
									      : from->root->x - 12 + shift;
	if (is_rail(to) && to->zone < from->zone)
		return rail_x(to) + shift;
	if (left->zone == ZONE_SITE)
		return left->root->x + left->root->width + 18 + shift;
	if (left->zone == ZONE_INSIDE && right->zone == ZONE_INSIDE && left->root != right->root)
		return left->root->x - 5 + shift / 2; /* networks of two regions: left of both */
	if (left->zone == ZONE_INSIDE)
		return right->zone == ZONE_ADDRESS ? right->box->x - 20 + shift
						   : border(topology, left->box) + 14 + shift;
	if (right->zone == ZONE_OUTSIDE && right->root->kind == TOPOLOGY_INTERNET)
		return right->root->x + 26 + shift;
	if (right->zone == ZONE_OUTSIDE)
		return right->root->x - 20 + shift;
	return right->zone == ZONE_OUTSIDE_RAIL ? right->root->x - 24 + shift : rail_x(right) - 10 + shift;
}

static size_t leave(const struct stop *stop, int towards_x, int y, int shift, struct svg_point *points)
{
	if (is_rail(stop)) {
		points[0] = (struct svg_point){rail_x(stop), y};
		return 1;
	}
	struct svg_point middle = middle_of(stop->box, shift);
	if (enters_sideways(stop)) {
		points[0] = (struct svg_point){towards_x > middle.x ? stop->box->x + stop->box->width : stop->box->x,
					       middle.y};
		return 1;
	}
	points[0] = (struct svg_point){middle.x + shift, stop->box->y + stop->box->height};
	points[1] = (struct svg_point){middle.x + shift, y};
	return 2;
}

/* The next row of the same box, or the one before: through the gutter between them. */
static bool is_next_row(const struct stop *from, const struct stop *to)
{
	const struct stop *upper = from->box->y < to->box->y ? from : to, *lower = upper == from ? to : from;
	int gap = lower->box->y - upper->bottom;
	return upper->box->parent == lower->box->parent && gap > 0 && gap < 2 * TOPOLOGY_GUTTER;
}

static size_t go_to_next_row(const struct stop *from, const struct stop *to, int shift, struct svg_point *points)
{
	struct svg_point a = middle_of(from->box, shift), b = middle_of(to->box, shift);
	bool down = from->box->y < to->box->y;
	int y = (down ? from : to)->bottom + TOPOLOGY_GUTTER / 2 + shift;
	points[0] = (struct svg_point){a.x, down ? from->box->y + from->box->height : from->box->y};
	points[1] = (struct svg_point){a.x, y};
	points[2] = (struct svg_point){b.x, y};
	points[3] = (struct svg_point){b.x, down ? to->box->y : to->box->y + to->box->height};
	return 4;
}

/* The three corners and more of the way below Azure, from the site's channel to the Internet's or back. */
static size_t go_around_azure(const struct topology *topology, const struct stop *from, const struct stop *to,
			      int shift, struct svg_point points[MAX_POINTS])
{
	const struct stop *site = from->zone == ZONE_SITE ? from : to, *rail = site == from ? to : from;
	int site_x = site->root->x + site->root->width + 36 + shift, rail_channel = rail->root->x - 24 + shift;
	int site_y = level(site, shift), rail_level = level(rail, shift), under = below_azure(topology) + shift;
	struct svg_point there[MAX_POINTS];
	size_t n = leave(site, site_x, site_y, shift, there);
	there[n++] = (struct svg_point){site_x, site_y};
	there[n++] = (struct svg_point){site_x, under};
	there[n++] = (struct svg_point){rail_channel, under};
	there[n++] = (struct svg_point){rail_channel, rail_level};
	there[n++] = (struct svg_point){rail_x(rail), rail_level};
	for (size_t i = 0; i < n; i++)
		points[i] = there[site == from ? i : n - 1 - i];
	return n;
}

/* Whether an address of the region stands at this height, between its networks and its rail. */
static bool is_blocked(const struct topology *topology, const struct topology_box *region, int y)
{
	for (size_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->beside != TOPOLOGY_NONE && &topology->boxes[box->parent] == region && y > box->y - 4 &&
		    y < box->y + box->height + 4)
			return true;
	}
	return false;
}

/* Between a network of a region and its rail, below all addresses. */
static size_t go_below_addresses(const struct topology *topology, const struct stop *from, const struct stop *to,
				 int shift, struct svg_point points[MAX_POINTS])
{
	const struct stop *rail = is_rail(from) ? from : to, *inside = rail == from ? to : from;
	int x = border(topology, inside->box) + 14 + shift, under = rail->box->y + rail->box->height - 8 + shift;
	struct svg_point there[MAX_POINTS];
	size_t n = leave(inside, x, level(inside, shift), shift, there);
	there[n++] = (struct svg_point){x, level(inside, shift)};
	there[n++] = (struct svg_point){x, under};
	there[n++] = (struct svg_point){rail_x(rail), under};
	there[n++] = (struct svg_point){rail_x(rail), rail->y};
	for (size_t i = 0; i < n; i++)
		points[i] = there[inside == from ? i : n - 1 - i];
	return n;
}

static bool goes_below_addresses(const struct topology *topology, const struct stop *from, const struct stop *to,
				 int shift)
{
	const struct stop *rail = from->zone == ZONE_RAIL ? from : to, *inside = rail == from ? to : from;
	return rail->zone == ZONE_RAIL && inside->zone == ZONE_INSIDE && rail->root == inside->root &&
	       is_blocked(topology, rail->root, level(inside, shift));
}

static size_t route(const struct topology *topology, const struct stop *from, const struct stop *to, int shift,
		    struct svg_point points[MAX_POINTS])
{
	if (!is_rail(from) && !is_rail(to) && is_next_row(from, to))
		return go_to_next_row(from, to, shift, points);
	if (goes_around_azure(from, to))
		return go_around_azure(topology, from, to, shift, points);
	if (goes_below_addresses(topology, from, to, shift))
		return go_below_addresses(topology, from, to, shift, points);
	int y1 = level(from, shift), y2 = level(to, shift), x = channel(topology, from, to, shift);
	struct svg_point end[2];
	size_t n = leave(from, x, y1, shift, points), n_end = leave(to, x, y2, shift, end);
	if (y1 != y2) {
		points[n++] = (struct svg_point){x, y1};
		points[n++] = (struct svg_point){x, y2};
	}
	for (size_t i = n_end; i-- > 0;)
		points[n++] = end[i];
	size_t kept = 1; /* no two in the same place */
	for (size_t i = 1; i < n; i++)
		if (points[i].x != points[kept - 1].x || points[i].y != points[kept - 1].y)
			points[kept++] = points[i];
	return kept;
}

/* A rail is crossed at the height of what comes before, or where that is too high or too low, as near as it can. */
static void fill_stop(const struct topology *topology, const struct topology_leg *leg, size_t index,
		      const struct stop *before, int shift, struct stop *ret)
{
	uint32_t box = leg->stops[index].box;
	ret->box = &topology->boxes[box];
	ret->root = &topology->boxes[topology_root(topology, box)];
	ret->zone = zone_of(ret->box, ret->root);
	ret->bottom = topology_row_bottom(topology, ret->box);
	if (is_rail(ret) && before && goes_around_azure(before, ret))
		ret->y = rail_y(ret, below_azure(topology)) + shift;
	else if (is_rail(ret))
		ret->y = rail_y(ret, before ? level(before, shift) - shift : 0) + shift;
}

size_t topology_route(const struct topology *topology, uint32_t from, uint32_t to, int shift,
		      struct svg_point points[TOPOLOGY_MAX_POINTS])
{
	const struct topology_stop stops[] = {{.box = from}, {.box = to}};
	const struct topology_leg leg = {.stops = stops, .n = 2};
	struct stop a, b;
	fill_stop(topology, &leg, 0, NULL, shift, &a);
	fill_stop(topology, &leg, 1, &a, shift, &b);
	return route(topology, &a, &b, shift, points);
}

static void draw_piece(const struct topology *topology, const struct stop *from, const struct stop *to, bool lost,
		       int shift, struct buf *out)
{
	struct svg_point points[MAX_POINTS];
	size_t n = route(topology, from, to, shift, points);
	if (n < 2)
		return;
	struct svg_point tip = points[n - 1], last = points[n - 2];
	int dx = tip.x > last.x ? 1 : tip.x < last.x ? -1 : 0, dy = dx != 0 ? 0 : tip.y > last.y ? 1 : -1;
	svg_polyline(out, lost ? "way-lost" : "way", points, n);
	if (!is_rail(to))
		svg_arrow_head(out, lost ? "way-lost-head" : "way-head", tip, dx, dy);
}

static void draw_badge(const struct stop *stop, unsigned number, unsigned visits, bool lost, struct buf *out)
{
	if (is_rail(stop)) /* where it is crossed */
		topology_number(rail_x(stop), stop->y + (int)visits * 2 * TOPOLOGY_BADGE, number, lost, out);
	else
		topology_number_on_box(stop->box, number, visits, lost, out);
}

void topology_ways(const struct topology *topology, struct buf *out)
{
	for (unsigned turn = 0; turn < 2; turn++) { /* all lines, then all numbers */
		unsigned number = 1;
		for (size_t i = 0; i < topology->n_legs; i++) {
			const struct topology_leg *leg = &topology->legs[i];
			int shift = ((int)(i % 3) - (topology->n_legs > 1 ? 1 : 0)) * SHIFT;
			struct stop before, stop;
			for (size_t k = 0; k < leg->n; k++, before = stop, number++) {
				fill_stop(topology, leg, k, k > 0 ? &before : NULL, shift, &stop);
				if (turn == 0 && k > 0)
					draw_piece(topology, &before, &stop, leg->lost && k + 1 == leg->n, shift, out);
				else if (turn == 1)
					draw_badge(&stop, number, topology_visits_before(topology, i, k),
						   leg->lost && k + 1 == leg->n, out);
			}
		}
	}
}
