/* report.json and nat.csv: what is written can be read back, in order, and nothing is cut silently. */
#include "out/nat_csv.h"
#include "out/report.h"
#include "suite.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static json_t *written(const struct report *report)
{
	struct buf out = {0};
	ck_assert_int_eq(report_write(report, &out), 0);
	json_error_t error;
	json_t *root = json_loadb((const char *)out.data, out.size_bytes, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(root, "%s at line %d", error.text, error.line);
	ck_assert_int_eq(out.data[out.size_bytes - 1], '\n');
	buf_free(&out);
	return root;
}

static const struct report EMPTY = {.program = "pktpath 0.0",
				    .scenario = "empty",
				    .file = "empty.yaml",
				    .start = "2015-12-17T00:00:00Z",
				    .seed = 1};

START_TEST(an_empty_report_has_all_members)
{
	static const char *const members[] = {"kind",         "report",       "program",  "files",        "scenario",
					      "simulated_ns", "result",       "counts",   "expectations", "flows",
					      "nats",         "environments", "timeline", "warnings"};
	json_t *root = written(&EMPTY);
	ck_assert_uint_eq(json_object_size(root), sizeof members / sizeof *members);
	const char *key;
	json_t *value;
	size_t i = 0;
	json_object_foreach(root, key, value) ck_assert_str_eq(key, members[i++]); /* in this order */
	ck_assert(json_is_null(json_object_get(json_object_get(root, "scenario"), "about")));
	json_decref(root);
}
END_TEST

START_TEST(broken_text_is_mended_not_fatal)
{
	struct report report = EMPTY;
	report.file = "a\xff\xc3\xa9\xe2\x82z";
	json_t *root = written(&report);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(root, "scenario"), "file")),
			 "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz");
	json_decref(root);
}
END_TEST

struct made {
	struct report_sight sights[4];
	int fail_at;
};

static int connection(void *context, size_t flow, uint32_t index, struct report_connection *ret)
{
	const struct made *source = context;
	ck_assert_uint_eq(flow, 0);
	if ((int)index == source->fail_at)
		return -ENOMEM;
	*ret = (struct report_connection){
		.name = "call",
		.outcome = "refused",
		.started = true,
		.from = "ase-one/worker-0",
		.proto = PROTO_TCP,
		.from_addr = be32_from(0x0a000105),
		.from_port = 49152,
		.to_addr = be32_from(0xcb00710a),
		.to_port = 443,
		.sights = source->sights,
		.n_sights = 4,
		.lost = index == 0,
		.loss = {.verdict = {.reason = REASON_NO_LISTENER, .by = "api", .place = {"x.yaml", 3, 5}},
			 .point = "api",
			 .at = {7},
			 .packet = 1},
	};
	return 0;
}

static struct made make_source(void)
{
	struct tuple tuple = {be32_from(0xc0170102), be32_from(0xcb00710a), be16_from(1024), be16_from(443), PROTO_TCP};
	return (struct made){.sights = {{"worker", {0}, 1, tuple},
					{"front", {1}, 1, tuple},
					{"front", {2}, 2, tuple},
					{"api", {3}, 2, tuple}},
			     .fail_at = -1};
}

static json_t *first_connection(json_t *root, const char *member)
{
	json_t *flow = json_object_get(json_object_get(root, "flows"), "call");
	return json_object_get(json_array_get(json_object_get(flow, "connections"), 0), member);
}

START_TEST(a_flow_tells_addresses_hops_and_loss)
{
	struct made source = make_source();
	struct report_count outcomes[] = {{"refused", 3}};
	struct report_flow flow = {.name = "call",
				   .proto = "tcp",
				   .to = "api:443/tcp",
				   .n_connections = 3,
				   .n_listed = 2,
				   .outcomes = outcomes,
				   .n_outcomes = 1,
				   .connection = connection,
				   .context = &source};
	struct report_count unlisted[] = {{"refused", 1}};
	flow.outcomes_unlisted = unlisted;
	flow.n_outcomes_unlisted = 1;
	struct report report = EMPTY;
	report.flows = &flow;
	report.n_flows = 1;
	json_t *root = written(&report);
	json_t *hops = first_connection(root, "hops"), *seen = first_connection(root, "seen"),
	       *loss = first_connection(root, "loss");
	ck_assert_uint_eq(json_array_size(hops), 3); /* a front end takes one call and makes another: one hop */
	ck_assert_uint_eq(json_array_size(seen), 4);
	ck_assert_str_eq(json_string_value(json_object_get(loss, "reason")), "no-listener");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(loss, "place"), "line")), 3);
	ck_assert(json_is_null(json_object_get(loss, "rule")));
	json_t *more = json_object_get(json_object_get(json_object_get(root, "flows"), "call"), "unlisted");
	ck_assert_int_eq(json_integer_value(json_object_get(more, "connections")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(more, "outcomes"), "refused")), 1);
	json_decref(root);
}
END_TEST

