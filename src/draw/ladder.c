/* DOC: lanes stand as far apart as their names and the addresses between them need. The addresses of a packet are
 * written out once for each way with the same addresses: the next packet that goes the same way is a plain arrow, and
 * its addresses show where the pointer rests. So does the reason of a loss: it stands beside the first cross of its
 * kind. A row is one packet, whatever its travel takes: the time is that of its departure, and longer silence is a row
 * of its own. */
#include "draw/ladder.h"
#include "draw/svg.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 20
#define SMALL 11
#define HEAD_HEIGHT 30
#define LOUD 40
#define QUIET 24
#define NOTE 18
#define TURN_LOUD 28 /* how far down a packet goes on where it turned round */
#define TURN_QUIET 9
#define NOTHING_SENT "It sent no packet."
#define SILENCE_NS INT64_C(1000000000)

struct plan {
	const struct ladder *ladder;
	int *x;         /* of each lane */
	bool *loud;     /* of each row: its addresses are written out */
	bool *reported; /* of each row: the reason of its loss is */
	int time_x, what_x, width, top, height;
};

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* ---- what is written out ---- */

static bool same_way(const struct ladder_row *a, const struct ladder_row *b)
{
	if (a->n_stops != b->n_stops)
		return false;
	for (size_t i = 0; i < a->n_stops; i++)
		if (a->stops[i].lane != b->stops[i].lane || strcmp(a->stops[i].addresses, b->stops[i].addresses) != 0)
			return false;
	return true;
}

static bool same_loss(const struct ladder_row *a, const struct ladder_row *b)
{
	return a->loss && a->stops[a->n_stops - 1].lane == b->stops[b->n_stops - 1].lane &&
	       strcmp(a->loss, b->loss) == 0;
}

static void choose_loud(struct plan *plan)
{
	const struct ladder *ladder = plan->ladder;
	for (size_t i = 0; i < ladder->n_rows; i++) {
		plan->loud[i] = true;
		for (size_t k = 0; k < i && plan->loud[i]; k++)
			plan->loud[i] = !same_way(&ladder->rows[k], &ladder->rows[i]);
		plan->reported[i] = ladder->rows[i].loss;
		for (size_t k = 0; k < i && plan->reported[i]; k++)
			plan->reported[i] = !same_loss(&ladder->rows[k], &ladder->rows[i]);
	}
}

/* The last stop up to which the addresses stay as they are at `stop`: they are written once between the two. */
static size_t end_of_realm(const struct ladder_row *row, size_t stop)
{
	size_t end = stop + 1;
	while (end + 1 < row->n_stops && strcmp(row->stops[end].addresses, row->stops[stop].addresses) == 0)
		end++;
	return end;
}

/* A packet that turns round, such as one that a NAT sends back, goes on one level below: how often it had when it left
 * `stop`. */
static int turns(const struct ladder_row *row, size_t stop)
{
	int n = 0, heading = 0;
	for (size_t s = 0; s <= stop && s + 1 < row->n_stops; s++) {
		uint32_t from = row->stops[s].lane, to = row->stops[s + 1].lane;
		int now = to > from ? 1 : to < from ? -1 : heading;
		n += heading != 0 && now != heading;
		heading = now;
	}
	return n;
}

/* The last stop on the level of `stop`, or the end of its realm, if that comes first. */
static size_t end_of_text(const struct ladder_row *row, size_t stop)
{
	size_t end = end_of_realm(row, stop);
	while (end > stop + 1 && turns(row, end - 1) != turns(row, stop))
		end--;
	return end;
}

/* ---- where lanes stand ---- */

static int head_width(const struct ladder_lane *lane)
{
	return svg_text_width(lane->name, SVG_BOLD, 12) + 18;
}

static void widen(struct plan *plan, uint32_t a, uint32_t b, int needed)
{
	uint32_t left = a < b ? a : b, right = a < b ? b : a;
	int missing = needed - (plan->x[right] - plan->x[left]), n = (int)(right - left);
	if (missing <= 0 || n == 0)
		return;
	for (uint32_t lane = left + 1; lane < plan->ladder->n_lanes; lane++) {
		int step = (int)(lane < right ? lane - left : right - left);
		plan->x[lane] += (missing * step + n - 1) / n;
	}
}

