package relevance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Lucene's BM25 over whole records, for bench/relevance.
 *
 * <p>DOCUMENTS are lines of id, tab, text; TOPICS lines of topic, tab, words. For each "K1:B" that
 * follows, what is found is written to PREFIX-K1-B.run as TREC runs are, at most DEPTH a topic. The stemmer is "snowball"
 * (the one ns uses) or "porter" (that of EnglishAnalyzer).
 */
public final class Main {
    private Main() {}

    /** EnglishAnalyzer, but for the stemmer. */
    private static Analyzer snowball() {
        return new Analyzer() {
            @Override
            protected TokenStreamComponents createComponents(String field) {
                Tokenizer source = new StandardTokenizer();
                TokenStream words = new EnglishPossessiveFilter(source);
                words = new LowerCaseFilter(words);
                words = new StopFilter(words, EnglishAnalyzer.ENGLISH_STOP_WORDS_SET);
                return new TokenStreamComponents(source, new SnowballFilter(words, "English"));
            }
        };
    }

    private static void index(String documents, Analyzer analyzer, ByteBuffersDirectory into)
            throws IOException {
        IndexWriterConfig config = new IndexWriterConfig(analyzer);
        config.setSimilarity(new BM25Similarity());
        try (IndexWriter writer = new IndexWriter(into, config);
                BufferedReader lines =
                        Files.newBufferedReader(Path.of(documents), StandardCharsets.UTF_8)) {
            for (String line; (line = lines.readLine()) != null;) {
                int tab = line.indexOf('\t');
                Document document = new Document();
                document.add(new StoredField("id", line.substring(0, tab)));
                document.add(new TextField("text", line.substring(tab + 1), Field.Store.NO));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
    }

    /** Every word is wanted; one that is written twice counts twice. */
    private static BooleanQuery parse(Analyzer analyzer, String text) throws IOException {
        Map<String, Integer> words = new LinkedHashMap<>();
        try (TokenStream stream = analyzer.tokenStream("text", text)) {
            CharTermAttribute word = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                words.merge(word.toString(), 1, Integer::sum);
            }
            stream.end();
        }
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        words.forEach((word, count) -> query.add(
                new BoostQuery(new TermQuery(new Term("text", word)), count),
                BooleanClause.Occur.SHOULD));
        return query.build();
    }

    private static void run(IndexSearcher searcher, Analyzer analyzer, String topics, int depth,
            String out)
            throws IOException {
        StoredFields fields = searcher.storedFields();
        try (PrintWriter run = new PrintWriter(out, StandardCharsets.UTF_8)) {
            for (String line : Files.readAllLines(Path.of(topics))) {
                int tab = line.indexOf('\t');
                int rank = 0;
                BooleanQuery query = parse(analyzer, line.substring(tab + 1));
                for (ScoreDoc hit : searcher.search(query, depth).scoreDocs) {
                    run.printf("%s Q0 %s %d %s lucene%n", line.substring(0, tab),
                            fields.document(hit.doc).get("id"), ++rank,
                            Float.toString(hit.score));
                }
            }
        }
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 6) {
            System.err.println("usage: DOCUMENTS TOPICS PREFIX snowball|porter DEPTH K1:B…");
            System.exit(2);
        }
        IndexSearcher.setMaxClauseCount(10000);
        Analyzer analyzer = args[3].equals("porter") ? new EnglishAnalyzer() : snowball();
        ByteBuffersDirectory directory = new ByteBuffersDirectory();
        index(args[0], analyzer, directory);
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            for (int i = 5; i < args.length; i++) {
                String[] set = args[i].split(":");
                IndexSearcher searcher = new IndexSearcher(reader);
                searcher.setSimilarity(
                        new BM25Similarity(Float.parseFloat(set[0]), Float.parseFloat(set[1])));
                run(searcher, analyzer, args[1], Integer.parseInt(args[4]),
                        args[2] + "-" + set[0] + "-" + set[1] + ".run");
            }
        }
    }
}
