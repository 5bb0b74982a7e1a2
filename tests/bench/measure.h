/* Clocks, memory, and what a bench says of a bar. */
#ifndef PKTPATH_TESTS_BENCH_MEASURE_H
#define PKTPATH_TESTS_BENCH_MEASURE_H
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double seconds(clockid_t clock)
{
	struct timespec t;
	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes that malloc has given out, large blocks included. */
static inline uint64_t allocated_bytes(void)
{
	struct mallinfo2 info = mallinfo2();
	return (uint64_t)info.uordblks + info.hblkhd;
}

static inline void must(int result, const char *what)
{
	if (result >= 0)
		return;
	(void)fprintf(stderr, "bench: %s: error %d\n", what, -result);
	exit(1);
}

static inline void print_bar(const char *what, double value, double goal, double bar, const char *unit)
{
	(void)printf("%-48s %9.2f %-4s bar %.6g: %s\n", what, value, unit, bar,
		     value <= goal  ? "goal reached"
		     : value <= bar ? "kept"
				    : "MISSED");
}
#endif
