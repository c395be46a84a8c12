/* Writing stored text: sections and their models.
 *
 * With models the stream is cut into sections. A section is held back as the sample from which its
 * model is made, unless the model before fits. That is a job too, during which text waits where
 * there is room, and whoever appends it goes on; what was held back is coded once the model is
 * there. */
#include "segment/store_parts.h"

#include <limits.h>

enum {
    SAME_TEXT = 14, /* thousandths that differ at most where a model is used again */
    OVERFIT = 4,    /* a sample promises this many times what the section keeps */
    SECTIONS = 3,   /* that a model serves, about: most are used again */
    MOST_AT_ONCE = 64 << 20
};

unsigned ns__store_scale(const ns__store_writer *writer)
{
    uint64_t bytes = ns__store_section_bytes(writer);
    uint64_t scale = bytes / writer->sample_bytes / OVERFIT;
    return scale > SECTIONS ? (unsigned)scale : SECTIONS;
}

/* ---- Models ---- */

/* Whether the model before will do. */
static ns_status ask_before(const ns__store_training *training, bool *fits, ns_error *err)
{
    unsigned distance = UINT_MAX;
    if (training->before)
        NS_TRY(ns__model_distance(training->before,
                                  (ns__str){training->sample.data, training->sample.length},
                                  &distance, err));
    *fits = distance <= SAME_TEXT;
    return NS_OK;
}

static ns_status make_model(ns__store_training *training, ns_error *err)
{
    return ns__model_train((ns__str){training->sample.data, training->sample.length},
                           training->scale, training->keeps_cuts ? &training->cuts : NULL,
                           &training->model, err);
}

static void run_training(ns__job *job, unsigned worker)
{
    (void)worker;
    ns__store_training *training = (ns__store_training *)job;
    bool fits = false;
    training->status = ask_before(training, &fits, &training->error);
    if (training->status == NS_OK && !fits)
        training->status = make_model(training, &training->error);
}

/* The same where whoever appends does it: the model before makes room for the next. */
static ns_status train_here(ns__store_writer *writer, ns_error *err)
{
    ns__store_training *training = &writer->training;
    bool fits = false;
    NS_TRY(ask_before(training, &fits, err));
    if (fits)
        return NS_OK;
    NS_TRY(ns__store_land_groups(writer, err)); /* what uses it */
    ns__model_writer_free(writer->model);
    writer->model = NULL;
    training->before = NULL;
    return make_model(training, err);
}

/* The model stands before the blocks of its section. Nothing stands there when the one before will
 * do. */
static ns_status use_model(ns__store_writer *writer, ns__model_writer *model, ns_error *err)
{
    if (model == NULL) {
        ns__store_begin_section(writer);
        return NS_OK;
    }
    ns_status status = ns__store_land_groups(writer, err); /* what uses the model before */
    ns__model_writer_free(writer->model);
    writer->model = model;
    NS_TRY(status);
    ns__buf_u64(&writer->offsets, writer->written);
    ns__str table = ns__model_table(model);
    ns__frame_append(writer->frame, table.data, table.length);
    writer->written += table.length;
    return NS_OK;
}

/* Waits for the model in the making, and goes on with the section that its sample begins. */
static ns_status settle(ns__store_writer *writer, ns_error *err)
{
    ns__store_training *training = &writer->training;
    if (!writer->trains)
        return NS_OK;
    writer->trains = false;
    if (training->is_job)
        ns__pool_wait_first(writer->pool, &training->job);
    if (training->status < 0) {
        if (err)
            *err = training->error;
        return training->status;
    }
    NS_TRY(use_model(writer, training->model, err));
    writer->lent = training->is_section;
    if (writer->lent)
        return ns__store_put_sample(writer, err);
    NS_TRY(ns__store_put(writer, (ns__str){training->sample.data, training->sample.length}, err));
    ns__buf_release(&training->sample);
    return NS_OK;
}

static void release_sample(ns__store_training *training)
{
    ns__buf_release(&training->sample);
    ns__model_cuts_release(&training->cuts);
}

