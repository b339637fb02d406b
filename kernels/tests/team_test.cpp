// Teams that fail: threads that cannot be asked for more, tasks that throw, a team that runs what
// it is given at once. The work must be done all the same, or what was thrown must reach the caller,
// and no thread may look at what is gone or wait for ever.
#include "team_test.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "crew.h"
#include "interrupt.h"
#include "team.h"

namespace {

// Runs tasks on threads of their own until `most` of them were started, then throws.
class Failing : public hangtag::Team {
 public:
  explicit Failing(int most) : most_(most) {}
  ~Failing() override { end(); }
  int64_t threads() const override { return 8; }
  void start(std::function<void()> task) override {
    if (static_cast<int>(started_.size()) == most_) throw std::bad_alloc();
    started_.emplace_back([task = std::move(task)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // late: after the call, perhaps
      task();
    });
  }
  void end() {
    for (std::thread& one : started_) one.join();
    started_.clear();
  }

 private:
  const int most_;
  std::vector<std::thread> started_;
};

class Immediate : public hangtag::Team {
 public:
  int64_t threads() const override { return 4; }
  void start(std::function<void()> task) override { task(); }
};

int complain(bool wrong, const char* what) {
  if (wrong) std::printf("teams wrong: %s\n", what);
  return wrong;
}

// Whether `share(count, task)` does every task once.
template <class Share>
bool does_all(Share share) {
  std::vector<std::atomic<int>> done(100);
  share(100, [&](int64_t task) { ++done[static_cast<size_t>(task)]; });
  for (const auto& one : done)
    if (one != 1) return false;
  return true;
}

// Whether `share(count, task)` throws what a task throws, all tasks being done or given up by then.
template <class Share>
bool tells(Share share) {
  std::atomic<int> inside{0};
  try {
    share(100, [&](int64_t task) {
      ++inside;
      std::this_thread::sleep_for(std::chrono::microseconds(10));
      --inside;
      if (task % 3 == 1) throw std::length_error("a task");
    });
  } catch (const std::length_error&) {
    return inside == 0;
  }
  return false;
}

// With a team of threads of its own and a crew of it, `most` of them started.
int check(hangtag::Team& team) {
  const auto shared = [&](int64_t count, const std::function<void(int64_t)>& task) {
    hangtag::share(team, count, task);
  };
  const auto together = [&](int64_t count, const std::function<void(int64_t)>& task) {
    hangtag::Crew(team, 7).share(count, task);
  };
  return complain(!does_all(shared), "tasks shared are not done once each") +
         complain(!does_all(together), "tasks of a crew are not done once each") +
         complain(!tells(shared), "what a shared task threw is lost") +
         complain(!tells(together), "what a task of a crew threw is lost");
}

std::atomic<int> heard{0};
void hear(int) { ++heard; }

// Ctrl-C reaches whoever listened before, and a call that listens; one that does not is left alone.
int check_interrupts() {
  const auto usual = std::signal(SIGINT, hear);
  int wrong = 0;
  {
    hangtag::Interrupts shorter, longer;
    shorter.listen(1);
    longer.listen(1e12);
    std::raise(SIGINT);
    wrong += complain(heard != 1, "Ctrl-C does not reach who listened before");
    wrong += complain(shorter.pressed() || !longer.pressed(), "Ctrl-C does not reach the call");
    hangtag::Interrupts later;
    later.listen(1e12);
    wrong += complain(later.pressed(), "Ctrl-C ends a call that began after it");
    longer.heed();  // not yet
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    bool ended = false;
    try {
      longer.heed();
    } catch (const hangtag::Interrupted&) {
      ended = true;
    }
    wrong += complain(!ended, "a call goes on long after Ctrl-C");
  }
  wrong += complain(std::signal(SIGINT, usual) != hear, "a handler is left behind");
  return wrong;
}

}  // namespace

int check_teams() {
  int wrong = check_interrupts();
  for (const int most : {0, 1, 3, 7}) {
    Failing team(most);
    wrong += check(team);
  }
  Immediate team;
  return wrong + check(team);
}
