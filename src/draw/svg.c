/* DOC: a picture must look the same wherever it is opened, and the program cannot ask which font a viewer will take. So
 * text is measured by a table of the widest glyph among the fonts that the style sheet names: a label may leave room,
 * it never leaves its box. Colours are given by classes, not by attributes, so that one style sheet turns all pictures
 * of a page dark, and none of them differs by its colour alone. */
#include "draw/svg.h"
#include "base/utf8.h"
#include <stdint.h>
#include <string.h>

/* ---- measuring: thousandths of the size, from the space to the tilde ---- */

static const uint16_t plain_widths[] = {
	318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
	636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556, 1015, 684, 686, 722, 770, 667,
	611, 778, 752, 295, 500, 667, 557, 863, 748, 787, 667, 787, 722, 667,  611, 732, 684, 989, 685,
	667, 685, 390, 337, 390, 838, 556, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
	278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838,
};
static const uint16_t bold_widths[] = {
	348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
	696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 611, 1000, 774, 762, 734, 830,  683,
	683, 821,  837, 372, 556, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
	724, 725,  457, 365, 457, 838,  556, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
	343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838,
};
#define MONO_WIDTH 603
#define OTHER_WIDTH 1000 /* of a character that is not ASCII */
#define ELLIPSIS "\xe2\x80\xa6"
#define REPLACEMENT "\xef\xbf\xbd"

_Static_assert(sizeof plain_widths == sizeof bold_widths && sizeof plain_widths / sizeof *plain_widths == '~' - ' ' + 1,
	       "a width for each ASCII character");

static int glyph_width(unsigned char c, enum svg_font font)
{
	if ((c & 0xc0) == 0x80) /* continues a character that was counted */
		return 0;
	if (font == SVG_MONO)
		return c < 0x80 ? MONO_WIDTH : OTHER_WIDTH;
	if (c < ' ' || c > '~')
		return OTHER_WIDTH;
	return font == SVG_BOLD ? bold_widths[c - ' '] : plain_widths[c - ' '];
}

int svg_text_width(const char *text, enum svg_font font, int size_px)
{
	int64_t width = 0;
	for (; *text != '\0' && width < INT32_MAX; text++)
		width += glyph_width((unsigned char)*text, font);
	width = (width * size_px + 999) / 1000;
	return width < INT32_MAX ? (int)width : INT32_MAX;
}

char *svg_fit(const char *text, enum svg_font font, int size_px, int width_px, char *out, size_t out_bytes)
{
	size_t n = strlen(text);
	if (n < out_bytes && svg_text_width(text, font, size_px) <= width_px) {
		memcpy(out, text, n + 1);
		return out;
	}
	int64_t room = (int64_t)width_px * 1000 - (int64_t)OTHER_WIDTH * size_px;
	size_t keep = 0;
	for (size_t i = 0; i < n && i + 1 + sizeof ELLIPSIS <= out_bytes; i++) {
		room -= (int64_t)glyph_width((unsigned char)text[i], font) * size_px;
		if (room < 0)
			break;
		if (((unsigned char)text[i + 1] & 0xc0) != 0x80)
			keep = i + 1; /* never a part of a character */
	}
	memcpy(out, text, keep);
	memcpy(out + keep, ELLIPSIS, sizeof ELLIPSIS);
	return out;
}

/* ---- escaping ---- */

/* Bytes of the character at `at`, 0 where it is none, or one that XML forbids. */
static size_t character(const unsigned char *at)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (at[0] < 0x80)
		return at[0] >= 0x20 || at[0] == '\t' || at[0] == '\n' || at[0] == '\r' ? at[0] != 0x7f : 0;
	size_t n = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	uint32_t code = at[0] & (0xffu >> (n + 1));
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fu);
	}
	bool bad =
		code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code & 0xfffe) == 0xfffe;
	return bad ? 0 : n;
}

/* One that would change what a reader sees is shown as its number. */
static void put_character(struct buf *out, const char *at, size_t n)
{
	uint32_t character;
	if (n > 1 && utf8_character(at, n, &character) == n && utf8_is_unsafe(character))
		buf_printf(out, "\\u%04x", character);
	else
		buf_append(out, at, n);
}

void svg_escape(struct buf *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0') {
		size_t n = character(at);
		if (n == 0)
			buf_puts(out, REPLACEMENT);
		else if (*at == '&')
			buf_puts(out, "&amp;");
		else if (*at == '<')
			buf_puts(out, "&lt;");
		else if (*at == '>')
			buf_puts(out, "&gt;");
		else if (*at == '"')
			buf_puts(out, "&quot;");
		else if (*at == '\'')
			buf_puts(out, "&#39;");
		else
			put_character(out, (const char *)at, n);
		at += n == 0 ? 1 : n;
	}
}