START_TEST(an_error_of_the_owner_is_forwarded)
{
	struct made source = make_source();
	source.fail_at = 1;
	struct report_flow flow = {.name = "call",
				   .proto = "tcp",
				   .to = "",
				   .n_connections = 2,
				   .n_listed = 2,
				   .connection = connection,
				   .context = &source};
	struct report report = EMPTY;
	report.flows = &flow;
	report.n_flows = 1;
	struct buf out = {0};
	ck_assert_int_eq(report_write(&report, &out), -ENOMEM);
	buf_free(&out);
}
END_TEST

START_TEST(numbers_of_64_bits_stay_numbers)
{
	struct report_count counts[] = {{"largest", UINT64_MAX}, {"ordinary", UINT64_C(1) << 53}};
	struct report report = EMPTY;
	report.counts = counts;
	report.n_counts = 2;
	json_t *root = written(&report);
	json_t *object = json_object_get(root, "counts");
	ck_assert_int_eq(json_integer_value(json_object_get(object, "largest")), INT64_MAX);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "ordinary")), INT64_C(1) << 53);
	json_decref(root);
}
END_TEST

START_TEST(mappings_are_lines)
{
	char directory[] = "/tmp/pktpath-nat-XXXXXX", path[64], *fault = NULL, text[512] = "";
	ck_assert_ptr_nonnull(mkdtemp(directory));
	struct output *output;
	struct output_file *file;
	ck_assert_int_eq(output_begin(directory, &output, &fault), 0);
	ck_assert_int_eq(nat_csv_open(output, &file), 0);
	struct nat_csv_line line = {
		.nat = "ase-one/vip",
		.inside = {be32_from(0x0a000105), be32_from(0xcb00710a), be16_from(49152), be16_from(443), PROTO_TCP},
		.outside_addr = be32_from(0xc0170102),
		.outside_port = 1024,
		.created = {1500000000},
		.last_used = {2000000000},
		.ended = {242000000000},
		.why = "idle",
		.packets = 10,
		.bytes = 4838,
		.flow = "call",
	};
	ck_assert_int_eq(nat_csv_write(file, &line), 0);
	line.ended = INSTANT_NEVER;
	line.why = NULL;
	line.inside.proto = PROTO_UDP;
	ck_assert_int_eq(nat_csv_write(file, &line), 0);
	ck_assert_int_eq(output_commit(output, &fault), 0);
	(void)snprintf(path, sizeof path, "%s/%s", directory, NAT_CSV_FILE);
	FILE *read = fopen(path, "re");
	ck_assert_ptr_nonnull(read);
	ck_assert_uint_gt(fread(text, 1, sizeof text - 1, read), 0);
	(void)fclose(read);
	ck_assert_str_eq(
		text,
		"nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes,flow,app,timer\n"
		"ase-one/"
		"vip,10.0.1.5:49152,192.23.1.2:1024,203.0.113.10:443,tcp,1.500000000,2.000000000,242.000000000,idle,10,"
		"4838,call,,\n"
		"ase-one/"
		"vip,10.0.1.5:49152,192.23.1.2:1024,203.0.113.10:443,udp,1.500000000,2.000000000,,,10,4838,call,,\n");
	(void)unlink(path);
	(void)rmdir(directory);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report");
	TCase *all = tcase_create("all");
	tcase_add_test(all, an_empty_report_has_all_members);
	tcase_add_test(all, broken_text_is_mended_not_fatal);
	tcase_add_test(all, a_flow_tells_addresses_hops_and_loss);
	tcase_add_test(all, an_error_of_the_owner_is_forwarded);
	tcase_add_test(all, numbers_of_64_bits_stay_numbers);
	tcase_add_test(all, mappings_are_lines);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
