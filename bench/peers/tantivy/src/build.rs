//! Makes an index of one committed segment.

use std::fs::File;
use std::io::{BufRead, BufReader};

use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions, FAST};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{Index, IndexSettings, IndexWriter, TantivyDocument};

const MEMORY: usize = 512 << 20; // of all threads, as in the other engines

/// store: "none" keeps no text; "plain" keeps it as it is; "lz4", "zstd" compressed.
pub fn build(
    input: &str,
    dir: &str,
    analyzer: &str,
    store: &str,
    threads: usize,
) -> tantivy::Result<()> {
    let tokenizer = if analyzer == "standard" { "default" } else { "whitespace" };
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let mut options = TextOptions::default().set_indexing_options(indexing);
    if store != "none" {
        options = options.set_stored();
    }
    let mut schema = Schema::builder();
    let id = schema.add_u64_field("id", FAST);
    let body = schema.add_text_field("body", options);
    let settings = IndexSettings {
        docstore_compression: match store {
            "none" | "plain" => Compressor::None,
            "lz4" => Compressor::Lz4,
            "zstd" => Compressor::Zstd(ZstdCompressor::default()),
            other => panic!("no such store: {other}"),
        },
        ..IndexSettings::default()
    };
    std::fs::create_dir_all(dir)?;
    let index = Index::builder().schema(schema.build()).settings(settings).create_in_dir(dir)?;
    let mut writer: IndexWriter = index.writer_with_num_threads(threads, MEMORY)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for (number, line) in BufReader::with_capacity(1 << 20, File::open(input)?).lines().enumerate()
    {
        let mut document = TantivyDocument::new();
        document.add_u64(id, number as u64);
        document.add_text(body, line?);
        writer.add_document(document)?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()
}