static void place_lanes(struct plan *plan)
{
	const struct ladder *ladder = plan->ladder;
	int what = 60, time = 60;
	for (size_t i = 0; i < ladder->n_rows; i++) {
		what = larger(what, svg_text_width(ladder->rows[i].what, SVG_BOLD, SMALL));
		time = larger(time, svg_text_width(ladder->rows[i].time, SVG_MONO, SMALL));
	}
	plan->time_x = MARGIN + time;
	plan->what_x = plan->time_x + 14;
	int x = plan->what_x + what + 18;
	for (size_t i = 0; i < ladder->n_lanes; i++) {
		int half = head_width(&ladder->lanes[i]) / 2;
		plan->x[i] = x + half;
		x += 2 * half + 16;
	}
	for (size_t i = 0; i < ladder->n_rows; i++) {
		const struct ladder_row *row = &ladder->rows[i];
		for (size_t s = 0; plan->loud[i] && s + 1 < row->n_stops; s = end_of_text(row, s))
			widen(plan, row->stops[s].lane, row->stops[end_of_text(row, s)].lane,
			      svg_text_width(row->stops[s].addresses, SVG_MONO, SMALL) + 28);
	}
	int right = ladder->n_lanes > 0
			    ? plan->x[ladder->n_lanes - 1] + head_width(&ladder->lanes[ladder->n_lanes - 1]) / 2
			    : x;
	plan->width = right + MARGIN;
}

/* The text beside a cross stands right of it where there is room, else left. */
static bool fits_right(const struct plan *plan, int x, const char *text)
{
	return x + 14 + svg_text_width(text, SVG_PLAIN, SMALL) <= plan->width - MARGIN / 2;
}

static void make_room(struct plan *plan)
{
	const struct ladder *ladder = plan->ladder;
	plan->width = larger(plan->width, 2 * MARGIN + svg_text_width(NOTHING_SENT, SVG_PLAIN, 12));
	const char *const lines[] = {ladder->title, ladder->subtitle, ladder->verdict};
	for (size_t i = 0; i < 3; i++)
		if (lines[i])
			plan->width =
				larger(plan->width, 2 * MARGIN + svg_text_width(lines[i], SVG_BOLD, i == 0 ? 18 : 12));
	for (size_t i = 0; i < ladder->n_rows; i++) {
		const struct ladder_row *row = &ladder->rows[i];
		if (row->n_stops == 1) /* it never left: its addresses stand beside */
			plan->width = larger(plan->width,
					     plan->x[row->stops[0].lane] + 14 +
						     svg_text_width(row->stops[0].addresses, SVG_MONO, SMALL) + MARGIN);
		struct svg_point tip = svg_tip_frame(row->hover);
		plan->width = larger(plan->width, tip.x);
		plan->height = larger(plan->height, tip.y);
		if (!plan->reported[i])
			continue;
		int x = plan->x[row->stops[row->n_stops - 1].lane], text = svg_text_width(row->loss, SVG_PLAIN, SMALL);
		if (x - 14 - text < plan->x[0] + 6)
			plan->width = larger(plan->width, x + 14 + text + MARGIN);
	}
}

/* ---- rows ---- */

static bool is_silent(const struct ladder *ladder, size_t row)
{
	return row > 0 && ladder->rows[row].time_ns - ladder->rows[row - 1].time_ns >= SILENCE_NS &&
	       !ladder->rows[row].skipped;
}

/* How far below the row's line it is when it leaves that stop. */
static int level(const struct plan *plan, size_t index, size_t stop)
{
	return turns(&plan->ladder->rows[index], stop) * (plan->loud[index] ? TURN_LOUD : TURN_QUIET);
}

static int row_height(const struct plan *plan, size_t index)
{
	const struct ladder_row *row = &plan->ladder->rows[index];
	int height = (plan->loud[index] ? LOUD : QUIET) + level(plan, index, row->n_stops);
	height += plan->reported[index] ? NOTE : 0;
	height += row->skipped || is_silent(plan->ladder, index) ? QUIET : 0;
	return height;
}

