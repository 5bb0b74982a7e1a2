/* The NAT tables of a run as CSV (RFC 4180, but lines end in a newline alone, as Unix tools like it).
 *
 * DOC: nothing needs quoting: names have no comma, quote or line break. Times are seconds since the start with all nine
 * places; ICMP has identifiers where others have ports. Lines come in the order in which mappings ended, those still
 * live last. */
#include "out/nat_csv.h"
#include "base/units.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEADING "nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes\n"
#define NAME_MAX_BYTES 256

int nat_csv_open(struct output *output, struct output_file **ret)
{
	int r = output_open(output, NAT_CSV_FILE, ret);
	return r < 0 ? r : output_write(*ret, HEADING, strlen(HEADING));
}

int nat_csv_write(struct output_file *file, const struct nat_csv_line *line)
{
	char text[NAME_MAX_BYTES + 512], inside[ADDR_TEXT_BYTES], outside[ADDR_TEXT_BYTES],
		destination[ADDR_TEXT_BYTES];
	char created[UNITS_TEXT_BYTES], used[UNITS_TEXT_BYTES], ended[UNITS_TEXT_BYTES] = "";
	if (!instant_is_never(line->ended))
		units_print_seconds(line->ended.ns, ended);
	int n = snprintf(text, sizeof text, "%.*s,%s:%u,%s:%u,%s:%u,%s,%s,%s,%s,%s,%" PRIu64 ",%" PRIu64 "\n",
			 NAME_MAX_BYTES, line->nat, addr_print(line->inside.src, inside),
			 be16_to(line->inside.src_port), addr_print(line->outside_addr, outside), line->outside_port,
			 addr_print(line->inside.dst, destination), be16_to(line->inside.dst_port),
			 proto_name(line->inside.proto), units_print_seconds(line->created.ns, created),
			 units_print_seconds(line->last_used.ns, used), ended, !line->why ? "" : line->why,
			 line->packets, line->bytes);
	return output_write(file, text, (size_t)n);
}
