// What owners hold of a session: started on its thread, stopped there when they let go.
#pragma once

#include <memory>
#include <utility>

#include "net/client.h"

namespace pasu::net::detail {

/// `Pull` has start(), stop() and a thread-safe stats().
template <class Pull>
class PullHandle final : public PullSession {
 public:
  PullHandle(IoThread& thread, std::shared_ptr<Pull> pull)
      : thread_(thread), pull_(std::move(pull)) {
    thread_.post([pull = pull_] { pull->start(); });
  }
  ~PullHandle() override {
    thread_.run([this] { pull_->stop(); });
  }
  PullStats stats() const override { return pull_->stats(); }

 private:
  IoThread& thread_;
  const std::shared_ptr<Pull> pull_;
};

/// `Push` has start(), stop(), and a thread-safe push() and stats().
template <class Push>
class PushHandle final : public PushSession {
 public:
  PushHandle(IoThread& thread, std::shared_ptr<Push> push)
      : thread_(thread), push_(std::move(push)) {
    thread_.post([push = push_] { push->start(); });
  }
  ~PushHandle() override {
    thread_.run([this] { push_->stop(); });
  }
  void push(media::AccessUnit unit) override { push_->push(std::move(unit)); }
  PushStats stats() const override { return push_->stats(); }

 private:
  IoThread& thread_;
  const std::shared_ptr<Push> push_;
};

}  // namespace pasu::net::detail
