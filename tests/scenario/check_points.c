/* Names of points and of the two ends of a call, read and written; neighbours; the key table that all of it rests
 * on. */
#include "loading.h"
#include "model/elements.h"
#include "scenario/decode.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

#define TEXT                                                                                                           \
	"scenario: 1\n"                                                                                                \
	"network:\n"                                                                                                   \
	"  regions: {east: {}, north: {}}\n"                                                                           \
	"  vnets: {contoso: {region: east, space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}, data: {cidr: "    \
	"10.0.2.0/24}}},\n"                                                                                            \
	"          other: {region: north, space: [10.1.0.0/16], subnets: {data: {cidr: 10.1.2.0/24}}}}\n"              \
	"  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2, workers: 12, apps: {web: {}}}}\n"                        \
	"  hosts: {api: {internet: true, ip: 203.0.113.1, dns: api.example.net}, sql: {subnet: contoso/data},\n"       \
	"          public: {subnet: contoso/data, public_ip: 203.0.113.2}, far: {subnet: other/data},\n"               \
	"          store: {service: storage, region: north, ip: 203.0.113.3}}\n"

static struct loading loading;

static void setup(void)
{
	loading_text(&loading, TEXT);
	ck_assert_ptr_nonnull(loading.model);
}

static void teardown(void)
{
	loading_end(&loading);
}

static uint32_t point(const char *text)
{
	uint32_t found = element_find(loading.model, text);
	ck_assert_msg(found != NONE, "no point %s", text);
	return found;
}

START_TEST(test_points_round)
{
	static const char *const names[] = {"api",
					    "sql",
					    "one/vip",
					    "one/front-end-0",
					    "one/front-end-1",
					    "one/worker-0",
					    "one/worker-11",
					    "region/east",
					    "region/north",
					    "backbone",
					    "internet",
					    "contoso/outbound",
					    "other/outbound",
					    "azure-dns",
					    "public-dns"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_str_eq(element_at(loading.model, point(names[i]))->name, names[i]);
}
END_TEST

START_TEST(test_no_points)
{
	static const char *const names[] = {"",
					    "one",
					    "contoso",
					    "one/",
					    "/vip",
					    "one/web",
					    "one/worker-12",
					    "one/worker-00",
					    "one/worker--1",
					    "one/worker-",
					    "one/worker-1 ",
					    "one/front-end-2",
					    "one/vip/",
					    "region/",
					    "region/west",
					    "east",
					    "contoso/vip",
					    "one/outbound",
					    "API",
					    "api/vip"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(element_find(loading.model, names[i]) == NONE, "%s", names[i]);
}
END_TEST

START_TEST(test_neighbours)
{
	static const char *const pairs[][2] = {
		{"one/worker-0", "sql"},
		{"sql", "public"},
		{"one/vip", "region/east"},
		{"store", "region/north"},
		{"public", "region/east"},
		{"far", "azure-dns"},
		{"contoso/outbound", "region/east"},
		{"region/east", "backbone"},
		{"region/north", "internet"},
		{"internet", "api"},
		{"internet", "public-dns"},
		{"one/front-end-0", "one/worker-0"},
	};
	static const char *const strangers[][2] = {
		{"sql", "far"},
		{"sql", "sql"},
		{"one/vip", "region/north"},
		{"store", "region/east"},
		{"sql", "region/east"},
		{"one/vip", "internet"},
		{"one/vip", "one/worker-0"},
		{"api", "region/east"},
		{"api", "public-dns"},
		{"region/east", "region/north"},
		{"backbone", "internet"},
		{"far", "region/north"},
		{"api", "azure-dns"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		ck_assert_msg(elements_are_neighbours(loading.model, point(pairs[i][0]), point(pairs[i][1])), "%s--%s",
			      pairs[i][0], pairs[i][1]);
		ck_assert(elements_are_neighbours(loading.model, point(pairs[i][1]), point(pairs[i][0])));
	}
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
		ck_assert_msg(!elements_are_neighbours(loading.model, point(strangers[i][0]), point(strangers[i][1])),
			      "%s--%s", strangers[i][0], strangers[i][1]);
		ck_assert(!elements_are_neighbours(loading.model, point(strangers[i][1]), point(strangers[i][0])));
	}
}
END_TEST

START_TEST(test_from)
{
	static const struct {
		const char *text;
		struct endpoint end;
	} cases[] = {
		{"api", {.kind = ENDPOINT_HOST, .index = 0}},
		{"one/web", {.kind = ENDPOINT_APP, .index = 0}},
		{"one/worker-3", {.kind = ENDPOINT_WORKER, .index = 0, .worker = 3}},
	};
	struct endpoint found;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert(scenario_parse_from(loading.model, cases[i].text, &loading.diags, &found));
		ck_assert(found.kind == cases[i].end.kind && found.index == cases[i].end.index &&
			  found.worker == cases[i].end.worker);
	}
	static const char *const wrong[] = {
		"",        "/", "one", "one/", "one/vip", "one/worker-12", "two/web", "203.0.113.1", "api.example.net",
		"api/icmp"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		size_t before = loading.diags.n_errors;
		ck_assert_msg(!scenario_parse_from(loading.model, wrong[i], &loading.diags, &found), "%s", wrong[i]);
		ck_assert_uint_eq(loading.diags.n_errors, before + 1);
		ck_assert_uint_eq(loading.diags.items[before].place.line, 0);
	}
}
END_TEST

START_TEST(test_to)
{
	static const struct {
		const char *text;
		struct endpoint end;
		uint16_t port;
		uint8_t proto;
	} cases[] = {
		{"api:443/tcp", {.kind = ENDPOINT_HOST, .index = 0}, 443, PROTO_TCP},
		{"api:53/udp", {.kind = ENDPOINT_HOST, .index = 0}, 53, PROTO_UDP},
		{"api/icmp", {.kind = ENDPOINT_HOST, .index = 0}, 0, PROTO_ICMP},
		{"one/web:80/tcp", {.kind = ENDPOINT_APP, .index = 0}, 80, PROTO_TCP},
		{"one:454/tcp", {.kind = ENDPOINT_ASE, .index = 0}, 454, PROTO_TCP},
		{"198.51.100.1:65535/tcp", {.kind = ENDPOINT_ADDRESS, .addr = {0}}, 65535, PROTO_TCP},
		{"198.51.100.1/icmp", {.kind = ENDPOINT_ADDRESS}, 0, PROTO_ICMP},
		{"API.example.net:1/tcp", {.kind = ENDPOINT_HOST, .index = 0}, 1, PROTO_TCP},
		{"web.one.p.azurewebsites.cn:443/tcp", {.kind = ENDPOINT_APP, .index = 0}, 443, PROTO_TCP},
		{"sql.contoso.internal.cloudapp.net:1433/tcp", {.kind = ENDPOINT_HOST, .index = 3}, 1433, PROTO_TCP},
	};
	struct endpoint found;
	uint16_t port;
	uint8_t proto;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(scenario_parse_to(loading.model, cases[i].text, &loading.diags, &found, &port, &proto),
			      "%s", cases[i].text);
		ck_assert_msg(found.kind == cases[i].end.kind && found.index == cases[i].end.index, "%s",
			      cases[i].text);
		ck_assert(port == cases[i].port && proto == cases[i].proto);
		if (found.kind == ENDPOINT_ADDRESS)
			ck_assert_uint_eq(be32_to(found.addr), 0xc6336401);
	}
	static const char *const wrong[] = {"",
					    "api",
					    "api:443",
					    "api/tcp",
					    "api:/tcp",
					    "api:0/tcp",
					    "api:65536/tcp",
					    "api:-1/tcp",
					    "api:4 /tcp",
					    "api:443/TCP",
					    "api:443/sctp",
					    "api:443/icmp",
					    ":443/tcp",
					    "/icmp",
					    "//tcp",
					    "one/:80/tcp",
					    "one/x:80/tcp",
					    "two/web:80/tcp",
					    "nobody.example.net:80/tcp",
					    "256.1.1.1:80/tcp",
					    "api:80:80/tcp"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		size_t before = loading.diags.n_errors;
		ck_assert_msg(!scenario_parse_to(loading.model, wrong[i], &loading.diags, &found, &port, &proto), "%s",
			      wrong[i]);
		ck_assert_uint_eq(loading.diags.n_errors, before + 1);
		ck_assert_ptr_nonnull(loading.diags.items[before].hint);
	}
}
END_TEST

