// Threads that stay together for a call of many short jobs: a team in, and the same sharing of
// tasks, without waking anybody between two jobs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "team.h"

namespace hangtag {

// Asks `team` once for `helpers` threads, which then look for work until the crew is gone. As with
// share(), threads that come late are not waited for.
class Crew {
 public:
  Crew(Team& team, int64_t helpers);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Calls `task` with 0 to count - 1 (a thousand million at most); returns when all are done.
  // Throws what a task threw, after all are done, and Interrupted.
  void share(int64_t count, const std::function<void(int64_t)>& task);

 private:
  struct Desk;
  const Interrupts& interrupts_;
  std::shared_ptr<Desk> desk_;
  int64_t helpers_ = 0;
};

}  // namespace hangtag
