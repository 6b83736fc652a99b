#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_wait.h"
#include "net/udp_batch.h"
#include "net/udp_socket.h"

namespace pasu::net {
namespace {

Address loopback(uint16_t port = 0) { return *Address::parse("127.0.0.1", port); }

TEST(Address, ReadsAndPrintsBothFamilies) {
  EXPECT_EQ(Address::parse("192.0.2.7", 554)->text(), "192.0.2.7:554");
  EXPECT_EQ(Address::parse("2001:db8::1", 554)->text(), "[2001:db8::1]:554");
  EXPECT_EQ(*Address::parse("::ffff:192.0.2.7", 1), *Address::parse("192.0.2.7", 1));
  EXPECT_TRUE(Address::parse("239.1.2.3", 1)->is_multicast());
  EXPECT_TRUE(Address::parse("ff02::1", 1)->is_multicast());
  EXPECT_FALSE(Address::parse("192.0.2.7", 1)->is_multicast());
  for (const char* bad : {"", "localhost", "1.2.3", "1.2.3.4.5", "fe80::1%nosuchif"}) {
    EXPECT_EQ(Address::parse(bad, 1).error().code(), Errc::invalid_argument) << bad;
  }
}

class UdpTest : public testing::Test {
 protected:
  void SetUp() override {
    auto bound = UdpSocket::bind(threads_[0], loopback());
    ASSERT_TRUE(bound) << bound.error().message();
    receiver_ = std::move(*bound);
    receiver_->receive([this](std::span<const Datagram> datagrams, MonoTime) {
      got_.change([&](auto& all) {
        for (const auto& d : datagrams) all.emplace_back(as_text(d.bytes));
      });
    });
    bound = UdpSocket::bind(threads_[1], loopback());
    ASSERT_TRUE(bound);
    sender_ = std::move(*bound);
  }

  // Packets of these sizes, each filled with a letter of its own.
  void make(const std::vector<size_t>& sizes) {
    std::string all;
    for (size_t i = 0; i < sizes.size(); ++i) {
      all += "$$$$";  // What is between the packets is not sent.
      all.append(sizes[i], static_cast<char>('a' + i % 26));
      expected_.push_back(all.substr(all.size() - sizes[i]));
    }
    owner_ = Bytes::copy(as_bytes(all));
    size_t at = 0;
    for (const size_t size : sizes) {
      packets_.push_back(owner_.view().subspan(at + 4, size));
      at += 4 + size;
    }
  }

  Watched<std::vector<std::string>> got_;
  IoThreads threads_{2};
  std::unique_ptr<UdpSocket> receiver_, sender_;
  Bytes owner_;
  std::vector<ByteView> packets_;
  std::vector<std::string> expected_;
};

TEST_F(UdpTest, ARunOfEqualSizeIsOneCallAndArrivesAsItsPackets) {
  make({1400, 1400, 1400, 1400, 300});
  UdpBatch batch;
  batch.add(receiver_->local(), owner_, packets_);
  EXPECT_TRUE(batch.send(*sender_));
  EXPECT_TRUE(batch.empty());
  ASSERT_TRUE(got_.wait([&](const auto& all) { return all.size() == expected_.size(); }));
  EXPECT_EQ(got_.get(), expected_);
  if (!sender_->segmentation()) GTEST_SKIP() << "this kernel has no UDP segmentation";
  EXPECT_EQ(batch.calls(), 1u);
}

TEST_F(UdpTest, SizesAndLimitsOfSegmentsAreHeeded) {
  std::vector<size_t> sizes{10, 20, 20, 5, 5, 5, 7};
  for (int i = 0; i < 70; ++i) sizes.push_back(1200);
  make(sizes);
  UdpBatch batch;
  batch.add(receiver_->local(), owner_, packets_);
  EXPECT_TRUE(batch.send(*sender_));
  ASSERT_TRUE(got_.wait([&](const auto& all) { return all.size() == expected_.size(); }));
  EXPECT_EQ(got_.get(), expected_);
}

TEST_F(UdpTest, WithoutSegmentationTheSameArrives) {
  make({1400, 1400, 1400, 300, 300});
  sender_->segmentation() = false;
  UdpBatch batch;
  batch.add(receiver_->local(), owner_, packets_);
  EXPECT_TRUE(batch.send(*sender_));
  ASSERT_TRUE(got_.wait([&](const auto& all) { return all.size() == expected_.size(); }));
  EXPECT_EQ(got_.get(), expected_);
  EXPECT_EQ(batch.calls(), 1u);
}

TEST_F(UdpTest, AnAddressThatCannotBeReachedHarmsNoOther) {
  make({100, 100});
  UdpBatch batch;
  batch.add(*Address::parse("127.0.0.1", 0), owner_, packets_);  // Port 0: refused by the kernel.
  batch.add(receiver_->local(), owner_, packets_);
  EXPECT_TRUE(batch.send(*sender_));
  EXPECT_EQ(batch.dropped(), 2u);
  ASSERT_TRUE(got_.wait([&](const auto& all) { return all.size() == 2; }));
}

TEST_F(UdpTest, WhatWaitsIsBounded) {
  make({60'000});
  UdpBatch batch;
  size_t added = 0;
  while (batch.dropped() == 0) {
    batch.add(receiver_->local(), owner_, packets_);
    ++added;
  }
  EXPECT_EQ(added, UdpBatch::kBytesMax / 60'000 + 1);
}

TEST_F(UdpTest, PairsAreEvenAndOdd) {
  const PortRange range{41'001, 41'007};  // 41002/3, 41004/5, 41006/7
  std::vector<UdpPair> pairs;
  for (int i = 0; i < 3; ++i) {
    auto pair = bind_pair(threads_[0], loopback(), range);
    ASSERT_TRUE(pair) << pair.error().message();
    EXPECT_EQ(pair->rtp->local().port % 2, 0);
    EXPECT_EQ(pair->rtcp->local().port, pair->rtp->local().port + 1);
    pairs.push_back(std::move(*pair));
  }
  EXPECT_EQ(bind_pair(threads_[0], loopback(), range).error().code(), Errc::unavailable);
  EXPECT_EQ(UdpSocket::bind(threads_[0], pairs[0].rtp->local()).error().code(), Errc::exists);
}

TEST_F(UdpTest, ReachesIpv4FromAnIpv6Socket) {
  auto both = UdpSocket::bind(threads_[0], *Address::parse("::", 0));
  if (!both) GTEST_SKIP() << "no IPv6 here: " << both.error().message();
  EXPECT_TRUE((*both)->send(receiver_->local(), as_bytes("mapped")));
  ASSERT_TRUE(got_.wait([&](const auto& all) { return all.size() == 1; }));
}

TEST_F(UdpTest, Multicast) {
  Watched<int> count;
  const Address group = *Address::parse("239.255.77.77", 0);
  auto listener = UdpSocket::bind(threads_[0], group);
  ASSERT_TRUE(listener) << listener.error().message();
  (*listener)->receive([&](std::span<const Datagram> datagrams, MonoTime) {
    count.change([&](int& n) { n += static_cast<int>(datagrams.size()); });
  });
  const auto joined = (*listener)->join(group, "127.0.0.1");
  if (!joined) GTEST_SKIP() << "no multicast here: " << joined.error().message();
  ASSERT_TRUE(sender_->set_multicast(1, "127.0.0.1"));
  ASSERT_TRUE(sender_->send((*listener)->local(), as_bytes("to all")));
  EXPECT_TRUE(count.wait([](int n) { return n == 1; }));
}

}  // namespace
}  // namespace pasu::net
