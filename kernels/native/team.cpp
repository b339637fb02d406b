// Sharing work between threads; see team.h.
#include "team.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <thread>

namespace hangtag {

namespace {

// How often to look before giving the processor away: some ten microseconds, about as long as
// the last task of a well-cut job takes.
constexpr int kLooks = 4000;

struct Job {
  Job(int64_t count, const std::function<void(int64_t)>& task) : count(count), task(&task) {}

  const int64_t count;
  // Valid as long as a task is left to take: the caller does not return before.
  const std::function<void(int64_t)>* task;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};

  void work() {
    for (int64_t one = next.fetch_add(1); one < count; one = next.fetch_add(1)) {
      try {
        (*task)(one);
      } catch (const std::bad_alloc&) {  // a thread that is not the caller's must not throw
        failed.store(true);
      }
      done.fetch_add(1, std::memory_order_release);
    }
  }

  bool finished() const { return done.load(std::memory_order_acquire) == count; }
};

}  // namespace

void wait_a_little(int& looks) {
  if (looks >= kLooks) return std::this_thread::yield();
  ++looks;
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

void share(Team& team, int64_t count, const std::function<void(int64_t)>& task) {
  const int64_t helpers = std::min(team.threads(), count) - 1;
  if (helpers < 1) {
    for (int64_t one = 0; one < count; ++one) task(one);
    return;
  }
  const auto job = std::make_shared<Job>(count, task);
  for (int64_t helper = 0; helper < helpers; ++helper) team.start([job] { job->work(); });
  job->work();
  for (int looks = 0; !job->finished();) wait_a_little(looks);
  if (job->failed.load()) throw std::bad_alloc();
}

}  // namespace hangtag