static void known(enum section section, const char *words)
{
	char *copy = strdup(words ? words : ""), *rest = NULL;
	for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
		ck_assert_msg(key_find(section, word), "%s", word);
	free(copy);
}

/* Forms name keys of their section, and ask for none that they do not take. */
static void test_forms(void)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct form *forms = forms_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++) {
			const struct form *form = &forms[i];
			known((enum section)section, form->key);
			known((enum section)section, form->with);
			ck_assert(form_takes(form, form->key) && !form_takes(form, "nothing"));
			for (size_t k = 0; k < form->n_own; k++)
				ck_assert_msg(form_takes(form, form->own[k].name), "%s", form->own[k].name);
			const char *asked[] = {form->needs, form->one_of, form->some_of};
			for (size_t k = 0; k < 3; k++) {
				char *copy = strdup(asked[k] ? asked[k] : ""), *rest = NULL;
				for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
					ck_assert_msg(form_takes(form, word), "%s", word);
				free(copy);
			}
		}
	}
}

/* The table is whole: each key has its sentence, enumerations have values, defaults can be read, no name stands
 * twice. */
START_TEST(test_keys)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of((enum section)section, &n);
		ck_assert_ptr_nonnull(section_name((enum section)section));
		for (size_t i = 0; i < n; i++) {
			const struct key *key = &keys[i];
			ck_assert_msg(key->help && key->help[strlen(key->help) - 1] == '.', "%s", key->name);
			bool has_values = key->type == KEY_ENUM || key->type == KEY_WORDS || key->type == KEY_MAPPING;
			ck_assert_msg(has_values == !!key->values, "%s", key->name);
			ck_assert_ptr_eq(key_find((enum section)section, key->name), key);
			ck_assert_msg(key->max >= key->min, "%s", key->name);
			ck_assert_msg(!(key->required && key->fallback), "%s", key->name);
			if (key->type == KEY_DURATION || key->type == KEY_SIZE)
				ck_assert_msg(key->max > 0, "%s", key->name);
		}
	}
	test_forms();
	ck_assert_ptr_null(key_find(SECTION_TOP, "nothing"));
	ck_assert_ptr_null(key_find(SECTION_REGION, ""));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/points");
	TCase *c = tcase_create("points");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_points_round);
	tcase_add_test(c, test_no_points);
	tcase_add_test(c, test_neighbours);
	tcase_add_test(c, test_from);
	tcase_add_test(c, test_to);
	tcase_add_test(c, test_keys);
	suite_add_tcase(s, c);
	return suite_run(s);
}
