/* DOC: the pictures as Mermaid text, which GitHub and others draw in Markdown. Nothing is laid out here: boxes become
 * subgraphs, stops become edges with numbers, lanes become participants. Ids are our own (b0, l1), labels are quoted
 * and every character that means something to Mermaid is written as its number, so a name can hold anything. */
#include "base/utf8.h"
#include "draw/ladder.h"
#include "draw/topology.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void label(struct buf *out, const char *text)
{
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		char safe[UTF8_SAFE_BYTES];
		n = utf8_safe(text, left, safe);
		for (const char *at = safe; *at; at++) {
			unsigned char c = (unsigned char)*at;
			bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				     (c >= 'A' && c <= 'Z') || strchr(" -_./,()+", c);
			if (plain)
				buf_putc(out, (char)c);
			else
				buf_printf(out, "#%u;", c);
		}
	}
}

/* ---- the network ---- */

static void indent(struct buf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		buf_puts(out, "  ");
}

static void box_label(const struct topology_box *box, struct buf *out)
{
	buf_puts(out, "[\"");
	label(out, box->name);
	if (box->note) {
		buf_puts(out, topology_is_leaf(box) ? "<br/>" : " ");
		label(out, box->note);
	}
	for (size_t i = 0; i < box->n_lines; i++) {
		buf_puts(out, "<br/>");
		label(out, box->lines[i]);
	}
	buf_puts(out, "\"]");
}

static void put_box(const struct topology *topology, uint32_t index, unsigned depth, struct buf *out)
{
	const struct topology_box *box = &topology->boxes[index];
	bool leaf = true;
	for (uint32_t i = index + 1; i < topology->n_boxes; i++)
		leaf &= topology->boxes[i].parent != index;
	indent(out, depth);
	buf_printf(out, "%sb%u", leaf ? "" : "subgraph ", index);
	box_label(box, out);
	if (leaf) {
		buf_printf(out, "%s\n", box->kind == TOPOLOGY_ADDRESS ? ":::address" : "");
		return;
	}
	buf_putc(out, '\n');
	for (uint32_t i = index + 1; i < topology->n_boxes; i++)
		if (topology->boxes[i].parent == index)
			put_box(topology, i, depth + 1, out);
	indent(out, depth);
	buf_puts(out, "end\n");
}

static void put_legs(const struct topology *topology, struct buf *out)
{
	unsigned number = 1;
	for (size_t i = 0; i < topology->n_legs; i++) {
		const struct topology_leg *leg = &topology->legs[i];
		for (size_t k = 1; k < leg->n; k++, number++) {
			bool lost = leg->lost && k + 1 == leg->n;
			buf_printf(out, "  b%u %s|\"%u: ", leg->stops[k - 1].box, lost ? "--x" : "-->", number);
			label(out, leg->stops[k - 1].text);
			buf_printf(out, "\"| b%u\n", leg->stops[k].box);
		}
	}
}

void topology_mermaid(const struct topology *topology, struct buf *out)
{
	buf_puts(out, "---\ntitle: \"");
	label(out, topology->title);
	if (topology->subtitle) {
		buf_puts(out, " - ");
		label(out, topology->subtitle);
	}
	buf_puts(out, "\"\n---\nflowchart LR\n");
	for (uint32_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].parent == TOPOLOGY_NONE)
			put_box(topology, i, 1, out);
	for (uint32_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->beside != TOPOLOGY_NONE)
			buf_printf(out, "  b%u --- b%u\n", box->beside, i);
		if (box->joins != TOPOLOGY_NONE)
			buf_printf(out, "  b%u --- b%u\n", i, box->joins);
	}
	put_legs(topology, out);
	if (topology->verdict) {
		buf_puts(out, "  lost[\"");
		label(out, topology->verdict);
		buf_puts(out, "\"]:::lost\n  classDef lost fill:#fde8e8,stroke:#c81e24,color:#7a1014\n");
	}
	buf_puts(out, "  classDef address fill:#fff4d9,stroke:#cf9420,color:#4a3505\n");
}

/* ---- a call ---- */

static void put_note(const struct ladder *ladder, const char *text, struct buf *out)
{
	if (!text || ladder->n_lanes == 0)
		return;
	buf_printf(out, "  Note over l0,l%zu: ", ladder->n_lanes - 1);
	label(out, text);
	buf_putc(out, '\n');
}

static void put_row(const struct ladder_row *row, struct buf *out)
{
	for (size_t s = 0; s + 1 < row->n_stops; s++) {
		bool last = s + 2 == row->n_stops;
		const char *arrow = row->loss && last ? (row->again ? "--x" : "-x") : row->again ? "-->>" : "->>";
		buf_printf(out, "  l%u%sl%u: ", row->stops[s].lane, arrow, row->stops[s + 1].lane);
		if (s == 0) {
			label(out, row->what);
			buf_puts(out, "<br/>");
		}
		label(out, row->stops[s].addresses);
		buf_putc(out, '\n');
	}
	if (row->loss && row->n_stops > 0) {
		buf_printf(out, "  Note over l%u: ", row->stops[row->n_stops - 1].lane);
		label(out, row->loss);
		buf_putc(out, '\n');
	}
}

void ladder_mermaid(const struct ladder *ladder, struct buf *out)
{
	buf_puts(out, "---\ntitle: \"");
	label(out, ladder->title);
	buf_puts(out, " - ");
	label(out, ladder->subtitle);
	buf_puts(out, "\"\n---\nsequenceDiagram\n");
	for (size_t i = 0; i < ladder->n_lanes; i++) {
		buf_printf(out, "  participant l%zu as ", i);
		label(out, ladder->lanes[i].name);
		buf_putc(out, '\n');
	}
	put_note(ladder, ladder->verdict, out);
	for (size_t i = 0; i < ladder->n_rows; i++) {
		put_note(ladder, ladder->rows[i].skipped, out);
		put_row(&ladder->rows[i], out);
	}
	put_note(ladder, ladder->skipped, out);
}
