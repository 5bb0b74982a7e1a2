/* Drawing primitives: SVG as text, with nothing that a viewer would have to fetch.
 *
 * Everything is appended to a buffer, coordinates are whole pixels, and colours are classes of one style sheet that
 * knows light, dark and print. Text of a scenario may hold anything; it is escaped here and nowhere else. */
#ifndef PKTPATH_DRAW_SVG_H
#define PKTPATH_DRAW_SVG_H
#include "base/buf.h"

enum svg_font { SVG_PLAIN, SVG_BOLD, SVG_MONO };
/* Pixels that the text needs in any of the fonts that the style sheet names: the widest counts. */
int svg_text_width(const char *text, enum svg_font font, int size_px);
/* The text, or as much of its head as fits, with an ellipsis. `out` has at least 4 bytes. Returns it. */
char *svg_fit(const char *text, enum svg_font font, int size_px, int width_px, char *out, size_t out_bytes);

/* Text for XML and HTML, inside quotes too. What XML cannot hold becomes U+FFFD. */
void svg_escape(struct buf *out, const char *text);
/* The style sheet of all pictures, without the element around it. */
void svg_style(struct buf *out);

/* A picture. Embedded in a page it brings no style sheet of its own. `title` says what it is, `description` what it
 * shows, for those who cannot see it. */
void svg_begin(struct buf *out, int width_px, int height_px, const char *title, const char *description, bool embedded);
void svg_end(struct buf *out);
void svg_open(struct buf *out, const char *classes);
void svg_close(struct buf *out);
void svg_box(struct buf *out, const char *classes, int x, int y, int width, int height, int radius);
void svg_circle(struct buf *out, const char *classes, int x, int y, int radius);
void svg_line(struct buf *out, const char *classes, int x1, int y1, int x2, int y2);
enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
void svg_text(struct buf *out, const char *classes, int x, int y, enum svg_anchor anchor, const char *text);
struct svg_point {
	int x, y;
};
/* Straight pieces with rounded corners. */
void svg_polyline(struct buf *out, const char *classes, const struct svg_point *points, size_t n);
/* A head of an arrow with its tip there; `dx`, `dy` say where it points: one of them is 0. */
void svg_arrow_head(struct buf *out, const char *classes, struct svg_point tip, int dx, int dy);
/* Where a packet ended: a cross in a disk. */
void svg_cross(struct buf *out, int x, int y);

/* svg_tips.c: what a picture shows about a place in it where the pointer rests, or the focus is. Its first line is a
 * heading. */
struct svg_tip {
	const char *text; /* borrowed until svg_tips_end() */
	int x, y, width, height, radius;
};
struct svg_tips {
	struct svg_tip *items;
	size_t n, capacity;
	bool failed;
};
/* Nothing where there is no text. Later ones lie over earlier ones. */
void svg_tip_add(struct svg_tips *tips, struct svg_tip tip);
/* The least width and height of a picture that has room for such a text; 0, 0 where there is none. */
struct svg_point svg_tip_frame(const char *text);
/* Appends them all, as the last thing of a picture of this size, and frees them. */
void svg_tips_end(struct svg_tips *tips, struct buf *out, int width_px, int height_px);
#endif
