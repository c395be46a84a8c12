/* Which encodings, posting classes, kernels and engine paths the queries entered. Needs a build
 * with NS_COUNT_TAGS; places are named in src/base/count.h.
 *
 * With enough queries every place is entered by the run with blocks of 256 postings and windows of
 * 4096 passages, and by the run with blocks of 4 and windows of 16, but for those listed below. The
 * long runs require this of themselves, so that together they enter everything. */
#include "oracle/coverage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "codec/block.h"
#include "os/cpu.h"

#ifdef NS_COUNT_TAGS

enum {
    BLOCKS_OF_256 = 1,
    BLOCKS_OF_4 = 2,
    ONE_PASSAGE = 4,
    REPLACE = 8,
    ONE_SEGMENT = 16,
    LANGUAGE = 32,
    KEPT = 64, /* no article is deleted or replaced */
    EXACT = 128,
    REAL = 256,  /* text, which is more */
    LARGE = 512, /* segments: of real text, or there is one only */
    LARGE_256 = 1024
};

/* Places that not all settings reach, and those that do. */
static const struct {
    ns__count_place place;
    unsigned reached_by;
} SPECIAL[] = {
    {NS_COUNT_INTERSECTION_ONE_PASSAGE, ONE_PASSAGE},
    {NS_COUNT_TALLY_BITS, ONE_PASSAGE},
    {NS_COUNT_TALLY_WORD, ONE_PASSAGE},
    {NS_COUNT_TALLY_LED_AT_ONCE, ONE_PASSAGE},
    {NS_COUNT_TALLY_EITHER, ONE_PASSAGE},
    {NS_COUNT_TALLY_LOOK_UP, ONE_PASSAGE},
    {NS_COUNT_STARTS_UNSURE, ONE_PASSAGE}, /* others have a word hardly ever so often */
    /* Some passage with its headline is always longer than 255, but in a tiny last segment. */
    {NS_COUNT_LENGTHS_U8, REPLACE}, /* whose small segment holds four articles */
    /* avgdl of a segment is not that of the index when there are several. */
    {NS_COUNT_BOUNDS_QUANT, ONE_SEGMENT},
    {NS_COUNT_BOUNDS_SCALED, REPLACE},
    /* Divided among segments, hardly a list has a multiple of 256 postings. */
    {NS_COUNT_BLOCK_LAST_FULL, ONE_SEGMENT | BLOCKS_OF_4},
    /* Segments of several windows without tombstones. */
    {NS_COUNT_TALLY_STARTS, KEPT},
    {NS_COUNT_TALLY_UNITS, KEPT},
    {NS_COUNT_DRIVE_PRIMED, KEPT},
    {NS_COUNT_LONE_RAISED, KEPT},
    {NS_COUNT_LONE_WAITS, KEPT},
    {NS_COUNT_WAITING_ROOM, KEPT},
    {NS_COUNT_WAITING_FULL, 0},   /* wants more of one score than results: test_prime.c */
    {NS_COUNT_LONE, ONE_SEGMENT}, /* its bounds are quantised */
    {NS_COUNT_LONE_STRAYS, ONE_SEGMENT},
    /* Some hundred passages of which are few, several windows, many phrases with a rare word. */
    {NS_COUNT_UNITS_BOUNDED, REAL},
    {NS_COUNT_UNITS_CHUNKS, LARGE},
    {NS_COUNT_WINDOW_SKIPPED, LARGE | BLOCKS_OF_4},
    {NS_COUNT_INTERSECTION_PASSAGES, LARGE},
    /* Queries of the whole language. */
    {NS_COUNT_TREE, LANGUAGE},
    {NS_COUNT_TREE_SETS, LANGUAGE},
    {NS_COUNT_TREE_DELETED, LANGUAGE},
    {NS_COUNT_TREE_BOUNDED, LANGUAGE},
    {NS_COUNT_TREE_OUTSCORED, LANGUAGE},
    {NS_COUNT_LITERAL_TEXT, LANGUAGE},
    {NS_COUNT_LITERAL_SEEN, LANGUAGE},
    {NS_COUNT_LITERAL_UNSEEN, LANGUAGE},
    {NS_COUNT_LITERAL_SPELLED, EXACT},
    {NS_COUNT_LITERAL_REMEMBERED, EXACT},
    {NS_COUNT_LITERAL_SECOND_TERM, EXACT},
    {NS_COUNT_DRIVE_EXCLUDES, BLOCKS_OF_256},   /* eight postings of a block */
    {NS_COUNT_WINDOW_ALL_CELLS, BLOCKS_OF_256}, /* 16 passages fill 16 of 64 cells */
    {NS_COUNT_WINDOW_NO_CELL, LARGE_256},       /* a window of 16 that passes has such a cell */
    {NS_COUNT_JUDGE_BEST_FIRST, BLOCKS_OF_256}, /* wants 128 candidates in one window */
    {NS_COUNT_CURSOR_SIFT_BITS, BLOCKS_OF_256}, /* with real text others do, too */
    {NS_COUNT_TITLES_LIST, BLOCKS_OF_256},      /* never shorter than a mask of one byte */
};

