/* Inside pages: what two runs of a scenario gathered, and the sections that are made of it. */
#ifndef PKTPATH_VIEW_PAGE_H
#define PKTPATH_VIEW_PAGE_H
#include "draw/html.h"
#include "draw/plot.h"
#include "view/drawing.h"
#include "view/ports.h"

#define PAGE_MAX_BYTES 1600000u /* ladders beyond that are named, not drawn: pages stay below 2 MB */
#define PAGE_MAX_LADDERS 40u
#define PAGE_MAX_DROPS 200u /* kinds */
#define PAGE_MAX_BARS 40u   /* of a NAT */

struct page_drop { /* packets that ended for the same reason, by the same rule, at the same place */
	struct verdict verdict;
	uint32_t node, flow; /* the first one's */
	uint64_t n, packet;
	struct instant at;
	uint32_t index;
	bool several; /* flows */
	const struct cause *cause;
};
struct page_bar {            /* mappings of one flow, from one inside address to one destination */
	struct tuple inside; /* of the first */
	uint32_t flow;
	uint64_t n;
	be32 outside;
	uint16_t outside_first, outside_last; /* ports */
	struct instant created, last_used, ended;
	const char *why; /* NULL: they ended in several ways */
	uint64_t packets, bytes;
};
#define PAGE_ENDS 6u
struct page_nat { /* mappings of one */
	const char *name;
	uint32_t node;
	uint64_t n, n_ends[PAGE_ENDS];
	const char *ends[PAGE_ENDS];
	struct page_bar *bars; /* those whose first mapping was made first, in that order */
	uint64_t n_drawn;      /* mappings in them */
	size_t n_bars;
};
struct page_ladder {
	uint32_t flow, index;
	bool troubled; /* lost or failed: unfolded */
	bool bad;      /* its call did not work, or an expectation of it failed where it lost a packet */
};

enum page_phase { PAGE_LEARNS, PAGE_RECORDS, PAGE_DONE };

struct pp_page {
	const struct pp_scenario *scenario;
	struct arena *arena;
	enum page_phase phase;
	struct pp_run *result, *recorded; /* first and second run; the second is NULL where the first shows all */
	bool result_is_borrowed;
	struct kept_packets *kept; /* of the last run */
	struct page_drop *drops;
	size_t n_drops;
	int64_t last_ns;         /* when the last packet was lost, or passed a NAT, or the timeline did something */
	int64_t axis_ns;         /* where time axes end: not where a NAT forgets what was not used for days */
	uint64_t n_drops_untold; /* packets of kinds beyond the bound */
	struct page_nat *nats;
	size_t n_nats;
	struct ports *ports;
	struct page_ladder *ladders;
	size_t n_ladders, n_ladders_left_out;
	struct buf out;
};

/* page_watch.c: what the runs gather. 0 or negative errno. */
int page_watch_result(struct pp_page *page);
void page_choose_axis(struct pp_page *page);
/* page_choose.c: which connections get a ladder, and under which id a ladder stands in the page. */
int page_choose_ladders(struct pp_page *page);
#define PAGE_LADDER_ID_BYTES 24
const char *page_ladder_id(const struct pp_page *page, const struct page_ladder *ladder, char id[PAGE_LADDER_ID_BYTES]);
const struct page_ladder *page_ladder_of(const struct pp_page *page,
					 uint32_t flow); /* the first of a flow; NULL where it has none */

/* Sections, in their order; each appends to page->out. 0 or -ENOMEM. */
int page_head(struct pp_page *page); /* page_verdict.c */
int page_expected(struct pp_page *page);
int page_seen_at(struct pp_page *page); /* page_tables.c */
int page_flows(struct pp_page *page);
int page_drops(struct pp_page *page);
int page_network(struct pp_page *page); /* page_pictures.c */
int page_ladders(struct pp_page *page);
int page_nats(struct pp_page *page); /* page_nats.c */

/* page_text.c: words that sections share. In the arena of the page; "" and a failed page->out where memory is short. */
/* "rich.yaml:12", "rich.yaml:12, from network.json:61"; NULL where there is none. `made_from` may be NULL. */
const char *page_place(struct pp_page *page, const char *file, uint32_t line, const char *made_from);
const char *page_line(struct pp_page *page, struct place place); /* "line 12", for tables; "" where there is none */
const char *page_excerpt(struct pp_page *page, const char *file,
			 uint32_t line);                 /* of the scenario; NULL where it is not known */
const char *page_time(struct pp_page *page, int64_t ns); /* "12.000450 s" */
const char *page_count(struct pp_page *page, uint64_t n, const char *one, const char *many);
const char *page_end_point(struct pp_page *page, pp_addr addr, uint32_t first_port, uint32_t last_port,
			   uint8_t protocol);
const char *page_kept(struct pp_page *page, const char *text); /* text, or "" where it is NULL for lack of memory */
#endif
