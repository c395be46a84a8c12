// Xapian as one of the engines of bench/compare; bench/peers/README.md has the protocol.
//
//   xapian_peer version | build INPUT DIR none|text | serve DIR QUERIES K1 B
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <xapian.h>

namespace
{

using Clock = std::chrono::steady_clock;

struct Command {
    unsigned limit;
    bool count;
};

Command command_of(const std::string &name)
{
    if (name.compare(0, 4, "TOP_") != 0)
        return {0, true};
    return {static_cast<unsigned>(std::atoi(name.c_str() + 4)),
            name.find("_COUNT") != std::string::npos};
}

std::vector<std::string> words_of(const std::string &text)
{
    std::vector<std::string> words;
    size_t at = 0;
    while (at < text.size()) {
        size_t stop = text.find(' ', at);
        stop = stop == std::string::npos ? text.size() : stop;
        if (stop > at)
            words.push_back(text.substr(at, stop - at));
        at = stop + 1;
    }
    return words;
}

void build(const char *input, const std::string &directory, bool stored)
{
    std::ifstream in(input);
    std::string line, loose = directory + ".loose";
    {
        Xapian::WritableDatabase out(loose,
                                     Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_TERMLIST);
        while (std::getline(in, line)) {
            Xapian::Document document;
            Xapian::termpos position = 0;
            for (const std::string &word : words_of(line))
                document.add_posting(word, ++position);
            if (stored)
                document.set_data(line);
            out.add_document(document);
        }
        out.commit();
    }
    Xapian::Database(loose).compact(directory, Xapian::Compactor::FULL);
}

// Words and "phrases", each with + (must), - (must not) or nothing.
Xapian::Query parse(const std::string &text)
{
    std::vector<Xapian::Query> must, should, must_not;
    size_t at = 0;
    while (at < text.size()) {
        char c = text[at];
        if (c == ' ') {
            at++;
            continue;
        }
        std::vector<Xapian::Query> &kind = c == '+' ? must : c == '-' ? must_not : should;
        at += c == '+' || c == '-';
        bool quoted = text[at] == '"';
        at += quoted;
        size_t stop = text.find(quoted ? '"' : ' ', at);
        stop = stop == std::string::npos ? text.size() : stop;
        std::vector<std::string> words = words_of(text.substr(at, stop - at));
        kind.push_back(words.size() == 1 ? Xapian::Query(words[0])
                                         : Xapian::Query(Xapian::Query::OP_PHRASE, words.begin(),
                                                         words.end(), words.size()));
        at = stop + 1;
    }
    Xapian::Query wanted(Xapian::Query::OP_OR, should.begin(), should.end());
    Xapian::Query query = wanted;
    if (!must.empty()) {
        query = Xapian::Query(Xapian::Query::OP_AND, must.begin(), must.end());
        if (!should.empty())
            query = Xapian::Query(Xapian::Query::OP_AND_MAYBE, query, wanted);
    }
    if (!must_not.empty())
        query =
            Xapian::Query(Xapian::Query::OP_AND_NOT, query,
                          Xapian::Query(Xapian::Query::OP_OR, must_not.begin(), must_not.end()));
    return query;
}

class Engine
{
  public:
    Engine(const char *directory, const char *file, double k1, double b)
        : database(directory), enquire(database)
    {
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);)
            queries.push_back(line.substr(line.find('\t') + 1));
        enquire.set_weighting_scheme(Xapian::BM25Weight(k1, 0, 1, b, 0));
    }

    Xapian::MSet search(const std::string &text, Command what)
    {
        enquire.set_query(parse(text));
        return enquire.get_mset(0, what.limit, what.count ? database.get_doccount() : 0);
    }

    unsigned long run(const std::string &text, Command what)
    {
        Xapian::MSet found = search(text, what);
        unsigned long sum = what.count ? found.get_matches_estimated() : 0;
        for (auto each = found.begin(); each != found.end(); ++each)
            sum += *each + (each.get_weight() > 0);
        return sum;
    }

    Xapian::Database database;
    Xapian::Enquire enquire;
    std::vector<std::string> queries;
};

void pass(Engine &engine, Command what)
{
    static volatile unsigned long sink;
    std::vector<long long> times;
    for (const std::string &query : engine.queries) {
        Clock::time_point start = Clock::now();
        sink = sink + engine.run(query, what);
        times.push_back(
            std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
    }
    for (long long time : times)
        std::cout << time << ' ';
    std::cout << std::endl;
}

void results(Engine &engine, Command what)
{
    for (const std::string &query : engine.queries) {
        Xapian::MSet found = engine.search(query, what);
        for (auto each = found.begin(); each != found.end(); ++each)
            std::cout << *each - 1 << ':' << each.get_weight() << ' ';
        std::cout << '\n';
    }
    std::cout << std::flush;
}

void serve(Engine &engine)
{
    std::cout << "ready " << engine.database.get_doccount() << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.compare(0, 5, "pass ") == 0) {
            pass(engine, command_of(line.substr(5)));
        } else if (line.compare(0, 8, "results ") == 0) {
            results(engine, command_of(line.substr(8)));
        } else if (line == "count") {
            for (const std::string &query : engine.queries)
                std::cout << engine.run(query, {0, true}) << ' ';
            std::cout << std::endl;
        } else {
            break;
        }
    }
}

} // namespace

int main(int argc, char **argv)
{
    try {
        std::string what = argc > 1 ? argv[1] : "";
        if (what == "version") {
            std::cout << "Xapian " << Xapian::version_string() << '\n';
        } else if (what == "build" && argc == 5) {
            build(argv[2], argv[3], std::strcmp(argv[4], "none") != 0);
        } else if (what == "serve" && argc == 6) {
            Engine engine(argv[2], argv[3], std::atof(argv[4]), std::atof(argv[5]));
            serve(engine);
        } else {
            std::cerr << "usage: version | build INPUT DIR none|text | serve DIR QUERIES K1 B\n";
            return 2;
        }
    } catch (const Xapian::Error &error) {
        std::cerr << "xapian_peer: " << error.get_description() << '\n';
        return 1;
    }
    return 0;
}
