/* DOC: the elements of a page. The page must be readable in any browser, in mail, on paper, and be harmless whatever a scenario is called:
 * its policy lets it fetch and run nothing, and no text reaches it but through svg_escape(). Folding is the browser's own. */
#include "out/html.h"
#include "out/svg.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char light[] =
	":root{color-scheme:light dark}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:24px 28px 60px;max-width:1400px;background:#fff;color:#1c2733;"
	"font:15px/1.5 \"Segoe UI\",\"Helvetica Neue\",Arial,\"Liberation Sans\",\"DejaVu Sans\",sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:28px;margin:0 0 4px}\n"
	"h2{font-size:20px;margin:40px 0 10px;padding-bottom:6px;border-bottom:2px solid #dfe6ed}\n"
	"h3{font-size:16px;margin:20px 0 6px}\n"
	"p{margin:6px 0 12px;max-width:90ch}\n"
	"a{color:#1458b8}\n"
	"nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:18px 0 0}\n"
	"code,.mono,pre{font-family:Consolas,\"Liberation Mono\",\"DejaVu Sans Mono\",monospace;font-size:13px}\n"
	".dim{color:#5a6a7a}\n"
	".good{color:#17703a}\n"
	".bad{color:#b3161b}\n"
	".strong{font-weight:bold}\n"
	"td.line{color:#5a6a7a;white-space:nowrap}\n"
	".number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	".verdict{font-size:18px;font-weight:bold;padding:12px 16px;border-radius:8px;border-left:6px solid;margin:16px 0;max-width:none}\n"
	".verdict.pass{background:#e9f6ee;border-color:#17703a;color:#125a2f}\n"
	".verdict.fail{background:#fdecec;border-color:#b3161b;color:#8d1115}\n"
	".warning{background:#fff7e0;border-left:6px solid #cf9420;border-radius:8px;padding:10px 16px;max-width:none}\n"
	".card{border:1px solid #dfe6ed;border-radius:8px;padding:6px 18px 12px;margin:14px 0;break-inside:avoid}\n"
	".card.fail{border-left:6px solid #b3161b}\n"
	"dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px;margin:10px 0}\n"
	"dt{color:#5a6a7a}\n"
	"dd{margin:0}\n"
	"pre{background:#f5f7f9;border-radius:6px;padding:10px 14px;overflow-x:auto;margin:8px 0;line-height:1.45}\n"
	".scroll{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%;font-size:14px}\n"
	"th{text-align:left;color:#5a6a7a;font-weight:600;border-bottom:2px solid #dfe6ed;padding:6px 14px 6px 0}\n"
	"td{vertical-align:top;border-bottom:1px solid #e9eef3;padding:5px 14px 5px 0}\n"
	"tr:hover>td{background:#f3f8fd}\n"
	"td.changed{font-weight:bold;background:#fff4d9;box-shadow:-6px 0 0 #fff4d9}\n"
	"tr:hover>td.changed{background:#ffeab8}\n"
	"details{border:1px solid #dfe6ed;border-radius:8px;margin:10px 0;padding:0 14px}\n"
	"summary{cursor:pointer;padding:9px 0;font-weight:600}\n"
	"summary:hover{color:#1458b8}\n"
	".picture{overflow-x:auto;margin:8px 0 14px}\n"
	".picture svg{display:block;max-width:100%;height:auto}\n";

static const char dark[] = "body{background:#12181f;color:#e4ebf2}\n"
			   "h2{border-color:#2b3743}\n"
			   "a,summary:hover{color:#86b7ea}\n"
			   ".dim,dt,th,td.line{color:#9fb0c1}\n"
			   ".good{color:#6fd694}\n"
			   ".bad{color:#ff8a8a}\n"
			   ".verdict.pass{background:#14301f;border-color:#2f9a5b;color:#9be4b6}\n"
			   ".verdict.fail{background:#3a1719;border-color:#d84a4f;color:#ffb3b3}\n"
			   ".warning{background:#33290f;border-color:#c8962f}\n"
			   ".card,details{border-color:#2b3743}\n"
			   ".card.fail{border-left-color:#d84a4f}\n"
			   "pre{background:#1a222b}\n"
			   "th{border-color:#2b3743}\n"
			   "td{border-color:#222c36}\n"
			   "tr:hover>td{background:#182430}\n"
			   "td.changed{background:#3a2f14;box-shadow:-6px 0 0 #3a2f14}\n"
			   "tr:hover>td.changed{background:#4b3d1a}\n";

