// Optimizers' updates as XLA calls them: one call for all weights of a network, in place where XLA
// lets the results share the memory of what goes in; see convolution_calls.cpp.
#include <algorithm>
#include <cstring>
#include <vector>

#include "call.h"
#include "processor.h"

namespace hangtag {

namespace {

// Weights of a task: what a task reads and writes stays in a core's second-level cache.
constexpr int64_t kWeightsOfTask = 16 * 1024;

// Below this, another thread would come late.
constexpr int64_t kWeightsAlone = 12 * 1024;

// A run of weights that one task updates.
struct Run {
  size_t array;
  int64_t model, first, count;
};

std::vector<Run> runs_of(const std::vector<int64_t>& counts, int64_t models) {
  std::vector<Run> runs;
  for (size_t array = 0; array < counts.size(); ++array) {
    const int64_t own = counts[array] / models;
    for (int64_t model = 0; model < models; ++model)
      for (int64_t first = 0; first < own; first += kWeightsOfTask)
        runs.push_back({array, model, model * own + first, std::min(kWeightsOfTask, own - first)});
  }
  return runs;
}

// Arguments: the step's length; then weights, first moments, second moments and slopes, as many
// arrays of each. Results: weights, first moments, second moments.
ffi::Error adam(ffi::ThreadPool pool, Floats rate, ffi::RemainingArgs arguments,
                ffi::RemainingRets results, float first, float second, float epsilon) {
  return reported([&] {
    const size_t arrays = arguments.size() / 4;
    demand(arguments.size() == 4 * arrays && results.size() == 3 * arrays,
           "adam: weights, two moments and slopes go in, weights and moments come out");
    const int64_t models = static_cast<int64_t>(rate.element_count());
    if (models == 0) return;
    std::vector<const float*> from;
    std::vector<float*> to;
    std::vector<int64_t> counts;
    for (size_t at = 0; at < arguments.size(); ++at) {
      const auto array = arguments.get<Floats>(at);
      demand(array.has_value(), "adam: arrays are float32");
      if (at < arrays) counts.push_back(static_cast<int64_t>(array->element_count()));
      demand(static_cast<int64_t>(array->element_count()) == counts[at % arrays] &&
                 counts[at % arrays] % models == 0,
             "adam: weights, moments and slopes have the same shapes, and each model its own");
      from.push_back(array->typed_data());
    }
    for (size_t at = 0; at < results.size(); ++at) {
      auto array = results.get<Floats>(at);
      demand(array.has_value() &&
                 static_cast<int64_t>((*array)->element_count()) == counts[at % arrays],
             "adam: results have the shapes of what goes in");
      to.push_back((*array)->typed_data());
    }
    const std::vector<Run> runs = runs_of(counts, models);
    int64_t total = 0;
    for (const int64_t count : counts) total += count;
    const auto update = [&](int64_t task) {
      const Run& run = runs[static_cast<size_t>(task)];
      const Adam rule = {first, second, rate.typed_data()[run.model], epsilon};
      float* held[3];
      for (size_t kind = 0; kind < 3; ++kind) {
        const size_t at = kind * arrays + run.array;
        held[kind] = to[at] + run.first;
        if (to[at] != from[at])
          std::memcpy(held[kind], from[at] + run.first,
                      static_cast<size_t>(run.count) * sizeof(float));
      }
      steps().adam(rule, held[0], held[1], held[2], from[3 * arrays + run.array] + run.first,
                   run.count);
    };
    XlaTeam team(pool);
    team.interrupts.listen(10.0 * static_cast<double>(total));
    if (total <= kWeightsAlone)
      for (size_t run = 0; run < runs.size(); ++run) update(static_cast<int64_t>(run));
    else
      share(team, static_cast<int64_t>(runs.size()), update);
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_adam, adam,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<float>("first")
                                  .Attr<float>("second")
                                  .Attr<float>("epsilon"));

#pragma GCC visibility pop

}  // namespace hangtag
