package peer;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;

/** Answers commands on standard input, a line each. */
final class Serve {
    private final IndexSearcher searcher;
    private final LeafReader leaf;
    private final List<String> queries;
    private final PrintStream out = new PrintStream(new java.io.FileOutputStream(
            java.io.FileDescriptor.out), false);
    private long sink = 0;

    private Serve(DirectoryReader reader, List<String> queries, float k1, float b) {
        if (reader.leaves().size() != 1) {
            throw new IllegalStateException("not one segment");
        }
        leaf = reader.leaves().get(0).reader();
        searcher = new IndexSearcher(reader);
        searcher.setQueryCache(null);
        searcher.setSimilarity(new BM25Similarity(k1, b));
        this.queries = queries;
    }

    static void serve(String directory, String file, float k1, float b) throws Exception {
        List<String> queries = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(file))) {
            queries.add(line.substring(line.indexOf('\t') + 1));
        }
        try (MMapDirectory from = new MMapDirectory(Path.of(directory));
                DirectoryReader reader = DirectoryReader.open(from)) {
            new Serve(reader, queries, k1, b).answer();
        }
    }

    /** COUNT, TOP_k or TOP_k_COUNT. */
    private record Command(int limit, boolean count) {
        static Command parse(String name) {
            if (name.equals("COUNT")) {
                return new Command(0, true);
            }
            boolean count = name.endsWith("_COUNT");
            return new Command(Integer.parseInt(
                    name.substring(4, name.length() - (count ? 6 : 0))), count);
        }
    }

    private TopDocs top(Query query, Command command) throws Exception {
        return searcher.search(query, new TopScoreDocCollectorManager(command.limit,
                command.count ? Integer.MAX_VALUE : 1));
    }

    private long run(String text, Command command) throws Exception {
        Query query = Queries.parse(text);
        if (command.limit == 0) {
            return searcher.count(query);
        }
        TopDocs found = top(query, command);
        long sum = command.count ? found.totalHits.value() : 0;
        NumericDocValues ids = leaf.getNumericDocValues("id");
        for (ScoreDoc doc : found.scoreDocs) {
            /* Every document has an id, so any order of reading is fine. */
            ids.advanceExact(doc.doc);
            sum += ids.longValue() + (doc.score > 0 ? 1 : 0);
        }
        return sum;
    }

    private void pass(Command command) throws Exception {
        long[] times = new long[queries.size()];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            sink += run(queries.get(i), command);
            times[i] = System.nanoTime() - start;
        }
        StringBuilder line = new StringBuilder();
        for (long time : times) {
            line.append(time).append(' ');
        }
        out.println(line);
    }

    private void count() throws Exception {
        StringBuilder line = new StringBuilder();
        for (String text : queries) {
            line.append(searcher.count(Queries.parse(text))).append(' ');
        }
        out.println(line);
    }

    private void results(Command command) throws Exception {
        for (String text : queries) {
            StringBuilder line = new StringBuilder();
            NumericDocValues ids = leaf.getNumericDocValues("id");
            for (ScoreDoc doc : top(Queries.parse(text), command).scoreDocs) {
                ids.advanceExact(doc.doc);
                line.append(ids.longValue()).append(':').append(doc.score).append(' ');
            }
            out.println(line);
        }
    }

    private void answer() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        out.println("ready " + leaf.maxDoc());
        out.flush();
        for (String line; (line = in.readLine()) != null && !line.equals("bye");) {
            int space = line.indexOf(' ');
            Command command = Command.parse(space < 0 ? "COUNT" : line.substring(space + 1));
            if (line.startsWith("pass ")) {
                pass(command);
            } else if (line.startsWith("results ")) {
                results(command);
            } else if (line.equals("count")) {
                count();
            } else {
                throw new IllegalArgumentException(line);
            }
            out.flush();
        }
        if (sink == 42) {
            System.err.println(sink);
        }
    }
}
