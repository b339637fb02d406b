// Threads that stay together for a call; see crew.h.
#include "crew.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace hangtag {

namespace {

// How many tasks a job has and how many of them are taken, in one number: a thread that takes one
// knows for sure that it is of a job that is still open.
uint64_t taken(uint64_t ticket) { return ticket & 0xffffffff; }
uint64_t tasks(uint64_t ticket) { return ticket >> 32; }

}  // namespace

struct Crew::Desk {
  std::atomic<uint64_t> ticket{0};
  std::atomic<uint64_t> done{0};
  std::atomic<bool> closed{false};
  Failure failure;
  // Written before the ticket that makes it known; not changed while a task of its job is open.
  const std::function<void(int64_t)>* task = nullptr;
  const Interrupts* interrupts = nullptr;

  // Takes one task and does it; false when the job has none left.
  bool work() {
    const uint64_t own = ticket.fetch_add(1, std::memory_order_acq_rel);
    if (taken(own) >= tasks(own)) return false;
    failure.keep([&] {
      interrupts->heed();
      (*task)(static_cast<int64_t>(taken(own)));
    });
    done.fetch_add(1, std::memory_order_release);
    return true;
  }

  // Looks for work until the crew is gone.
  void help() {
    int looks = 0;
    while (!closed.load(std::memory_order_acquire)) {
      const uint64_t now = ticket.load(std::memory_order_acquire);
      if (taken(now) < tasks(now) && work())
        looks = 0;
      else
        wait_a_little(looks);
    }
  }
};

Crew::Crew(Team& team, int64_t helpers)
    : interrupts_(team.interrupts), desk_(std::make_shared<Desk>()) {
  desk_->interrupts = &interrupts_;
  const int64_t wanted = std::min(helpers, team.threads() - 1);
  const std::thread::id own = std::this_thread::get_id();
  // A team that cannot take a task may run it right here, where it would wait for itself for ever.
  const auto help = [desk = desk_, own] {
    if (std::this_thread::get_id() != own) desk->help();
  };
  // Leaving by an exception would leave helpers behind that look for work for ever.
  try {
    for (; helpers_ < wanted; ++helpers_) team.start(help);
  } catch (...) {  // no more helpers, then; the work is the same
  }
}

Crew::~Crew() { desk_->closed.store(true, std::memory_order_release); }

void Crew::share(int64_t count, const std::function<void(int64_t)>& task) {
  if (helpers_ < 1 || count < 2) {
    for (int64_t one = 0; one < count; ++one) {
      interrupts_.heed();
      task(one);
    }
    return;
  }
  Desk& desk = *desk_;
  desk.task = &task;
  desk.done.store(0, std::memory_order_relaxed);
  desk.ticket.store(static_cast<uint64_t>(count) << 32, std::memory_order_release);
  while (desk.work()) {
  }
  int looks = 0;
  while (desk.done.load(std::memory_order_acquire) < static_cast<uint64_t>(count))
    wait_a_little(looks);
  desk.failure.rethrow();
}

}  // namespace hangtag
