#include "detect/detail/batcher.h"

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace pasu::detect::detail {
namespace {

/// Gives back the first byte of each picture. Holds every inference while `gate` is shut.
class FakeBackend final : public Backend {
 public:
  FakeBackend(int streams, std::vector<int> batches) {
    info_.input = {4, 4};
    info_.batches = std::move(batches);
    info_.outputs = {{"echo", {1, 1}}};
    info_.streams = streams;
  }

  const BackendInfo& info() const override { return info_; }
  Result<std::unique_ptr<Request>> make_request() override {
    if (fail_requests) return fail(Errc::internal, "no memory for a request");
    return std::make_unique<FakeRequest>(*this);
  }

  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void shut() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  /// Returns once `n` inferences wait at the gate or have passed it.
  void wait_for_inferences(size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return counts.size() >= n; });
  }

  std::vector<int> counts;  // Of each infer(), in the order they began.
  int fail_at = -1;         // Inference of a picture with this byte fails.
  bool fail_requests = false;

 private:
  class FakeRequest final : public Request {
   public:
    explicit FakeRequest(FakeBackend& backend)
        : backend_(backend), pictures_(48 * static_cast<size_t>(backend.info_.batches.back())) {}
    uint8_t* input(int index) override { return &pictures_[48 * static_cast<size_t>(index)]; }
    Result<void> infer(int first, int count) override {
      backend_.pass(count);
      echo_.clear();
      for (int i = first; i < first + count; ++i) {
        if (input(i)[0] == backend_.fail_at) return fail(Errc::internal, "the fake is broken");
        echo_.push_back(input(i)[0]);
      }
      tensor_ = {echo_.data(), {count, 1}};
      return {};
    }
    std::span<const Tensor> outputs() const override { return {&tensor_, 1}; }

   private:
    FakeBackend& backend_;
    std::vector<uint8_t> pictures_;
    std::vector<float> echo_;
    Tensor tensor_;
  };

  void pass(int count) {
    std::unique_lock lock(mutex_);
    counts.push_back(count);
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }

  BackendInfo info_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
};

/// What came back for each picture, by its byte.
class Answers {
 public:
  Batcher::Done expect(int byte) {
    return [this, byte](Result<Batcher::Output> output) {
      std::lock_guard lock(mutex_);
      order.push_back(byte);
      if (!output)
        errors[byte] = output.error().message();
      else
        echoes[byte] = static_cast<int>(output->tensors[0].data[output->image]);
    };
  }
  std::vector<int> order;
  std::map<int, int> echoes;
  std::map<int, std::string> errors;

 private:
  std::mutex mutex_;
};

Batcher::Fill fill(int byte) {
  return [byte](uint8_t* input) { std::fill_n(input, 48, static_cast<uint8_t>(byte)); };
}

TEST(Batcher, ABatchIsWhatCameWhileTheThreadWasBusy) {
  const auto backend = std::make_shared<FakeBackend>(1, std::vector{1, 2, 4});
  Answers answers;
  {
    auto batcher = Batcher::create(backend).value();
    EXPECT_EQ(batcher->pictures_max(), 8u);
    backend->shut();
    batcher->submit(fill(0), answers.expect(0));
    backend->wait_for_inferences(1);  // Alone: nobody waited for company.
    for (const int byte : {1, 2, 3}) batcher->submit(fill(byte), answers.expect(byte));
    backend->open();
  }
  // Three are no batch that is compiled: two, then one.
  EXPECT_EQ(backend->counts, (std::vector{1, 2, 1}));
  EXPECT_EQ(answers.order, (std::vector{0, 1, 2, 3}));
  for (const int byte : {0, 1, 2, 3}) EXPECT_EQ(answers.echoes.at(byte), byte);
}

TEST(Batcher, AFailedInferenceFailsItsPicturesAlone) {
  const auto backend = std::make_shared<FakeBackend>(1, std::vector{1, 2});
  backend->fail_at = 2;
  Answers answers;
  {
    auto batcher = Batcher::create(backend).value();
    backend->shut();
    batcher->submit(fill(0), answers.expect(0));
    backend->wait_for_inferences(1);
    batcher->submit(fill(1), answers.expect(1));
    batcher->submit(fill(2), answers.expect(2));
    backend->open();
    batcher->submit(fill(3), answers.expect(3));
  }
  EXPECT_EQ(answers.order.size(), 4u);
  EXPECT_EQ(answers.errors.size(), 2u);
  EXPECT_EQ(answers.errors.at(1), "the fake is broken");
  EXPECT_EQ(answers.errors.at(2), "the fake is broken");
  EXPECT_EQ(answers.echoes, (std::map<int, int>{{0, 0}, {3, 3}}));
}

TEST(Batcher, BlocksWhenFullAndGoesOn) {
  const auto backend = std::make_shared<FakeBackend>(1, std::vector{1});
  Answers answers;
  auto batcher = Batcher::create(backend).value();
  ASSERT_EQ(batcher->pictures_max(), 2u);
  backend->shut();
  batcher->submit(fill(0), answers.expect(0));
  backend->wait_for_inferences(1);
  batcher->submit(fill(1), answers.expect(1));
  std::atomic<bool> filled = false;
  std::thread third([&] { batcher->submit([&](uint8_t*) { filled = true; }, answers.expect(2)); });
  // The gate is shut, so no request can have become free: the third may not be written yet.
  std::this_thread::yield();
  EXPECT_FALSE(filled);
  backend->open();
  third.join();
  EXPECT_TRUE(filled);
  batcher.reset();
  EXPECT_EQ(answers.order.size(), 3u);
}

TEST(Batcher, DestroyingItWaitsForWhatIsUnderWay) {
  const auto backend = std::make_shared<FakeBackend>(2, std::vector{1, 2});
  Answers answers;
  auto batcher = Batcher::create(backend).value();
  backend->shut();
  // One a slot: a thread may take a slot before its batch is full.
  for (int byte = 0; byte < 4; ++byte) batcher->submit(fill(byte), answers.expect(byte));
  std::thread opener([&] { backend->open(); });
  batcher.reset();
  EXPECT_EQ(answers.echoes.size(), 4u);
  opener.join();
}

TEST(Batcher, ManyCallersEachGetTheirOwnAnswerOnce) {
  const auto backend = std::make_shared<FakeBackend>(3, std::vector{1, 2, 4});
  constexpr int kCallers = 4, kEach = 60;
  std::vector<Answers> answers(kCallers);
  {
    auto batcher = Batcher::create(backend).value();
    std::vector<std::thread> callers;
    for (Answers& mine : answers)
      callers.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) batcher->submit(fill(i), mine.expect(i));
      });
    for (std::thread& caller : callers) caller.join();
  }
  for (const Answers& mine : answers) {
    EXPECT_EQ(mine.order.size(), static_cast<size_t>(kEach));
    for (int i = 0; i < kEach; ++i) EXPECT_EQ(mine.echoes.at(i), i);
  }
}

TEST(Batcher, NoRequestNoBatcher) {
  const auto backend = std::make_shared<FakeBackend>(1, std::vector{1});
  backend->fail_requests = true;
  const auto batcher = Batcher::create(backend);
  ASSERT_FALSE(batcher);
  EXPECT_EQ(batcher.error().message(), "no memory for a request");
}

}  // namespace
}  // namespace pasu::detect::detail
