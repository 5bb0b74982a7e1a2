/* Functions of templates that format values, and that encode texts and decode them. */
#include "base/buf.h"
#include "import/arm.h"
#include <stdlib.h>
#include <string.h>

/* ---- formats ---- */

/* 8175133 with `decimals` digits behind the point: "8,175,133.00". */
static void put_grouped(struct buf *out, const char *digits, int decimals)
{
	const char *at = digits;
	if (*at == '-')
		buf_putc(out, *at++);
	for (size_t left = strlen(at); *at; at++, left--) {
		buf_putc(out, *at);
		if (left > 1 && left % 3 == 1)
			buf_putc(out, ',');
	}
	if (decimals > 0)
		buf_printf(out, ".%0*d", decimals, 0);
}

/* A value by .NET's format: D4, X2, N0, 000; others are passed over. */
static void put_value(struct buf *out, const struct js *value, const char *spec)
{
	const char *text = js_string(value);
	bool number = value->kind == JS_NUMBER;
	int digits = atoi(spec + (*spec != '\0'));
	if (digits < 0 || digits > 40)
		digits = 0;
	if (value->kind == JS_BOOL)
		buf_puts(out, value->truth ? "True" : "False");
	else if (number && (*spec == 'D' || *spec == 'd'))
		buf_printf(out, "%0*lld", digits, (long long)value->number);
	else if (number && *spec == '0')
		buf_printf(out, "%0*lld", (int)strspn(spec, "0") % 40, (long long)value->number);
	else if (number && *spec == 'X')
		buf_printf(out, "%0*llX", digits, (unsigned long long)value->number);
	else if (number && *spec == 'x')
		buf_printf(out, "%0*llx", digits, (unsigned long long)value->number);
	else if (number && (*spec == 'N' || *spec == 'n') && spec[1])
		put_grouped(out, text, digits);
	else
		buf_puts(out, text ? text : "");
}

/* {0}, {1:D2}, {2,10}, {{ and }}. */
struct js *arm_format(struct eval *eval, const struct call *call)
{
	struct buf out = {0}, one = {0};
	for (const char *p = arm_text(call, 0); *p && out.size_bytes <= STORE_MAX_TEXT; p++) {
		if ((*p == '{' && p[1] == '{') || (*p == '}' && p[1] == '}')) {
			buf_putc(&out, *p++);
			continue;
		}
		char *end;
		unsigned long index = *p == '{' ? strtoul(p + 1, &end, 10) : 0;
		const char *close = *p == '{' ? strchr(p, '}') : NULL;
		if (!close || end == p + 1) {
			buf_putc(&out, *p);
			continue;
		}
		long width = *end == ',' ? strtol(end + 1, &end, 10) : 0;
		size_t spec_bytes = *end == ':' ? (size_t)(close - end) - 1 : 0;
		buf_clear(&one);
		if (index + 1 < call->n)
			put_value(&one, call->args[index + 1],
				  spec_bytes ? store_text(eval->arm->store, end + 1, spec_bytes) : "");
		bool padded = width > -200 && width < 200;
		buf_printf(&out, "%*s", padded ? (int)width : 0, buf_text(&one));
		p = close;
	}
	eval->arm->store->failed = eval->arm->store->failed || buf_failed(&one);
	buf_free(&one);
	return arm_take_buf(eval, &out);
}

/* ---- encodings ---- */

static const char letters64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct js *fn_base64(struct eval *eval, const struct call *call)
{
	const unsigned char *text = (const unsigned char *)arm_text(call, 0);
	size_t n = strlen((const char *)text);
	struct buf out = {0};
	for (size_t i = 0; i < n; i += 3) {
		uint32_t bits = (uint32_t)text[i] << 16 | (i + 1 < n ? (uint32_t)text[i + 1] << 8 : 0) |
				(i + 2 < n ? text[i + 2] : 0u);
		buf_putc(&out, letters64[bits >> 18]);
		buf_putc(&out, letters64[bits >> 12 & 63]);
		buf_putc(&out, i + 1 < n ? letters64[bits >> 6 & 63] : '=');
		buf_putc(&out, i + 2 < n ? letters64[bits & 63] : '=');
	}
	return arm_take_buf(eval, &out);
}

static struct js *fn_base64_to_string(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	uint32_t bits = 0;
	unsigned have = 0;
	for (const char *p = arm_text(call, 0); *p && *p != '='; p++) {
		const char *at = strchr(letters64, *p);
		if (!at) {
			buf_free(&out);
			return arm_unknown(eval, "base64ToString: this is no base 64");
		}
		bits = bits << 6 | (uint32_t)(at - letters64);
		have += 6;
		if (have >= 8) {
			have -= 8;
			char c = (char)(bits >> have & 0xff);
			buf_putc(&out, c && (unsigned char)c < 0x80 ? c : '?');
		}
	}
	return arm_take_buf(eval, &out);
}

static struct js *fn_uri_component(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	for (const char *p = arm_text(call, 0); *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			     strchr("-_.~", *p);
		if (plain)
			buf_putc(&out, *p);
		else
			buf_printf(&out, "%%%02X", (unsigned)(unsigned char)*p);
	}
	return arm_take_buf(eval, &out);
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static struct js *fn_uri_component_to_string(struct eval *eval, const struct call *call)
{
	struct buf out = {0};
	for (const char *p = arm_text(call, 0); *p; p++) {
		int high = *p == '%' ? hex_of(p[1]) : -1, low = high >= 0 ? hex_of(p[2]) : -1;
		if (low >= 0 && high + low > 0) {
			buf_putc(&out, (char)(high << 4 | low));
			p += 2;
		} else {
			buf_putc(&out, *p);
		}
	}
	return arm_take_buf(eval, &out);
}

static struct js *fn_base64_to_json(struct eval *eval, const struct call *call)
{
	struct js *text = fn_base64_to_string(eval, call), **args = &text;
	struct call inner = *call;
	inner.args = args;
	return js_is_unknown(text) ? text : arm_json(eval, &inner);
}

static struct js *fn_data_uri(struct eval *eval, const struct call *call)
{
	struct js *encoded = fn_base64(eval, call);
	return js_text(eval->arm->store,
		       store_printf(eval->arm->store, "data:text/plain;charset=utf8;base64,%s", encoded->text),
		       eval->at);
}

static struct js *fn_data_uri_to_string(struct eval *eval, const struct call *call)
{
	const char *comma = strchr(arm_text(call, 0), ',');
	if (!comma)
		return arm_unknown(eval, "dataUriToString: this is no data URI");
	struct js *text = js_text(eval->arm->store, comma + 1, eval->at), **args = &text;
	struct call inner = *call;
	inner.args = args;
	return fn_base64_to_string(eval, &inner);
}

const struct arm_function *arm_functions_encode(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"base64", 1, 1, fn_base64, false, false},
		{"base64ToString", 1, 1, fn_base64_to_string, false, false},
		{"base64ToJson", 1, 1, fn_base64_to_json, false, false},
		{"uriComponent", 1, 1, fn_uri_component, false, false},
		{"uriComponentToString", 1, 1, fn_uri_component_to_string, false, false},
		{"dataUri", 1, 1, fn_data_uri, false, false},
		{"dataUriToString", 1, 1, fn_data_uri_to_string, false, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}
