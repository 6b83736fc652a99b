// Event files: bytes by hand from event.proto and summary.proto, and the records read back.
#include "train/fit/events.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "train/data/tfrecord.h"

namespace pasu::train {
namespace {

std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Events, ScalarsByHand) {
  // 1.5 is 3FF8000000000000, step 300 is AC 02, 0.5f is 3F000000.
  const std::string value("\x0A\x04loss\x15\x00\x00\x00\x3F", 11);
  const std::string summary = "\x0A\x0B" + value;
  const std::string want =
      std::string("\x09\0\0\0\0\0\0\xF8\x3F", 9) + "\x10\xAC\x02\x2A\x0D" + summary;
  EXPECT_EQ(scalars_event(1.5, 300, {{"loss", 0.5}}), want);
}

TEST(Events, StartByHand) {
  EXPECT_EQ(start_event(1.5, 1),
            std::string("\x09\0\0\0\0\0\0\xF8\x3F\x10\x01\x3A\x02\x08\x01", 15));
}

TEST(Events, AFileIsRecordsThatBeginWithTheVersion) {
  const auto folder = std::filesystem::temp_directory_path() / "pasu_events";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto file = EventFile::create(folder.string(), 1.5, 0);
  ASSERT_TRUE(file) << file.error().message();
  const std::string event = scalars_event(2, 1, {{"a", 1}, {"b", 2}});
  ASSERT_TRUE(file->write(event));
  auto reader = data::RecordReader::open(file->path()).value();
  std::vector<std::string> records;
  while (const auto record = reader.next().value()) records.push_back(text_of(record->data));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[0], testing::HasSubstr("brain.Event:2"));
  EXPECT_EQ(records[2], event);
}

TEST(Events, AFolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(EventFile::create("/nonexistent/folder", 1, 0));
}

}  // namespace
}  // namespace pasu::train