static const char *const PLACES[] = {
#define NS_COUNT_NAME(place) #place,
    NS_COUNT_PLACES(NS_COUNT_NAME)
#undef NS_COUNT_NAME
};

static bool is_reached(const collection *c, ns__count_place place)
{
    unsigned settings = c->o.block >= 64 ? BLOCKS_OF_256 : BLOCKS_OF_4;
    settings |= c->o.one_passage ? ONE_PASSAGE : 0;
    settings |= c->o.replace && c->o.segments > 2 ? REPLACE : 0;
    settings |= c->o.segments == 1 ? ONE_SEGMENT : 0;
    settings |= c->o.reorder && !c->o.merge && !c->o.replace ? KEPT : 0;
    settings |= c->o.language ? LANGUAGE : 0;
    settings |= c->real_passages > 0 ? REAL : 0;
    settings |= c->real_passages > 0 || c->o.segments == 1 ? LARGE : 0;
    settings |= settings & BLOCKS_OF_256 && settings & LARGE ? LARGE_256 : 0;
    settings |= c->o.language && c->o.exact ? EXACT : 0;
    if (place == NS_COUNT_KERNEL_AVX2 || place == NS_COUNT_KERNEL_AVX512)
        return (int)ns__cpu_isa() >=
               (place == NS_COUNT_KERNEL_AVX2 ? NS__ISA_AVX2 : NS__ISA_AVX512);
    for (size_t i = 0; i < sizeof SPECIAL / sizeof *SPECIAL; i++)
        if (SPECIAL[i].place == place)
            return SPECIAL[i].reached_by & settings;
    return true;
}

static bool report_tags(const collection *c)
{
    static const char *const names[NS__BLOCK_TAGS] = {"run",  "bits", "packed", "patched",
                                                      "ones", "mask", "packed", "patched"};
    bool all = true;
    for (int isa = NS__ISA_PORTABLE; isa <= NS__ISA_AVX512; isa++) {
        printf("blocks decoded, %s:", ns__isa_name((ns__isa)isa));
        if (isa > (int)ns__cpu_isa()) {
            printf(" skipped, this processor lacks it\n");
            continue;
        }
        for (int tag = 0; tag < NS__BLOCK_TAGS; tag++) {
            uint64_t count = ns__block_tag_counts[isa][tag];
            printf(" %s %s %" PRIu64, tag < NS__TFS_ONES ? "ids" : "tfs", names[tag], count);
            if (count == 0 && c->o.require_coverage) {
                all = false;
                printf(" NEVER");
            }
        }
        printf("\n");
    }
    return all;
}

static bool report_places(const collection *c)
{
    bool all = true;
    for (int place = 0; place < NS_COUNT_PLACE_COUNT; place++) {
        bool reached = is_reached(c, (ns__count_place)place);
        printf("  %-28s %12" PRIu64 "%s\n", PLACES[place], ns__counts[place],
               ns__counts[place] > 0 ? ""
               : !reached            ? "  not with these settings"
                                     : "  NEVER");
        if (c->o.require_coverage && reached && ns__counts[place] == 0)
            all = false;
    }
    return all;
}

static bool report_counts(const collection *c)
{
    bool tags = report_tags(c), places = report_places(c);
    return tags && places;
}

#else

static bool report_counts(const collection *c)
{
    printf("coverage is not counted: build with -DNS_COUNT_TAGS=ON\n");
    return !c->o.require_coverage;
}

#endif

bool coverage_report(const collection *c)
{
    ns_index_stats stats;
    ns_index_get_stats(c->index, &stats);
    printf("lists: %" PRIu64 " inline, %" PRIu64 " short, %" PRIu64 " in %" PRIu64
           " blocks; %" PRIu64 " segments\n",
           stats.inline_lists, stats.short_lists, stats.block_lists, stats.blocks, stats.segments);
    bool all = report_counts(c);
    if (!all)
        printf("some of what these settings must enter was never entered\n");
    return all;
}
