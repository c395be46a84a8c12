#!/usr/bin/env python3
"""Proves that the oracle finds faults: puts them into the source, one at a time.

    seed_faults.py SOURCE_DIR BUILD_DIR [NAME ...]

Each fault is a piece of text that stands exactly once in a file, and what to put in its place. What
depends on that file is compiled from a changed copy and linked with the objects of the build, which
Ninja made and which stay as they are; the oracle runs with the settings below, the short ones
first, until one of them fails. A fault that none finds, or whose text is not there any more, fails
the test. Faults that only cost speed have no place here: the oracle judges results. Nor has a
changed order of summation: it would flip the last bit of one score in some hundred million.
"""
import math
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile

MANY_FILES = 8  # compiling so many takes longer than the oracle does with slower code
SOUND_MOST = 300  # seconds of the processor for a run without a fault
# Generated text only: the same everywhere, and fast.
RUNS = [
    ("blocks of 4", "--queries 500 --passages 2000 --block 4 --window 16 --seed 31"),
    ("blocks of 32", "--queries 500 --passages 3000 --block 32 --window 1024 --seed 32"),
    ("segments", "--queries 500 --passages 2000 --block 8 --window 64 --seed 33 --segments 3 --replace"),
    ("many segments", "--queries 3000 --passages 600 --block 4 --window 16 --seed 37 --segments 17 "
     "--replace"),
    ("kept", "--queries 1500 --passages 2000 --block 4 --window 16 --seed 40 --reorder"),
    ("blocks of 256", "--queries 1500 --passages 6000 --seed 34"),
    ("headlines", "--queries 6000 --passages 1500 --block 8 --window 64 --seed 210 --title-weight 1"),
    ("language", "--language --queries 1500 --passages 400 --block 4 --window 16 --seed 38 "
     "--segments 3 --replace"),
    ("ranking", "--ranking --queries 600 --passages 1500 --block 8 --window 32 --seed 39 --segments 3 "
     "--replace"),
    ("more queries", "--queries 6000 --passages 3000 --block 16 --window 128 --seed 35"),
    ("exact", "--language --queries 600 --passages 300 --block 4 --window 16 --seed 46 --segments 3 "
     "--replace --exact"),
    ("long ranking", "--ranking --queries 400 --passages 8000 --seed 47"),
    ("merged", "--queries 500 --passages 1500 --block 4 --window 16 --seed 44 --segments 3 --merge"),
    ("reordered", "--language --queries 200 --passages 400 --block 4 --window 16 --seed 45 --reorder"),
]