static void silence_text(int64_t ns, char *text, size_t size)
{
	int64_t s = ns / INT64_C(1000000000);
	if (s >= 7200)
		(void)snprintf(text, size, "%" PRId64 " h %" PRId64 " min of silence", s / 3600, s / 60 % 60);
	else if (s >= 120)
		(void)snprintf(text, size, "%" PRId64 " min %" PRId64 " s of silence", s / 60, s % 60);
	else
		(void)snprintf(text, size, "%" PRId64 " s of silence", s);
}

static void draw_note(const struct plan *plan, int y, const char *text, struct buf *out)
{
	int right = plan->what_x + svg_text_width(text, SVG_PLAIN, SMALL) + 10;
	svg_line(out, "gap", MARGIN, y, plan->what_x - 8, y);
	svg_text(out, "small dim halo", plan->what_x, y + 4, SVG_START, text);
	if (right < plan->width - MARGIN)
		svg_line(out, "gap", right, y, plan->width - MARGIN, y);
}

static void draw_piece(const struct plan *plan, size_t index, size_t stop, int y, struct buf *out)
{
	const struct ladder_row *row = &plan->ladder->rows[index];
	int from = plan->x[row->stops[stop].lane], to = plan->x[row->stops[stop + 1].lane];
	bool last = stop + 2 == row->n_stops, dead = row->loss && last;
	int above = stop > 0 ? y + level(plan, index, stop - 1) : y;
	char classes[32];
	y += level(plan, index, stop);
	if (from == to)
		return;
	(void)snprintf(classes, sizeof classes, "%s%s", dead ? "dead" : "arrow", row->again ? " again" : "");
	if (above < y)
		svg_line(out, classes, from, above, from, y);
	svg_line(out, classes, from, y, to, y);
	if (last)
		svg_arrow_head(out, dead ? "dead-head" : "arrow-head", (struct svg_point){to, y}, to > from ? 1 : -1,
			       0);
}

static void draw_stops(const struct plan *plan, size_t index, int y, struct buf *out)
{
	const struct ladder_row *row = &plan->ladder->rows[index];
	for (size_t s = 0; s < row->n_stops; s++) {
		int x = plan->x[row->stops[s].lane], at = s > 0 ? y + level(plan, index, s - 1) : y;
		if (row->stops[s].rewritten) {
			svg_box(out, "rewrite", x - 5, at - 5, 10, 10, 2);
		} else if (s == 0 || s + 1 < row->n_stops || row->under_way) {
			svg_circle(out, "dot", x, at, s == 0 ? 3 : 2);
		}
	}
	if (!row->loss)
		return;
	int x = plan->x[row->stops[row->n_stops - 1].lane];
	bool right = fits_right(plan, x, row->loss);
	y += level(plan, index, row->n_stops);
	svg_cross(out, x, y);
	if (plan->reported[index])
		svg_text(out, "small bad halo", right ? x + 14 : x - 14, y + 17, right ? SVG_START : SVG_END,
			 row->loss);
}

static void draw_row(const struct plan *plan, size_t index, int y, struct buf *out)
{
	const struct ladder_row *row = &plan->ladder->rows[index];
	int line = y + (plan->loud[index] ? LOUD : QUIET) - 10;
	svg_open(out, "row");
	svg_text(out, "mono dim", plan->time_x, line + 4, SVG_END, row->time);
	svg_text(out, row->loss ? "small strong bad" : "small strong", plan->what_x, line + 4, SVG_START, row->what);
	for (size_t s = 0; s + 1 < row->n_stops; s++)
		draw_piece(plan, index, s, line, out);
	for (size_t s = 0; plan->loud[index] && s + 1 < row->n_stops; s = end_of_text(row, s)) {
		int from = plan->x[row->stops[s].lane], to = plan->x[row->stops[end_of_text(row, s)].lane];
		bool known = s > 0 && strcmp(row->stops[s - 1].addresses, row->stops[s].addresses) ==
					      0; /* it turned round, that is all */
		if (from != to && !known)
			svg_text(out, "mono halo", (from + to) / 2, line + level(plan, index, s) - 9, SVG_MIDDLE,
				 row->stops[s].addresses);
	}
	if (plan->loud[index] && row->n_stops == 1)
		svg_text(out, "mono halo", plan->x[row->stops[0].lane] + 14, line - 2, SVG_START,
			 row->stops[0].addresses);
	draw_stops(plan, index, line, out);
	svg_close(out);
}

