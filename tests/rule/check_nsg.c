/* Security groups: Microsoft's walk-through, first match, lists, ranges, tags, and which rule can never decide. */
#include "rule/nsg.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

#define TAG(tag_) ((struct nsg_address){.tag = (tag_)})

static const struct nsg_ports any_port[] = {{0, 65535}};

static be32 addr(const char *text)
{
	be32 ret;
	ck_assert_msg(addr_parse(text, &ret), "%s", text);
	return ret;
}

static struct prefix prefix(const char *text)
{
	struct prefix ret;
	ck_assert_msg(prefix_parse(text, &ret) == PREFIX_OK, "%s", text);
	return ret;
}

static struct nsg_address at(const char *text)
{
	return (struct nsg_address){.tag = NSG_PREFIX, .prefix = prefix(text)};
}

static struct tuple tuple(uint8_t proto, const char *src, uint16_t src_port, const char *dst, uint16_t dst_port)
{
	return (struct tuple){addr(src), addr(dst), be16_from(src_port), be16_from(dst_port), proto};
}

/* The seed's network: a VNet of 10.0.0.0/16, a peer, and services elsewhere. */
static struct prefix inside[2], storage[1], sql[1], management[2];
static struct nsg_tags tags;

static void setup(void)
{
	inside[0] = prefix("10.0.0.0/16");
	inside[1] = prefix("172.20.0.0/16");
	storage[0] = prefix("42.159.16.0/24");
	sql[0] = prefix("42.159.32.10/32");
	management[0] = prefix("42.159.4.236/32");
	management[1] = prefix("42.159.80.125/32");
	tags = (struct nsg_tags){{inside, 2}, {NULL, 0}, {storage, 1}, {sql, 1}, {management, 2}};
}

/* A rule of one address and one range on each side; tests change what they are about. */
static struct nsg_rule rule_of(const char *name, bool allow, const struct nsg_address *src,
			       const struct nsg_address *dst)
{
	return (struct nsg_rule){.name = name,
				 .priority = 100,
				 .allow = allow,
				 .src = src,
				 .dst = dst,
				 .src_ports = any_port,
				 .dst_ports = any_port,
				 .n_src = 1,
				 .n_dst = 1,
				 .n_src_ports = 1,
				 .n_dst_ports = 1};
}

static const struct nsg_rule *judge(const struct nsg_rule *rules, uint32_t n, enum nsg_direction direction,
				    struct tuple t)
{
	struct nsg_rules group = {0};
	group.rules[direction] = rules;
	group.n[direction] = n;
	const struct nsg_rule *decided = nsg_judge(&group, &tags, direction, &t);
	ck_assert_ptr_nonnull(decided);
	for (uint32_t i = 0; i < n && decided != &rules[i]; i++)
		ck_assert_uint_ne(nsg_mismatch(&rules[i], &tags, &t), 0);
	ck_assert_uint_eq(nsg_mismatch(decided, &tags, &t), 0);
	return decided;
}

static void assert_by(const struct nsg_rule *rules, uint32_t n, enum nsg_direction direction, struct tuple t,
		      const char *name, bool allow)
{
	const struct nsg_rule *decided = judge(rules, n, direction, t);
	ck_assert_str_eq(decided->name, name);
	ck_assert_int_eq(decided->allow, allow);
}

START_TEST(test_tag_names)
{
	static const char *const names[] = {"",        "any", "virtual-network", "internet", "azure-load-balancer",
					    "storage", "sql", "azure-management"};
	static const char *const aliases[] = {NULL,      "*",   "VirtualNetwork",      "Internet", "AzureLoadBalancer",
					      "Storage", "Sql", "AppServiceManagement"};
	for (int i = 0; i < NSG_NAMED; i++) {
		ck_assert_str_eq(nsg_tag_name((enum nsg_tag)i), names[i]);
		enum nsg_tag by_alias = NSG_PREFIX;
		ck_assert(!aliases[i] || nsg_tag_parse(aliases[i], &by_alias));
		ck_assert_int_eq(by_alias, i);
		enum nsg_tag parsed = NSG_PREFIX;
		ck_assert_int_eq(nsg_tag_parse(names[i], &parsed), i != NSG_PREFIX);
		ck_assert_int_eq(parsed, i);
	}
	enum nsg_tag untouched = NSG_SQL;
	ck_assert(!nsg_tag_parse("InterNet", &untouched));
	ck_assert(!nsg_tag_parse("internet ", &untouched));
	ck_assert_int_eq(untouched, NSG_SQL);
}
END_TEST

