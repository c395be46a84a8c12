/* The driving engine: which lists drive, and in which order their blocks are looked at. */
#include "search/drive.h"

#include "base/count.h"

/* ---- Which queries ---- */

bool ns__drive_by_passage(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    return plan->musts == 0 || run->options->scope == NS_SCOPE_PASSAGE ||
           run->segment->articles.one_passage || (plan->musts == 1 && plan->shoulds == 0);
}

bool ns__drive_can(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    uint32_t lists = 0;
    for (uint32_t g = 0; g < plan->group_count; g++)
        lists += plan->groups[g].weight > 0 ? run->lists[g].count : 0;
    return plan->run_count == 0 && lists <= NS_DRIVE_LISTS;
}

/* ---- Setting up ---- */

static float round_up(double value)
{
    return (float)(value * (1 + 0x1p-22));
}

/* Marks the groups of required leaves; false when one of them cannot be matched. */
static bool find_required(const ns__exec *run, bool *required)
{
    const ns__plan *plan = run->plan;
    memset(required, 0, plan->group_count * sizeof *required);
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur != NS__MUST)
            continue;
        if (leaf->slot_count == 0)
            return false;
        for (uint32_t s = 0; s < leaf->slot_count; s++) {
            required[leaf->slots[s]] = true;
            if (run->lists[leaf->slots[s]].count == 0)
                return false;
        }
    }
    return true;
}

/* Required words first, the rarest of them in front, each with all its lists; then those lists that
 * can add most. */
static bool goes_before(const ns__exec *run, const ns__drive_list *a, const ns__drive_list *b)
{
    if (a->of_required != b->of_required)
        return a->of_required;
    if (!a->of_required)
        return a->most > b->most;
    uint64_t df_a = run->lists[a->group].df, df_b = run->lists[b->group].df;
    return df_a != df_b ? df_a < df_b : a->group < b->group;
}

/* The bounds of blocks from those of their halves; returns the largest. */
static int32_t find_tops(const ns__cursor *cursor, int32_t *tops)
{
    const int32_t *halves = (const int32_t *)(const void *)cursor->bounds;
    int32_t most = 0;
    for (size_t b = 0; b < cursor->list.blocks; b++)
        tops[b] = halves[2 * b] > halves[2 * b + 1] ? halves[2 * b] : halves[2 * b + 1];
    for (size_t b = 0; b < cursor->list.blocks; b++)
        most = tops[b] > most ? tops[b] : most;
    return most;
}

/* Lists of a group that are not left out. */
static uint32_t count_lists(const ns__drive *drive, uint32_t group)
{
    const uint32_t all = drive->run->lists[group].count;
    uint32_t count = all;
    for (uint32_t c = 0; drive->strays != NULL && c < all; c++)
        count -= ns__strays_has(drive->strays, drive->run, group, c);
    return count;
}

static bool open_list(ns__drive *drive, uint32_t group, uint32_t which, bool required)
{
    ns__exec *run = drive->run;
    if (drive->strays != NULL && ns__strays_has(drive->strays, run, group, which))
        return true;
    ns__drive_list list = {.cursor = ns__cursor_copy(&run->lists[group].cursors[which]),
                           .group = group,
                           .required = required && count_lists(drive, group) == 1,
                           .of_required = required,
                           .factor = round_up(run->plan->groups[group].factor)};
    int32_t *tops = ns__arena_alloc(run->reader->arena, list.cursor.list.blocks * sizeof *tops);
    if (tops == NULL)
        return false;
    float most = ns__drive_float(find_tops(&list.cursor, tops));
    list.tops = tops;
    list.most = most * list.factor;
    uint32_t at = drive->count++;
    for (; at > 0 && goes_before(run, &list, &drive->lists[at - 1]); at--)
        drive->lists[at] = drive->lists[at - 1];
    drive->lists[at] = list;
    return true;
}

/* Moves the lists of each word behind its first one. False without memory. */
static bool put_together(ns__drive *drive)
{
    const uint32_t count = drive->count;
    ns__drive_list *lists = ns__arena_alloc(drive->run->reader->arena, count * sizeof *lists);
    uint32_t put = 0;
    if (lists == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i && first; j++)
            first = drive->lists[j].group != drive->lists[i].group;
        for (uint32_t j = i; j < count && first; j++)
            if (drive->lists[j].group == drive->lists[i].group)
                lists[put++] = drive->lists[j];
    }
    drive->lists = lists;
    return true;
}

