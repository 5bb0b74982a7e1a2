/* Causes: every reason of the program has words of its own, what helps, and the keys to change, and these keys exist. */
#include "cause/cause.h"
#include "scenario/keys.h"
#include "suite.h"
#include <string.h>

static bool is_key_somewhere(const char *name)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++)
		if (key_find((enum section)section, name))
			return true;
	return false;
}

/* The last name of a path: "icmp" of "network.ases.*.snat.icmp". */
static const char *last_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? dot + 1 : path;
}

START_TEST(every_reason_has_a_cause_a_help_and_keys)
{
	ck_assert_str_eq(cause_of_reason(REASON_NONE), "");
	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
		const char *name = reason_name(reason), *what = cause_of_reason(reason),
			   *helps = cause_help_of_reason(reason);
		ck_assert_msg(what && strlen(what) > 20 && what[0] >= 'A' && what[0] <= 'Z' &&
				      what[strlen(what) - 1] == '.',
			      "cause of %s: %s", name, what ? what : "none");
		ck_assert_msg(helps && strlen(helps) > 20 && helps[strlen(helps) - 1] == '.', "help of %s", name);
		const char *const *settings = cause_settings_of_reason(reason);
		ck_assert_msg(settings[0], "%s names no setting", name);
		for (size_t i = 0; settings[i]; i++)
			ck_assert_msg(is_key_somewhere(last_of(settings[i])), "%s names `%s`, which is no key", name,
				      settings[i]);
		ck_assert_msg(strchr(helps, '`'), "what helps against %s names no key: %s", name, helps);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cause/cause");
	TCase *all = tcase_create("all");
	tcase_add_test(all, every_reason_has_a_cause_a_help_and_keys);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
