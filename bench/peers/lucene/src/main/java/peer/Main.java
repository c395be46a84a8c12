package peer;

/** Lucene as one of the engines of bench/compare; bench/peers/README.md has the protocol. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        switch (args.length == 0 ? "" : args[0]) {
            case "version" -> System.out.println("Lucene "
                    + org.apache.lucene.util.Version.LATEST + ", Java "
                    + Runtime.version());
            case "build" -> Build.build(args[1], args[2], args[3], args[4],
                    Integer.parseInt(args[5]));
            case "reorder" -> Build.reorder(args[1], args[2]);
            case "serve" -> serve(args);
            default -> {
                System.err.println("usage: version | build INPUT DIR whitespace|standard"
                        + " none|fast|small THREADS | reorder FROM DIR | serve DIR QUERIES K1 B");
                System.exit(2);
            }
        }
    }

    /** Queries run on a thread of this name, which the bench pins: the compiler and the collector
     * of the virtual machine are free to use other processors. */
    private static void serve(String[] args) throws Exception {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(() -> {
            try {
                Serve.serve(args[1], args[2], Float.parseFloat(args[3]),
                        Float.parseFloat(args[4]));
            } catch (Throwable caught) {
                failure[0] = caught;
            }
        }, "query");
        thread.start();
        thread.join();
        if (failure[0] != null) {
            failure[0].printStackTrace();
            System.exit(1);
        }
    }
}
