//! Answers commands on standard input, a line each.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use tantivy::collector::{Count, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::Query;
use tantivy::schema::Field;
use tantivy::{DocAddress, Index, Score, Searcher};

use crate::queries::parse;

/// Tantivy multiplies every score by k1 + 1.
const SCALE: f32 = 2.2;

#[derive(Clone, Copy)]
struct Command {
    limit: usize,
    count: bool,
}

impl Command {
    fn parse(name: &str) -> Command {
        match name.strip_prefix("TOP_") {
            None => Command { limit: 0, count: true },
            Some(rest) => Command {
                limit: rest.trim_end_matches("_COUNT").parse().expect("a number"),
                count: rest.ends_with("_COUNT"),
            },
        }
    }
}

struct Engine {
    searcher: Searcher,
    field: Field,
    ids: Column<u64>,
}

impl Engine {
    fn top(&self, query: &dyn Query, command: Command) -> (Vec<(Score, DocAddress)>, usize) {
        let top = TopDocs::with_limit(command.limit).order_by_score();
        if command.count {
            self.searcher.search(query, &(top, Count)).expect("search")
        } else {
            (self.searcher.search(query, &top).expect("search"), 0)
        }
    }

    fn run(&self, text: &str, command: Command) -> u64 {
        let query = parse(self.field, text);
        if command.limit == 0 {
            return query.count(&self.searcher).expect("count") as u64;
        }
        let (found, count) = self.top(&*query, command);
        let mut sum = count as u64;
        for (score, address) in found {
            sum += self.ids.first(address.doc_id).expect("id") + u64::from(score > 0.0);
        }
        sum
    }

    fn results(&self, text: &str, command: Command) -> String {
        let mut line = String::new();
        for (score, address) in self.top(&*parse(self.field, text), command).0 {
            let id = self.ids.first(address.doc_id).expect("id");
            write!(line, "{id}:{} ", score / SCALE).unwrap();
        }
        line
    }
}

pub fn serve(dir: &str, file: &str) -> tantivy::Result<()> {
    let queries: Vec<String> = std::fs::read_to_string(file)?
        .lines()
        .map(|line| line.split_once('\t').expect("a tab").1.to_string())
        .collect();
    let index = Index::open_in_dir(dir)?;
    let searcher = index.reader()?.searcher();
    assert!(searcher.segment_readers().len() == 1, "not one segment");
    let engine = Engine {
        field: index.schema().get_field("body")?,
        ids: searcher.segment_readers()[0].fast_fields().u64("id")?,
        searcher,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", engine.searcher.num_docs())?;
    out.flush()?;
    let mut sink = 0u64;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (what, name) = line.split_once(' ').unwrap_or((&line, "COUNT"));
        let command = Command::parse(name);
        match what {
            "pass" => {
                let mut times = Vec::with_capacity(queries.len());
                for query in &queries {
                    let start = Instant::now();
                    sink = sink.wrapping_add(engine.run(query, command));
                    times.push(start.elapsed().as_nanos().to_string());
                }
                writeln!(out, "{}", times.join(" "))?;
            }
            "count" => {
                let counts: Vec<String> =
                    queries.iter().map(|query| engine.run(query, command).to_string()).collect();
                writeln!(out, "{}", counts.join(" "))?;
            }
            "results" => {
                for query in &queries {
                    writeln!(out, "{}", engine.results(query, command))?;
                }
            }
            _ => break,
        }
        out.flush()?;
    }
    std::hint::black_box(sink);
    Ok(())
}
