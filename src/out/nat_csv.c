/* The NAT tables of a run as CSV (RFC 4180, but lines end in a newline alone, as Unix tools like it).
 *
 * DOC: nothing needs quoting: names have no comma, quote or line break. Times are seconds since the start with all nine
 * places; ICMP has identifiers where others have ports. Lines come in the order in which mappings ended, those still
 * live last. */
#include "out/nat_csv.h"
#include "base/decimal.h"
#include "base/units.h"
#include <string.h>

#define HEADING "nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes,flow,app,timer\n"
#define NAME_MAX_BYTES 256

int nat_csv_open(struct output *output, struct output_file **ret)
{
	int r = output_open(output, NAT_CSV_FILE, ret);
	return r < 0 ? r : output_write(*ret, HEADING, strlen(HEADING));
}

/* The longest line: three names, three ends, two words, three times, the reason, three counts, and what stands between. */
#define LINE_MAX_BYTES (3 * NAME_MAX_BYTES + 512)

static char *put_name(char *at, const char *name)
{
	size_t bytes = strnlen(name, NAME_MAX_BYTES);
	memcpy(at, name, bytes);
	return at + bytes;
}

/* "burst[3],ase-one/web,tcp_idle". */
static char *put_maker(char *at, const struct nat_csv_line *line)
{
	at = put_name(at, line->flow);
	if (line->repeated) {
		*at++ = '[';
		at = decimal_put(at, line->index);
		*at++ = ']';
	}
	*at++ = ',';
	at = put_name(at, line->app ? line->app : "");
	*at++ = ',';
	return put_name(at, line->timer ? line->timer : "");
}

static char *put_end(char *at, be32 addr, uint16_t port)
{
	at += strlen(addr_print(addr, at));
	*at++ = ':';
	at = decimal_put(at, port);
	*at++ = ',';
	return at;
}

static char *put_time(char *at, struct instant time)
{
	if (!instant_is_never(time))
		at += strlen(units_print_seconds(time.ns, at));
	*at++ = ',';
	return at;
}

/* Once a mapping, so without printf. */
int nat_csv_write(struct output_file *file, const struct nat_csv_line *line)
{
	char text[LINE_MAX_BYTES], *at = text;
	at = put_name(at, line->nat);
	*at++ = ',';
	at = put_end(at, line->inside.src, be16_to(line->inside.src_port));
	at = put_end(at, line->outside_addr, line->outside_port);
	at = put_end(at, line->inside.dst, be16_to(line->inside.dst_port));
	at = decimal_put_text(at, proto_name(line->inside.proto));
	*at++ = ',';
	at = put_time(at, line->created);
	at = put_time(at, line->last_used);
	at = put_time(at, line->ended);
	at = decimal_put_text(at, line->why ? line->why : "");
	*at++ = ',';
	at = decimal_put(at, line->packets);
	*at++ = ',';
	at = decimal_put(at, line->bytes);
	*at++ = ',';
	at = put_maker(at, line);
	*at++ = '\n';
	return output_write(file, text, (size_t)(at - text));
}