# name, file, old text, new text, and the run that finds it where another is not likely to
FAULTS = [
    # Encodings.
    ("last exception of a block not patched", "src/codec/pfor.c",
     "for (uint32_t i = 0; i < patches->count; i++) {",
     "for (uint32_t i = 0; i + 1 < patches->count; i++) {"),
    ("exception of a position shifted one bit short", "src/codec/values.c",
     "                              << values->width;",
     "                              << (values->width - 1);"),
    ("gaps of a dense block one passage short", "src/codec/block_runs.c",
     "(UINT64_C(1) << length) - 1)", "(UINT64_C(1) << (length - 1)) - 1)", "blocks of 32"),
    ("tfs behind a mask one too low", "src/codec/bitpack_portable.c",
     "1 + ((*values + 1) & (0 - bit))", "1 + (*values & (0 - bit))"),
    ("packed tfs one too low from the second block on", "src/segment/postings_read.c",
     "    size_t taken = ns__block_decode_tfs(kernels, place->tfs, end, count, out);",
     "    size_t taken = ns__block_decode_tfs(kernels, place->tfs, end, count, out);\n"
     "    if (place->block > 0 && out[0] > 1)\n        out[0]--;"),
    # Posting lists.
    ("headline weight forgotten in inline postings", "src/segment/postings_short.c",
     "body_tf + (uint64_t)title_tf * list->owner->title_weight", "body_tf + (uint64_t)title_tf"),
    ("last posting of a partial last block lost", "src/search/cursor.c",
     "cursor->ids = cursor->id_room;\n        cursor->count = ns__plist_count(list, block);",
     "cursor->ids = cursor->id_room;\n        cursor->count = ns__plist_count(list, block);\n"
     "        if (block > 0 && block + 1 == list->blocks && cursor->count > 1 &&\n"
     "            cursor->count < list->block_postings)\n            cursor->count--;"),
    ("a block that ends at the passage sought is passed over", "src/search/cursor.c",
     "ns__plist_last(list, middle) < passage", "ns__plist_last(list, middle) <= passage"),
    ("headline weight left out of passage lengths", "src/segment/articles_write.c",
     "title_length = writer->title_weight * entry->title_terms;",
     "title_length = entry->title_terms;"),
    ("avgdl counts a headline once an article", "src/index/output.c",
     "entry->title_terms * entry->passage_count;", "entry->title_terms;"),
    # Bounds.
    ("quantised bound one too low", "src/segment/postings_bounds.c",
     "double steps = ceil(bound * 255);", "double steps = ceil(bound * 255) - 1;"),
    ("shortest length of a half block is that of its last posting", "src/segment/list_coder.c",
     "shortest = lengths[i] < shortest ? lengths[i] : shortest;", "shortest = lengths[i];"),
    ("a tf too much asked of postings", "src/search/kernels.h",
     "return (uint32_t)tf + ((float)(uint32_t)tf < tf);", "return (uint32_t)tf + 2;"),
    ("Pareto pair dropped for one a little longer", "src/segment/postings_bounds.c",
     "shortest[tf] = lengths[i] < shortest[tf] ?", "shortest[tf] = lengths[i] + 8 < shortest[tf] ?",
     "many segments"),
    ("coarsened pair keeps the lower tf", "src/segment/postings_bounds.c",
     "set->pairs[chosen].tf = set->pairs[chosen + 1].tf;",
     "set->pairs[chosen].length = set->pairs[chosen].length;",
     "blocks of 256"),
    ("bound of a short list taken from its first posting", "src/segment/postings_bounds.c",
     "        best = bound > best ? bound : best;\n    }\n    out[0]",
     "        best = i == 0 ? bound : best;\n    }\n    out[0]",
     "blocks of 32"),
    ("bound of the second half block not looked at", "src/search/cursor.c",
     "bound = here > bound ? here : bound;",
     "bound = bound > 0 ? bound : here > cursor->bounds[2 * (size_t)block]\n"
     "                    ? cursor->bounds[2 * (size_t)block] : here;",
     "language"),
    ("window maximum lacks the block that reaches into it", "src/search/disjunction.c",
     "= ns__block_first(cursor, b) / size; w <= last; w++)",
     "= ns__block_first(cursor, b) / size + (b > 0); w <= last; w++)", "many segments"),
    # Engines.
    ("last block of a list not added up", "src/search/window.c",
     "b < cursor->list.blocks; b++) {\n        uint32_t from = ns__block_first(cursor, b), to = "
     "ns__plist_last(&cursor->list, b);\n        if (from >= win->end)\n            return;",
     "b + 1 < cursor->list.blocks; b++) {\n        uint32_t from = ns__block_first(cursor, b), to = "
     "ns__plist_last(&cursor->list, b);\n        if (from >= win->end)\n            return;"),
    ("lists set aside that reach the bar", "src/search/window.c",
     "        if (sum >= bar)", "        if (sum >= bar * 1.5f)",
     "blocks of 4"),
    ("lists set aside forgotten in the sum needed", "src/search/window.c",
     "float need = bar - more;", "float need = bar;", "many segments"),
    ("threshold reached is not enough", "src/search/topk.c",
     "bool better = ns__hit_better(hit, &top->last);", "bool better = hit->score > top->bar;"),
    ("half a range too much asked of scores", "src/search/topk.c",
     "const float least = least_of(top->range);",
     "const float least = (least_of(top->range) + least_of(top->range + 1)) / 2;"),
    ("a better passage counted beside the one before", "src/search/topk.c",
     "            uncount_range(top, top->hits[at].score);", "            (void)uncount_range;"),
    ("bounds taken for scores", "src/search/drive_prime.c",
     "list->quant[i] > 0 ? list->quant[i] - 1 : 0", "list->quant[i]", "kept"),
    ("bounds of a lone word taken for scores", "src/search/lone.c",
     "(float)(kth - 1) / TOP_STEP", "(float)kth / TOP_STEP", "kept"),
    ("ties go to the later article", "src/search/topk.h",
     "return a->article < b->article;", "return a->article > b->article;"),
    ("of equal passages the last is the best", "src/search/chunk.c",
     "(float)chunk->scores[at] > (float)chunk->scores[best]",
     "(float)chunk->scores[at] >= (float)chunk->scores[best]"),
    ("the worst of the best falls out with the rest", "src/search/topk.c",
     "kept += !ns__hit_better(&top->last, &top->hits[i]);",
     "kept += ns__hit_better(&top->hits[i], &top->last);",
     "segments"),
    ("articles forgotten when the worse half goes", "src/search/topk.c",
     "        top->table[slot_of(top, top->hits[i].article)] = i + 1;", "        (void)slot_of(top, i);"),
    ("equal scores sorted as they came", "src/search/topk.c",
     "return a->key != b->key ? a->key < b->key : ns__hit_better(a->hit, b->hit);",
     "return a->key >> 32 < b->key >> 32;"),
    ("parts of a score rounded to float", "src/search/exec.c",
     "sum += ns__bm25_part(", "sum += (float)ns__bm25_part("),
    ("tf of a word's second term replaces the first's", "src/search/match.c",
     "tf += ns__cursor_tf(&lists->cursors[c]);", "tf = ns__cursor_tf(&lists->cursors[c]);",
     "blocks of 32"),
    ("df of the last segment only", "src/search/plan.c", "df += here;", "df = here;",
     "segments"),
    ("a word written twice weighs once", "src/search/plan.c",
     "boost += sorted[i]->weight;", "boost = sorted[i]->weight;"),
    ("bigrams that end with a lone cluster not found", "src/search/expand.c",
     "if (ends && !kept)", "if (ends && begins && !kept)"),
    # What matches.
    ("excluded words looked for in the passage alone", "src/search/chunk.c",
     "if (ns__leaf_within(run, leaf, first, end)) {",
     "if (ns__leaf_within(run, leaf, chunk->first + at, chunk->first + at + 1)) {"),
    ("excluded words ignored where articles are asked", "src/search/match.c",
     "if (occur != NS__SHOULD &&", "if (occur == NS__MUST &&"),
    ("a phrase is not found at the beginning of a passage", "src/search/match.c",
     "if (out->items[i] >= offset)", "if (out->items[i] > offset)"),
    ("a phrase is not found at the end of a headline", "src/search/match.c",
     "i <= count - of->slot_count; i++)", "i < count - of->slot_count; i++)", "blocks of 32"),
    ("a phrase remembered for the next article's headline", "src/search/match.c",
     "if (phrase->article != article) {", "if (phrase->article == UINT32_MAX) {",
     "blocks of 32"),
    ("deleted articles are found", "src/search/judge.c",
     "    if (ns__segment_deleted(run->segment, article) ||\n        (", "    if ((false) ||\n        (",
     "segments"),
    ("deleted articles are found by the intersection", "src/search/intersection.c",
     "if (ns__segment_deleted(run->segment, article)) {", "if (false) {"),
    ("deleted articles are found where all is scored", "src/search/chunk.c",
     "if (ns__segment_deleted(run->segment, article))", "if (false)"),
    ("the first tombstones go with the second commit", "src/index/writer.c",
     "        if (segment->deleted)\n            memcpy(old->dead, segment->deleted, bytes);",
     "        if (segment->deleted && segment->ref.tombstone_generation == 0)\n"
     "            memcpy(old->dead, segment->deleted, bytes);",
     "segments"),
    # Articles are found first.
    ("a word in the last passage of an article overlooked", "src/search/units.c",
     "cursor->ids[at] < end;", "cursor->ids[at] + 1 < end;"),
    ("articles with an excluded word stay", "src/search/units.c",
     "kept += (held[i] != 0) == asked->wanted;", "kept += held[i] != 0 || !asked->wanted;"),
    ("the last bit of a block is not an article's", "src/search/units.c",
     "byte &= (1u << (to - from)) - 1;", "byte &= (1u << (to - from - 1)) - 1;"),
    ("a mask lacks the last passage of each article", "src/search/drive_units.c",
     "p < units->end[i]; p++)", "p + 1 < units->end[i]; p++)"),
    ("passages without a word of the query are results", "src/search/drive_block.c",
     "drive->sums[i] > 0 || holds_any(", "true || holds_any("),
    ("a word written otherwise is taken for one that is not there", "src/search/literal.c",
     "    if (there || !lettered ||", "    if (!lettered ||", "language"),
    ("a soft hyphen hides a word", "src/search/literal.c",
     "next != 0xaa && next != 0xad &&", "next != 0xaa &&", "language"),
    ("a word is the same in all languages", "src/search/literal.c",
     "alike ? 1 : word->count", "1", "language"),
    ("postings rated late lack what the driver gives", "src/search/drive_ask.c",
     "tfs[i] = driver->cursor.tfs[to.slots[i]];", "tfs[i] = 0;", "many segments"),
    ("rated late they go by the tfs of others", "src/search/drive_ask.c",
     "            at[i] = by_slot[to.slots[i]];\n    }\n    if (count == 0",
     "            at[i] = by_slot[to.slots[0]];\n    }\n    if (count == 0", "segments"),
    ("a line is looked for in the best passage", "src/search/cascade_facts.c",
     "ns__run_begins(run, r, entries[i]->first)", "ns__run_begins(run, r, entries[i]->hit.passage)",
     "long ranking"),
    ("a line counts the same wherever it begins", "src/search/cascade_parts.h",
     "    return 1 + NS_CASCADE_LINE_REACH / (NS_CASCADE_LINE_REACH + begin);",
     "    return 2;", "long ranking"),
    ("a worse passage of an article pushes out its best", "src/search/drive_block.c",
     "better = scores[i] > score;", "better = scores[i] < score;"),
    ("an article that is cut by a batch is counted by its last part", "src/search/units.c",
     "        memset(matches, 0, count);\n", "        memset(matches, 0, count);\n        here = 0;\n",
     "blocks of 256"),
    # Short lists are left out.
    ("passages kept apart are found by one list alone", "src/search/drive_block.c",
     "    if (drive->strays != NULL)\n        drop_apart(drive);\n", "    (void)drop_apart;\n"),
    ("the last list of a word is no part of what passages can have", "src/search/drive_bounds.c",
     "    for (uint32_t l = from; l < to; l++)\n        for (uint32_t i = 0; i < count; i++)\n            odds[i] +=",
     "    for (uint32_t l = from; l + 1 < to; l++)\n        for (uint32_t i = 0; i < count; i++)\n            odds[i] +=",
     "many segments"),
    ("a lone word is found where it has more than one list", "src/search/lone.c",
     "(all->strays != NULL && ns__strays_hold(all->strays, passage)) ||", "((void)ns__strays_hold, false) ||",
     "blocks of 256"),
    # One list drives.
    ("what the other lists add forgotten", "src/search/drive_bounds.c",
     "        after += here;", "        after += here / 2;"),
    ("mates of the driver add nothing", "src/search/drive_bounds.c",
     "mates_of(drive, first, last),\n", "0 * mates_of(drive, first, last),\n"),
    ("a passage scored again in the pass of its second word", "src/search/drive_judge.c",
     "    else if (was_seen(drive, passage))\n", "    else if (false)\n"),
    ("passes end one list early", "src/search/drive_bounds.c",
     "        odds += list->driven ? 0 :", "        odds += list->driven || l + 1 == drive->count ? 0 :"),
    ("half of what the best go before is not asked about", "src/search/drive_best.c",
     "keep(&from, rest.count, need, &to);", "keep(&from, rest.count / 2, need, &to);", "blocks of 32"),
    ("what is wanted is put off for good", "src/search/drive_best.c",
     "        off += !stays;", "        off += !stays && i % 2;", "segments"),
    ("the last few of a phrase's passages are dropped", "src/search/kernels_find.c",
     "    return keep_ids_each(ids, slots, at, i, count, to_ids, to_slots, kept);",
     "    return keep_ids_each(ids, slots, at, i, i, to_ids, to_slots, kept);", "blocks of 32"),
    ("required words are only wanted", "src/search/drive_ask.c",
     "    if (all->list->required) {\n        kept = add_required(",
     "    if (false) {\n        kept = add_required("),
    ("what a wanted word adds is forgotten", "src/search/drive_ask.c",
     "            from.sums[places[i]] = sums[i];\n", ""),
    ("a required word is missed in its second list", "src/search/drive_ask.c",
     "            here |= drive->lists[l].tfs[drive->slots[i]] > 0;",
     "            here |= l == first && drive->lists[l].tfs[drive->slots[i]] > 0;"),
    ("a word's lists are parts of their own in the score", "src/search/drive_score.c",
     "        if (i + 1 < drive->count && drive->lists[drive->canonical[i + 1]].group == group)",
     "        if (false)"),
    ("a word's lists are parts of their own in the scores of many", "src/search/drive_score.c",
     "        if (l + 1 < drive->count && drive->lists[drive->canonical[l + 1]].group == group)",
     "        if (false)"),
    ("places of two lists of a word taken for those of one", "src/search/drive_ask.c",
     "        if (is_held(drive, all->list, slot)) {", "        if (false && is_held(drive, all->list, slot)) {"),
    ("single tfs of a mask are one too low", "src/codec/block.c",
     "    return 2 + ns__packed_get(mask", "    return 1 + ns__packed_get(mask"),
    ("single tfs of a patched block lack their high bits", "src/codec/block.c",
     "low.width) | more[at[i]])", "low.width))",
     "blocks of 32"),
    ("deleted articles are found by the driving list", "src/search/drive_judge.c",
     "    else if (ns__segment_deleted(run->segment, article))", "    else if (false)"),
    ("excluded words ignored", "src/search/match.c",
     "NS__NOT && ns__leaf_within(run, l, first, end))", "NS__NOT && false)"),
    ("a posting of a bit set has the tf of the one before", "src/search/kernels_find.c",
     "    uint32_t rank = ranks[place / 64] +", "    uint32_t rank = (ranks[place / 64] > 0) * -1 + ranks[place / 64] +",
     "blocks of 32"),
    ("the last group of ids is not looked in", "src/search/kernels_find.c",
     "bool here = *base == wanted[i];", "bool here = *base == wanted[i] && base + 1 < ids + count;"),
    ("a phrase may stand one word apart", "src/search/starts.c",
     "starts->at[next] + slot == place)", "starts->at[next] + slot + (slot > 1) == place)"),
    ("a phrase in the headline is not asked for", "src/search/starts.h",
     "    starts->titled = run->segment->articles.headline_terms > 0;", "    starts->titled = false;",
     "many segments"),
    ("two words in a headline are no phrase there", "src/search/starts.c",
     "        keep[i] |= of->titled;\n", "", "headlines"),
    ("high bits of a place are left out", "src/search/pairs.c",
     "return **exception == i ? low | high_of(of, *exception) : low;", "return low;",
     "many segments"),
    ("scores of the posting before", "src/search/tally_offer.c",
     "        of[slots[i]] = tfs[i];", "        of[slots[i]] = tfs[i > 0 ? i - 1 : i];",
     "blocks of 32"),
    ("what words add that are asked later is no part of the bound", "src/search/tally_offer.c",
     "        sum += factor_of(all, all->extras[e]);", "        sum += 0 * factor_of(all, all->extras[e]);",
     "many segments"),
    ("the last passage asked is not free of an excluded word", "src/search/drive_exclude.c",
     "        for (uint32_t i = from; i < to; i++) /* NS_NOWHERE for what goes */",
     "        for (uint32_t i = from; i + 1 < to; i++)", "segments"),
    ("one of several wanted words leads where others are excluded", "src/search/tally_led.c",
     "plan->musts == 0 && plan->shoulds == 1 && plan->nots > 0", "plan->musts == 0 && plan->nots > 0"),
    ("the last of several wanted words is not counted", "src/search/tally_sets.c",
     "    for (uint32_t g = 0; g < count; g++)\n", "    for (uint32_t g = 0; g + (count > 1) < count; g++)\n"),
    ("bits before the window are lost", "src/search/tally_sets.c",
     "            set[0] |= (uint64_t)(*bits++ >> -place);", "            bits++;"),
    ("bits of a set looked at one too low", "src/search/kernels_find.c",
     "(view->bits[place / 8] >> (place % 8) & 1);",
     "(view->bits[place / 8] >> ((place + 7) % 8) & 1);",
     "headlines"),
    ("only the first half of a block's groups are sifted", "src/search/kernels_find.c",
     "kept += (*halve(ids, count, id) == id) == present;",
     "kept += (*halve(ids, (count + 1) / 2, id) == id) == present;",
     "blocks of 4"),
    ("an excluded word is asked for as a wanted one", "src/search/tally_led.c",
     "add_question(all, leaf->slots[s], false);", "add_question(all, leaf->slots[s], true);"),
    ("an article of two windows is counted twice", "src/search/tally_count.c",
     "    if (*counted) /* on from the first start */", "    if (false) /* on from the first start */",
     "kept"),
    ("one required word will do for an article to count", "src/search/tally_units.c",
     "    return article->seen == units->wanted;", "    return (article->seen & units->wanted) != 0;", "kept"),
    ("an article is forgotten at the end of a window", "src/search/tally_units.c",
     "    look_at(all, 0, begin < size ? begin : size, &units->last);", "    units->last = (carried){0, 0};",
     "kept"),
    ("deleted articles are counted", "src/search/tally_count.c",
     "    if (ns__segment_deleted(run->segment, article)) {", "    if (false) {"),
    # Several segments.
    ("articles of later segments numbered without the deleted", "src/index/snapshot.c",
     "= index->first_article[i] + ref->articles;",
     "= index->first_article[i] + ref->articles - ref->deleted_articles;",
     "segments"),
    ("an article remembered from the segment before", "src/search/exec.c",
     "    run->article_first = run->article_end = 0;\n", "",
     "many segments"),
    ("quantised bounds of another avgdl", "src/segment/postings_bounds.c",
     "|| average != owner->average)", ")",
     "many segments"),
    ("quantised bounds of an avgdl that is near", "src/segment/postings_bounds.c",
     "average > average_of_list ? average_of_list / average : 1", "1",
     "many segments"),
    ("deleted passages left out of N", "src/index/snapshot.c",
     "index->passages += ref->passages;",
     "index->passages += ref->passages - ref->deleted_passages;"),
    ("the last article is not counted", "src/search/intersection.c",
     "    count_article(&all, 0);\n}", "}", "blocks of 32"),
    # The whole language.
    ("places that touch overlap", "src/search/proximity.c",
     "        if (chain->end > start)", "        if (chain->end >= start)"),
    ("a NEAR may be one word wider", "src/search/proximity.c",
     "        if (between > leaf->distance)", "        if (between > (int64_t)leaf->distance + 1)"),
    ("order does not matter to ONEAR", "src/search/proximity.c",
     "|| (leaf->ordered && mask != bit - 1))", ")"),
    ("paragraphs are sentences", "src/search/proximity.c",
     "if (!last && of->paragraph && !(entry->sentences[i] & 1))", "if (false)"),
    ("a NEAR is not asked for in headlines", "src/search/match.c",
     "        return ns__near_headline(run, leaf, article);", "        return false;",
     "language"),
    ("body: takes headlines too", "src/search/match.c",
     "if (!titled || of->field == NS__FIELD_BODY)", "if (!titled)",
     "language"),
    ("title: takes texts too", "src/search/match.c",
     "if (of->field != NS__FIELD_TITLE && in_text", "if (in_text",
     "language"),
    ("what is excluded within parentheses is not", "src/search/tree.c",
     "if (conds[c].occur == NS__NOT && holds(run, c, first, end))\n            return false;",
     "if (false)\n            return false;"),
    ("a filter found nothing by itself", "src/search/tree.c",
     "if (all->passages == before && run->plan->by_filter)", "if (false)"),
    ("the tree engine looks at deleted articles", "src/search/tree.c",
     "        if (ns__segment_deleted(run->segment, article)) {\n            NS_COUNT(TREE_DELETED);",
     "        if (false) {\n            NS_COUNT(TREE_DELETED);"),
    ("the last passage of an article is not scored", "src/search/tree.c",
     "for (uint32_t p = first; p < end; p++)\n        if ((double)ns__exec_score",
     "for (uint32_t p = first; p + 1 < end; p++)\n        if ((double)ns__exec_score"),
    ("how a word is written is taken from its neighbour", "src/search/spelled.c",
     "if (!scratch->piece_known || scratch->piece != piece || scratch->cursor.next > word) {",
     "if (!scratch->piece_known || scratch->piece != piece) {", "exact"),
    ("a headline is spelled as its first passage", "src/search/spelled.c",
     "ns__spelling_unit(article, title ? first : passage, title)",
     "ns__spelling_unit(article, title ? first : passage, false)", "exact"),
    ("filters count as required words", "src/search/plan_tree.c",
     "musts |= out->conds[c].occur == NS__MUST && !is_all_filters(out, c, true);",
     "musts |= out->conds[c].occur == NS__MUST;"),
    ("weights of words are lost", "src/search/plan_words.c",
     "ns__context context, bool loose)\n{\n    context.weight *= node->weight;",
     "ns__context context, bool loose)\n{"),
    ("a date range includes its end", "src/search/filter.c",
     "begins < filter->to;", "begins <= filter->to;"),
    ("a window of dates is left out too early", "src/search/filter.c",
     "ns__zone_latest(run->options, latest) < filter->from ||",
     "ns__zone_latest(run->options, latest) <= filter->from ||"),
    ("a day of another zone is taken for one of UTC", "src/search/zone.c",
     "return shifted(date->unix_s, -(int64_t)minutes * 60);", "return date->unix_s;"),
    ("values match within words", "src/search/glob.c",
     "memcmp(text.data + at, words.data, words.length) == 0 && ns__ends_word(text, at) &&",
     "memcmp(text.data + at, words.data, words.length) == 0 &&"),
    ("an exchange of letters is two edits", "src/search/glob.c",
     "if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])", "if (false)"),
    ("forms that are no terms are not looked through", "src/search/expand_forms.c",
     "    return walk_surfaces(all, from, begin);", "    return NS_OK;"),
    ("sentences are not seen by marks", "src/search/highlight.c",
     "    if (from.title || from.entry == NULL)\n        return mark_within(all, 0, near->count, 0, UINT32_MAX);",
     "    if (true)\n        return mark_within(all, 0, near->count, 0, UINT32_MAX);"),
    ("all places of a NEAR are marked", "src/search/highlight.c",
     "if (ns__places_near(all->leaf, places + from, to - from, &places[i], &all->near, status))",
     "if (ns__places_near(all->leaf, places + from, to - from, NULL, &all->near, status))"),
    ("a cursor thinks it knows what it was not asked", "src/search/cursor.c",
     "    cursor->asked = passage;\n    if (cursor->at == cursor->count)",
     "    cursor->asked = 0;\n    if (cursor->at == cursor->count)"),
    ("counting stops one article early", "src/search/exec.c",
     "run->hits->articles > NS_HITS_EXACT", "run->hits->articles >= NS_HITS_EXACT"),
    # Merging.
    ("blocks of the second segment copied where they do not begin", "src/segment/postings_write.c",
     "    if ((block->count != size && !block->last) || (held > 0 && held < size))\n        return false;\n",
     "", "merged"),
    ("last blocks copied although postings follow", "src/index/merge_lists.c",
     ".last = alone && b + 1 == list->blocks,", ".last = b + 1 == list->blocks,", "merged"),
    ("short lists of later segments copied with the ids that they had", "src/index/merge_lists.c",
     "return ns__merge_passage(source, first) == first && ns__merge_passage(source, last) == last;",
     "return first <= last;", "merged"),
    ("the first block of a later segment copied as if it began a list", "src/index/merge_lists.c",
     " || (b == 0 && first != old))", ")", "merged"),
    ("copied blocks keep their old ids in the bounds", "src/index/merge_lists.c",
     "all->moved[i] = all->ids[i] + (first - old);", "all->moved[i] = all->ids[i];", "merged"),
    ("positions of copied blocks are left out", "src/segment/list_coder.c",
     "    ns__buf_append(&coder->positions, block->positions.data, block->positions.length);\n", "",
     "merged"),
    ("headlines of a merge keep the ordinals that their words had", "src/index/merge_lists.c",
     "*out++ = source->ordinals[words[w]];", "*out++ = words[w];", "merged"),
    ("ids of a reordered index by article", "src/segment/articles_ids.c",
     "articles->ids_by_place ? ns__article_place(articles, article) : article;", "article;", "reordered"),
    ("articles of a reordered index found one step too far", "src/segment/articles_order.c",
     "        *article = at;\n        if (next == place)", "        *article = next;\n        if (next == place)",
     "reordered"),
    # The default ranking.
    ("too few articles are ranked again", "src/search/cascade.c",
     "LEAST_DEPTH = 100,", "LEAST_DEPTH = 95,"),
    ("bursts of one article too many", "src/search/cascade.c",
     "BURST_ARTICLES = 100,", "BURST_ARTICLES = 101,"),
    ("neighbours one word too far", "src/search/cascade_near.c", "WINDOW = 8 }", "WINDOW = 9 }"),
    ("what nearness can add is bounded too low", "src/search/cascade.c",
     "pair->weight * (beside + within);\n    }\n}\n\nstatic void score_article",
     "pair->weight * beside / 2;\n    }\n}\n\nstatic void score_article"),
    ("a word's first passage only", "src/search/cascade_lists.c",
     "facts->there |= of->there;", "facts->there |= of->there & -of->there;"),
    ("headlines of articles in a row", "src/segment/articles_headlines.c",
     "    of->start += *terms;\n", ""),
    ("pairs of too few articles", "src/search/cascade.c", "NEAR_PART = 5 ", "NEAR_PART = 6 "),
    ("the first ids of a segment are those kept of the one before", "src/codec/zstrings.c",
     "    if (!load_block(block, reader)) {",
     "    if (!load_block(number == 0 && reader->from ? (ns__str){reader->from, 1} : block, reader)) {",
     "language"),
    ("blanks of values are compared one by one", "src/search/filter.c",
     "    ns__even_blanks(&run->folder.term);\n", ""),
    ("articles without a headline have one", "src/segment/articles.c",
     "? entry.title_terms > 0 :", "? true :", "language"),
    # Trees of words by sets.
    ("an article that a window cuts is forgotten", "src/search/tree_sets.c",
     "of->carry[cond] = (uint8_t)carry;", "of->carry[cond] = 0;", "language"),
    ("a word in the last passage of an article is not in it", "src/search/tree_sets.c",
     "(with | set[w]) & last;", "with & last;", "language"),
    ("what a list of a tree excludes may be there", "src/search/tree_sets.c",
     "conds[c].occur == NS__NOT ? UINT64_MAX : 0;", "0;", "language"),
    ("what a list of a tree wants must be there", "src/search/tree_sets.c",
     "conds[list].wants && w <", "w <", "language"),
    ("passages of excluded words match", "src/search/tree_sets.c",
     "if (plan->leaves[plan->conds[cond].index].occur != NS__NOT)\n        for", "for", "language"),
    ("what matches by what it lacks is left out", "src/search/tree_sets.c",
     "*bare |= run->plan->by_filter;", "*bare |= false;", "language"),
    ("passages are articles of their own in sets", "src/search/tree_sets.c",
     "const uint32_t first = alone ? last : ns__article_first(articles, article);",
     "const uint32_t first = last;", "language"),
]