/* Makes a model of the sample, or lets one be made. */
static ns_status begin_training(ns__store_writer *writer, unsigned scale, ns_error *err)
{
    const bool room = writer->queue_bytes >= writer->sample_bytes;
    NS_TRY(settle(writer, err));
    if (writer->lent)
        NS_TRY(ns__store_land_groups(writer, err));
    writer->lent = false;
    release_sample(&writer->training);
    writer->training = (ns__store_training){
        .job.run = run_training,
        .before = writer->model,
        .sample = writer->sample,
        .scale = scale,
        .keeps_cuts = room && writer->sample.length == ns__store_section_bytes(writer),
    };
    writer->sample = (ns__buf){0};
    writer->sampling = false;
    writer->trains = true;
    writer->training.is_job = writer->pool != NULL && room;
    if (writer->training.is_job)
        ns__pool_submit_first(writer->pool, &writer->training.job);
    else /* with little memory not by another thread, which has a heap of its own */
        writer->training.status = train_here(writer, &writer->training.error);
    return room ? NS_OK : settle(writer, err);
}

void ns__store_drop_training(ns__store_writer *writer)
{
    ns__store_training *training = &writer->training;
    if (writer->trains) {
        if (training->is_job)
            ns__pool_wait_first(writer->pool, &training->job);
        ns__model_writer_free(training->model);
    }
    writer->trains = false;
    release_sample(training);
}

/* ---- Sections ---- */

static ns_status end_section(ns__store_writer *writer, ns_error *err)
{
    writer->section_length = 0;
    writer->sampling = true;
    writer->training.is_section = writer->trains;
    return writer->trains ? NS_OK : ns__store_launch_group(writer, err);
}

/* Bytes of one section, and of its sample or of what is behind that. */
static ns_status append_part(ns__store_writer *writer, ns__str part, ns_error *err)
{
    if (writer->sampling) {
        if (writer->sample.capacity == 0)
            (void)ns__buf_reserve(&writer->sample, writer->sample_bytes); /* so much, not more */
        ns__buf_append(&writer->sample, part.data, part.length);
        if (writer->sample.failed)
            return ns__no_memory(err);
    } else {
        NS_TRY(settle(writer, err));
        NS_TRY(ns__store_put(writer, part, err));
    }
    writer->section_length += part.length;
    return NS_OK;
}

/* Takes the bytes from the front that are of one section, or of its sample. */
static ns_status append_next(ns__store_writer *writer, ns__str *bytes, ns_error *err)
{
    const uint64_t section_bytes = ns__store_section_bytes(writer);
    uint64_t end = writer->sampling ? writer->sample_bytes : section_bytes;
    uint64_t room = end - writer->section_length;
    ns__str part = {bytes->data, bytes->length < room ? bytes->length : (size_t)room};
    NS_TRY(append_part(writer, part, err));
    bytes->data += part.length;
    bytes->length -= part.length;
    if (writer->sampling && writer->section_length == writer->sample_bytes)
        NS_TRY(begin_training(writer, ns__store_scale(writer), err));
    return writer->section_length == section_bytes ? end_section(writer, err) : NS_OK;
}

/* ---- Waiting ---- */

static bool is_waiting(const ns__store_writer *writer)
{
    return writer->taken < writer->waiting.length;
}

/* By another thread: who is alone makes it when it is asked for. */
static bool is_in_the_making(const ns__store_writer *writer)
{
    return writer->trains && writer->training.is_job && ns__pool_threads(writer->pool) > 1 &&
           !ns__pool_done(writer->pool, &writer->training.job);
}

static bool has_room(const ns__store_writer *writer, size_t bytes)
{
    const uint64_t waits = writer->waiting.length, room = writer->waiting_room;
    return waits < room && bytes <= room - waits;
}

/* Where there is room. */
static ns_status let_wait(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    ns__buf *waiting = &writer->waiting;
    const uint64_t room = writer->waiting_room;
    if (waiting->capacity == 0) /* growing it little by little would copy it */
        (void)ns__buf_reserve(waiting, room < MOST_AT_ONCE ? (size_t)room : MOST_AT_ONCE);
    ns__buf_append(waiting, bytes.data, bytes.length);
    return waiting->failed ? ns__no_memory(err) : NS_OK;
}

/* Takes what waits: all, or as far as no model has to be waited for. */
static ns_status take_waiting(ns__store_writer *writer, bool all, ns_error *err)
{
    while (is_waiting(writer) && (all || !is_in_the_making(writer))) {
        ns__str bytes = {writer->waiting.data + writer->taken,
                         writer->waiting.length - writer->taken};
        NS_TRY(append_next(writer, &bytes, err));
        writer->taken = writer->waiting.length - bytes.length;
    }
    if (!is_waiting(writer)) {
        ns__buf_release(&writer->waiting);
        writer->taken = 0;
    }
    return NS_OK;
}

