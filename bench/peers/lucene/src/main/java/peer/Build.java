package peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SlowCodecReaderWrapper;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.store.MMapDirectory;

/** Makes an index of one committed segment. */
final class Build {
    private static final int BATCH = 1000;

    private Build() {}

    private static Codec codec(String store) {
        return new Lucene104Codec(store.equals("small") ? Lucene104Codec.Mode.BEST_COMPRESSION
                : Lucene104Codec.Mode.BEST_SPEED);
    }

    private static IndexWriterConfig config(Analyzer analyzer, String store) {
        return new IndexWriterConfig(analyzer).setOpenMode(IndexWriterConfig.OpenMode.CREATE)
                .setCodec(codec(store)).setRAMBufferSizeMB(512).setUseCompoundFile(false);
    }

    /** Lines of the input, a batch at a time, shared by the threads; each knows its number. */
    private static final class Lines {
        private final BufferedReader reader;
        private long next = 0;

        Lines(BufferedReader reader) {
            this.reader = reader;
        }

        /** The number of the first; -1 at the end. */
        synchronized long take(List<String> out) throws IOException {
            out.clear();
            long first = next;
            String line;
            while (out.size() < BATCH && (line = reader.readLine()) != null) {
                out.add(line);
            }
            next += out.size();
            return out.isEmpty() ? -1 : first;
        }
    }

    private static Void addAll(Lines lines, IndexWriter writer, boolean stored)
            throws IOException {
        NumericDocValuesField id = new NumericDocValuesField("id", 0);
        Field body = new Field("body", "",
                stored ? TextField.TYPE_STORED : TextField.TYPE_NOT_STORED);
        Document document = new Document();
        document.add(id);
        document.add(body);
        List<String> batch = new ArrayList<>();
        for (long number; (number = lines.take(batch)) >= 0;) {
            for (String line : batch) {
                id.setLongValue(number++);
                body.setStringValue(line);
                writer.addDocument(document);
            }
        }
        return null;
    }

    static void build(String input, String directory, String analyzer, String store, int threads)
            throws Exception {
        boolean stored = !store.equals("none");
        Analyzer chosen = analyzer.equals("standard") ? new StandardAnalyzer()
                : new WhitespaceAnalyzer();
        try (MMapDirectory out = new MMapDirectory(Path.of(directory));
                IndexWriter writer = new IndexWriter(out, config(chosen, store));
                BufferedReader reader =
                        Files.newBufferedReader(Path.of(input), StandardCharsets.UTF_8);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Lines lines = new Lines(reader);
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> addAll(lines, writer, stored)));
            }
            for (Future<Void> each : running) {
                each.get();
            }
            writer.forceMerge(1);
            writer.commit();
        }
    }

    static void reorder(String from, String directory) throws Exception {
        try (MMapDirectory source = new MMapDirectory(Path.of(from));
                MMapDirectory out = new MMapDirectory(Path.of(directory));
                DirectoryReader reader = DirectoryReader.open(source);
                ForkJoinPool pool = new ForkJoinPool()) {
            if (reader.leaves().size() != 1) {
                throw new IllegalStateException("not one segment");
            }
            CodecReader one = SlowCodecReaderWrapper.wrap(reader.leaves().get(0).reader());
            BPIndexReorderer reorderer = new BPIndexReorderer();
            reorderer.setFields(Set.of("body"));
            reorderer.setRAMBudgetMB(2048);
            /* The default of 4096 leaves out most of what a small collection has. */
            reorderer.setMinDocFreq(Math.max(32, Math.min(4096, one.maxDoc() / 4096)));
            try (IndexWriter writer =
                    new IndexWriter(out, config(new WhitespaceAnalyzer(), "fast"))) {
                writer.addIndexes(reorderer.reorder(one, out, pool));
                writer.forceMerge(1);
                writer.commit();
            }
        }
    }
}