# Mostly about the whole language.
LANGUAGE = ["src/search/" + name for name in (
    "expand_forms.c", "filter.c", "glob.c", "highlight.c", "plan_tree.c", "plan_words.c", "proximity.c",
    "tree.c", "zone.c")]


class Build:
    """What Ninja built, and how to make an oracle with a fault in it."""

    def __init__(self, source, directory, temporary):
        self.source, self.directory = os.path.realpath(source), directory
        self.include, self.temporary = os.path.join(temporary, "src"), temporary
        self.sound = os.path.join(directory, "tests/oracle")
        self.faulty = os.path.join(temporary, "oracle")
        self.compile, self.link, self.depends = {}, None, {}
        for line in self.ninja("commands", "oracle"):
            words = [word for word in shlex.split(line) if word not in (":", "&&")]
            made = words[words.index("-o") + 1] if "-o" in words else None
            if "-c" in words:
                self.compile[made] = words
            elif made == "tests/oracle":
                self.link = words
        for line in self.ninja("deps"):
            if line.startswith(" "):
                path = os.path.realpath(os.path.join(directory, line.strip()))
                self.depends.setdefault(path, []).append(made)
            else:
                made = line.partition(":")[0]

    def ninja(self, tool, *arguments):
        return subprocess.run(["ninja", "-C", self.directory, "-t", tool, *arguments], check=True,
                              capture_output=True, text=True).stdout.splitlines()

    def run(self, words):
        done = subprocess.run(words, cwd=self.directory, capture_output=True, text=True)
        if done.returncode != 0:
            raise ValueError("does not compile:\n" + done.stderr[-2000:])

    def make(self, file, text):
        """An oracle with `text` in the place of a file of src: all that depends on it stands before
        the library, which is then not asked for what that defines."""
        path, changed = (os.path.join(root, file) for root in (self.source, self.temporary))
        os.makedirs(os.path.dirname(changed), exist_ok=True)
        with open(changed, "w", encoding="utf-8") as f:
            f.write(text)
        link = [self.faulty if word == "tests/oracle" else word for word in self.link]
        users = [made for made in self.depends.get(path, []) if made in self.compile]
        optimised = "-O1" if len(users) < MANY_FILES else "-O0"
        for number, made in enumerate(users):
            own = os.path.join(self.temporary, "%d.o" % number)
            words = [{made: own, path: changed}.get(word, word) for word in self.compile[made]]
            self.run(words + [optimised, "-w", "-iquote", self.include])
            if made in link:
                link[link.index(made)] = own
            else:
                link.insert(link.index("libns.a"), own)
        self.run(link)
        os.remove(changed)


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_oracle(program, arguments, temporary, most=SOUND_MOST):
    """None when all queries agree, else what was found. `most` are seconds of the processor: what
    else runs on the machine does not count."""
    command = [program] + arguments.split()
    done = subprocess.run(
        command + ["--shared", "/nowhere"], capture_output=True,
        env=dict(os.environ, TMPDIR=temporary),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1)))
    if done.returncode == 0:
        return None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "does not end"
    text = done.stdout.decode(errors="replace")
    found = re.search(r"DIFFERENCE in (query \d+: [^:\n]*)|(the index was not built)", text)
    return (found.group(1) or found.group(2)) if found else "exit status %d" % done.returncode


