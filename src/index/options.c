/* Defaults of what the caller may set. */
#include "base/limits.h"
#include "ns/writer.h"

void ns_index_settings_init(ns_index_settings *settings)
{
    *settings = (ns_index_settings){
        .title_weight = 2,
        .k1 = 0.9,
        .b = 0.4,
        .store_level = 0,
        .store_block_bytes = 4096,
        .block_postings = NS_BLOCK_POSTINGS,
        .window_passages = NS_WINDOW_PASSAGES,
    };
    ns_analysis_settings_init(&settings->analysis);
}

void ns_writer_options_init(ns_writer_options *options)
{
    *options = (ns_writer_options){0};
}
