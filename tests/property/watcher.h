/* An observer that holds a run to what must be true of every run. */
#ifndef PKTPATH_TESTS_WATCHER_H
#define PKTPATH_TESTS_WATCHER_H
#include "base/arena.h"
#include "network/world.h"

struct watcher;

/* Adds itself to the world's trail and to its NATs. */
struct watcher *watcher_new(const struct model *model, struct world *world);
struct watcher *watcher_free(struct watcher *watcher);
/* After the run: what only the end can show. `is_over`: nothing was left to happen. */
void watcher_finish(struct watcher *watcher, bool is_over);

/* The first thing that was not as it must be, in a sentence; NULL where all was well. */
const char *watcher_complaint(const struct watcher *watcher);
/* A digest of every step and every byte of one flow, in which no number stands that depends on other flows. */
uint64_t watcher_digest(const struct watcher *watcher, uint32_t flow);
uint64_t watcher_n_steps(const struct watcher *watcher);
uint64_t watcher_n_translations(const struct watcher *watcher);
uint64_t watcher_n_replies_restored(const struct watcher *watcher);
uint64_t watcher_n_mappings(const struct watcher *watcher);
#endif
