/* The layout of a network: what is inside stays inside, nothing stands on anything else, and the same values give the
 * same picture. */
#include "draw/svg.h"
#include "draw/topology.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOX(kind_, parent_, name_)                                                                                     \
	{                                                                                                              \
		.kind = kind_, .parent = parent_, .beside = TOPOLOGY_NONE, .joins = TOPOLOGY_NONE, .name = name_       \
	}
#define MAX 200

static struct topology_box boxes[MAX];
static struct topology made;

static uint32_t add(enum topology_kind kind, uint32_t parent, const char *name)
{
	boxes[made.n_boxes] = (struct topology_box)BOX(kind, parent, name);
	return (uint32_t)made.n_boxes++;
}

/* Two networks, the second with `n_hosts` machines, two public addresses, a site with a gateway, a home, and the
 * Internet. */
static void build(unsigned n_hosts)
{
	made = (struct topology){.title = "made", .boxes = boxes};
	uint32_t region = add(TOPOLOGY_REGION, TOPOLOGY_NONE, "region");
	uint32_t first = add(TOPOLOGY_VNET, region, "first"), subnet = add(TOPOLOGY_SUBNET, first, "subnet"),
		 ase = add(TOPOLOGY_ENVIRONMENT, subnet, "ase");
	add(TOPOLOGY_CHIP, ase, "front-end-0");
	add(TOPOLOGY_CHIP, ase, "worker-0");
	uint32_t second = add(TOPOLOGY_VNET, region, "second"), hosts = add(TOPOLOGY_SUBNET, second, "hosts");
	for (unsigned i = 0; i < n_hosts; i++)
		add(TOPOLOGY_CHIP, hosts, i % 3 == 0 ? "a-host-with-a-rather-long-name" : "host");
	for (unsigned i = 0; i < 3; i++)
		boxes[add(TOPOLOGY_ADDRESS, region, "vip")].beside = ase;
	uint32_t site = add(TOPOLOGY_SITE, TOPOLOGY_NONE, "hq");
	boxes[add(TOPOLOGY_ADDRESS, site, "gateway/hq")].joins = first;
	add(TOPOLOGY_CHIP, site, "box");
	uint32_t internet = add(TOPOLOGY_INTERNET, TOPOLOGY_NONE, "Internet");
	add(TOPOLOGY_CHIP, internet, "api");
	uint32_t home = add(TOPOLOGY_HOME, TOPOLOGY_NONE, "home");
	add(TOPOLOGY_ADDRESS, home, "home/nat");
	add(TOPOLOGY_CHIP, home, "laptop");
}

static bool is_inside(const struct topology_box *a, const struct topology_box *b)
{
	return a->x > b->x && a->y > b->y && a->x + a->width < b->x + b->width && a->y + a->height < b->y + b->height;
}

static bool overlap(const struct topology_box *a, const struct topology_box *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

static bool contains(uint32_t outer, uint32_t inner)
{
	while (inner != TOPOLOGY_NONE && inner != outer)
		inner = boxes[inner].parent;
	return inner == outer;
}

START_TEST(test_boxes_stay_in_their_boxes_and_apart)
{
	build((unsigned)_i * 7);
	topology_layout(&made, 50);
	for (uint32_t i = 0; i < made.n_boxes; i++) {
		if (boxes[i].parent != TOPOLOGY_NONE && !is_inside(&boxes[i], &boxes[boxes[i].parent]))
			ck_abort_msg("%s is not in %s", boxes[i].name, boxes[boxes[i].parent].name);
		for (uint32_t k = 0; k < i; k++)
			if (!contains(i, k) && !contains(k, i) && overlap(&boxes[i], &boxes[k]))
				ck_abort_msg("%s stands on %s", boxes[i].name, boxes[k].name);
		ck_assert_int_ge(boxes[i].y, 50);
		ck_assert_int_lt(boxes[i].x + boxes[i].width, made.width);
		ck_assert_int_lt(boxes[i].y + boxes[i].height, made.height);
	}
}
END_TEST

START_TEST(test_columns)
{
	build(3);
	topology_layout(&made, 0);
	uint32_t region = 0, site = TOPOLOGY_NONE, internet = TOPOLOGY_NONE, home = TOPOLOGY_NONE;
	for (uint32_t i = 0; i < made.n_boxes; i++) {
		site = boxes[i].kind == TOPOLOGY_SITE ? i : site;
		internet = boxes[i].kind == TOPOLOGY_INTERNET ? i : internet;
		home = boxes[i].kind == TOPOLOGY_HOME ? i : home;
	}
	ck_assert_int_lt(boxes[site].x + boxes[site].width, boxes[region].x);
	ck_assert_int_lt(boxes[region].x + boxes[region].width, boxes[internet].x);
	ck_assert_int_gt(boxes[home].y, boxes[internet].y + boxes[internet].height);
	ck_assert_int_eq(boxes[home].x, boxes[internet].x);
}
END_TEST

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

START_TEST(test_the_way_of_a_lost_packet)
{
	struct buf out = {0}, again = {0};
	build(2);
	const struct topology_stop stops[] = {
		{5, "ase/worker-0", "before"}, {10, "ase/vip", "after"}, {0, "region/region", "after"}};
	const struct topology_leg legs[] = {{stops, 3, "SYN", true}};
	made.legs = legs;
	made.n_legs = 1;
	made.subtitle = "call: lost";
	made.verdict = "lost at region";
	topology_svg(&made, false, &out);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"lost-cross\""), 2); /* on the picture, and in the list */
	ck_assert_uint_eq(count(buf_text(&out), "class=\"way-lost\""), 1);   /* the last piece alone */
	ck_assert_uint_eq(count(buf_text(&out), "class=\"way\""), 1);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"number\""), 6);
	topology_svg(&made, false, &again);
	ck_assert_str_eq(buf_text(&out), buf_text(&again));
	buf_free(&out);
	buf_free(&again);
}
END_TEST