static const char print[] = "body{max-width:none;padding:0;font-size:11px}\n"
			    "nav{display:none}\n"
			    "table,pre,code,.mono{font-size:10px}\n"
			    ".picture,.scroll,pre{overflow:visible}\n"
			    "pre{white-space:pre-wrap}\n"
			    ".picture svg{max-width:100%;min-width:0!important}\n"
			    "details::details-content{content-visibility:visible;display:block;block-size:auto}\n"
			    "h2,h3,summary{break-after:avoid}\n"
			    "tr,.card{break-inside:avoid}\n";

void html_begin(struct buf *out, const char *title)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri "
		      "'none'; form-action 'none'\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n");
	html_text(out, "title", NULL, title);
	buf_puts(out, "<style>\n");
	buf_puts(out, light);
	svg_style(out);
	buf_puts(out, "@media screen and (prefers-color-scheme:dark){\n");
	buf_puts(out, dark);
	buf_puts(out, "}\n@media print{\n");
	buf_puts(out, print);
	buf_puts(out, "}\n</style>\n</head>\n<body>\n");
}

void html_end(struct buf *out)
{
	buf_puts(out, "</body>\n</html>\n");
}

void html_section(struct buf *out, const char *id, const char *title)
{
	buf_printf(out, "<section id=\"%s\">\n", id);
	html_text(out, "h2", NULL, title);
}

void html_section_end(struct buf *out)
{
	buf_puts(out, "</section>\n");
}

static void open_element(struct buf *out, const char *tag, const char *classes)
{
	buf_printf(out, "<%s", tag);
	if (classes)
		buf_printf(out, " class=\"%s\"", classes);
	buf_putc(out, '>');
}

void html_text(struct buf *out, const char *tag, const char *classes, const char *text)
{
	open_element(out, tag, classes);
	svg_escape(out, text);
	buf_printf(out, "</%s>\n", tag);
}

void html_textf(struct buf *out, const char *tag, const char *classes, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		out->failed = true;
		return;
	}
	html_text(out, tag, classes, text);
	free(text);
}

void html_list(struct buf *out)
{
	buf_puts(out, "<dl>\n");
}

void html_item(struct buf *out, const char *term, const char *classes, const char *text)
{
	if (!text)
		return;
	html_text(out, "dt", NULL, term);
	html_text(out, "dd", classes, text);
}

void html_list_end(struct buf *out)
{
	buf_puts(out, "</dl>\n");
}

void html_table(struct buf *out, const char *const *heads, size_t n_heads)
{
	buf_puts(out, "<div class=\"scroll\"><table>\n<thead><tr>");
	for (size_t i = 0; i < n_heads; i++)
		html_text(out, "th", heads[i][0] == '>' ? "number" : NULL, heads[i] + (heads[i][0] == '>'));
	buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void html_row(struct buf *out, const char *classes)
{
	open_element(out, "tr", classes); /* the end tag may be left out, and is: pages are large */
}

void html_cell(struct buf *out, const char *classes, size_t n_rows, const char *hover, const char *text)
{
	buf_puts(out, "<td");
	if (classes)
		buf_printf(out, " class=\"%s\"", classes);
	if (n_rows > 1)
		buf_printf(out, " rowspan=\"%zu\"", n_rows);
	if (hover) {
		buf_puts(out, " title=\"");
		svg_escape(out, hover);
		buf_putc(out, '"');
	}
	buf_putc(out, '>');
	svg_escape(out, text);
	buf_puts(out, "</td>\n");
}

void html_table_end(struct buf *out)
{
	buf_puts(out, "</tbody></table></div>\n");
}

void html_fold(struct buf *out, const char *id, bool open, const char *classes, const char *summary)
{
	buf_puts(out, "<details");
	if (id)
		buf_printf(out, " id=\"%s\"", id);
	buf_puts(out, open ? " open>\n" : ">\n");
	html_text(out, "summary", classes, summary);
}

void html_fold_end(struct buf *out)
{
	buf_puts(out, "</details>\n");
}

void html_picture(struct buf *out)
{
	buf_puts(out, "<div class=\"picture\">\n");
}

void html_picture_end(struct buf *out)
{
	buf_puts(out, "</div>\n");
}