static bool is_in_phrase(const ns__drive *drive, uint32_t group)
{
    if (drive->phrase == UINT32_MAX)
        return false;
    const ns__plan_leaf *leaf = &drive->run->plan->leaves[drive->phrase];
    for (uint32_t s = 0; s < leaf->slot_count; s++)
        if (leaf->slots[s] == group)
            return true;
    return false;
}

static void order_by_group(ns__drive *drive)
{
    for (uint32_t i = 0; i < drive->count; i++) {
        uint32_t at = i;
        for (; at > 0 && drive->lists[drive->canonical[at - 1]].group > drive->lists[i].group; at--)
            drive->canonical[at] = drive->canonical[at - 1];
        drive->canonical[at] = i;
    }
}

/* Where units are asked, no passage has to hold any one word. */
static bool open_units(ns__drive *drive)
{
    const ns__exec *run = drive->run;
    const uint32_t articles = run->segment->articles.count;
    memset(run->present, 0, run->plan->group_count * sizeof *run->present);
    if (drive->settled)
        return true;
    NS_COUNT(DRIVE_UNITS);
    drive->verdicts = ns__arena_alloc(run->reader->arena, articles);
    if (drive->verdicts != NULL)
        memset(drive->verdicts, NS__UNKNOWN, articles);
    return drive->verdicts != NULL;
}

/* False when nothing matches, or the run failed. */
static bool open_lists(ns__drive *drive)
{
    ns__exec *run = drive->run;
    ns__arena *arena = run->reader->arena;
    uint32_t groups = run->plan->group_count, blocks = 1, lists = 0;
    if (!find_required(run, run->present))
        return false;
    drive->phrase = UINT32_MAX;
    if (ns__drive_by_passage(run))
        drive->phrase = ns__starts_leaf(run);
    else if (!open_units(drive))
        goto no_memory;
    for (uint32_t g = 0; g < groups; g++)
        lists += run->lists[g].count;
    drive->lists = ns__arena_alloc(arena, lists * sizeof *drive->lists);
    drive->canonical = ns__arena_alloc(arena, lists * sizeof *drive->canonical);
    if (drive->lists == NULL || drive->canonical == NULL)
        goto no_memory;
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t c = 0; run->plan->groups[g].weight > 0 && c < run->lists[g].count; c++)
            if (!open_list(drive, g, c, run->present[g]))
                goto no_memory;
    if (drive->count > 2 && !put_together(drive))
        goto no_memory;
    order_by_group(drive);
    for (uint32_t l = 0; l < drive->count; l++) {
        ns__drive_list *list = &drive->lists[l];
        list->in_phrase = is_in_phrase(drive, list->group);
        list->last = l + 1 == drive->count || drive->lists[l + 1].group != list->group;
        drive->leaders += list->of_required && list->group == drive->lists[0].group;
        list->tfs = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *list->tfs);
        if (list->tfs == NULL)
            goto no_memory;
        if (list->cursor.list.blocks > blocks)
            blocks = list->cursor.list.blocks;
    }
    drive->totals = ns__arena_alloc(arena, blocks * sizeof *drive->totals);
    drive->odds = ns__arena_alloc(arena, blocks * sizeof *drive->odds);
    if (drive->phrase != UINT32_MAX)
        drive->starts = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *drive->starts);
    if (drive->totals != NULL && drive->odds != NULL &&
        (drive->phrase == UINT32_MAX || drive->starts != NULL))
        return true;
no_memory:
    run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

/* ---- One pass ---- */

/* The first block from `b` on, among the next few, that is going to be looked at as it seems; one
 * behind the last for none. */
static uint32_t next_above(const ns__drive *drive, uint32_t b, float low)
{
    enum { AHEAD = 16 };
    const uint32_t blocks = drive->lists[drive->driver].cursor.list.blocks;
    const uint32_t end = blocks - b > AHEAD ? b + AHEAD : blocks;
    while (b < end && !(drive->totals[b] > 0 && drive->totals[b] >= low))
        b++;
    return b < end ? b : blocks;
}

