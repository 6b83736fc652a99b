#include "train/data/tfrecord.h"

#include <fstream>
#include <random>

#include <gmock/gmock.h>

#include "base/read_file.h"
#include "train/data/crc32c.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(Crc32c, GoldenNumbers) {  // RFC 3720 B.4
  std::vector<uint8_t> bytes(32);
  EXPECT_EQ(crc32c(bytes), 0x8A9136AAu);
  std::fill(bytes.begin(), bytes.end(), 0xFF);
  EXPECT_EQ(crc32c(bytes), 0x62A8AB43u);
  for (uint8_t i = 0; i < 32; ++i) bytes[i] = i;
  EXPECT_EQ(crc32c(bytes), 0x46DD794Eu);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
  EXPECT_EQ(unmask_crc(mask_crc(0xE3069283u)), 0xE3069283u);
}

TEST(Crc32c, TheInstructionIsTheTable) {
  if (!crc32c_in_hardware()) GTEST_SKIP() << "this CPU has no SSE 4.2";
  std::mt19937 random(5);
  std::vector<uint8_t> bytes(3000);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  for (int round = 0; round < 2000; ++round) {
    const size_t from = random() % 64, size = random() % (bytes.size() - 64);
    const ByteView part = ByteView(bytes).subspan(from, size);
    const uint32_t before = random();
    ASSERT_EQ(crc32c(part, before), crc32c_scalar(part, before)) << from << " " << size;
  }
  EXPECT_EQ(crc32c(ByteView(bytes).subspan(100), crc32c(ByteView(bytes).first(100))),
            crc32c(bytes));
}

class Records : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / "pasu_records";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::vector<std::string>& records, const RecordWriterOptions& options = {}) {
    auto writer = RecordWriter::create(folder_ / "x.record", options).value();
    for (const std::string& record : records) EXPECT_TRUE(writer.write(as_bytes(record)));
    EXPECT_TRUE(writer.commit());
    return folder_ / "x.record";
  }
  static Result<std::vector<std::string>> read(const fs::path& path, ReadOptions options = {}) {
    std::vector<std::string> out;
    for (const fs::path& file : TRY(record_files(path.string()))) {
      auto reader = TRY(RecordReader::open(file, options));
      while (const auto record = TRY(reader.next())) out.emplace_back(as_text(record->data));
    }
    return out;
  }

  fs::path folder_;
};

std::vector<std::string> some_records() {
  std::vector<std::string> out{"", "a", std::string(5'000'000, 'x'), "bc"};
  for (int i = 0; i < 100; ++i) out.push_back("record " + std::to_string(i));
  return out;
}

TEST_F(Records, WhatIsWrittenComesBack) {
  for (const auto compression : {Compression::none, Compression::gzip, Compression::zlib})
    for (const int shards : {1, 3}) {
      fs::remove_all(folder_);
      fs::create_directories(folder_);
      const auto path =
          write(some_records(),
                {.compression = compression, .shards = shards, .records = some_records().size()});
      EXPECT_EQ(read(path).value(), some_records());
      EXPECT_EQ(fs::exists(folder_ / "x.record-00001-of-00003"), shards == 3);
    }
  EXPECT_EQ(read(folder_ / "x.record@3").value(), some_records());
  EXPECT_EQ(read(folder_ / "x.record-?????"
                           "-of-00003")
                .value(),
            some_records());
  EXPECT_EQ(read(folder_ / "x.rec*").value(), some_records());
  fs::remove(folder_ / "x.record-00001-of-00003");
  EXPECT_THAT(read(folder_ / "x.record").error().message(),
              HasSubstr("x.record-00001-of-00003: this shard is missing"));
}

TEST_F(Records, OneIsReadByItsPlace) {
  const fs::path path = write({"first", "", "third"});
  auto reader = RecordReader::open(path).value();
  std::vector<uint64_t> places;
  while (const auto record = reader.next().value()) places.push_back(record->offset);
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(read_record_at(path, places[2]).value(), "third");
  EXPECT_EQ(read_record_at(path, places[1]).value(), "");
  EXPECT_EQ(read_record_at(path, places[0]).value(), "first");
  EXPECT_EQ(read_record_at(path, 1).error().code(), Errc::malformed);
  EXPECT_EQ(read_record_at(path, fs::file_size(path)).error().code(), Errc::truncated);
  EXPECT_EQ(read_record_at(folder_ / "none", 0).error().code(), Errc::not_found);
  std::fstream(path, std::ios::in | std::ios::out).seekp(-5, std::ios::end).put('!');
  EXPECT_THAT(read_record_at(path, places[2]).error().message(), HasSubstr("is damaged"));
}

