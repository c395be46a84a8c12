package peer;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/** The queries' small language: words and "phrases", each with + (must), - (must not) or nothing. */
final class Queries {
    private Queries() {}

    static Query parse(String text) {
        List<BooleanClause> clauses = new ArrayList<>();
        int at = 0;
        int end = text.length();
        while (at < end) {
            char c = text.charAt(at);
            if (c == ' ') {
                at++;
                continue;
            }
            BooleanClause.Occur occur = c == '+' ? BooleanClause.Occur.MUST
                    : c == '-' ? BooleanClause.Occur.MUST_NOT : BooleanClause.Occur.SHOULD;
            at += c == '+' || c == '-' ? 1 : 0;
            boolean quoted = at < end && text.charAt(at) == '"';
            at += quoted ? 1 : 0;
            int stop = text.indexOf(quoted ? '"' : ' ', at);
            stop = stop < 0 ? end : stop;
            String word = text.substring(at, stop);
            at = stop + 1;
            Query query = quoted && word.indexOf(' ') >= 0
                    ? new PhraseQuery("body", word.split(" "))
                    : new TermQuery(new Term("body", word));
            clauses.add(new BooleanClause(query, occur));
        }
        if (clauses.size() == 1) {
            return clauses.get(0).query();
        }
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        for (BooleanClause clause : clauses) {
            builder.add(clause);
        }
        return builder.build();
    }
}