/* ---- shapes ---- */

void svg_begin(struct buf *out, int width_px, int height_px, const char *title, const char *description, bool embedded)
{
	buf_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pp\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		   "height=\"%d\" role=\"group\"",
		   width_px, height_px, width_px, height_px);
	if (embedded) /* a page that is narrower than that scrolls it: smaller, it could not be read */
		buf_printf(out, " style=\"min-width:%dpx\"", width_px * 7 / 8);
	buf_puts(out, ">\n<title>");
	svg_escape(out, title);
	buf_puts(out, "</title>\n<desc>");
	svg_escape(out, description);
	buf_puts(out, "</desc>\n");
	if (embedded)
		return;
	buf_puts(out, "<style>\n");
	svg_style(out);
	buf_puts(out, "</style>\n");
	svg_box(out, "paper", 0, 0, width_px, height_px, 0);
}

void svg_end(struct buf *out)
{
	buf_puts(out, "</svg>\n");
}

void svg_open(struct buf *out, const char *classes)
{
	buf_printf(out, "<g class=\"%s\">\n", classes);
}

void svg_close(struct buf *out)
{
	buf_puts(out, "</g>\n");
}

void svg_box(struct buf *out, const char *classes, int x, int y, int width, int height, int radius)
{
	buf_printf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", classes, x, y, width,
		   height);
	if (radius > 0)
		buf_printf(out, " rx=\"%d\"", radius);
	buf_puts(out, "/>\n");
}

void svg_circle(struct buf *out, const char *classes, int x, int y, int radius)
{
	buf_printf(out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>\n", classes, x, y, radius);
}

void svg_line(struct buf *out, const char *classes, int x1, int y1, int x2, int y2)
{
	buf_printf(out, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", classes, x1, y1, x2, y2);
}

void svg_text(struct buf *out, const char *classes, int x, int y, enum svg_anchor anchor, const char *text)
{
	static const char *const anchors[] = {
		[SVG_START] = "", [SVG_MIDDLE] = " text-anchor=\"middle\"", [SVG_END] = " text-anchor=\"end\""};
	buf_printf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>", classes, x, y, anchors[anchor]);
	svg_escape(out, text);
	buf_puts(out, "</text>\n");
}

#define CORNER 7

static int towards(int from, int to, int by)
{
	int distance = to > from ? to - from : from - to;
	by = by < distance / 2 ? by : distance / 2;
	return to > from ? from + by : from - by;
}

void svg_polyline(struct buf *out, const char *classes, const struct svg_point *points, size_t n)
{
	if (n < 2)
		return;
	buf_printf(out, "<path class=\"%s\" d=\"M%d %d", classes, points[0].x, points[0].y);
	for (size_t i = 1; i + 1 < n; i++) {
		struct svg_point a = points[i - 1], b = points[i], c = points[i + 1];
		buf_printf(out, "L%d %dQ%d %d %d %d", towards(b.x, a.x, CORNER), towards(b.y, a.y, CORNER), b.x, b.y,
			   towards(b.x, c.x, CORNER), towards(b.y, c.y, CORNER));
	}
	buf_printf(out, "L%d %d\"/>\n", points[n - 1].x, points[n - 1].y);
}

void svg_arrow_head(struct buf *out, const char *classes, struct svg_point tip, int dx, int dy)
{
	int x = dx > 0 ? -8 : dx < 0 ? 8 : 0, y = dy > 0 ? -8 : dy < 0 ? 8 : 0;
	int side_x = dy != 0 ? 4 : 0, side_y = dx != 0 ? 4 : 0;
	buf_printf(out, "<path class=\"%s\" d=\"M%d %dL%d %dL%d %dZ\"/>\n", classes, tip.x, tip.y, tip.x + x + side_x,
		   tip.y + y + side_y, tip.x + x - side_x, tip.y + y - side_y);
}

void svg_cross(struct buf *out, int x, int y)
{
	svg_circle(out, "lost-disk", x, y, 9);
	buf_printf(out, "<path class=\"lost-cross\" d=\"M%d %dL%d %dM%d %dL%d %d\"/>\n", x - 4, y - 4, x + 4, y + 4,
		   x - 4, y + 4, x + 4, y - 4);
}