TEST_F(Records, WithoutCommitThereIsNothing) {
  {
    auto writer = RecordWriter::create(folder_ / "x.record", {.shards = 2}).value();
    ASSERT_TRUE(writer.write(as_bytes("a")));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Records, AnEmptyFileHasNone) {
  EXPECT_TRUE(read(write({})).value().empty());
  EXPECT_EQ(read(folder_ / "y").error().code(), Errc::not_found);
}

struct Damage {
  const char* name;
  size_t at;   // The byte that is turned over, in records "one", "two", "three".
  size_t cut;  // Or where the file ends.
  const char* message;
  std::vector<std::string> kept;
};

TEST_F(Records, DamageIsNamedAndPassedOverOnlyWhenAsked) {
  const Damage kDamage[] = {
      {"Length", 19, 0, "record 1 at byte 19: the CRC of its length is wrong", {"one", "three"}},
      {"LengthCrc", 30, 0, "record 1 at byte 19: the CRC of its length is wrong", {"one", "three"}},
      {"First",
       0,
       0,
       "record 0 at byte 0: the CRC of its length is wrong: damage, or no TFRecord",
       {"two", "three"}},
      {"Data", 31, 0, "record 1 at byte 19: the CRC of its 3 bytes is wrong", {"one", "three"}},
      {"DataCrc", 37, 0, "record 1 at byte 19: the CRC of its 3 bytes is wrong", {"one", "three"}},
      {"CutInHeader",
       0,
       43,
       "record 2 at byte 38: the file ends 5 bytes into its 12-byte header",
       {"one", "two"}},
      {"CutInData",
       0,
       52,
       "record 2 at byte 38: its 5 bytes end 7 bytes past the file's end",
       {"one", "two"}},
  };
  for (const Damage& damage : kDamage) {
    const auto path = write({"one", "two", "three"});
    std::string bytes = read_file(path, 1000).value();
    if (damage.cut > 0)
      bytes.resize(damage.cut);
    else
      bytes[damage.at] = static_cast<char>(bytes[damage.at] ^ 0xFF);
    std::ofstream(path, std::ios::binary) << bytes;
    const auto strict = read(path);
    ASSERT_FALSE(strict) << damage.name;
    EXPECT_THAT(strict.error().message(), HasSubstr(path.string() + ": " + damage.message));
    std::vector<Finding> findings;
    EXPECT_EQ(read(path, {.findings = &findings}).value(), damage.kept) << damage.name;
    ASSERT_EQ(findings.size(), 1u) << damage.name;
    EXPECT_THAT(findings[0].text(), HasSubstr(damage.message)) << damage.name;
    EXPECT_EQ(findings[0].flaw, Flaw::record_damaged);
  }
}

TEST_F(Records, DamagedCompressionIsNamed) {
  const auto path = write(some_records(), {.compression = Compression::gzip});
  std::string bytes = read_file(path, 10'000'000).value();
  std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THAT(read(path).error().message(), HasSubstr("the compressed data ends early"));
  std::vector<Finding> findings;
  EXPECT_GE(read(path, {.findings = &findings}).value().size(), 2u);
  EXPECT_EQ(findings.size(), 1u);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0xFF);
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_FALSE(read(path));
}

TEST_F(Records, TensorFlowsOwnFilesAreRead) {
  const fs::path ref = fs::path(PASU_SOURCE_DIR) / "../shared/data/tf_od/ref";
  if (!fs::exists(ref)) GTEST_SKIP() << "needs ../shared/data";
  const auto records = read(ref / "ref.record").value();
  EXPECT_EQ(records.size(), 5u);
  EXPECT_EQ(read(ref / "ref.record.gz").value(), records);
  EXPECT_EQ(read(ref / "ref.record.zlib").value(), records);
  EXPECT_EQ(read(ref / "ref_sharded.record").value().size(), 5u);
  for (const char* name : {"bad_datacrc.record", "bad_lencrc.record", "bad_trunc.record"}) {
    const auto strict = read(ref / name);
    ASSERT_FALSE(strict) << name;
    EXPECT_THAT(strict.error().message(), HasSubstr(": record ")) << name;
    std::vector<Finding> findings;
    EXPECT_EQ(read(ref / name, {.findings = &findings}).value().size(), 4u) << name;
    EXPECT_EQ(findings.size(), 1u) << name;
  }
}

}  // namespace
}  // namespace pasu::data