static ns_status append_to_sections(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    NS_TRY(take_waiting(writer, false, err));
    while (bytes.length > 0) {
        if (is_waiting(writer) || is_in_the_making(writer)) {
            if (has_room(writer, bytes.length))
                return let_wait(writer, bytes, err);
            NS_TRY(take_waiting(writer, true, err));
        }
        NS_TRY(append_next(writer, &bytes, err));
    }
    return NS_OK;
}

void ns__store_let_wait(ns__store_writer *writer, uint64_t bytes)
{
    writer->waiting_room = bytes;
}

ns_status ns__store_go_on(ns__store_writer *writer, ns_error *err)
{
    return take_waiting(writer, false, err);
}

ns_status ns__store_append(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    if (writer->length < writer->copied) { /* it is there */
        const uint64_t left = writer->copied - writer->length;
        const size_t there = bytes.length < left ? bytes.length : (size_t)left;
        writer->length += there;
        if (there == bytes.length)
            return NS_OK;
        bytes = (ns__str){bytes.data + there, bytes.length - there};
    }
    writer->length += bytes.length;
    return writer->level == 0 ? append_to_sections(writer, bytes, err)
                              : ns__store_put(writer, bytes, err);
}

/* ---- The end ---- */

ns_status ns__store_writer_launch(ns__store_writer *writer, ns_error *err)
{
    NS_TRY(take_waiting(writer, true, err));
    NS_TRY(settle(writer, err));
    if (writer->sampling) { /* a last section without a sample goes on with the model before */
        writer->sampling = false;
        if (writer->model == NULL && writer->length >= writer->least_bytes) {
            NS_TRY(begin_training(writer, 1, err));
            NS_TRY(settle(writer, err));
        } else {
            NS_TRY(
                ns__store_put(writer, (ns__str){writer->sample.data, writer->sample.length}, err));
            ns__buf_release(&writer->sample);
        }
    }
    return ns__store_launch_group(writer, err);
}

/* Where sections begin, and in each its blocks: half as many bytes as for each block where it
 * begins in data. */
static void append_starts(const ns__store_writer *writer, ns__buf *sections, ns__buf *blocks)
{
    const uint64_t items = writer->offsets.length / 8 - 1, models = items - writer->blocks;
    uint64_t section = 0, section_start = 0;
    for (uint64_t item = 0; item < items; item++) {
        const uint64_t start = ns__get_u64(writer->offsets.data + 8 * item);
        if (section < models && item == section * (writer->section_blocks + (uint64_t)1)) {
            ns__buf_u64(sections, start);
            section_start = start;
            section++;
        } else {
            ns__buf_u32(blocks, (uint32_t)(start - section_start));
        }
    }
    ns__buf_u64(sections, writer->written);
}

static ns_status write_offsets(const ns__store_writer *writer, ns_error *err)
{
    ns__buf sections = {0}, blocks = {0};
    ns__frame_section(writer->frame, SECTION_OFFSETS);
    if (writer->model) {
        append_starts(writer, &sections, &blocks);
        ns__frame_append(writer->frame, sections.data, sections.length);
        ns__frame_append(writer->frame, blocks.data, blocks.length);
    } else {
        ns__frame_append(writer->frame, writer->offsets.data, writer->offsets.length);
    }
    const bool failed = sections.failed || blocks.failed;
    ns__buf_release(&sections);
    ns__buf_release(&blocks);
    return failed ? ns__no_memory(err) : NS_OK;
}

static ns_status finish(ns__store_writer *writer, ns_error *err)
{
    NS_TRY(ns__store_writer_launch(writer, err));
    NS_TRY(ns__store_land_groups(writer, err));
    ns__buf head = {0};
    ns__buf_u64(&writer->offsets, writer->written);
    ns__buf_u64(&head, writer->length);
    ns__buf_u32(&head, writer->block_bytes);
    ns__buf_u32(&head, writer->blocks);
    ns__buf_u32(&head, writer->model ? CODEC_MODEL : CODEC_ZLIB);
    ns__buf_u32(&head, writer->model ? writer->section_blocks : 0);
    bool failed = head.failed || writer->offsets.failed;
    if (!failed) {
        ns__frame_section(writer->frame, SECTION_HEAD);
        ns__frame_append(writer->frame, head.data, head.length);
    }
    ns__buf_release(&head);
    return failed ? ns__no_memory(err) : write_offsets(writer, err);
}

ns_status ns__store_writer_finish(ns__store_writer *writer, ns_error *err)
{
    ns_status status = finish(writer, err);
    ns__store_writer_free(writer);
    return status;
}