START_TEST(test_platform_rules)
{
	static const struct {
		const char *name;
		uint16_t priority;
		bool allow;
	} expected[NSG_DIRECTION_COUNT][3] = {
		{{"AllowVnetInBound", 65000, true},
		 {"AllowAzureLoadBalancerInBound", 65001, true},
		 {"DenyAllInBound", 65500, false}},
		{{"AllowVnetOutBound", 65000, true},
		 {"AllowInternetOutBound", 65001, true},
		 {"DenyAllOutBound", 65500, false}},
	};
	for (int direction = 0; direction < NSG_DIRECTION_COUNT; direction++) {
		uint32_t n = 0;
		const struct nsg_rule *rules = nsg_platform_rules((enum nsg_direction)direction, &n);
		ck_assert_uint_eq(n, 3);
		for (uint32_t i = 0; i < n; i++) {
			ck_assert_str_eq(rules[i].name, expected[direction][i].name);
			ck_assert_uint_eq(rules[i].priority, expected[direction][i].priority);
			ck_assert_int_eq(rules[i].allow, expected[direction][i].allow);
			ck_assert_uint_eq(rules[i].id, NSG_PLATFORM_RULE);
			ck_assert_ptr_null(rules[i].place.file);
		}
	}
}
END_TEST

/* Microsoft's walk-through of a VM 10.0.0.4 with the default rules alone. */
START_TEST(test_walk_through)
{
	assert_by(NULL, 0, NSG_OUTBOUND, tuple(PROTO_TCP, "10.0.0.4", 60000, "13.107.21.200", 80),
		  "AllowInternetOutBound", true);
	assert_by(NULL, 0, NSG_OUTBOUND, tuple(PROTO_TCP, "10.0.0.4", 60000, "172.31.0.100", 80), "DenyAllOutBound",
		  false);
	assert_by(NULL, 0, NSG_INBOUND, tuple(PROTO_TCP, "172.31.0.100", 12345, "10.0.0.4", 60000), "DenyAllInBound",
		  false);
}
END_TEST

START_TEST(test_platform_decides)
{
	/* The VNet and its peer, either way; the VIP of a neighbour is Internet. */
	assert_by(NULL, 0, NSG_INBOUND, tuple(PROTO_TCP, "10.0.1.6", 1025, "10.0.2.4", 1433), "AllowVnetInBound", true);
	assert_by(NULL, 0, NSG_OUTBOUND, tuple(PROTO_ICMP, "10.0.1.6", 7, "172.20.0.9", 7), "AllowVnetOutBound", true);
	assert_by(NULL, 0, NSG_INBOUND, tuple(PROTO_TCP, "192.23.1.2", 1025, "10.0.1.68", 443), "DenyAllInBound",
		  false);
	assert_by(NULL, 0, NSG_OUTBOUND, tuple(PROTO_UDP, "10.0.1.6", 1025, "192.23.1.2", 443), "AllowInternetOutBound",
		  true);
	/* Azure's own address is of the VNet wherever a private one faces it, and the load balancer's towards
	 * anybody. */
	assert_by(NULL, 0, NSG_OUTBOUND, tuple(PROTO_UDP, "10.0.1.6", 1025, "168.63.129.16", 53), "AllowVnetOutBound",
		  true);
	assert_by(NULL, 0, NSG_INBOUND, tuple(PROTO_TCP, "168.63.129.16", 1025, "10.0.1.6", 80), "AllowVnetInBound",
		  true);
	assert_by(NULL, 0, NSG_INBOUND, tuple(PROTO_TCP, "168.63.129.16", 1025, "192.23.1.2", 80),
		  "AllowAzureLoadBalancerInBound", true);
}
END_TEST

