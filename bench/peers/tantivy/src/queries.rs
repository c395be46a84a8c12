//! The queries' small language: words and "phrases", each with + (must), - (must not) or nothing.

use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::Term;

fn part(field: Field, words: &str) -> Box<dyn Query> {
    if words.contains(' ') {
        let terms = words.split(' ').map(|word| Term::from_field_text(field, word)).collect();
        Box::new(PhraseQuery::new(terms))
    } else {
        let term = Term::from_field_text(field, words);
        Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
    }
}

pub fn parse(field: Field, text: &str) -> Box<dyn Query> {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let occur = match bytes[at] {
            b'+' => Occur::Must,
            b'-' => Occur::MustNot,
            _ => Occur::Should,
        };
        at += usize::from(occur != Occur::Should);
        let quoted = bytes.get(at) == Some(&b'"');
        at += usize::from(quoted);
        let end = if quoted { '"' } else { ' ' };
        let stop = text[at..].find(end).map_or(text.len(), |length| at + length);
        clauses.push((occur, part(field, &text[at..stop])));
        at = stop + 1;
    }
    if clauses.len() == 1 && clauses[0].0 != Occur::MustNot {
        return clauses.pop().unwrap().1;
    }
    Box::new(BooleanQuery::new(clauses))
}
