/* Random cases: few hosts and few ports, so that they meet; every packet may follow every other. */
#include "base/random.h"
#include "cases.h"
#include <stdio.h>
#include <string.h>

struct dice {
	uint64_t seed, n;
};

static uint32_t roll(struct dice *dice, uint32_t sides)
{
	return random_below(random_join(dice->seed, ++dice->n), sides);
}

/* How far a TCP connection has come. The kernel follows its states and drops what does not fit (docs/conformance.md,
 * `tcp-state`), so that what is made here fits; but for packets of connections that were never opened, which may be
 * anything. */
enum progress { CLOSED, SYN_SENT, ANSWERED, OPEN, INSIDE_DONE, OUTSIDE_DONE, BOTH_DONE, OVER };

#define N_INSIDE 2
#define N_OUTSIDE 2
#define N_PORTS 3
#define N_TO 2
static const unsigned ports[N_PORTS] = {5000, 6000, 700}, to_ports[N_TO] = {80, 53};

struct ends {
	uint32_t inside, outside, port, to;
};

struct story {
	enum progress tcp[N_INSIDE][N_OUTSIDE][N_PORTS][N_TO];
};

static void put_tcp(char *out, size_t size, const struct ends *e, bool out_bound, const char *flags)
{
	char inside = "ab"[e->inside], outside = "xy"[e->outside];
	if (out_bound)
		(void)snprintf(out, size, "> t %c:%u %c:%u %s any", inside, ports[e->port], outside, to_ports[e->to],
			       flags);
	else
		(void)snprintf(out, size, "< t %c:%u %c:%u %s", outside, to_ports[e->to], inside, ports[e->port],
			       flags);
}

static void make_tcp(struct dice *dice, struct story *story, const struct ends *e, char *out, size_t size)
{
	/* From outside it may meet someone else's port, and an early FIN or RST there is for `tcp-state`, too. */
	static const char *const stray[] = {"A", "PA", "SA", "FA", "R", "RA"};
	enum progress *progress = &story->tcp[e->inside][e->outside][e->port][e->to];
	bool out_bound = roll(dice, 2) != 0;
	switch (*progress) {
	case CLOSED:
		if (roll(dice, 3) == 0) {
			put_tcp(out, size, e, out_bound, stray[roll(dice, out_bound ? 6 : 3)]);
			return;
		}
		*progress = SYN_SENT;
		put_tcp(out, size, e, true, "S");
		return;
	case SYN_SENT:
		if (roll(dice, 4) == 0) {
			put_tcp(out, size, e, true, "S");
			return;
		}
		*progress = roll(dice, 5) ? ANSWERED : OVER;
		put_tcp(out, size, e, false, *progress == ANSWERED ? "SA" : "RA");
		return;
	case ANSWERED:
		*progress = OPEN;
		put_tcp(out, size, e, true, "A");
		return;
	case OPEN:
		if (roll(dice, 2)) {
			put_tcp(out, size, e, out_bound, roll(dice, 2) ? "PA" : "A");
			return;
		}
		if (roll(dice, 4) == 0) {
			*progress = OVER;
			put_tcp(out, size, e, out_bound, "R");
			return;
		}
		*progress = out_bound ? INSIDE_DONE : OUTSIDE_DONE;
		put_tcp(out, size, e, out_bound, "FA");
		return;
	case INSIDE_DONE:
	case OUTSIDE_DONE:
		out_bound = *progress == OUTSIDE_DONE; /* the end that still may */
		if (roll(dice, 2)) {
			put_tcp(out, size, e, out_bound, "A");
			return;
		}
		put_tcp(out, size, e, out_bound, "FA");
		*progress = BOTH_DONE;
		return;
	case BOTH_DONE:
	case OVER:
		put_tcp(out, size, e, true, *progress == BOTH_DONE ? "A" : "R");
		return;
	}
}

static void make_step(struct dice *dice, struct story *story, char *out, size_t size)
{
	struct ends e = {roll(dice, N_INSIDE), roll(dice, N_OUTSIDE), roll(dice, N_PORTS), roll(dice, N_TO)};
	char inside = "ab"[e.inside], outside = "xy"[e.outside];
	bool out_bound = roll(dice, 2) != 0;
	switch (roll(dice, 8)) {
	case 0:
		if (out_bound)
			(void)snprintf(out, size, "> i %c:%u %c any", inside, ports[e.port], outside);
		else
			(void)snprintf(out, size, "< i %c %c:%u", outside, inside, ports[e.port]);
		return;
	case 1:
		(void)snprintf(out, size, "< e %c 3.3 u %c:%u %c:%u", outside, inside, ports[e.port], outside,
			       to_ports[e.to]);
		return;
	case 2:
	case 3:
	case 4:
		if (out_bound)
			(void)snprintf(out, size, "> u %c:%u %c:%u any", inside, ports[e.port], outside,
				       to_ports[e.to]);
		else
			(void)snprintf(out, size, "< u %c:%u %c:%u", outside, to_ports[e.to], inside, ports[e.port]);
		return;
	default:
		make_tcp(dice, story, &e, out, size);
	}
}