START_TEST(test_internet_is_what_is_left)
{
	static const struct {
		const char *addr;
		bool internet;
	} cases[] = {
		{"13.107.21.200", true},    {"192.23.1.2", true},      {"42.159.16.4", true},
		{"198.18.1.0", true},       {"9.255.255.255", true},   {"10.0.0.1", false},
		{"10.255.255.255", false},  {"11.0.0.0", true},        {"172.15.255.255", true},
		{"172.16.0.0", false},      {"172.31.0.100", false},   {"172.31.255.255", false},
		{"172.32.0.0", true},       {"192.167.255.255", true}, {"192.168.0.0", false},
		{"192.169.0.0", true},      {"100.63.255.255", true},  {"100.64.0.0", false},
		{"100.127.255.255", false}, {"100.128.0.0", true},     {"127.0.0.1", false},
		{"169.254.169.254", false}, {"224.0.0.1", false},      {"255.255.255.255", false},
		{"0.0.0.0", false},         {"168.63.129.16", false},  {"168.63.129.17", true},
		{"172.20.1.1", false},      {"223.255.255.255", true},
	};
	struct nsg_address internet = TAG(NSG_INTERNET);
	for (size_t i = 0; i < N(cases); i++)
		ck_assert_msg(nsg_address_matches(&internet, &tags, addr(cases[i].addr)) == cases[i].internet, "%s",
			      cases[i].addr);
	/* A public range that a VNet has taken is no longer Internet. */
	inside[1] = prefix("203.0.113.0/24");
	ck_assert(!nsg_address_matches(&internet, &tags, addr("203.0.113.9")));
}
END_TEST

START_TEST(test_tags)
{
	struct {
		enum nsg_tag tag;
		const char *in, *out;
	} cases[] = {
		{NSG_VIRTUAL_NETWORK, "10.0.255.255", "10.1.0.0"},
		{NSG_VIRTUAL_NETWORK, "172.20.0.0", "192.23.1.2"},
		{NSG_VIRTUAL_NETWORK, "168.63.129.16", "168.63.129.15"},
		{NSG_AZURE_LOAD_BALANCER, "168.63.129.16", "10.0.0.1"},
		{NSG_STORAGE, "42.159.16.255", "42.159.17.0"},
		{NSG_SQL, "42.159.32.10", "42.159.32.11"},
		{NSG_AZURE_MANAGEMENT, "42.159.80.125", "42.159.4.235"},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct nsg_address address = TAG(cases[i].tag);
		ck_assert_msg(nsg_address_matches(&address, &tags, addr(cases[i].in)), "%s", cases[i].in);
		ck_assert_msg(!nsg_address_matches(&address, &tags, addr(cases[i].out)), "%s", cases[i].out);
	}
	struct nsg_address any = TAG(NSG_ANY), host = at("10.0.0.4/32"), all = at("0.0.0.0/0");
	ck_assert(nsg_address_matches(&any, &tags, addr("255.255.255.255")));
	ck_assert(nsg_address_matches(&all, &tags, addr("0.0.0.0")));
	ck_assert(nsg_address_matches(&host, &tags, addr("10.0.0.4")));
	ck_assert(!nsg_address_matches(&host, &tags, addr("10.0.0.5")));
}
END_TEST

/* The seed's rule: the second environment admits the first one's VIP alone. */
START_TEST(test_first_match_decides)
{
	struct nsg_address vip = at("192.23.1.2/32"), any = TAG(NSG_ANY);
	struct nsg_rule rules[] = {rule_of("only-ase-one", true, &vip, &any), rule_of("deny-rest", false, &any, &any),
				   rule_of("too-late", true, &any, &any)};
	assert_by(rules, 3, NSG_INBOUND, tuple(PROTO_TCP, "192.23.1.2", 1025, "10.0.1.68", 443), "only-ase-one", true);
	assert_by(rules, 3, NSG_INBOUND, tuple(PROTO_TCP, "192.23.1.3", 1025, "10.0.1.68", 443), "deny-rest", false);
	assert_by(rules, 3, NSG_INBOUND, tuple(PROTO_TCP, "10.0.1.6", 1025, "10.0.1.68", 443), "deny-rest", false);
	/* What comes in says nothing about what goes out. */
	struct nsg_rules group = {.rules = {rules, NULL}, .n = {3, 0}};
	struct tuple out = tuple(PROTO_TCP, "10.0.1.68", 1025, "10.0.1.6", 443);
	ck_assert_str_eq(nsg_judge(&group, &tags, NSG_OUTBOUND, &out)->name, "AllowVnetOutBound");
}
END_TEST

