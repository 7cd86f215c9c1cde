// LEMON on a DIMACS minimum-cost-flow file.
//
// In: `lemon FILE simplex|scaling`. Out: one line of JSON: objective, CPU seconds of building
// the graph and of the solve (constructor, columns, run), peak memory in bytes. It knows
// nothing of the other solvers. LEMON's own DIMACS reader is not used: what is timed here is
// the solver, and a reader that stops at a wrong line is shorter than checking what another did.
//
// c++ -O3 -march=native -o lemon lemon.cpp   (headers only; Debian: liblemon-dev)

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using Whole = std::int64_t;
using Graph = lemon::StaticDigraph;

struct Arc {
    int tail, head;
    Whole lower, upper, cost;
};

struct Instance {
    std::vector<Whole> supply;
    std::vector<Arc> arcs;
};

static double cpu() { return double(std::clock()) / CLOCKS_PER_SEC; }

static bool read(const char *path, Instance &instance) {
    std::ifstream file(path);
    std::string word;
    while (file >> word) {
        if (word == "p") {
            std::size_t nodes, arcs;
            if (!(file >> word >> nodes >> arcs)) return false;
            instance.supply.assign(nodes, 0);
            instance.arcs.reserve(arcs);
        } else if (word == "n") {
            std::size_t node;
            Whole units;
            if (!(file >> node >> units) || node < 1 || node > instance.supply.size()) return false;
            instance.supply[node - 1] = units;
        } else if (word == "a") {
            Arc arc;
            if (!(file >> arc.tail >> arc.head >> arc.lower >> arc.upper >> arc.cost)) return false;
            --arc.tail;
            --arc.head;
            instance.arcs.push_back(arc);
        } else {
            std::getline(file, word);
        }
    }
    return file.eof() && !instance.supply.empty();
}

// A static graph wants its arcs by tail; the order among them stays that of the file.
static void by_tail(std::vector<Arc> &arcs) {
    std::stable_sort(arcs.begin(), arcs.end(),
                     [](const Arc &a, const Arc &b) { return a.tail < b.tail; });
}

template <class Solver>
static int run(const Instance &instance) {
    const double begin = cpu();
    std::vector<std::pair<int, int>> ends;
    ends.reserve(instance.arcs.size());
    for (const Arc &arc : instance.arcs) ends.emplace_back(arc.tail, arc.head);
    Graph graph;
    graph.build(int(instance.supply.size()), ends.begin(), ends.end());
    Graph::ArcMap<Whole> lower(graph), upper(graph), cost(graph);
    Graph::NodeMap<Whole> supply(graph);
    for (std::size_t a = 0; a < instance.arcs.size(); ++a) {
        const Graph::Arc at = graph.arc(int(a));
        lower[at] = instance.arcs[a].lower;
        upper[at] = instance.arcs[a].upper;
        cost[at] = instance.arcs[a].cost;
    }
    for (std::size_t v = 0; v < instance.supply.size(); ++v)
        supply[graph.node(int(v))] = instance.supply[v];
    const double built = cpu();
    Solver solver(graph);
    solver.lowerMap(lower).upperMap(upper).costMap(cost).supplyMap(supply);
    const bool optimal = solver.run() == Solver::OPTIMAL;
    const double solved = cpu();
    if (!optimal) return 3;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::cout << "{\"objective\":" << solver.template totalCost<Whole>()
              << ",\"build_cpu_s\":" << built - begin << ",\"solve_cpu_s\":" << solved - built
              << ",\"peak_bytes\":" << usage.ru_maxrss * 1024LL << "}\n";
    return 0;
}

int main(int count, char **words) {
    const std::string method = count == 3 ? words[2] : "";
    Instance instance;
    if (method != "simplex" && method != "scaling") {
        std::cerr << "usage: lemon FILE simplex|scaling\n";
        return 2;
    }
    if (!read(words[1], instance)) {
        std::cerr << words[1] << ": not a DIMACS min file\n";
        return 1;
    }
    by_tail(instance.arcs);
    if (method == "simplex") return run<lemon::NetworkSimplex<Graph, Whole, Whole>>(instance);
    return run<lemon::CostScaling<Graph, Whole, Whole>>(instance);
}
