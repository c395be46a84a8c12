/* The collection of the brute-force engine; model_search.c searches it. */
#include "oracle/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static void *grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return array;
    *capacity = need + need / 2 + 64;
    void *bigger = realloc(array, *capacity * size);
    if (bigger == NULL)
        abort(); /* a test program */
    return bigger;
}
#define GROW(array, capacity, need) ((array) = grow((array), &(capacity), (need), sizeof *(array)))

bool model_init(model *m, const ns_index_settings *settings)
{
    *m = (model){.title_weight = settings->title_weight};
    GROW(m->first_passage, m->first_capacity, 1);
    m->first_passage[0] = 0;
    return ns__analyzer_open(&settings->analysis, &m->analyzer, NULL) == NS_OK;
}

static void add_posting(model *m, uint32_t term, uint32_t passage, uint32_t tf)
{
    if (term >= m->term_capacity) {
        size_t old = m->term_capacity;
        GROW(m->terms, m->term_capacity, (size_t)term + 1);
        memset(m->terms + old, 0, (m->term_capacity - old) * sizeof *m->terms);
    }
    term_list *list = &m->terms[term];
    if (list->count && list->items[list->count - 1].passage == passage) {
        list->items[list->count - 1].tf += tf;
        return;
    }
    GROW(list->items, list->capacity, list->count + 1);
    list->items[list->count++] = (posting){passage, tf};
}

static void note_word(model *m, written *words, ns__str text, const ns__token *token)
{
    size_t at = words->count++, unused = words->capacity, length = token->end - token->start;
    GROW(words->forms, unused, at + 1);
    unused = words->capacity;
    GROW(words->starts, unused, at + 1);
    GROW(words->ends, words->capacity, at + 1);
    GROW(m->said, m->said_capacity, m->said_used + length);
    memcpy(m->said + m->said_used, text.data + token->start, length);
    words->forms[at] = token->form;
    words->starts[at] = (uint32_t)m->said_used;
    m->said_used += length;
    words->ends[at] = (uint32_t)m->said_used;
}

static void add_passage(model *m, const ns__passage *passage, ns__str body)
{
    size_t p = m->passages, unused = m->passage_capacity;
    GROW(m->article_of, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->length, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->body_start, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->sentence_start, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->sentence_count, unused, p + 1);
    GROW(m->body_count, m->passage_capacity, p + 1);
    uint32_t title_terms = m->title_count[m->articles];
    m->article_of[p] = (uint32_t)m->articles;
    m->length[p] = passage->token_count + m->title_weight * title_terms;
    m->total_length += m->length[p];
    m->body_start[p] = (uint32_t)m->body_used;
    m->body_count[p] = passage->token_count;
    GROW(m->body, m->body_capacity, m->body_used + passage->token_count);
    for (uint32_t i = 0; i < passage->token_count; i++) {
        uint32_t term = m->cut.tokens.items[passage->first_token + i].term;
        m->body[m->body_used++] = term;
        if (m->keep_words)
            note_word(m, &m->body_words, body, &m->cut.tokens.items[passage->first_token + i]);
        add_posting(m, term, (uint32_t)p, 1);
    }
    m->sentence_start[p] = (uint32_t)m->sentences_used;
    m->sentence_count[p] = passage->sentence_count;
    GROW(m->sentences, m->sentences_capacity, m->sentences_used + passage->sentence_count);
    for (uint32_t i = 0; i < passage->sentence_count; i++) {
        const ns__sentence *sentence = &m->cut.sentences[passage->first_sentence + i];
        m->sentences[m->sentences_used++] = sentence->token << 1 | sentence->paragraph;
    }
    if (m->title_weight > 0)
        for (uint32_t i = 0; i < title_terms; i++)
            add_posting(m, m->titles[m->title_start[m->articles] + i], (uint32_t)p,
                        m->title_weight);
    m->passages++;
}

/* Where the id stands in the hash table, or the empty place for it. FNV-1a. */
static size_t place_of(const model *m, const char *id, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)id[i]) * 0x100000001b3u;
    size_t at = (size_t)(hash % m->slot_count);
    while (m->slots[at] != 0) {
        const char *other = m->ids[m->slots[at] - 1];
        if (strlen(other) == length && memcmp(other, id, length) == 0)
            break;
        at = (at + 1) % m->slot_count;
    }
    return at;
}

/* Remembers the article's id; an earlier article of that id is deleted. */
static void note_id(model *m, ns__str id)
{
    if (m->slot_count < 2 * (m->articles + 1)) {
        m->slot_count = 4 * (m->articles + 256);
        free(m->slots);
        m->slots = calloc(m->slot_count, sizeof *m->slots);
        for (uint32_t a = 0; a < m->articles; a++)
            if (!m->deleted[a])
                m->slots[place_of(m, m->ids[a], strlen(m->ids[a]))] = a + 1;
    }
    size_t at = place_of(m, (const char *)id.data, id.length);
    if (m->slots[at] != 0)
        m->deleted[m->slots[at] - 1] = true;
    m->ids[m->articles] = strndup((const char *)id.data, id.length);
    m->slots[at] = (uint32_t)m->articles + 1;
}

