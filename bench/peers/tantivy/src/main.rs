//! Tantivy as one of the engines of bench/compare; bench/peers/README.md has the protocol.

mod build;
mod queries;
mod serve;

fn main() -> tantivy::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[1..] {
        ["version"] => println!("Tantivy {}", tantivy::version_string()),
        ["build", input, dir, analyzer, store, threads] => {
            build::build(input, dir, analyzer, store, threads.parse().expect("threads"))?
        }
        ["serve", dir, queries, k1, b] => {
            assert!(k1 == "1.2" && b == "0.75", "Tantivy has k1 1.2 and b 0.75 only");
            serve::serve(dir, queries)?
        }
        _ => {
            eprintln!(
                "usage: version | build INPUT DIR whitespace|standard none|lz4|zstd|plain THREADS \
                 | serve DIR QUERIES K1 B"
            );
            std::process::exit(2);
        }
    }
    Ok(())
}