static void draw_lanes(const struct plan *plan, int top, int bottom, struct buf *out)
{
	static const char *const classes[] = {
		[LADDER_END_POINT] = "lane-head", [LADDER_NAT] = "lane-nat", [LADDER_FABRIC] = "lane-fabric"};
	for (size_t i = 0; i < plan->ladder->n_lanes; i++) {
		const struct ladder_lane *lane = &plan->ladder->lanes[i];
		int width = head_width(lane);
		svg_line(out, "lane", plan->x[i], top + HEAD_HEIGHT, plan->x[i], bottom);
		svg_box(out, classes[lane->kind], plan->x[i] - width / 2, top, width, 24, 6);
		svg_text(out, "strong", plan->x[i], top + 16, SVG_MIDDLE, lane->name);
	}
}

/* A page shows above an embedded picture what it is. */
static void draw_head(const struct plan *plan, bool embedded, struct buf *out)
{
	const struct ladder *ladder = plan->ladder;
	int y = embedded ? -6 : 32;
	if (!embedded) {
		svg_text(out, "big", MARGIN, y, SVG_START, ladder->title);
		svg_text(out, "strong", MARGIN, y += 20, SVG_START, ladder->subtitle);
	}
	if (ladder->verdict)
		svg_text(out, "strong bad", MARGIN, y + 20, SVG_START, ladder->verdict);
}

static void draw(const struct plan *plan, bool embedded, struct buf *out)
{
	const struct ladder *ladder = plan->ladder;
	svg_begin(out, plan->width, plan->height, ladder->title, ladder->subtitle, embedded);
	draw_head(plan, embedded, out);
	draw_lanes(plan, plan->top, plan->height - MARGIN, out);
	int y = plan->top + HEAD_HEIGHT + 4;
	struct svg_tips tips = {0};
	for (size_t i = 0; i < ladder->n_rows; i++) {
		const struct ladder_row *row = &ladder->rows[i];
		char silence[64];
		if (is_silent(ladder, i))
			silence_text(row->time_ns - ladder->rows[i - 1].time_ns, silence, sizeof silence);
		bool note = row->skipped || is_silent(ladder, i);
		if (note)
			draw_note(plan, y + QUIET / 2, row->skipped ? row->skipped : silence, out);
		int row_y = y + (note ? QUIET : 0);
		draw_row(plan, i, row_y, out);
		y += row_height(plan, i);
		svg_tip_add(&tips, (struct svg_tip){row->hover, MARGIN / 2, row_y, plan->width - MARGIN, y - row_y, 4});
	}
	if (ladder->n_rows == 0)
		svg_text(out, "dim", MARGIN, y - HEAD_HEIGHT + 12, SVG_START, NOTHING_SENT);
	if (ladder->skipped)
		draw_note(plan, y + QUIET / 2, ladder->skipped, out);
	svg_tips_end(&tips, out, plan->width, plan->height);
	svg_end(out);
}

int ladder_svg(const struct ladder *ladder, bool embedded, struct buf *out)
{
	struct plan plan = {.ladder = ladder,
			    .x = calloc(ladder->n_lanes + 1, sizeof *plan.x),
			    .loud = calloc(ladder->n_rows + 1, sizeof *plan.loud),
			    .reported = calloc(ladder->n_rows + 1, sizeof *plan.reported)};
	int r = plan.x && plan.loud && plan.reported ? 0 : -ENOMEM;
	if (r == 0) {
		choose_loud(&plan);
		place_lanes(&plan);
		make_room(&plan);
		plan.top = (embedded ? 6 : 66) + (ladder->verdict ? 20 : 0);
		int height = plan.top + HEAD_HEIGHT + 4 + MARGIN + (ladder->skipped ? QUIET : 0);
		for (size_t i = 0; i < ladder->n_rows; i++)
			height += row_height(&plan, i);
		plan.height = larger(plan.height, height);
		draw(&plan, embedded, out);
		r = buf_failed(out) ? -ENOMEM : 0;
	}
	free(plan.x);
	free(plan.loud);
	free(plan.reported);
	return r;
}