bool model_knows(const model *m, ns__str id)
{
    return m->slot_count > 0 && m->slots[place_of(m, (const char *)id.data, id.length)] != 0;
}

void model_delete(model *m, ns__str id)
{
    size_t at = m->slot_count == 0 ? 0 : place_of(m, (const char *)id.data, id.length);
    if (m->slot_count > 0 && m->slots[at] != 0)
        m->deleted[m->slots[at] - 1] = true;
}

static char *copy_of(ns__str text)
{
    return strndup(text.length ? (const char *)text.data : "", text.length);
}

bool model_add(model *m, const ns__record *record)
{
    size_t a = m->articles, unused = m->title_capacity;
    ns__str id = record->id, code = record->lang, title = record->title, body = record->body;
    ns__lang lang = ns__analyzer_record_language(m->analyzer, code, body.length ? body : title);
    m->langs[lang] = true;
    m->scratch.count = 0;
    /* Headlines that weigh nothing are not searched: the index has no forms of them either. */
    if ((m->title_weight > 0 &&
         ns__analyzer_run(m->analyzer, lang, title, &m->scratch, NULL) != NS_OK) ||
        ns__passages_cut(m->analyzer, lang, body, &m->cut, NULL) != NS_OK)
        return false;
    GROW(m->title_start, unused, a + 1);
    unused = m->title_capacity;
    GROW(m->deleted, unused, a + 1);
    unused = m->title_capacity;
    GROW(m->ids, unused, a + 1);
    unused = m->title_capacity;
    GROW(m->facts, unused, a + 1);
    GROW(m->title_count, m->title_capacity, a + 1);
    GROW(m->titles, m->titles_capacity, m->titles_used + m->scratch.count);
    m->deleted[a] = false;
    m->facts[a] = (article_facts){record->date.precision ? record->date.unix_s : INT64_MIN,
                                  copy_of(record->source),
                                  copy_of(record->section),
                                  copy_of(record->author),
                                  copy_of(record->lang),
                                  copy_of(record->url),
                                  lang,
                                  record->date.precision > NS__DATE_DAY,
                                  m->title_weight > 0 ? m->scratch.count > 0 : title.length > 0};
    note_id(m, id);
    m->title_start[a] = (uint32_t)m->titles_used;
    size_t searchable = m->scratch.count;
    if (searchable > NS_MAX_TITLE_TERMS)
        searchable = NS_MAX_TITLE_TERMS;
    m->title_count[a] = (uint32_t)searchable;
    for (size_t i = 0; i < searchable; i++)
        m->titles[m->titles_used++] = m->scratch.items[i].term;
    for (size_t i = 0; i < searchable && m->keep_words; i++)
        note_word(m, &m->title_words, title, &m->scratch.items[i]);
    for (size_t i = 0; i < m->cut.count; i++)
        add_passage(m, &m->cut.items[i], body);
    m->articles++;
    GROW(m->first_passage, m->first_capacity, m->articles + 1);
    m->first_passage[m->articles] = (uint32_t)m->passages;
    return true;
}

void model_release(model *m)
{
    for (size_t i = 0; i < m->term_capacity; i++)
        free(m->terms[i].items);
    free(m->terms);
    free(m->first_passage);
    free(m->article_of);
    free(m->length);
    free(m->body_start);
    free(m->body_count);
    free(m->body);
    free(m->title_start);
    free(m->title_count);
    free(m->titles);
    for (size_t a = 0; a < m->articles; a++) {
        free(m->ids[a]);
        free(m->facts[a].source);
        free(m->facts[a].section);
        free(m->facts[a].author);
        free(m->facts[a].lang);
        free(m->facts[a].url);
    }
    free(m->facts);
    free(m->said);
    free(m->body_words.forms);
    free(m->body_words.starts);
    free(m->body_words.ends);
    free(m->title_words.forms);
    free(m->title_words.starts);
    free(m->title_words.ends);
    free(m->sentences);
    free(m->sentence_start);
    free(m->sentence_count);
    free(m->ids);
    free(m->slots);
    free(m->scores);
    free(m->tfs);
    free(m->wanted);
    for (size_t i = 0; i <= MAX_LEAVES; i++)
        free(m->contains[i]);
    free(m->deleted);
    ns__tokens_release(&m->scratch);
    ns__passages_release(&m->cut);
    ns__analyzer_close(m->analyzer);
    *m = (model){0};
}

size_t model_df(const model *m, uint32_t term)
{
    return term < m->term_capacity ? m->terms[term].count : 0;
}
