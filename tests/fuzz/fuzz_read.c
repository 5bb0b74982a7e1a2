/* Any bytes as what a run has written: a capture of either kind, report.json, nat.csv. Reading back says what is there,
 * or that it is none; a list of files comes from a report alone that bears the marker or the shape of 0.1.0. The first
 * byte says as which. */
#include "base/arena.h"
#include "compare/difference.h"
#include "compare/mappings.h"
#include "compare/outcomes.h"
#include "fuzz.h"
#include "out/manifest.h"
#include "out/reading.h"
#include "out/report_read.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void read_capture(struct arena *arena, const uint8_t *data, size_t size)
{
	char path[64];
	struct reading reading;
	int fd = fuzz_file(data, size, path);
	if (fd < 0)
		return;
	int r = reading_load(arena, path, &reading);
	fuzz_check(r >= 0 || r == -ENOMEM || r == -EINVAL || r == -EBADMSG || r == -EIO, "a known error");
	for (size_t i = 0; r == 0 && i < reading.n_records; i++)
		fuzz_check(reading.records[i].interface < reading.n_interfaces || reading.n_interfaces == 0,
			   "a record is of an interface");
	(void)close(fd);
}

static void read_report(struct arena *arena, const char *text, size_t size)
{
	struct report_source source;
	int r = report_source_read(arena, text, size, &source);
	if (r == 0)
		fuzz_check(source.n_overrides == 0 || source.overrides,
			   "a report has what replaced parts of its scenario");
	fuzz_check(report_same(text, size, text, size) >= 0, "a report can be compared");
	char path[64];
	struct manifest manifest;
	int fd = fuzz_file((const uint8_t *)text, size, path);
	if (fd < 0)
		return;
	fuzz_check(manifest_read(AT_FDCWD, path, &manifest) == 0, "no list is an error");
	fuzz_check(manifest.kind == MANIFEST_OURS || manifest.n == 0, "another's report lists nothing");
	fuzz_check(manifest.kind != MANIFEST_OURS || manifest_has(&manifest, MANIFEST_FILE), "ours lists itself");
	fuzz_check(manifest.kind != MANIFEST_OURS || memmem(text, size, "pktpath", 7), "ours names the program");
	manifest_free(&manifest);
	(void)close(fd);
}

static void compare(struct arena *arena, const char *text, size_t size, bool csv)
{
	struct difference_list list = {.arena = arena};
	size_t half = size / 2;
	int r = csv ? compare_mappings(text, half, text + half, size - half, 0, &list)
		    : compare_outcomes(text, size, text, size, &list);
	fuzz_check(r != 0 || csv || list.n == 0, "what is the same has no difference");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = size > 0 ? arena_new() : NULL;
	if (!arena)
		return 0;
	const char *text = (const char *)data + 1;
	unsigned kind = fuzz_kind(data[0], 4);
	switch (kind) {
	case 0:
		read_capture(arena, data + 1, size - 1);
		break;
	case 1:
		read_report(arena, text, size - 1);
		break;
	default:
		compare(arena, text, size - 1, kind == 2);
	}
	(void)arena_free(arena);
	return 0;
}
