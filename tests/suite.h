/* What every main() of the unit tests does in the end: it runs one suite, frees it, and reports by the exit status
 * whether all held. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H
#include <check.h>
#include <stdlib.h>

#define N(array) (sizeof(array) / sizeof *(array))

static inline int suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A suite of one test case, which is what most modules need. A test has a minute: under a sanitizer on a busy machine
 * it is all it may need. */
static inline Suite *suite_of(const char *name, TCase **ret_tcase)
{
	Suite *suite = suite_create(name);
	*ret_tcase = tcase_create(name);
	tcase_set_timeout(*ret_tcase, 60);
	suite_add_tcase(suite, *ret_tcase);
	return suite;
}
#endif
