/* DOC: details in a box of our own, since a viewer's own hints come late, not on touch and not from the keyboard. No
 * script: a style rule shows a box while the pointer rests on its place or the place has the focus. Places and boxes
 * are drawn last, over the whole picture, each box inside the picture's frame: below its place, else above it, else
 * where there is room. The places themselves are not to be seen.
 */
#include "draw/svg.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIP_PX 11
#define TIP_LINE 15
#define TIP_PAD 9
#define TIP_GAP 5
#define TIP_WIDTH 560 /* of its text at most: longer lines are broken */
#define TIP_INDENT 12 /* of what continues a line */
#define TIP_MAX_LINES 40

/* A piece of the text that stands in one line. */
struct piece {
	const char *from;
	size_t n;
	bool continues;
};

static enum svg_font font_of(bool first)
{
	return first ? SVG_BOLD : SVG_PLAIN;
}

static int piece_width(const char *from, size_t n, enum svg_font font)
{
	char text[1024];
	size_t shown = n < sizeof text - 1 ? n : sizeof text - 1;
	memcpy(text, from, shown);
	text[shown] = '\0';
	return svg_text_width(text, font, TIP_PX);
}

/* As many words of a line as have room, at least one; a word that is longer than a line is cut between two
 * characters. */
static size_t fitting(const char *from, size_t n, enum svg_font font, int room)
{
	if (piece_width(from, n, font) <= room)
		return n;
	size_t good = 0;
	for (size_t i = 1; i < n && piece_width(from, i, font) <= room; i++)
		if (from[i] == ' ')
			good = i;
	if (good > 0)
		return good;
	for (size_t i = 1; i < n && piece_width(from, i, font) <= room; i++)
		if (((unsigned char)from[i] & 0xc0) != 0x80)
			good = i;
	return good > 0 ? good : n;
}

/* Returns how many lines the text takes; fills those that there is room for. */
static size_t break_lines(const char *text, struct piece lines[TIP_MAX_LINES])
{
	size_t n_lines = 0;
	for (const char *at = text; *at != '\0' && n_lines < TIP_MAX_LINES;) {
		size_t left = strcspn(at, "\n");
		bool continues = false;
		do {
			size_t n = fitting(at, left, font_of(n_lines == 0), TIP_WIDTH - (continues ? TIP_INDENT : 0));
			lines[n_lines++] = (struct piece){at, n, continues};
			at += n;
			left -= n;
			while (left > 0 && *at == ' ') {
				at++;
				left--;
			}
			continues = true;
		} while (left > 0 && n_lines < TIP_MAX_LINES);
		at += left;
		at += *at == '\n';
	}
	return n_lines;
}

static struct svg_point size_of(const struct piece *lines, size_t n)
{
	int width = 0;
	for (size_t i = 0; i < n; i++) {
		int w = piece_width(lines[i].from, lines[i].n, font_of(i == 0)) + (lines[i].continues ? TIP_INDENT : 0);
		width = w > width ? w : width;
	}
	return (struct svg_point){width + 2 * TIP_PAD, (int)n * TIP_LINE + 2 * TIP_PAD - 3};
}

struct svg_point svg_tip_frame(const char *text)
{
	struct piece lines[TIP_MAX_LINES];
	struct svg_point size = {0, 0};
	if (!text || *text == '\0')
		return size;
	size = size_of(lines, break_lines(text, lines));
	return (struct svg_point){size.x + 2 * TIP_GAP, size.y + 2 * TIP_GAP};
}

void svg_tip_add(struct svg_tips *tips, struct svg_tip tip)
{
	if (!tip.text || *tip.text == '\0')
		return;
	if (tips->n == tips->capacity) {
		size_t capacity = tips->capacity ? 2 * tips->capacity : 32;
		struct svg_tip *grown = realloc(tips->items, capacity * sizeof *grown);
		if (!grown) {
			tips->failed = true;
			return;
		}
		tips->items = grown;
		tips->capacity = capacity;
	}
	tips->items[tips->n++] = tip;
}

static int within(int at, int size, int frame)
{
	at = at + size + TIP_GAP <= frame ? at : frame - size - TIP_GAP;
	return at > TIP_GAP ? at : TIP_GAP;
}

static void put_tip(struct buf *out, const struct svg_tip *tip, int width_px, int height_px)
{
	struct piece lines[TIP_MAX_LINES];
	size_t n = break_lines(tip->text, lines);
	struct svg_point size = size_of(lines, n);
	int x = within(tip->x + (tip->width > size.x ? tip->width / 8 : 0), size.x, width_px),
	    below = tip->y + tip->height + TIP_GAP, above = tip->y - size.y - TIP_GAP;
	int y = below + size.y + TIP_GAP <= height_px ? below
		: above >= TIP_GAP                    ? above
						      : within(below, size.y, height_px);
	buf_puts(out, "<g class=\"hot\" tabindex=\"0\" role=\"note\">");
	svg_box(out, "hit", tip->x, tip->y, tip->width, tip->height, tip->radius);
	buf_puts(out, "<g class=\"tip\">");
	svg_box(out, "tip-box", x, y, size.x, size.y, 6);
	buf_printf(out, "<text class=\"small\" x=\"%d\" y=\"%d\">", x + TIP_PAD, y + TIP_PAD - 5);
	for (size_t i = 0; i < n; i++) {
		char text[1024];
		size_t shown = lines[i].n < sizeof text - 1 ? lines[i].n : sizeof text - 1;
		memcpy(text, lines[i].from, shown);
		text[shown] = '\0';
		buf_printf(out, "<tspan%s x=\"%d\" dy=\"%d\">", i == 0 ? " class=\"strong\"" : "",
			   x + TIP_PAD + (lines[i].continues ? TIP_INDENT : 0), TIP_LINE);
		svg_escape(out, text);
		buf_puts(out, "</tspan>\n");
	}
	buf_puts(out, "</text></g></g>\n");
}

void svg_tips_end(struct svg_tips *tips, struct buf *out, int width_px, int height_px)
{
	for (size_t i = 0; i < tips->n; i++)
		put_tip(out, &tips->items[i], width_px, height_px);
	out->failed |= tips->failed;
	free(tips->items);
	*tips = (struct svg_tips){0};
}
