/* DOC: the network and the ladders of a page. Ladders are drawn while the page is small enough; of the others it says
 * how to see them. */
#include "view/page.h"
#include <errno.h>

#define MAX_NETWORK_BYTES 350000u

/* What the boxes of a picture say under the pointer, for paper. */
static void put_said(struct pp_page *page, const struct topology *topology)
{
	buf_puts(&page->out, "<ul class=\"on-paper\">\n");
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].hover)
			html_textf(&page->out, "li", NULL, "%s: %s", topology->boxes[i].name, topology->boxes[i].hover);
	buf_puts(&page->out, "</ul>\n");
}

int page_network(struct pp_page *page)
{
	struct network network;
	int r = network_draw(&network, page->arena, page->result, NULL, NULL);
	if (r < 0)
		return r;
	struct topology topology = {.title = page->result->model->name,
				    .boxes = network.boxes,
				    .n_boxes = network.n,
				    .joins = network.joins,
				    .n_joins = network.n_joins,
				    .row_width = network.limits->row_width};
	html_section(&page->out, "network", "Network");
	html_text(&page->out, "p", "dim",
		  "As it is at the start. Rest the pointer on a box, or touch it, to read more of it; a print has it "
		  "below the picture.");
	struct buf picture = {0};
	topology_svg(&topology, true, &picture);
	if (picture.size_bytes > MAX_NETWORK_BYTES) {
		html_text(&page->out, "p", "warning",
			  "The picture is too large for this page; pktpath draw SCENARIO draws it.");
	} else {
		html_picture(&page->out);
		buf_append(&page->out, picture.data, picture.size_bytes);
		html_picture_end(&page->out);
		put_said(page, &topology);
	}
	page->out.failed |= buf_failed(&picture);
	buf_free(&picture);
	html_section_end(&page->out);
	return 0;
}

static void put_steps(struct pp_page *page, const struct ladder *ladder)
{
	buf_puts(&page->out, "<ul class=\"on-paper\">\n");
	for (size_t i = 0; i < ladder->n_rows; i++)
		if (ladder->rows[i].hover)
			html_text(&page->out, "li", NULL, ladder->rows[i].hover);
	buf_puts(&page->out, "</ul>\n");
}

static int put_call(struct pp_page *page, const struct page_ladder *chosen, bool open)
{
	char id[PAGE_LADDER_ID_BYTES];
	struct arena *arena = arena_new(); /* of this call alone: there are many, and each is large */
	const struct pp_run *run = pp_page_run(page);
	const struct recorded_call *call = kept_packets_of(page->kept, chosen->flow, chosen->index);
	struct ladder ladder;
	int r = arena ? call_ladder(arena, run, call, &ladder) : -ENOMEM;
	if (r == 0) {
		html_fold(&page->out, page_ladder_id(page, chosen, id), open, chosen->bad ? "bad" : NULL,
			  ladder.subtitle);
		html_picture(&page->out);
		r = ladder_svg(&ladder, true, &page->out);
		html_picture_end(&page->out);
		if (page->out.size_bytes < PAGE_MAX_BYTES / 2)
			put_steps(page, &ladder);
		html_fold_end(&page->out);
	}
	arena_free(arena);
	return r;
}

int page_ladders(struct pp_page *page)
{
	size_t n_left = page->n_ladders_left_out, n_open = 0;
	html_section(&page->out, "ladders", "Ladders");
	html_text(&page->out, "p", "dim",
		  "The first connection of each flow, and the first of each other outcome. A lane is a place, time "
		  "runs downwards; "
		  "addresses stand left and right of each rewrite (amber), "
		  "a cross is where a packet was lost. Rest the pointer on a row, or touch it, to read every step.");
	for (size_t i = 0; i < page->n_ladders; i++) {
		if (page->out.size_bytes > PAGE_MAX_BYTES) {
			n_left += page->n_ladders - i;
			break;
		}
		bool open = n_open < 3 || (page->ladders[i].troubled && n_open < 8);
		int r = put_call(page, &page->ladders[i], open);
		if (r < 0)
			return r;
		n_open += open;
	}
	if (n_left > 0)
		html_textf(&page->out, "p", "warning",
			   "%zu more are not in this page; pktpath draw SCENARIO FLOW[I] --ladder draws each.", n_left);
	html_section_end(&page->out);
	return 0;
}