START_TEST(test_lists_and_ranges)
{
	const struct nsg_address sources[] = {at("203.0.113.0/28"), TAG(NSG_AZURE_MANAGEMENT), at("198.51.100.7/32")};
	const struct nsg_address targets[] = {at("10.0.1.0/26"), at("10.0.1.128/26")};
	static const struct nsg_ports ports[] = {{21, 21}, {454, 455}, {10001, 10020}};
	static const struct nsg_ports high[] = {{1024, 65535}};
	struct nsg_rule rule = rule_of("list", true, sources, targets);
	rule.n_src = N(sources);
	rule.n_dst = N(targets);
	rule.dst_ports = ports;
	rule.n_dst_ports = N(ports);
	rule.src_ports = high;
	rule.proto = PROTO_TCP;
	static const struct {
		const char *src;
		uint16_t src_port;
		const char *dst;
		uint16_t dst_port;
		bool matches;
	} cases[] = {
		{"203.0.113.15", 1024, "10.0.1.63", 454, true},    {"42.159.4.236", 65535, "10.0.1.128", 455, true},
		{"198.51.100.7", 40000, "10.0.1.4", 10001, true},  {"198.51.100.7", 40000, "10.0.1.4", 10020, true},
		{"198.51.100.7", 40000, "10.0.1.4", 21, true},     {"198.51.100.7", 40000, "10.0.1.4", 20, false},
		{"198.51.100.7", 40000, "10.0.1.4", 10021, false}, {"198.51.100.7", 40000, "10.0.1.4", 10000, false},
		{"198.51.100.7", 40000, "10.0.1.4", 456, false},   {"198.51.100.7", 1023, "10.0.1.4", 454, false},
		{"198.51.100.8", 40000, "10.0.1.4", 454, false},   {"203.0.113.16", 40000, "10.0.1.4", 454, false},
		{"203.0.113.15", 40000, "10.0.1.64", 454, false},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct tuple t = tuple(PROTO_TCP, cases[i].src, cases[i].src_port, cases[i].dst, cases[i].dst_port);
		ck_assert_msg((judge(&rule, 1, NSG_INBOUND, t) == &rule) == cases[i].matches, "case %zu", i);
		t.proto = PROTO_UDP;
		ck_assert_msg(judge(&rule, 1, NSG_INBOUND, t) != &rule, "case %zu by UDP", i);
	}
}
END_TEST

START_TEST(test_protocols)
{
	struct nsg_address any = TAG(NSG_ANY);
	struct nsg_rule rule = rule_of("rule", false, &any, &any);
	struct tuple tcp = tuple(PROTO_TCP, "10.0.0.4", 1025, "10.0.0.5", 80), udp = tcp, icmp = tcp;
	udp.proto = PROTO_UDP;
	icmp.proto = PROTO_ICMP;
	ck_assert_ptr_eq(judge(&rule, 1, NSG_OUTBOUND, tcp), &rule);
	ck_assert_ptr_eq(judge(&rule, 1, NSG_OUTBOUND, udp), &rule);
	ck_assert_ptr_eq(judge(&rule, 1, NSG_OUTBOUND, icmp), &rule);
	rule.proto = PROTO_ICMP;
	ck_assert_ptr_ne(judge(&rule, 1, NSG_OUTBOUND, tcp), &rule);
	ck_assert_ptr_eq(judge(&rule, 1, NSG_OUTBOUND, icmp), &rule);
	/* An echo's identifier is no port: a rule for ports does not see it, whatever it is. */
	static const struct nsg_ports port_80[] = {{80, 80}};
	rule.proto = NSG_ANY_PROTO;
	rule.dst_ports = port_80;
	ck_assert_ptr_eq(judge(&rule, 1, NSG_OUTBOUND, udp), &rule);
	ck_assert_ptr_ne(judge(&rule, 1, NSG_OUTBOUND, icmp), &rule);
	rule.dst_ports = any_port;
	rule.src_ports = port_80;
	ck_assert_ptr_ne(judge(&rule, 1, NSG_OUTBOUND, icmp), &rule);
}
END_TEST