/* ---- what a way keeps clear of ---- */

struct segment {
	int x1, y1, x2, y2; /* with the smaller first */
};

static struct segment between(const int *from, const int *to)
{
	return (struct segment){from[0] < to[0] ? from[0] : to[0], from[1] < to[1] ? from[1] : to[1],
				from[0] < to[0] ? to[0] : from[0], from[1] < to[1] ? to[1] : from[1]};
}

/* The segments of the way number `index` of a picture; its rounded corners count as corners. */
static size_t segments_of_way(const char *svg, unsigned index, struct segment *segments, size_t max)
{
	const char *at = svg;
	for (unsigned i = 0; i <= index; i++) {
		at = strstr(i > 0 ? at + 1 : at, "<path class=\"way\" d=\"M");
		ck_assert_ptr_nonnull(at);
	}
	at = strchr(at, 'M');
	int points[64], last[2], n_numbers = 0;
	for (; *at != '"'; at++) {
		char *end;
		if (strchr("MLQ ", *at) && n_numbers < 64) {
			points[n_numbers++] = (int)strtol(at + 1, &end, 10);
			at = end - 1;
		}
	}
	size_t n = 0;
	memcpy(last, points, sizeof last);
	for (int i = 2; i + 1 < n_numbers && n < max; i += 2, memcpy(last, points + i - 2, sizeof last))
		segments[n++] = between(last, points + i);
	return n;
}

static bool meet(const struct segment *a, const struct segment *b)
{
	return a->x1 <= b->x2 && b->x1 <= a->x2 && a->y1 <= b->y2 && b->y1 <= a->y2;
}

START_TEST(test_from_a_site_to_the_internet_around_azure)
{
	struct buf out = {0};
	build(2);
	uint32_t nat = add(TOPOLOGY_ADDRESS, 13, "hq/nat"),
		 second_region = add(TOPOLOGY_REGION, TOPOLOGY_NONE, "second-region");
	const struct topology_stop stops[] = {
		{nat, "hq/nat", "after"}, {16, "internet", "after"}, {17, "api", "after"}};
	const struct topology_leg legs[] = {{stops, 3, "SYN", false}};
	made.legs = legs;
	made.n_legs = 1;
	topology_svg(&made, false, &out);
	struct segment segments[32];
	size_t n = segments_of_way(buf_text(&out), 0, segments, 32);
	ck_assert_uint_ge(n, 3);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t region = 0; region <= second_region; region += second_region) {
			const struct topology_box *box = &boxes[region];
			struct segment all = {box->x, box->y, box->x + box->width, box->y + box->height};
			ck_assert_msg(!meet(&segments[i], &all), "it runs through %s", box->name);
		}
		ck_assert_int_lt(segments[i].y2, made.height);
	}
	buf_free(&out);
}
END_TEST

START_TEST(test_from_the_internet_to_a_region_below_it)
{
	struct buf out = {0};
	build(2);
	uint32_t region = add(TOPOLOGY_REGION, TOPOLOGY_NONE, "second-region");
	const struct topology_stop stops[] = {
		{17, "api", "before"}, {16, "internet", "after"}, {region, "second-region", "after"}};
	const struct topology_leg legs[] = {{stops, 3, "SYN", false}};
	made.legs = legs;
	made.n_legs = 1;
	topology_svg(&made, false, &out);
	const struct topology_box *home = &boxes[18];
	struct segment segments[32], all = {home->x, home->y, home->x + home->width, home->y + home->height};
	size_t n = segments_of_way(buf_text(&out), 1, segments, 32);
	ck_assert_int_gt(boxes[region].y, home->y); /* else the way has nothing to avoid */
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(!meet(&segments[i], &all), "it runs through %s", home->name);
	buf_free(&out);
}
END_TEST

