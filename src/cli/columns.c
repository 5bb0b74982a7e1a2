/* How wide letters are on a terminal.
 *
 * DOC: the program stays in the "C" locale, where the C library knows no width of what is not ASCII. Names are ASCII;
 * an expectation's `id`, and the path of a file, may be anything in UTF-8. Of Unicode's tables (UAX 11, general
 * categories Mn and Cf) the blocks are enough: no columns are off by more than a rare letter. */
#include "cli/cli.h"
#include <stddef.h>

struct block {
	uint32_t first, last;
};

static const struct block none[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},  {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0900, 0x0902},
	{0x093a, 0x093a}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},  {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
	{0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},  {0x2066, 0x206f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
static const struct block two[] = {{0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
				   {0x2614, 0x2615},   {0x26a1, 0x26a1},   {0x2705, 0x2705},   {0x274c, 0x274c},
				   {0x2e80, 0x303e},   {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97c},
				   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
				   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
				   {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}};

static bool is_in(const struct block *blocks, size_t n, uint32_t letter)
{
	for (size_t i = 0; i < n; i++)
		if (letter >= blocks[i].first && letter <= blocks[i].last)
			return true;
	return false;
}

int text_columns(const char *text)
{
	int columns = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		uint32_t letter = *at++;
		if (letter >= 0xc0)
			letter &= letter >= 0xf0 ? 0x07u : letter >= 0xe0 ? 0x0fu : 0x1fu;
		while ((*at & 0xc0) == 0x80)
			letter = letter << 6 | (*at++ & 0x3fu);
		if (!is_in(none, sizeof none / sizeof *none, letter))
			columns += is_in(two, sizeof two / sizeof *two, letter) ? 2 : 1;
	}
	return columns;
}
