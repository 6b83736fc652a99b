#include "train/fit/events.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "train/data/crc32c.h"
#include "train/data/wire.h"

namespace pasu::train {
namespace {

// Protobuf's wire format (protobuf.dev, "Encoding").
enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kFixed32 = 5 };

void put_tag(std::string& out, int field, WireType type) {
  data::put_varint(out, static_cast<uint64_t>(field) << 3 | type);
}

void put_little_endian(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

// Event: wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5,
// session_log = 7. Summary: value = 1; its tag = 1 (string), simple_value = 2 (float). SessionLog:
// status = 1, START = 1.
std::string event_head(double wall_seconds, int64_t step) {
  std::string out;
  put_tag(out, 1, kFixed64);
  put_little_endian(out, std::bit_cast<uint64_t>(wall_seconds), 8);
  if (step != 0) {
    put_tag(out, 2, kVarint);
    data::put_varint(out, static_cast<uint64_t>(step));
  }
  return out;
}

std::string version_event(double wall_seconds) {
  std::string out = event_head(wall_seconds, 0);
  data::put_bytes(out, 3, "brain.Event:2");
  return out;
}

}  // namespace

std::string scalars_event(double wall_seconds, int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    std::string one;
    data::put_bytes(one, 1, tag);
    put_tag(one, 2, kFixed32);
    put_little_endian(one, std::bit_cast<uint32_t>(static_cast<float>(value)), 4);
    data::put_bytes(summary, 1, one);
  }
  std::string out = event_head(wall_seconds, step);
  data::put_bytes(out, 5, summary);
  return out;
}

std::string start_event(double wall_seconds, int64_t step) {
  std::string log;
  put_tag(log, 1, kVarint);
  data::put_varint(log, 1);
  std::string out = event_head(wall_seconds, step);
  data::put_bytes(out, 7, log);
  return out;
}

Result<EventFile> EventFile::create(const std::string& folder, double wall_seconds, int64_t step) {
  char host[256] = "localhost";
  if (::gethostname(host, sizeof host - 1) != 0) std::strcpy(host, "localhost");
  const std::string path = fmt::format("{}/events.out.tfevents.{}.{}.{}", folder,
                                       static_cast<int64_t>(wall_seconds), host, ::getpid());
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr)
    return fail(errno == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}", path,
                std::strerror(errno));
  EventFile out(path, file);
  TRY(out.write(version_event(wall_seconds)));
  TRY(out.write(start_event(wall_seconds, step)));
  return out;
}

Result<void> EventFile::write(const std::string& event) {
  if (file_ == nullptr) return {};
  const auto masked = [](std::string_view bytes) {
    return data::mask_crc(data::crc32c(as_bytes(bytes)));
  };
  std::string record;
  put_little_endian(record, event.size(), 8);
  put_little_endian(record, masked(record), 4);
  record += event;
  put_little_endian(record, masked(event), 4);
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size() &&
      std::fflush(file_.get()) == 0)
    return {};
  const int number = errno;
  file_.reset();
  return fail(number == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}", path_,
              std::strerror(number));
}

}  // namespace pasu::train
