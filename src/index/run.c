/* Keeping runs in memory or in temporary files. */
#include "index/run.h"

ns_status ns__run_spill(ns__run *run, char *path, ns_error *err)
{
    ns__sink *sink;
    run->path = path;
    NS_TRY(ns__sink_create(path, &sink, err));
    ns__sink_append(sink, run->bytes.data, run->bytes.length);
    NS_TRY(ns__sink_finish(sink, false, err));
    ns__buf_release(&run->bytes);
    return NS_OK;
}

void ns__run_release(ns__run *run)
{
    if (run->path)
        (void)!ns__file_remove(run->path, NULL);
    ns__free(run->path);
    ns__buf_release(&run->bytes);
    *run = (ns__run){0};
}

ns_status ns__run_open(const ns__run *run, ns__run_reader *out, ns_error *err)
{
    *out = (ns__run_reader){.run = run};
    const uint8_t *data = run->bytes.data;
    if (run->path) {
        ns_status status = ns__map_open(run->path, NS__MAP_SEQUENTIAL, &out->map, err);
        if (status == NS_NOT_FOUND || (status == NS_OK && out->map.length != run->length)) {
            ns__run_reader_close(out);
            return ns__fail_at(err, NS_ERR_IO, run->path, NS_NO_OFFSET,
                               "a temporary file was removed or cut while it was needed");
        }
        NS_TRY(status);
        data = out->map.data;
    }
    out->terms = ns__cur_of(data, (size_t)run->surfaces_at);
    out->surfaces =
        ns__cur_of(data + run->surfaces_at, (size_t)(run->headlines_at - run->surfaces_at));
    out->headlines =
        ns__cur_of(data + run->headlines_at, (size_t)(run->length - run->headlines_at));
    return NS_OK;
}

void ns__run_reader_close(ns__run_reader *reader)
{
    if (reader->map.base)
        ns__map_close(&reader->map);
    *reader = (ns__run_reader){0};
}
