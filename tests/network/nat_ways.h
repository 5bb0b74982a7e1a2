/* For what every NAT must do: the same segments through each of them, on the bed of nat_bed.h. */
#ifndef TESTS_AZURE_NAT_WAYS_H
#define TESTS_AZURE_NAT_WAYS_H
#include "nat_bed.h"

/* A NAT, who calls through it from port 5000, and what the outside sees of that. */
struct way {
	void (*open)(const char *keys);
	const char *keys;
	char caller, nat;
	unsigned port;
};
static const struct way ways[] = {
	{open_site, "profile: home", 'a', 'N', 5000},
	{open_site, LINUX_FILTERED, 'a', 'N', 5000},
	{open_vip, "profile: azure", 'w', 'N', 1024},
	{open_appliance, LINUX_FILTERED, 'g', 'I', 5000},
};
enum { HOME, LINUX, AZURE, APPLIANCE, N_WAYS };

/* `> S` goes out, `< SA` comes in: a segment between the caller and x:80, which passes as what it becomes. */
static inline void goes(const struct place_in_test *at, const struct way *way, const char *segment)
{
	if (segment[0] == '>') {
		bed_sends(at, "tcp %c:5000 > x:80%s", way->caller, segment + 1);
		bed_comes(at, "tcp %c:%u > x:80%s", way->nat, way->port, segment + 1);
	} else {
		bed_sends(at, "tcp x:80 > %c:%u%s", way->nat, way->port, segment + 1);
		bed_comes(at, "tcp x:80 > %c:5000%s", way->caller, segment + 1);
	}
	bed_nothing_comes(at);
}
#define go(segment) goes(HERE, way, segment)

static inline void does_not_go(const struct place_in_test *at, const struct way *way, const char *segment,
			       enum reason reason)
{
	if (segment[0] == '>')
		bed_sends(at, "tcp %c:5000 > x:80%s", way->caller, segment + 1);
	else
		bed_sends(at, "tcp x:80 > %c:%u%s", way->nat, way->port, segment + 1);
	bed_dropped(at, reason);
}
#define no_go(segment, reason) does_not_go(HERE, way, segment, reason)
#endif
