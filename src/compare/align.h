/* Which item of one list is which of another: the shortest edit between two sequences of keys. */
#ifndef PKTPATH_COMPARE_ALIGN_H
#define PKTPATH_COMPARE_ALIGN_H
#include <stddef.h>
#include <stdint.h>

/* Reported in order: items a and b are the same one; or, where the other is ALIGN_NONE, an item that only one list has. */
#define ALIGN_NONE SIZE_MAX
typedef int align_pair(void *context, size_t a, size_t b);

/* A gap in which both lists have equally many items of their own is reported as pairs: what stands there was changed, not
 * exchanged. 0, -ENOMEM, or what `pair` returned that is not 0. */
int align(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, align_pair *pair, void *context);
/* The same of two lists that go on: what stands behind the last items that correspond, from *ret_a and *ret_b on, is not
 * reported. */
int align_begun(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, align_pair *pair, void *context,
		size_t *ret_a, size_t *ret_b);
#endif