def judge(build, fault, temporary, most):
    """What found the fault; raises ValueError with the reason when nothing did."""
    file, old, new = fault[1:4]
    likely = "language" if file in LANGUAGE else "ranking" if "cascade" in file else None
    likely = fault[4] if len(fault) > 4 else likely
    with open(os.path.join(build.source, file), encoding="utf-8") as f:
        sound = f.read()
    if sound.count(old) != 1:
        raise ValueError("its text stands %d times in %s" % (sound.count(old), file))
    build.make(file, sound.replace(old, new))
    for name, arguments in sorted(RUNS, key=lambda run: run[0] != likely):
        found = run_oracle(build.faulty, arguments, temporary, most)
        if found:
            return "%s, %s" % (name, found)
    raise ValueError("NOT FOUND by any run")


def main():
    source, directory = sys.argv[1:3]
    wanted = sys.argv[3:]
    missed = 0
    if not os.path.exists(os.path.join(directory, "build.ninja")):
        print("skipped: only Ninja tells how it built what; use cmake -G Ninja")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="ns-faults-") as temporary:
        build = Build(source, directory, temporary)
        began = processor_seconds()
        for name, arguments in RUNS:
            found = run_oracle(build.sound, arguments, temporary)
            if found:
                sys.exit("%s fails without a fault: %s" % (name, found))
        most = 5 + 4 * math.ceil(processor_seconds() - began)  # all sound runs four times over
        for fault in FAULTS:
            if wanted and fault[0] not in wanted:
                continue
            try:
                result = judge(build, fault, temporary, most)
            except ValueError as why:
                result, missed = str(why), missed + 1
            print("%-56s %s" % (fault[0], result), flush=True)
    print("%d faults, %d not found; %.0f s of the processor" %
          (len(wanted or FAULTS), missed, processor_seconds()))
    sys.exit(1 if missed else 0)


main()
