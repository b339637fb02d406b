// Max-pooling of images on its own; see pooling.h.
#include "pooling.h"

#include <algorithm>

namespace hangtag {

namespace {

// Tasks of a call; see cutting.cpp.
constexpr int64_t kTasks = 16;

// Values of a task after which somebody may want to know whether to go on, and what reading one
// from far memory costs, in products.
constexpr int64_t kValuesOfTask = 1 << 24;
constexpr double kOperations = 10;

Pooling of_one_image(const PoolCall& call) {
  Pooling task;
  task.height = call.height / call.window;
  task.width = call.width / call.window;
  task.channels = call.channels;
  task.window_rows = task.window_columns = call.window;
  task.input_row = call.width * call.channels;
  return task;
}

// Calls `body` for every image, some images to a task.
template <class Body>
void share_images(const PoolCall& call, Team& team, Body body) {
  const int64_t values = call.images * call.input_size();
  team.interrupts.listen(kOperations * static_cast<double>(values));
  const int64_t tasks = std::min(call.images, std::max(kTasks, values / kValuesOfTask));
  share(team, tasks, [&](int64_t task) {
    const int64_t last = call.images * (task + 1) / tasks;
    for (int64_t image = call.images * task / tasks; image < last; ++image) body(image);
  });
}

}  // namespace

void pool_images(const PoolCall& call, const float* input, float* output, uint8_t* routes,
                 const Steps& steps, Team& team) {
  share_images(call, team, [&](int64_t image) {
    Pooling task = of_one_image(call);
    task.input = input + image * call.input_size();
    task.output = output + image * call.output_size();
    task.routes = routes == nullptr ? nullptr : routes + image * call.output_size();
    steps.pool(task);
  });
}

void unpool_images(const PoolCall& call, const float* slopes, const uint8_t* routes,
                   float* input_slopes, const Steps& steps, Team& team) {
  const bool left_out = call.height % call.window != 0 || call.width % call.window != 0;
  share_images(call, team, [&](int64_t image) {
    Pooling task = of_one_image(call);
    task.from_routes = routes + image * call.output_size();
    float* spread = input_slopes + image * call.input_size();
    if (left_out) std::fill_n(spread, call.input_size(), 0.0f);
    steps.unpool(task, slopes + image * call.output_size(), spread);
  });
}

}  // namespace hangtag