START_TEST(test_shadows_by_address)
{
	struct nsg_address any = TAG(NSG_ANY), all = at("0.0.0.0/0"), wide = at("10.0.0.0/16"),
			   narrow = at("10.0.1.0/24");
	struct nsg_address other = at("10.1.0.0/16"), internet = TAG(NSG_INTERNET), vnet = TAG(NSG_VIRTUAL_NETWORK);
	struct {
		const struct nsg_address *earlier, *later;
		bool shadows;
	} cases[] = {
		{&any, &narrow, true},   {&any, &internet, true},      {&any, &any, true},
		{&all, &any, true},      {&all, &vnet, true},          {&wide, &narrow, true},
		{&narrow, &wide, false}, {&wide, &wide, true},         {&other, &narrow, false},
		{&wide, &any, false},    {&internet, &internet, true}, {&internet, &vnet, false},
		{&vnet, &narrow, false}, {&wide, &vnet, false},        {&internet, &any, false},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct nsg_rule a = rule_of("a", true, cases[i].earlier, &any),
				b = rule_of("b", false, cases[i].later, &any);
		ck_assert_msg(nsg_shadows(&a, &b) == cases[i].shadows, "source, case %zu", i);
		a = rule_of("a", true, &any, cases[i].earlier);
		b = rule_of("b", false, &any, cases[i].later);
		ck_assert_msg(nsg_shadows(&a, &b) == cases[i].shadows, "destination, case %zu", i);
	}
	/* Each alternative of the later must be in one of the earlier. */
	const struct nsg_address several[] = {at("10.0.0.0/16"), TAG(NSG_INTERNET)};
	const struct nsg_address fewer[] = {at("10.0.3.0/24"), TAG(NSG_INTERNET), at("10.0.1.0/26")};
	struct nsg_rule a = rule_of("a", true, several, &any), b = rule_of("b", true, fewer, &any);
	a.n_src = N(several);
	b.n_src = N(fewer);
	ck_assert(nsg_shadows(&a, &b));
	a.n_src = 1;
	ck_assert(!nsg_shadows(&a, &b));
}
END_TEST

START_TEST(test_shadows_by_port_and_protocol)
{
	static const struct nsg_ports web[] = {{80, 80}, {443, 443}}, https[] = {{443, 443}},
				      low[] = {{0, 79}, {80, 1023}}, ssh_to_web[] = {{22, 80}};
	static const struct nsg_ports halves[] = {{32768, 65535}, {0, 32767}}, gap[] = {{0, 79}, {81, 65535}};
	struct nsg_address any = TAG(NSG_ANY);
	struct nsg_rule a = rule_of("a", true, &any, &any), b = a;
	ck_assert(nsg_shadows(&a, &b));
	a.dst_ports = web;
	a.n_dst_ports = 2;
	ck_assert(!nsg_shadows(&a, &b));
	b.dst_ports = https;
	ck_assert(nsg_shadows(&a, &b));
	ck_assert(!nsg_shadows(&b, &a));
	a.dst_ports = low;
	b.dst_ports = ssh_to_web;
	b.n_dst_ports = 1;
	ck_assert(nsg_shadows(&a, &b));
	a.dst_ports = gap;
	ck_assert(!nsg_shadows(&a, &b));
	/* Two halves are all ports, but ICMP has none of them. */
	a.dst_ports = halves;
	b.dst_ports = any_port;
	b.proto = PROTO_TCP;
	ck_assert(nsg_shadows(&a, &b));
	b.proto = NSG_ANY_PROTO;
	ck_assert(!nsg_shadows(&a, &b));
	b.proto = PROTO_ICMP;
	ck_assert(!nsg_shadows(&a, &b));
	/* Sources count as destinations do. */
	a = b = rule_of("a", true, &any, &any);
	a.src_ports = https;
	ck_assert(!nsg_shadows(&a, &b));
	ck_assert(nsg_shadows(&b, &a));
	/* Protocols. */
	a = b = rule_of("a", true, &any, &any);
	b.proto = PROTO_UDP;
	ck_assert(nsg_shadows(&a, &b));
	ck_assert(!nsg_shadows(&b, &a));
	a.proto = PROTO_TCP;
	ck_assert(!nsg_shadows(&a, &b));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rule/nsg");
	TCase *c = tcase_create("nsg");
	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, test_tag_names);
	tcase_add_test(c, test_platform_rules);
	tcase_add_test(c, test_walk_through);
	tcase_add_test(c, test_platform_decides);
	tcase_add_test(c, test_internet_is_what_is_left);
	tcase_add_test(c, test_tags);
	tcase_add_test(c, test_first_match_decides);
	tcase_add_test(c, test_lists_and_ranges);
	tcase_add_test(c, test_protocols);
	tcase_add_test(c, test_shadows_by_address);
	tcase_add_test(c, test_shadows_by_port_and_protocol);
	suite_add_tcase(s, c);
	return suite_run(s);
}
