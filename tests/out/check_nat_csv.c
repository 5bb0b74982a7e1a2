/* nat.csv: a heading and a line each, with as many fields, for people's spreadsheets and scripts. */
#include "out/nat_csv.h"
#include "suite.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

static char *written(const struct nat_csv_line *lines, size_t n)
{
	struct output *output;
	struct output_file *file;
	char *path;
	ck_assert_int_eq(output_begin(path_in("run"), &output, &path), 0);
	ck_assert_int_eq(nat_csv_open(output, &file), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(nat_csv_write(file, &lines[i]), 0);
	ck_assert_int_eq(output_commit(output, &path), 0);
	return read_file("run/nat.csv", NULL);
}

#define HEADING "nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes,flow,app,timer\n"

START_TEST(test_lines)
{
	directory_new();
	struct tuple udp = tuple_of("10.0.1.7", 5353, "203.0.113.11", 53),
		     echo = tuple_of("10.0.1.8", 7, "203.0.113.12", 7);
	udp.proto = PROTO_UDP;
	echo.proto = PROTO_ICMP;
	be32 outside = tuple_of("192.23.1.2", 0, "0.0.0.0", 0).src;
	const struct nat_csv_line lines[] = {
		{"ase-one/vip",
		 tuple_of("10.0.1.6", 49152, "203.0.113.10", 443),
		 outside,
		 1024,
		 {0},
		 {450000},
		 {INT64_C(240000450000)},
		 "idle",
		 5,
		 1234,
		 "burst",
		 3,
		 true,
		 "ase-one/web",
		 "tcp_idle"},
		{"home/nat",
		 udp,
		 outside,
		 65535,
		 {1},
		 {2},
		 INSTANT_NEVER,
		 NULL,
		 UINT64_MAX,
		 UINT64_MAX,
		 "ask",
		 0,
		 false,
		 NULL,
		 "udp_idle"},
		{"home/nat",
		 echo,
		 outside,
		 9,
		 {NS_PER_S},
		 {NS_PER_S},
		 {2 * NS_PER_S},
		 "closed",
		 0,
		 0,
		 "ping",
		 0,
		 false,
		 NULL,
		 NULL},
	};
	char *got = written(lines, N(lines));
	ck_assert_str_eq(
		got, HEADING
		"ase-one/"
		"vip,10.0.1.6:49152,192.23.1.2:1024,203.0.113.10:443,tcp,0.000000000,0.000450000,240.000450000,idle,5,"
		"1234,burst[3],ase-one/web,tcp_idle\n"
		"home/"
		"nat,10.0.1.7:5353,192.23.1.2:65535,203.0.113.11:53,udp,0.000000001,0.000000002,,,18446744073709551615,"
		"18446744073709551615,ask,,udp_idle\n"
		"home/"
		"nat,10.0.1.8:7,192.23.1.2:9,203.0.113.12:7,icmp,1.000000000,1.000000000,2.000000000,closed,0,0,ping,,"
		"\n");
	free(got);
	directory_remove();
}
END_TEST

START_TEST(test_no_lines_but_a_heading)
{
	directory_new();
	char *got = written(NULL, 0);
	ck_assert_str_eq(got, HEADING);
	free(got);
	directory_remove();
}
END_TEST

/* The longest of everything stays one line of fourteen fields. */
START_TEST(test_longest)
{
	directory_new();
	char name[300];
	memset(name, 'n', sizeof name);
	name[255] = '\0';
	struct tuple tuple = tuple_of("255.255.255.255", 65535, "255.255.255.255", 65535);
	struct nat_csv_line line = {name,
				    tuple,
				    tuple.src,
				    65535,
				    {INT64_MAX - 1},
				    {INT64_MAX - 1},
				    {INT64_MAX - 1},
				    "address-changed",
				    UINT64_MAX,
				    UINT64_MAX,
				    name,
				    UINT32_MAX,
				    true,
				    name,
				    "tcp_unacknowledged"};
	char *got = written(&line, 1), *at = got + strlen(HEADING);
	size_t n_commas = 0;
	for (const char *c = at; *c != '\0'; c++)
		n_commas += *c == ',';
	ck_assert_uint_eq(n_commas, 13);
	ck_assert_uint_eq(strcspn(at, "\n"), strlen(at) - 1);
	ck_assert_int_eq(strncmp(at, name, 255), 0);
	free(got);
	directory_remove();
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/nat_csv", &tc);
	tcase_add_test(tc, test_lines);
	tcase_add_test(tc, test_no_lines_but_a_heading);
	tcase_add_test(tc, test_longest);
	return suite_run(suite);
}