/* Looks at the blocks whose totals are at least `low` and can reach the bar. */
static void search_above(ns__drive *drive, float low)
{
    enum { STEP = 16 };
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const uint32_t blocks = driver->cursor.list.blocks;
    for (uint32_t from = 0, to; from < blocks; from = to) {
        to = blocks - from > STEP ? from + STEP : blocks;
        float bar = ns__drive_bar(drive), largest = 0;
        bar = bar > low ? bar : low;
        for (uint32_t b = from; b < to; b++)
            largest = drive->totals[b] > largest ? drive->totals[b] : largest;
        for (uint32_t b = from; largest >= bar && b < to; b++)
            if (drive->totals[b] >= low && drive->totals[b] > 0 &&
                drive->totals[b] >= ns__drive_bar(drive)) {
                ns__cursor_fetch(&driver->cursor, next_above(drive, b + 1, bar), driver->in_phrase);
                ns__drive_block(drive, b);
                drive->totals[b] = 0;
                if (ns__exec_failed(drive->run))
                    return;
            }
    }
}

/* Bands of falling totals: the first few are small, so that the bar is high early; within a band
 * the lists are read forwards. */
static void search_pass(ns__drive *drive)
{
    static const float bands[] = {0.99f, 0.98f, 0.97f, 0.96f, 0.95f, 0.94f, 0.92f,
                                  0.9f,  0.87f, 0.84f, 0.8f,  0.7f,  0.0f};
    float largest = ns__drive_totals(drive);
    for (size_t i = 0; i < sizeof bands / sizeof *bands && !ns__exec_failed(drive->run); i++) {
        if (largest < ns__drive_bar(drive))
            break;
        search_above(drive, largest * bands[i]);
    }
}

/* One pass, unless all lists that did not drive yet stay below the bar. */
static bool drive_with(ns__drive *drive, uint32_t driver)
{
    if (ns__drive_left(drive) < ns__drive_bar(drive)) {
        NS_COUNT(DRIVE_PASSES_END);
        return false;
    }
    drive->driver = driver;
    search_pass(drive);
    drive->lists[driver].driven = true;
    return !ns__exec_failed(drive->run);
}

bool ns__drive_open(ns__drive *drive, ns__exec *run, bool settled, const ns__strays *strays)
{
    memset(drive, 0, sizeof *drive);
    drive->run = run;
    drive->kernels = ns__window_kernels_for(run->reader->isa);
    drive->driver = NS_DRIVE_NONE;
    drive->judged = UINT32_MAX;
    drive->settled = settled;
    drive->strays = strays;
    for (uint32_t i = 0; i < NS_BLOCK_MAX; i++)
        drive->numbers[i] = i;
    if (!open_lists(drive))
        return false;
    drive->slack = 1 + (float)(drive->count + 16) * 0x1p-22f;
    return true;
}

static void drive_lists(ns__drive *drive)
{
    ns__exec *run = drive->run;
    bool more = true, led = drive->leaders > 0;
    for (uint32_t l = 0; more && l < drive->count; l++) {
        if (drive->lists[l].of_required)
            continue;
        if (led && drive->lists[l].cursor.list.df >= run->lists[drive->lists[0].group].df)
            break;
        if (led)
            NS_COUNT(DRIVE_BEFORE_REQUIRED);
        more = drive_with(drive, l);
    }
    for (uint32_t l = 0; more && l < drive->leaders; l++)
        more = drive_with(drive, l);
}

/* Looks at passages of strays with all lists. */
static void look_apart(ns__exec *run, bool settled, const uint64_t *mask, const ns__strays *strays)
{
    ns__drive drive;
    NS_COUNT(STRAYS);
    if (ns__exec_failed(run) || !ns__drive_open(&drive, run, settled, NULL))
        return;
    drive.mask = mask;
    ns__drive_strays(&drive, strays);
}

void ns__drive_search(ns__exec *run, bool settled, const uint64_t *mask)
{
    ns__strays strays;
    ns__drive drive;
    if (!ns__strays_find(run, &strays)) {
        if (run->reader->status == NS_OK)
            run->reader->status = ns__no_memory(run->reader->err);
        return;
    }
    if (strays.count > 0 && mask == NULL && ns__lone_suits(run, &strays)) {
        ns__search_lone(run, &strays);
    } else {
        if (!ns__drive_open(&drive, run, settled, strays.count > 0 ? &strays : NULL))
            return;
        drive.mask = mask;
        if (mask == NULL)
            ns__drive_prime(&drive);
        drive_lists(&drive);
    }
    if (strays.count > 0)
        look_apart(run, settled, mask, &strays);
}

void ns__search_drive(ns__exec *run)
{
    ns__drive_search(run, false, NULL);
}