/* What is damaged, rare or in pieces. */
static void make_odd(struct dice *dice, const struct ends *e, char *out, size_t size)
{
	char inside = "ab"[e->inside], outside = "xy"[e->outside];
	unsigned port = ports[e->port], to = to_ports[e->to];
	static const char *const damages[] = {"bad", "bad", "ulen=4", "ulen=900"}, *const orders[] = {
											   "0",   "01",   "10", "0012",
											   "021", "0120", "2",  "1020"};
	static const unsigned types[] = {3, 4, 5, 11, 12};
	bool out_bound = roll(dice, 2) != 0;
	switch (roll(dice, 8)) {
	case 0:
		(void)snprintf(out, size, out_bound ? "> u %c:%u %c:%u any %s" : "< u %3$c:%4$u %1$c:%2$u %5$s", inside,
			       port, outside, to, damages[roll(dice, 4)]);
		return;
	case 1:
		(void)snprintf(out, size, "> t %c:%u %c:%u %s any %s", inside, port, outside, to,
			       roll(dice, 2) ? "S" : "A",
			       roll(dice, 2)   ? "bad"
			       : roll(dice, 2) ? "off=4"
					       : "off=9");
		return;
	case 2:
		(void)snprintf(out, size, "< t %c:%u %c:%u %s bad", outside, to, inside, port,
			       roll(dice, 2) ? "SA" : "A");
		return;
	case 3:
		(void)snprintf(out, size, "< e %c %u.1 %c %c:%u %c:%u%s", outside, types[roll(dice, 5)],
			       "tu"[roll(dice, 2)], inside, port, outside, to,
			       roll(dice, 4)   ? ""
			       : roll(dice, 2) ? " badin"
					       : " bad");
		return;
	case 4:
		(void)snprintf(out, size, out_bound ? "> m %1$c:%2$u %3$c any" : "< m %3$c %1$c:%2$u", inside, port,
			       outside);
		return;
	case 5:
		(void)snprintf(out, size, "> %c %c:%u %c", roll(dice, 2) ? 'r' : 'n', inside, port, outside);
		return;
	case 6:
		(void)snprintf(out, size, "> t %c:%u %c:%u %s any", inside, port, outside, to,
			       roll(dice, 3) == 0   ? "-"
			       : roll(dice, 2) == 0 ? "FSRPAU"
						    : "SU");
		return;
	default:
		(void)snprintf(out, size, "> u %c:%u %c:%u any len=3000 mtu=1500 order=%s%s", inside, port, outside, to,
			       orders[roll(dice, 8)],
			       roll(dice, 4)   ? ""
			       : roll(dice, 2) ? " lap=1"
					       : " bad");
	}
}

/* Any segment at all: numbers that fit, that are near, and that are far off. */
static void make_any_tcp(struct dice *dice, const struct ends *e, char *out, size_t size)
{
	static const char *const flags[] = {"S",  "S",  "SA", "SA", "A",  "A",  "A", "PA",
					    "PA", "FA", "FA", "R",  "RA", "SF", "F"};
	static const unsigned numbers[] = {1000, 1001, 1001, 1001, 1002, 1005, 1005, 1006, 70000, 9000000};
	bool out_bound = roll(dice, 2) != 0;
	int n;
	put_tcp(out, size, e, out_bound, flags[roll(dice, 15)]);
	n = (int)strlen(out);
	(void)snprintf(out + n, size - (size_t)n, " seq=%u ack=%u len=%u win=%u", numbers[roll(dice, 10)],
		       numbers[roll(dice, 10)], roll(dice, 2) ? 4 : 1 + roll(dice, 100),
		       roll(dice, 6) ? 8192 : roll(dice, 3));
}

void random_case_make(uint64_t seed, enum bed_kind bed, struct random_case *ret)
{
	struct story story = {0};
	struct dice dice = {random_join(seed, random_name("conformance")), 0};
	*ret = (struct random_case){.item = {.name = "random", .bed = bed}};
	for (size_t i = 0; i < CASE_MAX_STEPS; i++) {
		struct ends e = {roll(&dice, N_INSIDE), roll(&dice, N_OUTSIDE), roll(&dice, N_PORTS),
				 roll(&dice, N_TO)};
		if (roll(&dice, 8) == 0)
			make_odd(&dice, &e, ret->texts[i], sizeof ret->texts[i]);
		else if (seed % 2 == 0)
			make_step(&dice, &story, ret->texts[i], sizeof ret->texts[i]);
		else if (roll(&dice, 8) == 0)
			make_step(&dice, &story, ret->texts[i], sizeof ret->texts[i]);
		else /* one connection, or a few */
			make_any_tcp(&dice, seed % 4 == 1 ? &(struct ends){0, 0, 0, 0} : &e, ret->texts[i],
				     sizeof ret->texts[i]);
		ret->item.steps[i] = ret->texts[i];
	}
}
