/* Stored text on disk (file .txt): the records' bytes as one stream, compressed in blocks. */
#ifndef NS_SEGMENT_STORE_H
#define NS_SEGMENT_STORE_H

#include "base/buf.h"
#include "codec/frame.h"
#include "codec/model.h"
#include "codec/zblock.h"
#include "os/pool.h"

typedef struct ns__store_writer ns__store_writer;
/* Blocks are coded by the pool (borrowed), or by the caller when it is NULL: the same bytes.
 * level 0: by models of the text; 1 .. 12: as zlib streams. */
ns_status ns__store_writer_open(ns__frame_writer *frame, int level, uint32_t block_bytes,
                                ns__pool *pool, ns__store_writer **out, ns_error *err);
/* Lets so many bytes, about, wait to be coded and written, before the first is appended; without it
 * as many as keep the pool busy while the caller appends. Where a section is less than that, text
 * waits while the pool makes a model, and whoever appends it does not. */
ns_status ns__store_writer_queue(ns__store_writer *writer, uint64_t bytes, ns_error *err);
/* Appends bytes to the stream; the stream's length before is where they begin. */
ns_status ns__store_append(ns__store_writer *writer, ns__str bytes, ns_error *err);
uint64_t ns__store_length(const ns__store_writer *writer);
/* Lets as many bytes wait for a model from now on. */
void ns__store_let_wait(ns__store_writer *writer, uint64_t bytes);
/* Lets text that waited for a model go on if that has been made; appending does so too. */
ns_status ns__store_go_on(ns__store_writer *writer, ns_error *err);
/* Hands all that was appended to the pool, behind which nothing will be: the pool works on it until
 * the writer is finished. Or not at all: finishing does so too. */
ns_status ns__store_writer_launch(ns__store_writer *writer, ns_error *err);
ns_status ns__store_writer_finish(ns__store_writer *writer, ns_error *err); /* frees the writer */
void ns__store_writer_free(ns__store_writer *writer);

typedef struct ns__store {
    const ns__frame *frame;
    ns__str offsets, data;
    uint64_t length; /* of the stream */
    uint32_t block_bytes, blocks;
    uint32_t section_blocks, model_count; /* 0: zlib streams */
} ns__store;

/* ---- Text that begins as another does (store_copy.c) ---- */

/* What can be copied: parts of `from`, whose first `limit` bytes the new stream begins with. *parts
 * is 0 when none gives the bytes that coding it anew would. Before anything is appended. */
ns_status ns__store_copy_begin(ns__store_writer *writer, const ns__store *from, uint64_t limit,
                               uint32_t *parts, ns_error *err);
/* Copies the next part, as many times as there are parts. All of the stream is appended
 * nonetheless: what was copied is passed over then, its bytes are not looked at. */
ns_status ns__store_copy_next(ns__store_writer *writer, const ns__store *from, ns_error *err);
/* How many bytes of the stream were copied. */
uint64_t ns__store_copied(const ns__store_writer *writer);

ns_status ns__store_open(const ns__frame *frame, ns__store *out, ns_error *err);
void ns__store_close(ns__store *store); /* zero-initialised is fine */
/* Bytes [offset, offset + length) of the stream, appended to *into. Decodes only the
 * blocks touched. NS_ERR_CORRUPT when outside or damaged. */
ns_status ns__store_read(const ns__store *store, uint64_t offset, uint64_t length, ns__buf *into,
                         ns_error *err);
/* NS_ERR_CORRUPT unless `text`, which was read from the stream, is valid UTF-8. Whatever is given
 * to the analyser, or cut where the index says, has to be looked at first: bytes are decoded as
 * characters without asking where the text ends. */
ns_status ns__store_check_text(const ns__store *store, ns__str text, ns_error *err);
/* Whether the models are as a writer makes them, also where no text needs them. */
ns_status ns__store_check_models(const ns__store *store, ns_error *err);

#endif