/* A front end relays: its box is on both legs. Neither leg crosses the other, and its name can be read. */
static void draw_two_legs(struct buf *out)
{
	static const struct topology_stop in[] = {{10, "ase/vip", "after"}, {4, "ase/front-end-0", "after"}},
					  on[] = {{4, "ase/front-end-0", "own"}, {5, "ase/worker-0", "own"}};
	static const struct topology_leg legs[] = {{in, 2, "SYN", false}, {on, 2, "SYN", false}};
	build(2);
	made.legs = legs;
	made.n_legs = 2;
	topology_svg(&made, false, out);
}

START_TEST(test_legs_do_not_cross)
{
	struct buf out = {0};
	draw_two_legs(&out);
	struct segment in[32], on[32];
	size_t n_in = segments_of_way(buf_text(&out), 0, in, 32), n_on = segments_of_way(buf_text(&out), 1, on, 32);
	for (size_t i = 0; i < n_in; i++)
		for (size_t k = 0; k < n_on; k++)
			ck_assert_msg(!meet(&in[i], &on[k]), "at %d,%d", on[k].x1, on[k].y1);
	buf_free(&out);
}
END_TEST

START_TEST(test_numbers_leave_the_name_free)
{
	struct buf out = {0};
	draw_two_legs(&out);
	const struct topology_box *box = &boxes[4];
	int half = svg_text_width(box->name, SVG_BOLD, TOPOLOGY_NAME_PX) / 2, middle = box->x + box->width / 2, n = 0,
	    x, y;
	for (const char *at = buf_text(&out); (at = strstr(at, "<circle class=\"number\" cx=\"")); at++) {
		ck_assert_int_eq(sscanf(at, "<circle class=\"number\" cx=\"%d\" cy=\"%d\"", &x, &y), 2);
		if (y > box->y + box->height || x > box->x + box->width)
			continue;
		int dx = x < middle - half ? middle - half - x : 0,
		    dy = box->y + 8 - y; /* to the name's nearest corner */
		ck_assert_msg(dx * dx + dy * dy >= 9 * 9, "a number at %d,%d stands on the name", x - box->x,
			      y - box->y);
		n++;
	}
	ck_assert_int_eq(n, 2);
	buf_free(&out);
}
END_TEST

/* Where there is nothing but the Internet and a home network, the way runs left of both, and inside the picture. */
START_TEST(test_a_way_stays_inside_the_picture)
{
	struct buf out = {0};
	made = (struct topology){.title = "made", .boxes = boxes};
	uint32_t internet = add(TOPOLOGY_INTERNET, TOPOLOGY_NONE, "Internet"),
		 api = add(TOPOLOGY_CHIP, internet, "api"), home = add(TOPOLOGY_HOME, TOPOLOGY_NONE, "home"),
		 nat = add(TOPOLOGY_ADDRESS, home, "home/nat"), laptop = add(TOPOLOGY_CHIP, home, "laptop");
	const struct topology_stop stops[] = {{laptop, "laptop", "before"},
					      {nat, "home/nat", "after"},
					      {internet, "internet", "after"},
					      {api, "api", "after"}};
	const struct topology_leg legs[] = {{stops, N(stops), "SYN", false}};
	made.legs = legs;
	made.n_legs = 1;
	topology_svg(&made, false, &out);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"way\""), N(stops) - 1);
	for (const char *at = buf_text(&out); (at = strstr(at, "class=\"way\" d=\"")); at++)
		for (const char *d = at + strlen("class=\"way\" d=\""); *d != '"'; d += strcspn(d, "MLQ \"")) {
			d += strspn(d, "MLQ ");
			ck_assert_int_ge(atoi(d), 3); /* with its width */
		}
	buf_free(&out);
}
END_TEST

START_TEST(test_mermaid)
{
	struct buf out = {0};
	build(1);
	boxes[4].name = "a\"b]c;d<e>";
	topology_mermaid(&made, &out);
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "flowchart LR\n"));
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "b4[\"a#34;b#93;c#59;d#60;e#62;\"]"));
	ck_assert_uint_eq(count(buf_text(&out), "subgraph "), count(buf_text(&out), "end\n"));
	buf_free(&out);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/topology", &tcase);
	tcase_add_loop_test(tcase, test_boxes_stay_in_their_boxes_and_apart, 0, 8);
	tcase_add_test(tcase, test_columns);
	tcase_add_test(tcase, test_the_way_of_a_lost_packet);
	tcase_add_test(tcase, test_from_a_site_to_the_internet_around_azure);
	tcase_add_test(tcase, test_from_the_internet_to_a_region_below_it);
	tcase_add_test(tcase, test_legs_do_not_cross);
	tcase_add_test(tcase, test_numbers_leave_the_name_free);
	tcase_add_test(tcase, test_a_way_stays_inside_the_picture);
	tcase_add_test(tcase, test_mermaid);
	return suite_run(suite);
}
