/* DOC: the numbers of a way's stops, which all layouts have: a disc on the upper edge of a box, or beside what has no
 * edge; and the cross where a packet was lost. */
#include "draw/svg.h"
#include "draw/topology.h"
#include <stdio.h>

#define RAISED 4       /* on a box, clear of its name, */
#define RAISED_AGAIN 7 /* also where it is not the first and stands over the middle */

static void put(int x, int y, unsigned number, struct buf *out)
{
	char text[16];
	(void)snprintf(text, sizeof text, "%u", number);
	svg_circle(out, "number", x, y, TOPOLOGY_BADGE);
	svg_text(out, "number-text", x, y + 4, SVG_MIDDLE, text);
}

void topology_number(int x, int y, unsigned number, bool lost, struct buf *out)
{
	put(x, y, number, out);
	if (lost)
		svg_cross(out, x + 2 * TOPOLOGY_BADGE, y);
}

void topology_number_on_box(const struct topology_box *box, unsigned number, unsigned visits, bool lost,
			    struct buf *out)
{
	int y = box->y - (visits > 0 ? RAISED_AGAIN : RAISED);
	put(box->x + 4 + (int)visits * 2 * TOPOLOGY_BADGE, y, number, out);
	if (lost)
		svg_cross(out, box->x + box->width - 2, y);
}

unsigned topology_visits_before(const struct topology *topology, size_t leg, size_t stop)
{
	unsigned n = 0;
	for (size_t i = 0; i <= leg; i++)
		for (size_t k = 0; k < topology->legs[i].n && (i < leg || k < stop); k++)
			n += topology->legs[i].stops[k].box == topology->legs[leg].stops[stop].box;
	return n;
}
